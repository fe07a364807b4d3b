//! `close_team_account`: a team leaves.
use pinocchio::ProgramResult;
use pinocchio::cpi::{Seed, Signer};
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use pinocchio_token::instructions::CloseAccount;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::{BillingConfig, team_billing};
use team_billing_interface::events::TeamAccountClosed;
use team_billing_interface::instructions::close_team_account::Args;

use super::Call;
use super::close_period::close_record;
use super::withdraw_unused::check_request;
use crate::accounts::{
    amount_of, check_apart, check_owner, check_token, check_token_program, load_config, load_mut, load_team_of,
};
use crate::billing::{book_base_fee, debt};
use crate::revenue::{Outgoing, Till};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call {
        program,
        accounts: [owner, rules, account, usdc, treasury, stakers, recipient, record, token_program],
        args,
    } = call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_token_program(token_program)?;
    let config = load_config(program, rules)?;
    let mut team = load_team_of(program, account, rules)?;
    check_owner(owner, &team)?;
    let till = Till { team: account, usdc, treasury, stakers };
    till.check(&team, &config)?;
    check_token(recipient, &config.mint)?;
    check_apart(usdc, recipient)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    // Everything was asked for, and the operator has had the delay to capture what was used.
    check_request(&team, u64::MAX)?;

    let now = Clock::get()?.unix_timestamp;
    let base_fee = if config.collects_base_fee.is_set() { book_base_fee(&mut team, now)? } else { 0 };
    close_record(program, record, &mut team, base_fee)?;
    till.pay(&mut team)?;
    let paid_out = amount_of(usdc)?;
    Outgoing { team: account, from: usdc, to: recipient, amount: paid_out }.send(&team)?;
    let seeds = [
        Seed::from(team_billing::SEED),
        Seed::from(team.owner.as_array()),
        Seed::from(core::slice::from_ref(&team.bump)),
    ];
    CloseAccount::new(usdc, owner, account).invoke_signed(&[Signer::from(&seeds)])?;
    let mut config = load_mut::<BillingConfig, _>(program, rules, Refusal::WrongConfig)?;
    config.open_teams = { config.open_teams }.saturating_sub(1);
    let closed =
        TeamAccountClosed { team: *account.address(), owner: team.owner, paid_out, base_fee, debt: debt(&team) };
    let lamports = account.lamports();
    guards::move_lamports(account, owner, lamports).map_err(|_| Refusal::Overflow)?;
    account.close()?;
    closed.emit();
    Ok(())
}
