//! `exit`.

abi::instruction! {
    /// After the delay: charges committed usage, pays out all the rest and closes the vault. Needs neither operator
    /// nor rollup.
    exit() {
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
