//! Random operations with reopen, checkpoint, snapshots and rows that expire agree with an ordered map.

use std::collections::BTreeMap;
use std::ops::Bound;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{
    Batch, Clock, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Read, ScanOptions, Snapshot, Store,
};

/// When time begins.
const START_MS: u64 = 1_700_000_000_000;

/// A value, and the time from which it is gone.
#[derive(Clone)]
struct Stored {
    value: Vec<u8>,
    expires_at: Option<u64>,
}

impl Stored {
    fn at(&self, time_ms: u64) -> Option<&Vec<u8>> {
        self.expires_at.is_none_or(|at| at > time_ms).then_some(&self.value)
    }
}

type Model = BTreeMap<(u32, Vec<u8>), Stored>;

/// What a reader must see: the rows of a model at a time.
#[derive(Clone, Copy)]
struct View<'a> {
    model: &'a Model,
    time_ms: u64,
}

fn seed() -> u64 {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

fn options(clock: &Clock) -> Options {
    Options {
        clock: clock.clone(),
        durability: Durability::None,
        memory_budget: 24 << 20,
        memtable_bytes: Some(128 << 10),
        block_bytes: Some(512),
        ..Options::default()
    }
}

struct Run {
    random: StdRng,
    store: Store,
    model: Model,
    namespaces: Vec<NamespaceId>,
    snapshots: Vec<(Snapshot, Model, u64)>,
    clock: Clock,
    folder: tempfile::TempDir,
}

fn key(random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..10) {
        0 => vec![0xff; random.random_range(0..20)],
        1 => vec![0; random.random_range(0..20)],
        2 => {
            let mut long = vec![b'x'; 600];
            long.extend_from_slice(&random.random_range(0..50_u32).to_be_bytes());
            long
        }
        _ => format!("key-{:05}", random.random_range(0..2_000)).into_bytes(),
    }
}

fn value(random: &mut StdRng) -> Vec<u8> {
    let length = match random.random_range(0..200) {
        0 => 200_000,
        1..=3 => 20_000,
        4..=10 => 5_000,
        _ => random.random_range(0..150),
    };
    let byte: u8 = random.random();
    (0..length).map(|i| byte.wrapping_add((i / 7) as u8)).collect()
}

fn range(random: &mut StdRng) -> KeyRange {
    let bound = |random: &mut StdRng| match random.random_range(0..4) {
        0 => Bound::Unbounded,
        1 => Bound::Excluded(key(random)),
        _ => Bound::Included(key(random)),
    };
    if random.random_range(0..4) == 0 {
        return KeyRange::prefix(format!("key-{:03}", random.random_range(0..200)).as_bytes());
    }
    KeyRange { start: bound(random), end: bound(random) }
}

fn expected(view: View<'_>, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Vec<(Vec<u8>, Vec<u8>)> {
    let rows = view.model.iter().filter(|((id, key), _)| *id == namespace.get() && range.contains(key));
    let rows = rows.filter_map(|((_, key), stored)| Some((key.clone(), stored.at(view.time_ms)?.clone())));
    let mut rows: Vec<_> = rows.collect();
    if options.reverse {
        rows.reverse();
    }
    rows.truncate(options.limit.map_or(usize::MAX, |limit| limit as usize));
    rows
}

impl Run {
    fn reopen(&mut self) {
        self.snapshots.clear();
        self.store.close().expect("close");
        self.store = Store::open(self.folder.path(), &options(&self.clock)).expect("reopen");
    }

    fn write(&mut self) {
        let mut batch = Batch::new();
        for _ in 0..self.random.random_range(1..20) {
            let namespace = self.namespaces[self.random.random_range(0..self.namespaces.len())];
            let key = key(&mut self.random);
            match self.random.random_range(0..20) {
                0..=4 => {
                    batch.delete(namespace, &key).expect("delete");
                    self.model.remove(&(namespace.get(), key));
                }
                kind => {
                    let value = value(&mut self.random);
                    let expires_at = (kind < 11).then(|| self.clock.now_ms() + self.random.random_range(0..3_000));
                    match expires_at {
                        Some(at) => batch.put_expiring(namespace, &key, &value, at).expect("put"),
                        None => batch.put(namespace, &key, &value).expect("put"),
                    }
                    self.model.insert((namespace.get(), key), Stored { value, expires_at });
                }
            }
        }
        self.store.commit(&batch, Durability::None).expect("commit");
    }

    fn clear(&mut self) {
        let namespace = self.namespaces[self.random.random_range(0..self.namespaces.len())];
        let range = range(&mut self.random);
        let mut batch = Batch::new();
        batch.clear(namespace, &range).expect("clear");
        let after = key(&mut self.random);
        batch.put(namespace, &after, b"after the clear").expect("put");
        self.store.commit(&batch, Durability::None).expect("commit");
        self.model.retain(|(id, key), _| *id != namespace.get() || !range.contains(key));
        let value = b"after the clear".to_vec();
        self.model.insert((namespace.get(), after), Stored { value, expires_at: None });
    }

