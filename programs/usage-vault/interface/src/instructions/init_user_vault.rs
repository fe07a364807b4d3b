//! `init_user_vault`.

abi::instruction! {
    /// Opens a customer's vault on the system vault's present terms, which are then the vault's own.
    init_user_vault(terms_version: u32) {
        /// The customer, who pays the rent and gets it back.
        owner: signer writable;
        /// The operator's vault.
        system_vault: writable;
        /// The new vault.
        user_vault: writable, pda ["user_vault", system_vault, owner];
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
