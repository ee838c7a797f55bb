//! Point reads: memtables, then the block, then history (E8).

use std::cell::Cell;
use std::sync::Arc;

use crate::block::Block;
use crate::cache::{CachedBlock, Wanted};
use crate::error::{Error, ErrorCode, Result};
use crate::key;
use crate::large::Manifest;
use crate::memtable::Found;
use crate::namespace::NamespaceId;
use crate::read_runs::InRuns;
use crate::row::RowKind;
use crate::snapshot::{Moment, PRESENT};
use crate::store::{Inner, Status};
use crate::tables::Tables;
use crate::views::Located;
use crate::writer;

/// How often a block is looked for while a checkpoint splits and merges around it.
pub(crate) const LOOKUPS_MAX: usize = 64;

/// Gets the value where it lies. Not generic: reads are compiled once, and not for each who reads.
pub(crate) type Apply<'a> = &'a mut dyn FnMut(&[u8]);

/// What a lookup came to.
enum Lookup {
    /// It was handed on.
    Value,
    Manifest(Vec<u8>),
    Missing,
    /// As missing, because its time is over.
    Expired,
    /// This place holds nothing at or below the seq; look further down.
    Further,
}

/// Whether a read may go to sled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageIn {
    Allowed,
    /// The answer is [`ReadOutcome::NeedsPageIn`] instead (N4).
    Refused,
}

/// What became of a value that was to be handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applied {
    /// It was, or there is none.
    Done,
    /// There was one, whose time is over.
    Expired,
    /// It must be paged in first.
    Refused,
}

/// The answer of a read that may be refused to page in.
pub(crate) enum ReadOutcome<R> {
    Found(R),
    Missing,
    NeedsPageIn,
}

