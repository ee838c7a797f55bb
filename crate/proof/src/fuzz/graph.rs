//! A graph's buffers and rows. Requests and changes are refused with a code or done, and a graph that was changed keeps
//! its invariants; of rows that the graph did not write, every question is answered or a coded error.
//!
//! Input: `kind ‖ buffer`; rows are a batch buffer.

use std::cell::RefCell;

use sledstore_engine::{Batch, Durability, Operation, OperationKind, Options, Store, Transaction, Write};
use sledstore_graph::{Graph, Index, NodeId};

const REQUEST: u8 = 0;
const CHANGES: u8 = 1;

/// Changes leave names and numbers behind, so the store is made anew now and then.
const RUNS_OF_A_STORE: u32 = 5_000;

thread_local! {
    static STORE: RefCell<Option<(Store, u32)>> = const { RefCell::new(None) };
}

pub fn run(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    STORE.with_borrow_mut(|store| {
        *store = store.take().filter(|(_, runs)| *runs < RUNS_OF_A_STORE);
        let (store, runs) = store.get_or_insert_with(|| (open().expect("a graph"), 0));
        *runs += 1;
        // Opened anew, for it remembers names.
        let graph = Graph::open(store, "fuzzed").expect("the graph");
        let mut tx = store.begin().expect("a transaction");
        match *kind % 3 {
            REQUEST => drop(graph.answer(&tx, bytes)),
            CHANGES => {
                if graph.apply_changes(&mut tx, bytes).is_ok() {
                    assert_eq!(graph.verify(&tx).expect("verify"), Vec::<String>::new());
                    ask(&graph, &tx);
                }
            }
            _ => {
                if put_rows(&graph, &mut tx, bytes).is_some() {
                    ask(&graph, &tx);
                }
            }
        }
    });
}

fn open() -> sledstore_engine::Result<Store> {
    let store = Store::memory(&Options::default())?;
    let graph = Graph::open(&store, "fuzzed")?;
    store.transact(Durability::None, |tx| {
        let a = graph.add_node(tx, &["A"], b"\x82\xa1n\x01\xa1t\xa1x")?;
        let b = graph.add_node(tx, &["A", "B"], b"\x81\xa1n\x02")?;
        let c = graph.add_node(tx, &[], &[])?;
        graph.add_edge(tx, "T", a, b, b"\x81\xa1w\xcb\x3f\xf8\0\0\0\0\0\0")?;
        graph.add_edge(tx, "T", b, c, &[])?;
        graph.add_edge(tx, "U", c, c, &[])
    })?;
    for (label, property, unique) in [(Some("A"), "n", false), (None, "t", true)] {
        let index = Index { label: label.map(str::to_owned), property: property.to_owned(), unique };
        graph.create_index(&index, Durability::None, &mut |_, _| true)?;
    }
    // For changes to add.
    graph.reserve_nodes(16)?;
    graph.reserve_edges(16)?;
    Ok(store)
}

/// Writes rows over the graph's.
fn put_rows(graph: &Graph, tx: &mut Transaction, bytes: &[u8]) -> Option<()> {
    let batch = Batch::from_encoded(bytes, || 0).ok()?;
    for Operation { kind, key, value, .. } in batch.operations() {
        match kind {
            OperationKind::Put => tx.put(graph.namespace(), key, value).ok()?,
            OperationKind::Delete => tx.delete(graph.namespace(), key).ok()?,
            _ => return None,
        }
    }
    Some(())
}

/// Every question, with answers of one row and of many.
fn ask(graph: &Graph, tx: &Transaction) {
    for node in 1..4 {
        drop(graph.node(tx, NodeId(node)));
        for request in [&[5, 1, node as u8, 2, 0x90, 0xc0][..], &[7, node as u8, 2, 0x90, 0xc0, 0xc0]] {
            drop(graph.answer(tx, request));
        }
        drop(graph.answer(tx, &[4, node as u8, 2, 0x90, 0xc0, 0xc0, 0xc0, 1]));
        drop(graph.answer(tx, &[2, node as u8]));
    }
    for request in requests() {
        drop(graph.answer(tx, &request));
    }
}

fn requests() -> Vec<Vec<u8>> {
    vec![
        b"\x03\xc0\xc0\xc0\x01".to_vec(),                   // all nodes, whole
        b"\x03\xa1A\x81\xa1n\x01\xc0\x00".to_vec(),         // by the index
        b"\x03\xc0\x81\xa1t\xa1x\x05\x00".to_vec(),         // by the unique one
        b"\x04\x01\x02\x91\xa1T\xa1A\xc0\xc0\x01".to_vec(), // neighbors by type and label
        b"\x06\x01\xa1B\xc0\x00\x90\x05".to_vec(),          // a path to what fits
        b"\x08\xa1A".to_vec(),
        b"\x09".to_vec(),
        b"\x0a".to_vec(),
        b"\x0b".to_vec(),
    ]
}

/// Buffers of changes: each operation, alone and behind others.
fn changes() -> Vec<Vec<u8>> {
    vec![
        b"\x00\xa1A\x00\xa1Z\x01\x05\x92\x00\x01\x82\xa1n\x07\xa1t\xa1y\x01\x06\x90\x80".to_vec(),
        b"\x00\xa1T\x02\x05\x00\x01\x03\x81\xa1w\x02\x02\x06\x00\x02\x02\xc0".to_vec(),
        b"\x00\xa1B\x03\x01\x01\x81\xa1n\xc0\x91\x00\x90\x03\x02\x02\x80\x90\x91\x00".to_vec(),
        b"\x04\x01\x01\x81\xa1w\xc0\x04\x02\x02\x81\xa1d\xd6\xff\0\0\0\x01".to_vec(),
        b"\x05\x03\x06\x01".to_vec(),
        b"\x05\x01\x05\x02\x05\x03".to_vec(),
    ]
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = requests().into_iter().map(|request| [&[REQUEST], &request[..]].concat()).collect();
    seeds.extend(changes().into_iter().map(|change| [&[CHANGES], &change[..]].concat()));
    let Ok(store) = open() else { return seeds };
    let rows = Graph::open(&store, "fuzzed").and_then(|graph| rows_of(&store, &graph));
    seeds.extend(rows.unwrap_or_default().into_iter().map(|batch| [&[2], batch.as_bytes()].concat()));
    seeds
}

/// Every row of the graph as a buffer of its own, and all of them as one.
fn rows_of(store: &Store, graph: &Graph) -> sledstore_engine::Result<Vec<Batch>> {
    use sledstore_engine::{KeyRange, Read, ScanOptions};
    let mut all = Batch::new();
    let mut batches = Vec::new();
    for row in store.scan(graph.namespace(), &KeyRange::all(), ScanOptions::default())? {
        let (key, value) = row?;
        let mut batch = Batch::new();
        batch.put(graph.namespace(), &key, &value)?;
        all.put(graph.namespace(), &key, &value)?;
        batches.push(batch);
    }
    batches.push(all);
    Ok(batches)
}
