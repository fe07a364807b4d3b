//! `commit_and_start_billing`: runs in the rollup; what has been used goes to the base chain, and a new cycle begins.
use ephemeral_rollups_pinocchio::consts::{MAGIC_CONTEXT_ID, MAGIC_PROGRAM_ID};
use ephemeral_rollups_pinocchio::instruction::{commit_accounts, commit_and_undelegate_accounts};
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UsageMeter};
use usage_vault_interface::events::BillingStarted;
use usage_vault_interface::instructions::commit_and_start_billing::Args;

use super::Call;
use crate::accounts::{check_is, check_operator, load, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [operator, system, account, magic_program, magic_context], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_is(magic_program, &MAGIC_PROGRAM_ID, Refusal::WrongProgram)?;
    check_is(magic_context, &MAGIC_CONTEXT_ID, Refusal::WrongProgram)?;
    // The system vault says who the operator is now: after a rotation a meter can still be brought back.
    let system_vault = load::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?;
    check_operator(operator, &system_vault)?;
    let mut handle = *account;
    let mut state = load_mut::<UsageMeter, _>(program, &mut handle, Refusal::WrongUsageMeter)?;
    check_is(system, &state.system_vault, Refusal::WrongUsageMeter)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let cycle_units = start_cycle(&mut state, args.below_threshold)?;

    state.operator = system_vault.operator;
    // A copy: the call below needs the account to itself.
    let meter = *state;
    drop((state, system_vault));
    let committed = core::slice::from_ref(account);
    if args.undelegate {
        commit_and_undelegate_accounts(operator, committed, magic_context, magic_program, None, None)?;
    } else {
        commit_accounts(operator, committed, magic_context, magic_program, None, None)?;
    }
    BillingStarted {
        usage_meter: *account.address(),
        user_vault: meter.user_vault,
        total_units: meter.total_units,
        cycle_units,
        sequence: meter.sequence,
        commits: meter.commits,
        undelegate: args.undelegate,
    }
    .emit();
    Ok(())
}

/// Begins a new cycle; gives the units of the one that ends.
fn start_cycle(meter: &mut UsageMeter, below_threshold: bool) -> Result<u64, Refusal> {
    let cycle_units = { meter.total_units }.checked_sub(meter.cycle_start_units).ok_or(Refusal::Overflow)?;
    if cycle_units < meter.threshold_units && !below_threshold {
        return Err(Refusal::BelowThreshold);
    }
    meter.cycle_start_units = meter.total_units;
    meter.commits = { meter.commits }.saturating_add(1);
    Ok(cycle_units)
}
