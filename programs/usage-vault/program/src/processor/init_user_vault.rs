//! `init_user_vault`: opens a customer's vault on terms it has seen.
use abi::Layout;
use pinocchio::ProgramResult;
use pinocchio::cpi::Seed;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::user_vault::{self, NEVER};
use usage_vault_interface::accounts::{SystemVault, UserVault};
use usage_vault_interface::events::UserVaultOpened;
use usage_vault_interface::instructions::init_user_vault::Args;

use super::Call;
use crate::accounts::{NewAccount, check_new, check_signer, check_system_program, create, find_bump, load_mut, put};
use crate::billing::fold_outside;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, system_account, account, system_program], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(owner)?;
    check_system_program(system_program)?;
    let system_address = *system_account.address();
    let mut system_vault = load_mut::<SystemVault, _>(program, system_account, Refusal::WrongSystemVault)?;
    check_new(account)?;
    let owner_address = *owner.address();
    let bump = find_bump(program, account, &[user_vault::SEED, system_address.as_array(), owner_address.as_array()])?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.terms_version != system_vault.terms_version {
        return Err(Refusal::TermsChanged.into());
    }

    system_vault.open_vaults = { system_vault.open_vaults }.checked_add(1).ok_or(Refusal::Overflow)?;
    let seeds = [
        Seed::from(user_vault::SEED),
        Seed::from(system_address.as_array()),
        Seed::from(owner_address.as_array()),
        Seed::from(core::slice::from_ref(&bump)),
    ];
    let rent_lamports =
        create(NewAccount { payer: owner, account, space: UserVault::LEN, owner: program, seeds: &seeds })?;
    let mut vault = UserVault {
        bump,
        system_vault: system_address,
        owner: owner_address,
        rent_lamports,
        price_version: 1,
        price_lamports: system_vault.price_lamports,
        next_price_at: NEVER,
        threshold_units: system_vault.threshold_units,
        cap_per_call_units: system_vault.cap_per_call_units,
        cap_per_cycle_units: system_vault.cap_per_cycle_units,
        price_notice_seconds: system_vault.price_notice_seconds,
        exit_delay_seconds: system_vault.exit_delay_seconds,
        exit_opens_at: NEVER,
        ..UserVault::EMPTY
    };
    fold_outside(&mut vault, account.lamports())?;
    put(account, vault)?;
    UserVaultOpened {
        user_vault: *account.address(),
        system_vault: system_address,
        owner: owner_address,
        terms_version: args.terms_version,
        price_lamports: vault.price_lamports,
        balance_lamports: vault.balance_lamports,
    }
    .emit();
    Ok(())
}
