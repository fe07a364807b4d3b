//! The interface of `usage-vault`: accounts, instructions, errors and events. Prepaid lamports, metered usage, and
//! fees that go from one to the other by cumulative units.
#![cfg_attr(target_arch = "bpf", no_std)]

pub mod accounts;
pub mod error;
pub mod events;
pub mod instructions;

pub use error::UsageVaultError;

use accounts::{SystemVault, UsageMeter, UserVault};
use instructions as ask;

/// Where the local chain's genesis puts the program. Nobody has a key to it; a deployment elsewhere has its own
/// address, which a client puts in the IDL's place.
pub const LOCAL_ADDRESS: &str = "UsageVau1t111111111111111111111111111111111";

/// The longest a customer may be made to wait for an exit: 30 days.
pub const MAX_EXIT_DELAY_SECONDS: u32 = 30 * 86_400;

pub const INTERFACE: abi::describe::Interface = abi::describe::Interface {
    name: "usage_vault",
    version: env!("CARGO_PKG_VERSION"),
    docs: "Prepaid lamports and metered usage, settled by cumulative units.",
    address: LOCAL_ADDRESS,
    instructions: &[
        &ask::init_system_vault::ABOUT,
        &ask::set_terms::ABOUT,
        &ask::propose_authority::ABOUT,
        &ask::accept_authority::ABOUT,
        &ask::init_user_vault::ABOUT,
        &ask::deposit::ABOUT,
        &ask::init_usage_meter::ABOUT,
        &ask::delegate_user_vault::ABOUT,
        &ask::track_user_activity::ABOUT,
        &ask::commit_and_start_billing::ABOUT,
        &ask::process_undelegation::ABOUT,
        &ask::charge_fee::ABOUT,
        &ask::set_price::ABOUT,
        &ask::withdraw::ABOUT,
        &ask::request_exit::ABOUT,
        &ask::cancel_exit::ABOUT,
        &ask::exit::ABOUT,
        &ask::close_user_vault::ABOUT,
        &ask::close_usage_meter::ABOUT,
        &ask::abandon_usage_meter::ABOUT,
        &ask::withdraw_earnings::ABOUT,
        &ask::close_system_vault::ABOUT,
    ],
    accounts: &[&SystemVault::ABOUT, &UserVault::ABOUT, &UsageMeter::ABOUT],
    events: events::ALL,
    errors: UsageVaultError::ABOUT,
};
