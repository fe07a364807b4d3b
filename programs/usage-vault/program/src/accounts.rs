//! The checks every processor begins with, each with the error it gives, and how state is read and written.
use abi::Layout;
use ephemeral_rollups_pinocchio::consts::DELEGATION_PROGRAM_ID;
use pinocchio::account::{Ref, RefMut};
use pinocchio::address::address_eq;
use pinocchio::cpi::{Seed, Signer};
use pinocchio::error::ProgramError;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::rent::Rent;
use pinocchio::{AccountView, Address, ProgramResult};
use pinocchio_system::create_account_with_minimum_balance_signed;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UsageMeter, UserVault, usage_meter};

#[inline(always)]
pub fn check_signer(account: &AccountView) -> Result<(), Refusal> {
    if account.is_signer() { Ok(()) } else { Err(Refusal::MissingSigner) }
}

#[inline(always)]
pub fn check_is(account: &AccountView, address: &Address, refusal: Refusal) -> Result<(), Refusal> {
    if address_eq(account.address(), address) { Ok(()) } else { Err(refusal) }
}

pub fn check_system_program(account: &AccountView) -> Result<(), Refusal> {
    check_is(account, &pinocchio_system::ID, Refusal::WrongProgram)
}

/// An account where nothing has been opened so far.
#[inline(never)]
pub fn check_new(account: &AccountView) -> Result<(), Refusal> {
    if account.owned_by(&pinocchio_system::ID) && account.is_data_empty() { Ok(()) } else { Err(Refusal::AlreadyOpen) }
}

/// Looks at an account of this program. It alone makes them, at the address of their seeds: owner and kind are proof enough.
pub fn load<'a, T: Layout>(
    program: &Address,
    account: &'a AccountView,
    refusal: Refusal,
) -> Result<Ref<'a, T>, ProgramError> {
    if !account.owned_by(program) {
        return Err(refusal.into());
    }
    Ref::filter_map(account.try_borrow()?, T::of).map_err(|_| refusal.into())
}

/// Looks at an account of this program to change it.
pub fn load_mut<'a, T: Layout>(
    program: &Address,
    account: &'a mut AccountView,
    refusal: Refusal,
) -> Result<RefMut<'a, T>, ProgramError> {
    if !account.owned_by(program) {
        return Err(refusal.into());
    }
    RefMut::filter_map(account.try_borrow_mut()?, T::of_mut).map_err(|_| refusal.into())
}

/// The vault's open meter on the base chain, delegated or not: while it is delegated, what stands there was written by the
/// delegation program. Others may delegate look-alikes, so the address decides.
#[inline(never)]
pub fn load_committed<'a>(
    program: &Address,
    vault: &UserVault,
    account: &'a AccountView,
) -> Result<Ref<'a, UsageMeter>, ProgramError> {
    check_is(account, &vault.usage_meter, Refusal::WrongUsageMeter)?;
    if !account.owned_by(program) && !account.owned_by(&DELEGATION_PROGRAM_ID) {
        return Err(Refusal::WrongUsageMeter.into());
    }
    let meter = Ref::filter_map(account.try_borrow()?, UsageMeter::of).map_err(|_| Refusal::WrongUsageMeter)?;
    if meter.generation == vault.meter_generation { Ok(meter) } else { Err(Refusal::WrongUsageMeter.into()) }
}

/// Writes the first state of an account that has just been made.
pub fn put<T: Layout>(account: &mut AccountView, state: T) -> ProgramResult {
    if state.put(&mut account.try_borrow_mut()?) { Ok(()) } else { Err(ProgramError::InvalidAccountData) }
}

#[inline(never)]
pub fn check_admin(signer: &AccountView, vault: &SystemVault) -> Result<(), Refusal> {
    check_signer(signer)?;
    check_is(signer, &vault.admin, Refusal::NotAdmin)
}

#[inline(never)]
pub fn check_operator(signer: &AccountView, vault: &SystemVault) -> Result<(), Refusal> {
    check_signer(signer)?;
    check_is(signer, &vault.operator, Refusal::NotOperator)
}

#[inline(never)]
pub fn check_owner(signer: &AccountView, vault: &UserVault) -> Result<(), Refusal> {
    check_signer(signer)?;
    check_is(signer, &vault.owner, Refusal::NotOwner)
}

/// The last seed of an address, which must be the one its seeds give.
#[inline(never)]
pub fn find_bump(program: &Address, account: &AccountView, seeds: &[&[u8]]) -> Result<u8, Refusal> {
    let (address, bump) = Address::find_program_address(seeds, program);
    check_is(account, &address, Refusal::WrongAddress)?;
    Ok(bump)
}

/// An account to be made at an address of ours. A struct, because a call passes at most five registers.
pub struct NewAccount<'a> {
    pub payer: &'a AccountView,
    pub account: &'a mut AccountView,
    pub space: usize,
    pub owner: &'a Address,
    /// The seeds of its address, bump included.
    pub seeds: &'a [Seed<'a>],
}

/// Makes an account, also where somebody sent lamports before; gives the rent it takes.
#[inline(never)]
pub fn create(new: NewAccount) -> Result<u64, ProgramError> {
    let NewAccount { payer, account, space, owner, seeds } = new;
    create_account_with_minimum_balance_signed(account, space, owner, payer, None, &[Signer::from(seeds)])?;
    Rent::get()?.try_minimum_balance(space)
}

/// Moves lamports out of an account of this program.
#[inline(never)]
pub fn move_lamports(from: &mut AccountView, to: &mut AccountView, lamports: u64) -> Result<(), Refusal> {
    if address_eq(from.address(), to.address()) {
        return Err(Refusal::SameAccount);
    }
    let left = from.lamports().checked_sub(lamports).ok_or(Refusal::VaultShort)?;
    let sum = to.lamports().checked_add(lamports).ok_or(Refusal::Overflow)?;
    from.set_lamports(left);
    to.set_lamports(sum);
    Ok(())
}

/// Closes an account of this program; everything it holds goes to the other one.
#[inline(never)]
pub fn close(account: &mut AccountView, to: &mut AccountView) -> ProgramResult {
    let lamports = account.lamports();
    move_lamports(account, to, lamports)?;
    account.close()
}

/// The seeds of a meter's address but for the bump.
pub fn meter_seeds<'a>(user_vault: &'a Address, generation: &'a [u8; 8]) -> [&'a [u8]; 3] {
    [usage_meter::SEED, user_vault.as_array(), generation]
}
