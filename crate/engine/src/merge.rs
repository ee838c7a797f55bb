//! Merging a frozen memtable into the base blocks, version by version (E8).

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::Bound;

use crate::error::Result;
use crate::key;
use crate::large::{ChunkedValues, Manifest};
use crate::memtable::{MemPage, Memtable, PageLimits, RangeTombstone};
use crate::namespace::NamespaceId;
use crate::order::sort_sometimes;
use crate::reclaim;
use crate::rewrite::{BlockWriter, Group};
use crate::row::{Row, RowKind};
use crate::rows::Rows;
use crate::snapshot::LiveSeqs;
use crate::sorted_run::{RunRows, SortedRun};
use crate::store::Seq;

/// What is copied out of the memtable at a time: little enough to count as nothing beside the memory budget, and
/// enough that finding the place again costs nothing beside the merge.
const PAGE_ROWS: usize = 512;
const PAGE_BYTES: usize = 64 << 10;

/// Walks every version of one space of a frozen memtable: keys ascending, newest first.
pub(crate) struct Versions<'a> {
    memtable: &'a Memtable,
    page: MemPage,
    index: usize,
    end: Vec<u8>,
}

impl<'a> Versions<'a> {
    pub fn of_space(memtable: &'a Memtable, space: u8) -> Self {
        Self::from(memtable, space, &[space])
    }

    /// Those at or above the internal key `from` of the space.
    pub fn from(memtable: &'a Memtable, space: u8, from: &[u8]) -> Self {
        let mut versions = Self { memtable, page: MemPage::default(), index: 0, end: vec![space + 1] };
        versions.fill(Bound::Included((from, Seq::MAX)));
        versions
    }

    fn fill(&mut self, from: Bound<(&[u8], Seq)>) {
        self.index = 0;
        let limits = PageLimits { rows: PAGE_ROWS, bytes: PAGE_BYTES };
        self.memtable.page_versions(from, Bound::Excluded(&self.end), limits, &mut self.page);
    }

    /// The version at hand: its internal key is `Row::key`.
    pub fn peek(&self) -> Option<Row<'_>> {
        (self.index < self.page.len()).then(|| self.page.row(self.index).as_row())
    }

    /// Whether the version after the one at hand is of another key, as far as this page tells.
    fn is_single(&self) -> bool {
        self.index + 1 < self.page.len() && self.page.row(self.index).key != self.page.row(self.index + 1).key
    }

    pub fn advance(&mut self) {
        self.index += 1;
        if self.index >= self.page.len() && self.page.more() {
            let last = self.page.row(self.page.len() - 1);
            let (key, seq) = (last.key.to_vec(), last.seq);
            self.fill(Bound::Excluded((&key, seq)));
        }
    }
}

/// What a merge takes from.
pub(crate) enum MergeSource<'a> {
    Memtable(&'a Memtable),
    Run(&'a SortedRun),
}

enum Place<'a> {
    Memtable(Versions<'a>),
    Run(RunRows<'a>),
}

impl Place<'_> {
    fn peek(&self) -> Option<Row<'_>> {
        match self {
            Self::Memtable(versions) => versions.peek(),
            Self::Run(rows) => rows.peek(),
        }
    }

    fn is_single(&self) -> bool {
        match self {
            Self::Memtable(versions) => versions.is_single(),
            Self::Run(_) => true,
        }
    }

    fn advance(&mut self) -> Result<()> {
        match self {
            Self::Memtable(versions) => {
                versions.advance();
                Ok(())
            }
            Self::Run(rows) => rows.advance(),
        }
    }
}

/// Every version of the base space of several places: keys ascending, newest first.
struct MergedVersions<'a> {
    places: Vec<Place<'a>>,
    /// The place of the version at hand.
    first: usize,
    /// Whether another place has its key, too.
    is_shared: bool,
}

impl<'a> MergedVersions<'a> {
    fn new(sources: &[MergeSource<'a>]) -> Result<Self> {
        let place = |source: &MergeSource<'a>| {
            Ok(match source {
                MergeSource::Memtable(memtable) => Place::Memtable(Versions::of_space(memtable, key::SPACE_BASE)),
                MergeSource::Run(run) => Place::Run(RunRows::new(run)?),
            })
        };
        let places: Result<Vec<Place<'a>>> = sources.iter().map(place).collect();
        let mut merged = Self { places: places?, first: 0, is_shared: false };
        merged.settle();
        Ok(merged)
    }

