//! `deposit`: money in, debt first.
use pinocchio::ProgramResult;
use pinocchio_system::instructions::Transfer;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::events::Deposited;
use usage_vault_interface::instructions::deposit::Args;

use super::Call;
use crate::accounts::{check_signer, check_system_program};
use crate::billing::fold_outside;
use crate::settlement::Parties;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [payer, system, user, system_program], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(payer)?;
    check_system_program(system_program)?;
    let outside_lamports = {
        let mut parties = Parties::load(program, system, user)?;
        fold_outside(&mut parties.vault, parties.user.lamports())?
    };
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.lamports == 0 {
        return Err(Refusal::Zero.into());
    }

    Transfer { from: payer, to: user, lamports: args.lamports }.invoke()?;
    let mut parties = Parties::load(program, system, user)?;
    let lamports = fold_outside(&mut parties.vault, parties.user.lamports())?;
    let debt_paid_lamports = parties.pay()?;
    Deposited {
        user_vault: *parties.user.address(),
        system_vault: *parties.system.address(),
        payer: *payer.address(),
        lamports,
        outside_lamports,
        debt_paid_lamports,
        debt_lamports: parties.vault.debt_lamports,
        balance_lamports: parties.vault.balance_lamports,
    }
    .emit();
    Ok(())
}
