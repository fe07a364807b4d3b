//! `cancel_exit`: the owner stays.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::UserVault;
use usage_vault_interface::accounts::user_vault::NEVER;
use usage_vault_interface::events::ExitCancelled;
use usage_vault_interface::instructions::cancel_exit::Args;

use super::Call;
use crate::accounts::{check_owner, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, user], args } = call else { return Err(Refusal::WrongAccountCount.into()) };
    let user_vault = *user.address();
    let mut vault = load_mut::<UserVault, _>(program, user, Refusal::WrongUserVault)?;
    check_owner(owner, &vault)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if vault.exit_opens_at == NEVER {
        return Err(Refusal::ExitNotRequested.into());
    }

    vault.exit_opens_at = NEVER;
    ExitCancelled { user_vault, owner: *owner.address() }.emit();
    Ok(())
}
