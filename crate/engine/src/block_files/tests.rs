//! What the block files promise, over a disk and an index that fail.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::backend_memory::FaultyBackend;
use crate::error::ErrorCode;
use crate::journal::tests::faulty_disk::FaultyDisk;
use crate::meta::Applied;
use crate::namespace::NamespaceId;
use crate::tests::Shared;

const FOLDER: &str = "store/blocks";

struct Bed {
    disk: FaultyDisk,
    index: Arc<FaultyBackend>,
}

impl Bed {
    fn new() -> Self {
        Self { disk: FaultyDisk::default(), index: Arc::new(FaultyBackend::new()) }
    }

    fn open(&self) -> BlockFiles {
        let index = Box::new(Shared(self.index.clone()));
        BlockFiles::open(index, Arc::new(self.disk.clone()), PathBuf::from(FOLDER)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.disk.list(Path::new(FOLDER)).unwrap()
    }
}

fn key_of(number: u32) -> Vec<u8> {
    key::block_key(key::SPACE_BASE, 1, Some(&number.to_be_bytes()))
}

/// Stands for a block: longer than a place, and different each time.
fn block(number: u32, version: u32) -> Vec<u8> {
    [number.to_le_bytes(), version.to_le_bytes()].concat().repeat(500)
}

/// A checkpoint as the engine makes it.
fn checkpoint(files: &BlockFiles, number: u64, write: impl FnOnce()) -> Result<()> {
    meta::write_pending(files, number, number)?;
    write();
    files.reclaim()?;
    meta::write_applied(files, &Applied { seq: number, number })?;
    files.flush()
}

fn all(files: &BlockFiles) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let keep = &mut |key: &[u8], value: &[u8]| {
        if is_block_key(key) {
            found.push((key.to_vec(), value.to_vec()));
        }
        Ok(true)
    };
    files.for_each(&[0], None, keep).unwrap();
    found
}

#[test]
fn waiting_writes_and_the_index_are_one_map() {
    let bed = Bed::new();
    let files = bed.open();
    checkpoint(&files, 1, || (0..6).for_each(|number| files.insert(&key_of(number), &block(number, 0)).unwrap()))
        .unwrap();
    files.remove(&key_of(0)).unwrap();
    files.remove(&key_of(3)).unwrap();
    files.insert(&key_of(4), &block(4, 1)).unwrap();
    files.insert(&key_of(9), &block(9, 1)).unwrap();
    let right: Vec<_> = [(1, 0), (2, 0), (4, 1), (5, 0), (9, 1)].map(|(n, v)| (key_of(n), block(n, v))).into();
    let index_before = bed.index.entries();
    assert_eq!(all(&files), right);
    assert!(files.get(&key_of(3)).unwrap().is_none());
    assert_eq!(bed.index.entries(), index_before, "nothing reaches the index before its block is durable");
    files.flush_buffers().unwrap();
    assert_ne!(bed.index.entries(), index_before);
    assert_eq!(all(&files), right);
    drop(files);
    assert_eq!(all(&bed.open()), right);
}

#[test]
fn entries_read_together_are_those_read_one_after_the_other() {
    let bed = Bed::new();
    let files = bed.open();
    let write = |numbers: &mut dyn Iterator<Item = u32>, version| {
        numbers.for_each(|number| files.insert(&key_of(number), &block(number, version)).unwrap());
    };
    let agree = || {
        let right = all(&files);
        for from in [0, 1, 7, 299, 300, 5_000] {
            for count in [1, 2, 16, 500] {
                let found = files.entries_above(&key_of(from), count).unwrap();
                let blocks = found.iter().filter(|(key, _)| is_block_key(key));
                let found: Vec<_> = blocks.map(|(key, block)| (key.to_vec(), block.to_vec())).collect();
                let above = right.iter().filter(|(key, _)| *key > key_of(from)).take(count);
                assert!(found == above.cloned().collect::<Vec<_>>(), "{count} above {from}");
            }
        }
    };
    // Side by side, then in several files with what was replaced between them, then with writes that wait.
    checkpoint(&files, 1, || write(&mut (0..300), 0)).unwrap();
    agree();
    checkpoint(&files, 2, || write(&mut (0..300).step_by(7), 1)).unwrap();
    agree();
    checkpoint(&files, 3, || write(&mut (0..2_000).rev(), 2)).unwrap();
    agree();
    write(&mut (0..300).step_by(3), 3);
    (0..300).step_by(9).for_each(|number| files.remove(&key_of(number)).unwrap());
    agree();
}

#[test]
fn a_place_reaches_the_index_only_behind_its_block() {
    let bed = Bed::new();
    let files = bed.open();
    files.insert(&key_of(1), &block(1, 0)).unwrap();
    bed.disk.fail_once(1, std::io::ErrorKind::Other); // the write goes through, its sync does not
    assert_eq!(files.flush_buffers().unwrap_err().code(), ErrorCode::IoFailed);
    assert!(bed.index.entries().is_empty());
    // E11: it is not tried again, and what was written is still read.
    assert_eq!(files.flush_buffers().unwrap_err().code(), ErrorCode::IoFailed);
    assert_eq!(files.insert(&key_of(2), &block(2, 0)).unwrap_err().code(), ErrorCode::IoFailed);
    assert_eq!(files.get(&key_of(1)).unwrap().unwrap()[..], block(1, 0));
}

