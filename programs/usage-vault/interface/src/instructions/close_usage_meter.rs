//! `close_usage_meter`.

abi::instruction! {
    /// Charges a meter that has come back, closes it and gives its rent to the operator. Works for meters of vaults
    /// that are gone.
    close_usage_meter() {
        /// The operator.
        operator: signer writable;
        /// Receives the fee.
        system_vault: writable;
        /// The vault, or its address when it is gone.
        user_vault: writable;
        /// The meter.
        usage_meter: writable;
    }
}
