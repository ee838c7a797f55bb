//! The hot calls' bodies: what the raw functions do once their arguments are read.

use std::rc::Rc;

use sledstore_engine::{
    Batch, Durability, Error, ErrorCode, KeyRange, Located, NamespaceId, Read, Result, ScanOptions, Seq, Transaction,
    Write,
};

use crate::error::stale;
use crate::lifecycle::{Environment, NamespaceEntry, Object, ScanEntry, StoreEntry};
use crate::page::{Page, ScanParts, scan_flag};

/// Answer of a write.
pub(crate) const DONE: i32 = 0;
/// Answer of a write that nothing waits for, when memory is short: its promise waits for room (E18).
pub(crate) const HOLD: i32 = 1;
/// Answer of a read that found nothing.
pub(crate) const MISSING: i32 = -1;
/// Answer of a read whose value is longer than the buffer; it stays parked.
pub(crate) const TOO_LONG: i32 = -2;
/// Answer of a failed call; `lastError()` tells why.
pub(crate) const FAILED: i32 = -3;
/// Answer of a cached read whose answer is on disk.
pub(crate) const NEEDS_PAGE_IN: i32 = -4;
/// Answer of a read whose value is to be read where it lies.
pub(crate) const IN_FILE: i32 = -5;

/// The `reader` of a read of the newest state that also tells, in the state words, the key's hash and its stamp, odd where the
/// value is not to be kept: a commit of the key is under way, or it expires.
const STAMPED: i32 = -1;

/// What a write does after it was recorded or applied.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    /// Applied and visible; a later `sync` waits for its durability.
    Apply,
    /// Applied at level `none`: there is nothing to wait for but room.
    Forget,
    /// Applied, then waited for.
    Wait(Durability),
    /// Recorded in a transaction.
    Transaction(i32),
}

impl Mode {
    /// Positive: a transaction's handle. 0: apply. -4: apply and forget. Else: apply and wait at level `-1 - mode`.
    pub fn of(number: i32) -> Result<Self> {
        Ok(match number {
            1.. => Self::Transaction(number),
            0 => Self::Apply,
            -4 => Self::Forget,
            _ => Self::Wait(level(-1 - number)?),
        })
    }
}

/// A durability level by its number.
pub(crate) fn level(number: i32) -> Result<Durability> {
    Ok(match number {
        0 => Durability::None,
        1 => Durability::Os,
        2 => Durability::Full,
        _ => return Err(Error::new(ErrorCode::InvalidArgument, "there is no such durability level")),
    })
}

/// Reads one value in place. `reader` is 0 for the newest state, [`STAMPED`], or the handle of a snapshot or transaction.
#[inline]
pub(crate) fn read<R>(
    environment: &Environment,
    namespace: i32,
    reader: i32,
    key: &[u8],
    f: impl FnOnce(&[u8]) -> R,
) -> Result<Option<R>> {
    let namespace = environment.namespace(namespace)?;
    if reader == 0 {
        return namespace.store.engine.get_with(namespace.id, key, f);
    }
    if reader == STAMPED {
        let (mut f, mut answer) = (Some(f), None);
        read_stamped(environment, namespace, key, &mut |value| answer = f.take().map(|f| f(value)))?;
        return Ok(answer);
    }
    match environment.handles.get(reader) {
        Some(Object::Snapshot(store, snapshot)) => {
            same_store(store, &namespace.store)?;
            snapshot.get_with(namespace.id, key, f)
        }
        Some(Object::Transaction(store, transaction)) => {
            same_store(store, &namespace.store)?;
            transaction.get_with(namespace.id, key, f)
        }
        _ => Err(ended()),
    }
}

/// A read for [`STAMPED`]. Not generic: it is compiled once, and not for each who reads.
fn read_stamped(
    environment: &Environment,
    namespace: &NamespaceEntry,
    key: &[u8],
    apply: &mut dyn FnMut(&[u8]),
) -> Result<()> {
    // Before the row is looked for.
    let (hash, stamp) = namespace.stamps()?.of(key);
    let lasts = namespace.store.engine.get_lasting(namespace.id, key, apply)?;
    environment.buffers.tell_stamp(hash, if lasts { stamp } else { stamp | 1 });
    Ok(())
}

