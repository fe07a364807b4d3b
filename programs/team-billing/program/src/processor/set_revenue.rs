//! `set_revenue`: where fees go from now on.
use pinocchio::ProgramResult;
use team_billing_interface::TeamBillingError as Refusal;
use team_billing_interface::accounts::BillingConfig;
use team_billing_interface::instructions::set_revenue::Args;

use super::Call;
use crate::accounts::{announce_config, check_admin, check_apart, check_token, load_mut};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [admin, account, treasury, stakers], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    let address = *account.address();
    let mut config = load_mut::<BillingConfig, _>(program, account, Refusal::WrongConfig)?;
    check_admin(admin, &config)?;
    check_token(treasury, &config.mint)?;
    check_token(stakers, &config.mint)?;
    check_apart(treasury, stakers)?;
    Args::read(args).ok_or(Refusal::InvalidArguments)?;

    config.treasury = *treasury.address();
    config.stakers = *stakers.address();
    announce_config(address, &config);
    Ok(())
}
