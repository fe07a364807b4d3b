//! `track_user_activity`: adds usage to a meter, once per sequence number. Its cost is pinned by a test.
use pinocchio::ProgramResult;
use usage_vault_interface::UsageVaultError as Refusal;
use usage_vault_interface::accounts::UsageMeter;
use usage_vault_interface::instructions::track_user_activity::Args;

use super::Call;
use crate::accounts::{check_is, check_signer, load_mut};

#[inline(always)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program, accounts: [operator, usage_meter], args } = call else {
        return Err(Refusal::WrongAccountCount.into());
    };
    check_signer(operator)?;
    let mut meter = load_mut::<UsageMeter, _>(program, usage_meter, Refusal::WrongUsageMeter)?;
    check_is(operator, &meter.operator, Refusal::NotOperator)?;
    let args = Args::read(args).ok_or(Refusal::InvalidArguments)?;
    Ok(track(&mut meter, &args)?)
}

/// Adds units if this is the next call, and within both caps.
#[inline(always)]
fn track(meter: &mut UsageMeter, args: &Args) -> Result<(), Refusal> {
    if args.units == 0 {
        return Err(Refusal::Zero);
    }
    if args.units > meter.cap_per_call_units {
        return Err(Refusal::CallCapReached);
    }
    let expected = meter.sequence.checked_add(1).ok_or(Refusal::Overflow)?;
    if args.sequence != expected {
        return Err(if args.sequence < expected { Refusal::SequenceReplayed } else { Refusal::SequenceGap });
    }
    let total = meter.total_units.checked_add(args.units).ok_or(Refusal::Overflow)?;
    let cycle = total.checked_sub(meter.cycle_start_units).ok_or(Refusal::Overflow)?;
    if cycle > meter.cap_per_cycle_units {
        return Err(Refusal::CycleCapReached);
    }
    meter.total_units = total;
    meter.sequence = args.sequence;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> UsageMeter {
        UsageMeter {
            total_units: 100,
            sequence: 7,
            cycle_start_units: 90,
            threshold_units: 15,
            cap_per_call_units: 20,
            cap_per_cycle_units: 25,
            ..UsageMeter::EMPTY
        }
    }

    #[test]
    fn a_call_is_counted_once_and_in_order() {
        let mut meter = meter();
        assert_eq!(track(&mut meter, &Args { units: 10, sequence: 8 }), Ok(()));
        assert_eq!(track(&mut meter, &Args { units: 10, sequence: 8 }), Err(Refusal::SequenceReplayed));
        assert_eq!(track(&mut meter, &Args { units: 1, sequence: 10 }), Err(Refusal::SequenceGap));
        assert_eq!(({ meter.total_units }, { meter.sequence }), (110, 8));
    }

    #[test]
    fn both_caps_hold_to_the_unit() {
        let mut meter = meter();
        assert_eq!(track(&mut meter, &Args { units: 21, sequence: 8 }), Err(Refusal::CallCapReached));
        assert_eq!(track(&mut meter, &Args { units: 16, sequence: 8 }), Err(Refusal::CycleCapReached));
        assert_eq!(track(&mut meter, &Args { units: 15, sequence: 8 }), Ok(()));
        assert_eq!(track(&mut meter, &Args { units: 1, sequence: 9 }), Err(Refusal::CycleCapReached));
    }

    #[test]
    fn a_refused_call_changes_nothing() {
        let full = UsageMeter { total_units: u64::MAX, cycle_start_units: u64::MAX, ..meter() };
        let mut after = full;
        assert_eq!(track(&mut after, &Args { units: 1, sequence: 8 }), Err(Refusal::Overflow));
        assert_eq!(track(&mut after, &Args { units: 0, sequence: 8 }), Err(Refusal::Zero));
        assert_eq!(after, full);
    }
}
