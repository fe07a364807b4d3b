//! `charge_fee`.

abi::instruction! {
    /// Charges the committed usage that has not been charged, and then sets an announced price whose notice has
    /// passed. What the balance does not cover becomes debt. Charging twice charges nothing.
    charge_fee() {
        /// The operator.
        operator: signer;
        /// Receives the fee.
        system_vault: writable;
        /// The vault.
        user_vault: writable;
        /// Its meter, delegated or not.
        usage_meter:;
    }
}
