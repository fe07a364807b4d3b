//! What every processor of every program does with accounts: checks, each with the refusal its caller names, and how
//! state is looked at, made and closed.
#![cfg_attr(target_arch = "bpf", no_std)]
#![forbid(unsafe_code)]

use abi::Layout;
use pinocchio::account::{Ref, RefMut};
use pinocchio::address::address_eq;
use pinocchio::cpi::{Seed, Signer};
use pinocchio::error::ProgramError;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::rent::Rent;
use pinocchio::{AccountView, Address, ProgramResult};
use pinocchio_system::create_account_with_minimum_balance_signed;

#[inline(always)]
pub fn check_signer<E>(account: &AccountView, refusal: E) -> Result<(), E> {
    if account.is_signer() { Ok(()) } else { Err(refusal) }
}

#[inline(always)]
pub fn check_is<E>(account: &AccountView, address: &Address, refusal: E) -> Result<(), E> {
    if address_eq(account.address(), address) { Ok(()) } else { Err(refusal) }
}

/// An account where nothing has been made so far; lamports that somebody sent there do not count.
pub fn check_new<E>(account: &AccountView, refusal: E) -> Result<(), E> {
    if account.owned_by(&pinocchio_system::ID) && account.is_data_empty() { Ok(()) } else { Err(refusal) }
}

/// Looks at an account of this program. It alone makes them, at the address of their seeds: owner and kind are proof
/// enough.
pub fn load<'a, T: Layout, E: Into<ProgramError>>(
    program: &Address,
    account: &'a AccountView,
    refusal: E,
) -> Result<Ref<'a, T>, ProgramError> {
    if !account.owned_by(program) {
        return Err(refusal.into());
    }
    Ref::filter_map(account.try_borrow()?, T::of).map_err(|_| refusal.into())
}

/// Looks at an account of this program to change it.
pub fn load_mut<'a, T: Layout, E: Into<ProgramError>>(
    program: &Address,
    account: &'a mut AccountView,
    refusal: E,
) -> Result<RefMut<'a, T>, ProgramError> {
    if !account.owned_by(program) {
        return Err(refusal.into());
    }
    RefMut::filter_map(account.try_borrow_mut()?, T::of_mut).map_err(|_| refusal.into())
}

/// Writes the first state of an account that has just been made.
pub fn put<T: Layout>(account: &mut AccountView, state: T) -> ProgramResult {
    if state.put(&mut account.try_borrow_mut()?) { Ok(()) } else { Err(ProgramError::InvalidAccountData) }
}

/// The last seed of an address, which must be the one its seeds give.
#[inline(never)]
pub fn find_bump(program: &Address, account: &AccountView, seeds: &[&[u8]]) -> Option<u8> {
    let (address, bump) = Address::find_program_address(seeds, program);
    address_eq(account.address(), &address).then_some(bump)
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

/// Why lamports were not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMoved {
    SameAccount,
    TooFew,
    Overflow,
}

/// Moves lamports out of an account of this program.
#[inline(never)]
pub fn move_lamports(from: &mut AccountView, to: &mut AccountView, lamports: u64) -> Result<(), NotMoved> {
    if address_eq(from.address(), to.address()) {
        return Err(NotMoved::SameAccount);
    }
    let left = from.lamports().checked_sub(lamports).ok_or(NotMoved::TooFew)?;
    let sum = to.lamports().checked_add(lamports).ok_or(NotMoved::Overflow)?;
    from.set_lamports(left);
    to.set_lamports(sum);
    Ok(())
}
