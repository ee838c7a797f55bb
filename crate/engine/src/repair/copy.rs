//! The new store: namespaces, the rows of all blocks, then the journal's commits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::blocks::{Blocks, Run, SLED_FILE, rows_of};
use super::folder::Damaged;
use super::journal::{self, Step};
use super::{Effect, Lost, RepairReport, runs};
use crate::batch::{Batch, Operation, OperationKind, Operations};
use crate::block::RowRef;
use crate::disk::RealDisk;
use crate::error::{Error, ErrorCode, Result};
use crate::folder;
use crate::journal::{Salvaged, SalvagedRecord, SegmentInfo};
use crate::large::Manifest;
use crate::namespace::{Namespace, NamespaceId, NamespaceOptions, decode_row, row};
use crate::options::{Compression, Durability, Options, VALUE_STREAMED_ABOVE};
use crate::order::{map_of, sort_sometimes};
use crate::progress::Progress;
use crate::range::KeyRange;
use crate::row::RowKind;
use crate::scan::ScanOptions;
use crate::sorted_run::salvage::SalvagedRun;
use crate::store::{Read, Store};

/// The epoch of a store whose journal is gone: more opens than there were before.
const EPOCH_UNKNOWN: u32 = 1 << 30;
/// Bytes of one commit of rows.
const COMMIT_BYTES: usize = 256 << 10;

/// Makes the store in a new folder.
pub(super) fn write(
    damaged: Damaged,
    to: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<RepairReport> {
    let Damaged { compression, epoch, completed, source, runs, journal, mut lost, lock } = damaged;
    let blocks = Blocks::new(&source, completed.as_ref());
    if source.file.is_none() && completed.is_some_and(|completed| completed.number > 0) {
        let effect = if blocks.is_certain { Effect::None } else { Effect::Missing };
        lost.push(Lost::anywhere(SLED_FILE, effect, "the file that leads to all blocks is gone or empty"));
    }
    let plan = journal.as_ref().map(|journal| journal::plan(journal, &runs, blocks.applied)).unwrap_or_default();
    let journal = journal.unwrap_or_default();
    let (mut catalogue, missing) = rows_of(&blocks, NamespaceId::CATALOGUE.get());
    let has_all_rows = runs.iter().all(SalvagedRun::is_whole);
    let is_catalogue_whole = missing.is_empty() && has_all_rows && !plan.lacks_commits && !blocks.has_unknown();
    lost.extend(plan.lost.into_iter().chain(missing));
    for &step in &plan.steps {
        match step {
            Step::Commit(at) => apply_to_catalogue(&mut catalogue, &journal.payload(&journal.records[at])),
            Step::Run(at) => runs::apply_to_catalogue(&runs[at], &mut catalogue),
        }
    }
    let compression = options.compression.or(compression).unwrap_or(Compression::Lz4);
    // E1: rows that carry an epoch, as those of an index that is being built do, are of one that is over.
    let epoch = epoch.unwrap_or(EPOCH_UNKNOWN).checked_add(1).filter(|&epoch| epoch < u32::MAX);
    let epoch = epoch.ok_or_else(|| Error::internal("there are no epochs left"))?;
    folder::create(&RealDisk, to, compression, SegmentInfo { epoch, first_seq: 1 })?;
    let options = Options { compression: Some(compression), durability: Durability::None, ..options.clone() };
    let store = Store::open(to, &options)?;
    let total = blocks.len() + plan.steps.len() as u64;
    let (chunks, namespaces, batch) = (BTreeMap::new(), BTreeMap::new(), Batch::new());
    let (store_of, blocks_of, runs_of, journal_of) = (&store, &blocks, &runs[..], &journal);
    let mut copy = Copy {
        store: store_of,
        blocks: blocks_of,
        runs: runs_of,
        journal: journal_of,
        chunks,
        namespaces,
        batch,
        lost,
        lost_values: BTreeMap::new(),
        progress,
        done: 0,
        total,
    };
    copy.tell_progress(0)?;
    copy.note_chunks();
    copy.create_namespaces(&catalogue, is_catalogue_whole, &plan.steps)?;
    copy.copy_blocks()?;
    copy.apply(&plan.steps)?;
    let commits = plan.steps.iter().filter(|step| matches!(step, Step::Commit(_))).count();
    let report = copy.finish(&plan.steps, commits as u64)?;
    store.close()?;
    drop(lock);
    Ok(report)
}

struct Copy<'a> {
    store: &'a Store,
    blocks: &'a Blocks<'a>,
    runs: &'a [SalvagedRun],
    journal: &'a Salvaged,
    /// Chunks of large values that the journal has, by namespace and key.
    chunks: BTreeMap<(u32, Vec<u8>), Vec<u8>>,
    /// The new namespaces, by their old numbers.
    namespaces: BTreeMap<u32, Arc<Namespace>>,
    batch: Batch,
    lost: Vec<Lost>,
    /// Large values, by old number and key, that lack parts as long as nothing replaces them, with the key of the first
    /// part that is not there.
    lost_values: BTreeMap<(u32, Vec<u8>), Vec<u8>>,
    progress: &'a mut dyn FnMut(Progress) -> bool,
    done: u64,
    total: u64,
}

