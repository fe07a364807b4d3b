//! What a team owes and who gets it: all arithmetic on money, without accounts and without a clock.
use team_billing_interface::accounts::TeamBilling;
use team_billing_interface::{BASE_FEE_STAKERS_BPS, TeamBillingError as Refusal};

use crate::calendar::Month;

/// What a capture costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    pub overage_requests: u64,
    pub cost_minor: u64,
}

/// Counts requests and books those above the quota as debt. Changes nothing when it refuses.
///
/// `overage = max(0, after − quota) − max(0, before − quota)`: a batch that straddles the quota pays for the part
/// above it.
pub fn capture(team: &mut TeamBilling, request_count: u64, sequence: u64) -> Result<Capture, Refusal> {
    let expected = { team.sequence }.checked_add(1).ok_or(Refusal::Overflow)?;
    if sequence != expected {
        return Err(if sequence < expected { Refusal::SequenceReplayed } else { Refusal::SequenceGap });
    }
    let before = team.period_requests;
    let after = before.checked_add(request_count).ok_or(Refusal::Overflow)?;
    let overage_requests = after.saturating_sub(team.quota_requests) - before.saturating_sub(team.quota_requests);
    let cost_minor = checked::mul(overage_requests, team.overage_minor).ok_or(Refusal::Overflow)?;
    let debt = { team.overage_debt_minor }.checked_add(cost_minor).ok_or(Refusal::Overflow)?;
    let total = { team.total_requests }.checked_add(request_count).ok_or(Refusal::Overflow)?;
    team.sequence = sequence;
    team.period_requests = after;
    team.total_requests = total;
    team.overage_debt_minor = debt;
    Ok(Capture { overage_requests, cost_minor })
}

/// Who gets what of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payment {
    pub base_to_treasury: u64,
    pub base_to_stakers: u64,
    pub overage_to_stakers: u64,
}

impl Payment {
    pub fn base(self) -> u64 {
        self.base_to_treasury + self.base_to_stakers
    }

    pub fn to_stakers(self) -> u64 {
        self.base_to_stakers + self.overage_to_stakers
    }

    pub fn total(self) -> u64 {
        self.base() + self.overage_to_stakers
    }
}

/// Pays debts out of a balance, base fees first. Parts of the base fee follow from the sum ever paid, so that they
/// are exact however the payments were cut; the treasury gets every remainder. What is returned adds up to at most
/// the balance.
pub fn pay_debts(team: &mut TeamBilling, balance: u64) -> Result<Payment, Refusal> {
    let base = { team.base_debt_minor }.min(balance);
    let overage_to_stakers = { team.overage_debt_minor }.min(balance - base);
    let base_paid = { team.base_paid_minor }.checked_add(base).ok_or(Refusal::Overflow)?;
    let overage_paid = { team.overage_paid_minor }.checked_add(overage_to_stakers).ok_or(Refusal::Overflow)?;
    let stakers_ever = checked::share(base_paid, BASE_FEE_STAKERS_BPS).ok_or(Refusal::Overflow)?;
    let base_to_stakers = stakers_ever.checked_sub(team.base_to_stakers_minor).ok_or(Refusal::Overflow)?;
    let base_to_treasury = base.checked_sub(base_to_stakers).ok_or(Refusal::Overflow)?;
    team.base_debt_minor -= base;
    team.overage_debt_minor -= overage_to_stakers;
    team.base_paid_minor = base_paid;
    team.base_to_stakers_minor = stakers_ever;
    team.overage_paid_minor = overage_paid;
    Ok(Payment { base_to_treasury, base_to_stakers, overage_to_stakers })
}

/// The base fee for the part of the open month up to an instant, by seconds, rounded down in the team's favour.
pub fn base_fee_until(team: &TeamBilling, until: i64) -> Result<u64, Refusal> {
    let seconds = |from: i64, to: i64| u64::try_from(to.saturating_sub(from)).unwrap_or(0);
    let month = seconds(team.period_start, team.period_end);
    let counted = seconds(team.counts_from, until.min(team.period_end));
    if month == 0 {
        return Ok(0);
    }
    Ok(checked::mul(team.monthly_fee_minor, counted).ok_or(Refusal::Overflow)? / month)
}

/// Books the base fee for the open month up to an instant; gives what it is.
pub fn book_base_fee(team: &mut TeamBilling, until: i64) -> Result<u64, Refusal> {
    let fee = base_fee_until(team, until)?;
    team.base_debt_minor = { team.base_debt_minor }.checked_add(fee).ok_or(Refusal::Overflow)?;
    Ok(fee)
}

/// Debts of both kinds; no more than the largest number, so that an absurd one cannot keep a team from leaving.
pub fn debt(team: &TeamBilling) -> u64 {
    { team.base_debt_minor }.saturating_add(team.overage_debt_minor)
}

