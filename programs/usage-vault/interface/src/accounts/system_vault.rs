//! Where an operator's earnings go, who may act for the operator, and the terms new customers get.
use abi::Address;

/// The first seed of the address; the second is the creator.
pub const SEED: &[u8] = b"system_vault";

abi::account! {
    /// An operator's earnings, authorities and terms. Lamports above the rent are earnings.
    SystemVault, version 1, 246 bytes {
        /// Who made it: the second seed of the address, and no authority by itself.
        creator: Address,
        /// Names authorities, sets terms and prices, takes earnings out.
        admin: Address,
        /// Becomes the admin on accepting; all zeros when nobody is proposed.
        pending_admin: Address,
        /// Meters, commits and charges.
        operator: Address,
        /// Becomes the operator on accepting; all zeros when nobody is proposed.
        pending_operator: Address,
        /// Counts changes of the terms below, from 1. A customer agrees to one version.
        terms_version: u32,
        /// Lamports per unit of usage.
        price_lamports: u64,
        /// Units since billing last started from which a commit is due.
        threshold_units: u64,
        /// Most units one tracking call may add.
        cap_per_call_units: u64,
        /// Most units between two starts of billing; times the price it is the reserve a customer leaves.
        cap_per_cycle_units: u64,
        /// Seconds between announcing a price and the first charge that may set it. At least the exit delay.
        price_notice_seconds: u32,
        /// Seconds a customer waits between asking to exit and leaving without anybody's help.
        exit_delay_seconds: u32,
        /// Lamports that keep the account alive.
        rent_lamports: u64,
        /// All fees ever received. A record: it stops at its largest value.
        earned_lamports: u64,
        /// All earnings ever taken out. A record: it stops at its largest value.
        withdrawn_lamports: u64,
        /// User vaults that are open under this one.
        open_vaults: u64,
    }
}
