//! `accept_authority`: the second of two steps by which a role changes hands.
use pinocchio::{Address, ProgramResult};
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::SystemVault;
use usage_vault_interface::events::AuthorityAccepted;
use usage_vault_interface::instructions::accept_authority::Args;
use usage_vault_interface::instructions::propose_authority::{ROLE_ADMIN, ROLE_OPERATOR};

use super::Call;
use crate::accounts::{check_is, check_signer, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [proposed, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(proposed)?;
    let system_vault = *account.address();
    let mut vault = load_mut::<SystemVault, _>(program, account, Refusal::WrongSystemVault)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let vault = &mut *vault;
    let (pending, holder) = match args.role {
        ROLE_ADMIN => (&mut vault.pending_admin, &mut vault.admin),
        ROLE_OPERATOR => (&mut vault.pending_operator, &mut vault.operator),
        _ => return Err(Refusal::UnknownRole.into()),
    };
    // All zeros is the system program's address, which signs nothing: "nobody" needs no check of its own.
    check_is(proposed, pending, Refusal::NotProposed)?;

    let previous = core::mem::replace(holder, *proposed.address());
    *pending = Address::default();
    AuthorityAccepted { system_vault, role: args.role, authority: *proposed.address(), previous }.emit();
    Ok(())
}
