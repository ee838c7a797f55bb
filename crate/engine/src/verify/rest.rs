//! What is not in blocks: positions, catalogue, meta rows, the hash over all blocks, the journal.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::Walk;
use crate::error::{Error, Result};
use crate::large::ValueId;
use crate::meta;
use crate::namespace::{NamespaceId, decode_row, row};
use crate::range::KeyRange;
use crate::scan::{Scan, ScanOptions};
use crate::snapshot::PinKind;
use crate::store_file::{self, CHECKPOINT_FILE};

impl Walk<'_> {
    /// What is applied is durable, and what is durable is visible. Read in this order, for both only grow.
    pub fn check_positions(&mut self) {
        let applied = self.inner.checkpoint.applied();
        let durable = self.inner.journal.durable_seq();
        let visible = self.inner.visible.load(Ordering::SeqCst);
        // A store in memory counts everything as durable a moment before it is visible.
        if self.inner.folder.is_some() && applied > durable.max(visible) {
            self.report.damage("E15", "positions", format!("applied {applied} is above durable {durable}"));
        }
        if applied > visible {
            self.report.damage("E2", "positions", format!("applied {applied} is above visible {visible}"));
        }
    }

    /// E24: every row of namespace 0 can be read.
    pub fn check_catalogue(&mut self) {
        match self.read_catalogue() {
            Ok(namespaces) => self.namespaces = Some(namespaces),
            Err(error) => self.note_unreadable("E24", "catalogue", error),
        }
        self.excuse_values_on_their_way();
    }

    fn read_catalogue(&mut self) -> Result<BTreeSet<u32>> {
        let inner = self.inner;
        let pin = inner.readers.pin(&inner.visible, PinKind::Snapshot);
        let scan = Scan::new(inner, pin, NamespaceId::CATALOGUE, &KeyRange::all(), ScanOptions::default())?;
        let mut known = BTreeSet::from([NamespaceId::CATALOGUE.get()]);
        for entry in scan {
            let (key, value) = entry?;
            let place = || format!("catalogue row \"{}\"", key.escape_ascii());
            if let Err(error) = self.read_catalogue_row(&key, &value, &mut known) {
                self.note_unreadable("E24", place(), error);
            }
        }
        // Dropped ones whose row went with the commit that follows their reclaiming.
        known.extend(inner.catalogue.dropped().iter().map(|(namespace, _)| namespace.get()));
        Ok(known)
    }

    fn read_catalogue_row(&mut self, key: &[u8], value: &[u8], known: &mut BTreeSet<u32>) -> Result<()> {
        let damaged = || Error::corruption("catalogue", "the row cannot be read");
        let (tag, rest) = key.split_at_checked(1).ok_or_else(damaged)?;
        match tag {
            row::NAMES => drop(known.insert(decode_row(rest, value)?.id.get())),
            row::DROPPED => drop(known.insert(u32::from_be_bytes(rest.try_into().map_err(|_| damaged())?))),
            row::NEXT_ID if value.len() == 4 => {}
            row::PENDING_VALUES => {
                let namespace = u32::from_le_bytes(value.try_into().map_err(|_| damaged())?);
                self.values.excuse(namespace, ValueId::from_bytes(rest).ok_or_else(damaged)?);
            }
            _ => return Err(damaged()),
        }
        Ok(())
    }

    /// The engine's own rows.
    pub fn check_meta(&mut self) {
        let applied = meta::read_applied(&*self.inner.backend).and_then(|applied| {
            meta::read_pending(&*self.inner.backend)?;
            Ok(applied.unwrap_or_default())
        });
        match applied {
            Err(error) => self.note_unreadable("E15", "meta rows", error),
            Ok(applied) if applied.seq != self.inner.checkpoint.applied() && self.is_settled => {
                let held = self.inner.checkpoint.applied();
                self.report.damage("E15", "meta rows", format!("applied is {} there and {held} here", applied.seq));
            }
            Ok(_) => {}
        }
        match meta::read_sizes(&*self.inner.backend) {
            Err(error) => self.note_unreadable("E15", "meta rows", error),
            Ok(sizes) if self.is_settled && !self.counted.is_incomplete => {
                for (&namespace, &counted) in &self.counted.sizes {
                    let stored = sizes.get(&namespace).copied().unwrap_or_default();
                    if stored != counted {
                        let what = format!("its size is stored as {stored:?} and is {counted:?}");
                        self.report.waste("E15", format!("namespace {namespace}"), what);
                    }
                }
            }
            Ok(_) => {}
        }
    }

    /// E28: what expires is known of, or nothing would ever reclaim it.
    pub fn check_expiries(&mut self) {
        if let Err(error) = meta::read_expiries(&*self.inner.backend) {
            self.note_unreadable("E28", "meta rows", error);
        }
        for &namespace in self.counted.expiring.iter().filter(|_| self.is_settled) {
            let is_live = self.inner.catalogue.is_live(NamespaceId::new(namespace));
            if is_live && !self.inner.checkpoint.reclaim.knows(namespace) {
                let what = "its rows that expire are not counted, so they are not reclaimed";
                self.report.waste("E28", format!("namespace {namespace}"), what);
            }
        }
    }

    /// E15: a block that is whole, and not the one that the last checkpoint left, changes the sum.
    pub fn check_hash(&mut self) {
        if !self.is_settled {
            return;
        }
        let (counted, expected) = (self.counted.hash, self.run.hash);
        if counted != expected && !self.counted.has_unread {
            let what = format!("the blocks sum to {counted:016x}, the last checkpoint left {expected:016x}");
            self.report.damage("E15", CHECKPOINT_FILE, what);
        }
        let Some(folder) = &self.inner.folder else { return };
        let place = folder.join(CHECKPOINT_FILE);
        match store_file::read_checkpoint(folder) {
            Err(error) => self.note_unreadable("E15", place.display(), error),
            Ok(file) => {
                let file = file.unwrap_or_default();
                let (applied, number) = (self.inner.checkpoint.applied(), self.run.number);
                if (file.applied, file.number, file.hash) != (applied, number, expected) {
                    let what = format!("it says {file:?}, the last checkpoint was {number} at {applied}");
                    self.report.damage("E15", place.display(), what);
                }
            }
        }
    }

    /// E21: the alarm for a sled that does not reclaim compares its file with these bytes. Whatever else is wrong with
    /// the blocks changes them, too.
    pub fn check_live_bytes(&mut self) {
        let (counted, bytes) = (self.run.live_bytes, self.report.bytes);
        if self.is_settled && self.report.is_clean() && counted.is_some_and(|counted| counted != bytes) {
            self.report.waste("E21", "meta rows", format!("the blocks have {bytes} bytes, not {counted:?}"));
        }
    }

    /// E21: what each block file holds is what is written of it, for by that files go and are emptied.
    pub fn check_block_files(&mut self) {
        if !self.is_settled || !self.report.is_clean() {
            return;
        }
        match self.inner.backend.audit() {
            Ok(found) => found.into_iter().for_each(|what| self.report.waste("E21", "meta rows", what)),
            Err(error) => self.note_unreadable("E21", "block files", error),
        }
    }

    /// E9, E10: the segments hold every seq from the applied one on, up to what the kernel was given.
    pub fn check_journal(&mut self) {
        let applied = self.inner.checkpoint.applied();
        // What runs hold need not be in the journal any more.
        let applied = self.inner.tables.load().runs.last().map_or(applied, |last| last.through());
        let written = self.inner.journal.written_seq();
        match self.inner.journal.check(applied) {
            Err(error) => self.note_unreadable("E9", "journal", error),
            Ok(None) => {}
            Ok(Some(found)) => {
                self.report.journal_records = found.records;
                if found.last_seq < written.max(applied) {
                    let what = format!("it ends at seq {}, and {written} was written", found.last_seq);
                    self.report.damage("E10", "journal", what);
                }
            }
        }
    }
}
