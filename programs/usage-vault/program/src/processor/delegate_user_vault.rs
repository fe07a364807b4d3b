//! `delegate_user_vault`: hands a vault's meter to a rollup.
use ephemeral_rollups_pinocchio::consts::{BUFFER, DELEGATION_PROGRAM_ID};
use ephemeral_rollups_pinocchio::instruction::delegate_account;
use ephemeral_rollups_pinocchio::types::DelegateConfig;
use pinocchio::address::address_eq;
use pinocchio::cpi::{Seed, Signer};
use pinocchio::{AccountView, Address, ProgramResult};
use pinocchio_system::instructions::Transfer;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UsageMeter, UserVault};
use usage_vault_interface::events::MeterDelegated;
use usage_vault_interface::instructions::delegate_user_vault::Args;

use super::Call;
use crate::accounts::{check_is, check_operator, check_system_program, find_bump, load, load_mut, meter_seeds};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call {
        program,
        accounts: [operator, system, user, account, owner_program, buffer, record, metadata, dlp, system_program],
        args,
    } = call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_system_program(system_program)?;
    check_is(dlp, &DELEGATION_PROGRAM_ID, Refusal::WrongProgram)?;
    check_is(owner_program, program, Refusal::WrongProgram)?;
    let system_vault = load::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?;
    check_operator(operator, &system_vault)?;
    let vault = load::<UserVault, _>(program, user, Refusal::WrongUserVault)?;
    check_is(system, &vault.system_vault, Refusal::WrongUserVault)?;
    check_is(account, &vault.usage_meter, Refusal::WrongUsageMeter)?;
    if account.owned_by(&DELEGATION_PROGRAM_ID) {
        return Err(Refusal::MeterDelegated.into());
    }
    let mut handle = *account;
    let mut state = load_mut::<UsageMeter, _>(program, &mut handle, Refusal::WrongUsageMeter)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if !vault.has_meter.is_set() {
        return Err(Refusal::NoMeter.into());
    }

    state.operator = system_vault.operator;
    state.threshold_units = vault.threshold_units;
    state.cap_per_call_units = vault.cap_per_call_units;
    state.cap_per_cycle_units = vault.cap_per_cycle_units;
    state.commits = 0;
    // A copy: the calls below need the account to themselves.
    let meter = *state;
    drop((state, vault, system_vault));
    empty_buffer(program, operator, account.address(), buffer)?;
    let validator = (!address_eq(&args.validator, &Address::default())).then_some(args.validator);
    let generation = { meter.generation }.to_le_bytes();
    delegate_account(
        &mut [*operator, *account, *owner_program, *buffer, *record, *metadata, *system_program],
        &meter_seeds(&meter.user_vault, &generation),
        meter.bump,
        DelegateConfig { validator, ..DelegateConfig::default() },
    )?;
    MeterDelegated {
        usage_meter: *account.address(),
        user_vault: meter.user_vault,
        validator: args.validator,
        operator: meter.operator,
        total_units: meter.total_units,
    }
    .emit();
    Ok(())
}

/// Lamports that a stranger sent to the buffer's address would make its creation fail, and so keep the meter from the
/// rollup. They go to the operator.
fn empty_buffer(program: &Address, operator: &AccountView, meter: &Address, buffer: &AccountView) -> ProgramResult {
    let lamports = buffer.lamports();
    if lamports == 0 {
        return Ok(());
    }
    let bump = find_bump(program, buffer, &[BUFFER, meter.as_array()])?;
    let seeds = [Seed::from(BUFFER), Seed::from(meter.as_array()), Seed::from(core::slice::from_ref(&bump))];
    Transfer { from: buffer, to: operator, lamports }.invoke_signed(&[Signer::from(&seeds)])
}
