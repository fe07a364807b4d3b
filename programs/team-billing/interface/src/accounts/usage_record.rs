//! What a team used and paid in one calendar month: one account a month, not one a request.
use abi::{Address, Flag};

/// The first seed of the address; the others are the team account and the begin of the month (i64, little-endian).
pub const SEED: &[u8] = b"usage";

abi::account! {
    /// A month's captures. The operator pays its rent, and gets it back once the month is closed.
    UsageRecord, version 1, 167 bytes {
        /// The team.
        team: Address,
        /// The rules, and so the operator.
        config: Address,
        /// Begin of the month, UTC, in Unix seconds.
        period_start: i64,
        /// Its end.
        period_end: i64,
        /// Requests captured.
        request_count: u64,
        /// Of those, above the quota.
        overage_requests: u64,
        /// Overage booked.
        overage_minor: u64,
        /// Base fee booked when the month was closed.
        base_fee_minor: u64,
        /// Number of captures.
        captures: u32,
        /// Number of the latest capture.
        sequence: u64,
        /// Hash of what the latest capture was made of, as the operator keeps it: endpoints, counts, times.
        usage_hash: [u8; 32],
        /// Whether the month is closed.
        is_closed: Flag,
    }
}
