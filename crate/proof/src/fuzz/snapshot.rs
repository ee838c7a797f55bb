//! Snapshot files: opened or refused, and then every read is an answer or a coded error.
//!
//! Input: `flags ‖ file`.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use sledstore_engine::fuzzing::{STAMP, stamp_snapshot};
use sledstore_engine::{
    Batch, Compression, Durability, KeyRange, NamespaceOptions, Options, Read, Result, ScanOptions, Store,
};

/// Reading on is no other code.
const ROWS_READ: usize = 2_000;

pub fn run(input: &[u8]) {
    let Some((flags, bytes)) = input.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if flags & STAMP != 0 {
        stamp_snapshot(&mut bytes);
    }
    let path = folder().join("fuzzed");
    fs::write(&path, &bytes).expect("a file is written");
    let options = Options { memory_budget: 24 << 20, ..Options::default() };
    let Ok(store) = Store::open_snapshot(&path, &options) else { return };
    for namespace in store.namespaces() {
        for reverse in [false, true] {
            let options = ScanOptions { reverse, limit: Some(ROWS_READ as u64), ..ScanOptions::default() };
            let Ok(scan) = store.scan(namespace.id, &KeyRange::all(), options) else { continue };
            let rows: Vec<_> = scan.take(ROWS_READ).map_while(Result::ok).collect();
            for (key, _) in &rows {
                drop(store.get(namespace.id, key));
                drop(store.contains(namespace.id, key));
                if let Ok(Some(mut large)) = store.large_reader(namespace.id, key) {
                    let mut part = Vec::new();
                    while large.next_chunk(&mut part).is_ok_and(|more| more) {}
                }
            }
        }
        drop(store.get(namespace.id, b"not there"));
    }
    drop(store.verify(&mut |_| true));
    store.close().expect("a file that is read is closed");
}

fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("sledstore-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the file");
        folder
    })
}

pub fn seeds() -> Vec<Vec<u8>> {
    let of = |(number, compression)| {
        let path = folder().join(format!("seed-{number}"));
        let file = publish(&path, compression, number > 0).and_then(|()| {
            fs::read(&path).map_err(|error| sledstore_engine::Error::io("reading a seed".to_owned(), error))
        });
        [&[STAMP][..], &file.expect("a seed is published")].concat()
    };
    [Compression::None, Compression::Lz4, Compression::Deflate].into_iter().enumerate().map(of).collect()
}

fn publish(path: &std::path::Path, compression: Compression, large: bool) -> Result<()> {
    let options = Options { compression: Some(compression), block_bytes: Some(512), ..Options::default() };
    let store = Store::memory(&options)?;
    let [a, b] = ["a", "b"].map(|name| store.namespace(name, &NamespaceOptions::default()));
    let (a, b) = (a?.id, b?.id);
    let mut batch = Batch::new();
    for row in 0..40_u32 {
        batch.put(a, format!("row-{row:03}").as_bytes(), &[row as u8; 20])?;
    }
    batch.put_expiring(b, b"expiring", b"value", 1 << 60)?;
    if large {
        batch.put(b, b"large", &[7; 70_000])?; // compresses to little
    }
    store.commit(&batch, Durability::None)?;
    store.checkpoint()?;
    store.publish(path, &mut |_| true)?;
    store.close()
}
