//! An atomic group of writes across namespaces, encoded as it is journaled.
//!
//! Operation, all integers little-endian:
//! `kind u8 ‖ namespace u32 ‖ key length u16 ‖ value length u32 ‖ [expires_at u64] ‖ key ‖ value`.
//! A range operation carries its start as the key and its exclusive end as the value.

use crate::error::{Error, ErrorCode, Result};
use crate::namespace::NamespaceId;
use crate::options::{KEY_BYTES_MAX, VALUE_BYTES_MAX};
use crate::range::KeyRange;

/// Bytes before the key of an operation without an expiry time.
pub const OPERATION_HEADER_BYTES: usize = 11;
/// Bytes between that and the key of one that has an expiry time.
const EXPIRY_BYTES: usize = 8;

/// Operation kinds as they stand in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OperationKind {
    /// Stores a value.
    Put = 1,
    /// Removes a key.
    Delete = 2,
    /// Removes every key from the start (the key) up to the end (the value).
    Clear = 3,
    /// Removes every key from the start on.
    ClearToEnd = 4,
    /// Stores a value that ends at a time.
    PutExpiring = 5,
    /// One chunk of a large value, in the chunk key space of the namespace.
    Chunk = 6,
    /// The manifest of a large value.
    PutManifest = 7,
    /// The manifest of a large value that ends at a time.
    PutManifestExpiring = 8,
}

impl OperationKind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Put,
            2 => Self::Delete,
            3 => Self::Clear,
            4 => Self::ClearToEnd,
            5 => Self::PutExpiring,
            6 => Self::Chunk,
            7 => Self::PutManifest,
            8 => Self::PutManifestExpiring,
            _ => return None,
        })
    }

    /// Whether its expiry stands before the key.
    fn expires(self) -> bool {
        matches!(self, Self::PutExpiring | Self::PutManifestExpiring)
    }

    pub(crate) fn is_manifest(self) -> bool {
        matches!(self, Self::PutManifest | Self::PutManifestExpiring)
    }
}

/// One decoded operation, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// What is done.
    pub kind: OperationKind,
    /// The namespace it is done to.
    pub namespace: NamespaceId,
    /// The key, or the start of a range.
    pub key: &'a [u8],
    /// The value, or the end of a range.
    pub value: &'a [u8],
    /// When the value ends, in milliseconds since the epoch.
    pub expires_at: Option<u64>,
}

