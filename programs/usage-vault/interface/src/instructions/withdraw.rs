//! `withdraw`.

abi::instruction! {
    /// Charges committed usage, then pays the owner out of what is above the reserve for the open cycle.
    withdraw(lamports: u64) {
        /// The owner.
        owner: signer writable;
        /// Receives the fee.
        system_vault: writable;
        /// The vault.
        user_vault: writable;
        /// Its latest meter, delegated or not; the vault again when it never had one.
        usage_meter:;
    }
}
