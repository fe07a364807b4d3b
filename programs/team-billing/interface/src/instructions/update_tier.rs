//! `update_tier`.

abi::instruction! {
    /// Gives a team another tier, at once or from the next month on.
    update_tier(new_tier: u8, at_once: bool) {
        /// The admin.
        admin: signer;
        /// The operator's rules.
        config:;
        /// The team.
        team: writable;
    }
}