    fn settle(&mut self) {
        if self.places.len() == 1 {
            return;
        }
        let mut first: Option<(usize, Row<'_>)> = None;
        let mut is_shared = false;
        for (at, place) in self.places.iter().enumerate() {
            let Some(row) = place.peek() else { continue };
            let order = first.as_ref().map_or(Ordering::Less, |(_, best)| row.key.cmp(best.key));
            match order {
                Ordering::Greater => {}
                Ordering::Less => {
                    first = Some((at, row));
                    is_shared = false;
                }
                Ordering::Equal => {
                    is_shared = true;
                    if first.as_ref().is_some_and(|(_, best)| row.seq > best.seq) {
                        first = Some((at, row));
                    }
                }
            }
        }
        (self.first, self.is_shared) = (first.map_or(0, |(at, _)| at), is_shared);
    }

    fn peek(&self) -> Option<Row<'_>> {
        self.places.get(self.first).and_then(Place::peek)
    }

    /// Whether the version after the one at hand is of another key, as far as that is known.
    fn is_single(&self) -> bool {
        !self.is_shared && self.places.get(self.first).is_some_and(Place::is_single)
    }

    fn advance(&mut self) -> Result<()> {
        if let Some(place) = self.places.get_mut(self.first) {
            place.advance()?;
        }
        self.settle();
        Ok(())
    }
}

/// One version of a key on its way to a place.
struct Version {
    seq: Seq,
    kind: RowKind,
    expires_at: Option<u64>,
    value: Vec<u8>,
}

/// Merges the base rows of some memtables and runs.
pub(crate) struct BaseMerge<'a> {
    versions: MergedVersions<'a>,
    tombstones: VecDeque<RangeTombstone>,
    /// Range tombstones that reach the group at hand.
    near: Vec<RangeTombstone>,
    live: &'a LiveSeqs,
    chunked: &'a ChunkedValues,
    history: Rows,
    history_key: Vec<u8>,
    internal: Vec<u8>,
    chain: Vec<Version>,
    /// Versions that went to history.
    pub history_rows: u64,
    /// Large values whose last version went.
    pub dropped_values: u64,
}

