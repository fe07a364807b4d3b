//! An operator's rules: who may act, which token, and where revenue goes.
use abi::{Address, Flag};

/// The first seed of the address; the second is the creator.
pub const SEED: &[u8] = b"billing_config";

abi::account! {
    /// An operator's authorities, token, revenue accounts and terms.
    BillingConfig, version 1, 287 bytes {
        /// Who made it: the second seed of the address, and no authority by itself.
        creator: Address,
        /// Names authorities, sets revenue accounts and tiers.
        admin: Address,
        /// Becomes the admin on accepting; all zeros when nobody is proposed.
        pending_admin: Address,
        /// Captures usage, closes periods and co-signs withdrawals.
        operator: Address,
        /// Becomes the operator on accepting; all zeros when nobody is proposed.
        pending_operator: Address,
        /// The token of all amounts, USDC as a rule.
        mint: Address,
        /// Token account that gets its part of base fees, and what a split leaves over.
        treasury: Address,
        /// Token account of the stakers' pool: its part of base fees, and all overage.
        stakers: Address,
        /// Least balance without an alert, in minor units of the token.
        low_balance_minor: u64,
        /// Seconds between asking for a withdrawal and taking it without a co-signature.
        withdrawal_delay_seconds: u32,
        /// Whether closing a month books the tier's base fee.
        collects_base_fee: Flag,
        /// Teams that are open under these rules.
        open_teams: u64,
    }
}
