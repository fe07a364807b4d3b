//! `close_usage_meter`: ends a meter that stands on the base chain.
use abi::Flag;
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UsageMeter};
use usage_vault_interface::events::MeterClosed;
use usage_vault_interface::instructions::close_usage_meter::Args;

use super::Call;
use crate::accounts::{check_is, check_operator, close, load};
use crate::settlement::Parties;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [operator, system, user, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_operator(operator, &*load::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?)?;
    let meter = *load::<UsageMeter, _>(program, account, Refusal::WrongUsageMeter)?;
    check_is(system, &meter.system_vault, Refusal::WrongUsageMeter)?;
    check_is(user, &meter.user_vault, Refusal::WrongUserVault)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;

    // A meter whose vault is gone, or has a later one, is charged no more: what it counted after that was counted for
    // nobody.
    if user.owned_by(program) {
        let mut parties = Parties::load(program, system, user)?;
        if parties.vault.has_meter.is_set() && parties.vault.meter_generation == meter.generation {
            parties.charge(meter.total_units)?;
            parties.vault.has_meter = Flag::NO;
        }
    }
    close(account, operator)?;
    MeterClosed {
        usage_meter: *account.address(),
        user_vault: meter.user_vault,
        generation: meter.generation,
        total_units: meter.total_units,
    }
    .emit();
    Ok(())
}
