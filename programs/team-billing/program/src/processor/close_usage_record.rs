//! `close_usage_record`: a closed month's record has been read.
use pinocchio::ProgramResult;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::UsageRecord;
use team_billing_interface::events::UsageRecordClosed;
use team_billing_interface::instructions::close_usage_record::Args;

use super::Call;
use crate::accounts::{check_is, check_operator, load, load_config};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [operator, rules, account], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_operator(operator, &load_config(program, rules)?)?;
    let record = *load::<UsageRecord, _>(program, account, Refusal::WrongRecord)?;
    check_is(rules, &record.config, Refusal::WrongConfig)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if !record.is_closed.is_set() {
        return Err(Refusal::RecordOpen.into());
    }

    let lamports = account.lamports();
    guards::move_lamports(account, operator, lamports).map_err(|_| Refusal::Overflow)?;
    account.close()?;
    UsageRecordClosed { team: record.team, period_start: record.period_start, request_count: record.request_count }
        .emit();
    Ok(())
}
