//! Property maps: MessagePack that JavaScript reads as it stands.
//!
//! Values are null, boolean, 64-bit signed integer, float, string, bytes, list, map and the extensions that
//! `extension.rs` lists. Integers and floats stay apart in the bytes and compare as numbers. A property whose value is
//! null is a property that is not there.

use std::io::Cursor;

use rmpv::ValueRef;
use rmpv::decode::read_value_ref_with_max_depth;
use rmpv::encode::write_value_ref;
use sledstore_engine::{Error, ErrorCode, Result};

use crate::extension::Extension;
use crate::keys::damaged;

/// Deepest nesting of lists and maps in a property.
pub const NESTING_MAX: usize = 100;
/// The decoder counts two steps for a list or map and up to three for what stands innermost.
const DECODER_DEPTH_MAX: usize = 2 * (NESTING_MAX + 1) + 3;
const EMPTY_MAP: &[u8] = &[0x80];

/// Names and values.
type Entries<'a> = Vec<(&'a str, ValueRef<'a>)>;

/// A checked property map.
#[derive(Clone, Debug, Default)]
pub(crate) struct Properties<'a> {
    entries: Entries<'a>,
    /// The bytes the map was read from, when they may be stored as they are.
    plain: Option<&'a [u8]>,
}

impl<'a> Properties<'a> {
    /// Checks a map that a caller gave; no bytes at all are an empty map.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut rest = bytes;
        let properties = Self::take(&mut rest)?;
        if !rest.is_empty() {
            return Err(invalid("bytes follow the property map"));
        }
        Ok(properties)
    }

    /// Checks the map at the front of `bytes` and steps over it.
    pub fn take(bytes: &mut &'a [u8]) -> Result<Self> {
        let whole = *bytes;
        if let Some((entries, rest)) = take_flat(whole) {
            *bytes = rest;
            return Ok(Self { entries, plain: Some(&whole[..whole.len() - rest.len()]) });
        }
        let map = take_value(bytes)?;
        let mut properties = Self::from_value(map)?;
        if properties.plain.is_some() {
            properties.plain = Some(&whole[..whole.len() - bytes.len()]);
        }
        Ok(properties)
    }

    /// Reads a map out of a stored row.
    pub fn stored(bytes: &'a [u8]) -> Result<Self> {
        Self::parse(bytes).map_err(|_| damaged("a property map"))
    }

    fn from_value(map: ValueRef<'a>) -> Result<Self> {
        let ValueRef::Map(pairs) = map else { return Err(invalid("properties must be a map")) };
        let mut entries: Entries<'_> = Vec::with_capacity(pairs.len());
        let mut plain = true;
        for (name, value) in pairs {
            let ValueRef::String(name) = name else { return Err(invalid("a property's name must be a string")) };
            let name = name.into_str().ok_or_else(|| invalid("a property's name is not UTF-8"))?;
            check(name, &value)?;
            plain &= !is_null(&value);
            // As in JavaScript, the last of several equal names counts.
            if let Some(earlier) = entries.iter_mut().find(|(other, _)| *other == name) {
                earlier.1 = value;
                plain = false;
            } else {
                entries.push((name, value));
            }
        }
        Ok(Self { entries, plain: plain.then_some(EMPTY_MAP) })
    }

    /// Refuses what a property cannot hold.
    pub fn check_value(value: &ValueRef<'_>) -> Result<()> {
        check("sought", value)
    }

    /// The value of a property; `None` when it is missing or null.
    pub fn get(&self, name: &str) -> Option<&ValueRef<'a>> {
        self.entries.iter().find(|(other, _)| *other == name).map(|(_, value)| value).filter(|value| !is_null(value))
    }

    /// Names and values, nulls included.
    pub fn entries(&self) -> &[(&'a str, ValueRef<'a>)] {
        &self.entries
    }

    /// Whether the bytes it was read from may be stored as they are (G5).
    pub fn is_storable(&self) -> bool {
        self.plain.is_some()
    }

    /// These properties with `changes` laid over them; a null removes.
    pub fn merged(&self, changes: &Properties<'a>) -> Self {
        let kept = self.entries.iter().filter(|(name, _)| changes.entries.iter().all(|(other, _)| other != name));
        let entries = kept.chain(&changes.entries).filter(|(_, value)| !is_null(value)).cloned().collect();
        Self { entries, plain: None }
    }

    /// The bytes to store: a map without nulls and without repeated names.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encode_into(&mut bytes)?;
        Ok(bytes)
    }

    /// Appends what [`encode`](Self::encode) gives.
    pub fn encode_into(&self, bytes: &mut Vec<u8>) -> Result<()> {
        if let Some(plain) = self.plain {
            bytes.extend_from_slice(plain);
            return Ok(());
        }
        let kept: Vec<_> = self.entries.iter().filter(|(_, value)| !is_null(value)).collect();
        if kept.is_empty() {
            bytes.extend_from_slice(EMPTY_MAP);
            return Ok(());
        }
        let pairs = kept.into_iter().map(|(name, value)| (ValueRef::from(*name), value.clone())).collect();
        write_value_ref(bytes, &ValueRef::Map(pairs))
            .map_err(|error| Error::internal(format!("a property map could not be encoded: {error}")))
    }

    /// Whether every property of `wanted` is here with an equal value; a null asks for none.
    pub fn matches(&self, wanted: &Properties<'_>) -> bool {
        wanted.entries.iter().all(|(name, want)| match self.get(name) {
            Some(have) => equal(have, want),
            None => is_null(want),
        })
    }
}

