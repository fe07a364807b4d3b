//! `set_price`.

abi::instruction! {
    /// Announces a vault's next price. The first charge after the notice sets it, for usage committed later.
    set_price(price_lamports: u64) {
        /// The admin.
        admin: signer;
        /// The admin's vault.
        system_vault:;
        /// The customer's vault.
        user_vault: writable;
    }
}
