//! `update_tier`.

abi::instruction! {
    /// Gives a team another tier from the first month on that begins after the withdrawal delay, and its quota and
    /// price at once if asked and better for the team.
    update_tier(new_tier: u8, at_once: bool) {
        /// The admin.
        admin: signer;
        /// The operator's rules.
        config:;
        /// The team.
        team: writable;
    }
}
