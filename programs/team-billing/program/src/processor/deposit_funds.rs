//! `deposit_funds`: tokens in, debts first.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use pinocchio_token::instructions::Transfer;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::events::FundsDeposited;
use team_billing_interface::instructions::deposit_funds::Args;

use super::Call;
use crate::accounts::{amount_of, check_signer, check_token, check_token_program, load_config, load_team_of, put};
use crate::billing::debt;
use crate::revenue::{Till, watch_balance};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [depositor, rules, account, from, usdc, treasury, stakers, token_program], args } =
        call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(depositor)?;
    check_token_program(token_program)?;
    let config = load_config(program, rules)?;
    let mut team = load_team_of(program, account, rules)?;
    check_token(from, &config.mint)?;
    let till = Till { team: account, usdc, treasury, stakers };
    till.check(&team, &config)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.amount == 0 {
        return Err(Refusal::Zero.into());
    }

    // A transfer from the team's own account to itself could not be signed for: its authority is the team.
    Transfer::new(from, usdc, depositor, args.amount).invoke()?;
    team.deposited_minor = { team.deposited_minor }.saturating_add(args.amount);
    let payment = till.pay(&mut team)?;
    let balance = amount_of(usdc)?;
    watch_balance(&mut team, account, &config, balance, Clock::get()?.unix_timestamp);
    put(account, team)?;
    FundsDeposited {
        team: *account.address(),
        depositor: *depositor.address(),
        amount: args.amount,
        base_paid: payment.base(),
        overage_paid: payment.overage_to_stakers,
        debt: debt(&team),
        balance,
    }
    .emit();
    Ok(())
}
