//! `close_period`.

abi::instruction! {
    /// Closes a month that has ended: books its base fee, pays debts, gives the rest back if the owner wants that,
    /// and opens the next month.
    close_period() {
        /// The operator.
        operator: signer;
        /// The operator's rules.
        config:;
        /// The team.
        team: writable;
        /// The team's tokens.
        team_usdc: writable;
        /// The treasury's token account.
        treasury: writable;
        /// The stakers' token account.
        stakers: writable;
        /// The month's record, or the team again when it has none.
        usage_record: writable;
        /// Where a refund goes; the team's own token account when it wants none.
        refund_usdc: writable;
        /// The token program.
        token_program: = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    }
}