impl<'a> BaseMerge<'a> {
    pub fn new(sources: &[MergeSource<'a>], live: &'a LiveSeqs, chunked: &'a ChunkedValues) -> Result<Self> {
        let mut tombstones = Vec::new();
        for source in sources {
            if let MergeSource::Memtable(memtable) = source {
                tombstones.extend(memtable.range_tombstones());
            }
        }
        sort_sometimes(&mut tombstones, |a, b| a.start.cmp(&b.start));
        Ok(Self {
            versions: MergedVersions::new(sources)?,
            tombstones: tombstones.into(),
            near: Vec::new(),
            live,
            chunked,
            history: Rows::default(),
            history_key: Vec::new(),
            internal: Vec::new(),
            chain: Vec::new(),
            history_rows: 0,
            dropped_values: 0,
        })
    }

    /// Runs through them, group of blocks by group of blocks. `progress` may end it early with an error.
    pub fn run(&mut self, writer: &mut BlockWriter<'_>) -> Result<()> {
        let mut position = vec![key::SPACE_BASE];
        while let Some(target) = self.next_target(&position) {
            let Some((_, namespace, user_key)) = key::split_internal_key(&target) else { break };
            let namespace = NamespaceId::new(namespace);
            let old = writer.load(key::SPACE_BASE, namespace, user_key)?;
            let group = Group::start(key::SPACE_BASE, namespace, old);
            position = self.merge_group(writer, group)?;
        }
        Ok(())
    }

    /// The next internal key at or above `position` that has something to merge.
    fn next_target(&mut self, position: &[u8]) -> Option<Vec<u8>> {
        self.near.retain(|tombstone| *tombstone.end > *position);
        let row = self.versions.peek().map(|row| row.key.to_vec());
        let inside = !self.near.is_empty();
        let range = if inside {
            Some(position.to_vec())
        } else {
            self.tombstones.front().map(|tombstone| tombstone.start.to_vec().max(position.to_vec()))
        };
        // A range tombstone over no block at all leads to an empty load, which is cheap.
        [row, range].into_iter().flatten().min().filter(|target| target.len() >= key::KEY_HEAD_BYTES)
    }

    /// Merges one group and gives the internal key where the next one begins.
    fn merge_group(&mut self, writer: &mut BlockWriter<'_>, mut group: Group) -> Result<Vec<u8>> {
        let mut index = group.first_row();
        let mut end = group_end(&group);
        self.collect_tombstones(&end);
        let mut touched = false;
        loop {
            let order = match (index < group.len(), self.incoming(&end)) {
                (false, None) => {
                    if !touched || !group.absorb_right(writer)? {
                        break;
                    }
                    index = group.first_row();
                    end = group_end(&group);
                    self.collect_tombstones(&end);
                    continue;
                }
                (true, None) => Ordering::Less,
                (false, Some(_)) => Ordering::Greater,
                (true, Some(user_key)) => group.order(index, user_key),
            };
            let existing = (order != Ordering::Greater).then_some(index);
            if order == Ordering::Less && self.near.is_empty() {
                touched |= self.pass_existing(writer, &mut group, index)?;
            } else {
                touched |= self.merge_key(writer, &mut group, existing)?;
            }
            index += usize::from(existing.is_some());
        }
        if touched {
            self.flush_history(writer, group.namespace())?;
            group.finish(writer)?;
        }
        Ok(end)
    }

    /// The user key of the version at hand, if it belongs to the group that ends at `end`.
    fn incoming(&self, end: &[u8]) -> Option<&[u8]> {
        let row = self.versions.peek()?;
        (row.key < end).then(|| &row.key[key::KEY_HEAD_BYTES..])
    }

    fn collect_tombstones(&mut self, end: &[u8]) {
        while self.tombstones.front().is_some_and(|tombstone| *tombstone.start < *end) {
            self.near.extend(self.tombstones.pop_front());
        }
    }

    /// A row of the block that nothing replaces; gives whether it goes, for it has expired (E28).
    fn pass_existing(&mut self, writer: &mut BlockWriter<'_>, group: &mut Group, index: usize) -> Result<bool> {
        if group.drop_expired(writer, self.live, index)? {
            return Ok(true);
        }
        self.make_room(writer, group, group.row_size(index))?;
        group.push_existing(writer, index)?;
        Ok(false)
    }

    /// Merges all versions of one key, the least at hand; gives whether anything differs from the block's row.
    fn merge_key(&mut self, writer: &mut BlockWriter<'_>, group: &mut Group, existing: Option<usize>) -> Result<bool> {
        let mut internal = std::mem::take(&mut self.internal);
        internal.clear();
        match existing {
            Some(index) => {
                key::push_internal_key(&mut internal, key::SPACE_BASE, group.namespace().get(), &[]);
                group.append_key(index, &mut internal);
            }
            None => internal.extend_from_slice(self.versions.peek().map_or(&[], |row| row.key)),
        }
        let covered = self.near.iter().any(|t| *t.start <= *internal && *internal < *t.end);
        let incoming = self.versions.peek().is_some_and(|row| row.key == internal.as_slice());
        let user_key = &internal[key::KEY_HEAD_BYTES..];
        let mut touched = incoming || covered;
        if incoming && !covered && self.versions.is_single() {
            self.place_single(writer, group, user_key, existing)?;
        } else if incoming || covered {
            self.collect_chain(group, &internal, user_key, existing)?;
            self.place_chain(writer, group, user_key)?;
        } else if let Some(index) = existing {
            touched |= self.pass_existing(writer, group, index)?;
        }
        self.internal = internal;
        Ok(touched)
    }

    /// One new version over at most the block's row: the common case of [`BaseMerge::place_chain`], without copies.
    fn place_single(
        &mut self,
        writer: &mut BlockWriter<'_>,
        group: &mut Group,
        user_key: &[u8],
        existing: Option<usize>,
    ) -> Result<()> {
        let namespace = group.namespace();
        let Some(seq) = self.versions.peek().map(|row| row.seq) else { return Ok(()) };
        if let Some(index) = existing {
            let old = group.row(index, user_key);
            if old.seq < seq {
                self.supersede(writer, namespace, &old, seq)?;
            }
        }
        let bytes = self.versions.peek().map_or(0, |row| row.size());
        self.make_room(writer, group, bytes)?;
        if let Some(row) = self.versions.peek().filter(|row| row.kind != RowKind::Tombstone) {
            let stored = self.chunked.stored_form(namespace, user_key, row.seq, row.value);
            let (kind, value) = stored.map_or((row.kind, row.value), |manifest| (RowKind::Manifest, manifest));
            place_newest(writer, group, &Row { key: user_key, kind, value, ..row }, self.live)?;
        }
        self.versions.advance()
    }

    /// A version ended at `end`: it goes to history while somebody sees it, else its chunks go.
    // E28: it may have expired before.
    fn supersede(
        &mut self,
        writer: &mut BlockWriter<'_>,
        namespace: NamespaceId,
        old: &Row<'_>,
        end: Seq,
    ) -> Result<()> {
        if self.live.keeps(&old.lifetime(), Some(end)) {
            self.history_key.clear();
            key::push_history_key(&mut self.history_key, old.key, old.seq);
            self.history.push(&Row { key: &self.history_key, end_seq: Some(end), ..*old });
            self.history_rows += 1;
            writer.inner.checkpoint.raise_history_end(end);
        } else if old.kind == RowKind::Manifest {
            writer.note_dropped_value(namespace, &Manifest::decode(old.value)?)?;
            self.dropped_values += 1;
        }
        Ok(())
    }

    /// Every version of the key and every end a range tombstone set, newest first, each seq once.
    fn collect_chain(&mut self, group: &Group, internal: &[u8], user_key: &[u8], index: Option<usize>) -> Result<()> {
        self.chain.clear();
        while let Some(row) = self.versions.peek().filter(|row| row.key == internal) {
            let (seq, kind, expires_at) = (row.seq, row.kind, row.expires_at);
            self.chain.push(Version { seq, kind, expires_at, value: row.value.to_vec() });
            self.versions.advance()?;
        }
        if let Some(index) = index {
            let row = group.row(index, user_key);
            let (seq, kind, expires_at) = (row.seq, row.kind, row.expires_at);
            self.chain.push(Version { seq, kind, expires_at, value: row.value.to_vec() });
        }
        for tombstone in &self.near {
            if *tombstone.start <= *internal && *internal < *tombstone.end {
                let (seq, kind, expires_at) = (tombstone.seq, RowKind::Tombstone, None);
                self.chain.push(Version { seq, kind, expires_at, value: Vec::new() });
            }
        }
        // Of one seq the row wins over the range tombstone: the batch put it after clearing (see `batch.rs`).
        // A memtable's row also wins over the block's of the same seq: a repeated checkpoint writes it again.
        self.chain.sort_by_key(|version| (std::cmp::Reverse(version.seq), version.kind == RowKind::Tombstone));
        self.chain.dedup_by_key(|version| version.seq);
        Ok(())
    }

    /// The newest version goes into the block, older ones into history while somebody can see them.
    fn place_chain(&mut self, writer: &mut BlockWriter<'_>, group: &mut Group, user_key: &[u8]) -> Result<()> {
        let chain = std::mem::take(&mut self.chain);
        let namespace = group.namespace();
        let mut ended_by = None;
        for version in &chain {
            let end = ended_by.replace(version.seq);
            debug_assert!(end.is_none_or(|end| end > version.seq));
            if version.kind == RowKind::Tombstone {
                continue;
            }
            let stored = self.chunked.stored_form(namespace, user_key, version.seq, &version.value);
            let (kind, value) =
                stored.map_or((version.kind, version.value.as_slice()), |manifest| (RowKind::Manifest, manifest));
            let (seq, expires_at) = (version.seq, version.expires_at);
            let row = Row { key: user_key, seq, kind, expires_at, end_seq: None, value };
            match end {
                None => {
                    self.make_room(writer, group, row.size())?;
                    place_newest(writer, group, &row, self.live)?;
                }
                Some(end) => self.supersede(writer, namespace, &row, end)?,
            }
        }
        self.chain = chain;
        Ok(())
    }

    /// E8: a superseded version is in the history space before the block without it is written.
    fn make_room(&mut self, writer: &mut BlockWriter<'_>, group: &Group, bytes: usize) -> Result<()> {
        if !self.history.is_empty() && group.will_spill(writer, bytes) {
            self.flush_history(writer, group.namespace())?;
        }
        Ok(())
    }

    fn flush_history(&mut self, writer: &mut BlockWriter<'_>, namespace: NamespaceId) -> Result<()> {
        if !self.history.is_empty() {
            let history = std::mem::take(&mut self.history);
            writer.merge_rows(key::SPACE_HISTORY, namespace, &history)?;
            self.history = history;
            self.history.clear();
        }
        Ok(())
    }
}

/// A key's newest version goes into its block; one that has expired for everybody goes nowhere, and yet has ended what
/// came before it (E28).
fn place_newest(writer: &mut BlockWriter<'_>, group: &mut Group, row: &Row<'_>, live: &LiveSeqs) -> Result<()> {
    if live.keeps(&row.lifetime(), None) {
        reclaim::count(&mut writer.expiries, group.namespace().get(), row, live.now_ms)?;
        return group.push(writer, row);
    }
    match row.kind {
        RowKind::Manifest => writer.note_dropped_value(group.namespace(), &Manifest::decode(row.value)?),
        _ => Ok(()),
    }
}

/// The internal key at which a group ends.
fn group_end(group: &Group) -> Vec<u8> {
    match group.fence() {
        Some(fence) => {
            let mut end = Vec::with_capacity(key::KEY_HEAD_BYTES + fence.len());
            key::push_internal_key(&mut end, key::SPACE_BASE, group.namespace().get(), fence);
            end
        }
        None => key::internal_end(key::SPACE_BASE, group.namespace().get()),
    }
}
