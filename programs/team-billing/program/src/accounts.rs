//! The checks every processor begins with, each with the error it gives.
pub use guards::{NewAccount, check_is, create, load, load_mut, put};
use pinocchio::error::ProgramError;
use pinocchio::{AccountView, Address};
use pinocchio_token::state::Account as TokenAccount;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::{BillingConfig, TeamBilling};
use team_billing_interface::events::ConfigSet;

pub fn check_signer(account: &AccountView) -> Result<(), Refusal> {
    guards::check_signer(account, Refusal::MissingSigner)
}

pub fn check_system_program(account: &AccountView) -> Result<(), Refusal> {
    check_is(account, &pinocchio_system::ID, Refusal::WrongProgram)
}

pub fn check_token_program(account: &AccountView) -> Result<(), Refusal> {
    check_is(account, &pinocchio_token::ID, Refusal::WrongProgram)
}

#[inline(never)]
pub fn check_new(account: &AccountView) -> Result<(), Refusal> {
    guards::check_new(account, Refusal::AlreadyOpen)
}

pub fn find_bump(program: &Address, account: &AccountView, seeds: &[&[u8]]) -> Result<u8, Refusal> {
    guards::find_bump(program, account, seeds).ok_or(Refusal::WrongAddress)
}

#[inline(never)]
pub fn check_admin(signer: &AccountView, config: &BillingConfig) -> Result<(), Refusal> {
    check_signer(signer)?;
    check_is(signer, &config.admin, Refusal::NotAdmin)
}

#[inline(never)]
pub fn check_operator(signer: &AccountView, config: &BillingConfig) -> Result<(), Refusal> {
    check_signer(signer)?;
    check_is(signer, &config.operator, Refusal::NotOperator)
}

#[inline(never)]
pub fn check_owner(signer: &AccountView, team: &TeamBilling) -> Result<(), Refusal> {
    check_signer(signer)?;
    check_is(signer, &team.owner, Refusal::NotOwner)
}

/// The rules an instruction is asked under.
#[inline(never)]
pub fn load_config(program: &Address, account: &AccountView) -> Result<BillingConfig, ProgramError> {
    Ok(*load::<BillingConfig, _>(program, account, Refusal::WrongConfig)?)
}

/// A copy of a team's state: transfers need the account to themselves, so it is written back when all is done.
#[inline(never)]
pub fn load_team(program: &Address, account: &AccountView) -> Result<TeamBilling, ProgramError> {
    Ok(*load::<TeamBilling, _>(program, account, Refusal::WrongTeam)?)
}

/// That, of a team under these rules.
pub fn load_team_of(
    program: &Address,
    account: &AccountView,
    config: &AccountView,
) -> Result<TeamBilling, ProgramError> {
    let team = load_team(program, account)?;
    check_is(config, &team.config, Refusal::WrongConfig)?;
    Ok(team)
}

/// What a token account of the token program holds.
#[inline(never)]
pub fn amount_of(account: &AccountView) -> Result<u64, Refusal> {
    TokenAccount::from_account_view(account).map(|token| token.amount()).map_err(|_| Refusal::WrongTokenAccount)
}

/// A token account of the rules' token.
#[inline(never)]
pub fn check_token(account: &AccountView, mint: &Address) -> Result<(), Refusal> {
    let token = TokenAccount::from_account_view(account).map_err(|_| Refusal::WrongTokenAccount)?;
    if token.mint() == mint { Ok(()) } else { Err(Refusal::WrongMint) }
}

/// Two accounts that must not be one: a split could not be shown to be right, or tokens would be paid to where they
/// are.
pub fn check_apart(one: &AccountView, other: &AccountView) -> Result<(), Refusal> {
    if one.address() == other.address() { Err(Refusal::SameAccount) } else { Ok(()) }
}

/// Where a withdrawal goes: from the team's tokens to another account of the rules' token.
#[inline(never)]
pub fn check_payout(
    usdc: &AccountView,
    recipient: &AccountView,
    team: &TeamBilling,
    config: &BillingConfig,
) -> Result<(), Refusal> {
    check_is(usdc, &team.team_usdc, Refusal::WrongTokenAccount)?;
    check_token(recipient, &config.mint)?;
    check_apart(usdc, recipient)
}

/// Tells an operator's rules as they are now.
#[inline(never)]
pub fn announce_config(address: Address, config: &BillingConfig) {
    ConfigSet {
        config: address,
        operator: config.operator,
        mint: config.mint,
        treasury: config.treasury,
        stakers: config.stakers,
    }
    .emit();
}
