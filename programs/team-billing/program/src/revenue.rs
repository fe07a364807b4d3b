//! How tokens leave a team: fees to those who get them, the rest to whom the owner says, and what is said about it.
use pinocchio::cpi::{Seed, Signer};
use pinocchio::error::ProgramError;
use pinocchio::{AccountView, ProgramResult};
use pinocchio_token::instructions::Transfer;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::{BillingConfig, TeamBilling, team_billing};
use team_billing_interface::events::{LowBalanceAlert, RevenuePaid};

use crate::accounts::{amount_of, check_is};
use crate::billing::{Payment, pay_debts};

/// A team, its tokens and those who earn from it.
pub struct Till<'a> {
    pub team: &'a AccountView,
    pub usdc: &'a AccountView,
    pub treasury: &'a AccountView,
    pub stakers: &'a AccountView,
}

impl Till<'_> {
    /// The accounts must be those the team and its rules name.
    #[inline(never)]
    pub fn check(&self, team: &TeamBilling, config: &BillingConfig) -> Result<(), Refusal> {
        check_is(self.usdc, &team.team_usdc, Refusal::WrongTokenAccount)?;
        check_is(self.treasury, &config.treasury, Refusal::WrongTokenAccount)?;
        check_is(self.stakers, &config.stakers, Refusal::WrongTokenAccount)
    }

    /// Pays debts as far as the balance goes.
    #[inline(never)]
    pub fn pay(&self, team: &mut TeamBilling) -> Result<Payment, ProgramError> {
        let payment = pay_debts(team, amount_of(self.usdc)?)?;
        let outgoing = |to, amount| Outgoing { team: self.team, from: self.usdc, to, amount };
        outgoing(self.treasury, payment.base_to_treasury).send(team)?;
        outgoing(self.stakers, payment.to_stakers()).send(team)?;
        if payment.total() > 0 {
            RevenuePaid {
                team: *self.team.address(),
                base_to_treasury: payment.base_to_treasury,
                base_to_stakers: payment.base_to_stakers,
                overage_to_stakers: payment.overage_to_stakers,
            }
            .emit();
        }
        Ok(payment)
    }
}

/// Tokens that leave a team's account. A struct, because a call passes at most five registers.
pub struct Outgoing<'a> {
    /// The team, which owns the token account.
    pub team: &'a AccountView,
    pub from: &'a AccountView,
    pub to: &'a AccountView,
    pub amount: u64,
}

impl Outgoing<'_> {
    /// Moves them. Nothing is asked of the token program for nothing.
    #[inline(never)]
    pub fn send(&self, team: &TeamBilling) -> ProgramResult {
        if self.amount == 0 {
            return Ok(());
        }
        let seeds = [
            Seed::from(team_billing::SEED),
            Seed::from(team.owner.as_array()),
            Seed::from(core::slice::from_ref(&team.bump)),
        ];
        Transfer::new(self.from, self.to, self.team, self.amount).invoke_signed(&[Signer::from(&seeds)])
    }
}

/// Says once for each fall that the balance is low.
#[inline(never)]
pub fn watch_balance(team: &mut TeamBilling, account: &AccountView, config: &BillingConfig, balance: u64, now: i64) {
    let is_low = balance < config.low_balance_minor;
    if is_low && !team.is_low.is_set() {
        LowBalanceAlert {
            team: *account.address(),
            owner: team.owner,
            current_balance: balance,
            threshold: config.low_balance_minor,
            timestamp: now,
        }
        .emit();
    }
    team.is_low = if is_low { abi::Flag::YES } else { abi::Flag::NO };
}
