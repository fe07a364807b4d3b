//! `close_system_vault`.

abi::instruction! {
    /// Closes a system vault under which no user vault is open. Earnings and rent go to the recipient.
    close_system_vault() {
        /// The admin.
        admin: signer;
        /// The vault.
        system_vault: writable;
        /// Receives everything.
        recipient: writable;
    }
}
