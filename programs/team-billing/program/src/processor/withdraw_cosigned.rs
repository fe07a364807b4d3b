//! `withdraw_cosigned`: the owner takes out at once, because the operator agrees.
use pinocchio::ProgramResult;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::instructions::withdraw_cosigned::Args;

use super::Call;
use super::withdraw_unused::Withdrawal;
use crate::accounts::{check_operator, check_owner, check_payout, check_token_program, load_config, load_team_of};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, operator, rules, account, usdc, recipient, token_program], args } = call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_token_program(token_program)?;
    let config = load_config(program, rules)?;
    check_operator(operator, &config)?;
    let mut team = load_team_of(program, account, rules)?;
    check_owner(owner, &team)?;
    check_payout(usdc, recipient, &team, &config)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;

    Withdrawal { account, usdc, recipient, amount: args.amount, is_cosigned: true }.pay(&mut team, &config)
}
