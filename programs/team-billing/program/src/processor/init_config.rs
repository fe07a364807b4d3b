//! `init_config`: an operator's rules.
use abi::{Flag, Layout};
use pinocchio::ProgramResult;
use pinocchio::cpi::Seed;
use pinocchio_token::state::Mint;
use team_billing_interface::accounts::{BillingConfig, billing_config};
use team_billing_interface::instructions::init_config::Args;
use team_billing_interface::{MAX_WITHDRAWAL_DELAY_SECONDS, TeamBillingError as Refusal};

use super::Call;
use crate::accounts::{
    NewAccount, announce_config, check_apart, check_new, check_signer, check_system_program, check_token, create,
    find_bump, put,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [creator, account, mint, treasury, stakers, system_program], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(creator)?;
    check_apart(treasury, stakers)?;
    check_system_program(system_program)?;
    check_new(account)?;
    let creator_address = *creator.address();
    let bump = find_bump(program, account, &[billing_config::SEED, creator_address.as_array()])?;
    Mint::from_account_view(mint).map_err(|_| Refusal::WrongMint)?;
    check_token(treasury, mint.address())?;
    check_token(stakers, mint.address())?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.withdrawal_delay_seconds > MAX_WITHDRAWAL_DELAY_SECONDS {
        return Err(Refusal::InvalidTerms.into());
    }

    let config = BillingConfig {
        bump,
        creator: creator_address,
        admin: creator_address,
        operator: args.operator,
        mint: *mint.address(),
        treasury: *treasury.address(),
        stakers: *stakers.address(),
        low_balance_minor: args.low_balance_minor,
        withdrawal_delay_seconds: args.withdrawal_delay_seconds,
        collects_base_fee: if args.collects_base_fee { Flag::YES } else { Flag::NO },
        ..BillingConfig::EMPTY
    };
    let seeds = [
        Seed::from(billing_config::SEED),
        Seed::from(creator_address.as_array()),
        Seed::from(core::slice::from_ref(&bump)),
    ];
    create(NewAccount { payer: creator, account, space: BillingConfig::LEN, owner: program, seeds: &seeds })?;
    put(account, config)?;
    announce_config(*account.address(), &config);
    Ok(())
}
