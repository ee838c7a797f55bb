//! Random operations with reopen, checkpoint and snapshots agree with an ordered map.

use std::collections::BTreeMap;
use std::ops::Bound;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Read, ScanOptions, Snapshot, Store,
};

type Model = BTreeMap<(u32, Vec<u8>), Vec<u8>>;

fn seed() -> u64 {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

fn options() -> Options {
    Options {
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
    snapshots: Vec<(Snapshot, Model)>,
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

fn expected(model: &Model, namespace: NamespaceId, range: &KeyRange, options: ScanOptions) -> Vec<(Vec<u8>, Vec<u8>)> {
    let rows = model.iter().filter(|((id, key), _)| *id == namespace.get() && range.contains(key));
    let mut rows: Vec<_> = rows.map(|((_, key), value)| (key.clone(), value.clone())).collect();
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
        self.store = Store::open(self.folder.path(), &options()).expect("reopen");
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
                _ => {
                    let value = value(&mut self.random);
                    batch.put(namespace, &key, &value).expect("put");
                    self.model.insert((namespace.get(), key), value);
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
        self.model.insert((namespace.get(), after), b"after the clear".to_vec());
    }

    fn check_reads(&mut self) {
        let namespace = self.namespaces[self.random.random_range(0..self.namespaces.len())];
        let key = key(&mut self.random);
        let limit = self.random.random_bool(0.5).then(|| self.random.random_range(0..60));
        let options = ScanOptions { reverse: self.random.random_bool(0.5), limit, keys_only: false };
        let range = range(&mut self.random);
        check(&self.store, &self.model, namespace, &key, &range, options);
        if !self.snapshots.is_empty() {
            let index = self.random.random_range(0..self.snapshots.len());
            let (snapshot, model) = &self.snapshots[index];
            check(snapshot, model, namespace, &key, &range, options);
        }
    }

    fn step(&mut self) {
        match self.random.random_range(0..1_000) {
            0..=399 => self.write(),
            400..=409 => self.clear(),
            410..=419 => self.store.checkpoint().expect("checkpoint"),
            420..=424 => self.reopen(),
            425..=440 => {
                if self.snapshots.len() < 5 {
                    self.snapshots.push((self.store.snapshot().expect("snapshot"), self.model.clone()));
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
    model: &Model,
    namespace: NamespaceId,
    key: &[u8],
    range: &KeyRange,
    options: ScanOptions,
) {
    let value = reader.get(namespace, key).expect("get");
    let right = model.get(&(namespace.get(), key.to_vec()));
    let lengths = (value.as_ref().map(Vec::len), right.map(Vec::len));
    assert!(value.as_ref() == right, "get of {}: lengths {lengths:?}", short(key));
    let found: Vec<_> = reader.scan(namespace, range, options).expect("scan").map(|row| row.expect("row")).collect();
    let expected = expected(model, namespace, range, options);
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
    let store = Store::open(folder.path(), &options()).expect("open");
    let namespaces = ["a", "b"].map(|name| store.namespace(name, &NamespaceOptions::default()).expect("namespace").id);
    let random = StdRng::seed_from_u64(seed);
    let (model, snapshots) = (Model::new(), Vec::new());
    let mut run = Run { random, store, model, namespaces: namespaces.to_vec(), snapshots, folder };
    let steps = std::env::var("SLEDSTORE_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(6_000);
    for _ in 0..steps {
        run.step();
    }
    run.reopen();
    for namespace in run.namespaces.clone() {
        check(&run.store, &run.model, namespace, b"", &KeyRange::all(), ScanOptions::default());
        let reverse = ScanOptions { reverse: true, ..ScanOptions::default() };
        check(&run.store, &run.model, namespace, b"", &KeyRange::all(), reverse);
    }
    let stats = run.store.stats();
    assert!(stats.applied_seq > 0 && stats.disk.total > 100_000, "nothing was checkpointed: {stats:?}");
}
