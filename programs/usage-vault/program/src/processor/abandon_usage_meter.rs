//! `abandon_usage_meter`: gives up a meter that its rollup will not give back.
use abi::Flag;
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::events::MeterAbandoned;
use usage_vault_interface::instructions::abandon_usage_meter::Args;

use super::Call;
use crate::accounts::{check_operator, load_open_meter};
use crate::settlement::Parties;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [operator, system, user, usage_meter], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let mut parties = Parties::load(program, system, user)?;
    check_operator(operator, &parties.system_vault)?;
    let meter = load_open_meter(program, &parties.vault, usage_meter)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;

    parties.charge(meter.total_units)?;
    parties.vault.has_meter = Flag::NO;
    MeterAbandoned {
        usage_meter: *usage_meter.address(),
        user_vault: *parties.user.address(),
        generation: meter.generation,
        total_units: meter.total_units,
    }
    .emit();
    Ok(())
}
