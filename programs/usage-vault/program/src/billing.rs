//! What is owed and what may be taken: all arithmetic on a customer's money, without accounts and without a clock.
//!
//! A price is an integer of lamports per unit, so nothing is ever divided or rounded. Units are cumulative: `fee =
//! (committed total − charged units) × price`. Booking a total a second time books nothing; a lost charge is made
//! good by the next; and since every booking moves `charged_units` up to the total, the sum of fees is the same
//! however usage was cut into charges.
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
    /// Terms that can be kept: a price that is one, caps that let usage through, a reserve that fits, an exit that
    /// comes, and a notice long enough to leave before a price rises.
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

/// Sets the announced price once its notice has passed; says whether it did. What was committed before must be booked
/// by now.
pub fn set_due_price(vault: &mut UserVault, now: i64) -> Result<bool, Refusal> {
    if vault.next_price_at == NEVER || now < vault.next_price_at || leaves_at_old_price(vault, now) {
        return Ok(false);
    }
    vault.price_version = { vault.price_version }.checked_add(1).ok_or(Refusal::Overflow)?;
    vault.price_lamports = vault.next_price_lamports;
    vault.next_price_lamports = 0;
    vault.next_price_at = NEVER;
    Ok(true)
}

/// Whoever asked to leave before an announced price was due keeps the old one until an exit delay after the exit
/// opened: otherwise a price could become due while the customer waits for the exit that it asked for because of that
/// price.
fn leaves_at_old_price(vault: &UserVault, now: i64) -> bool {
    let delay = i64::from(vault.exit_delay_seconds);
    let opens_at = vault.exit_opens_at;
    opens_at != NEVER && opens_at.saturating_sub(delay) < vault.next_price_at && now < opens_at.saturating_add(delay)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> UserVault {
        UserVault {
            rent_lamports: 1_000,
            balance_lamports: 500,
            price_version: 1,
            price_lamports: 3,
            next_price_at: NEVER,
            exit_opens_at: NEVER,
            cap_per_call_units: 10,
            cap_per_cycle_units: 100,
            price_notice_seconds: 60,
            exit_delay_seconds: 30,
            ..UserVault::EMPTY
        }
    }

    #[test]
    fn a_total_is_booked_once_and_a_lost_charge_is_made_good() {
        let mut vault = vault();
        assert_eq!(book(&mut vault, 7), Ok(Booked { units: 7, fee_lamports: 21 }));
        assert_eq!(book(&mut vault, 7), Ok(Booked { units: 0, fee_lamports: 0 }));
        assert_eq!(book(&mut vault, 20), Ok(Booked { units: 13, fee_lamports: 39 }));
        assert_eq!({ vault.debt_lamports }, 60);
    }

    #[test]
    fn however_usage_is_cut_into_charges_it_costs_the_same() {
        for step in 1..50 {
            let mut vault = vault();
            let mut total = 0;
            while total < 1_000 {
                total = (total + step).min(1_000);
                book(&mut vault, total).unwrap();
            }
            assert_eq!({ vault.charged_lamports }, 3_000, "in steps of {step}");
        }
    }

    #[test]
    fn a_booking_that_is_refused_changes_nothing() {
        let mut vault = UserVault { charged_units: 10, debt_lamports: 5, ..vault() };
        let before = vault;
        assert_eq!(book(&mut vault, 9), Err(Refusal::MeterBehind));
        assert_eq!(book(&mut vault, u64::MAX), Err(Refusal::Overflow));
        assert_eq!(book(&mut vault, 10 + u64::MAX / 3), Err(Refusal::Overflow));
        assert_eq!(vault, before);
    }

    #[test]
    fn debt_is_paid_as_far_as_the_balance_goes() {
        let mut vault = UserVault { debt_lamports: 700, ..vault() };
        assert_eq!(pay_debt(&mut vault), 500);
        assert_eq!(({ vault.debt_lamports }, { vault.balance_lamports }, { vault.paid_lamports }), (200, 0, 500));
        assert_eq!(pay_debt(&mut vault), 0);
        vault.balance_lamports = 300;
        assert_eq!(pay_debt(&mut vault), 200);
        assert_eq!({ vault.balance_lamports }, 100);
    }

    #[test]
    fn lamports_from_outside_are_a_deposit_and_missing_ones_a_broken_invariant() {
        let mut vault = vault();
        assert_eq!(fold_outside(&mut vault, 1_540), Ok(40));
        assert_eq!(({ vault.balance_lamports }, { vault.deposited_lamports }), (540, 40));
        assert_eq!(fold_outside(&mut vault, 1_540), Ok(0));
        assert_eq!(fold_outside(&mut vault, 1_539), Err(Refusal::VaultShort));
    }

    #[test]
    fn a_price_is_set_by_the_first_charge_after_its_notice() {
        let mut vault = vault();
        assert_eq!(announce_price(&mut vault, 9, 1_000), Ok(1_060));
        assert_eq!(set_due_price(&mut vault, 1_059), Ok(false));
        assert_eq!(({ vault.price_lamports }, { vault.price_version }), (3, 1));
        assert_eq!(set_due_price(&mut vault, 1_060), Ok(true));
        assert_eq!(({ vault.price_lamports }, { vault.price_version }), (9, 2));
        assert_eq!(set_due_price(&mut vault, i64::MAX), Ok(false));
        assert_eq!(announce_price(&mut vault, 0, 0), Err(Refusal::InvalidTerms));
        assert_eq!(announce_price(&mut vault, u64::MAX, 0), Err(Refusal::InvalidTerms));
    }

    #[test]
    fn who_asked_to_leave_before_a_price_was_due_leaves_at_the_old_one() {
        let announced = UserVault { next_price_lamports: 9, next_price_at: 1_060, ..vault() };
        let asked = |at: i64| UserVault { exit_opens_at: at + 30, ..announced };
        assert_eq!(set_due_price(&mut asked(1_059), 1_118), Ok(false));
        assert_eq!(set_due_price(&mut asked(1_059), 1_119), Ok(true));
        assert_eq!(set_due_price(&mut asked(1_060), 1_060), Ok(true));
    }

    #[test]
    fn a_withdrawal_leaves_the_reserve_at_the_dearer_price() {
        let mut vault = UserVault { next_price_lamports: 4, ..vault() };
        assert_eq!(reserve(&vault, 100), Ok(400));
        assert_eq!(take_out(&mut vault, 101, 400), Err(Refusal::ReserveHeld));
        assert_eq!(take_out(&mut vault, 100, 400), Ok(()));
        assert_eq!(({ vault.balance_lamports }, { vault.withdrawn_lamports }), (400, 100));
        assert_eq!(take_out(&mut vault, 1, 401), Err(Refusal::ReserveHeld));
        vault.next_price_lamports = 1;
        assert_eq!(reserve(&vault, 100), Ok(300));
    }

    #[test]
    fn terms_that_could_not_be_kept_are_refused() {
        let good = terms_of(&vault());
        assert_eq!(good.check(), Ok(()));
        for bad in [
            Terms { price_lamports: 0, ..good },
            Terms { cap_per_call_units: 0, ..good },
            Terms { cap_per_cycle_units: 0, ..good },
            Terms { price_notice_seconds: 29, ..good },
            Terms { exit_delay_seconds: MAX_EXIT_DELAY_SECONDS + 1, price_notice_seconds: u32::MAX, ..good },
            Terms { price_lamports: u64::MAX, cap_per_cycle_units: 2, ..good },
        ] {
            assert_eq!(bad.check(), Err(Refusal::InvalidTerms));
        }
    }
}
