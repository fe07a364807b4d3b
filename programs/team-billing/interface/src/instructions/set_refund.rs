//! `set_refund`.

abi::instruction! {
    /// Says whether closing a month gives the rest of the balance back, and to which token account.
    set_refund(is_wanted: bool) {
        /// The owner.
        owner: signer;
        /// The operator's rules.
        config:;
        /// The team.
        team: writable;
        /// Where refunds go.
        refund_usdc:;
    }
}
