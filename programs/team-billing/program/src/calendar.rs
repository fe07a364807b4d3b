//! Calendar months in UTC, from Unix seconds. Days to dates as in Howard Hinnant's "chrono-compatible low-level date
//! algorithms", in unsigned integers only: this target cannot divide signed ones.

const DAY: u64 = 86_400;

/// Days from 0000-03-01, where the algorithm's years begin, to 1970-01-01.
const EPOCH: u64 = 719_468;

/// 400 years.
const ERA_DAYS: u64 = 146_097;

/// A calendar month: its first second and the first one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    pub start: i64,
    pub end: i64,
}

/// The month an instant is in; nothing before 1970 and after the year 9999.
pub fn month_of(unix_seconds: i64) -> Option<Month> {
    let seconds = u64::try_from(unix_seconds).ok().filter(|seconds| *seconds < 253_402_300_800)?;
    let (year, month) = date_of(seconds / DAY);
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let instant = |year, month| i64::try_from(first_day(year, month) * DAY).ok();
    Some(Month { start: instant(year, month)?, end: instant(next_year, next_month)? })
}

/// Year and month, from 1, of a day counted from 1970-01-01.
fn date_of(day: u64) -> (u64, u64) {
    let shifted = day + EPOCH;
    let (era, day_of_era) = (shifted / ERA_DAYS, shifted % ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March on, so that the leap day is the last of a year.
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month)
}

/// The first day of a month, counted from 1970-01-01.
fn first_day(year: u64, month: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5;
    era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_tile_time_and_have_the_days_of_the_calendar() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut start = 0;
        for year in 1970u64..2500 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (index, days) in lengths.iter().enumerate() {
                let days = days + i64::from(is_leap && index == 1);
                let end = start + days * 86_400;
                assert_eq!(month_of(start), Some(Month { start, end }), "{year}-{}", index + 1);
                assert_eq!(month_of(end - 1), Some(Month { start, end }), "{year}-{}", index + 1);
                start = end;
            }
        }
    }

    #[test]
    fn no_month_before_1970_and_after_9999() {
        assert_eq!(month_of(-1), None);
        assert!(month_of(253_402_300_799).is_some());
        assert_eq!(month_of(253_402_300_800), None);
        assert_eq!(month_of(i64::MAX), None);
    }
}
