//! `deduct_usage`: captures what a team used.
use abi::Layout;
use pinocchio::cpi::Seed;
use pinocchio::error::ProgramError;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use pinocchio::{AccountView, Address, ProgramResult};
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::{TeamBilling, UsageRecord, usage_record};
use team_billing_interface::events::UsageDeducted;
use team_billing_interface::instructions::deduct_usage::Args;

use super::Call;
use crate::accounts::{
    NewAccount, amount_of, check_is, check_new, check_operator, check_system_program, check_token_program, create,
    find_bump, load_config, load_mut, load_team_of, put,
};
use crate::billing::{Capture, capture, debt};
use crate::revenue::{Till, watch_balance};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call {
        program,
        accounts: [operator, rules, account, usdc, treasury, stakers, record, token_program, system_program],
        args,
    } = call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_system_program(system_program)?;
    check_token_program(token_program)?;
    let config = load_config(program, rules)?;
    check_operator(operator, &config)?;
    let mut team = load_team_of(program, account, rules)?;
    let till = Till { team: account, usdc, treasury, stakers };
    till.check(&team, &config)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.request_count == 0 {
        return Err(Refusal::Zero.into());
    }
    let captured = capture(&mut team, args.request_count, args.sequence)?;

    if team.usage_record == Address::default() {
        open_record(program, operator, account.address(), &mut team, record)?;
    }
    write_record(program, record, &team, &args, captured)?;
    let payment = till.pay(&mut team)?;
    let balance = amount_of(usdc)?;
    watch_balance(&mut team, account, &config, balance, Clock::get()?.unix_timestamp);
    put(account, team)?;
    UsageDeducted {
        team: *account.address(),
        usage_record: team.usage_record,
        sequence: args.sequence,
        request_count: args.request_count,
        period_requests: team.period_requests,
        overage_requests: captured.overage_requests,
        cost: captured.cost_minor,
        amount_deducted: payment.total(),
        debt: debt(&team),
        balance,
        usage_hash: args.usage_hash,
    }
    .emit();
    Ok(())
}

/// Makes the open month's record.
fn open_record(
    program: &Address,
    operator: &AccountView,
    address: &Address,
    team: &mut TeamBilling,
    record: &mut AccountView,
) -> ProgramResult {
    check_new(record)?;
    let month = { team.period_start }.to_le_bytes();
    let bump = find_bump(program, record, &[usage_record::SEED, address.as_array(), &month])?;
    let seeds = [
        Seed::from(usage_record::SEED),
        Seed::from(address.as_array()),
        Seed::from(&month),
        Seed::from(core::slice::from_ref(&bump)),
    ];
    create(NewAccount { payer: operator, account: record, space: UsageRecord::LEN, owner: program, seeds: &seeds })?;
    team.usage_record = *record.address();
    let state = UsageRecord {
        bump,
        team: *address,
        config: team.config,
        period_start: team.period_start,
        period_end: team.period_end,
        ..UsageRecord::EMPTY
    };
    put(record, state)
}

/// Adds a capture to the open month's record.
fn write_record(
    program: &Address,
    account: &mut AccountView,
    team: &TeamBilling,
    args: &Args,
    captured: Capture,
) -> Result<(), ProgramError> {
    check_is(account, &team.usage_record, Refusal::WrongRecord)?;
    let mut record = load_mut::<UsageRecord, _>(program, account, Refusal::WrongRecord)?;
    record.request_count = team.period_requests;
    record.overage_requests =
        { record.overage_requests }.checked_add(captured.overage_requests).ok_or(Refusal::Overflow)?;
    record.overage_minor = { record.overage_minor }.checked_add(captured.cost_minor).ok_or(Refusal::Overflow)?;
    record.captures = { record.captures }.saturating_add(1);
    record.sequence = args.sequence;
    record.usage_hash = args.usage_hash;
    Ok(())
}
