//! `accept_authority`: the second of two steps by which a role changes hands.
use pinocchio::{Address, ProgramResult};
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::BillingConfig;
use team_billing_interface::events::AuthorityAccepted;
use team_billing_interface::instructions::accept_authority::Args;
use team_billing_interface::instructions::propose_authority::{ROLE_ADMIN, ROLE_OPERATOR};

use super::Call;
use crate::accounts::{check_is, check_signer, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [proposed, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(proposed)?;
    let config = *account.address();
    let mut rules = load_mut::<BillingConfig, _>(program, account, Refusal::WrongConfig)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let rules = &mut *rules;
    let (pending, holder) = match args.role {
        ROLE_ADMIN => (&mut rules.pending_admin, &mut rules.admin),
        ROLE_OPERATOR => (&mut rules.pending_operator, &mut rules.operator),
        _ => return Err(Refusal::UnknownRole.into()),
    };
    // All zeros is the system program's address, which signs nothing: "nobody" needs no check of its own.
    check_is(proposed, pending, Refusal::NotProposed)?;

    let previous = core::mem::replace(holder, *proposed.address());
    *pending = Address::default();
    AuthorityAccepted { config, role: args.role, authority: *proposed.address(), previous }.emit();
    Ok(())
}
