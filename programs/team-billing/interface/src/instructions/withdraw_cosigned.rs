//! `withdraw_cosigned`.

abi::instruction! {
    /// Pays out at once, because the operator agrees. Debts and the open month's base fee stay.
    withdraw_cosigned(amount: u64) {
        /// The owner.
        owner: signer;
        /// The operator.
        operator: signer;
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
