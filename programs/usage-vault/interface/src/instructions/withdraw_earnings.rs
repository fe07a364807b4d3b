//! `withdraw_earnings`.

abi::instruction! {
    /// Pays earnings out.
    withdraw_earnings(lamports: u64) {
        /// The admin.
        admin: signer;
        /// The vault.
        system_vault: writable;
        /// Receives them.
        recipient: writable;
    }
}