impl<'a> Copy<'a> {
    fn note_chunks(&mut self) {
        for record in &self.journal.records {
            for operation in Operations::of(&self.journal.payload(record)) {
                if operation.kind == OperationKind::Chunk {
                    let key = (operation.namespace.get(), operation.key.to_vec());
                    self.chunks.insert(key, operation.value.to_vec());
                }
            }
        }
    }

    /// Makes the namespaces that live at the end. Rows of one that nobody names are kept only where its name may be lost.
    fn create_namespaces(
        &mut self,
        catalogue: &BTreeMap<Vec<u8>, Vec<u8>>,
        is_whole: bool,
        steps: &[Step],
    ) -> Result<()> {
        let mut dropped = BTreeSet::from([NamespaceId::CATALOGUE.get()]);
        for (key, value) in catalogue {
            match key.split_at_checked(1) {
                Some((tag, name)) if tag == row::NAMES => match decode_row(name, value) {
                    Ok(known) => self.create(known.id.get(), &known.name, &known.options)?,
                    Err(error) => {
                        let file = self.blocks.file_name;
                        self.lost.push(Lost::anywhere(file, Effect::Missing, error.what()));
                    }
                },
                Some((tag, id)) if tag == row::DROPPED => {
                    dropped.extend(id.try_into().ok().map(u32::from_be_bytes));
                }
                _ => {}
            }
        }
        if is_whole {
            return Ok(());
        }
        let mut found: BTreeSet<u32> = self.blocks.namespaces().into_iter().collect();
        for &step in steps {
            match step {
                Step::Commit(at) => {
                    let payload = self.journal.payload(&self.journal.records[at]);
                    found.extend(Operations::of(&payload).map(|operation| operation.namespace.get()));
                }
                Step::Run(at) => runs::for_each_row(&self.runs[at], &mut |namespace, _, _| -> Result<()> {
                    found.insert(namespace);
                    Ok(())
                })?,
            }
        }
        for id in found.difference(&dropped) {
            if !self.namespaces.contains_key(id) {
                let name = format!("recovered-{id}");
                let what = format!("the name of a namespace is lost; its rows are in {name}");
                self.create(*id, &name, &NamespaceOptions::default())?;
                let lost = Lost::anywhere(self.blocks.file_name, Effect::Older, what);
                self.lost.push(Lost { namespace: Some(name), ..lost });
            }
        }
        Ok(())
    }

    fn create(&mut self, id: u32, name: &str, options: &NamespaceOptions) -> Result<()> {
        let namespace = self.store.namespace(name, options)?;
        self.namespaces.insert(id, namespace);
        Ok(())
    }

    fn copy_blocks(&mut self) -> Result<()> {
        for (id, namespace) in self.namespaces.clone() {
            let (blocks, name) = (self.blocks, namespace.name.as_str());
            let lost = blocks.walk(id, Some(name), &mut |run| self.copy_run(id, &namespace, &run))?;
            self.lost.extend(lost);
            self.apply_batch()?;
        }
        Ok(())
    }

