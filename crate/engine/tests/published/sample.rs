//! A store with every kind of content, and what it answers.

use std::path::Path;

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Progress, Read, ScanOptions, Store,
};

pub type Rows = Vec<(Vec<u8>, Vec<u8>)>;

pub fn options() -> Options {
    Options {
        durability: Durability::None,
        memory_budget: 24 << 20,
        memtable_bytes: Some(64 << 10),
        block_bytes: Some(512),
        ..Options::default()
    }
}

/// The seed of a test, from `SLEDSTORE_SEED` or the clock; printed, so that a failure can be repeated.
pub fn random() -> StdRng {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| rand::rng().random());
    eprintln!("SLEDSTORE_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

pub fn go_on(_: Progress) -> bool {
    true
}

pub fn namespace(store: &Store, name: &str) -> NamespaceId {
    store.namespace(name, &NamespaceOptions::default()).unwrap().id
}

fn value(random: &mut StdRng) -> Vec<u8> {
    // Short, above a block, in chunks at the checkpoint, streamed.
    let length = match random.random_range(0..40) {
        0 => 3_000,
        1 => 30_000,
        2 => 100_000,
        _ => random.random_range(0..120),
    };
    let mut value = vec![0; length];
    random.fill_bytes(&mut value[..length / 2]);
    value
}

/// Random puts, deletes and clears in a few namespaces, some of it checkpointed.
pub fn change(store: &Store, random: &mut StdRng, rounds: usize) {
    for _ in 0..rounds {
        let name = format!("n{}", random.random_range(0..5));
        let id = namespace(store, &name);
        let mut batch = Batch::new();
        for _ in 0..random.random_range(1..30) {
            let key = format!("key-{:04}", random.random_range(0..1_500));
            if random.random_range(0..5) == 0 {
                batch.delete(id, key.as_bytes()).unwrap();
            } else {
                batch.put(id, key.as_bytes(), &value(random)).unwrap();
            }
        }
        store.commit(&batch, Durability::None).unwrap();
        match random.random_range(0..60) {
            0 => store.checkpoint().unwrap(),
            1 => drop(store.drop_namespace(&name).unwrap()),
            2 => store.rename_namespace(&name, &format!("{name}-{}", random.random::<u64>())).unwrap(),
            _ => {}
        }
    }
}

/// Every row of every namespace, by name.
pub fn everything(store: &Store) -> Vec<(String, Rows)> {
    let namespaces = store.namespaces();
    let rows = |id| rows_of(store, id, ScanOptions::default());
    namespaces.iter().map(|namespace| (namespace.name.clone(), rows(namespace.id))).collect()
}

pub fn rows_of(store: &impl Read, namespace: NamespaceId, options: ScanOptions) -> Rows {
    store.scan(namespace, &KeyRange::all(), options).unwrap().map(|row| row.unwrap()).collect()
}

/// Names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
