//! The interface of `team-billing`: prepaid token balances of teams, monthly quotas, and revenue split to the last
//! unit.
#![cfg_attr(target_arch = "bpf", no_std)]

pub mod accounts;
pub mod error;
pub mod events;
pub mod instructions;
pub mod tiers;

pub use error::TeamBillingError;

use accounts::{BillingConfig, TeamBilling, UsageRecord};
use instructions as ask;

/// Where the local chain's genesis puts the program. Nobody has a key to it; a deployment elsewhere has its own
/// address, which a client puts in the IDL's place.
pub const LOCAL_ADDRESS: &str = "TeamBi11ing11111111111111111111111111111111";

/// The longest a withdrawal may be delayed: 30 days.
pub const MAX_WITHDRAWAL_DELAY_SECONDS: u32 = 30 * 86_400;

/// Of a base fee, in basis points, what the stakers' pool gets; the treasury gets the rest and every remainder.
pub const BASE_FEE_STAKERS_BPS: u16 = 1_000;

pub const INTERFACE: abi::describe::Interface = abi::describe::Interface {
    name: "team_billing",
    version: env!("CARGO_PKG_VERSION"),
    docs: "Prepaid token balances of teams, monthly quotas and split revenue.",
    address: LOCAL_ADDRESS,
    instructions: &[
        &ask::init_config::ABOUT,
        &ask::set_revenue::ABOUT,
        &ask::propose_authority::ABOUT,
        &ask::accept_authority::ABOUT,
        &ask::create_team_account::ABOUT,
        &ask::deposit_funds::ABOUT,
        &ask::deduct_usage::ABOUT,
        &ask::close_period::ABOUT,
        &ask::update_tier::ABOUT,
        &ask::request_withdrawal::ABOUT,
        &ask::withdraw_unused::ABOUT,
        &ask::withdraw_cosigned::ABOUT,
        &ask::set_refund::ABOUT,
        &ask::close_team_account::ABOUT,
        &ask::close_usage_record::ABOUT,
    ],
    accounts: &[&BillingConfig::ABOUT, &TeamBilling::ABOUT, &UsageRecord::ABOUT],
    events: events::ALL,
    errors: TeamBillingError::ABOUT,
};