/// An atomic group of writes; a later write to a key replaces an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    operations: usize,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty batch with room for `bytes` of operations.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), operations: 0 }
    }

    /// Takes over operations encoded elsewhere (the addon's batch buffer), checking every length and limit. Where the journal
    /// has the time at which a value ends, they have how long it lives, which counts from `now_ms`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for bytes that are not operations a caller may send, `KEY_TOO_LARGE`.
    pub fn from_encoded(bytes: &[u8], now_ms: impl FnOnce() -> u64) -> Result<Self> {
        let mut batch = Self { bytes: Vec::with_capacity(bytes.len()), operations: 0 };
        let (mut clock, mut now) = (Some(now_ms), 0);
        let mut at = 0;
        while at < bytes.len() {
            let (operation, next) = decode(bytes, at)
                .ok_or_else(|| Error::new(ErrorCode::InvalidArgument, "the batch buffer ends inside an operation"))?;
            if operation.namespace == NamespaceId::CATALOGUE {
                return Err(Error::new(ErrorCode::InvalidArgument, "a batch buffer may not write to the catalogue"));
            }
            match operation.kind {
                OperationKind::Clear | OperationKind::ClearToEnd => batch.push_clear(&operation)?,
                OperationKind::Chunk | OperationKind::PutManifest | OperationKind::PutManifestExpiring => {
                    return Err(Error::new(
                        ErrorCode::InvalidArgument,
                        "a batch buffer may not carry chunks or manifests",
                    ));
                }
                _ => {
                    check_key(operation.key)?;
                    check_value(operation.value.len() as u64)?;
                    let from = batch.bytes.len() + OPERATION_HEADER_BYTES;
                    batch.bytes.extend_from_slice(&bytes[at..next]);
                    batch.operations += 1;
                    if let Some(ttl_ms) = operation.expires_at {
                        now = clock.take().map_or(now, |clock| clock());
                        let expires_at = now.saturating_add(ttl_ms).to_le_bytes();
                        batch.bytes[from..from + EXPIRY_BYTES].copy_from_slice(&expires_at);
                    }
                }
            }
            at = next;
        }
        Ok(batch)
    }

    /// Stores `value` under `key`.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`.
    pub fn put(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8]) -> Result<()> {
        check_value(value.len() as u64)?;
        self.push(OperationKind::Put, namespace, key, value, None)
    }

    /// Stores `value` under `key` until `expires_at` (milliseconds since the epoch).
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`.
    pub fn put_expiring(&mut self, namespace: NamespaceId, key: &[u8], value: &[u8], expires_at: u64) -> Result<()> {
        check_value(value.len() as u64)?;
        self.push(OperationKind::PutExpiring, namespace, key, value, Some(expires_at))
    }

    /// Removes `key`.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`.
    pub fn delete(&mut self, namespace: NamespaceId, key: &[u8]) -> Result<()> {
        self.push(OperationKind::Delete, namespace, key, &[], None)
    }

    /// Removes every key of `range`, also those this batch put before.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE` for a bound over its limit.
    pub fn clear(&mut self, namespace: NamespaceId, range: &KeyRange) -> Result<()> {
        let (start, end) = range.as_half_open();
        let kind = if end.is_some() { OperationKind::Clear } else { OperationKind::ClearToEnd };
        let end = end.unwrap_or_default();
        self.push_clear(&Operation { kind, namespace, key: &start, value: &end, expires_at: None })
    }

    pub(crate) fn put_manifest(
        &mut self,
        namespace: NamespaceId,
        key: &[u8],
        manifest: &[u8],
        expires_at: Option<u64>,
    ) -> Result<()> {
        let kind = if expires_at.is_some() { OperationKind::PutManifestExpiring } else { OperationKind::PutManifest };
        self.push(kind, namespace, key, manifest, expires_at)
    }

    pub(crate) fn put_chunk(&mut self, namespace: NamespaceId, key: &[u8], bytes: &[u8]) -> Result<()> {
        self.push(OperationKind::Chunk, namespace, key, bytes, None)
    }

    /// Appends a decoded operation as it is.
    pub(crate) fn push_operation(&mut self, operation: &Operation<'_>) -> Result<()> {
        self.write(operation)
    }

    /// Number of operations.
    pub fn len(&self) -> usize {
        self.operations
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.operations == 0
    }

    /// The encoded operations: the journal's payload.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets every operation and keeps the buffer.
    pub fn reset(&mut self) {
        self.bytes.clear();
        self.operations = 0;
    }

    /// The operations in the order they were added.
    pub fn operations(&self) -> Operations<'_> {
        Operations { bytes: &self.bytes, at: 0 }
    }

    fn push_clear(&mut self, clear: &Operation<'_>) -> Result<()> {
        // A range tombstone removes versions below its own seq only (E2), so what this very batch put into the range
        // before is turned into deletes.
        let mut at = 0;
        while let Some((operation, mut next)) = decode(&self.bytes, at) {
            let kind = operation.kind;
            let inside = operation.namespace == clear.namespace
                && operation.key >= clear.key
                && (clear.kind == OperationKind::ClearToEnd || operation.key < clear.value);
            if inside && kind.is_manifest() {
                return Err(Error::new(
                    ErrorCode::InvalidArgument,
                    "a batch cannot clear a range after putting a large value into it; clear first",
                ));
            }
            if inside && matches!(kind, OperationKind::Put | OperationKind::PutExpiring) {
                self.bytes[at] = OperationKind::Delete as u8;
            }
            if inside && kind.expires() {
                let expiry = at + OPERATION_HEADER_BYTES;
                self.bytes.drain(expiry..expiry + EXPIRY_BYTES);
                next -= EXPIRY_BYTES;
            }
            at = next;
        }
        check_bound(clear.key)?;
        check_bound(clear.value)?;
        self.write(clear)
    }

    fn push(
        &mut self,
        kind: OperationKind,
        namespace: NamespaceId,
        key: &[u8],
        value: &[u8],
        expires_at: Option<u64>,
    ) -> Result<()> {
        check_key(key)?;
        self.write(&Operation { kind, namespace, key, value, expires_at })
    }

    fn write(&mut self, operation: &Operation<'_>) -> Result<()> {
        let too_large = |_| Error::new(ErrorCode::KeyTooLarge, "a bound of a range is longer than 65,535 bytes");
        let key_length = u16::try_from(operation.key.len()).map_err(too_large)?;
        let value_length = u32::try_from(operation.value.len()).map_err(|_| {
            Error::new(ErrorCode::ValueTooLarge, "the encoded value is longer than 256 MiB; split it over several keys")
        })?;
        self.bytes.reserve(OPERATION_HEADER_BYTES + EXPIRY_BYTES + operation.key.len() + operation.value.len());
        self.bytes.push(operation.kind as u8);
        self.bytes.extend_from_slice(&operation.namespace.get().to_le_bytes());
        self.bytes.extend_from_slice(&key_length.to_le_bytes());
        self.bytes.extend_from_slice(&value_length.to_le_bytes());
        if let Some(expires_at) = operation.expires_at {
            self.bytes.extend_from_slice(&expires_at.to_le_bytes());
        }
        self.bytes.extend_from_slice(operation.key);
        self.bytes.extend_from_slice(operation.value);
        self.operations += 1;
        Ok(())
    }
}

