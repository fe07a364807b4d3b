//! `close_team_account`.

abi::instruction! {
    /// Ends a team when everything was asked for and the delay has passed: the open month's base fee by days,
    /// debts, then all the rest and both rents to the owner.
    close_team_account() {
        /// The owner.
        owner: signer writable;
        /// The operator's rules.
        config: writable;
        /// The team.
        team: writable;
        /// The team's tokens.
        team_usdc: writable;
        /// The treasury's token account.
        treasury: writable;
        /// The stakers' token account.
        stakers: writable;
        /// The token account that is paid.
        recipient_usdc: writable;
        /// The month's record, or the team again when it has none.
        usage_record: writable;
        /// The token program.
        token_program: = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    }
}
