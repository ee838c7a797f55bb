//! The order-preserving encoding of key parts; twin of `lib/tuple.ts`, with which it shares
//! `__test__/fixtures/key-vectors.json`. Types order as
//! null < false < true < number < bigint < Date < bytes < string < array.
//!
//! | tag | part | content |
//! |---|---|---|
//! | `10` | null | – |
//! | `20`, `21` | false, true | – |
//! | `30` | number | IEEE 754 double, big-endian; sign bit flipped, or all bits if negative |
//! | `40` | bigint | big-endian u16: 0x8000 ± bytes of the magnitude; magnitude, inverted if negative |
//! | `50` | Date | milliseconds as i64, big-endian, sign bit flipped |
//! | `60` | bytes | `00` escaped as `00 FF`, then `00` |
//! | `70` | string | UTF-8, `00` escaped as `00 FF`, then `00` |
//! | `80` | array | parts, then `00` |
//!
//! A tuple is its parts one after the other, and concatenation keeps the order. The tuples that start with given parts
//! are the byte range [`part_range`], which is narrower than a byte prefix: `a` ends in `00`, and `a\0` goes on with
//! `FF` there.

use std::borrow::Cow;

use crate::error::{Error, ErrorCode, Result};

/// Deepest nesting of arrays inside a key.
pub const NESTING_MAX: usize = 32;

const END: u8 = 0x00;
const NULL: u8 = 0x10;
const FALSE: u8 = 0x20;
const TRUE: u8 = 0x21;
const NUMBER: u8 = 0x30;
const BIGINT: u8 = 0x40;
const DATE: u8 = 0x50;
const BYTES: u8 = 0x60;
const STRING: u8 = 0x70;
const ARRAY: u8 = 0x80;
/// Follows a `00` that is content, and is above every tag, so that an end sorts before every continuation.
const ESCAPED: u8 = 0xff;

const SIGN: u64 = 1 << 63;
/// Header of the bigint 0; the magnitude's length is added for positive values, subtracted for negative ones.
const BIGINT_ZERO: u16 = 0x8000;
/// Largest distance of a JavaScript Date from 1970, in milliseconds.
const TIME_MAX_MS: u64 = 8_640_000_000_000_000;

/// One part of a key, as JavaScript knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    /// null
    Null,
    /// false or true
    Bool(bool),
    /// Any double but NaN; −0 is encoded as 0.
    Number(f64),
    /// An integer of any size.
    BigInt {
        /// Whether it is below zero; false for zero.
        negative: bool,
        /// Big-endian bytes of the absolute value; leading zeros are left out when encoding.
        magnitude: Vec<u8>,
    },
    /// Milliseconds since 1970, at most ±8.64e15.
    Date(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    String(String),
    /// Parts of a nested array.
    Array(Vec<KeyPart>),
}

impl KeyPart {
    /// An unsigned integer as a bigint part, as [`push_u64`] writes it.
    pub fn from_u64(value: u64) -> Self {
        let bytes = value.to_be_bytes();
        Self::BigInt { negative: false, magnitude: significant(&bytes).to_vec() }
    }
}

/// Appends the encoding of `parts` to `out`. On an error (`INVALID_ARGUMENT`: NaN, a date out of range, nesting above
/// [`NESTING_MAX`], a bigint above 32,767 bytes) `out` is left as it was.
///
/// ```
/// use sledstore_engine::tuple::{KeyPart, decode_tuple, encode_tuple};
///
/// let parts = [KeyPart::String("user".into()), KeyPart::Number(7.0)];
/// let mut key = Vec::new();
/// encode_tuple(&parts, &mut key)?;
/// assert_eq!(decode_tuple(&key)?, parts);
/// # Ok::<(), sledstore_engine::Error>(())
/// ```
pub fn encode_tuple(parts: &[KeyPart], out: &mut Vec<u8>) -> Result<()> {
    let before = out.len();
    let result = push_parts(parts, 0, out);
    if result.is_err() {
        out.truncate(before);
    }
    result
}

