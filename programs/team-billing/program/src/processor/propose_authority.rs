//! `propose_authority`: the first of two steps by which a role changes hands.
use pinocchio::ProgramResult;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::BillingConfig;
use team_billing_interface::events::AuthorityProposed;
use team_billing_interface::instructions::propose_authority::{Args, ROLE_ADMIN, ROLE_OPERATOR};

use super::Call;
use crate::accounts::{check_admin, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let config = *account.address();
    let mut rules = load_mut::<BillingConfig, _>(program, account, Refusal::WrongConfig)?;
    check_admin(admin, &rules)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let pending = match args.role {
        ROLE_ADMIN => &mut rules.pending_admin,
        ROLE_OPERATOR => &mut rules.pending_operator,
        _ => return Err(Refusal::UnknownRole.into()),
    };

    *pending = args.address;
    AuthorityProposed { config, role: args.role, proposed: args.address }.emit();
    Ok(())
}
