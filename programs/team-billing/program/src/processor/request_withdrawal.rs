//! `request_withdrawal`: the owner says what it will take out.
use pinocchio::ProgramResult;
use pinocchio::sysvars::Sysvar;
use pinocchio::sysvars::clock::Clock;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::TeamBilling;
use team_billing_interface::accounts::team_billing::NEVER;
use team_billing_interface::events::WithdrawalRequested;
use team_billing_interface::instructions::request_withdrawal::Args;

use super::Call;
use crate::accounts::{check_owner, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let address = *account.address();
    let mut team = load_mut::<TeamBilling, _>(program, account, Refusal::WrongTeam)?;
    check_owner(owner, &team)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;

    // A new request takes the place of the old one and waits anew; otherwise a small one would unlock a large one.
    let now = Clock::get()?.unix_timestamp;
    let delay = i64::from(team.withdrawal_delay_seconds);
    team.requested_minor = args.amount;
    team.unlocks_at = if args.amount == 0 { NEVER } else { now.checked_add(delay).ok_or(Refusal::Overflow)? };
    WithdrawalRequested { team: address, owner: team.owner, amount: args.amount, unlocks_at: team.unlocks_at }.emit();
    Ok(())
}
