//! `commit_and_start_billing`.

abi::instruction! {
    /// In the rollup: begins a new cycle and has the meter committed to the base chain, and handed back if asked.
    /// Below the threshold only if asked.
    commit_and_start_billing(below_threshold: bool, undelegate: bool) {
        /// The operator.
        operator: signer writable;
        /// The operator's vault, which says who the operator is now.
        system_vault:;
        /// The meter.
        usage_meter: writable;
        /// The rollup's program.
        magic_program: = "Magic11111111111111111111111111111111111111";
        /// The rollup's context.
        magic_context: writable = "MagicContext1111111111111111111111111111111";
    }
}
