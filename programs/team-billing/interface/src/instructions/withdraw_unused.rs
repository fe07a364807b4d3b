//! `withdraw_unused`.

abi::instruction! {
    /// Pays out what was asked for when the delay has passed. Debts and the open month's base fee stay.
    withdraw_unused(amount: u64) {
        /// The owner.
        owner: signer;
        /// The operator's rules.
        config:;
        /// The team.
        team: writable;
        /// The team's tokens.
        team_usdc: writable;
        /// The token account that is paid.
        recipient_usdc: writable;
        /// The token program.
        token_program: = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    }
}
