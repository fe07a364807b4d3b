//! Which file answers which instruction.
mod accept_authority;
mod close_period;
mod close_team_account;
mod close_usage_record;
mod create_team_account;
mod deduct_usage;
mod deposit_funds;
mod init_config;
mod propose_authority;
mod request_withdrawal;
mod set_refund;
mod set_revenue;
mod update_tier;
mod withdraw_cosigned;
mod withdraw_unused;

use pinocchio::{AccountView, Address, ProgramResult};
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::instructions as ask;

/// What an instruction is asked with. One struct, because a call passes at most five registers and a result takes one.
pub struct Call<'a> {
    pub program: &'a Address,
    pub accounts: &'a mut [AccountView],
    pub args: &'a [u8],
}

#[cfg_attr(not(target_arch = "bpf"), allow(dead_code))] // on the host only the arithmetic is tested
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let Some((name, args)) = data.split_first_chunk::<8>() else { return Err(Refusal::UnknownInstruction.into()) };
    let call = Call { program, accounts, args };
    match *name {
        ask::deduct_usage::DISCRIMINATOR => deduct_usage::process(call),
        ask::deposit_funds::DISCRIMINATOR => deposit_funds::process(call),
        ask::accept_authority::DISCRIMINATOR => accept_authority::process(call),
        ask::close_period::DISCRIMINATOR => close_period::process(call),
        ask::close_team_account::DISCRIMINATOR => close_team_account::process(call),
        ask::close_usage_record::DISCRIMINATOR => close_usage_record::process(call),
        ask::create_team_account::DISCRIMINATOR => create_team_account::process(call),
        ask::init_config::DISCRIMINATOR => init_config::process(call),
        ask::propose_authority::DISCRIMINATOR => propose_authority::process(call),
        ask::request_withdrawal::DISCRIMINATOR => request_withdrawal::process(call),
        ask::set_refund::DISCRIMINATOR => set_refund::process(call),
        ask::set_revenue::DISCRIMINATOR => set_revenue::process(call),
        ask::update_tier::DISCRIMINATOR => update_tier::process(call),
        ask::withdraw_cosigned::DISCRIMINATOR => withdraw_cosigned::process(call),
        ask::withdraw_unused::DISCRIMINATOR => withdraw_unused::process(call),
        _ => Err(Refusal::UnknownInstruction.into()),
    }
}
