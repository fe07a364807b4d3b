//! `close_user_vault`: the owner leaves when no meter is open.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::instructions::close_user_vault::Args;

use super::Call;
use crate::accounts::check_owner;
use crate::settlement::Parties;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [owner, system, user], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let parties = Parties::load(program, system, user)?;
    check_owner(owner, &parties.vault)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;
    if parties.vault.has_meter.is_set() {
        return Err(Refusal::MeterOpen.into());
    }

    parties.close(owner)
}
