//! Rounding to decimal places.
//!
//! A float is rounded as the shortest decimal that reads as it, so that 1.005 to two places is 1.01, though the float
//! lies a little below.

use std::cmp::Ordering;

use super::{out_of_range, wrong};
use crate::error::{CypherError, Detail, Kind};
use crate::value::Value;
use crate::value::arithmetic::as_float;

/// Most decimal places that a float can have.
const PLACES_MAX: i64 = 1_100;

/// Which way a number goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
}

/// `round(number, places, mode)`. Without places half goes up towards infinity, with places and no mode away from zero.
pub(super) fn round(values: &[Value]) -> Result<Value, CypherError> {
    let number = values.first().and_then(as_float).ok_or_else(|| wrong("round", values))?;
    let (places, mode) = match values.get(1..) {
        Some([]) => return Ok(Value::Float(half_towards_infinity(number))),
        Some([Value::Integer(0)]) => return Ok(Value::Float(half_towards_infinity(number))),
        Some([Value::Integer(places)]) => (*places, Mode::HalfUp),
        Some([Value::Integer(places), Value::String(mode)]) => (*places, parse_mode(mode)?),
        _ => return Err(wrong("round", values)),
    };
    if !(0..=PLACES_MAX).contains(&places) {
        return Err(out_of_range(format!("round takes 0 to {PLACES_MAX} decimal places")));
    }
    if !number.is_finite() {
        return Ok(Value::Float(number));
    }
    let places = usize::try_from(places).unwrap_or(0);
    let rounded = decimal(&format!("{:.0}", number.trunc().abs()), &fraction(number), places, mode, number < 0.0);
    Ok(Value::Float(rounded.parse::<f64>().map_or(number, |rounded| if number < 0.0 { -rounded } else { rounded })))
}

fn half_towards_infinity(number: f64) -> f64 {
    let below = number.floor();
    if number - below >= 0.5 { below + 1.0 } else { below }
}

fn parse_mode(name: &str) -> Result<Mode, CypherError> {
    const MODES: [(&str, Mode); 7] = [
        ("UP", Mode::Up),
        ("DOWN", Mode::Down),
        ("CEILING", Mode::Ceiling),
        ("FLOOR", Mode::Floor),
        ("HALF_UP", Mode::HalfUp),
        ("HALF_DOWN", Mode::HalfDown),
        ("HALF_EVEN", Mode::HalfEven),
    ];
    let found = MODES.into_iter().find(|(mode, _)| mode.eq_ignore_ascii_case(name));
    found.map(|(_, mode)| mode).ok_or_else(|| {
        let modes: Vec<_> = MODES.iter().map(|(mode, _)| *mode).collect();
        let message = format!("{name} is no way to round; there are {}", modes.join(", "));
        CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
    })
}

/// The digits behind the point of the shortest decimal.
fn fraction(number: f64) -> String {
    let text = format!("{}", number.abs());
    text.split_once('.').map_or_else(String::new, |(_, fraction)| fraction.to_owned())
}

/// Rounds a decimal without its sign; the result has none either.
fn decimal(whole: &str, fraction: &str, places: usize, mode: Mode, negative: bool) -> String {
    let Some((kept, cut)) = fraction.split_at_checked(places) else { return format!("{whole}.{fraction}0") };
    let mut digits: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    let half = match cut.bytes().next() {
        None => return format!("{whole}.{kept}0"),
        Some(b'5') if cut.bytes().skip(1).all(|digit| digit == b'0') => Ordering::Equal,
        Some(first) => first.cmp(&b'5').then(Ordering::Greater),
    };
    let away = match mode {
        Mode::Up => true,
        Mode::Down => false,
        Mode::Ceiling => !negative,
        Mode::Floor => negative,
        Mode::HalfUp => half.is_ge(),
        Mode::HalfDown => half.is_gt(),
        Mode::HalfEven => half.is_gt() || (half.is_eq() && digits.last().is_some_and(|digit| digit % 2 == 1)),
    };
    let mut carry = away;
    for digit in digits.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == b'9';
        *digit = if carry { b'0' } else { *digit + 1 };
    }
    let mut text: String = if carry { "1".to_owned() } else { String::new() };
    text.extend(digits.iter().map(|digit| char::from(*digit)));
    text.insert(text.len() - places, '.');
    text.push('0');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(number: f64, places: i64, mode: Option<&str>) -> f64 {
        let mut values = vec![Value::Float(number), Value::Integer(places)];
        values.extend(mode.map(Value::from));
        match round(&values).unwrap() {
            Value::Float(float) => float,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn decimals_are_rounded_as_they_are_written() {
        assert_eq!(rounded(1.005, 2, None), 1.01);
        assert_eq!(rounded(-1.55, 1, None), -1.6);
        assert_eq!(rounded(9.96, 1, None), 10.0);
        assert_eq!(rounded(99.999, 2, None), 100.0);
        assert_eq!(rounded(0.05, 3, None), 0.05);
        assert_eq!(rounded(1e300, 5, None), 1e300);
        assert_eq!(rounded(1e-300, 2, None), 0.0);
        assert_eq!(rounded(123.0, 2, None), 123.0);
    }

    #[test]
    fn every_mode() {
        let modes = ["UP", "DOWN", "CEILING", "FLOOR", "HALF_UP", "HALF_DOWN", "HALF_EVEN"];
        let of = |number| modes.map(|mode| rounded(number, 1, Some(mode)));
        assert_eq!(of(1.25), [1.3, 1.2, 1.3, 1.2, 1.3, 1.2, 1.2]);
        assert_eq!(of(-1.25), [-1.3, -1.2, -1.2, -1.3, -1.3, -1.2, -1.2]);
        assert_eq!(of(1.35), [1.4, 1.3, 1.4, 1.3, 1.4, 1.3, 1.4]);
        assert_eq!(of(1.11), [1.2, 1.1, 1.2, 1.1, 1.1, 1.1, 1.1]);
    }

    #[test]
    fn half_goes_up_without_places() {
        let of = |number: f64| round(&[Value::Float(number)]).unwrap().to_string();
        assert_eq!(
            [of(1.5), of(-1.5), of(2.4), of(-2.6), of(0.499_999_999_999_999_94)],
            ["2.0", "-1.0", "2.0", "-3.0", "0.0"]
        );
    }

    #[test]
    fn no_mode_of_that_name() {
        let error = round(&[Value::Float(1.5), Value::Integer(1), "SIDEWAYS".into()]).unwrap_err();
        assert_eq!((error.kind, error.detail), (Kind::ArgumentError, Detail::InvalidArgumentValue));
    }
}
