//! `cancel_exit`.

abi::instruction! {
    /// Takes the request to exit back.
    cancel_exit() {
        /// The owner.
        owner: signer;
        /// The vault.
        user_vault: writable;
    }
}