fn push_parts(parts: &[KeyPart], depth: usize, out: &mut Vec<u8>) -> Result<()> {
    parts.iter().try_for_each(|part| push_part(part, depth, out))
}

fn push_part(part: &KeyPart, depth: usize, out: &mut Vec<u8>) -> Result<()> {
    match part {
        KeyPart::Null => push_null(out),
        KeyPart::Bool(value) => push_bool(out, *value),
        KeyPart::Number(value) => return push_number(out, *value),
        KeyPart::BigInt { negative, magnitude } => return push_bigint(out, *negative, magnitude),
        KeyPart::Date(time_ms) => return push_date(out, *time_ms),
        KeyPart::Bytes(bytes) => push_bytes(out, bytes),
        KeyPart::String(text) => push_str(out, text),
        KeyPart::Array(_) if depth >= NESTING_MAX => {
            return Err(refused(format!("a key may nest at most {NESTING_MAX} arrays")));
        }
        KeyPart::Array(parts) => {
            out.push(ARRAY);
            push_parts(parts, depth + 1, out)?;
            out.push(END);
        }
    }
    Ok(())
}

/// Appends a null part.
pub fn push_null(out: &mut Vec<u8>) {
    out.push(NULL);
}

/// Appends a boolean part.
pub fn push_bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { TRUE } else { FALSE });
}

/// Appends a number part; NaN is `INVALID_ARGUMENT`.
pub fn push_number(out: &mut Vec<u8>, value: f64) -> Result<()> {
    if value.is_nan() {
        return Err(refused("NaN has no place in the order of keys"));
    }
    let bits = (value + 0.0).to_bits(); // −0 + 0 is 0
    out.push(NUMBER);
    out.extend_from_slice(&(if bits & SIGN == 0 { bits | SIGN } else { !bits }).to_be_bytes());
    Ok(())
}

/// Appends an unsigned integer exactly, as a bigint part: 4 bytes for small values, 11 for the largest.
pub fn push_u64(out: &mut Vec<u8>, value: u64) {
    let bytes = value.to_be_bytes();
    let magnitude = significant(&bytes);
    out.push(BIGINT);
    out.extend_from_slice(&(BIGINT_ZERO + magnitude.len() as u16).to_be_bytes());
    out.extend_from_slice(magnitude);
}

/// Appends a bigint part; a magnitude above 32,767 bytes is `INVALID_ARGUMENT`.
pub fn push_bigint(out: &mut Vec<u8>, negative: bool, magnitude: &[u8]) -> Result<()> {
    let magnitude = significant(magnitude);
    let length = u16::try_from(magnitude.len()).ok().filter(|length| *length < BIGINT_ZERO);
    let length = length.ok_or_else(|| refused("a bigint in a key may have at most 32,767 bytes"))?;
    out.push(BIGINT);
    if negative {
        out.extend_from_slice(&(BIGINT_ZERO - length).to_be_bytes());
        out.extend(magnitude.iter().map(|byte| !byte));
    } else {
        out.extend_from_slice(&(BIGINT_ZERO + length).to_be_bytes());
        out.extend_from_slice(magnitude);
    }
    Ok(())
}

/// Appends a date part; beyond ±8.64e15 ms is `INVALID_ARGUMENT`, for JavaScript has no such Date.
pub fn push_date(out: &mut Vec<u8>, time_ms: i64) -> Result<()> {
    if time_ms.unsigned_abs() > TIME_MAX_MS {
        return Err(refused(format!("{time_ms} ms is beyond the dates JavaScript has")));
    }
    out.push(DATE);
    out.extend_from_slice(&(time_ms.cast_unsigned() ^ SIGN).to_be_bytes());
    Ok(())
}

/// Appends a bytes part.
pub fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(BYTES);
    push_escaped(out, bytes);
}

/// Appends a string part.
pub fn push_str(out: &mut Vec<u8>, text: &str) {
    out.push(STRING);
    push_escaped(out, text.as_bytes());
}

