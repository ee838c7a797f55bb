//! A vector index's buffers and rows, under each metric. Questions and changes are refused with a code or done; what was
//! put is found again; of rows that the index did not write, every question is answered or a coded error.
//!
//! Input: `kind ‖ buffer`; rows are a batch buffer.

use std::cell::RefCell;

use sledstore_engine::{Batch, Durability, Operation, OperationKind, Options, Store, Transaction, Write};
use sledstore_vector::{Filter, Metric, Search, VectorIndex, VectorOptions};

const QUESTION: u8 = 0;
const CHANGES: u8 = 1;
const FILTER: u8 = 2;
const KINDS: u8 = 4;
const DIMENSIONS: usize = 3;

thread_local! {
    static STORE: RefCell<Option<(Store, Vec<VectorIndex>)>> = const { RefCell::new(None) };
}

pub fn run(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    if kind % KINDS == FILTER {
        return filter(bytes);
    }
    STORE.with_borrow_mut(|store| {
        let (store, indexes) = store.get_or_insert_with(|| open().expect("indexes"));
        let index = &indexes[usize::from(kind / KINDS) % indexes.len()];
        let mut tx = store.begin().expect("a transaction");
        match kind % KINDS {
            QUESTION => drop(index.answer(&tx, bytes)),
            CHANGES => {
                if index.apply_changes(&mut tx, bytes).is_ok() {
                    let count = index.count(&tx).expect("count");
                    let found = index.search(&tx, &[1.0, 0.5, -1.0], &everything()).expect("search");
                    assert_eq!(found.len() as u64, count, "V3");
                    let ascending = |pair: &[sledstore_vector::Neighbor]| pair[0].distance <= pair[1].distance;
                    assert!(found.windows(2).all(ascending), "V3");
                    for neighbor in found {
                        let stored = index.get(&tx, &neighbor.key).expect("get").expect("what was found is there");
                        assert_eq!(stored.attributes, neighbor.attributes, "V1");
                    }
                }
            }
            _ => {
                if put_rows(index, &mut tx, bytes).is_some() {
                    ask(index, &tx);
                }
            }
        }
    });
}

fn everything() -> Search<'static> {
    Search { with_attributes: true, ..Search::nearest(10_000) }
}

/// `length u8 ‖ filter ‖ attributes`
fn filter(bytes: &[u8]) {
    let Some((&length, rest)) = bytes.split_first() else { return };
    let (map, attributes) = rest.split_at(usize::from(length).min(rest.len()));
    let Ok(filter) = Filter::parse(map) else { return };
    let _answer = filter.matches(attributes);
}

fn open() -> sledstore_engine::Result<(Store, Vec<VectorIndex>)> {
    let store = Store::memory(&Options::default())?;
    let indexes = Metric::OF_NUMBERS.into_iter().map(|metric| {
        let index = VectorIndex::open(&store, metric.name(), &VectorOptions::new(DIMENSIONS, metric))?;
        let mut batch = Batch::new();
        index.put(&mut batch, b"one", &[1.0, 0.0, 0.0], Some(b"\x81\xa3pos\xa1n"))?;
        index.put(&mut batch, b"two", &[0.0, -2.0, 0.5], None)?;
        store.commit(&batch, Durability::None)?;
        Ok(index)
    });
    let indexes = indexes.collect::<sledstore_engine::Result<_>>()?;
    Ok((store, indexes))
}

/// Writes rows over the index's.
fn put_rows(index: &VectorIndex, tx: &mut Transaction, bytes: &[u8]) -> Option<()> {
    let batch = Batch::from_encoded(bytes, || 0).ok()?;
    for Operation { kind, key, value, .. } in batch.operations() {
        match kind {
            OperationKind::Put => tx.put(index.namespace(), key, value).ok()?,
            OperationKind::Delete => tx.delete(index.namespace(), key).ok()?,
            _ => return None,
        }
    }
    Some(())
}

fn ask(index: &VectorIndex, tx: &Transaction) {
    drop(index.get(tx, b"one"));
    drop(index.contains(tx, b"two"));
    drop(index.count(tx));
    drop(index.search(tx, &[1.0, 0.5, -1.0], &everything()));
    if let Ok(filter) = Filter::parse(b"\x81\xa3pos\xa1n") {
        drop(index.search(tx, &[1.0, 0.5, -1.0], &Search { filter: Some(&filter), ..everything() }));
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let vector: Vec<u8> = [1.0_f32, 2.0, -0.5].iter().flat_map(|component| component.to_le_bytes()).collect();
    let put = [&[1, 3, 0, 7, 0, 0, 0][..], &vector, b"new", b"\x81\xa3pos\xa1v"].concat();
    let search = [&[4, 15][..], &9_u32.to_le_bytes(), &vector, &2.5_f64.to_le_bytes()].concat();
    let parts = [&7_u32.to_le_bytes()[..], b"\x81\xa3pos\xa1n", &1_u32.to_le_bytes(), b"\x03\0one"].concat();
    let after = [&0.5_f64.to_le_bytes()[..], b"\x03\0one"].concat();
    let mut seeds = Vec::new();
    for metric in 0..3 {
        let mut seed =
            |kind: u8, parts: &[&[u8]]| seeds.push([&[kind + KINDS * metric], parts.concat().as_slice()].concat());
        for question in [&b"\x01one"[..], b"\x02two", b"\x03"] {
            seed(QUESTION, &[question]);
        }
        seed(QUESTION, &[&search, &parts, &after]);
        seed(CHANGES, &[&put, b"\x02\x03\0one"]);
        seed(CHANGES, &[b"\x03", &put]);
        seed(FILTER, &[b"\x0c\x83\xa1a\x01\xa1b\xc0\xa1c\xc3", b"\x84\xa1a\x01\xa1b\xc0\xa1c\xc3\xa1d\x92\x01\x80"]);
        for (key, value) in
            [(&b"\x10one"[..], &vector[..]), (b"\x11one", b"\x81\xa3pos\xa1n"), (b"\x01", b"\x01\x03\0\0\0\x01")]
        {
            let mut batch = Batch::new();
            let put = batch.put(sledstore_engine::NamespaceId::new(1), key, value);
            debug_assert!(put.is_ok());
            seed(3, &[batch.as_bytes()]);
        }
    }
    seeds
}
