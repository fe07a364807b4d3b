//! What the program tells whoever reads its transactions. Every instruction but tracking emits at least one.
use abi::Address;

/// In the order in which a customer's life sees them.
pub const ALL: &[&abi::describe::Struct] = &[
    &SystemVaultOpened::ABOUT,
    &TermsSet::ABOUT,
    &AuthorityProposed::ABOUT,
    &AuthorityAccepted::ABOUT,
    &UserVaultOpened::ABOUT,
    &Deposited::ABOUT,
    &MeterOpened::ABOUT,
    &MeterDelegated::ABOUT,
    &BillingStarted::ABOUT,
    &MeterReturned::ABOUT,
    &FeeCharged::ABOUT,
    &PriceAnnounced::ABOUT,
    &PriceSet::ABOUT,
    &Withdrawn::ABOUT,
    &ExitRequested::ABOUT,
    &ExitCancelled::ABOUT,
    &UserVaultClosed::ABOUT,
    &MeterClosed::ABOUT,
    &MeterAbandoned::ABOUT,
    &EarningsWithdrawn::ABOUT,
    &SystemVaultClosed::ABOUT,
];

abi::event! {
    /// A system vault was opened; its terms are version 1.
    SystemVaultOpened {
        system_vault: Address,
        creator: Address,
        operator: Address,
    }
}

abi::event! {
    /// Terms for customers to come.
    TermsSet {
        system_vault: Address,
        terms_version: u32,
        price_lamports: u64,
        threshold_units: u64,
        cap_per_call_units: u64,
        cap_per_cycle_units: u64,
        price_notice_seconds: u32,
        exit_delay_seconds: u32,
    }
}

abi::event! {
    /// Somebody was proposed as admin (role 0) or operator (role 1), or, with all zeros, nobody any more.
    AuthorityProposed {
        system_vault: Address,
        role: u8,
        proposed: Address,
    }
}

abi::event! {
    /// A role was taken over.
    AuthorityAccepted {
        system_vault: Address,
        role: u8,
        authority: Address,
        previous: Address,
    }
}

abi::event! {
    /// A customer opened a vault.
    UserVaultOpened {
        user_vault: Address,
        system_vault: Address,
        owner: Address,
        terms_version: u32,
        price_lamports: u64,
        balance_lamports: u64,
    }
}

abi::event! {
    /// Money came in. `outside_lamports` were sent to the account without an instruction of ours.
    Deposited {
        user_vault: Address,
        system_vault: Address,
        payer: Address,
        lamports: u64,
        outside_lamports: u64,
        debt_paid_lamports: u64,
        debt_lamports: u64,
        balance_lamports: u64,
    }
}

abi::event! {
    /// A meter was opened.
    MeterOpened {
        usage_meter: Address,
        user_vault: Address,
        generation: u64,
    }
}

abi::event! {
    /// A meter went to a rollup.
    MeterDelegated {
        usage_meter: Address,
        user_vault: Address,
        validator: Address,
        operator: Address,
        total_units: u64,
    }
}

abi::event! {
    /// In the rollup: a commit was scheduled and a new cycle began.
    BillingStarted {
        usage_meter: Address,
        user_vault: Address,
        total_units: u64,
        cycle_units: u64,
        sequence: u64,
        commits: u32,
        undelegate: bool,
    }
}

abi::event! {
    /// A meter came back from a rollup.
    MeterReturned {
        usage_meter: Address,
        user_vault: Address,
        total_units: u64,
        sequence: u64,
    }
}

abi::event! {
    /// Committed usage was charged: the fee was booked, and debt was paid as far as the balance goes.
    FeeCharged {
        user_vault: Address,
        system_vault: Address,
        generation: u64,
        units: u64,
        total_units: u64,
        price_version: u32,
        price_lamports: u64,
        fee_lamports: u64,
        paid_lamports: u64,
        debt_lamports: u64,
        balance_lamports: u64,
        outside_lamports: u64,
    }
}

abi::event! {
    /// A price was announced for charges from an instant on (Unix seconds).
    PriceAnnounced {
        user_vault: Address,
        price_lamports: u64,
        price_at: i64,
    }
}

abi::event! {
    /// An announced price was set for usage that is committed from now on.
    PriceSet {
        user_vault: Address,
        price_version: u32,
        price_lamports: u64,
    }
}

abi::event! {
    /// The owner took money out.
    Withdrawn {
        user_vault: Address,
        owner: Address,
        lamports: u64,
        reserve_lamports: u64,
        balance_lamports: u64,
    }
}

abi::event! {
    /// The owner will leave from an instant on (Unix seconds).
    ExitRequested {
        user_vault: Address,
        owner: Address,
        exit_opens_at: i64,
    }
}

abi::event! {
    /// The owner stays.
    ExitCancelled {
        user_vault: Address,
        owner: Address,
    }
}

abi::event! {
    /// A vault was closed. `debt_lamports` will not be paid.
    UserVaultClosed {
        user_vault: Address,
        system_vault: Address,
        owner: Address,
        balance_lamports: u64,
        rent_lamports: u64,
        debt_lamports: u64,
    }
}

abi::event! {
    /// A meter was closed; its rent went to the operator.
    MeterClosed {
        usage_meter: Address,
        user_vault: Address,
        generation: u64,
        total_units: u64,
    }
}

abi::event! {
    /// A meter was given up to its rollup.
    MeterAbandoned {
        usage_meter: Address,
        user_vault: Address,
        generation: u64,
        total_units: u64,
    }
}

abi::event! {
    /// Earnings were paid out.
    EarningsWithdrawn {
        system_vault: Address,
        recipient: Address,
        lamports: u64,
    }
}

abi::event! {
    /// A system vault was closed.
    SystemVaultClosed {
        system_vault: Address,
        recipient: Address,
        lamports: u64,
    }
}
