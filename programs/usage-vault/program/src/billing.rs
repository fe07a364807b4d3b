//! What is owed and what may be taken: all arithmetic on a customer's money, without accounts and without a clock.
//!
//! A price is an integer of lamports per unit, so nothing is ever divided or rounded. Units are cumulative:
//! `fee = (committed total − charged units) × price`. Booking a total a second time books nothing; a lost charge is made good by the
//! next; and since every booking moves `charged_units` up to the total, the sum of fees is the same however usage was cut into
//! charges.
use usage_vault_interface::accounts::UserVault;
use usage_vault_interface::accounts::user_vault::NEVER;
use usage_vault_interface::{MAX_EXIT_DELAY_SECONDS, UsageVaultError as Refusal};

/// What a system vault offers, and a user vault has agreed to.
#[derive(Clone, Copy)]
pub struct Terms {
    pub price_lamports: u64,
    pub cap_per_call_units: u64,
    pub cap_per_cycle_units: u64,
    pub price_notice_seconds: u32,
    pub exit_delay_seconds: u32,
}

impl Terms {
    /// Terms that can be kept: a price that is one, caps that let usage through, a reserve that fits, an exit that comes, and a
    /// notice long enough to leave before a price rises.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.price_lamports == 0 || self.cap_per_call_units == 0 || self.cap_per_cycle_units == 0 {
            return Err(Refusal::InvalidTerms);
        }
        if self.exit_delay_seconds > MAX_EXIT_DELAY_SECONDS || self.price_notice_seconds < self.exit_delay_seconds {
            return Err(Refusal::InvalidTerms);
        }
        checked::mul(self.cap_per_cycle_units, self.price_lamports).ok_or(Refusal::InvalidTerms).map(drop)
    }
}

/// Counts what was sent to the account from outside as the owner's deposit; gives how much that was.
#[inline(never)]
pub fn fold_outside(vault: &mut UserVault, held_lamports: u64) -> Result<u64, Refusal> {
    let owned = { vault.rent_lamports }.checked_add(vault.balance_lamports).ok_or(Refusal::Overflow)?;
    let outside = held_lamports.checked_sub(owned).ok_or(Refusal::VaultShort)?;
    // Both fit: they are part of what the account holds.
    vault.balance_lamports += outside;
    vault.deposited_lamports = { vault.deposited_lamports }.saturating_add(outside);
    Ok(outside)
}

/// Usage that was turned into debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    pub units: u64,
    pub fee_lamports: u64,
}

/// Books the fee for everything up to a committed total. Changes nothing when it refuses.
#[inline(never)]
pub fn book(vault: &mut UserVault, total_units: u64) -> Result<Booked, Refusal> {
    let units = total_units.checked_sub(vault.charged_units).ok_or(Refusal::MeterBehind)?;
    let fee_lamports = checked::mul(units, vault.price_lamports).ok_or(Refusal::Overflow)?;
    vault.debt_lamports = { vault.debt_lamports }.checked_add(fee_lamports).ok_or(Refusal::Overflow)?;
    vault.charged_lamports = { vault.charged_lamports }.saturating_add(fee_lamports);
    vault.charged_units = total_units;
    Ok(Booked { units, fee_lamports })
}

/// Pays debt as far as the balance goes; gives what must move to the system vault.
#[inline(never)]
pub fn pay_debt(vault: &mut UserVault) -> u64 {
    let paid = { vault.debt_lamports }.min(vault.balance_lamports);
    vault.debt_lamports -= paid;
    vault.balance_lamports -= paid;
    vault.paid_lamports = { vault.paid_lamports }.saturating_add(paid);
    paid
}

/// Announces a price. It may be set at the first charge from then on; gives the instant.
pub fn announce_price(vault: &mut UserVault, price_lamports: u64, now: i64) -> Result<i64, Refusal> {
    let terms = Terms { price_lamports, ..terms_of(vault) };
    terms.check()?;
    let at = now.checked_add(i64::from(vault.price_notice_seconds)).ok_or(Refusal::Overflow)?;
    vault.next_price_lamports = price_lamports;
    vault.next_price_at = at;
    Ok(at)
}

/// Sets the announced price once its notice has passed; says whether it did. What was committed before must be booked by now.
pub fn set_due_price(vault: &mut UserVault, now: i64) -> Result<bool, Refusal> {
    if vault.next_price_at == NEVER || now < vault.next_price_at {
        return Ok(false);
    }
    vault.price_version = { vault.price_version }.checked_add(1).ok_or(Refusal::Overflow)?;
    vault.price_lamports = vault.next_price_lamports;
    vault.next_price_lamports = 0;
    vault.next_price_at = NEVER;
    Ok(true)
}

/// What the open cycle may still cost at most, at the dearer of the present and the announced price.
pub fn reserve(vault: &UserVault, cap_per_cycle_units: u64) -> Result<u64, Refusal> {
    let price = { vault.price_lamports }.max(vault.next_price_lamports);
    checked::mul(cap_per_cycle_units, price).ok_or(Refusal::Overflow)
}

/// Takes lamports out of the balance, above the reserve.
pub fn take_out(vault: &mut UserVault, lamports: u64, reserve_lamports: u64) -> Result<(), Refusal> {
    let free = { vault.balance_lamports }.saturating_sub(reserve_lamports);
    if lamports > free {
        return Err(Refusal::ReserveHeld);
    }
    vault.balance_lamports -= lamports;
    vault.withdrawn_lamports = { vault.withdrawn_lamports }.saturating_add(lamports);
    Ok(())
}

/// The terms a vault was opened on, at its present price.
pub fn terms_of(vault: &UserVault) -> Terms {
    Terms {
        price_lamports: vault.price_lamports,
        cap_per_call_units: vault.cap_per_call_units,
        cap_per_cycle_units: vault.cap_per_cycle_units,
        price_notice_seconds: vault.price_notice_seconds,
        exit_delay_seconds: vault.exit_delay_seconds,
    }
}
