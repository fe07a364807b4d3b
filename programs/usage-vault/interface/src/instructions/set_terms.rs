//! `set_terms`.

abi::instruction! {
    /// Sets the terms for customers to come; vaults that are open keep theirs.
    set_terms(
        price_lamports: u64,
        threshold_units: u64,
        cap_per_call_units: u64,
        cap_per_cycle_units: u64,
        price_notice_seconds: u32,
        exit_delay_seconds: u32,
    ) {
        /// The admin.
        admin: signer;
        /// The vault.
        system_vault: writable;
    }
}
