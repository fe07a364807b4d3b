//! The tiers: monthly fee, quota, and the price of a request above it, in minor units of a token with six decimals.

/// What a tier offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    pub monthly_fee_minor: u64,
    pub quota_requests: u64,
    pub overage_minor: u64,
}

pub const STARTUP: u8 = 0;
pub const GROWTH: u8 = 1;
pub const ENTERPRISE: u8 = 2;
/// Agreed apart, without fee and limit. Only an admin gives it.
pub const CUSTOM: u8 = 3;

/// Nothing for a number that is no tier.
pub const fn tier(number: u8) -> Option<Tier> {
    match number {
        STARTUP => Some(Tier { monthly_fee_minor: 50_000_000, quota_requests: 10_000, overage_minor: 10_000 }),
        GROWTH => Some(Tier { monthly_fee_minor: 250_000_000, quota_requests: 100_000, overage_minor: 5_000 }),
        ENTERPRISE => Some(Tier { monthly_fee_minor: 1_000_000_000, quota_requests: 500_000, overage_minor: 2_000 }),
        CUSTOM => Some(Tier { monthly_fee_minor: 0, quota_requests: u64::MAX, overage_minor: 0 }),
        _ => None,
    }
}
