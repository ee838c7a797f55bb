//! The rows of the approximate index. Integers are little-endian, those in keys big-endian; every value begins with the
//! CRC-32C of what follows.
//!
//! | Row | Key | Value, behind its checksum |
//! |---|---|---|
//! | state | `02` | format `u8` ‖ seq `u64` ‖ generation `u32` (0: no graph) ‖ slots `u32` ‖ live `u32` ‖ clamped of a million `u32` ‖ components `u64` ‖ clamped `u64`; records of before end behind live |
//! | quantizer | `03` ‖ generation `u32` ‖ `0u32` | as the graph wrote it |
//! | pending | `12` ‖ ticket `u64` ‖ tag `u8` ‖ key | none at all, without a checksum; of tag 2 the key |
//! | slot, of live ones | `20` ‖ generation `u32` ‖ slot `u32` | flags `u8` ‖ key |
//! | links | `21` ‖ generation `u32` ‖ slot `u32` | numbers as the graph gave them, `u32` |
//! | code | `22` ‖ generation `u32` ‖ slot `u32` | the code |

use sledstore_engine::{Error, ErrorCode, KEY_BYTES_MAX, Result, Seq};
use sledstore_neighbor::Drift;

use crate::keys::RowKind;
use crate::slots::Traits;

const STATE_FORMAT: u8 = 1;
pub(crate) const CHECKSUM_BYTES: usize = 4;

/// How far the index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// What the newest fold has read: commits up to here are reflected but for the changes that are still pending. It
    /// names the fold, too, for no two have read at the same seq.
    pub seq: Seq,
    /// Which records are the index; 0 while there is no graph, and every vector is compared.
    pub generation: u32,
    /// One above the highest slot that has records.
    pub slots: u32,
    /// Slots that stand for a vector.
    pub live: u32,
    /// How the codes fit.
    pub fit: Fit,
}

/// How well the quantizer fits what was encoded by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fit {
    /// Components outside its range when the graph was built, of a million.
    pub at_build: u32,
    /// What was encoded since.
    pub since: Drift,
}

/// Codes are made anew when so many vectors came since the graph was built, as a part of all and at least, and of their
/// components this part more than then was outside the range.
const DRIFTED_PART: u64 = 16;
const DRIFTED_MIN: u64 = 256;
const CLAMPED_MORE: u64 = 50_000;

impl Fit {
    /// Components outside the range, of a million.
    pub fn clamped(drift: Drift) -> u32 {
        (drift.clamped * 1_000_000 / drift.components.max(1)) as u32
    }
}

impl State {
    /// Whether what came since the graph was built differs so much that codes no longer tell it apart.
    pub fn has_drifted(&self, dimensions: usize) -> bool {
        let vectors = self.fit.since.components / dimensions as u64;
        vectors >= DRIFTED_MIN.max(u64::from(self.live) / DRIFTED_PART)
            && u64::from(Fit::clamped(self.fit.since)) > u64::from(self.fit.at_build) + CLAMPED_MORE
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut value = vec![0; CHECKSUM_BYTES];
        value.push(STATE_FORMAT);
        value.extend_from_slice(&self.seq.to_le_bytes());
        for number in [self.generation, self.slots, self.live, self.fit.at_build] {
            value.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.fit.since.components, self.fit.since.clamped] {
            value.extend_from_slice(&number.to_le_bytes());
        }
        sealed(value)
    }

    /// # Errors
    /// `FORMAT_TOO_NEW`, `CORRUPTION`.
    pub fn decode(value: &[u8], place: &str) -> Result<Self> {
        let damaged = || Error::corruption(place, "the row that tells how far the approximate index is, is damaged");
        let mut rest = opened(value).ok_or_else(damaged)?;
        let format = take::<1>(&mut rest).ok_or_else(damaged)?[0];
        if format > STATE_FORMAT {
            return Err(Error::new(
                ErrorCode::FormatTooNew,
                format!(
                    "the approximate index of {place} was written by a newer version of SledStore; update the package"
                ),
            ));
        }
        let mut decode = || {
            let seq = u64::from_le_bytes(take(&mut rest)?);
            let [generation, slots, live] =
                [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?].map(u32::from_le_bytes);
            let mut fit = Fit::default();
            if !rest.is_empty() {
                fit.at_build = u32::from_le_bytes(take(&mut rest)?);
                let [components, clamped] = [take(&mut rest)?, take(&mut rest)?].map(u64::from_le_bytes);
                fit.since = Drift { components, clamped };
            }
            Some(Self { seq, generation, slots, live, fit })
        };
        decode().filter(|state| state.live <= state.slots).ok_or_else(damaged)
    }
}

