//! Where a value stands among those that filters compare with.

use crate::attributes::Token;

/// A value of an attribute in an order of all of them, kind by kind. Two have the same place exactly when they are equal to a
/// filter: numbers that are the same one, whatever their encoding, and dates of the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank<'a> {
    Null,
    Bool(bool),
    /// The nearest float, as an integer of the same order, and what an integer has beyond it.
    Number(i64, i32),
    Text(&'a [u8]),
    /// Seconds and nanoseconds.
    Instant(i64, u32),
    /// Bytes and extensions that are no dates.
    Opaque(&'a [u8]),
}

impl<'a> Rank<'a> {
    /// `None` for what no test lets pass: NaN, lists and maps.
    pub fn of(token: Token<'a>) -> Option<Self> {
        Some(match token {
            Token::Null => Self::Null,
            Token::Bool(value) => Self::Bool(value),
            Token::Int(value) => {
                let nearest = value as f64;
                Self::Number(ordered(nearest), (value - nearest as i128) as i32)
            }
            Token::Float(value) if value.is_nan() => return None,
            Token::Float(value) => Self::Number(ordered(value), 0),
            Token::Text(text) => Self::Text(text),
            Token::Opaque(bytes) => match instant(bytes) {
                Some((seconds, nanoseconds)) => Self::Instant(seconds, nanoseconds),
                None => Self::Opaque(bytes),
            },
            Token::List(_) | Token::Map(_) => return None,
        })
    }

    /// Only values of one kind are less or more than each other.
    pub fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(..) => 2,
            Self::Text(_) => 3,
            Self::Instant(..) => 4,
            Self::Opaque(_) => 5,
        }
    }

    /// Whether it is a text that begins so.
    pub fn starts_with(&self, prefix: &[u8]) -> bool {
        matches!(self, Self::Text(text) if text.starts_with(prefix))
    }
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(i64, i32),
    Text(Box<[u8]>),
    Instant(i64, u32),
    Opaque(Box<[u8]>),
}

impl Value {
    /// `None` as for [`Rank::of`].
    pub fn of(token: Token<'_>) -> Option<Self> {
        Some(match Rank::of(token)? {
            Rank::Null => Self::Null,
            Rank::Bool(value) => Self::Bool(value),
            Rank::Number(nearest, beyond) => Self::Number(nearest, beyond),
            Rank::Text(text) => Self::Text(text.into()),
            Rank::Instant(seconds, nanoseconds) => Self::Instant(seconds, nanoseconds),
            Rank::Opaque(bytes) => Self::Opaque(bytes.into()),
        })
    }

    pub fn rank(&self) -> Rank<'_> {
        match self {
            Self::Null => Rank::Null,
            Self::Bool(value) => Rank::Bool(*value),
            Self::Number(nearest, beyond) => Rank::Number(*nearest, *beyond),
            Self::Text(text) => Rank::Text(text),
            Self::Instant(seconds, nanoseconds) => Rank::Instant(*seconds, *nanoseconds),
            Self::Opaque(bytes) => Rank::Opaque(bytes),
        }
    }

    pub fn has_order(&self) -> bool {
        matches!(self, Self::Number(..) | Self::Text(_) | Self::Instant(..))
    }
}

/// An integer that stands to others as the float stands to theirs; −0 is 0.
fn ordered(float: f64) -> i64 {
    let bits = (float + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Seconds and nanoseconds of a timestamp of MessagePack, in any of its three forms.
fn instant(bytes: &[u8]) -> Option<(i64, u32)> {
    match bytes {
        [0xd6, 0xff, rest @ ..] => Some((u32::from_be_bytes(rest.try_into().ok()?).into(), 0)),
        [0xd7, 0xff, rest @ ..] => {
            let both = u64::from_be_bytes(rest.try_into().ok()?);
            Some(((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32))
        }
        [0xc7, 12, 0xff, rest @ ..] => {
            let (nanoseconds, seconds) = rest.split_first_chunk::<4>()?;
            Some((i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(*nanoseconds)))
        }
        _ => None,
    }
}
