//! Row keys of an index's namespace: a byte for the kind, then the vector's key.

use std::ops::Bound;

use sledstore_engine::{Error, ErrorCode, KEY_BYTES_MAX, KeyRange, Result};

/// Longest encoded key of a vector, in bytes: one byte of the engine's keys is ours.
pub const VECTOR_KEY_BYTES_MAX: usize = KEY_BYTES_MAX - 1;

/// First byte of every row key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RowKind {
    /// What the index is; one row.
    Meta = 0x01,
    /// How far the approximate index is; one row, absent before its first fold.
    State = 0x02,
    /// What turns vectors into codes, by generation.
    Quantizer = 0x03,
    /// The components of a vector.
    Vector = 0x10,
    /// The attributes of a vector, MessagePack. Apart from the vectors, so that a search reads no more than it compares.
    Attributes = 0x11,
    /// A change that the approximate index has not taken in, by ticket.
    Pending = 0x12,
    /// What a slot of the approximate index stands for, by generation and slot.
    Slot = 0x20,
    /// The links of a slot.
    Links = 0x21,
    /// The code of a slot, apart from the rest so that it need not be read at once.
    Code = 0x22,
}

impl RowKind {
    /// The row key of a vector's key.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`.
    pub fn row_key(self, key: &[u8]) -> Result<Vec<u8>> {
        if key.len() > VECTOR_KEY_BYTES_MAX {
            return Err(Error::new(
                ErrorCode::KeyTooLarge,
                format!("the encoded key of the vector has {} bytes; the limit is {VECTOR_KEY_BYTES_MAX}", key.len()),
            ));
        }
        let mut row_key = Vec::with_capacity(1 + key.len());
        row_key.push(self as u8);
        row_key.extend_from_slice(key);
        Ok(row_key)
    }

    /// The key of a record of the approximate index.
    pub fn record_key(self, generation: u32, slot: u32) -> [u8; 9] {
        let mut key = [self as u8; 9];
        key[1..5].copy_from_slice(&generation.to_be_bytes());
        key[5..].copy_from_slice(&slot.to_be_bytes());
        key
    }

    /// Every record of a generation.
    pub fn generation(self, generation: u32) -> KeyRange {
        KeyRange::prefix(&self.record_key(generation, 0)[..5])
    }

    /// Every row of the kind.
    pub fn all(self) -> KeyRange {
        KeyRange::prefix(&[self as u8])
    }

    /// Every row of the kind whose vector's key is above `key`.
    pub fn above(self, key: &[u8]) -> Result<KeyRange> {
        Ok(KeyRange { start: Bound::Excluded(self.row_key(key)?), end: self.all().end })
    }
}

/// The vector's key in a row key.
pub(crate) fn user_key(row_key: &[u8]) -> &[u8] {
    row_key.get(1..).unwrap_or_default()
}
