//! `exit`: the owner leaves without anybody's help.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::user_vault::NEVER;
use usage_vault_interface::instructions::exit::Args;

use super::Call;
use crate::accounts::{check_is, check_owner, load_committed};
use crate::billing::book;
use crate::settlement::Parties;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, system, user, usage_meter], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let mut parties = Parties::load(program, system, user)?;
    check_owner(owner, &parties.vault)?;
    let has_meter = parties.vault.has_meter.is_set();
    if has_meter {
        check_is(usage_meter, &parties.vault.usage_meter, Refusal::WrongUsageMeter)?;
    }
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if parties.vault.exit_opens_at == NEVER {
        return Err(Refusal::ExitNotRequested.into());
    }
    if Clock::get()?.unix_timestamp < parties.vault.exit_opens_at {
        return Err(Refusal::ExitNotOpen.into());
    }

    // A meter that a broken rollup made unreadable, or a total whose fee does not fit, must not hold the customer's
    // money: what cannot be charged is not owed.
    let total_units = match load_committed(program, &parties.vault, usage_meter) {
        Ok(meter) if has_meter => book(&mut { *parties.vault }, meter.total_units).ok().map(|_| meter.total_units),
        _ => None,
    };
    if let Some(total_units) = total_units {
        parties.charge(total_units)?;
    }
    parties.close(owner)
}
