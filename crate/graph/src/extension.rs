//! Values that MessagePack has no type for: times, durations, points and vectors, each an extension with a number of its
//! own and one form.
//!
//! | number | type | bytes |
//! |---|---|---|
//! | −1 | moment of JavaScript | MessagePack's timestamp, in any of its three forms |
//! | 16 | date | days since 1970-01-01 (8) |
//! | 17 | local time | nanoseconds since midnight (8) |
//! | 18 | time | nanoseconds since midnight where it is (8), offset (4) |
//! | 19 | local datetime | seconds since 1970-01-01T00:00 where it is (8), nanoseconds (4) |
//! | 20 | datetime | seconds since 1970-01-01T00:00Z (8), nanoseconds (4), offset (4), name of the zone |
//! | 21 | duration | months (8), days (8), seconds (8), nanoseconds (4) |
//! | 22 | point | SRID (4), then two or three coordinates (8 each), IEEE 754 |
//! | 23 | vector | components (4 each), IEEE 754, little-endian as `Float32Array` has them |
//!
//! Numbers are signed and big-endian; nanoseconds beside seconds are below a billion. An offset is seconds ahead of UTC,
//! at most 18 hours. Dates lie within years of ±999,999,999, and so does the day where a datetime is. The name of a
//! zone is ASCII, at most 64 bytes, and empty for an offset alone. SRIDs are 7203 and 4326 (two coordinates), 9157 and
//! 4979 (three); coordinates are finite, the second of 4326 and 4979 is a latitude within ±90 and the first a
//! longitude within ±180. A vector has at least one component, all finite.
//!
//! A moment of JavaScript equals the datetime at offset 0 without a zone.

use std::ops::RangeInclusive;

/// MessagePack's number for timestamps.
pub(crate) const TIMESTAMP: i8 = -1;
/// The first and the last day of the years there are.
const DAYS: RangeInclusive<i64> = -365_243_219_162..=365_241_780_471;
const DAY_SECONDS: i64 = 86_400;
const DAY_NANOSECONDS: i64 = DAY_SECONDS * 1_000_000_000;
const OFFSET_SECONDS_MAX: i32 = 18 * 3_600;
const ZONE_BYTES_MAX: usize = 64;
const NANOSECONDS: RangeInclusive<u32> = 0..=999_999_999;

