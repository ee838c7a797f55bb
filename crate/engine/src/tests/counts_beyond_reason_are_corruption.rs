//! Numbers that no store comes to are damage wherever they are read, for counting on from them would overflow.

use std::fs;

use crate::backend::Backend;
use crate::backend_memory::MemoryBackend;
use crate::error::{ErrorCode, Result};
use crate::expiries::Expiries;
use crate::store::COUNT_MAX;
use crate::store_file::{CheckpointFile, read_checkpoint, write_checkpoint};
use crate::{key, meta};

fn code<T>(outcome: Result<T>) -> Option<ErrorCode> {
    outcome.err().map(|error| error.code())
}

#[test]
fn of_the_checkpoint_file() {
    let folder = tempfile::tempdir().unwrap();
    for (applied, number, refused) in [(COUNT_MAX, 7, false), (COUNT_MAX + 1, 7, true), (7, u64::MAX, true)] {
        write_checkpoint(folder.path(), &CheckpointFile { applied, number, hash: 0 }).unwrap();
        assert_eq!(code(read_checkpoint(folder.path())), refused.then_some(ErrorCode::Corruption));
    }
    fs::remove_dir_all(folder.path()).unwrap();
}

#[test]
fn of_what_the_blocks_say_of_themselves() {
    let backend = MemoryBackend::default();
    let pair = |a: u64, b: u64| [a.to_le_bytes(), b.to_le_bytes()].concat();
    for (row, value) in [(b'a', pair(u64::MAX, 1)), (b'p', pair(1, u64::MAX)), (b'b', pair(u64::MAX, u64::MAX))] {
        backend.insert(&[key::SPACE_META, row], &value).unwrap();
    }
    backend.insert(&[key::SPACE_META, b's', 0, 0, 0, 7], &pair(u64::MAX, 0)).unwrap();
    assert_eq!(code(meta::read_applied(&backend)), Some(ErrorCode::Corruption));
    assert_eq!(code(meta::read_pending(&backend)), Some(ErrorCode::Corruption));
    assert_eq!(code(meta::read_live_bytes(&backend)), Some(ErrorCode::Corruption));
    assert_eq!(code(meta::read_sizes(&backend)), Some(ErrorCode::Corruption));
}

/// A fuzzer's find: bytes of rows that expire were summed beyond 64 bits.
#[test]
fn bytes_that_expire_are_summed_without_overflow() {
    let greatest = [7_u64.to_le_bytes(), u64::MAX.to_le_bytes()].concat();
    let mut expiries = Expiries::decode(&greatest).unwrap();
    expiries.add_all(&expiries.clone());
    expiries.add(7, 1, 7);
    assert_eq!(expiries.expired_bytes(u64::MAX), u64::MAX);
}
