//! `request_withdrawal`.

abi::instruction! {
    /// Asks for a withdrawal, which the delay unlocks. Zero takes the request back; the largest number asks for
    /// everything and an end.
    request_withdrawal(amount: u64) {
        /// The owner.
        owner: signer;
        /// The team.
        team: writable;
    }
}
