//! `request_exit`.

abi::instruction! {
    /// Says that the owner will leave; the operator has the exit delay to commit and charge.
    request_exit() {
        /// The owner.
        owner: signer;
        /// The vault.
        user_vault: writable;
    }
}