thread_local! {
    /// Taken out by a read and put back: what runs in a borrow of it would not be inlined.
    static INTERNAL_KEY: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Inner {
    /// Reads at the newest visible seq.
    pub fn read_latest<R>(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        page_in: PageIn,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<ReadOutcome<R>> {
        let guard = self.readers.enter(&self.visible);
        self.read_at(namespace, key, guard.moment(), page_in, f)
    }

    /// Reads at a moment whose seq the caller keeps announced or pinned.
    pub fn read_at<R>(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        page_in: PageIn,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<ReadOutcome<R>> {
        let (mut f, mut answer) = (Some(f), None);
        let mut apply = |value: &[u8]| {
            writer::assert_free("a reader's function");
            answer = f.take().map(|f| f(value));
        };
        if self.apply_at(namespace, key, at, page_in, &mut apply)? == Applied::Refused {
            return Ok(ReadOutcome::NeedsPageIn);
        }
        Ok(answer.map_or(ReadOutcome::Missing, ReadOutcome::Found))
    }

    /// Hands the value at the newest visible seq on, if there is one, and tells whether it never expires.
    #[inline(never)]
    pub fn apply_lasting(&self, namespace: NamespaceId, key: &[u8], apply: Apply<'_>) -> Result<bool> {
        writer::assert_free("a reader's function");
        let guard = self.readers.enter(&self.visible);
        let now = guard.moment();
        // What expires at all has expired then (E28).
        let end_of_time = Moment { time_ms: PRESENT - 1, ..now };
        let lasts = self.apply_at(namespace, key, end_of_time, PageIn::Allowed, apply)? != Applied::Expired;
        if !lasts {
            self.apply_at(namespace, key, now, PageIn::Allowed, apply)?;
        }
        Ok(lasts)
    }

    /// Hands a value on, if there is one. One function for all readers keeps the addon small.
    fn apply_at(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        page_in: PageIn,
        apply: Apply<'_>,
    ) -> Result<Applied> {
        let Some(lookup) = self.lookup(namespace, key, at, page_in, apply)? else { return Ok(Applied::Refused) };
        match lookup {
            Lookup::Expired => return Ok(Applied::Expired),
            Lookup::Manifest(_) if page_in == PageIn::Refused => return Ok(Applied::Refused),
            Lookup::Manifest(manifest) => {
                self.read_manifest(namespace, key, at, &Manifest::decode(&manifest)?, apply)?
            }
            _ => {}
        }
        Ok(Applied::Done)
    }

    /// Hands the large value of a row on, if the row is still there.
    fn read_manifest(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        manifest: &Manifest,
        apply: Apply<'_>,
    ) -> Result<()> {
        if let Some(value) = self.backend.whole_value(namespace, manifest)? {
            apply(&value);
        } else if let Some(value) = self.read_large_row(namespace, key, at, manifest)? {
            apply(&value);
        }
        Ok(())
    }

    /// The large value of a row found at a moment; nothing when the row is gone by now. An interrupted checkpoint that is
    /// repeated takes away rows that had expired for the process before, and their chunks behind them (E28).
    pub fn read_large_row(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        manifest: &Manifest,
    ) -> Result<Option<Vec<u8>>> {
        match self.read_large(namespace, manifest) {
            Err(error) if error.code() == ErrorCode::Corruption => match self.manifest_at(namespace, key, at)? {
                Some(again) if again == *manifest => Err(error),
                Some(again) => self.read_large(namespace, &again).map(Some),
                None => Ok(None),
            },
            read => read.map(Some),
        }
    }

    /// As [`Inner::read_at`], but a large value that lies in one piece in a published file is only located.
    pub fn read_or_locate<R>(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<Located<R>>> {
        let (mut f, mut answer) = (Some(f), None);
        let mut apply = |value: &[u8]| answer = f.take().map(|f| Located::Value(f(value)));
        let manifest = match self.lookup(namespace, key, at, PageIn::Allowed, &mut apply)? {
            Some(Lookup::Value) => return Ok(answer),
            Some(Lookup::Manifest(manifest)) => Manifest::decode(&manifest)?,
            _ => return Ok(None),
        };
        match self.backend.whole_value(namespace, &manifest)?.and_then(|value| value.place()) {
            Some(place) => Ok(Some(Located::InFile(place))),
            None => {
                apply(&self.read_large(namespace, &manifest)?);
                Ok(answer)
            }
        }
    }

    /// As [`Inner::exists_at`], at the newest visible seq.
    pub fn exists_latest(&self, namespace: NamespaceId, key: &[u8]) -> Result<bool> {
        let guard = self.readers.enter(&self.visible);
        self.exists_at(namespace, key, guard.moment())
    }

    /// Whether a key has a value at a moment; of a large one only the manifest is read.
    pub fn exists_at(&self, namespace: NamespaceId, key: &[u8], at: Moment) -> Result<bool> {
        let lookup = self.lookup(namespace, key, at, PageIn::Allowed, &mut |_| ())?;
        Ok(matches!(lookup, Some(Lookup::Value | Lookup::Manifest(_))))
    }

    /// The manifest of a large value at a moment, or nothing for a missing or small one.
    pub fn manifest_at(&self, namespace: NamespaceId, key: &[u8], at: Moment) -> Result<Option<Manifest>> {
        match self.lookup(namespace, key, at, PageIn::Allowed, &mut |_| ())? {
            Some(Lookup::Manifest(bytes)) => Manifest::decode(&bytes).map(Some),
            _ => Ok(None),
        }
    }

    /// Memtables, then the block, then history; `None` when a page-in would be needed and is refused.
    fn lookup(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        page_in: PageIn,
        apply: Apply<'_>,
    ) -> Result<Option<Lookup>> {
        self.check_readable()?;
        self.catalogue.check_readable(namespace, at.seq)?;
        // One list for both: a run takes the place of a memtable.
        let tables = self.tables.load();
        let mut internal = INTERNAL_KEY.take();
        internal.clear();
        key::push_internal_key(&mut internal, key::SPACE_BASE, namespace.get(), key);
        let mut lookup = self.lookup_tables(&tables, &internal, at, apply);
        if matches!(lookup, Lookup::Further) && !tables.runs.is_empty() {
            let found = self.find_in_runs(&tables.runs, &internal, at.seq, page_in, apply);
            INTERNAL_KEY.set(internal);
            match found? {
                InRuns::Row => lookup = Lookup::Value,
                InRuns::Removed => lookup = Lookup::Missing,
                InRuns::Nothing => {}
                InRuns::Refused => return Ok(None),
            }
        } else {
            INTERNAL_KEY.set(internal);
        }
        if matches!(lookup, Lookup::Further) {
            match self.lookup_block(key::SPACE_BASE, namespace, key, at, page_in, apply)? {
                Some(found) => lookup = found,
                None => return Ok(None),
            }
        }
        if matches!(lookup, Lookup::Further) && self.checkpoint.history_reaches(at.seq) {
            if page_in == PageIn::Refused {
                return Ok(None);
            }
            lookup = self.lookup_history(namespace, key, at, apply)?;
        }
        Ok(Some(lookup))
    }

    /// E28: whether a row counts as absent at a moment. It still hides what is older than itself.
    #[inline]
    fn has_expired(&self, expires_at: Option<u64>, at: Moment) -> bool {
        expires_at.is_some_and(|expires_at| self.is_past(expires_at, at.time_ms))
    }

    /// Apart, so that rows that do not expire pay for a flag alone. The clock is asked after the row was found: a checkpoint
    /// that takes it away meanwhile has asked before.
    #[cold]
    fn is_past(&self, expires_at: u64, time_ms: u64) -> bool {
        expires_at <= if time_ms == PRESENT { self.clock().now_ms() } else { time_ms }
    }

    fn lookup_tables(&self, tables: &Tables, internal: &[u8], at: Moment, apply: Apply<'_>) -> Lookup {
        let mut lookup = Lookup::Further;
        for table in tables.newest_first().filter(|table| !table.memtable.is_empty()) {
            lookup = table.memtable.get(internal, at.seq, |found| match found {
                Found::Row(row) if self.has_expired(row.expires_at, at) => Lookup::Expired,
                Found::Row(row) if row.kind == RowKind::Manifest => Lookup::Manifest(row.value.to_vec()),
                Found::Row(row) => {
                    apply(row.value);
                    Lookup::Value
                }
                Found::Deleted { .. } => Lookup::Missing,
                Found::Absent => Lookup::Further,
            });
            if !matches!(lookup, Lookup::Further) {
                break;
            }
        }
        lookup
    }

    /// `None` when a page-in would be needed and is refused.
    fn lookup_block(
        &self,
        space: u8,
        namespace: NamespaceId,
        key: &[u8],
        at: Moment,
        page_in: PageIn,
        apply: Apply<'_>,
    ) -> Result<Option<Lookup>> {
        let cached = match self.cache.lookup(space, namespace.get(), key, Wanted::Row) {
            Some(cached) => cached,
            None if space == key::SPACE_BASE && !self.backend.may_hold(namespace, key) => {
                return Ok(Some(Lookup::Further));
            }
            None if page_in == PageIn::Refused => return Ok(None),
            None => match self.page_in(space, namespace, key)? {
                Some(cached) => cached,
                None => return Ok(Some(Lookup::Further)),
            },
        };
        let mut lookup = Lookup::Further;
        cached.find(key, &mut |row| {
            lookup = match row.kind {
                // E7: precedence is by seq alone.
                _ if row.seq > at.seq => Lookup::Further,
                _ if self.has_expired(row.expires_at, at) => Lookup::Expired,
                RowKind::Manifest => Lookup::Manifest(row.value.to_vec()),
                _ => {
                    apply(row.value);
                    Lookup::Value
                }
            };
        })?;
        Ok(Some(lookup))
    }

    /// The version current at `seq`: the newest with `seq ≤ s`, if it had not ended by then (E8).
    fn lookup_history(&self, namespace: NamespaceId, key: &[u8], at: Moment, apply: Apply<'_>) -> Result<Lookup> {
        let mut position = Vec::new();
        key::push_history_key(&mut position, key, at.seq);
        loop {
            let Some(cached) = self.block_for(key::SPACE_HISTORY, namespace, &position, Wanted::Block)? else {
                return Ok(Lookup::Missing);
            };
            let step = cached.with_block(|block| {
                let index = block.search(&position).unwrap_or_else(|index| index);
                if index == block.len() {
                    return Ok(block.header().fence.map(<[u8]>::to_vec));
                }
                Err(self.history_row(block, index, key, at, apply))
            })?;
            match step {
                Err(lookup) => return Ok(lookup),
                Ok(Some(fence)) => position = fence,
                Ok(None) => return Ok(Lookup::Missing),
            }
        }
    }

    /// The cached or paged-in block that `key` belongs to.
    pub fn block_for(
        &self,
        space: u8,
        namespace: NamespaceId,
        key: &[u8],
        wanted: Wanted,
    ) -> Result<Option<Arc<CachedBlock>>> {
        match self.cache.lookup(space, namespace.get(), key, wanted) {
            Some(cached) => Ok(Some(cached)),
            None => self.page_in(space, namespace, key),
        }
    }

    fn page_in(&self, space: u8, namespace: NamespaceId, key: &[u8]) -> Result<Option<Arc<CachedBlock>>> {
        for _ in 0..LOOKUPS_MAX {
            match self.page_in_once(space, namespace, key)? {
                // A seek in sled takes several steps; a split that ends between two of them makes it miss the new left
                // part. Another seek finds it.
                Some(cached) if key < cached.low() => {}
                found => return Ok(found),
            }
        }
        // E14: the blocks of a namespace tile it; a key between two blocks means that one is lost.
        Err(self.gap(namespace))
    }

    /// The error for blocks that do not tile their namespace.
    pub fn gap(&self, namespace: NamespaceId) -> Error {
        Error::corruption(
            format!("blocks of namespace {} in {}", namespace.get(), self.place()),
            "no block covers a key between two blocks",
        )
    }

    fn page_in_once(&self, space: u8, namespace: NamespaceId, key: &[u8]) -> Result<Option<Arc<CachedBlock>>> {
        // E17: taken before the sled read; the cache refuses the block if a writer came in between.
        let generation = self.cache.generation();
        let seek = key::block_seek_key(space, namespace.get(), key);
        let Some((sled_key, stored)) = self.backend.first_above(&seek)? else { return Ok(None) };
        if !matches!(key::split_block_key(&sled_key), Some((s, n, _)) if (s, n) == (space, namespace.get())) {
            return Ok(None);
        }
        self.take_in(&sled_key, &stored, generation).map(Some)
    }

    /// A block that a checkpoint wrote meanwhile is read beside the cache: what it lacks is still in the memtables
    /// this read has seen.
    pub fn take_in(&self, sled_key: &[u8], stored: &[u8], generation: u64) -> Result<Arc<CachedBlock>> {
        let taken = match self.cache.insert_page_in(sled_key, stored, &[], generation) {
            Ok(Some(cached)) => Ok(cached),
            Ok(None) => CachedBlock::detached(sled_key, stored, &[]),
            Err(error) => Err(error),
        };
        taken.map_err(|error| self.damaged_block(sled_key, error))
    }

    /// The error for a block that is not what was stored, with the file that it lies in.
    pub fn damaged_block(&self, sled_key: &[u8], error: Error) -> Error {
        match self.backend.file_of(sled_key) {
            Some(file) if error.code() == ErrorCode::Corruption => Error::corruption(file, error.what()),
            _ => error,
        }
    }

    fn history_row(&self, block: &Block, index: usize, key: &[u8], at: Moment, apply: Apply<'_>) -> Lookup {
        let row = block.row(index);
        let mut user_key = Vec::new();
        if key::read_history_key(&block.key_of(index).to_vec(), &mut user_key).is_err() {
            return Lookup::Missing;
        }
        let is_current = user_key == key && row.seq <= at.seq && row.end_seq.is_some_and(|end| end > at.seq);
        if !is_current {
            return Lookup::Missing;
        }
        if self.has_expired(row.expires_at, at) {
            return Lookup::Expired;
        }
        match row.kind {
            RowKind::Manifest => Lookup::Manifest(row.value.to_vec()),
            _ => {
                apply(row.value);
                Lookup::Value
            }
        }
    }

    pub fn check_readable(&self) -> Result<()> {
        match self.status() {
            Status::Open | Status::Poisoned => Ok(()),
            // `close` still reads the catalogue and drains memtables through other paths.
            Status::Closing | Status::Closed => Err(self.closed()),
        }
    }
}

/// Turns a missing page-in answer into an error; for callers that allowed page-ins.
pub(crate) fn paged<R>(outcome: ReadOutcome<R>) -> Result<Option<R>> {
    match outcome {
        ReadOutcome::Found(value) => Ok(Some(value)),
        ReadOutcome::Missing => Ok(None),
        ReadOutcome::NeedsPageIn => Err(Error::new(ErrorCode::Internal, "a read that may page in was refused to")),
    }
}
