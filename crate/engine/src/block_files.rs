//! Where blocks rest: in files of their own, each named by its key in sled with its file, offset and length.
//!
//! sled is the ordered, crash-safe map; the blocks are beside it, because it would read sixteen of them to give one, and
//! copy them around when it reclaims its log (docs/decisions/0011). What stands above sees one ordered map of entries.
//!
//! - A place reaches sled only when its block is durable. Until then it waits in [`Pending`], which reads look into
//!   first. Places go to sled in the order they were written, so what a crash leaves is still a prefix (E14).
//! - Blocks are never changed where they lie. A file goes when sled was flushed twice without a place in it, so that a
//!   sled that falls back by one flush finds all it asks for (E15).
//! - When more than half of all bytes is garbage, the emptiest files are emptied into the newest one. This happens
//!   before a checkpoint is marked as applied, so that what each file holds is written with what it is true of.

mod files;
mod ledger;
mod pending;
mod place;
pub(crate) mod salvage;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, RwLock};

#[cfg(test)]
use crate::backend::EntrySink;
use crate::backend::{Backend, Bytes};
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::order::map_of;
use crate::{key, meta, writer};

pub(crate) use files::sync_names;

use files::Files;
use ledger::{FileUse, Ledger, record_bytes};
use pending::{Pending, Write};
use place::Place;

/// Folder of the block files inside the store's folder.
pub(crate) const BLOCKS_FOLDER: &str = "blocks";

/// Shortest and longest block file; between them it is this part of all, so that emptying one is little work.
const FILE_BYTES_MIN: u64 = 4 << 20;
const FILE_BYTES_MAX: u64 = 2 << 30;
const FILE_PART: u64 = 32;
/// Bytes of blocks copied between two syncs while files are emptied.
const COPIED_BYTES_A_SYNC: usize = 8 << 20;
/// Within a checkpoint sled is flushed whenever files have grown by this part of what is live, and by so much, so that
/// what a long one has replaced itself goes before it ends.
const FLUSHED_PART: u64 = 8;
const FLUSHED_BYTES: std::ops::RangeInclusive<u64> = 4 << 20..=256 << 20;
/// What waits for sled takes at most so much memory: the places of about as many blocks as lie between two syncs.
const PENDING_BYTES_MAX: usize = 512 << 10;

/// All the memory that is held beside sled's (E17).
pub(crate) const MEMORY_BYTES_MAX: usize = PENDING_BYTES_MAX + files::BUFFER_BYTES;

/// Called with each key of a block and its place.
type PlaceSink<'a> = dyn FnMut(&[u8], Option<Place>) -> Result<()> + 'a;

/// An ordered map that tells what a write has displaced.
pub(crate) trait Index: Backend {
    /// Gives a key a value, or none, and gives the old one; otherwise as [`Backend::insert`] and [`Backend::remove`].
    fn replace(&self, key: &[u8], value: Option<&[u8]>) -> Result<Option<Bytes>>;
}

/// Blocks in files, places in an index.
pub(crate) struct BlockFiles {
    index: Box<dyn Index>,
    files: Files,
    pending: RwLock<Pending>,
    ledger: Mutex<Ledger>,
    /// Bytes of blocks since sled was flushed.
    unflushed: AtomicU64,
    /// E11: the first failure of a write; nothing is tried again.
    failed: OnceLock<Error>,
}

