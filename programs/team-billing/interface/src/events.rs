//! What the program tells whoever reads its transactions. Every instruction emits at least one. Amounts are minor
//! units of the token.
use abi::Address;

/// In the order in which a team's life sees them.
pub const ALL: &[&abi::describe::Struct] = &[
    &ConfigSet::ABOUT,
    &AuthorityProposed::ABOUT,
    &AuthorityAccepted::ABOUT,
    &TeamAccountCreated::ABOUT,
    &FundsDeposited::ABOUT,
    &UsageDeducted::ABOUT,
    &LowBalanceAlert::ABOUT,
    &RevenuePaid::ABOUT,
    &PeriodClosed::ABOUT,
    &TierUpdated::ABOUT,
    &WithdrawalRequested::ABOUT,
    &FundsWithdrawn::ABOUT,
    &RefundSet::ABOUT,
    &TeamAccountClosed::ABOUT,
    &UsageRecordClosed::ABOUT,
];

abi::event! {
    /// An operator's rules were written, or its revenue accounts changed.
    ConfigSet {
        config: Address,
        operator: Address,
        mint: Address,
        treasury: Address,
        stakers: Address,
    }
}

abi::event! {
    /// Somebody was proposed as admin (role 0) or operator (role 1), or, with all zeros, nobody any more.
    AuthorityProposed {
        config: Address,
        role: u8,
        proposed: Address,
    }
}

abi::event! {
    /// A role was taken over.
    AuthorityAccepted {
        config: Address,
        role: u8,
        authority: Address,
        previous: Address,
    }
}

abi::event! {
    /// A team was opened.
    TeamAccountCreated {
        team: Address,
        config: Address,
        owner: Address,
        team_usdc: Address,
        tier: u8,
        period_start: i64,
        period_end: i64,
    }
}

abi::event! {
    /// Tokens came in, and debts were paid.
    FundsDeposited {
        team: Address,
        depositor: Address,
        amount: u64,
        base_paid: u64,
        overage_paid: u64,
        debt: u64,
        balance: u64,
    }
}

abi::event! {
    /// Requests were captured. `amount_deducted` is what was paid, `cost` what was booked.
    UsageDeducted {
        team: Address,
        usage_record: Address,
        sequence: u64,
        request_count: u64,
        period_requests: u64,
        overage_requests: u64,
        cost: u64,
        amount_deducted: u64,
        debt: u64,
        balance: u64,
        usage_hash: [u8; 32],
    }
}

abi::event! {
    /// The balance fell below the threshold. Said once for each fall.
    LowBalanceAlert {
        team: Address,
        owner: Address,
        current_balance: u64,
        threshold: u64,
        timestamp: i64,
    }
}

abi::event! {
    /// Fees left the team's tokens: overage to the stakers, base fees to both.
    RevenuePaid {
        team: Address,
        base_to_treasury: u64,
        base_to_stakers: u64,
        overage_to_stakers: u64,
    }
}

abi::event! {
    /// A month was closed.
    PeriodClosed {
        team: Address,
        period_start: i64,
        request_count: u64,
        base_fee: u64,
        refunded: u64,
        debt: u64,
        balance: u64,
    }
}

abi::event! {
    /// A team has another tier now, or from the first month on that begins at `next_tier_at` or later.
    TierUpdated {
        team: Address,
        tier: u8,
        next_tier: u8,
        next_tier_at: i64,
    }
}

abi::event! {
    /// The owner asked for tokens; zero took the request back.
    WithdrawalRequested {
        team: Address,
        owner: Address,
        amount: u64,
        unlocks_at: i64,
    }
}

abi::event! {
    /// The owner was paid.
    FundsWithdrawn {
        team: Address,
        owner: Address,
        recipient: Address,
        amount: u64,
        is_cosigned: bool,
        balance: u64,
    }
}

abi::event! {
    /// The owner wants monthly refunds, or none.
    RefundSet {
        team: Address,
        is_wanted: bool,
        refund_account: Address,
    }
}

abi::event! {
    /// A team was ended. `debt` will not be paid.
    TeamAccountClosed {
        team: Address,
        owner: Address,
        paid_out: u64,
        base_fee: u64,
        debt: u64,
    }
}

abi::event! {
    /// A month's record was removed.
    UsageRecordClosed {
        team: Address,
        period_start: i64,
        request_count: u64,
    }
}
