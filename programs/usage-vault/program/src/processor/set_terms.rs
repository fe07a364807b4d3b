//! `set_terms`: the offer to customers to come.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::SystemVault;
use usage_vault_interface::events::TermsSet;
use usage_vault_interface::instructions::set_terms::Args;

use super::Call;
use crate::accounts::{check_admin, load_mut};
use crate::billing::Terms;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let system_vault = *account.address();
    let mut vault = load_mut::<SystemVault, _>(program, account, Refusal::WrongSystemVault)?;
    check_admin(admin, &vault)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    Terms {
        price_lamports: args.price_lamports,
        cap_per_call_units: args.cap_per_call_units,
        cap_per_cycle_units: args.cap_per_cycle_units,
        price_notice_seconds: args.price_notice_seconds,
        exit_delay_seconds: args.exit_delay_seconds,
    }
    .check()?;

    vault.terms_version = { vault.terms_version }.checked_add(1).ok_or(Refusal::Overflow)?;
    vault.price_lamports = args.price_lamports;
    vault.threshold_units = args.threshold_units;
    vault.cap_per_call_units = args.cap_per_call_units;
    vault.cap_per_cycle_units = args.cap_per_cycle_units;
    vault.price_notice_seconds = args.price_notice_seconds;
    vault.exit_delay_seconds = args.exit_delay_seconds;
    TermsSet {
        system_vault,
        terms_version: vault.terms_version,
        price_lamports: args.price_lamports,
        threshold_units: args.threshold_units,
        cap_per_call_units: args.cap_per_call_units,
        cap_per_cycle_units: args.cap_per_cycle_units,
        price_notice_seconds: args.price_notice_seconds,
        exit_delay_seconds: args.exit_delay_seconds,
    }
    .emit();
    Ok(())
}