    fn copy_run(&mut self, id: u32, namespace: &Namespace, run: &Run) -> Result<()> {
        for index in run.rows() {
            let row = run.block.row(index);
            self.copy_row(id, namespace, &row.key.to_vec(), &row)?;
        }
        self.tell_progress(1)
    }

    fn copy_row(&mut self, id: u32, namespace: &Namespace, key: &[u8], row: &RowRef<'_>) -> Result<()> {
        match (row.kind, row.expires_at) {
            (RowKind::Manifest, expires_at) => {
                self.apply_batch()?;
                return self.copy_large(id, namespace, key, row.value, expires_at);
            }
            (RowKind::Tombstone, _) => self.batch.delete(namespace.id, key)?,
            (RowKind::Value, Some(expires_at)) => self.batch.put_expiring(namespace.id, key, row.value, expires_at)?,
            (RowKind::Value, None) => self.batch.put(namespace.id, key, row.value)?,
        }
        if self.batch.as_bytes().len() >= COMMIT_BYTES { self.apply_batch() } else { Ok(()) }
    }

    fn copy_sorted_run(&mut self, at: usize) -> Result<()> {
        let runs = self.runs;
        runs::for_each_row(&runs[at], &mut |id, key, row| {
            let Some(namespace) = self.namespaces.get(&id).cloned() else { return Ok(()) };
            self.lost_values.remove(&(id, key.to_vec()));
            self.copy_row(id, &namespace, key, row)
        })?;
        self.apply_batch()
    }

    fn apply_batch(&mut self) -> Result<()> {
        self.store.apply(&self.batch)?;
        self.batch.reset();
        Ok(())
    }

    /// Copies a value that is in chunks; one that lacks any is left out, and named.
    fn copy_large(
        &mut self,
        id: u32,
        namespace: &Namespace,
        key: &[u8],
        manifest: &[u8],
        expires_at: Option<u64>,
    ) -> Result<()> {
        let read = Manifest::decode(manifest).map_err(|_| Vec::new());
        let value = match read.and_then(|manifest| self.read_large(id, &manifest)) {
            Ok(value) => value,
            Err(part) => {
                self.lost_values.insert((id, key.to_vec()), part);
                // What it replaced is not what was there.
                self.batch.delete(namespace.id, key)?;
                return self.apply_batch();
            }
        };
        self.lost_values.remove(&(id, key.to_vec()));
        if value.len() > VALUE_STREAMED_ABOVE {
            let mut writer = self.store.large_writer(namespace.id)?;
            writer.write(&value)?;
            return self.store.finish_large(writer, key, expires_at, Durability::None).map(drop);
        }
        match expires_at {
            Some(expires_at) => self.batch.put_expiring(namespace.id, key, &value, expires_at)?,
            None => self.batch.put(namespace.id, key, &value)?,
        }
        self.apply_batch()
    }

    /// The value, or the key of the part that is not there.
    fn read_large(&self, id: u32, manifest: &Manifest) -> std::result::Result<Vec<u8>, Vec<u8>> {
        let mut value = Vec::new();
        for chunk in 0..manifest.chunks() {
            let chunk_key = manifest.chunk_key(chunk);
            if let Some(bytes) = self.chunks.get(&(id, chunk_key.to_vec())) {
                value.extend_from_slice(bytes);
            } else if !self.blocks.chunk(id, &chunk_key, &mut value) {
                return Err(chunk_key.to_vec());
            }
        }
        let is_right = value.len() as u64 == manifest.length && crc32c::crc32c(&value) == manifest.checksum;
        if is_right { Ok(value) } else { Err(Vec::new()) }
    }

    fn apply(&mut self, steps: &[Step]) -> Result<()> {
        for &step in steps {
            match step {
                Step::Commit(at) => self.apply_commit(&self.journal.records[at])?,
                Step::Run(at) => self.copy_sorted_run(at)?,
            }
            self.tell_progress(1)?;
        }
        Ok(())
    }

