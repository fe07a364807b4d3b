//! `init_usage_meter`.

abi::instruction! {
    /// Opens a meter with a new generation. The operator pays its rent and gets it back.
    init_usage_meter(generation: u64) {
        /// The operator.
        operator: signer writable;
        /// The operator's vault.
        system_vault:;
        /// The vault that will pay.
        user_vault: writable;
        /// The new meter.
        usage_meter: writable, pda ["usage_meter", user_vault, (arg generation)];
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
