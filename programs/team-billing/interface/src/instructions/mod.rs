//! What can be asked of the program, one file per instruction.
pub mod accept_authority;
pub mod close_period;
pub mod close_team_account;
pub mod close_usage_record;
pub mod create_team_account;
pub mod deduct_usage;
pub mod deposit_funds;
pub mod init_config;
pub mod propose_authority;
pub mod request_withdrawal;
pub mod set_refund;
pub mod set_revenue;
pub mod update_tier;
pub mod withdraw_cosigned;
pub mod withdraw_unused;