impl BlockFiles {
    /// Opens the files in `folder`, creating it; changes nothing else.
    pub fn open(index: Box<dyn Index>, disk: Arc<dyn Disk>, folder: PathBuf) -> Result<Self> {
        disk.create_folder(&folder).map_err(|error| Error::io(format!("creating {}", folder.display()), error))?;
        let files = Files::new(disk, folder);
        // A checkpoint that was cut off has moved blocks and not said so.
        let applied = meta::read_applied(&*index)?.unwrap_or_default();
        let live = meta::read_files(&*index)?;
        let is_of_format_1 = live.is_empty() && applied.number > 0;
        let is_counted = meta::read_pending(&*index)? == applied && !is_of_format_1;
        let on_disk = files.list()?;
        let used = |&(number, bytes): &(u64, u64)| {
            (number, FileUse { bytes, live: live.get(&number).copied().unwrap_or_default() })
        };
        let ledger = Ledger::new(map_of(on_disk.iter().map(used)), is_counted);
        let newest = on_disk.iter().max().copied();
        let opened = Self {
            index,
            files,
            pending: RwLock::default(),
            ledger: Mutex::new(ledger),
            unflushed: AtomicU64::new(0),
            failed: OnceLock::new(),
        };
        if let Some((number, bytes)) = newest.filter(|&(_, bytes)| bytes < opened.file_bytes_max()) {
            opened.files.resume(number, bytes)?;
        }
        Ok(opened)
    }

    fn file_bytes_max(&self) -> u64 {
        (self.ledger.lock().live() / FILE_PART).clamp(FILE_BYTES_MIN, FILE_BYTES_MAX)
    }

    fn check_write(&self, what: &str) -> Result<()> {
        writer::assert_free(what);
        self.failed.get().map_or(Ok(()), |failed| Err(failed.clone()))
    }

    /// E11: what fails once is not tried again.
    fn once<R>(&self, f: impl FnOnce() -> Result<R>) -> Result<R> {
        f().inspect_err(|error| drop(self.failed.set(error.clone())))
    }

    /// The entry's value: the block that the index has a place of, or what it holds itself.
    fn resolve(&self, key: &[u8], stored: Bytes) -> Result<Option<Bytes>> {
        match place_in(key, &stored) {
            Some(place) => Ok(self.files.read(place)?.map(Bytes::from)),
            None => Ok(Some(stored)),
        }
    }

    fn gone(&self, key: &[u8]) -> Error {
        let place = self.file_of(key).unwrap_or_else(|| self.files.folder().display().to_string());
        Error::corruption(place, format!("the file is gone, with the block under \"{}\"", key.escape_ascii()))
    }

    fn place_of(&self, key: &[u8]) -> Option<Place> {
        match self.pending.read().get(key) {
            Some(Write::Block(place)) => return Some(*place),
            Some(_) => return None,
            None => {}
        }
        place_in(key, &self.index.get(key).ok()??)
    }

    /// The first key above `key` that the index or a waiting write knows, removals too.
    fn step_above(&self, key: &[u8]) -> Result<Option<(Bytes, Found)>> {
        // Both under the lock: what leaves the waiting writes is in the index by then.
        let pending = self.pending.read();
        let indexed = self.index.first_above(key)?;
        let waiting = pending.first_above(key);
        Ok(match (indexed, waiting) {
            (None, None) => None,
            (Some((key, stored)), None) => Some((key, Found::Indexed(stored))),
            (Some((key, stored)), Some((other, _))) if key[..] < other[..] => Some((key, Found::Indexed(stored))),
            (_, Some((key, write))) => Some((key.clone().into(), Found::Waiting(write.clone()))),
        })
    }

    /// The value of a write that waits; `None` for a removal.
    fn waiting(&self, key: &[u8], write: &Write) -> Result<Option<Bytes>> {
        match write {
            Write::Remove => Ok(None),
            Write::Row(row) => Ok(Some(row.clone().into())),
            Write::Block(place) => {
                let block = self.files.read(*place)?.ok_or_else(|| self.gone(key))?;
                Ok(Some(block.into()))
            }
        }
    }

    fn step_through(&self, key: &[u8], count: usize) -> Result<Vec<(Bytes, Bytes)>> {
        let mut entries: Vec<(Bytes, Bytes)> = Vec::with_capacity(count);
        while entries.len() < count {
            let above = entries.last().map_or(key, |(last, _)| last);
            let Some(entry) = self.first_above(above)? else { break };
            entries.push(entry);
        }
        Ok(entries)
    }