    fn apply_commit(&mut self, record: &SalvagedRecord) -> Result<()> {
        let payload = self.journal.payload(record);
        let operations = || Operations::of(&payload);
        for operation in operations() {
            self.push(&operation)?;
        }
        self.apply_batch()?;
        // Behind what the same commit cleared.
        for operation in operations().filter(|operation| operation.kind.is_manifest()) {
            let id = operation.namespace.get();
            if let Some(namespace) = self.namespaces.get(&id).cloned() {
                self.copy_large(id, &namespace, operation.key, operation.value, operation.expires_at)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, operation: &Operation<'_>) -> Result<()> {
        let is_row = !operation.kind.is_manifest() && operation.kind != OperationKind::Chunk;
        let id = operation.namespace.get();
        let Some(namespace) = self.namespaces.get(&id).filter(|_| is_row) else { return Ok(()) };
        self.batch.push_operation(&Operation { namespace: namespace.id, ..*operation })?;
        let (key, value) = (operation.key, operation.value);
        match operation.kind {
            OperationKind::Clear => {
                self.lost_values.retain(|(of, lost), _| *of != id || lost.as_slice() < key || lost.as_slice() >= value);
            }
            OperationKind::ClearToEnd => {
                self.lost_values.retain(|(of, lost), _| *of != id || lost.as_slice() < key);
            }
            _ => drop(self.lost_values.remove(&(id, key.to_vec()))),
        }
        Ok(())
    }

    fn name_lost_values(&mut self) {
        for ((id, key), part) in std::mem::take(&mut self.lost_values) {
            let namespace = self.namespaces.get(&id).map(|namespace| namespace.name.clone());
            let above = [&key[..], &[0]].concat();
            let what = "parts of a large value cannot be read";
            let lost = self.blocks.lost_chunk(id, &part, what);
            self.lost.push(Lost { namespace, keys: (key, Some(above)), ..lost });
        }
    }

    /// What runs lack that were to be applied; of others the blocks have everything.
    fn name_lost_of_runs(&mut self, steps: &[Step]) {
        let names = map_of(self.namespaces.iter().map(|(id, namespace)| (*id, namespace.name.clone())));
        for (at, run) in self.runs.iter().enumerate() {
            let is_had = !steps.contains(&Step::Run(at)) || journal::has_all_of(self.journal, run);
            self.lost.extend(runs::lost_of(run, &names, is_had));
        }
    }

    /// Counts the rows and says what was lost.
    fn finish(mut self, steps: &[Step], commits: u64) -> Result<RepairReport> {
        self.name_lost_values();
        self.name_lost_of_runs(steps);
        let unplaced = self.blocks.unplaced(&self.lost);
        self.lost.extend(unplaced);
        self.store.flush()?;
        let mut namespaces = Vec::new();
        for namespace in self.namespaces.values() {
            let options = ScanOptions { keys_only: true, ..ScanOptions::default() };
            let mut rows = 0;
            for row in self.store.scan(namespace.id, &KeyRange::all(), options)? {
                row?;
                rows += 1;
            }
            namespaces.push((namespace.name.clone(), rows));
        }
        sort_sometimes(&mut namespaces, Ord::cmp);
        self.done = self.total;
        self.tell_progress(0)?;
        Ok(RepairReport { namespaces, commits, lost: self.lost })
    }

    fn tell_progress(&mut self, more: u64) -> Result<()> {
        self.done += more;
        if (self.progress)(Progress { done: self.done, total: self.total }) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Aborted, "repairing was ended; nothing is left of it"))
    }
}

fn apply_to_catalogue(rows: &mut BTreeMap<Vec<u8>, Vec<u8>>, payload: &[u8]) {
    for operation in Operations::of(payload).filter(|operation| operation.namespace == NamespaceId::CATALOGUE) {
        match operation.kind {
            OperationKind::Put => drop(rows.insert(operation.key.to_vec(), operation.value.to_vec())),
            OperationKind::Delete => drop(rows.remove(operation.key)),
            _ => {}
        }
    }
}