    fn check_reads(&mut self) {
        let namespace = self.namespaces[self.random.random_range(0..self.namespaces.len())];
        let key = key(&mut self.random);
        let limit = self.random.random_bool(0.5).then(|| self.random.random_range(0..60));
        let options = ScanOptions { reverse: self.random.random_bool(0.5), limit, keys_only: false };
        let range = range(&mut self.random);
        let view = View { model: &self.model, time_ms: self.clock.now_ms() };
        check(&self.store, view, namespace, &key, &range, options);
        if !self.snapshots.is_empty() {
            let index = self.random.random_range(0..self.snapshots.len());
            let (snapshot, model, time_ms) = &self.snapshots[index];
            check(snapshot, View { model, time_ms: *time_ms }, namespace, &key, &range, options);
        }
    }

    /// When nobody reads, only rows that live are left in the blocks, and only their chunks.
    fn check_reclaimed(&mut self) {
        self.store.compact(&mut |_| true).expect("compact");
        let time_ms = self.clock.now_ms();
        assert!(self.model.values().any(|stored| stored.at(time_ms).is_none()), "no row has expired");
        for &namespace in &self.namespaces {
            let rows = self.model.iter().filter(|((id, _), _)| *id == namespace.get());
            let live = rows.filter(|(_, stored)| stored.at(time_ms).is_some()).count() as u64;
            assert_eq!(self.store.approximate_size(namespace).0, live);
        }
        assert_eq!(self.store.verify(&mut |_| true).expect("verify").findings, []);
    }

    fn step(&mut self) {
        // Mostly within what rows live; now and then past all of it.
        let forward = if self.random.random_range(0..1_000) == 0 { 7_200_000 } else { self.random.random_range(0..5) };
        self.clock.set(self.clock.now_ms() + forward);
        match self.random.random_range(0..1_000) {
            0..=399 => self.write(),
            400..=409 => self.clear(),
            410..=419 => self.store.checkpoint().expect("checkpoint"),
            420..=424 => self.reopen(),
            425..=440 => {
                if self.snapshots.len() < 5 {
                    let snapshot = self.store.snapshot().expect("snapshot");
                    self.snapshots.push((snapshot, self.model.clone(), self.clock.now_ms()));
                }
            }
            441..=455 => {
                if !self.snapshots.is_empty() {
                    let index = self.random.random_range(0..self.snapshots.len());
                    self.snapshots.swap_remove(index);
                }
            }
            456..=458 => self.store.compact(&mut |_| true).expect("compact"),
            _ => self.check_reads(),
        }
    }
}

fn check(
    reader: &impl Read,
    view: View<'_>,
    namespace: NamespaceId,
    key: &[u8],
    range: &KeyRange,
    options: ScanOptions,
) {
    let value = reader.get(namespace, key).expect("get");
    let right = view.model.get(&(namespace.get(), key.to_vec())).and_then(|stored| stored.at(view.time_ms));
    let lengths = (value.as_ref().map(Vec::len), right.map(Vec::len));
    assert!(value.as_ref() == right, "get of {}: lengths {lengths:?}", short(key));
    assert_eq!(reader.contains(namespace, key).expect("contains"), right.is_some(), "whether there is {}", short(key));
    let found: Vec<_> = reader.scan(namespace, range, options).expect("scan").map(|row| row.expect("row")).collect();
    let expected = expected(view, namespace, range, options);
    if let Some(at) = (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at)) {
        let show = |row: Option<&(Vec<u8>, Vec<u8>)>| {
            row.map(|(key, value)| (short(key), value.len(), value.first().copied()))
        };
        panic!(
            "scan from {} to {} {options:?}: row {at} of {}/{} is {:?} and should be {:?}",
            short_bound(&range.start),
            short_bound(&range.end),
            found.len(),
            expected.len(),
            show(found.get(at)),
            show(expected.get(at))
        );
    }
}

fn short(key: &[u8]) -> String {
    let tail = &key[key.len().saturating_sub(9)..];
    format!("{}:{}", key.len(), tail.escape_ascii())
}

fn short_bound(bound: &Bound<Vec<u8>>) -> String {
    match bound {
        Bound::Unbounded => "-".into(),
        Bound::Included(key) => format!("[{}]", short(key)),
        Bound::Excluded(key) => format!("({})", short(key)),
    }
}

#[test]
fn random_operations_agree_with_an_ordered_map() {
    let seed = seed();
    let folder = tempfile::tempdir().expect("folder");
    let clock = Clock::manual(START_MS);
    let store = Store::open(folder.path(), &options(&clock)).expect("open");
    let namespaces = ["a", "b"].map(|name| store.namespace(name, &NamespaceOptions::default()).expect("namespace").id);
    let random = StdRng::seed_from_u64(seed);
    let (model, snapshots) = (Model::new(), Vec::new());
    let mut run = Run { random, store, model, namespaces: namespaces.to_vec(), snapshots, clock, folder };
    let steps = std::env::var("SLEDSTORE_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(6_000);
    for _ in 0..steps {
        run.step();
    }
    run.reopen();
    for namespace in run.namespaces.clone() {
        let view = View { model: &run.model, time_ms: run.clock.now_ms() };
        check(&run.store, view, namespace, b"", &KeyRange::all(), ScanOptions::default());
        let reverse = ScanOptions { reverse: true, ..ScanOptions::default() };
        check(&run.store, view, namespace, b"", &KeyRange::all(), reverse);
    }
    run.check_reclaimed();
    let stats = run.store.stats();
    assert!(stats.applied_seq > 0 && stats.disk.total > 100_000, "nothing was checkpointed: {stats:?}");
}
