//! A team's tier, usage and debts. Its money is in the token account beside it, which nobody but this program can move.
use abi::{Address, Flag};

/// The first seed of the address; the second is the owner.
pub const SEED: &[u8] = b"team_billing";

/// The first seed of the token account's address; the second is the owner.
pub const TOKEN_SEED: &[u8] = b"team_usdc";

/// An instant that never comes: no withdrawal is asked for.
pub const NEVER: i64 = i64::MAX;

abi::account! {
    /// A team's prepaid billing. Its balance is what its token account holds; amounts are minor units of the token.
    TeamBilling, version 1, 331 bytes {
        /// The rules it is under.
        config: Address,
        /// Whose money it is.
        owner: Address,
        /// The team's token account, owned by this account.
        team_usdc: Address,
        /// Startup 0, Growth 1, Enterprise 2, Custom 3.
        tier: u8,
        /// The tier that comes next.
        next_tier: u8,
        /// It begins with the first month that begins at or after this instant, in Unix seconds.
        next_tier_at: i64,
        /// Base fee of the open month: that of the tier it began with.
        monthly_fee_minor: u64,
        /// Requests of a month that cost nothing.
        quota_requests: u64,
        /// Price of a request above the quota.
        overage_minor: u64,
        /// Begin of the open calendar month, UTC, in Unix seconds.
        period_start: i64,
        /// Its end, which belongs to the next month.
        period_end: i64,
        /// From when the team counts in the open month: its begin, or when the team was opened.
        counts_from: i64,
        /// Requests captured in the open month.
        period_requests: u64,
        /// All requests ever captured.
        total_requests: u64,
        /// Number of the latest capture; the next one must carry the next number.
        sequence: u64,
        /// Base fees booked and not paid for want of balance.
        base_debt_minor: u64,
        /// Overage booked and not paid for want of balance.
        overage_debt_minor: u64,
        /// Base fees ever paid.
        base_paid_minor: u64,
        /// Of those, what the stakers' pool got.
        base_to_stakers_minor: u64,
        /// Overage ever paid, all of it to the stakers' pool.
        overage_paid_minor: u64,
        /// Deposits ever made by instruction. A record.
        deposited_minor: u64,
        /// Withdrawals and refunds ever made. A record.
        withdrawn_minor: u64,
        /// What the owner asked to withdraw; the largest number asks for everything and an end.
        requested_minor: u64,
        /// From when that may be taken without a co-signature, in Unix seconds.
        unlocks_at: i64,
        /// Seconds between asking and taking, as agreed when the team was opened.
        withdrawal_delay_seconds: u32,
        /// Whether the balance is below the threshold and that has been said.
        is_low: Flag,
        /// Whether closing a month gives the rest of the balance back.
        refunds_monthly: Flag,
        /// The token account such a refund goes to.
        refund_account: Address,
        /// The open month's record, all zeros before its first capture.
        usage_record: Address,
        /// The bump of the token account's address.
        token_bump: u8,
    }
}