/// The entries of a short map at the front of `bytes`, and what follows it, when its names differ and each has a number,
/// a boolean or text: what most maps are, read without a tree. `None` for any other, a damaged one included.
fn take_flat(bytes: &[u8]) -> Option<(Entries<'_>, &[u8])> {
    let (&head, mut rest) = bytes.split_first()?;
    let count = head.checked_sub(0x80).filter(|count| *count <= 15)?;
    let mut entries: Entries<'_> = Vec::with_capacity(count.into());
    for _ in 0..count {
        let ValueRef::String(name) = take_scalar(&mut rest)? else { return None };
        let name = name.into_str().filter(|name| entries.iter().all(|(other, _)| other != name))?;
        entries.push((name, take_scalar(&mut rest)?));
    }
    Some((entries, rest))
}

/// A number, a boolean or a text of up to 64 KiB off the front of `rest`.
fn take_scalar<'a>(rest: &mut &'a [u8]) -> Option<ValueRef<'a>> {
    let marker = take::<1>(rest)?[0];
    Some(match marker {
        0..=0x7f => marker.into(),
        0xe0..=0xff => marker.cast_signed().into(),
        0xc2 | 0xc3 => ValueRef::Boolean(marker == 0xc3),
        0xca => f32::from_be_bytes(*take(rest)?).into(),
        0xcb => f64::from_be_bytes(*take(rest)?).into(),
        0xcc => take::<1>(rest)?[0].into(),
        0xcd => u16::from_be_bytes(*take(rest)?).into(),
        0xce => u32::from_be_bytes(*take(rest)?).into(),
        0xd3 => i64::from_be_bytes(*take(rest)?).into(),
        0xa0..=0xbf | 0xd9 | 0xda => {
            let length = match marker {
                0xd9 => take::<1>(rest)?[0].into(),
                0xda => u16::from_be_bytes(*take(rest)?).into(),
                _ => usize::from(marker & 0x1f),
            };
            let (text, behind) = rest.split_at_checked(length)?;
            *rest = behind;
            str::from_utf8(text).ok()?.into()
        }
        _ => return None,
    })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(taken)
}

/// Takes one MessagePack value off the front of `bytes`.
pub(crate) fn take_value<'a>(bytes: &mut &'a [u8]) -> Result<ValueRef<'a>> {
    let mut cursor = Cursor::new(*bytes);
    let value = read_value_ref_with_max_depth(&mut cursor, DECODER_DEPTH_MAX).map_err(|error| {
        invalid("the bytes are not MessagePack, or are nested more than 100 deep").with_source(error)
    })?;
    *bytes = &bytes[cursor.position() as usize..];
    Ok(value)
}