/// The vector has attributes.
const WITH_ATTRIBUTES: u8 = 1;
/// The code has lost nothing of the vector.
const EXACT: u8 = 2;

/// What a slot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotRow<'a> {
    pub traits: Traits,
    pub key: &'a [u8],
}

impl<'a> SlotRow<'a> {
    pub fn encode(&self) -> Vec<u8> {
        let Traits { has_attributes, is_exact } = self.traits;
        let flags = if has_attributes { WITH_ATTRIBUTES } else { 0 } | if is_exact { EXACT } else { 0 };
        sealed([&[0; CHECKSUM_BYTES][..], &[flags], self.key].concat())
    }

    pub fn decode(value: &'a [u8]) -> Option<Self> {
        let (&flags, key) = opened(value)?.split_first()?;
        let traits = Traits { has_attributes: flags & WITH_ATTRIBUTES != 0, is_exact: flags & EXACT != 0 };
        Some(Self { traits, key })
    }
}

/// Seals any other value.
pub(crate) fn sealed_of(content: &[u8]) -> Vec<u8> {
    sealed([&[0; CHECKSUM_BYTES][..], content].concat())
}

/// The content of a value whose first bytes are a place for its checksum.
fn sealed(mut value: Vec<u8>) -> Vec<u8> {
    if let Some((checksum, content)) = value.split_first_chunk_mut::<CHECKSUM_BYTES>() {
        *checksum = crc32c::crc32c(content).to_le_bytes();
    }
    value
}

/// What a value holds, if it is as it was written.
pub(crate) fn opened(value: &[u8]) -> Option<&[u8]> {
    let (checksum, content) = value.split_first_chunk::<CHECKSUM_BYTES>()?;
    (crc32c::crc32c(content) == u32::from_le_bytes(*checksum)).then_some(content)
}

pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

/// The generation and slot in a record's key.
pub(crate) fn slot_of(row_key: &[u8]) -> Option<u32> {
    row_key.get(5..)?.try_into().ok().map(u32::from_be_bytes)
}

/// What may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Changed<'a> {
    /// Anything.
    All,
    /// The vector of a key.
    Key(&'a [u8]),
    /// The vector of the key that is the row's value, for it is too long to stand in the row's key.
    Long,
}

const TICKET_BYTES: usize = 8;
const PENDING_HEAD_BYTES: usize = 1 + TICKET_BYTES + 1;

/// The row of a pending change: its key and its value, in which a key stands that is too long for the row's.
pub(crate) fn pending_row(ticket: u64, changed: Changed<'_>) -> (Vec<u8>, &[u8]) {
    let mut row_key = vec![RowKind::Pending as u8];
    row_key.extend_from_slice(&ticket.to_be_bytes());
    match changed {
        Changed::Key(key) if PENDING_HEAD_BYTES + key.len() <= KEY_BYTES_MAX => {
            row_key.push(1);
            row_key.extend_from_slice(key);
            (row_key, &[])
        }
        Changed::Key(key) => {
            row_key.push(2);
            (row_key, key)
        }
        _ => {
            row_key.push(0);
            (row_key, &[])
        }
    }
}

/// What a pending change's key says; a row that says nothing is [`Changed::All`].
pub(crate) fn parse_pending(row_key: &[u8]) -> Changed<'_> {
    match row_key.get(PENDING_HEAD_BYTES - 1..).and_then(<[u8]>::split_first) {
        Some((1, key)) => Changed::Key(key),
        Some((2, [])) => Changed::Long,
        _ => Changed::All,
    }
}

/// The ticket of a pending change.
pub(crate) fn ticket_of(row_key: &[u8]) -> Option<u64> {
    row_key.get(1..)?.first_chunk::<TICKET_BYTES>().map(|bytes| u64::from_be_bytes(*bytes))
}
