//! `set_refund`: what happens to the rest of a month's balance.
use abi::Flag;
use pinocchio::ProgramResult;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::TeamBilling;
use team_billing_interface::events::RefundSet;
use team_billing_interface::instructions::set_refund::Args;

use super::Call;
use crate::accounts::{check_is, check_owner, check_token, load_config, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, rules, account, refund], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let config = load_config(program, rules)?;
    let address = *account.address();
    let mut team = load_mut::<TeamBilling, _>(program, account, Refusal::WrongTeam)?;
    check_is(rules, &team.config, Refusal::WrongConfig)?;
    check_owner(owner, &team)?;
    check_token(refund, &config.mint)?;
    if refund.address() == &team.team_usdc {
        return Err(Refusal::SameAccount.into());
    }
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;

    team.refunds_monthly = if args.is_wanted { Flag::YES } else { Flag::NO };
    team.refund_account = *refund.address();
    RefundSet { team: address, is_wanted: args.is_wanted, refund_account: team.refund_account }.emit();
    Ok(())
}
