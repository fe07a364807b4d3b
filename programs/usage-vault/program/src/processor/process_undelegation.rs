//! `process_undelegation`: the delegation program hands a meter back.
use ephemeral_rollups_pinocchio::instruction::undelegate;
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::UsageMeter;
use usage_vault_interface::events::MeterReturned;

use super::Call;
use crate::accounts::{check_system_program, find_bump, load, meter_seeds};

/// Who may call: `undelegate` of 0.17.3 requires that the buffer signs, is owned by the delegation program and stands
/// at the address derived for this very account. A signature alone anybody can give.
#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [account, buffer, payer, system_program], args: seeds } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_system_program(system_program)?;
    undelegate(account, program, buffer, payer, seeds)?;

    // What came back must be a meter, and the one of this address: only meters are ever delegated.
    let meter = load::<UsageMeter, _>(program, account, Refusal::ForgedState)?;
    let generation = { meter.generation }.to_le_bytes();
    let bump =
        find_bump(program, account, &meter_seeds(&meter.user_vault, &generation)).map_err(|_| Refusal::ForgedState)?;
    if bump != meter.bump {
        return Err(Refusal::ForgedState.into());
    }
    MeterReturned {
        usage_meter: *account.address(),
        user_vault: meter.user_vault,
        total_units: meter.total_units,
        sequence: meter.sequence,
    }
    .emit();
    Ok(())
}
