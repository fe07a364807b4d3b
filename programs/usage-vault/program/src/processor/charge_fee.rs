//! `charge_fee`: committed usage becomes a fee.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::events::PriceSet;
use usage_vault_interface::instructions::charge_fee::Args;

use super::Call;
use crate::accounts::{check_operator, load_open_meter};
use crate::billing::set_due_price;
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
    // Only now: everything committed so far has been booked at the price it was used at.
    if set_due_price(&mut parties.vault, Clock::get()?.unix_timestamp)? {
        PriceSet {
            user_vault: *parties.user.address(),
            price_version: parties.vault.price_version,
            price_lamports: parties.vault.price_lamports,
        }
        .emit();
    }
    Ok(())
}
