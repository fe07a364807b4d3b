//! `init_usage_meter`: opens a vault's next meter.
use abi::{Flag, Layout};
use pinocchio::ProgramResult;
use pinocchio::cpi::Seed;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UsageMeter, UserVault, usage_meter};
use usage_vault_interface::events::MeterOpened;
use usage_vault_interface::instructions::init_usage_meter::Args;

use super::Call;
use crate::accounts::{
    NewAccount, check_is, check_new, check_operator, check_system_program, create, find_bump, load, load_mut,
    meter_seeds, put,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [operator, system, user, account, system_program], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_system_program(system_program)?;
    check_operator(operator, &*load::<SystemVault, _>(program, system, Refusal::WrongSystemVault)?)?;
    let user_address = *user.address();
    let mut vault = load_mut::<UserVault, _>(program, user, Refusal::WrongUserVault)?;
    check_is(system, &vault.system_vault, Refusal::WrongUserVault)?;
    check_new(account)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    let generation = args.generation.to_le_bytes();
    let bump = find_bump(program, account, &meter_seeds(&user_address, &generation))?;
    if vault.has_meter.is_set() {
        return Err(Refusal::MeterOpen.into());
    }
    if args.generation <= vault.meter_generation {
        return Err(Refusal::GenerationUsed.into());
    }

    let seeds = [
        Seed::from(usage_meter::SEED),
        Seed::from(user_address.as_array()),
        Seed::from(&generation),
        Seed::from(core::slice::from_ref(&bump)),
    ];
    create(NewAccount { payer: operator, account, space: UsageMeter::LEN, owner: program, seeds: &seeds })?;
    let meter = UsageMeter {
        bump,
        user_vault: user_address,
        system_vault: *system.address(),
        operator: *operator.address(),
        generation: args.generation,
        threshold_units: vault.threshold_units,
        cap_per_call_units: vault.cap_per_call_units,
        cap_per_cycle_units: vault.cap_per_cycle_units,
        ..UsageMeter::EMPTY
    };
    put(account, meter)?;
    vault.meter_generation = args.generation;
    vault.usage_meter = *account.address();
    vault.has_meter = Flag::YES;
    vault.charged_units = 0;
    MeterOpened { usage_meter: *account.address(), user_vault: user_address, generation: args.generation }.emit();
    Ok(())
}
