//! Random operations with kills, power cuts, reopens and checkpoints cut off at any write agree with an ordered map, whose
//! rows may expire.

use std::ops::Bound;
use std::sync::atomic::Ordering;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::crash_model::{Change, Log, Model, Stored};
use super::{Bed, Crash, START_MS, seed, setting, timed_options};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::error::ErrorCode;
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::options::{Durability, Options};
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Seq, Snapshot, Status, Store, Write};
use crate::verify::Severity;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

struct Run {
    random: SmallRng,
    options: Options,
    bed: Bed,
    store: Store,
    log: Log,
    snapshots: Vec<(Snapshot, Model, u64)>,
    /// Written to the kernel, and synced, at least.
    acknowledged: (Seq, Seq),
    keys: u32,
    counts: Counts,
    /// A write that failed: the next open may find it or not.
    doubt: Vec<Change>,
    /// Whether memtables become sorted runs: then rows are small, none expires, and no range is cleared.
    is_plain: bool,
    /// Whether a fault waits; without one the store must not be poisoned.
    is_planted: bool,
}

/// What a run came by, so that a test that meets nothing does not pass for one that finds nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    crashes: u64,
    lost: u64,
    redone: u64,
    history: u64,
    interrupted: u64,
    fell_back: u64,
    runs: u64,
}

fn key(random: &mut SmallRng, keys: u32) -> Vec<u8> {
    match random.random_range(0..12) {
        0 => vec![0xff; random.random_range(0..6)],
        1 => vec![0; random.random_range(0..6)],
        2 => {
            let mut long = vec![b'x'; random.random_range(590..600)];
            long.push(random.random());
            long
        }
        _ => format!("key-{:04}", random.random_range(0..keys)).into_bytes(),
    }
}

fn value(random: &mut SmallRng, is_plain: bool) -> Vec<u8> {
    let length = match random.random_range(0..400) {
        _ if is_plain => random.random_range(0..120),
        0 => 90_000,
        1..=3 => 20_000,
        4..=9 => 5_000,
        10..=20 => 1_500,
        _ => random.random_range(0..120),
    };
    let byte: u8 = random.random();
    (0..length).map(|at| byte.wrapping_add((at / 7) as u8)).collect()
}