/// A value of one of the extensions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)] // the table above gives each field's unit
pub enum Extension<'a> {
    /// A moment as JavaScript's `Date` has it.
    Timestamp { seconds: i64, nanoseconds: u32 },
    /// A day.
    Date { days: i64 },
    /// A time of day anywhere.
    LocalTime { nanoseconds: i64 },
    /// A time of day at an offset from UTC.
    Time { nanoseconds: i64, offset_seconds: i32 },
    /// A day and a time of day anywhere.
    LocalDateTime { seconds: i64, nanoseconds: u32 },
    /// A moment at an offset from UTC, or in a named zone.
    DateTime { seconds: i64, nanoseconds: u32, offset_seconds: i32, zone: &'a str },
    /// Months, days, seconds and nanoseconds, which are no multiples of each other.
    Duration { months: i64, days: i64, seconds: i64, nanoseconds: u32 },
    /// A place in the coordinate system with that number; `z` where the system has three dimensions.
    Point { srid: i32, x: f64, y: f64, z: Option<f64> },
    /// The little-endian components of a vector, four bytes each.
    Vector { components: &'a [u8] },
}

impl<'a> Extension<'a> {
    /// The extension with that number and those bytes; `None` when there is no such one, or it breaks a rule above.
    pub fn parse(number: i8, mut bytes: &'a [u8]) -> Option<Self> {
        let rest = &mut bytes;
        let parsed = match number {
            TIMESTAMP => {
                let (seconds, nanoseconds) = take_timestamp(rest)?;
                Self::Timestamp { seconds, nanoseconds }
            }
            16 => Self::Date { days: take_i64(rest)? },
            17 => Self::LocalTime { nanoseconds: take_i64(rest)? },
            18 => Self::Time { nanoseconds: take_i64(rest)?, offset_seconds: take_i32(rest)? },
            19 => Self::LocalDateTime { seconds: take_i64(rest)?, nanoseconds: take_u32(rest)? },
            20 => {
                let (seconds, nanoseconds, offset_seconds) = (take_i64(rest)?, take_u32(rest)?, take_i32(rest)?);
                let zone = str::from_utf8(std::mem::take(rest)).ok()?;
                Self::DateTime { seconds, nanoseconds, offset_seconds, zone }
            }
            21 => {
                let (months, days) = (take_i64(rest)?, take_i64(rest)?);
                Self::Duration { months, days, seconds: take_i64(rest)?, nanoseconds: take_u32(rest)? }
            }
            22 => {
                let (srid, x, y) = (take_i32(rest)?, take_f64(rest)?, take_f64(rest)?);
                let z = if rest.is_empty() { None } else { Some(take_f64(rest)?) };
                Self::Point { srid, x, y, z }
            }
            23 => Self::Vector { components: std::mem::take(rest) },
            _ => return None,
        };
        (rest.is_empty() && parsed.is_valid()).then_some(parsed)
    }

    /// Whether every field is within its limits.
    pub fn is_valid(&self) -> bool {
        match *self {
            Self::Timestamp { nanoseconds, .. } | Self::Duration { nanoseconds, .. } => {
                NANOSECONDS.contains(&nanoseconds)
            }
            Self::Date { days } => DAYS.contains(&days),
            Self::LocalTime { nanoseconds } => (0..DAY_NANOSECONDS).contains(&nanoseconds),
            Self::Time { nanoseconds, offset_seconds } => {
                (0..DAY_NANOSECONDS).contains(&nanoseconds) && is_offset(offset_seconds)
            }
            Self::LocalDateTime { seconds, nanoseconds } => is_local(seconds) && NANOSECONDS.contains(&nanoseconds),
            Self::DateTime { seconds, nanoseconds, offset_seconds, zone } => {
                let local = seconds.checked_add(offset_seconds.into());
                local.is_some_and(is_local)
                    && is_offset(offset_seconds)
                    && NANOSECONDS.contains(&nanoseconds)
                    && is_zone(zone)
            }
            Self::Point { srid, x, y, z } => is_place(srid, x, y, z),
            Self::Vector { components } => {
                let mut all = components.chunks_exact(4).map(component);
                !components.is_empty() && components.len() % 4 == 0 && all.all(f32::is_finite)
            }
        }
    }

    /// Its number among the extensions.
    pub fn number(&self) -> i8 {
        match self {
            Self::Timestamp { .. } => TIMESTAMP,
            Self::Date { .. } => 16,
            Self::LocalTime { .. } => 17,
            Self::Time { .. } => 18,
            Self::LocalDateTime { .. } => 19,
            Self::DateTime { .. } => 20,
            Self::Duration { .. } => 21,
            Self::Point { .. } => 22,
            Self::Vector { .. } => 23,
        }
    }

    /// Appends its bytes, without MessagePack's marker, length and number around them.
    pub fn push_bytes(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Timestamp { seconds, nanoseconds } => {
                bytes.extend_from_slice(&nanoseconds.to_be_bytes());
                bytes.extend_from_slice(&seconds.to_be_bytes());
            }
            Self::Date { days: number } | Self::LocalTime { nanoseconds: number } => {
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            Self::Time { nanoseconds, offset_seconds } => {
                bytes.extend_from_slice(&nanoseconds.to_be_bytes());
                bytes.extend_from_slice(&offset_seconds.to_be_bytes());
            }
            Self::LocalDateTime { seconds, nanoseconds } => {
                bytes.extend_from_slice(&seconds.to_be_bytes());
                bytes.extend_from_slice(&nanoseconds.to_be_bytes());
            }
            Self::DateTime { seconds, nanoseconds, offset_seconds, zone } => {
                bytes.extend_from_slice(&seconds.to_be_bytes());
                bytes.extend_from_slice(&nanoseconds.to_be_bytes());
                bytes.extend_from_slice(&offset_seconds.to_be_bytes());
                bytes.extend_from_slice(zone.as_bytes());
            }
            Self::Duration { months, days, seconds, nanoseconds } => {
                for number in [months, days, seconds] {
                    bytes.extend_from_slice(&number.to_be_bytes());
                }
                bytes.extend_from_slice(&nanoseconds.to_be_bytes());
            }
            Self::Point { srid, x, y, z } => {
                bytes.extend_from_slice(&srid.to_be_bytes());
                for coordinate in [Some(x), Some(y), z].into_iter().flatten() {
                    bytes.extend_from_slice(&coordinate.to_be_bytes());
                }
            }
            Self::Vector { components } => bytes.extend_from_slice(components),
        }
    }

    /// Whether both are the same value: numbers by value, and a moment of JavaScript as the datetime it is.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self.as_datetime(), other.as_datetime()) {
            (Self::Vector { components: a }, Self::Vector { components: b }) => {
                let pairs = a.chunks_exact(4).zip(b.chunks_exact(4));
                a.len() == b.len() && pairs.into_iter().all(|(a, b)| component(a) == component(b))
            }
            (a, b) => a == b,
        }
    }

    /// A moment of JavaScript as a datetime; everything else as it is.
    pub(crate) fn as_datetime(self) -> Self {
        match self {
            Self::Timestamp { seconds, nanoseconds } => {
                Self::DateTime { seconds, nanoseconds, offset_seconds: 0, zone: "" }
            }
            other => other,
        }
    }
}

