//! `init_system_vault`.
use abi::Address;

abi::instruction! {
    /// Opens a system vault under its creator, who pays its rent and is its first admin.
    init_system_vault(
        operator: Address,
        price_lamports: u64,
        threshold_units: u64,
        cap_per_call_units: u64,
        cap_per_cycle_units: u64,
        price_notice_seconds: u32,
        exit_delay_seconds: u32,
    ) {
        /// Makes the vault, pays its rent and becomes its admin.
        creator: signer writable;
        /// The new vault.
        system_vault: writable, pda ["system_vault", creator];
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
