//! The store that operations begin with: its rows are known, so that any later reader can tell them from wrong ones.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use sledstore_engine::{
    Batch, Durability, Error, ErrorCode, KeyRange, MEMORY_BUDGET_MIN, NamespaceId, NamespaceOptions, Options, Read,
    Result, ScanOptions, Store,
};
use sledstore_graph::{Graph, Index};
use sledstore_vector::{Metric, VectorIndex, VectorOptions};

/// Namespace of most rows.
pub const ROWS: &str = "rows";
/// A second one.
pub const OTHER: &str = "other";
/// One that may be dropped.
pub const DOOMED: &str = "doomed";
/// One that may be renamed.
pub const NAMED: &str = "named";
/// Rows of [`ROWS`]; those below [`STEP_ROWS`] belong to the steps, see `effect.rs`.
pub const SAMPLE_ROWS: u32 = 240;
/// Four rows for each of 30 steps.
pub const STEP_ROWS: u32 = 120;
/// Dimensions of the sample's vectors.
pub const DIMENSIONS: usize = 4;

/// The least memory, and memtables that a few steps fill.
pub fn options() -> Options {
    Options { memory_budget: MEMORY_BUDGET_MIN, memtable_bytes: Some(128 << 10), ..Options::default() }
}

/// Bytes that follow from their name and do not compress to nothing.
pub fn value(name: &str, length: usize) -> Vec<u8> {
    let mut state = name.bytes().fold(0x9e37_79b9_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 & 0x3f
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Key of a row of the sample.
pub fn key(row: u32) -> Vec<u8> {
    format!("sample/{row:04}").into_bytes()
}

/// Value of a row of the sample: now and then a chunked one, and one above the streaming limit.
pub fn row_value(row: u32) -> Vec<u8> {
    let length = match row {
        130 => 100_000,
        _ if row % 40 == 3 => 9_000,
        _ => 100,
    };
    value(&format!("sample/{row}"), length)
}

/// The id of a namespace; none when it is not there.
pub fn namespace(store: &Store, name: &str) -> Option<NamespaceId> {
    store.namespaces().iter().find(|namespace| namespace.name == name).map(|namespace| namespace.id)
}

/// The id of a namespace that must be there.
pub fn known(store: &Store, name: &str) -> Result<NamespaceId> {
    let missing = || Error::new(ErrorCode::NotFound, format!("namespace {name} is gone"));
    namespace(store, name).ok_or_else(missing)
}

/// The sample's graph.
pub fn graph(store: &Store) -> Result<Graph> {
    Graph::open(store, "net")
}

/// The sample's vectors.
pub fn vectors(store: &Store) -> Result<VectorIndex> {
    VectorIndex::open(store, "points", &VectorOptions::new(DIMENSIONS, Metric::L2))
}

/// Vectors of steps, with a graph from a few on.
pub fn folded(store: &Store) -> Result<VectorIndex> {
    let options = VectorOptions { compared_max: 10, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
    VectorIndex::open(store, "folded", &options)
}

/// A vector that follows from a number.
pub fn vector(number: u32) -> [f32; DIMENSIONS] {
    [number as f32, 1.0, -2.0, 0.5]
}

/// A MessagePack map of one property `p`.
pub fn property(text: &str) -> Vec<u8> {
    let mut map = vec![0x81, 0xa1, b'p', 0xa0 | (text.len() as u8 & 0x1f)];
    map.extend_from_slice(text.as_bytes());
    map
}

/// Makes the store in `folder`, publishes it to `file`, and closes it.
pub fn create(folder: &Path, file: &Path) -> Result<()> {
    let store = Store::open(folder, &options())?;
    for name in [ROWS, OTHER, DOOMED, NAMED] {
        let namespace = store.namespace(name, &NamespaceOptions::default())?.id;
        let mut batch = Batch::new();
        for row in 0..if name == ROWS { SAMPLE_ROWS } else { 40 } {
            let value = row_value(row);
            // A value above the streaming limit is a commit of its own.
            if value.len() > 64 << 10 {
                let mut alone = Batch::new();
                alone.put(namespace, &key(row), &value)?;
                store.commit(&alone, Durability::Full)?;
            } else {
                batch.put(namespace, &key(row), &value)?;
            }
        }
        store.commit(&batch, Durability::Full)?;
    }
    let graph = graph(&store)?;
    store.transact(Durability::Full, |tx| {
        let nodes = (0..6).map(|node| graph.add_node(tx, &["Sample"], &property(&format!("n{node}"))));
        let nodes = nodes.collect::<Result<Vec<_>>>()?;
        nodes.windows(2).try_for_each(|pair| graph.add_edge(tx, "NEXT", pair[0], pair[1], &property("e")).map(drop))
    })?;
    let index = Index { label: Some("Sample".into()), property: "p".into(), unique: false };
    graph.create_index(&index, Durability::Full, &mut |_, _| true)?;
    let vectors = vectors(&store)?;
    let mut batch = Batch::new();
    for number in 0..8 {
        vectors.put(&mut batch, &key(number), &vector(number), Some(&property("v")))?;
    }
    store.commit(&batch, Durability::Full)?;
    store.publish(file, &mut |_| true)?;
    store.close()
}

/// Writes on in a closed store and leaves as a killed process does; the journal's end is torn.
pub fn leave_unclosed(folder: &Path) -> std::io::Result<()> {
    let failed = |error: Error| std::io::Error::other(error.to_string());
    let store = Store::open(folder, &options()).map_err(failed)?;
    let namespace = known(&store, OTHER).map_err(failed)?;
    for row in 100..140 {
        let mut batch = Batch::new();
        batch.put(namespace, &key(row), &row_value(row)).map_err(failed)?;
        store.commit(&batch, Durability::Full).map_err(failed)?;
    }
    let segments = fs::read_dir(folder.join("journal"))?.map(|entry| entry.map(|entry| entry.path()));
    let newest = segments.collect::<std::io::Result<Vec<_>>>()?.into_iter().max();
    let newest = newest.ok_or_else(|| std::io::Error::other("there is no journal"))?;
    // What is told durable is told within a tick; a torn write comes behind that.
    std::thread::sleep(std::time::Duration::from_millis(300));
    fs::OpenOptions::new().append(true).open(newest)?.write_all(&[0x5a; 37])?;
    std::mem::forget(store);
    Ok(())
}

/// What of the sample is missing or wrong, in a store where steps may have changed what is theirs. `unclosed` tells
/// whether [`leave_unclosed`] wrote on.
///
/// # Errors
/// What reading meets.
pub fn faults(store: &Store, unclosed: bool) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let rows = known(store, ROWS)?;
    for row in STEP_ROWS..SAMPLE_ROWS {
        if !store.get_with(rows, &key(row), |value| value == row_value(row))?.unwrap_or(false) {
            faults.push(format!("row {row} of {ROWS}"));
        }
    }
    let other = known(store, OTHER)?;
    for row in (0..40).chain(if unclosed { 100..140 } else { 0..0 }) {
        if !store.get_with(other, &key(row), |value| value == row_value(row))?.unwrap_or(false) {
            faults.push(format!("row {row} of {OTHER}"));
        }
    }
    let mut scanned = 0;
    for entry in store.scan(rows, &KeyRange::prefix(b"sample/"), ScanOptions::default())? {
        let (found, value) = entry?;
        let row = String::from_utf8_lossy(&found[7..]).parse().unwrap_or(u32::MAX);
        if row >= STEP_ROWS {
            scanned += 1;
            if value != row_value(row) {
                faults.push(format!("scanned row {row} of {ROWS}"));
            }
        }
    }
    if scanned != SAMPLE_ROWS - STEP_ROWS {
        faults.push(format!("a scan of {ROWS} gave {scanned} rows"));
    }
    let graph = graph(store)?;
    if graph.nodes_by_label(store, "Sample")?.len() != 6 {
        faults.push("nodes of the sample".into());
    }
    let vectors = vectors(store)?;
    for number in 0..8 {
        let found = vectors.get(store, &key(number))?.map(|found| (found.vector, found.attributes));
        if found != Some((vector(number).to_vec(), Some(property("v")))) {
            faults.push(format!("vector {number}"));
        }
    }
    Ok(faults)
}
