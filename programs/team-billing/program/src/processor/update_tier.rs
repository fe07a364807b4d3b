//! `update_tier`: a team moves to another tier.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::TeamBilling;
use team_billing_interface::events::TierUpdated;
use team_billing_interface::instructions::update_tier::Args;
use team_billing_interface::tiers;

use super::Call;
use crate::accounts::{check_admin, check_is, load_config, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, rules, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_admin(admin, &load_config(program, rules)?)?;
    let address = *account.address();
    let mut team = load_mut::<TeamBilling, _>(program, account, Refusal::WrongTeam)?;
    check_is(rules, &team.config, Refusal::WrongConfig)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let tier = tiers::tier(args.new_tier).ok_or(Refusal::UnknownTier)?;
    let is_better = tier.quota_requests >= team.quota_requests && tier.overage_minor <= team.overage_minor;
    if args.at_once && !is_better {
        return Err(Refusal::TierWorse.into());
    }

    // An owner who does not want the tier has had the time to leave when its fee begins.
    let delay = i64::from(team.withdrawal_delay_seconds);
    team.next_tier = args.new_tier;
    team.next_tier_at = Clock::get()?.unix_timestamp.checked_add(delay).ok_or(Refusal::Overflow)?;
    if args.at_once {
        team.tier = args.new_tier;
        team.quota_requests = tier.quota_requests;
        team.overage_minor = tier.overage_minor;
    }
    TierUpdated { team: address, tier: team.tier, next_tier: team.next_tier, next_tier_at: team.next_tier_at }.emit();
    Ok(())
}
