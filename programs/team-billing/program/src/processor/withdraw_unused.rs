//! `withdraw_unused`: the owner takes out what it asked for.
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use pinocchio::{AccountView, ProgramResult};
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::{BillingConfig, TeamBilling};
use team_billing_interface::events::FundsWithdrawn;
use team_billing_interface::instructions::withdraw_unused::Args;

use super::Call;
use crate::accounts::{amount_of, check_owner, check_payout, check_token_program, load_config, load_team_of, put};
use crate::billing::free;
use crate::revenue::{Outgoing, watch_balance};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, rules, account, usdc, recipient, token_program], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_token_program(token_program)?;
    let config = load_config(program, rules)?;
    let mut team = load_team_of(program, account, rules)?;
    check_owner(owner, &team)?;
    check_payout(usdc, recipient, &team, &config)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    check_request(&team, args.amount)?;

    team.requested_minor -= args.amount;
    Withdrawal { account, usdc, recipient, amount: args.amount, is_cosigned: false }.pay(&mut team, &config)
}

/// What was asked for, and long enough ago.
pub fn check_request(team: &TeamBilling, amount: u64) -> Result<(), Refusal> {
    if amount > team.requested_minor {
        return Err(Refusal::NotRequested);
    }
    let now = Clock::get().map_err(|_| Refusal::WithdrawalLocked)?.unix_timestamp;
    if now < team.unlocks_at { Err(Refusal::WithdrawalLocked) } else { Ok(()) }
}

/// A payment to the owner.
pub struct Withdrawal<'a> {
    pub account: &'a mut AccountView,
    pub usdc: &'a AccountView,
    pub recipient: &'a AccountView,
    pub amount: u64,
    pub is_cosigned: bool,
}

impl Withdrawal<'_> {
    /// Pays what is free and writes the team. Debts are not paid on the way: a withdrawal must not depend on the
    /// operator's token accounts, which their issuer might freeze.
    #[inline(never)]
    pub fn pay(self, team: &mut TeamBilling, config: &BillingConfig) -> ProgramResult {
        if self.amount == 0 {
            return Err(Refusal::Zero.into());
        }
        if self.amount > free(team, amount_of(self.usdc)?, config.collects_base_fee.is_set())? {
            return Err(Refusal::FundsHeld.into());
        }
        Outgoing { team: self.account, from: self.usdc, to: self.recipient, amount: self.amount }.send(team)?;
        team.withdrawn_minor = { team.withdrawn_minor }.saturating_add(self.amount);
        let balance = amount_of(self.usdc)?;
        watch_balance(team, self.account, config, balance, Clock::get()?.unix_timestamp);
        put(self.account, *team)?;
        FundsWithdrawn {
            team: *self.account.address(),
            owner: team.owner,
            recipient: *self.recipient.address(),
            amount: self.amount,
            is_cosigned: self.is_cosigned,
            balance,
        }
        .emit();
        Ok(())
    }
}