    /// Gives entries of the index the blocks they have places of. A checkpoint writes in the order of keys, so that
    /// neighbors mostly lie side by side and are read in one piece.
    fn read_together(&self, indexed: Vec<(Bytes, Bytes)>) -> Result<Vec<(Bytes, Bytes)>> {
        let place_at = |at: usize| indexed.get(at).and_then(|(key, stored)| place_in(key, stored));
        let mut entries = Vec::with_capacity(indexed.len());
        let mut at = 0;
        while let Some((key, stored)) = indexed.get(at) {
            let Some(first) = place_at(at) else {
                entries.push((key.clone(), stored.clone()));
                at += 1;
                continue;
            };
            let from = at;
            let mut last = first;
            at += 1;
            while let Some(next) = place_at(at).filter(|&next| last.is_followed_by(next)) {
                last = next;
                at += 1;
            }
            let piece = indexed[from..at].iter().filter_map(|(key, stored)| Some((key, place_in(key, stored)?)));
            let whole = Place { bytes: (last.end() - u64::from(first.offset)) as u32, ..first }; // few close blocks
            let Some(read) = self.files.read(whole)?.map(Arc::new) else {
                // The file went, for its blocks were moved.
                for (key, _) in piece {
                    entries.extend(self.get(key)?.map(|block| (key.clone(), block)));
                }
                continue;
            };
            entries.extend(piece.map(|(key, place)| {
                let start = (place.offset - first.offset) as usize;
                (key.clone(), Bytes::part(&read, start..start + place.bytes as usize))
            }));
        }
        Ok(entries)
    }

    fn append(&self, key: &[u8], block: &[u8]) -> Result<Place> {
        let next = || self.ledger.lock().files().keys().max().map_or(1, |last| last + 1);
        let bytes_max = self.file_bytes_max();
        let place = self.once(|| self.files.append(key, block, bytes_max, next))?;
        self.unflushed.fetch_add(record_bytes(key, place), Ordering::Relaxed);
        // So that the number is not given again.
        self.ledger.lock().count(place.file, 0, true);
        Ok(place)
    }

    fn write(&self, key: &[u8], write: Write) -> Result<()> {
        let is_much = {
            let mut pending = self.pending.write();
            pending.push(key, write);
            pending.memory_bytes() > PENDING_BYTES_MAX
        };
        if is_much { self.apply() } else { Ok(()) }
    }

    /// Makes the blocks durable, then hands their places to the index.
    fn apply(&self) -> Result<()> {
        self.check_write("a sync of the block files")?;
        self.once(|| {
            for (file, bytes) in self.files.sync()? {
                self.ledger.lock().set_bytes(file, bytes);
            }
            // Only the one writer adds to them, so there are no more when the last one is applied.
            for at in 0.. {
                let Some((key, write)) = self.pending.read().in_order().get(at).cloned() else { break };
                self.apply_one(&key, &write)?;
            }
            self.pending.write().clear();
            Ok(())
        })
    }

    fn apply_one(&self, key: &[u8], write: &Write) -> Result<()> {
        let (old, new) = match write {
            Write::Block(place) => (self.index.replace(key, Some(&place.encode()))?, Some(*place)),
            Write::Row(row) => (self.index.replace(key, Some(row))?, None),
            Write::Remove => (self.index.replace(key, None)?, None),
        };
        let mut ledger = self.ledger.lock();
        if let Some(old) = old.and_then(|old| place_in(key, &old)) {
            ledger.count(old.file, record_bytes(key, old), false);
        }
        if let Some(new) = new {
            ledger.count(new.file, record_bytes(key, new), true);
        }
        Ok(())
    }

