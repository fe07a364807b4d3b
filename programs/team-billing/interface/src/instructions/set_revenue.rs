//! `set_revenue`.

abi::instruction! {
    /// Names other token accounts for treasury and stakers.
    set_revenue() {
        /// The admin.
        admin: signer;
        /// The rules.
        config: writable;
        /// The treasury's token account.
        treasury:;
        /// The stakers' token account.
        stakers:;
    }
}
