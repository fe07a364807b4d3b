//! `propose_authority`: the first of two steps by which a role changes hands.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::SystemVault;
use usage_vault_interface::events::AuthorityProposed;
use usage_vault_interface::instructions::propose_authority::{Args, ROLE_ADMIN, ROLE_OPERATOR};

use super::Call;
use crate::accounts::{check_admin, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let system_vault = *account.address();
    let mut vault = load_mut::<SystemVault, _>(program, account, Refusal::WrongSystemVault)?;
    check_admin(admin, &vault)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let pending = match args.role {
        ROLE_ADMIN => &mut vault.pending_admin,
        ROLE_OPERATOR => &mut vault.pending_operator,
        _ => return Err(Refusal::UnknownRole.into()),
    };

    *pending = args.address;
    AuthorityProposed { system_vault, role: args.role, proposed: args.address }.emit();
    Ok(())
}