    /// Visits every place of the index. What it holds beside places is a block of a store of format 1.
    fn for_each_place(&self, visit: &mut PlaceSink<'_>) -> Result<()> {
        let mut position = Vec::new();
        while let Some((key, stored)) = self.index.first_above(&position)? {
            position.clear();
            position.extend_from_slice(&key);
            if is_block_key(&key) {
                visit(&key, place_in(&key, &stored))?;
            }
        }
        Ok(())
    }

    /// Counts what each file holds, after what a store of format 1 has in the index was moved to a file.
    fn count_live(&self) -> Result<()> {
        self.rewrite(&|place| place.is_none())?;
        let mut live: BTreeMap<u64, u64> = BTreeMap::new();
        self.for_each_place(&mut |key, place| {
            if let Some(place) = place {
                *live.entry(place.file).or_default() += record_bytes(key, place);
            }
            Ok(())
        })?;
        let mut ledger = self.ledger.lock();
        ledger.forget_live();
        live.into_iter().for_each(|(file, bytes)| ledger.count(file, bytes, true));
        ledger.is_counted = true;
        Ok(())
    }

    /// Writes the blocks whose place is `wanted` once more, to the newest file.
    fn rewrite(&self, wanted: &dyn Fn(Option<Place>) -> bool) -> Result<()> {
        let mut keys = Vec::new();
        self.for_each_place(&mut |key, place| {
            if wanted(place) {
                keys.push(key.to_vec());
            }
            Ok(())
        })?;
        let mut copied = 0;
        for key in keys {
            let Some(block) = self.get(&key)? else { continue };
            self.insert(&key, &block)?;
            copied += block.len();
            if copied >= COPIED_BYTES_A_SYNC {
                self.apply()?;
                copied = 0;
            }
        }
        self.apply()
    }
}

/// What is known of a key.
enum Found {
    Indexed(Bytes),
    Waiting(Write),
}

fn is_block_key(key: &[u8]) -> bool {
    key.first() != Some(&key::SPACE_META)
}

fn place_in(key: &[u8], stored: &[u8]) -> Option<Place> {
    Place::decode(stored).filter(|_| is_block_key(key))
}

