//! `process_undelegation`.
use abi::describe::{Account, Entry, Instruction};

/// As the delegation program calls it: the first eight bytes of `sha256("global:process_undelegation")`.
pub const DISCRIMINATOR: [u8; 8] = abi::discriminator("global", "process_undelegation");

/// The delegation program hands a meter back. The arguments are as long as the seeds are, so they are described by
/// hand.
pub const ABOUT: Instruction = Instruction {
    name: "process_undelegation",
    docs: &["The delegation program hands a meter back. Nobody else can make this call."],
    discriminator: DISCRIMINATOR,
    accounts: &[
        Account { name: "usage_meter", docs: &["The meter, empty until this call."], is_writable: true, ..ANY },
        Account {
            name: "buffer",
            docs: &["The delegation program's copy of the state; it signs."],
            is_signer: true,
            ..ANY
        },
        Account { name: "payer", docs: &["Pays the rent it was given."], is_signer: true, is_writable: true, ..ANY },
        Account {
            name: "system_program",
            docs: &["The system program."],
            address: Some("11111111111111111111111111111111"),
            ..ANY
        },
    ],
    args: &[Entry { name: "account_seeds", docs: &[], idl: "bytes[]", size: 0 }],
};

const ANY: Account =
    Account { name: "", docs: &[], is_signer: false, is_writable: false, address: None, seeds: &[], under: None };
