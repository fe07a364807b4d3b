//! `close_system_vault`: ends an operator's vault that no customer uses.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::SystemVault;
use usage_vault_interface::events::SystemVaultClosed;
use usage_vault_interface::instructions::close_system_vault::Args;

use super::Call;
use crate::accounts::{check_admin, close, load};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, system, recipient], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let vault = load::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?;
    check_admin(admin, &vault)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if vault.open_vaults != 0 {
        return Err(Refusal::VaultsOpen.into());
    }
    drop(vault);

    let (system_vault, lamports) = (*system.address(), system.lamports());
    close(system, recipient)?;
    SystemVaultClosed { system_vault, recipient: *recipient.address(), lamports }.emit();
    Ok(())
}
