//! `withdraw_earnings`: fees leave the system vault.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::SystemVault;
use usage_vault_interface::events::EarningsWithdrawn;
use usage_vault_interface::instructions::withdraw_earnings::Args;

use super::Call;
use crate::accounts::{check_admin, load_mut, move_lamports};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, system, recipient], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let mut handle = *system;
    let mut vault = load_mut::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?;
    check_admin(admin, &vault)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.lamports == 0 {
        return Err(Refusal::Zero.into());
    }
    let earnings = handle.lamports().checked_sub(vault.rent_lamports).ok_or(Refusal::VaultShort)?;
    if args.lamports > earnings {
        return Err(Refusal::EarningsShort.into());
    }

    vault.withdrawn_lamports = { vault.withdrawn_lamports }.saturating_add(args.lamports);
    move_lamports(&mut handle, recipient, args.lamports)?;
    EarningsWithdrawn { system_vault: *handle.address(), recipient: *recipient.address(), lamports: args.lamports }
        .emit();
    Ok(())
}
