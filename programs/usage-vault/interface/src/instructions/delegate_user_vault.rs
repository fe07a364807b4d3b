//! `delegate_user_vault`.
use abi::Address;

abi::instruction! {
    /// Delegates the vault's meter to a rollup's validator; the money stays where it is. All zeros: any validator.
    delegate_user_vault(validator: Address) {
        /// The operator, who pays for the delegation's records.
        operator: signer writable;
        /// The operator's vault.
        system_vault:;
        /// The customer's vault, whose caps the meter takes over.
        user_vault:;
        /// The meter.
        usage_meter: writable;
        /// This program.
        owner_program:;
        /// Carries the meter's state to the delegation program.
        buffer: writable, pda ["buffer", usage_meter];
        /// The delegation program's record.
        delegation_record: writable,
            pda ["delegation", usage_meter] under "DELeGGvXpWV2fqJUhqcF5ZSYMS4JTLjteaAMARRSaeSh";
        /// The delegation program's metadata.
        delegation_metadata: writable,
            pda ["delegation-metadata", usage_meter] under "DELeGGvXpWV2fqJUhqcF5ZSYMS4JTLjteaAMARRSaeSh";
        /// The delegation program.
        delegation_program: = "DELeGGvXpWV2fqJUhqcF5ZSYMS4JTLjteaAMARRSaeSh";
        /// The system program.
        system_program: = "11111111111111111111111111111111";
    }
}
