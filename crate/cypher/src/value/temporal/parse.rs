//! Instants from text: the forms of ISO 8601, basic and extended.

use super::{Date, DateTime, LocalDateTime, LocalTime, Offset, Scanner, Time, Zone, invalid, unreadable};
use crate::error::CypherError;

/// Reads a date: `2015-07-21`, `20150721`, `2015-07`, `2015-W30-2`, `2015-Q3-21`, `2015-202`, `2015`, with a sign
/// before years of more than four digits.
pub fn parse_date(text: &str) -> Result<Date, CypherError> {
    let mut scanner = Scanner::new(text);
    whole(date(&mut scanner), &scanner).ok_or_else(|| unreadable("date", text, "2015-07-21"))
}

/// Reads a time of day: `21:40:32.142`, `214032.142`, `21:40`, `21`.
pub fn parse_local_time(text: &str) -> Result<LocalTime, CypherError> {
    let mut scanner = Scanner::new(text);
    whole(local_time(&mut scanner), &scanner).ok_or_else(|| unreadable("local time", text, "21:40:32.142"))
}

/// Reads a time of day with its offset, or in `zone`.
pub fn parse_time(text: &str, zone: Offset) -> Result<Time, CypherError> {
    let mut scanner = Scanner::new(text);
    let read = |scanner: &mut Scanner<'_>| {
        let local = local_time(scanner)?;
        let offset = if scanner.is_at_end() { zone } else { scanner.offset()? };
        Some(Time { local, offset })
    };
    whole(read(&mut scanner), &scanner).ok_or_else(|| unreadable("time", text, "21:40:32.142+01:00"))
}

/// Reads a date, `T` and a time of day; a date alone is its midnight.
pub fn parse_local_datetime(text: &str) -> Result<LocalDateTime, CypherError> {
    let mut scanner = Scanner::new(text);
    let read = local_datetime(&mut scanner);
    whole(read, &scanner).ok_or_else(|| unreadable("local date and time", text, "2015-07-21T21:40:32.142"))
}

/// Reads a date and time with its offset and the name of its zone in brackets, or in `zone`.
pub fn parse_datetime(text: &str, zone: &Zone) -> Result<DateTime, CypherError> {
    let mut scanner = Scanner::new(text);
    let (local, offset, name) = whole(datetime(&mut scanner), &scanner)
        .ok_or_else(|| unreadable("date and time", text, "2015-07-21T21:40:32.142+02:00[Europe/Stockholm]"))?;
    match (offset, name) {
        (None, None) => DateTime::in_zone(local, zone.clone()),
        (None, Some(name)) => DateTime::in_zone(local, Zone::parse(name)?),
        (Some(offset), None) => Ok(DateTime::at_offset(local, offset)),
        (Some(offset), Some(name)) => DateTime::in_zone_at(local, Zone::parse(name)?, offset)
            .ok_or_else(|| invalid(format!("{local} is not at the offset {offset} in {name}"))),
    }
}

/// What was read, if nothing follows it.
fn whole<T>(read: Option<T>, scanner: &Scanner<'_>) -> Option<T> {
    read.filter(|_| scanner.is_at_end())
}

/// A local time, its offset and the name of its zone, where they are given.
fn datetime<'a>(scanner: &mut Scanner<'a>) -> Option<(LocalDateTime, Option<Offset>, Option<&'a str>)> {
    let local = local_datetime(scanner)?;
    let offset = if matches!(scanner.peek(), None | Some(b'[')) { None } else { Some(scanner.offset()?) };
    let name = if scanner.is_at_end() { None } else { Some(scanner.bracketed()?) };
    Some((local, offset, name))
}

fn local_datetime(scanner: &mut Scanner<'_>) -> Option<LocalDateTime> {
    let date = date(scanner)?;
    let time = if scanner.take(b'T') { local_time(scanner)? } else { LocalTime::default() };
    Some(LocalDateTime { date, time })
}

fn date(scanner: &mut Scanner<'_>) -> Option<Date> {
    let sign = scanner.take_sign();
    let digits = scanner.digits();
    // Without a sign the year is four digits, and what follows them may stand without a hyphen.
    let year = match sign {
        None => scanner.fixed(4)?,
        Some(negative) => scanner.number(4, 9).map(|year| if negative { -year } else { year })?,
    };
    match (sign, digits) {
        (None, 6) => return Date::new(year, scanner.fixed(2)?, 1),
        (None, 7) => return Date::of_year(year, scanner.fixed(3)?),
        (None, 8) => return Date::new(year, scanner.fixed(2)?, scanner.fixed(2)?),
        (None, 4) | (Some(_), _) => {}
        _ => return None,
    }
    let hyphen = scanner.take(b'-');
    match scanner.peek() {
        Some(b'W') => {
            scanner.next();
            let week = scanner.fixed(2)?;
            Date::of_week(year, week, part_or_first(scanner, hyphen, 1)?)
        }
        Some(b'Q') => {
            scanner.next();
            let quarter = scanner.fixed(1)?;
            Date::of_quarter(year, quarter, part_or_first(scanner, hyphen, 2)?)
        }
        _ if !hyphen => Date::new(year, 1, 1),
        _ if scanner.digits() == 3 => Date::of_year(year, scanner.fixed(3)?),
        _ => {
            let month = scanner.number(2, 2)?;
            Date::new(year, month, part_or_first(scanner, true, 2)?)
        }
    }
}

/// The last part of a date, behind a hyphen where the others are; 1 where it was left out.
fn part_or_first(scanner: &mut Scanner<'_>, hyphen: bool, digits: usize) -> Option<i64> {
    let present = if hyphen { scanner.take(b'-') } else { scanner.digits() > 0 };
    if present { scanner.number(digits, digits) } else { Some(1) }
}

fn local_time(scanner: &mut Scanner<'_>) -> Option<LocalTime> {
    let hour = scanner.fixed(2)?;
    let colon = scanner.take(b':');
    if !colon && scanner.digits() == 0 {
        return LocalTime::new(hour, 0, 0, 0);
    }
    let minute = scanner.fixed(2)?;
    let seconds = if colon { scanner.take(b':') } else { scanner.digits() > 0 };
    if !seconds {
        return LocalTime::new(hour, minute, 0, 0);
    }
    let second = scanner.fixed(2)?;
    LocalTime::new(hour, minute, second, scanner.fraction()?)
}
