//! `deduct_usage`.

abi::instruction! {
    /// Captures requests of the open month, once per sequence number, and charges those above the quota.
    deduct_usage(request_count: u64, sequence: u64, usage_hash: [u8; 32]) {
        /// The operator, who pays for the month's record.
        operator: signer writable;
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
        /// The open month's record; made by its first capture.
        usage_record: writable;
        /// The token program.
        token_program: = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