/// Whether a key exists; its value is not read.
#[inline]
pub(crate) fn has(environment: &Environment, namespace: i32, reader: i32, key: &[u8]) -> Result<bool> {
    let namespace = environment.namespace(namespace)?;
    if reader == 0 {
        return namespace.store.engine.contains(namespace.id, key);
    }
    match environment.handles.get(reader) {
        Some(Object::Snapshot(store, snapshot)) => {
            same_store(store, &namespace.store)?;
            snapshot.contains(namespace.id, key)
        }
        Some(Object::Transaction(store, transaction)) => {
            same_store(store, &namespace.store)?;
            transaction.contains(namespace.id, key)
        }
        _ => Err(ended()),
    }
}

/// Copies a value into `out`, or parks it when it is longer.
#[inline]
pub(crate) fn get(
    environment: &mut Environment,
    namespace: i32,
    reader: i32,
    key: &[u8],
    out: &mut [u8],
) -> Result<Got> {
    let found = read(environment, namespace, reader, key, |value| copy(value, out))?;
    Ok(got(environment, found))
}

/// What [`get_view`] found.
pub(crate) enum Viewed {
    Got(Got),
    InFile { place: u32, length: u32 },
}

/// As [`get`] from the newest state, but of a value that lies in the published file only the place.
pub(crate) fn get_view(environment: &mut Environment, namespace: i32, key: &[u8], out: &mut [u8]) -> Result<Viewed> {
    let entry = environment.namespace(namespace)?;
    let copied = match entry.store.engine.get_or_locate(entry.id, key, |value| copy(value, out))? {
        Some(Located::InFile(place)) => match (u32::try_from(place.start), u32::try_from(place.len())) {
            (Ok(place), Ok(length)) => return Ok(Viewed::InFile { place, length }),
            _ => return Err(Error::internal("a view reaches behind the longest file that has views")),
        },
        Some(Located::Value(copied)) => Some(copied),
        None => None,
    };
    Ok(Viewed::Got(got(environment, copied)))
}

/// As [`get`], answering `None` where the value would have to be read from disk (N4).
pub(crate) fn get_cached(
    environment: &mut Environment,
    namespace: i32,
    reader: i32,
    key: &[u8],
    out: &mut [u8],
) -> Result<Option<Got>> {
    let entry = environment.namespace(namespace)?;
    let found = match (reader, environment.handles.get(reader)) {
        (0, _) => entry.store.engine.get_cached(entry.id, key, |value| copy(value, out))?,
        (_, Some(Object::Snapshot(store, snapshot))) => {
            same_store(store, &entry.store)?;
            snapshot.get_cached(entry.id, key, |value| copy(value, out))?
        }
        _ => return Err(ended()),
    };
    Ok(found.map(|found| got(environment, found)))
}

#[inline]
fn copy(value: &[u8], out: &mut [u8]) -> std::result::Result<usize, Vec<u8>> {
    let target = out.get_mut(..value.len()).ok_or_else(|| value.to_vec())?;
    target.copy_from_slice(value);
    Ok(value.len())
}

#[inline]
fn got(environment: &mut Environment, found: Option<std::result::Result<usize, Vec<u8>>>) -> Got {
    match found {
        None => Got::Missing,
        Some(Ok(length)) => Got::Copied(length as i32),
        Some(Err(value)) => {
            let length = value.len() as i32;
            environment.parked = Some(value);
            Got::Parked(length)
        }
    }
}

/// Answer of [`get`].
pub(crate) enum Got {
    Missing,
    Copied(i32),
    Parked(i32),
}

/// One operation of [`write`].
#[derive(Clone, Copy)]
pub(crate) enum Change<'a> {
    Put(&'a [u8]),
    /// With the milliseconds it lives.
    PutExpiring(&'a [u8], u64),
    Delete,
}

/// Puts or deletes one key.
#[inline]
pub(crate) fn write(
    environment: &mut Environment,
    namespace: i32,
    key: &[u8],
    change: Change<'_>,
    mode: Mode,
) -> Result<i32> {
    let entry = environment.namespace(namespace)?;
    let (store, id) = (entry.store.clone(), entry.id);
    if let Mode::Transaction(handle) = mode {
        record(&store, transaction(environment, handle, &store)?, id, key, change)?;
        return Ok(DONE);
    }
    environment.scratch.reset();
    record(&store, &mut environment.scratch, id, key, change)?;
    apply(&store, &environment.scratch, mode)
}

/// An open transaction of `store`.
pub(crate) fn transaction<'a>(
    environment: &'a mut Environment,
    handle: i32,
    store: &Rc<StoreEntry>,
) -> Result<&'a mut Transaction> {
    match environment.handles.get_mut(handle) {
        Some(Object::Transaction(owner, transaction)) => {
            same_store(owner, store)?;
            Ok(transaction)
        }
        _ => Err(ended()),
    }
}

