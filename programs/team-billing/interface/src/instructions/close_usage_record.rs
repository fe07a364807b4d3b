//! `close_usage_record`.

abi::instruction! {
    /// Closes the record of a closed month; its rent goes to the operator.
    close_usage_record() {
        /// The operator.
        operator: signer writable;
        /// The operator's rules.
        config:;
        /// The record.
        usage_record: writable;
    }
}
