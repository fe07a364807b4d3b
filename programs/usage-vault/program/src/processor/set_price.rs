//! `set_price`: announces what units will cost.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UserVault};
use usage_vault_interface::events::PriceAnnounced;
use usage_vault_interface::instructions::set_price::Args;

use super::Call;
use crate::accounts::{check_admin, check_is, load, load_mut};
use crate::billing::announce_price;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, system, user], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_admin(admin, &*load::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?)?;
    let user_vault = *user.address();
    let mut vault = load_mut::<UserVault, _>(program, user, Refusal::WrongUserVault)?;
    check_is(system, &vault.system_vault, Refusal::WrongUserVault)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;

    let price_at = announce_price(&mut vault, args.price_lamports, Clock::get()?.unix_timestamp)?;
    PriceAnnounced { user_vault, price_lamports: args.price_lamports, price_at }.emit();
    Ok(())
}
