//! `request_exit`: the owner says that it will leave.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::UserVault;
use usage_vault_interface::accounts::user_vault::NEVER;
use usage_vault_interface::events::ExitRequested;
use usage_vault_interface::instructions::request_exit::Args;

use super::Call;
use crate::accounts::{check_owner, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, user], args } = call else { return Err(Refusal::WrongAccountCount.into()) };
    let user_vault = *user.address();
    let mut vault = load_mut::<UserVault, _>(program, user, Refusal::WrongUserVault)?;
    check_owner(owner, &vault)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    // A second request would begin the delay anew, which nobody wants who asks twice.
    if vault.exit_opens_at != NEVER {
        return Err(Refusal::ExitRequested.into());
    }

    let now = Clock::get()?.unix_timestamp;
    vault.exit_opens_at = now.checked_add(i64::from(vault.exit_delay_seconds)).ok_or(Refusal::Overflow)?;
    ExitRequested { user_vault, owner: *owner.address(), exit_opens_at: vault.exit_opens_at }.emit();
    Ok(())
}