fn is_offset(seconds: i32) -> bool {
    (-OFFSET_SECONDS_MAX..=OFFSET_SECONDS_MAX).contains(&seconds)
}

fn is_local(seconds: i64) -> bool {
    DAYS.contains(&seconds.div_euclid(DAY_SECONDS))
}

fn is_zone(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    name.len() <= ZONE_BYTES_MAX && name.bytes().all(fits)
}

fn is_place(srid: i32, x: f64, y: f64, z: Option<f64>) -> bool {
    let (has_height, is_globe) = match srid {
        7203 => (false, false),
        9157 => (true, false),
        4326 => (false, true),
        4979 => (true, true),
        _ => return false,
    };
    let finite = [x, y, z.unwrap_or(0.0)].iter().all(|coordinate| coordinate.is_finite());
    let on_globe = (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y);
    finite && z.is_some() == has_height && (on_globe || !is_globe)
}

/// A component out of its four bytes.
fn component(bytes: &[u8]) -> f32 {
    bytes.try_into().map_or(f32::NAN, f32::from_le_bytes)
}

/// Seconds and nanoseconds since the epoch.
fn take_timestamp(bytes: &mut &[u8]) -> Option<(i64, u32)> {
    Some(match bytes.len() {
        4 => (take_u32(bytes)?.into(), 0),
        8 => {
            let both = take_i64(bytes)?.cast_unsigned();
            ((both & ((1 << 34) - 1)).cast_signed(), (both >> 34) as u32)
        }
        _ => {
            let nanoseconds = take_u32(bytes)?;
            (take_i64(bytes)?, nanoseconds)
        }
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

fn take_i64(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).map(i64::from_be_bytes)
}

fn take_i32(bytes: &mut &[u8]) -> Option<i32> {
    take(bytes).map(i32::from_be_bytes)
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    take(bytes).map(u32::from_be_bytes)
}

fn take_f64(bytes: &mut &[u8]) -> Option<f64> {
    take(bytes).map(f64::from_be_bytes)
}