#[test]
fn a_file_goes_one_flush_after_its_last_block() {
    let bed = Bed::new();
    let files = bed.open();
    let overwrite = |version| (0..3_000).for_each(|n| files.insert(&key_of(n), &block(n, version)).unwrap());
    checkpoint(&files, 1, || overwrite(0)).unwrap();
    let first = bed.names();
    assert!(first.len() >= 3, "{first:?}");
    checkpoint(&files, 2, || overwrite(1)).unwrap();
    let is_there = |name: &&String| bed.names().contains(name);
    assert_eq!(first.iter().filter(is_there).count(), first.len(), "sled may fall back to the first checkpoint");
    checkpoint(&files, 3, || ()).unwrap();
    // The newest of them took in blocks of the second checkpoint.
    assert!(first.iter().filter(is_there).count() <= 1, "{:?}", bed.names());
    // What falls back by one flush finds all it asks for.
    let fallen = Bed { disk: bed.disk.kill_image(), index: Arc::new(bed.index.after_fall_back(|_| 0).unwrap()) };
    assert_eq!(all(&fallen.open()).len(), 3_000);
    assert_eq!(all(&files), (0..3_000).map(|n| (key_of(n), block(n, 1))).collect::<Vec<_>>());
}

#[test]
fn garbage_is_bounded_by_what_is_live() {
    let bed = Bed::new();
    let files = bed.open();
    let mut versions = vec![0; 4_000];
    checkpoint(&files, 1, || (0..4_000).for_each(|n| files.insert(&key_of(n), &block(n, 0)).unwrap())).unwrap();
    let mut state = 1_u32;
    for number in 2..60 {
        checkpoint(&files, number, || {
            for _ in 0..300 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let n = state >> 8 & 4_095;
                if let Some(version) = versions.get_mut(n as usize) {
                    *version += 1;
                    files.insert(&key_of(n), &block(n, *version)).unwrap();
                }
            }
        })
        .unwrap();
        let (live, bytes) = (4_000 * block(0, 0).len() as u64, files.block_file_bytes());
        assert!(bytes < 3 * live, "{bytes} of {live} at checkpoint {number}");
        assert_eq!(files.audit().unwrap(), Vec::<String>::new());
    }
    let right: Vec<_> = (0..4_000).map(|n| (key_of(n), block(n, versions[n as usize]))).collect();
    assert!(all(&files) == right);
    let on_disk: u64 = bed.names().iter().map(|name| bed.disk.bytes(&Path::new(FOLDER).join(name)).len() as u64).sum();
    assert_eq!(on_disk, files.block_file_bytes());
}

#[test]
fn what_files_hold_is_counted_again_after_a_checkpoint_was_cut_off() {
    let bed = Bed::new();
    let files = bed.open();
    checkpoint(&files, 1, || (0..100).for_each(|n| files.insert(&key_of(n), &block(n, 0)).unwrap())).unwrap();
    meta::write_pending(&files, 2, 2).unwrap();
    (0..50).for_each(|n| files.insert(&key_of(n), &block(n, 1)).unwrap());
    files.flush_buffers().unwrap();
    drop(files);
    let files = bed.open();
    assert_eq!(files.audit().unwrap(), Vec::<String>::new(), "what is not counted is not compared");
    checkpoint(&files, 2, || (0..100).for_each(|n| files.insert(&key_of(n), &block(n, 2)).unwrap())).unwrap();
    assert_eq!(files.audit().unwrap(), Vec::<String>::new());
    files.ledger.lock().count(1, 7, true);
    assert_eq!(files.audit().unwrap().len(), 1, "a planted fault is found");
}

#[test]
fn blocks_of_format_1_move_to_a_file() {
    let bed = Bed::new();
    for number in 0..20 {
        bed.index.insert(&key_of(number), &block(number, 0)).unwrap();
    }
    meta::write_size(&*bed.index, 1, crate::checkpoint::Size { rows: 1, bytes: 1 }).unwrap();
    meta::write_pending(&*bed.index, 5, 1).unwrap();
    meta::write_applied(&*bed.index, &Applied { seq: 5, number: 1 }).unwrap();
    let files = bed.open();
    let right: Vec<_> = (0..20).map(|n| (key_of(n), block(n, 0))).collect();
    assert_eq!(all(&files), right);
    checkpoint(&files, 2, || ()).unwrap();
    assert_eq!(all(&files), right);
    assert!(bed.index.entries().iter().all(|(key, value)| !is_block_key(key) || value.len() == 16));
    assert_eq!(meta::read_sizes(&*bed.index).unwrap().len(), 1);
    assert_eq!(meta::namespaces_with_blocks(&files, key::SPACE_BASE).unwrap(), [NamespaceId::new(1)]);
}

#[test]
fn a_missing_or_short_file_is_corruption() {
    let bed = Bed::new();
    let files = bed.open();
    checkpoint(&files, 1, || files.insert(&key_of(1), &block(1, 0)).unwrap()).unwrap();
    drop(files);
    let path = Path::new(FOLDER).join(&bed.names()[0]);
    bed.disk.set_bytes(&path, bed.disk.bytes(&path)[..100].to_vec());
    assert_eq!(bed.open().get(&key_of(1)).unwrap_err().code(), ErrorCode::Corruption);
    bed.disk.remove(&path).unwrap();
    assert_eq!(bed.open().get(&key_of(1)).unwrap_err().code(), ErrorCode::Corruption);
    assert_eq!(bed.open().first_above(&key_of(0)).unwrap_err().code(), ErrorCode::Corruption);
}