fn range(random: &mut SmallRng, keys: u32) -> KeyRange {
    let mut bound = || match random.random_range(0..4) {
        0 => Bound::Unbounded,
        1 => Bound::Excluded(key(random, keys)),
        _ => Bound::Included(key(random, keys)),
    };
    let (start, end) = (bound(), bound());
    if random.random_bool(0.5) {
        return KeyRange::prefix(&format!("key-{:04}", random.random_range(0..keys)).as_bytes()[..6]);
    }
    KeyRange { start, end }
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let options = Options {
            memtable_bytes: Some([16 << 10, 64 << 10, 256 << 10][random.random_range(0..3)]),
            block_bytes: Some([256, 512, 4096][random.random_range(0..3)]),
            durability: [Durability::None, Durability::Os, Durability::Full][random.random_range(0..3)],
            ..timed_options(&Clock::manual(START_MS))
        };
        let keys = [30, 300, 3_000][random.random_range(0..3)];
        // Every other run, so that both kinds are met.
        let is_plain = seed.is_multiple_of(2);
        let bed = Bed::new();
        let store = bed.open(&options).unwrap();
        store.inner.spills_always.store(is_plain, Ordering::Relaxed);
        let (log, snapshots, counts) = (Log::default(), Vec::new(), Counts::default());
        let doubt = Vec::new();
        let mut run = Self {
            random,
            options,
            bed,
            store,
            log,
            snapshots,
            acknowledged: (0, 0),
            keys,
            counts,
            doubt,
            is_plain,
            is_planted: false,
        };
        run.create();
        run
    }

    fn now_ms(&self) -> u64 {
        self.options.clock.now_ms()
    }

    fn stored(&mut self) -> Stored {
        let expires_at = (!self.is_plain && self.random.random_bool(0.3))
            .then(|| self.now_ms() + self.random.random_range(0..1_000));
        Stored { value: value(&mut self.random, self.is_plain), expires_at }
    }

    fn namespace(&mut self) -> Option<u32> {
        let ids: Vec<u32> = self.log.now.names.values().copied().collect();
        (!ids.is_empty()).then(|| ids[self.random.random_range(0..ids.len())])
    }

    fn level(&mut self) -> Durability {
        [Durability::None, Durability::None, Durability::Os, Durability::Full][self.random.random_range(0..4)]
    }

    fn acknowledge(&mut self, seq: Seq, level: Durability) {
        let (os, full) = &mut self.acknowledged;
        *os = (*os).max(if level >= Durability::Os { seq } else { 0 });
        *full = (*full).max(if level == Durability::Full { seq } else { 0 });
    }

    fn changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for _ in 0..self.random.random_range(1..12) {
            let Some(namespace) = self.namespace() else { break };
            let (key, roll) = (key(&mut self.random, self.keys), self.random.random_range(0..100));
            changes.push(match roll {
                0..=24 => Change::Delete(namespace, key),
                25..=27 if !self.is_plain => Change::Clear(namespace, range(&mut self.random, self.keys)),
                _ => Change::Put(namespace, key, self.stored()),
            });
        }
        changes
    }

    fn batch(&mut self) {
        let changes = self.changes();
        let mut batch = Batch::new();
        if write(&mut batch, &changes).is_err() {
            return; // a clear after a large put is refused
        }
        let level = self.level();
        let applied = self.store.apply(&batch);
        self.finish(applied, changes, level);
    }

    fn transaction(&mut self) {
        let changes = self.changes();
        let level = self.level();
        let Ok(mut transaction) = self.store.begin() else { return };
        if let Some(namespace) = self.namespace() {
            let key = key(&mut self.random, self.keys);
            let found = transaction.get(NamespaceId::new(namespace), &key).unwrap();
            assert_eq!(found.as_ref(), self.log.now.get(namespace, &key, self.now_ms()));
        }
        write(&mut transaction, &changes).unwrap();
        let applied = transaction.apply();
        drop(transaction);
        self.finish(applied, changes, level);
    }

    fn finish(&mut self, applied: crate::Result<Seq>, changes: Vec<Change>, level: Durability) {
        match applied {
            Ok(seq) => {
                self.log.push(seq.saturating_sub(1), seq, changes);
                if self.store.wait(seq, level).is_ok() {
                    self.acknowledge(seq, level);
                }
            }
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::StorageFailed, "{error}");
                self.doubt = changes;
            }
        }
    }

    fn catalogue(&mut self, change: impl FnOnce(&mut Self) -> crate::Result<Option<Change>>) {
        let before = self.store.visible_seq();
        match change(self) {
            Ok(Some(change)) => self.log.push(before, self.store.visible_seq(), vec![change]),
            Ok(None) => {}
            // Whether it was done is decided by what the next open finds.
            Err(error) => assert_eq!(error.code(), ErrorCode::StorageFailed, "{error}"),
        }
    }

    fn create(&mut self) {
        let name = NAMES[self.random.random_range(0..NAMES.len())];
        self.catalogue(|run| {
            let namespace = run.store.namespace(name, &NamespaceOptions::default())?;
            let is_new = !run.log.now.names.contains_key(name);
            Ok(is_new.then(|| Change::Create(name.to_owned(), namespace.id.get())))
        });
    }

    fn drop_namespace(&mut self) {
        let name = NAMES[self.random.random_range(0..NAMES.len())];
        self.catalogue(|run| Ok(run.store.drop_namespace(name)?.then(|| Change::Drop(name.to_owned()))));
    }

    fn rename(&mut self) {
        let from = NAMES[self.random.random_range(0..NAMES.len())];
        let to = NAMES[self.random.random_range(0..NAMES.len())];
        let names = &self.log.now.names;
        if names.contains_key(from) && !names.contains_key(to) {
            self.catalogue(|run| {
                run.store.rename_namespace(from, to)?;
                Ok(Some(Change::Rename(from.to_owned(), to.to_owned())))
            });
        }
    }

    fn check(&mut self) {
        let Some(namespace) = self.namespace() else { return };
        let (key, range) = (key(&mut self.random, self.keys), range(&mut self.random, self.keys));
        let reverse = self.random.random();
        let now = (&self.log.now, self.now_ms());
        let mut found = difference(&self.store, now, namespace, &key, &range, reverse);
        if found.is_none() && !self.snapshots.is_empty() {
            let at = self.random.random_range(0..self.snapshots.len());
            let (snapshot, model, time_ms) = &self.snapshots[at];
            if model.names.values().any(|&id| id == namespace) {
                found = difference(snapshot, (model, *time_ms), namespace, &key, &range, reverse);
            }
        }
        // Once poisoned, reads stop at what is durable (E11); the next open is compared with that.
        if let Some(difference) = found.filter(|_| self.store.status() != Status::Poisoned) {
            panic!("{difference}");
        }
    }

    fn check_all(&self) {
        assert_eq!(differences(&self.store, (&self.log.now, self.now_ms())), None);
        let names = self.store.namespaces().iter().map(|n| (n.name.clone(), n.id.get())).collect();
        assert_eq!(self.log.now.names, names);
    }

    /// Lets the backend or the disk fail some writes from now.
    fn plant_fault(&mut self) {
        self.is_planted = true;
        match self.random.random_range(0..4) {
            0 => self.bed.backend.fail_flush(self.bed.backend.flushes() + self.random.random_range(1..3)),
            1 => self.bed.disk.crash_at(self.bed.disk.log().len() + self.random.random_range(0..40)),
            _ => self.bed.backend.fail_write(self.bed.backend.writes() + self.random.random_range(1..300)),
        }
    }

    fn close_and_open(&mut self) {
        self.snapshots.clear();
        match self.store.close() {
            Ok(()) => {
                let seq = self.store.visible_seq();
                self.acknowledged = (seq, seq);
                // As a kill after close: everything is flushed.
                self.open_after(Crash::Kill);
            }
            Err(_) => self.open_after(Crash::Kill),
        }
    }

    fn crash(&mut self) {
        let crash = if self.random.random() { Crash::Kill } else { Crash::PowerCut };
        self.open_after(crash);
    }

    fn open_after(&mut self, crash: Crash) {
        self.counts.crashes += 1;
        let cause = self.store.inner.poisoned.get();
        assert!(self.is_planted || cause.is_none(), "poisoned without a fault: {cause:?}");
        self.is_planted = false;
        let interrupted = !self.bed.backend.operations_since_flush().is_empty();
        let (last, history) = (self.store.visible_seq(), self.store.inner.checkpoint.history_reaches(0));
        self.counts.history += u64::from(history);
        self.counts.interrupted += u64::from(interrupted);
        self.counts.runs += u64::from(!self.store.inner.tables.load().runs.is_empty());
        self.snapshots.clear();
        self.bed = std::mem::replace(&mut self.bed, Bed::new()).crash(&self.store, crash, &mut self.random);
        self.store = self.bed.open(&self.options).unwrap();
        self.store.inner.spills_always.store(self.is_plain, Ordering::Relaxed);
        let found = self.recovered_seq();
        let promised = if crash == Crash::Kill { self.acknowledged.0 } else { self.acknowledged.1 };
        assert!(found >= promised, "{crash:?} lost seq {promised}: found {found} of {last}");
        self.counts.lost += u64::from(found < last);
        self.counts.fell_back += u64::from(self.store.stats().recovery.fell_back);
        self.counts.redone += u64::from(self.store.inner.checkpoint.applied() < found);
        let names = self.store.namespaces().iter().map(|n| (n.name.clone(), n.id.get())).collect();
        self.log.take_back(found, &names);
        self.settle_doubt();
        // Recovery leaves everything it found durable.
        self.acknowledged = (found, found);
        self.check_all();
        let damage = self.store.verify(&mut |_| true).unwrap().findings;
        assert!(damage.iter().all(|finding| finding.severity == Severity::Waste), "{crash:?}: {damage:?}");
        if self.random.random() {
            self.settle();
        }
    }

    /// The last seq that the open found. The engine's own commits may have raised the visible one since.
    fn recovered_seq(&self) -> Seq {
        self.store.inner.journal.begins_at() - 1
    }

    /// After the interrupted checkpoint was repeated nothing is left to find.
    fn settle(&mut self) {
        if self.store.checkpoint().is_ok() {
            self.check_all();
            let report = self.store.verify(&mut |_| true).unwrap();
            assert!(report.is_clean(), "{:?}", report.findings);
        }
    }

    /// The failed write was found whole, or not at all.
    fn settle_doubt(&mut self) {
        let doubt = std::mem::take(&mut self.doubt);
        let mut with = self.log.now.clone();
        doubt.iter().for_each(|change| with.apply(change));
        let found = self.store.namespaces().iter().map(|n| (n.name.clone(), n.id.get())).collect();
        if self.log.now.names != found {
            // A change of the catalogue is the one in doubt.
            self.log.now.names = found;
            let live: Vec<u32> = self.log.now.names.values().copied().collect();
            self.log.now.rows.retain(|(namespace, _), _| live.contains(namespace));
        } else if !doubt.is_empty() && differences(&self.store, (&with, self.now_ms())).is_none() {
            self.log.now = with;
        }
        self.log.rebase();
    }

    fn step(&mut self) {
        // Mostly within what rows live; now and then past all of it.
        let forward = if self.random.random_range(0..500) == 0 { 7_200_000 } else { self.random.random_range(0..5) };
        self.options.clock.set(self.now_ms() + forward);
        match self.random.random_range(0..1_000) {
            0..=399 => self.batch(),
            400..=459 => self.transaction(),
            460..=469 => drop(self.store.checkpoint()),
            470..=474 => drop(self.store.compact(&mut |_| true)),
            475..=484 => self.plant_fault(),
            485..=489 => self.close_and_open(),
            490..=499 => self.crash(),
            500..=509 => self.create(),
            510..=514 => self.drop_namespace(),
            515..=519 => self.rename(),
            520..=539 if self.snapshots.len() < 4 && self.store.status() == Status::Open => {
                self.snapshots.push((self.store.snapshot().unwrap(), self.log.now.clone(), self.now_ms()));
            }
            540..=559 if !self.snapshots.is_empty() => {
                let at = self.random.random_range(0..self.snapshots.len());
                self.snapshots.swap_remove(at);
            }
            560..=564 => drop(self.store.flush()),
            _ => self.check(),
        }
        if self.store.status() == Status::Poisoned {
            self.crash();
        }
    }
}