/// Refuses what a property cannot hold, at any depth.
fn check(name: &str, value: &ValueRef<'_>) -> Result<()> {
    match value {
        ValueRef::String(text) if text.is_err() => {
            Err(invalid(format!("property \"{name}\" holds text that is not UTF-8")))
        }
        ValueRef::Integer(number) if number.as_i64().is_none() => {
            Err(invalid(format!("property \"{name}\" holds {number}, which is over the 64-bit signed integers")))
        }
        ValueRef::Ext(number, bytes) if Extension::parse(*number, bytes).is_none() => Err(invalid(format!(
            "property \"{name}\" holds {} bytes as MessagePack extension {number}, which are no date, time, duration, point \
             or vector",
            bytes.len()
        ))),
        ValueRef::Array(items) => items.iter().try_for_each(|item| check(name, item)),
        ValueRef::Map(pairs) => pairs.iter().try_for_each(|(key, item)| match key {
            ValueRef::String(key) if key.is_str() => check(name, item),
            _ => Err(invalid(format!("property \"{name}\" holds a map with a key that is not a string"))),
        }),
        _ => Ok(()),
    }
}

/// Equality of values: numbers by value, lists in order, maps by name. NaN equals nothing.
pub(crate) fn equal(a: &ValueRef<'_>, b: &ValueRef<'_>) -> bool {
    if let (Some(a), Some(b)) = (Number::of(a), Number::of(b)) {
        return a.equals(b);
    }
    match (a, b) {
        (ValueRef::Ext(a, a_bytes), ValueRef::Ext(b, b_bytes)) => {
            match (Extension::parse(*a, a_bytes), Extension::parse(*b, b_bytes)) {
                (Some(a), Some(b)) => a.equals(&b),
                _ => false,
            }
        }
        (ValueRef::Array(a), ValueRef::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (ValueRef::Map(a), ValueRef::Map(b)) => {
            let has = |name: &ValueRef<'_>, value| b.iter().any(|(other, item)| other == name && equal(item, value));
            a.len() == b.len() && a.iter().all(|(name, value)| has(name, value))
        }
        _ => a == b,
    }
}

/// A number of either kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    pub fn of(value: &ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Integer(number) => number.as_i64().map(Self::Integer),
            ValueRef::F32(number) => Some(Self::Float(f64::from(*number))),
            ValueRef::F64(number) => Some(Self::Float(*number)),
            _ => None,
        }
    }

    pub fn as_float(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Integer(a), Self::Float(b)) | (Self::Float(b), Self::Integer(a)) => {
                // Exact: an i64 and a whole f64 both fit i128 (a float cast saturates, and no i64 is that large).
                b.trunc() == b && b as i128 == i128::from(a)
            }
        }
    }
}

fn is_null(value: &ValueRef<'_>) -> bool {
    matches!(value, ValueRef::Nil)
}

pub(crate) fn invalid(what: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmpv::Value;

    use super::*;

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<i8>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<f32>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            ".{0,40}".prop_map(Value::from),
            Just(Value::Nil),
            Just(Value::from(vec![1_u8, 2])),
            Just(Value::Array(vec![1.into()])),
        ]
    }

    fn read(bytes: &[u8]) -> Result<(String, Vec<u8>, usize)> {
        let mut rest = bytes;
        let read = Properties::take(&mut rest)?;
        Ok((format!("{:?}", read.entries()), read.encode()?, rest.len()))
    }

    fn read_by_tree(bytes: &[u8]) -> Result<(String, Vec<u8>, usize)> {
        let mut rest = bytes;
        let mut read = Properties::from_value(take_value(&mut rest)?)?;
        read.plain = read.plain.map(|_| &bytes[..bytes.len() - rest.len()]);
        Ok((format!("{:?}", read.entries()), read.encode()?, rest.len()))
    }

    proptest! {
        #[test]
        fn maps_are_read_as_they_are_by_a_tree(
            pairs in proptest::collection::vec(("[a-c]{1,2}", scalar()), 0..20),
            (cut, changed, byte) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()),
        ) {
            let map = Value::Map(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect());
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &map).unwrap();
            bytes.push(7);
            let code = |read: Result<_>| read.map_err(|error| error.code());
            prop_assert_eq!(code(read(&bytes)), code(read_by_tree(&bytes)));
            let whole = &bytes[..cut.index(bytes.len())];
            prop_assert_eq!(code(read(whole)), code(read_by_tree(whole)));
            let at = changed.index(bytes.len());
            bytes[at] = byte;
            prop_assert_eq!(code(read(&bytes)), code(read_by_tree(&bytes)));
        }
    }
}
