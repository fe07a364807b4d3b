//! `deposit`.

abi::instruction! {
    /// Adds lamports to a vault; anybody may. Debt is paid first.
    deposit(lamports: u64) {
        /// Who pays.
        payer: signer writable;
        /// Receives what pays debt.
        system_vault: writable;
        /// The vault.
        user_vault: writable;
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