/// Batches that are applied one after the other, as one.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub first: &'a Batch,
    pub behind: &'a [Batch],
}

impl<'a> Parts<'a> {
    pub fn each(self) -> impl Iterator<Item = &'a Batch> + Clone {
        std::iter::once(self.first).chain(self.behind)
    }

    pub fn operations(self) -> impl Iterator<Item = Operation<'a>> + Clone {
        self.each().flat_map(Batch::operations)
    }

    pub fn len(self) -> usize {
        self.each().map(Batch::len).sum()
    }

    pub fn bytes(self) -> usize {
        self.each().map(|batch| batch.bytes.len()).sum()
    }
}

impl<'a> From<&'a Batch> for Parts<'a> {
    fn from(first: &'a Batch) -> Self {
        Self { first, behind: &[] }
    }
}

/// Iterator over encoded operations; ends at the first byte that is not one.
#[derive(Debug, Clone)]
pub struct Operations<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Operations<'a> {
    /// Reads operations out of a journal payload.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Whether every byte was an operation.
    pub(crate) fn is_complete(&self) -> bool {
        self.at == self.bytes.len()
    }
}

impl<'a> Iterator for Operations<'a> {
    type Item = Operation<'a>;

    fn next(&mut self) -> Option<Operation<'a>> {
        let (operation, next) = decode(self.bytes, self.at)?;
        self.at = next;
        Some(operation)
    }
}

fn decode(bytes: &[u8], at: usize) -> Option<(Operation<'_>, usize)> {
    let header = bytes.get(at..at.checked_add(OPERATION_HEADER_BYTES)?)?;
    let kind = OperationKind::from_byte(header[0])?;
    let namespace = NamespaceId::new(u32::from_le_bytes([header[1], header[2], header[3], header[4]]));
    let key_length = usize::from(u16::from_le_bytes([header[5], header[6]]));
    let value_length = u32::from_le_bytes([header[7], header[8], header[9], header[10]]) as usize;
    let mut from = at + OPERATION_HEADER_BYTES;
    let mut expires_at = None;
    if kind.expires() {
        expires_at = Some(u64::from_le_bytes(*bytes.get(from..)?.first_chunk::<EXPIRY_BYTES>()?));
        from += EXPIRY_BYTES;
    }
    let key = bytes.get(from..from + key_length)?;
    let value_from = from + key_length;
    let end = value_from.checked_add(value_length)?;
    let value = bytes.get(value_from..end)?;
    Some((Operation { kind, namespace, key, value, expires_at }, end))
}

/// E14: the limit is of the encoded key.
pub(crate) fn check_key(key: &[u8]) -> Result<()> {
    if key.len() > KEY_BYTES_MAX {
        return Err(Error::new(
            ErrorCode::KeyTooLarge,
            format!("the encoded key has {} bytes; the limit is {KEY_BYTES_MAX}", key.len()),
        ));
    }
    Ok(())
}

/// An exclusive end may be the successor of a longest key, which is no longer than the key itself.
fn check_bound(bound: &[u8]) -> Result<()> {
    if bound.len() > KEY_BYTES_MAX + 1 {
        return Err(Error::new(
            ErrorCode::KeyTooLarge,
            format!("a bound of the range has {} bytes; the limit is {}", bound.len(), KEY_BYTES_MAX + 1),
        ));
    }
    Ok(())
}

fn check_value(bytes: u64) -> Result<()> {
    if bytes > VALUE_BYTES_MAX {
        return Err(Error::new(
            ErrorCode::ValueTooLarge,
            format!("the value has {bytes} bytes; the limit is {VALUE_BYTES_MAX}"),
        ));
    }
    Ok(())
}
