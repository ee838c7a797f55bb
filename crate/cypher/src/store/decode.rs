//! Values out of MessagePack: properties as they are stored, parameters as they are given.

use std::sync::Arc;

use sledstore_graph::Extension;

use crate::error::{CypherError, Detail, Kind};
use crate::value::duration::Duration;
use crate::value::point::{Crs, Point};
use crate::value::temporal::{Date, DateTime, LocalDateTime, LocalTime, Offset, Time, Zone};
use crate::value::{DEPTH_MAX, Map, Value};

/// Why bytes are no value.
#[derive(Debug)]
pub enum Undecodable {
    /// They are not the MessagePack that is expected.
    Bytes,
    /// The language refuses the value.
    Value(CypherError),
}

impl From<CypherError> for Undecodable {
    fn from(error: CypherError) -> Self {
        Self::Value(error)
    }
}

pub(super) type Result<T> = std::result::Result<T, Undecodable>;

/// Reads MessagePack from its beginning on.
#[derive(Clone, Copy, Debug)]
pub struct Decoder<'b> {
    rest: &'b [u8],
}

impl<'b> Decoder<'b> {
    /// A reader of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The value that `bytes` are.
    ///
    /// # Errors
    /// Bytes that are not one value.
    pub fn only(bytes: &'b [u8]) -> Result<Value> {
        let mut decoder = Self::new(bytes);
        let value = decoder.value()?;
        if decoder.rest.is_empty() { Ok(value) } else { Err(Undecodable::Bytes) }
    }

    /// The next value.
    ///
    /// # Errors
    /// Bytes that are no value of the language.
    pub fn value(&mut self) -> Result<Value> {
        self.nested(0)
    }

    fn nested(&mut self, depth: u16) -> Result<Value> {
        if depth > DEPTH_MAX {
            return Err(Undecodable::Bytes);
        }
        let marker = self.byte()?;
        Ok(match marker {
            0x00..=0x7f => Value::Integer(marker.into()),
            0xe0..=0xff => Value::Integer(marker.cast_signed().into()),
            0xc0 => Value::Null,
            0xc2 => Value::Boolean(false),
            0xc3 => Value::Boolean(true),
            0xc4..=0xc6 => {
                let length = self.length(marker - 0xc4)?;
                Value::Bytes(self.take(length)?.into())
            }
            0xca => Value::Float(f32::from_be_bytes(self.array()?).into()),
            0xcb => Value::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Value::Integer(self.byte()?.into()),
            0xcd => Value::Integer(u16::from_be_bytes(self.array()?).into()),
            0xce => Value::Integer(u32::from_be_bytes(self.array()?).into()),
            0xcf => {
                let number = u64::from_be_bytes(self.array()?);
                Value::Integer(i64::try_from(number).map_err(|_| Undecodable::Bytes)?)
            }
            0xd0 => Value::Integer(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Value::Integer(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Value::Integer(i32::from_be_bytes(self.array()?).into()),
            0xd3 => Value::Integer(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4))?,
            0xc7..=0xc9 => {
                let length = self.length(marker - 0xc7)?;
                self.extension(length)?
            }
            0x90..=0x9f => self.list(usize::from(marker & 0x0f), depth)?,
            0xdc | 0xdd => {
                let length = self.length(marker - 0xdc + 1)?;
                self.list(length, depth)?
            }
            0x80..=0x8f => self.map(usize::from(marker & 0x0f), depth)?,
            0xde | 0xdf => {
                let length = self.length(marker - 0xde + 1)?;
                self.map(length, depth)?
            }
            _ => Value::String(self.text_of(marker)?.into()),
        })
    }

    /// The next value, which is a string.
    pub(super) fn text(&mut self) -> Result<&'b str> {
        let marker = self.byte()?;
        self.text_of(marker)
    }