fn push_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 1);
    let mut pieces = bytes.split(|byte| *byte == 0);
    out.extend_from_slice(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.extend_from_slice(&[0, ESCAPED]);
        out.extend_from_slice(piece);
    }
    out.push(END);
}

fn significant(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// The range of the tuples that start with the encoded `parts`, the tuple of just these parts included: inclusive
/// start, exclusive end.
///
/// ```
/// use sledstore_engine::tuple::{part_range, push_str, push_u64};
///
/// let mut parts = Vec::new();
/// push_str(&mut parts, "user");
/// let (start, end) = part_range(parts.clone());
/// push_u64(&mut parts, 7);
/// assert!(start <= parts && parts < end);
/// ```
pub fn part_range(parts: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let mut end = Vec::with_capacity(parts.len() + 1);
    end.extend_from_slice(&parts);
    end.push(ESCAPED);
    (parts, end)
}

/// Decodes a whole tuple. Bytes that [`encode_tuple`] cannot have written are `CODEC_FAILED`, never a panic.
pub fn decode_tuple(encoded: &[u8]) -> Result<Vec<KeyPart>> {
    let mut reader = TupleReader::new(encoded);
    let mut parts = Vec::new();
    while !reader.is_empty() {
        parts.push(reader.part()?);
    }
    Ok(parts)
}

/// Reads the parts of an encoded tuple one after the other, borrowing where nothing was escaped.
///
/// ```
/// use sledstore_engine::tuple::{TupleReader, push_str, push_u64};
///
/// let mut key = Vec::new();
/// push_str(&mut key, "user");
/// push_u64(&mut key, 7);
/// let mut reader = TupleReader::new(&key);
/// assert_eq!(reader.str()?, "user");
/// assert_eq!(reader.u64()?, 7);
/// assert!(reader.is_empty());
/// # Ok::<(), sledstore_engine::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TupleReader<'a> {
    rest: &'a [u8],
}

impl<'a> TupleReader<'a> {
    /// Starts at the first part.
    pub fn new(encoded: &'a [u8]) -> Self {
        Self { rest: encoded }
    }

