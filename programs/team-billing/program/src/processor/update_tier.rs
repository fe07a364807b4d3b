//! `update_tier`: a team moves to another tier.
use pinocchio::ProgramResult;
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

    team.next_tier = args.new_tier;
    if args.at_once {
        team.tier = args.new_tier;
        // A month costs the dearest tier it had: a dear tier for its last day only would otherwise be had for
        // nothing, or a cheap one pay for a dear one's quota.
        team.monthly_fee_minor = { team.monthly_fee_minor }.max(tier.monthly_fee_minor);
        team.quota_requests = tier.quota_requests;
        team.overage_minor = tier.overage_minor;
    }
    TierUpdated { team: address, tier: team.tier, next_tier: team.next_tier }.emit();
    Ok(())
}
