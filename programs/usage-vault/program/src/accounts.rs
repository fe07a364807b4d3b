//! The checks every processor begins with, each with the error it gives.
use abi::Layout;
use ephemeral_rollups_pinocchio::consts::DELEGATION_PROGRAM_ID;
use guards::NotMoved;
pub use guards::{NewAccount, check_is, create, load, load_mut, put};
use pinocchio::account::Ref;
use pinocchio::error::ProgramError;
use pinocchio::{AccountView, Address, ProgramResult};
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::{SystemVault, UsageMeter, UserVault, usage_meter};

#[inline(always)]
pub fn check_signer(account: &AccountView) -> Result<(), Refusal> {
    guards::check_signer(account, Refusal::MissingSigner)
}

pub fn check_system_program(account: &AccountView) -> Result<(), Refusal> {
    check_is(account, &pinocchio_system::ID, Refusal::WrongProgram)
}

/// An account where nothing has been opened so far.
#[inline(never)]
pub fn check_new(account: &AccountView) -> Result<(), Refusal> {
    guards::check_new(account, Refusal::AlreadyOpen)
}

/// The vault's open meter on the base chain, delegated or not: while it is delegated, what stands there was written
/// by the delegation program. Others may delegate look-alikes, so the address decides.
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

/// That of a vault that must have one.
#[inline(never)]
pub fn load_open_meter<'a>(
    program: &Address,
    vault: &UserVault,
    account: &'a AccountView,
) -> Result<Ref<'a, UsageMeter>, ProgramError> {
    if vault.has_meter.is_set() { load_committed(program, vault, account) } else { Err(Refusal::NoMeter.into()) }
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
pub fn find_bump(program: &Address, account: &AccountView, seeds: &[&[u8]]) -> Result<u8, Refusal> {
    guards::find_bump(program, account, seeds).ok_or(Refusal::WrongAddress)
}

/// Moves lamports out of an account of this program.
pub fn move_lamports(from: &mut AccountView, to: &mut AccountView, lamports: u64) -> Result<(), Refusal> {
    guards::move_lamports(from, to, lamports).map_err(|why| match why {
        NotMoved::SameAccount => Refusal::SameAccount,
        NotMoved::TooFew => Refusal::VaultShort,
        NotMoved::Overflow => Refusal::Overflow,
    })
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
