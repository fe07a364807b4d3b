//! `init_system_vault`: opens an operator's vault.
use abi::Layout;
use pinocchio::ProgramResult;
use pinocchio::cpi::Seed;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, system_vault};
use usage_vault_interface::events::SystemVaultOpened;
use usage_vault_interface::instructions::init_system_vault::Args;

use super::Call;
use crate::accounts::{NewAccount, check_new, check_signer, check_system_program, create, find_bump, put};
use crate::billing::Terms;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [creator, account, system_program], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(creator)?;
    check_system_program(system_program)?;
    check_new(account)?;
    let creator_address = *creator.address();
    let bump = find_bump(program, account, &[system_vault::SEED, creator_address.as_array()])?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    terms(&args).check()?;

    let seeds = [
        Seed::from(system_vault::SEED),
        Seed::from(creator_address.as_array()),
        Seed::from(core::slice::from_ref(&bump)),
    ];
    let rent_lamports =
        create(NewAccount { payer: creator, account, space: SystemVault::LEN, owner: program, seeds: &seeds })?;
    let vault = SystemVault {
        bump,
        creator: creator_address,
        admin: creator_address,
        operator: args.operator,
        terms_version: 1,
        price_lamports: args.price_lamports,
        threshold_units: args.threshold_units,
        cap_per_call_units: args.cap_per_call_units,
        cap_per_cycle_units: args.cap_per_cycle_units,
        price_notice_seconds: args.price_notice_seconds,
        exit_delay_seconds: args.exit_delay_seconds,
        rent_lamports,
        ..SystemVault::EMPTY
    };
    put(account, vault)?;
    SystemVaultOpened { system_vault: *account.address(), creator: creator_address, operator: args.operator }.emit();
    Ok(())
}

fn terms(args: &Args) -> Terms {
    Terms {
        price_lamports: args.price_lamports,
        cap_per_call_units: args.cap_per_call_units,
        cap_per_cycle_units: args.cap_per_cycle_units,
        price_notice_seconds: args.price_notice_seconds,
        exit_delay_seconds: args.exit_delay_seconds,
    }
}
