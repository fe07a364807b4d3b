//! How much has been used. It holds no money, so it can be delegated to a rollup, and lost with it.
use abi::Address;

/// The first seed of the address; the others are the user vault and the generation (u64, little-endian).
pub const SEED: &[u8] = b"usage_meter";

abi::account! {
    /// Cumulative usage of one vault. Units only ever grow, so a retry, a late commit or a second charge counts
    /// nothing twice.
    UsageMeter, version 1, 166 bytes {
        /// The vault that pays.
        user_vault: Address,
        /// The operator's vault that is paid.
        system_vault: Address,
        /// Who may track: the system vault's operator when the meter was opened, delegated or last committed.
        operator: Address,
        /// Raised with every meter of the vault, so that the commits of a lost one mean nothing to the next.
        generation: u64,
        /// All units ever tracked.
        total_units: u64,
        /// Number of the latest tracking call; the next one must carry the next number.
        sequence: u64,
        /// What the total was when billing last started.
        cycle_start_units: u64,
        /// Units since then from which a commit is due.
        threshold_units: u64,
        /// Most units one call may add.
        cap_per_call_units: u64,
        /// Most units between two starts of billing.
        cap_per_cycle_units: u64,
        /// Commits since the meter was last delegated. Rollups of today allow ten before it must come back.
        commits: u32,
    }
}
