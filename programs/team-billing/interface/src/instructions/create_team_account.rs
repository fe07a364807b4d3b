//! `create_team_account`.

abi::instruction! {
    /// Opens a team and its token account. The first month counts from now.
    create_team_account(tier: u8) {
        /// The owner, who pays the rent and gets it back.
        owner: signer writable;
        /// The operator's rules.
        config: writable;
        /// The new team.
        team: writable, pda ["team_billing", owner];
        /// Its token account.
        team_usdc: writable, pda ["team_usdc", owner];
        /// The token of the rules.
        usdc_mint:;
        /// The token program.
        token_program: = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
