//! What the program keeps, one file per account.
pub mod system_vault;
pub mod usage_meter;
pub mod user_vault;

pub use system_vault::SystemVault;
pub use usage_meter::UsageMeter;
pub use user_vault::UserVault;
