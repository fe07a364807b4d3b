//! `accept_authority`.

abi::instruction! {
    /// Takes the role over. Who was proposed signs, so that a mistyped address never gets it.
    accept_authority(role: u8) {
        /// Who was proposed.
        proposed: signer;
        /// The rules.
        config: writable;
    }
}
