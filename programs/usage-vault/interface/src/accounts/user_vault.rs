//! A customer's money, and what it owes. It is never delegated, so a deposit and an exit are possible at any time.
use abi::{Address, Flag};

/// The first seed of the address; the others are the system vault and the owner.
pub const SEED: &[u8] = b"user_vault";

/// An instant that never comes: no price is announced, no exit is asked for.
pub const NEVER: i64 = i64::MAX;

abi::account! {
    /// A customer's prepaid lamports. The account holds rent and balance; anything above was sent from outside and is
    /// counted as a deposit by the next instruction.
    UserVault, version 1, 247 bytes {
        /// The operator's vault that fees go to.
        system_vault: Address,
        /// Whose money it is.
        owner: Address,
        /// Lamports that keep the account alive; the owner gets them back.
        rent_lamports: u64,
        /// Lamports the owner has left.
        balance_lamports: u64,
        /// All deposits ever, those sent from outside included. A record: it stops at its largest value.
        deposited_lamports: u64,
        /// All withdrawals ever. A record: it stops at its largest value.
        withdrawn_lamports: u64,
        /// All fees ever booked, debt included. A record: it stops at its largest value.
        charged_lamports: u64,
        /// All fees ever paid. A record: it stops at its largest value.
        paid_lamports: u64,
        /// Fees booked and not paid for want of balance. The next deposit pays them first.
        debt_lamports: u64,
        /// Counts prices, from 1.
        price_version: u32,
        /// Lamports per unit.
        price_lamports: u64,
        /// The announced price.
        next_price_lamports: u64,
        /// From when a charge may set the announced price, in Unix seconds.
        next_price_at: i64,
        /// Units since billing last started from which a commit is due.
        threshold_units: u64,
        /// Most units one tracking call may add.
        cap_per_call_units: u64,
        /// Most units between two starts of billing.
        cap_per_cycle_units: u64,
        /// Seconds between announcing a price and the first charge that may set it.
        price_notice_seconds: u32,
        /// Seconds between asking to exit and leaving.
        exit_delay_seconds: u32,
        /// From when the owner may leave, in Unix seconds.
        exit_opens_at: i64,
        /// Generation of the latest meter; 0 before the first. Raised whenever a meter is opened.
        meter_generation: u64,
        /// The latest meter, all zeros before the first.
        usage_meter: Address,
        /// Whether that meter is open: its committed usage is owed, and a withdrawal leaves its reserve.
        has_meter: Flag,
        /// Units of that meter that have been charged.
        charged_units: u64,
    }
}
