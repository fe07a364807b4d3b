//! `withdraw`: the owner takes out what the open cycle cannot cost.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::events::Withdrawn;
use usage_vault_interface::instructions::withdraw::Args;

use super::Call;
use crate::accounts::{check_owner, load_committed, move_lamports};
use crate::billing::{fold_outside, reserve, take_out};
use crate::settlement::Parties;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, system, user, usage_meter], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let mut parties = Parties::load(program, system, user)?;
    check_owner(owner, &parties.vault)?;
    let meter = match parties.vault.has_meter.is_set() {
        true => Some(load_committed(program, &parties.vault, usage_meter)?),
        false => None,
    };
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if args.lamports == 0 {
        return Err(Refusal::Zero.into());
    }

    let reserve_lamports = match meter {
        Some(meter) => {
            parties.charge(meter.total_units)?;
            reserve(&parties.vault, meter.cap_per_cycle_units)?
        }
        None => {
            fold_outside(&mut parties.vault, parties.user.lamports())?;
            parties.pay()?;
            0
        }
    };
    take_out(&mut parties.vault, args.lamports, reserve_lamports)?;
    move_lamports(&mut parties.user, owner, args.lamports)?;
    Withdrawn {
        user_vault: *parties.user.address(),
        owner: *owner.address(),
        lamports: args.lamports,
        reserve_lamports,
        balance_lamports: parties.vault.balance_lamports,
    }
    .emit();
    Ok(())
}
