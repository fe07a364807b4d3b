//! `close_user_vault`.

abi::instruction! {
    /// Closes a vault without an open meter, at once. Balance and rent go back to the owner.
    close_user_vault() {
        /// The owner.
        owner: signer writable;
        /// Receives what pays debt.
        system_vault: writable;
        /// The vault.
        user_vault: writable;
    }
}