#[inline]
fn record(store: &StoreEntry, target: &mut impl Write, id: NamespaceId, key: &[u8], change: Change<'_>) -> Result<()> {
    match change {
        Change::Put(value) => target.put(id, key, value),
        Change::PutExpiring(value, ttl_ms) => target.put_expiring(id, key, value, store.engine.expiry_in(ttl_ms)),
        Change::Delete => target.delete(id, key),
    }
}

/// Applies an encoded batch.
pub(crate) fn commit(environment: &Environment, store: i32, bytes: &[u8], mode: Mode) -> Result<i32> {
    let store = environment.store(store)?;
    apply(store, &Batch::from_encoded(bytes, || store.engine.expiry_in(0))?, mode)
}

pub(crate) fn apply(store: &StoreEntry, batch: &Batch, mode: Mode) -> Result<i32> {
    let engine = &store.engine;
    let seq = match mode {
        // E18: what is answered later may overshoot now, for its answer is held back.
        Mode::Apply | Mode::Forget => engine.apply_overshooting(batch)?,
        _ => engine.apply(batch)?,
    };
    note(store, seq);
    store.unwritten_bytes.set(store.unwritten_bytes.get() + batch.as_bytes().len());
    match mode {
        Mode::Forget => engine.wait(seq, Durability::None)?,
        Mode::Wait(level) => engine.wait(seq, level)?,
        _ => {}
    }
    Ok(if matches!(mode, Mode::Forget) && !engine.has_room() { HOLD } else { DONE })
}

/// Remembers the newest commit, so that the turn's durability request covers it.
pub(crate) fn note(store: &StoreEntry, seq: Seq) {
    store.last_seq.set(store.last_seq.get().max(seq));
}

/// Starts a scan at one sequence number.
pub(crate) fn begin_scan(
    environment: &Environment,
    namespace: i32,
    reader: i32,
    range: &KeyRange,
    flags: i32,
    limit: Option<u64>,
) -> Result<ScanEntry> {
    let namespace = environment.namespace(namespace)?;
    let options =
        ScanOptions { reverse: flags & scan_flag::REVERSE != 0, limit, keys_only: flags & scan_flag::NO_VALUES != 0 };
    let scan = match (reader, environment.handles.get(reader)) {
        (0, _) => namespace.store.engine.scan(namespace.id, range, options)?,
        (_, Some(Object::Snapshot(store, snapshot))) => {
            same_store(store, &namespace.store)?;
            snapshot.scan(namespace.id, range, options)?
        }
        (_, Some(Object::Transaction(store, transaction))) => {
            same_store(store, &namespace.store)?;
            transaction.scan(namespace.id, range, options)?
        }
        _ => return Err(ended()),
    };
    Ok(ScanEntry { store: namespace.store.clone(), parts: ScanParts::new(scan, flags) })
}

pub(crate) fn same_store(one: &Rc<StoreEntry>, other: &Rc<StoreEntry>) -> Result<()> {
    if one.id == other.id {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::StaleHandle,
        "the namespace belongs to another store; open it from the store of this snapshot or transaction",
    ))
}

pub(crate) fn ended() -> Error {
    Error::new(
        ErrorCode::Ended,
        "the snapshot or transaction has ended, or a query runs in it; await the query, or begin a new one",
    )
}

/// Releases a handle; releasing a stale one does nothing.
pub(crate) fn release(environment: &mut Environment, handle: i32) {
    if !matches!(environment.handles.get(handle), Some(Object::Store(_))) {
        drop(environment.handles.remove(handle));
    }
}

/// The next page of a scan.
pub(crate) fn next_page(environment: &mut Environment, handle: i32, page: &mut [u8], max_rows: usize) -> Result<Page> {
    let Some(Object::Scan(scan)) = environment.handles.get_mut(handle) else { return Err(stale("scan")) };
    let filled = scan.parts.fill(page, max_rows)?;
    if filled.finished {
        release(environment, handle);
    }
    Ok(filled)
}

/// Moves a scan forward to a key.
pub(crate) fn seek(environment: &mut Environment, handle: i32, key: &[u8]) -> Result<()> {
    let Some(Object::Scan(scan)) = environment.handles.get_mut(handle) else { return Err(stale("scan")) };
    scan.parts.seek(key);
    Ok(())
}
