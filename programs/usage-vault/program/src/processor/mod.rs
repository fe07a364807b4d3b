//! Which file answers which instruction. Tracking is looked for first: it is called most and its cost is pinned.
mod abandon_usage_meter;
mod accept_authority;
mod cancel_exit;
mod charge_fee;
mod close_system_vault;
mod close_usage_meter;
mod close_user_vault;
mod commit_and_start_billing;
mod delegate_user_vault;
mod deposit;
mod exit;
mod init_system_vault;
mod init_usage_meter;
mod init_user_vault;
mod process_undelegation;
mod propose_authority;
mod request_exit;
mod set_price;
mod set_terms;
mod track_user_activity;
mod withdraw;
mod withdraw_earnings;

use pinocchio::{AccountView, Address, ProgramResult};
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::instructions as ask;

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
    let is = |discriminator: [u8; 8]| u64::from_le_bytes(*name) == u64::from_le_bytes(discriminator);
    if is(ask::track_user_activity::DISCRIMINATOR) {
        return track_user_activity::process(call);
    }
    match *name {
        ask::charge_fee::DISCRIMINATOR => charge_fee::process(call),
        ask::deposit::DISCRIMINATOR => deposit::process(call),
        ask::withdraw::DISCRIMINATOR => withdraw::process(call),
        ask::commit_and_start_billing::DISCRIMINATOR => commit_and_start_billing::process(call),
        ask::init_system_vault::DISCRIMINATOR => init_system_vault::process(call),
        ask::set_terms::DISCRIMINATOR => set_terms::process(call),
        ask::propose_authority::DISCRIMINATOR => propose_authority::process(call),
        ask::accept_authority::DISCRIMINATOR => accept_authority::process(call),
        ask::init_user_vault::DISCRIMINATOR => init_user_vault::process(call),
        ask::init_usage_meter::DISCRIMINATOR => init_usage_meter::process(call),
        ask::delegate_user_vault::DISCRIMINATOR => delegate_user_vault::process(call),
        ask::process_undelegation::DISCRIMINATOR => process_undelegation::process(call),
        ask::set_price::DISCRIMINATOR => set_price::process(call),
        ask::request_exit::DISCRIMINATOR => request_exit::process(call),
        ask::cancel_exit::DISCRIMINATOR => cancel_exit::process(call),
        ask::exit::DISCRIMINATOR => exit::process(call),
        ask::close_user_vault::DISCRIMINATOR => close_user_vault::process(call),
        ask::close_usage_meter::DISCRIMINATOR => close_usage_meter::process(call),
        ask::abandon_usage_meter::DISCRIMINATOR => abandon_usage_meter::process(call),
        ask::withdraw_earnings::DISCRIMINATOR => withdraw_earnings::process(call),
        ask::close_system_vault::DISCRIMINATOR => close_system_vault::process(call),
        _ => Err(Refusal::UnknownInstruction.into()),
    }
}
