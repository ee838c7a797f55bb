//! Days, and how they are counted: by month, by week, by quarter and through the year.
//!
//! A date is a number of days, so that years far beyond what date libraries hold are plain arithmetic. Source of the
//! conversions: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".

/// Years go from `-YEAR_MAX` to `YEAR_MAX`.
pub(crate) const YEAR_MAX: i64 = 999_999_999;
/// The first and the last day of those years.
const DAYS: std::ops::RangeInclusive<i64> = day_number(-YEAR_MAX, 1, 1)..=day_number(YEAR_MAX, 12, 31);
/// Days in 400 years, after which the calendar and the days of the week repeat.
pub(super) const CYCLE_DAYS: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A day, as the number of days from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

/// Days in a month of a year.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The number of a day that exists.
const fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let of_cycle = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - EPOCH
}

impl Date {
    /// A day of a month; `None` where there is no such day.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (-YEAR_MAX..=YEAR_MAX).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        exists.then(|| Self(day_number(year, month, day)))
    }

    /// A day of a week of ISO 8601, Monday being the first; `None` where there is no such day.
    pub fn of_week(year: i64, week: i64, weekday: i64) -> Option<Self> {
        if !(1..=53).contains(&week) || !(1..=7).contains(&weekday) {
            return None;
        }
        let date = Self::from_day(Self::first_week(year)?.0 + (week - 1) * 7 + weekday - 1)?;
        (date.week_year() == year).then_some(date)
    }

    /// A day of the year; `None` where there is no such day.
    pub fn of_year(year: i64, day: i64) -> Option<Self> {
        let first = Self::new(year, 1, 1)?;
        let days = if is_leap(year) { 366 } else { 365 };
        (1..=days).contains(&day).then_some(Self(first.0 + day - 1))
    }

    /// A day of a quarter; `None` where there is no such day.
    pub fn of_quarter(year: i64, quarter: i64, day: i64) -> Option<Self> {
        if !(1..=4).contains(&quarter) || !(1..=92).contains(&day) {
            return None;
        }
        let date = Self::from_day(Self::new(year, quarter * 3 - 2, 1)?.0 + day - 1)?;
        (date.quarter() == quarter).then_some(date)
    }

    /// The day with that number; `None` beyond the years.
    pub fn from_day(day: i64) -> Option<Self> {
        DAYS.contains(&day).then_some(Self(day))
    }

    /// Days from 1970-01-01.
    pub fn day(self) -> i64 {
        self.0
    }

    /// Year, month and day of the month.
    pub fn civil(self) -> (i64, i64, i64) {
        let day = self.0 + EPOCH;
        let cycle = day.div_euclid(CYCLE_DAYS);
        let of_cycle = day.rem_euclid(CYCLE_DAYS);
        let year_of_cycle = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
        let of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_cycle + cycle * 400 + i64::from(month <= 2);
        (year, month, of_year - (153 * shifted + 2) / 5 + 1)
    }

    /// Year.
    pub fn year(self) -> i64 {
        self.civil().0
    }

    /// Month of the year.
    pub fn month(self) -> i64 {
        self.civil().1
    }

    /// Day of the month.
    pub fn day_of_month(self) -> i64 {
        self.civil().2
    }

    /// Quarter of the year.
    pub fn quarter(self) -> i64 {
        (self.month() - 1) / 3 + 1
    }

    /// Day of the quarter.
    pub fn day_of_quarter(self) -> i64 {
        let (year, month, _) = self.civil();
        self.0 - day_number(year, (month - 1) / 3 * 3 + 1, 1) + 1
    }

    /// Day of the year.
    pub fn day_of_year(self) -> i64 {
        self.0 - day_number(self.year(), 1, 1) + 1
    }

    /// Day of the week, Monday being 1.
    pub fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7) + 1
    }

    /// The year that its week belongs to, which is the year of the week's Thursday.
    pub fn week_year(self) -> i64 {
        Self(self.0 + 4 - self.weekday()).year()
    }

    /// Week of the week year.
    pub fn week(self) -> i64 {
        let thursday = Self(self.0 + 4 - self.weekday());
        (thursday.day_of_year() - 1) / 7 + 1
    }

    /// The Monday of the first week of a year.
    fn first_week(year: i64) -> Option<Self> {
        let fourth = Self::new(year, 1, 4)?;
        Some(Self(fourth.0 - fourth.weekday() + 1))
    }

    /// The same day so many months later, or the last of the month where it has none; `None` beyond the years.
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let (year, month, day) = self.civil();
        let months = (year * 12 + month - 1).checked_add(months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        Self::new(year, month, day.min(days_in_month(year, month)))
    }

    /// So many days later; `None` beyond the years.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        Self::from_day(self.0.checked_add(days)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_cycle_has_its_number() {
        let mut expected = day_number(1600, 1, 1);
        for year in 1600..2000 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    let date = Date::new(year, month, day).unwrap();
                    assert_eq!((date.day(), date.civil()), (expected, (year, month, day)));
                    assert_eq!(Date::of_year(year, date.day_of_year()), Some(date));
                    assert_eq!(Date::of_quarter(year, date.quarter(), date.day_of_quarter()), Some(date));
                    assert_eq!(Date::of_week(date.week_year(), date.week(), date.weekday()), Some(date));
                    expected += 1;
                }
            }
        }
        assert_eq!(expected, day_number(2000, 1, 1));
        assert_eq!(Date::new(1970, 1, 1).unwrap().day(), 0);
    }

    #[test]
    fn the_ends_are_dates_and_nothing_lies_beyond() {
        let (first, last) = (Date::new(-YEAR_MAX, 1, 1).unwrap(), Date::new(YEAR_MAX, 12, 31).unwrap());
        assert_eq!((first.civil(), last.civil()), ((-YEAR_MAX, 1, 1), (YEAR_MAX, 12, 31)));
        assert_eq!((first.plus_days(-1), last.plus_days(1)), (None, None));
        assert_eq!((first.plus_months(-1), last.plus_months(i64::MAX)), (None, None));
    }

    #[test]
    fn days_that_are_not_there() {
        assert_eq!(Date::new(1900, 2, 29), None);
        assert_eq!(Date::of_week(1817, 53, 1), None);
        assert_eq!(Date::of_year(1999, 366), None);
        assert_eq!(Date::of_quarter(1999, 1, 91), None);
        assert_eq!(Date::new(2000, 1, 31).unwrap().plus_months(1), Date::new(2000, 2, 29));
    }
}
