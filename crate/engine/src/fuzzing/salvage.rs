//! What repair reads without sled, from any bytes: block files, sled's log, and that log with sled's own snapshot.
//!
//! Input: `kind ‖ file`; where the log has a snapshot, `kind ‖ length of the snapshot u16 ‖ snapshot ‖ log`.

use std::fs;
use std::path::Path;

use crate::block_files::salvage::SalvagedFiles;
use crate::sled_log::pages::Entries;
use crate::{Batch, Durability, NamespaceOptions, Options, Result, Store};

const BLOCK_FILE: u8 = 0;
const LOG: u8 = 1;
const LOG_AND_SNAPSHOT: u8 = 2;

const SNAPSHOT_TAIL_BYTES: usize = 4;
/// A log is mostly bytes that were never written.
const LOG_BYTES_MAX: usize = 16 << 10;

/// Reads what is left of files; panics when what it found does not lie in them.
pub fn salvage(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    match *kind % 3 {
        BLOCK_FILE => block_file(bytes),
        LOG => log(bytes, &[]),
        _ => {
            let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
            let (snapshot, file) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
            let mut snapshot = snapshot.to_vec();
            if let Some((body, crc)) = snapshot.split_last_chunk_mut::<SNAPSHOT_TAIL_BYTES>() {
                // What it counts by ends eight bytes before.
                let counted = body.len().saturating_sub(8);
                *crc = crc32fast::hash(&body[..counted]).to_le_bytes();
            }
            log(file, &[snapshot]);
        }
    }
}

fn block_file(bytes: &[u8]) {
    let mut files = SalvagedFiles::default();
    files.add("0000000000000001.blocks", || Ok(Some(bytes.to_vec()))).expect("a file in memory is read");
    assert!(!files.is_empty(), "it is a block file's name");
    let mut end = 0;
    for record in files.records() {
        assert!(record.at.1.start >= end, "a block begins in the one before it");
        end = record.at.1.end;
        assert_eq!(files.bytes(&record.at), bytes.get(record.at.1.clone()));
    }
    drop(files.key_of(bytes));
}

fn log(file: &[u8], snapshots: &[Vec<u8>]) {
    let entries = Entries::read(file, snapshots, &|_| None);
    for place in entries.places.values() {
        assert_eq!(entries.log.bytes(file, place.value.clone()).len(), place.value.len());
    }
    assert!(entries.damage.iter().all(|damage| damage.bytes.end <= file.len()), "damage lies in the file");
}

/// The files of a small store.
pub fn salvage_seeds() -> Vec<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("sledstore-fuzz-salvage-{}", std::process::id()));
    write(&folder).expect("a store is written");
    let named = |inner: &str, part: &str| {
        let files = fs::read_dir(folder.join(inner)).expect("a folder of the store");
        let path = files.flatten().map(|file| file.path()).find(|path| path.to_string_lossy().contains(part));
        fs::read(path.expect("a file of the store")).expect("a file of the store is read")
    };
    let (blocks, mut log, snapshot) = (named("blocks", ".blocks"), named("sled", "db"), named("sled", "snap."));
    log.truncate(LOG_BYTES_MAX);
    let length = (snapshot.len() as u16).to_le_bytes();
    vec![
        [&[BLOCK_FILE], &blocks[..]].concat(),
        [&[LOG], &log[..]].concat(),
        [&[LOG_AND_SNAPSHOT], &length[..], &snapshot, &log].concat(),
    ]
}

fn write(folder: &Path) -> Result<()> {
    let options = Options { block_bytes: Some(512), ..Options::default() };
    // The second time sled writes its snapshot.
    for round in 0..2_u32 {
        let store = Store::open(folder, &options)?;
        let namespace = store.namespace("rows", &NamespaceOptions::default())?.id;
        let mut batch = Batch::new();
        for row in 0..60_u32 {
            batch.put(namespace, &(row * (round + 1)).to_be_bytes(), &[row as u8; 20])?;
        }
        store.commit(&batch, Durability::None)?;
        store.checkpoint()?;
        store.close()?;
    }
    Ok(())
}
