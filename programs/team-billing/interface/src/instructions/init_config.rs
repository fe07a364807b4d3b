//! `init_config`.
use abi::Address;

abi::instruction! {
    /// Writes an operator's rules under their creator, who is the first admin.
    init_config(operator: Address, low_balance_minor: u64, withdrawal_delay_seconds: u32, collects_base_fee: bool) {
        /// Makes the rules, pays the rent and becomes the admin.
        creator: signer writable;
        /// The new rules.
        config: writable, pda ["billing_config", creator];
        /// The token of all amounts.
        mint:;
        /// The treasury's token account.
        treasury:;
        /// The stakers' token account.
        stakers:;
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
