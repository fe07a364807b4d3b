//! `propose_authority`.
use abi::Address;

pub const ROLE_ADMIN: u8 = 0;
pub const ROLE_OPERATOR: u8 = 1;

abi::instruction! {
    /// Proposes who shall be admin (role 0) or operator (role 1); all zeros withdraws the proposal.
    propose_authority(role: u8, address: Address) {
        /// The admin.
        admin: signer;
        /// The rules.
        config: writable;
    }
}
