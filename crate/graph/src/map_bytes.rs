//! One property out of the bytes of a map, whose other values are stepped over.

use rmp::Marker;
use sledstore_engine::Result;

use crate::keys::damaged;

/// The bytes of the value under `name` in a stored property map (G5: no name stands there twice).
pub(crate) fn find_property<'a>(map: &'a [u8], name: &str) -> Result<Option<&'a [u8]>> {
    find(map, name).ok_or_else(|| damaged("a property map"))
}

/// Calls `take` with the place among `names`, which differ, and the bytes of each that stands in a stored property map.
pub(crate) fn pick(map: &[u8], names: &[&str], mut take: impl FnMut(usize, &[u8])) -> Result<()> {
    let mut left = names.len();
    let mut rest = map;
    let count = if map.is_empty() { Some(0) } else { take_map_length(&mut rest) };
    for _ in 0..count.ok_or_else(|| damaged("a property map"))? {
        if left == 0 {
            break;
        }
        let (key, value) = take_pair(&mut rest).ok_or_else(|| damaged("a property map"))?;
        if let Some(at) = names.iter().position(|name| *name == key) {
            take(at, value);
            left -= 1;
        }
    }
    Ok(())
}

/// Names and the bytes of their values, in the order of a stored property map.
pub(crate) fn properties(map: &[u8]) -> Result<Vec<(&str, &[u8])>> {
    if map.is_empty() {
        return Ok(Vec::new());
    }
    let mut rest = map;
    let count = take_map_length(&mut rest).ok_or_else(|| damaged("a property map"))?;
    (0..count).map(|_| take_pair(&mut rest).ok_or_else(|| damaged("a property map"))).collect()
}

fn find<'a>(map: &'a [u8], name: &str) -> Option<Option<&'a [u8]>> {
    let mut rest = map;
    if map.is_empty() {
        return Some(None);
    }
    for _ in 0..take_map_length(&mut rest)? {
        let (key, value) = take_pair(&mut rest)?;
        if key == name {
            return Some(Some(value));
        }
    }
    Some(None)
}

fn take_pair<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, &'a [u8])> {
    let length = match take_marker(rest)? {
        Marker::FixStr(length) => length.into(),
        Marker::Str8 => take_length(rest, 1)?,
        Marker::Str16 => take_length(rest, 2)?,
        Marker::Str32 => take_length(rest, 4)?,
        _ => return None,
    };
    let key = str::from_utf8(take(rest, length)?).ok()?;
    let before = *rest;
    skip_value(rest)?;
    Some((key, &before[..before.len() - rest.len()]))
}

/// Steps over one value, however deep it is nested.
fn skip_value(rest: &mut &[u8]) -> Option<()> {
    let mut values: usize = 1;
    while values > 0 {
        let (bytes, inside) = match take_marker(rest)? {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => (0, 0),
            Marker::U8 | Marker::I8 => (1, 0),
            Marker::U16 | Marker::I16 | Marker::FixExt1 => (2, 0),
            Marker::U32 | Marker::I32 | Marker::F32 => (4, 0),
            Marker::U64 | Marker::I64 | Marker::F64 => (8, 0),
            Marker::FixExt2 => (3, 0),
            Marker::FixExt4 => (5, 0),
            Marker::FixExt8 => (9, 0),
            Marker::FixExt16 => (17, 0),
            Marker::FixStr(length) => (length.into(), 0),
            Marker::Str8 | Marker::Bin8 => (take_length(rest, 1)?, 0),
            Marker::Str16 | Marker::Bin16 => (take_length(rest, 2)?, 0),
            Marker::Str32 | Marker::Bin32 => (take_length(rest, 4)?, 0),
            Marker::Ext8 => (take_length(rest, 1)?.checked_add(1)?, 0),
            Marker::Ext16 => (take_length(rest, 2)?.checked_add(1)?, 0),
            Marker::Ext32 => (take_length(rest, 4)?.checked_add(1)?, 0),
            Marker::FixArray(length) => (0, length.into()),
            Marker::Array16 => (0, take_length(rest, 2)?),
            Marker::Array32 => (0, take_length(rest, 4)?),
            Marker::FixMap(length) => (0, usize::from(length) * 2),
            Marker::Map16 => (0, take_length(rest, 2)?.checked_mul(2)?),
            Marker::Map32 => (0, take_length(rest, 4)?.checked_mul(2)?),
            Marker::Reserved => return None,
        };
        take(rest, bytes)?;
        values = (values - 1).checked_add(inside)?;
    }
    Some(())
}

fn take_map_length(rest: &mut &[u8]) -> Option<usize> {
    Some(match take_marker(rest)? {
        Marker::FixMap(length) => length.into(),
        Marker::Map16 => take_length(rest, 2)?,
        Marker::Map32 => take_length(rest, 4)?,
        _ => return None,
    })
}

fn take_marker(rest: &mut &[u8]) -> Option<Marker> {
    take(rest, 1).and_then(<[u8]>::first).map(|&byte| Marker::from_u8(byte))
}

fn take_length(rest: &mut &[u8], bytes: usize) -> Option<usize> {
    let digits = take(rest, bytes)?;
    Some(digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)))
}

fn take<'a>(rest: &mut &'a [u8], bytes: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(bytes)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmpv::Value;

    #[test]
    fn every_value_is_stepped_over() {
        let long = "x".repeat(300);
        let bytes = |length: usize| Value::Binary(vec![7; length]);
        let ext = |length: usize| Value::Ext(5, vec![1; length]);
        let values = [
            Value::Nil,
            Value::from(true),
            Value::from(5),
            Value::from(-5),
            Value::from(200),
            Value::from(70_000),
            Value::from(i64::MIN),
            Value::F32(1.0),
            Value::F64(1.0),
            Value::from("x"),
            Value::from(long.as_str()),
            Value::from("x".repeat(70_000)),
            bytes(3),
            bytes(300),
            bytes(70_000),
            ext(1),
            ext(2),
            ext(4),
            ext(8),
            ext(16),
            ext(3),
            ext(300),
            Value::Array(vec![Value::from(1), Value::Array(vec![Value::from("y"); 20])]),
            Value::Map(vec![(Value::from("k"), Value::Map(vec![(Value::from(1), Value::Nil); 17]))]),
        ];
        let pairs: Vec<_> = values.iter().enumerate().map(|(at, value)| (format!("p{at}"), value)).collect();
        let map = Value::Map(pairs.iter().map(|(name, value)| (name.as_str().into(), (*value).clone())).collect());
        let mut stored = Vec::new();
        rmpv::encode::write_value(&mut stored, &map).unwrap();
        for (name, value) in &pairs {
            let found = find_property(&stored, name).unwrap().unwrap();
            assert_eq!(rmpv::decode::read_value(&mut { found }).unwrap(), **value, "{name}");
        }
        assert_eq!(find_property(&stored, "p").unwrap(), None);
        assert_eq!(properties(&stored).unwrap().len(), values.len());
        for length in 0..stored.len().min(200) {
            assert!(length == 0 || find_property(&stored[..length], "p99").is_err(), "{length}");
        }
    }
}