    fn text_of(&mut self, marker: u8) -> Result<&'b str> {
        let length = match marker {
            0xa0..=0xbf => usize::from(marker & 0x1f),
            0xd9..=0xdb => self.length(marker - 0xd9)?,
            _ => return Err(Undecodable::Bytes),
        };
        str::from_utf8(self.take(length)?).map_err(|_| Undecodable::Bytes)
    }

    /// The next value, which is bytes.
    pub(super) fn bytes(&mut self) -> Result<&'b [u8]> {
        let marker = self.byte()?;
        if !matches!(marker, 0xc4..=0xc6) {
            return Err(Undecodable::Bytes);
        }
        let length = self.length(marker - 0xc4)?;
        self.take(length)
    }

    /// How many entries the map has that comes next.
    pub(super) fn map_length(&mut self) -> Result<usize> {
        let marker = self.byte()?;
        match marker {
            0x80..=0x8f => Ok(usize::from(marker & 0x0f)),
            0xde | 0xdf => self.length(marker - 0xde + 1),
            _ => Err(Undecodable::Bytes),
        }
    }

    fn list(&mut self, length: usize, depth: u16) -> Result<Value> {
        // Each value has a byte at least, so that a false length reserves no more than there is.
        let mut values = Vec::with_capacity(length.min(self.rest.len()));
        for _ in 0..length {
            values.push(self.nested(depth.saturating_add(1))?);
        }
        Ok(Value::list(values)?)
    }

    fn map(&mut self, length: usize, depth: u16) -> Result<Value> {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::with_capacity(length.min(self.rest.len()));
        for _ in 0..length {
            let key = self.text()?.into();
            entries.push((key, self.nested(depth.saturating_add(1))?));
        }
        Ok(Value::Map(Map::new(entries)?))
    }

    fn extension(&mut self, length: usize) -> Result<Value> {
        let number = i8::from_be_bytes(self.array()?);
        let bytes = self.take(length)?;
        let extension = Extension::parse(number, bytes).ok_or(Undecodable::Bytes)?;
        Ok(of_extension(extension)?)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// A length of one, two or four bytes.
    fn length(&mut self, size: u8) -> Result<usize> {
        Ok(match size {
            0 => self.byte()?.into(),
            1 => u16::from_be_bytes(self.array()?).into(),
            _ => usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| Undecodable::Bytes)?,
        })
    }

    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.rest.split_first().ok_or(Undecodable::Bytes)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Undecodable::Bytes)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Undecodable::Bytes)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn of_extension(extension: Extension<'_>) -> std::result::Result<Value, CypherError> {
    let local = |seconds: i64, nanoseconds: u32| {
        LocalDateTime::from_nanoseconds(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds))
    };
    let offset = |seconds: i32| Offset::new(seconds).unwrap_or(Offset::UTC);
    Ok(match extension {
        Extension::Timestamp { seconds, nanoseconds } => {
            DateTime::at_offset(local(seconds, nanoseconds)?, Offset::UTC).into()
        }
        Extension::Date { days } => Value::Date(Date::from_day(days).ok_or_else(impossible)?),
        Extension::LocalTime { nanoseconds } => Value::LocalTime(LocalTime::wrapped(nanoseconds.into())),
        Extension::Time { nanoseconds, offset_seconds } => {
            Value::Time(Time { local: LocalTime::wrapped(nanoseconds.into()), offset: offset(offset_seconds) })
        }
        Extension::LocalDateTime { seconds, nanoseconds } => Value::LocalDateTime(local(seconds, nanoseconds)?),
        Extension::DateTime { seconds, nanoseconds, offset_seconds, zone } => {
            let offset = offset(offset_seconds);
            let utc = local(seconds, nanoseconds)?;
            // The rules of a zone may have changed since: then the moment counts. One that is gone leaves its offset.
            let zone = if zone.is_empty() { Zone::from(offset) } else { Zone::parse(zone).unwrap_or(offset.into()) };
            DateTime::of_utc(utc, &zone)?.into()
        }
        Extension::Duration { months, days, seconds, nanoseconds } => {
            Duration { months, days, seconds, nanoseconds }.into()
        }
        Extension::Point { srid, x, y, z } => {
            let crs = match srid {
                7203 => Crs::Cartesian,
                9157 => Crs::Cartesian3D,
                4326 => Crs::Wgs84,
                _ => Crs::Wgs84Height,
            };
            Value::Point(Arc::new(Point::new(crs, x, y, z)?))
        }
        Extension::Vector { components } => {
            let component = |bytes: &[u8]| bytes.try_into().map_or(0.0, f32::from_le_bytes);
            Value::Vector(components.chunks_exact(4).map(component).collect())
        }
    })
}

fn impossible() -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::NumberOutOfRange, "a date lies outside what is possible")
}
