//! Property indexes and unique constraints: what is indexed, and under which bytes a value stands.

use rmpv::ValueRef;
use sledstore_engine::{Error, ErrorCode, KEY_BYTES_MAX, Result};

use crate::keys;
use crate::model::NodeId;
use crate::property::{Number, Properties, timestamp};

/// Longest form of an indexed value; with the parts around it a row key stays below the engine's limit.
pub const INDEXED_VALUE_BYTES_MAX: usize = KEY_BYTES_MAX - 32;

/// One index as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexDefinition {
    /// Never used again in this graph, so that rows of a dropped index cannot be taken for a new one's.
    pub id: u32,
    pub label: Option<u32>,
    pub property: String,
    pub unique: bool,
    /// While its entries are not whole: the store's epoch in which it was begun. Writers keep its entries, readers pass
    /// it over.
    pub building: Option<u64>,
}

/// One row of an index.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub index: &'a IndexDefinition,
    pub key: Vec<u8>,
}

impl Entry<'_> {
    /// What the row holds: a unique entry names its node, an ordinary one has it in the key.
    pub fn row_value(&self, id: NodeId) -> Vec<u8> {
        let mut value = Vec::new();
        if self.index.unique {
            keys::push_id(&mut value, id.0);
        }
        value
    }
}

impl IndexDefinition {
    /// The entry of a node with `properties`; none when the value is missing or of a kind no index holds.
    pub fn entry(&self, id: NodeId, properties: &Properties<'_>) -> Result<Option<Entry<'_>>> {
        let Some(value) = properties.get(&self.property) else { return Ok(None) };
        let Some(encoded) = encode_value(value) else { return Ok(None) };
        if encoded.len() > INDEXED_VALUE_BYTES_MAX {
            return Err(Error::new(
                ErrorCode::KeyTooLarge,
                format!(
                    "property \"{}\" is indexed, and its value takes {} bytes in the index; the limit is \
                     {INDEXED_VALUE_BYTES_MAX}: shorten the value or drop the index",
                    self.property,
                    encoded.len()
                ),
            ));
        }
        let key = if self.unique {
            keys::index_value(self.id, true, &encoded)
        } else {
            keys::index_entry(self.id, &encoded, id)
        };
        Ok(Some(Entry { index: self, key }))
    }
}

/// Kinds of indexed values, in their order.
mod tag {
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const NUMBER: u8 = 3;
    pub const DATE: u8 = 4;
    pub const BYTES: u8 = 5;
    pub const STRING: u8 = 6;
}

/// The bytes an index holds for a value: equal values have equal bytes, byte order is value order, and no form is the
/// prefix of another. Integers and floats share one order, which is why this is not the engine's tuple codec: there a
/// large integer sorts behind every float. Null, NaN, lists and maps are not indexed.
pub(crate) fn encode_value(value: &ValueRef<'_>) -> Option<Vec<u8>> {
    if let Some(number) = Number::of(value) {
        return encode_number(number);
    }
    Some(match value {
        ValueRef::Boolean(value) => vec![if *value { tag::TRUE } else { tag::FALSE }],
        ValueRef::String(text) => encode_bytes(tag::STRING, text.as_bytes()),
        ValueRef::Binary(bytes) => encode_bytes(tag::BYTES, bytes),
        ValueRef::Ext(_, bytes) => {
            let (seconds, nanoseconds) = timestamp(bytes)?;
            let mut encoded = vec![tag::DATE];
            encoded.extend_from_slice(&(seconds as u64 ^ 1 << 63).to_be_bytes());
            encoded.extend_from_slice(&nanoseconds.to_be_bytes());
            encoded
        }
        _ => return None,
    })
}

/// The nearest float in ordered bits, then how far the number lies from it, so that 64-bit integers keep their order
/// among the floats. Half the gap between floats below 2^63 is 512.
fn encode_number(number: Number) -> Option<Vec<u8>> {
    let (nearest, distance) = match number {
        Number::Float(float) if float.is_nan() => return None,
        Number::Float(float) => (float, 0),
        Number::Integer(integer) => {
            let nearest = integer as f64;
            (nearest, i128::from(integer) - nearest as i128)
        }
    };
    let bits = (nearest + 0.0).to_bits(); // -0.0 + 0.0 is 0.0: the two are equal
    let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    let mut encoded = vec![tag::NUMBER];
    encoded.extend_from_slice(&ordered.to_be_bytes());
    encoded.extend_from_slice(&((distance + 512) as u16).to_be_bytes());
    Some(encoded)
}

/// A zero byte inside is followed by 0xFF, and the end is a zero byte followed by 1.
fn encode_bytes(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len() + 3);
    encoded.push(tag);
    for &byte in bytes {
        encoded.push(byte);
        if byte == 0 {
            encoded.push(0xFF);
        }
    }
    encoded.extend_from_slice(&[0, 1]);
    encoded
}

/// How many bytes the form of a value takes at the front of `bytes`.
pub(crate) fn value_length(bytes: &[u8]) -> Option<usize> {
    let length = match *bytes.first()? {
        tag::FALSE | tag::TRUE => 1,
        tag::NUMBER => 11,
        tag::DATE => 13,
        tag::BYTES | tag::STRING => {
            let mut at = 1;
            loop {
                at += bytes.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
                match bytes.get(at)? {
                    0xFF => at += 1,
                    _ => break at + 1,
                }
            }
        }
        _ => return None,
    };
    (length <= bytes.len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_is_value_order() {
        let numbers = [
            ValueRef::F64(f64::NEG_INFINITY),
            ValueRef::from(i64::MIN),
            ValueRef::from(i64::MIN + 1),
            ValueRef::F64(-1.5),
            ValueRef::from(-1),
            ValueRef::F64(0.0),
            ValueRef::F64(5e-324),
            ValueRef::from(1),
            ValueRef::F64(1.5),
            ValueRef::F64(9_007_199_254_740_992.0),
            ValueRef::from((1_i64 << 53) + 1),
            ValueRef::from((1_i64 << 53) + 2),
            ValueRef::from(i64::MAX - 512),
            ValueRef::from(i64::MAX - 511),
            ValueRef::from(i64::MAX - 1),
            ValueRef::from(i64::MAX),
            ValueRef::F64(9_223_372_036_854_775_808.0),
            ValueRef::F64(f64::INFINITY),
        ];
        let texts = ["", "\0", "\0\0", "\0a", "a", "a\0", "a\0b", "aa", "b"].map(ValueRef::from);
        let values = [ValueRef::Boolean(false), ValueRef::Boolean(true)].into_iter().chain(numbers).chain(texts);
        let encoded: Vec<_> = values.map(|value| encode_value(&value).expect("indexable")).collect();
        for pair in encoded.windows(2) {
            assert_eq!(value_length(&[&pair[0][..], &[2, 1, 5]].concat()), Some(pair[0].len()));
            assert!(pair[0] < pair[1] && !pair[1].starts_with(&pair[0]), "{pair:?}");
        }
    }

    #[test]
    fn equal_numbers_share_their_bytes() {
        for (a, b) in [(ValueRef::from(3), ValueRef::F64(3.0)), (ValueRef::F64(-0.0), ValueRef::from(0))] {
            assert_eq!(encode_value(&a), encode_value(&b));
        }
        assert_eq!(encode_value(&ValueRef::F64(f64::NAN)), None);
        assert_eq!(encode_value(&ValueRef::Nil), None);
    }
}