fn write(to: &mut impl Write, changes: &[Change]) -> crate::Result<()> {
    for change in changes {
        match change {
            Change::Put(namespace, key, Stored { value, expires_at: None }) => {
                to.put(NamespaceId::new(*namespace), key, value)?;
            }
            Change::Put(namespace, key, Stored { value, expires_at: Some(at) }) => {
                to.put_expiring(NamespaceId::new(*namespace), key, value, *at)?;
            }
            Change::Delete(namespace, key) => to.delete(NamespaceId::new(*namespace), key)?,
            Change::Clear(namespace, range) => to.clear(NamespaceId::new(*namespace), range)?,
            _ => {}
        }
    }
    Ok(())
}

fn short(key: &[u8]) -> String {
    format!("{}:{}", key.len(), key[key.len().saturating_sub(9)..].escape_ascii())
}

/// How the answers for all namespaces differ from the model.
fn differences(store: &Store, (model, time_ms): (&Model, u64)) -> Option<String> {
    let both = |&namespace: &u32| [false, true].map(|reverse| (namespace, reverse));
    let mut scans = model.names.values().flat_map(both);
    scans
        .find_map(|(namespace, reverse)| difference(store, (model, time_ms), namespace, b"", &KeyRange::all(), reverse))
}

/// How the answers of one get and one scan differ from the model at a time.
fn difference(
    reader: &impl Read,
    (model, time_ms): (&Model, u64),
    namespace: u32,
    key: &[u8],
    range: &KeyRange,
    reverse: bool,
) -> Option<String> {
    let id = NamespaceId::new(namespace);
    let found = reader.get(id, key);
    let right = model.get(namespace, key, time_ms);
    match &found {
        Ok(found) if found.as_ref() == right => {}
        Ok(found) => {
            let lengths = (found.as_ref().map(Vec::len), right.map(Vec::len));
            return Some(format!("get of {} in {namespace}: lengths {lengths:?}", short(key)));
        }
        Err(error) => return Some(error.to_string()),
    }
    let options = ScanOptions { reverse, ..ScanOptions::default() };
    let found = match reader.scan(id, range, options).and_then(Iterator::collect::<crate::Result<Vec<_>>>) {
        Ok(found) => found,
        Err(error) => return Some(error.to_string()),
    };
    let right = model.scan(namespace, range, reverse, time_ms);
    let at = (0..found.len().max(right.len())).find(|&at| found.get(at) != right.get(at))?;
    let show = |row: Option<&(Vec<u8>, Vec<u8>)>| row.map(|(key, value)| (short(key), value.len()));
    let (have, want) = (show(found.get(at)), show(right.get(at)));
    Some(format!("scan of {namespace}, reverse {reverse}: row {at} of {} is {have:?}, not {want:?}", found.len()))
}

#[test]
fn random_crashes_agree_with_an_ordered_map() {
    let (first, steps) = (seed(), setting("SLEDSTORE_STEPS", 1_500));
    let runs = if std::env::var("SLEDSTORE_SEED").is_ok() { 1 } else { setting("SLEDSTORE_RUNS", 12) };
    let mut total = Counts::default();
    for at in 0..runs {
        let seed = first.wrapping_add(at);
        eprintln!("run {at}: SLEDSTORE_SEED={seed}");
        let mut run = Run::new(seed);
        for _ in 0..steps {
            run.step();
        }
        run.crash();
        run.settle();
        total.crashes += run.counts.crashes;
        total.lost += run.counts.lost;
        total.redone += run.counts.redone;
        total.history += run.counts.history;
        total.interrupted += run.counts.interrupted;
        total.fell_back += run.counts.fell_back;
        total.runs += run.counts.runs;
    }
    eprintln!("{total:?}");
    if runs >= 12 {
        assert!(total.crashes > 100 && total.lost > 10 && total.redone > 20, "{total:?}");
        assert!(total.history > 5 && total.interrupted > 10 && total.fell_back > 5, "{total:?}");
        assert!(total.runs > 3, "{total:?}");
    }
}
