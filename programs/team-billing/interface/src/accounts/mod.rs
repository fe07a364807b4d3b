//! What the program keeps, one file per account.
pub mod billing_config;
pub mod team_billing;
pub mod usage_record;

pub use billing_config::BillingConfig;
pub use team_billing::TeamBilling;
pub use usage_record::UsageRecord;
