//! `track_user_activity`.

abi::instruction! {
    /// Adds usage. In the rollup while the meter is delegated, on the base chain otherwise. Emits nothing: total
    /// and sequence are the record.
    track_user_activity(units: u64, sequence: u64) {
        /// The operator.
        operator: signer;
        /// The meter.
        usage_meter: writable;
    }
}
