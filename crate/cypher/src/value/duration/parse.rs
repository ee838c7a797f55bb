//! Durations from text.

use super::{Amount, Duration};
use crate::error::CypherError;
use crate::value::temporal::{Scanner, unreadable};

/// Reads `P1Y2M10DT2H0.5S`, in which each number may have a sign and a fraction, `P2.5W`, and the form of a date
/// and time, `P2012-02-02T14:37:21.545`.
pub fn parse(text: &str) -> Result<Duration, CypherError> {
    let mut scanner = Scanner::new(text);
    let negative = scanner.take_sign() == Some(true);
    let units = units(scanner.clone());
    let (months, days, seconds) =
        units.or_else(|| date_and_time(scanner)).ok_or_else(|| unreadable("duration", text, "P1Y2M10DT2H30M0.5S"))?;
    let duration = Duration::from_amounts(months, days, seconds)?;
    if negative { duration.negated() } else { Ok(duration) }
}

/// Numbers, each with its unit, in their order; at least one.
fn units(mut scanner: Scanner<'_>) -> Option<(Amount, Amount, Amount)> {
    const UNITS: [(bool, u8, usize, i128); 7] = [
        (false, b'Y', 0, 12),
        (false, b'M', 0, 1),
        (false, b'W', 1, 7),
        (false, b'D', 1, 1),
        (true, b'H', 2, 3600),
        (true, b'M', 2, 60),
        (true, b'S', 2, 1),
    ];
    let mut parts = [Amount::default(); 3];
    let (mut of_time, mut next, mut any) = (false, 0, false);
    scanner.take(b'P').then_some(())?;
    while !scanner.is_at_end() {
        if !of_time && scanner.take(b'T') {
            of_time = true;
        }
        let amount = amount(&mut scanner)?;
        let unit = scanner.next()?;
        let found = UNITS.iter().skip(next).position(|(time, name, ..)| *time == of_time && *name == unit)?;
        let (_, _, part, size) = UNITS.get(next + found)?;
        let sum = parts.get_mut(*part)?;
        *sum = sum.plus(amount.in_smaller(*size));
        next += found + 1;
        any = true;
    }
    let [months, days, seconds] = parts;
    any.then_some((months, days, seconds))
}

/// A number with sign and fraction.
fn amount(scanner: &mut Scanner<'_>) -> Option<Amount> {
    let negative = scanner.take_sign() == Some(true);
    let whole = i128::from(scanner.number(1, 19)?);
    let billionths = i128::from(scanner.fraction()?);
    Some(if negative { Amount { whole: -whole, billionths: -billionths } } else { Amount { whole, billionths } })
}

/// Years, months and days as a date stands, hours, minutes and seconds as a time stands.
fn date_and_time(mut scanner: Scanner<'_>) -> Option<(Amount, Amount, Amount)> {
    let whole = |whole: i64| Amount { whole: whole.into(), billionths: 0 };
    scanner.take(b'P').then_some(())?;
    let years = scanner.number(4, 9)?;
    scanner.take(b'-').then_some(())?;
    let months = scanner.number(2, 2)?;
    scanner.take(b'-').then_some(())?;
    let days = scanner.number(2, 2)?;
    let mut seconds = Amount::default();
    if scanner.take(b'T') {
        let (hours, minutes) = (scanner.number(2, 2)?, if scanner.take(b':') { scanner.number(2, 2)? } else { 0 });
        seconds = whole(hours * 3600 + minutes * 60);
        if scanner.take(b':') {
            seconds = seconds.plus(amount(&mut scanner)?);
        }
    }
    scanner.is_at_end().then_some((whole(years * 12 + months), whole(days), seconds))
}
