//! `deposit_funds`.

abi::instruction! {
    /// Adds tokens to a team; anybody may. Debts are paid first.
    deposit_funds(amount: u64) {
        /// Who pays.
        depositor: signer;
        /// The operator's rules.
        config:;
        /// The team.
        team: writable;
        /// The depositor's tokens.
        depositor_usdc: writable;
        /// The team's tokens.
        team_usdc: writable;
        /// The treasury's token account.
        treasury: writable;
        /// The stakers' token account.
        stakers: writable;
        /// The token program.
        token_program: = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    }
}
