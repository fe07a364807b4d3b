//! How accounts, instructions, events and errors are written down once, and read by the program and by the IDL alike.
//!
//! A layout is packed and little-endian, as Anchor's Borsh reads it: eight bytes of discriminator, then the fields in
//! order.
#![cfg_attr(target_arch = "bpf", no_std)]

mod account;
pub mod describe;
mod error;
mod event;
mod field;
mod instruction;

pub use account::Layout;
pub use event::emit;
pub use field::{Field, Flag, Plain};
pub use pinocchio::Address;

/// The first eight bytes of `sha256("{space}:{name}")`, as Anchor names instructions (`global`), accounts and events.
pub const fn discriminator(space: &str, name: &str) -> [u8; 8] {
    let hash =
        sha2_const_stable::Sha256::new().update(space.as_bytes()).update(b":").update(name.as_bytes()).finalize();
    [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hashed_as_anchor_hashes_them() {
        // The public sample's own discriminators (facts of its IDL).
        assert_eq!(discriminator("global", "charge_fee"), [0xe4, 0xa4, 0x93, 0x0a, 0x4c, 0x13, 0x56, 0xdd]);
        assert_eq!(discriminator("account", "UserVault"), [0x17, 0x4c, 0x60, 0x9f, 0xd2, 0x0a, 0x05, 0x16]);
    }
}