/// What the owner may take out of a balance: debts stay, and the open month's base fee where fees are collected.
pub fn free(team: &TeamBilling, balance: u64, collects_base_fee: bool) -> Result<u64, Refusal> {
    let fee = if collects_base_fee { base_fee_until(team, team.period_end)? } else { 0 };
    Ok(balance.saturating_sub(debt(team)).saturating_sub(fee))
}

/// Opens the month that follows the one just closed.
pub fn open_month(team: &mut TeamBilling, month: Month) {
    team.period_start = month.start;
    team.period_end = month.end;
    team.counts_from = month.start;
    team.period_requests = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTH: i64 = 2_592_000;

    fn team() -> TeamBilling {
        TeamBilling {
            monthly_fee_minor: 50_000_000,
            quota_requests: 10_000,
            overage_minor: 10_000,
            period_start: 0,
            period_end: MONTH,
            ..TeamBilling::EMPTY
        }
    }

    #[test]
    fn a_batch_that_straddles_the_quota_pays_for_the_part_above_it() {
        let mut team = team();
        assert_eq!(capture(&mut team, 9_000, 1), Ok(Capture { overage_requests: 0, cost_minor: 0 }));
        assert_eq!(capture(&mut team, 2_000, 2), Ok(Capture { overage_requests: 1_000, cost_minor: 10_000_000 }));
        assert_eq!({ team.overage_debt_minor }, 10_000_000);
    }

    #[test]
    fn however_usage_is_cut_it_costs_the_same() {
        for cut in [1u64, 7, 100, 9_999, 10_000, 10_001, 14_999] {
            let mut team = team();
            let first = capture(&mut team, cut, 1).unwrap().cost_minor;
            let second = capture(&mut team, 15_000 - cut, 2).unwrap().cost_minor;
            assert_eq!(first + second, 5_000 * 10_000, "cut at {cut}");
        }
    }

    #[test]
    fn a_capture_is_booked_once_and_in_order() {
        let mut team = team();
        capture(&mut team, 5, 1).unwrap();
        let before = team;
        assert_eq!(capture(&mut team, 5, 1), Err(Refusal::SequenceReplayed));
        assert_eq!(capture(&mut team, 5, 3), Err(Refusal::SequenceGap));
        assert_eq!(capture(&mut team, u64::MAX, 2), Err(Refusal::Overflow));
        assert_eq!(team, before);
    }

    #[test]
    fn parts_of_a_payment_make_the_whole_and_are_exact_however_it_is_cut() {
        for step in [1u64, 3, 9, 10, 11, 999, 12_345] {
            let mut team = TeamBilling { base_debt_minor: 49_999_999, overage_debt_minor: 77, ..team() };
            let (mut treasury, mut stakers, mut overage) = (0, 0, 0);
            while debt(&team) > 0 {
                let paid = pay_debts(&mut team, step.max(100_000)).unwrap();
                treasury += paid.base_to_treasury;
                stakers += paid.base_to_stakers;
                overage += paid.overage_to_stakers;
            }
            assert_eq!((treasury, stakers, overage), (45_000_000, 4_999_999, 77), "in steps of {step}");
        }
        let mut team = TeamBilling { base_debt_minor: 109, ..team() };
        let mut to_stakers = 0;
        for _ in 0..109 {
            let paid = pay_debts(&mut team, 1).unwrap();
            assert_eq!(paid.total(), 1);
            to_stakers += paid.base_to_stakers;
        }
        assert_eq!((to_stakers, { team.base_to_stakers_minor }), (10, 10));
    }

    #[test]
    fn no_payment_is_more_than_the_balance() {
        let mut team = TeamBilling { base_debt_minor: 30, overage_debt_minor: 50, ..team() };
        let paid = pay_debts(&mut team, 40).unwrap();
        assert_eq!((paid.base(), paid.overage_to_stakers, paid.total()), (30, 10, 40));
        assert_eq!({ team.overage_debt_minor }, 40);
    }

    #[test]
    fn a_part_of_a_month_costs_its_part_rounded_down() {
        let full = team();
        assert_eq!(base_fee_until(&full, MONTH), Ok(50_000_000));
        assert_eq!(base_fee_until(&full, 2 * MONTH), Ok(50_000_000));
        assert_eq!(base_fee_until(&full, 0), Ok(0));
        let late = TeamBilling { counts_from: MONTH - 86_400, ..full };
        assert_eq!(base_fee_until(&late, MONTH), Ok(1_666_666));
        assert_eq!(base_fee_until(&late, 0), Ok(0));
    }

    #[test]
    fn debts_and_the_open_months_fee_stay() {
        let team = TeamBilling { base_debt_minor: 5, overage_debt_minor: 6, ..team() };
        assert_eq!(free(&team, 50_000_100, true), Ok(89));
        assert_eq!(free(&team, 100, false), Ok(89));
        assert_eq!(free(&team, 10, true), Ok(0));
    }
}