impl Backend for BlockFiles {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        // A file may go between the two steps, when its last block was moved; the second time there is another place.
        for _ in 0..2 {
            let waiting = self.pending.read().get(key).cloned();
            if let Some(write) = waiting {
                return self.waiting(key, &write);
            }
            let Some(stored) = self.index.get(key)? else { return Ok(None) };
            if let Some(value) = self.resolve(key, stored)? {
                return Ok(Some(value));
            }
        }
        Err(self.gone(key))
    }

    fn first_above(&self, key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        let mut removed: Option<Bytes> = None;
        loop {
            let Some((key, found)) = self.step_above(removed.as_deref().unwrap_or(key))? else { return Ok(None) };
            let value = match found {
                Found::Waiting(write) => self.waiting(&key, &write)?,
                Found::Indexed(stored) => match self.resolve(&key, stored)? {
                    Some(value) => Some(value),
                    None => self.get(&key)?,
                },
            };
            match value {
                Some(value) => return Ok(Some((key, value))),
                None => removed = Some(key),
            }
        }
    }

    fn entries_above(&self, key: &[u8], count: usize) -> Result<Vec<(Bytes, Bytes)>> {
        let pending = self.pending.read();
        let indexed = self.index.entries_above(key, count)?;
        // What waits for the index is rare, and looked at one after the other.
        let is_mixed = pending.first_above(key).is_some();
        drop(pending);
        if is_mixed {
            return self.step_through(key, count);
        }
        self.read_together(indexed)
    }

    fn key_above(&self, key: &[u8]) -> Result<Option<Bytes>> {
        let mut position = Bytes::from(key);
        while let Some((key, found)) = self.step_above(&position)? {
            match found {
                Found::Waiting(Write::Remove) => position = key,
                _ => return Ok(Some(key)),
            }
        }
        Ok(None)
    }

    fn file_of(&self, key: &[u8]) -> Option<String> {
        let place = self.place_of(key)?;
        Some(format!("{}, bytes {} to {}", self.files.path(place.file).display(), place.offset, place.end()))
    }

    #[cfg(test)]
    fn for_each(&self, from: &[u8], to: Option<&[u8]>, sink: &mut EntrySink<'_>) -> Result<()> {
        let mut next = match self.get(from)? {
            Some(value) => Some((Bytes::from(from), value)),
            None => self.first_above(from)?,
        };
        while let Some((key, value)) = next.filter(|(key, _)| to.is_none_or(|to| key[..] < *to)) {
            if !sink(&key, &value)? {
                break;
            }
            next = self.first_above(&key)?;
        }
        Ok(())
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.check_write("an insert of a block")?;
        let write = if is_block_key(key) { Write::Block(self.append(key, value)?) } else { Write::Row(value.into()) };
        self.write(key, write)
    }

    fn remove(&self, key: &[u8]) -> Result<()> {
        self.check_write("a removal of a block")?;
        self.write(key, Write::Remove)
    }

    fn flush_buffers(&self) -> Result<()> {
        let (least, most) = (*FLUSHED_BYTES.start(), *FLUSHED_BYTES.end());
        let bytes_max = (self.ledger.lock().live() / FLUSHED_PART).clamp(least, most);
        if self.unflushed.load(Ordering::Relaxed) > bytes_max { self.flush() } else { self.apply() }
    }

    fn reclaim(&self) -> Result<()> {
        self.apply()?;
        if !self.ledger.lock().is_counted {
            self.count_live()?;
        }
        let chosen = self.ledger.lock().worth_emptying(self.files.newest());
        if !chosen.is_empty() {
            self.rewrite(&|place| place.is_some_and(|place| chosen.contains(&place.file)))?;
        }
        let files = self.ledger.lock().files().clone();
        let known = meta::read_files(&*self.index)?;
        for number in known.keys().filter(|number| !files.contains_key(number)) {
            meta::remove_file(self, *number)?;
        }
        for (&number, used) in files.iter().filter(|&(number, used)| known.get(number) != Some(&used.live)) {
            meta::write_file(self, number, used.live)?;
        }
        Ok(())
    }

    fn flush(&self) -> Result<()> {
        self.apply()?;
        self.once(|| self.index.flush())?;
        self.unflushed.store(0, Ordering::Relaxed);
        let dead = self.ledger.lock().take_dead(self.files.newest());
        dead.into_iter().for_each(|number| self.files.remove(number));
        Ok(())
    }

    fn size_on_disk(&self) -> Result<u64> {
        self.index.size_on_disk()
    }

    fn audit(&self) -> Result<Vec<String>> {
        let mut live: BTreeMap<u64, u64> = BTreeMap::new();
        self.for_each_place(&mut |key, place| {
            place.into_iter().for_each(|place| *live.entry(place.file).or_default() += record_bytes(key, place));
            Ok(())
        })?;
        let ledger = self.ledger.lock();
        if !ledger.is_counted || !self.pending.read().in_order().is_empty() {
            return Ok(Vec::new());
        }
        let told = |number: &u64| ledger.files().get(number).map_or(0, |used| used.live);
        let numbers: BTreeSet<u64> = live.keys().chain(ledger.files().keys()).copied().collect();
        let differs = numbers.into_iter().filter(|number| told(number) != live.get(number).copied().unwrap_or(0));
        Ok(differs.map(|number| format!("block file {number:016x} is counted wrongly")).collect())
    }

    fn block_file_bytes(&self) -> u64 {
        self.ledger.lock().bytes()
    }

    fn memory_bytes(&self) -> usize {
        self.index.memory_bytes() + self.files.memory_bytes() + self.pending.read().memory_bytes()
    }

    fn reads(&self) -> u64 {
        self.index.reads()
    }

    fn close(&self) -> Result<()> {
        self.index.close()
    }
}
