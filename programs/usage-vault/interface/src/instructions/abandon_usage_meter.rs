//! `abandon_usage_meter`.

abi::instruction! {
    /// Charges the committed usage of a meter that a rollup keeps and gives the meter up, so that another can be
    /// opened.
    abandon_usage_meter() {
        /// The operator.
        operator: signer;
        /// Receives the fee.
        system_vault: writable;
        /// The vault.
        user_vault: writable;
        /// The meter.
        usage_meter:;
    }
}
