//! `create_team_account`: a team and its token account.
use abi::{Flag, Layout};
use pinocchio::ProgramResult;
use pinocchio::cpi::Seed;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use pinocchio_token::instructions::InitializeAccount3;
use pinocchio_token::state::Account as TokenAccount;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::team_billing::{self, NEVER};
use team_billing_interface::accounts::{BillingConfig, TeamBilling};
use team_billing_interface::events::TeamAccountCreated;
use team_billing_interface::instructions::create_team_account::Args;
use team_billing_interface::tiers::{self, CUSTOM};

use super::Call;
use crate::accounts::{
    NewAccount, check_is, check_new, check_signer, check_system_program, check_token_program, create, find_bump,
    load_mut, put,
};
use crate::calendar::month_of;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, rules, account, usdc, mint, token_program, system_program], args } = call
    else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(owner)?;
    check_system_program(system_program)?;
    check_token_program(token_program)?;
    let config_address = *rules.address();
    let mut config = load_mut::<BillingConfig, _>(program, rules, Refusal::WrongConfig)?;
    check_is(mint, &config.mint, Refusal::WrongMint)?;
    check_new(account)?;
    check_new(usdc)?;
    let owner_address = *owner.address();
    let bump = find_bump(program, account, &[team_billing::SEED, owner_address.as_array()])?;
    let token_bump = find_bump(program, usdc, &[team_billing::TOKEN_SEED, owner_address.as_array()])?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let tier = tiers::tier(args.tier).ok_or(Refusal::UnknownTier)?;
    if args.tier == CUSTOM {
        return Err(Refusal::TierReserved.into());
    }
    let now = Clock::get()?.unix_timestamp;
    let month = month_of(now).ok_or(Refusal::Overflow)?;

    config.open_teams = { config.open_teams }.checked_add(1).ok_or(Refusal::Overflow)?;
    let team = TeamBilling {
        bump,
        config: config_address,
        owner: owner_address,
        team_usdc: *usdc.address(),
        tier: args.tier,
        next_tier: args.tier,
        monthly_fee_minor: tier.monthly_fee_minor,
        quota_requests: tier.quota_requests,
        overage_minor: tier.overage_minor,
        period_start: month.start,
        period_end: month.end,
        counts_from: now,
        unlocks_at: NEVER,
        withdrawal_delay_seconds: config.withdrawal_delay_seconds,
        // A new team has nothing, which is no fall.
        is_low: Flag::YES,
        token_bump,
        ..TeamBilling::EMPTY
    };
    let owner_seed = || Seed::from(owner_address.as_array());
    let seeds = [Seed::from(team_billing::SEED), owner_seed(), Seed::from(core::slice::from_ref(&bump))];
    create(NewAccount { payer: owner, account, space: TeamBilling::LEN, owner: program, seeds: &seeds })?;
    let seeds = [Seed::from(team_billing::TOKEN_SEED), owner_seed(), Seed::from(core::slice::from_ref(&token_bump))];
    let space = TokenAccount::LEN;
    create(NewAccount { payer: owner, account: usdc, space, owner: &pinocchio_token::ID, seeds: &seeds })?;
    InitializeAccount3::new(usdc, mint, account.address()).invoke()?;
    put(account, team)?;
    TeamAccountCreated {
        team: *account.address(),
        config: config_address,
        owner: owner_address,
        team_usdc: *usdc.address(),
        tier: args.tier,
        period_start: month.start,
        period_end: month.end,
    }
    .emit();
    Ok(())
}
