//! `close_period`: a month ends.
use abi::Flag;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use pinocchio::{AccountView, Address, ProgramResult};
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::{TeamBilling, UsageRecord};
use team_billing_interface::events::PeriodClosed;
use team_billing_interface::instructions::close_period::Args;
use team_billing_interface::tiers;

use super::Call;
use crate::accounts::{
    amount_of, check_is, check_operator, check_token_program, load_config, load_mut, load_team_of, put,
};
use crate::billing::{book_base_fee, debt, open_month};
use crate::calendar::month_of;
use crate::revenue::{Outgoing, Till, watch_balance};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call {
        program,
        accounts: [operator, rules, account, usdc, treasury, stakers, record, refund, token_program],
        args,
    } = call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_token_program(token_program)?;
    let config = load_config(program, rules)?;
    check_operator(operator, &config)?;
    let mut team = load_team_of(program, account, rules)?;
    let till = Till { team: account, usdc, treasury, stakers };
    till.check(&team, &config)?;
    if team.refunds_monthly.is_set() {
        check_is(refund, &team.refund_account, Refusal::WrongTokenAccount)?;
    }
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let now = Clock::get()?.unix_timestamp;
    if now < team.period_end {
        return Err(Refusal::PeriodOpen.into());
    }

    let end = team.period_end;
    let base_fee = if config.collects_base_fee.is_set() { book_base_fee(&mut team, end)? } else { 0 };
    close_record(program, record, &mut team, base_fee)?;
    till.pay(&mut team)?;
    let refunded = if team.refunds_monthly.is_set() { amount_of(usdc)? } else { 0 };
    Outgoing { team: account, from: usdc, to: refund, amount: refunded }.send(&team)?;
    team.withdrawn_minor = { team.withdrawn_minor }.saturating_add(refunded);
    let (period_start, request_count) = (team.period_start, team.period_requests);
    open_month(&mut team, month_of(end).ok_or(Refusal::Overflow)?);
    begin_tier(&mut team)?;
    let balance = amount_of(usdc)?;
    watch_balance(&mut team, account, &config, balance, now);
    put(account, team)?;
    PeriodClosed {
        team: *account.address(),
        period_start,
        request_count,
        base_fee,
        refunded,
        debt: debt(&team),
        balance,
    }
    .emit();
    Ok(())
}

/// Marks the month's record, if there is one; the next month gets its own.
pub fn close_record(
    program: &Address,
    account: &mut AccountView,
    team: &mut TeamBilling,
    base_fee: u64,
) -> ProgramResult {
    if team.usage_record == Address::default() {
        return Ok(());
    }
    check_is(account, &team.usage_record, Refusal::WrongRecord)?;
    let mut record = load_mut::<UsageRecord, _>(program, account, Refusal::WrongRecord)?;
    record.base_fee_minor = base_fee;
    record.is_closed = Flag::YES;
    team.usage_record = Address::default();
    Ok(())
}

/// The tier that comes next, once a month begins late enough.
fn begin_tier(team: &mut TeamBilling) -> Result<(), Refusal> {
    if team.period_start < team.next_tier_at {
        return Ok(());
    }
    let tier = tiers::tier(team.next_tier).ok_or(Refusal::UnknownTier)?;
    team.tier = team.next_tier;
    team.monthly_fee_minor = tier.monthly_fee_minor;
    team.quota_requests = tier.quota_requests;
    team.overage_minor = tier.overage_minor;
    Ok(())
}