    /// Whether every part has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads a string part.
    pub fn str(&mut self) -> Result<Cow<'a, str>> {
        self.expect(STRING, "string")?;
        self.text()
    }

    /// Reads a bytes part.
    pub fn bytes(&mut self) -> Result<Cow<'a, [u8]>> {
        self.expect(BYTES, "bytes")?;
        self.unescaped()
    }

    /// Reads a number part.
    pub fn number(&mut self) -> Result<f64> {
        self.expect(NUMBER, "number")?;
        self.number_content()
    }

    /// Reads a date part, in milliseconds since 1970.
    pub fn date(&mut self) -> Result<i64> {
        self.expect(DATE, "Date")?;
        self.date_content()
    }

    /// Reads a bigint part that fits a `u64`, as [`push_u64`] writes it.
    pub fn u64(&mut self) -> Result<u64> {
        self.expect(BIGINT, "bigint")?;
        let (negative, magnitude) = self.bigint_content()?;
        if negative || magnitude.len() > 8 {
            return Err(unreadable("a bigint part is no u64"));
        }
        Ok(magnitude.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Reads a part of any type.
    pub fn part(&mut self) -> Result<KeyPart> {
        self.part_at(0)
    }

    fn part_at(&mut self, depth: usize) -> Result<KeyPart> {
        let [tag] = self.take()?;
        Ok(match tag {
            NULL => KeyPart::Null,
            FALSE => KeyPart::Bool(false),
            TRUE => KeyPart::Bool(true),
            NUMBER => KeyPart::Number(self.number_content()?),
            BIGINT => {
                let (negative, content) = self.bigint_content()?;
                let magnitude = if negative { content.iter().map(|byte| !byte).collect() } else { content.to_vec() };
                KeyPart::BigInt { negative, magnitude }
            }
            DATE => KeyPart::Date(self.date_content()?),
            BYTES => KeyPart::Bytes(self.unescaped()?.into_owned()),
            STRING => KeyPart::String(self.text()?.into_owned()),
            ARRAY if depth < NESTING_MAX => KeyPart::Array(self.array_content(depth)?),
            ARRAY => return Err(unreadable(format!("arrays nest deeper than {NESTING_MAX}"))),
            _ => return Err(unreadable(format!("0x{tag:02x} begins no part"))),
        })
    }

    fn array_content(&mut self, depth: usize) -> Result<Vec<KeyPart>> {
        let mut parts = Vec::new();
        loop {
            match self.rest.first() {
                None => return Err(unreadable("an array has no end")),
                Some(&END) => {
                    self.rest = &self.rest[1..];
                    return Ok(parts);
                }
                Some(_) => parts.push(self.part_at(depth + 1)?),
            }
        }
    }

    fn expect(&mut self, tag: u8, name: &str) -> Result<()> {
        let [found] = self.take()?;
        if found == tag { Ok(()) } else { Err(unreadable(format!("0x{found:02x} begins no {name} part"))) }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| unreadable("a part is cut"))?;
        self.rest = rest;
        Ok(*taken)
    }

    fn number_content(&mut self) -> Result<f64> {
        let word = u64::from_be_bytes(self.take()?);
        let value = f64::from_bits(if word & SIGN == 0 { !word } else { word ^ SIGN });
        if value.is_nan() || (value == 0.0 && value.is_sign_negative()) {
            return Err(unreadable("a number is NaN or −0"));
        }
        Ok(value)
    }

    fn date_content(&mut self) -> Result<i64> {
        let time_ms = (u64::from_be_bytes(self.take()?) ^ SIGN).cast_signed();
        if time_ms.unsigned_abs() > TIME_MAX_MS {
            return Err(unreadable("a Date is out of range"));
        }
        Ok(time_ms)
    }

    /// Sign and stored magnitude (inverted if negative) of a bigint.
    fn bigint_content(&mut self) -> Result<(bool, &'a [u8])> {
        let header = u16::from_be_bytes(self.take()?);
        let negative = header < BIGINT_ZERO;
        let length = usize::from(header.abs_diff(BIGINT_ZERO));
        if header == 0 || length > self.rest.len() {
            return Err(unreadable("a bigint is cut"));
        }
        let (content, rest) = self.rest.split_at(length);
        if content.first() == Some(&if negative { 0xff } else { 0 }) {
            return Err(unreadable("a bigint has a leading zero"));
        }
        self.rest = rest;
        Ok((negative, content))
    }

    fn text(&mut self) -> Result<Cow<'a, str>> {
        let not_utf8 = |_| unreadable("a string is not UTF-8");
        Ok(match self.unescaped()? {
            Cow::Borrowed(bytes) => Cow::Borrowed(std::str::from_utf8(bytes).map_err(not_utf8)?),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).map_err(|error| not_utf8(error.utf8_error()))?),
        })
    }

    fn unescaped(&mut self) -> Result<Cow<'a, [u8]>> {
        let mut owned: Option<Vec<u8>> = None;
        loop {
            let zero = self.rest.iter().position(|byte| *byte == 0);
            let zero = zero.ok_or_else(|| unreadable("a string or bytes part has no end"))?;
            let (piece, rest) = self.rest.split_at(zero);
            if rest.get(1) != Some(&ESCAPED) {
                self.rest = &rest[1..];
                return Ok(match owned {
                    None => Cow::Borrowed(piece),
                    Some(mut bytes) => {
                        bytes.extend_from_slice(piece);
                        Cow::Owned(bytes)
                    }
                });
            }
            let bytes = owned.get_or_insert_default();
            bytes.extend_from_slice(piece);
            bytes.push(0);
            self.rest = &rest[2..];
        }
    }
}

fn refused(what: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, what)
}

fn unreadable(what: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::CodecFailed,
        format!("a stored key cannot be decoded: {what}; read it with the key codec it was written with"),
    )
}
