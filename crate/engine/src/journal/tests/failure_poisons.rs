//! E11: after the first failed write or fsync nothing is tried again.

use std::error::Error as _;
use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use super::*;

#[track_caller]
fn assert_poisoned(journal: &Journal, disk: &FaultyDisk, durable: u64, last: u64) {
    let operations = disk.log().len();
    assert_code(journal.append(RecordKind::Commit, last + 1, b"later"), ErrorCode::StorageFailed);
    for level in [Durability::None, Durability::Os, Durability::Full] {
        assert_code(journal.wait(last, level), ErrorCode::StorageFailed);
        journal.wait(durable, level).unwrap();
    }
    assert_code(journal.flush(), ErrorCode::StorageFailed);
    assert_code(journal.flush_background(), ErrorCode::StorageFailed);
    assert_code(journal.switch_segment(last + 1), ErrorCode::StorageFailed);
    assert_code(journal.trim(last), ErrorCode::StorageFailed);
    assert_code(journal.close(), ErrorCode::StorageFailed);
    assert_eq!(journal.failure().unwrap().code(), ErrorCode::StorageFailed);
    assert_eq!(journal.durable_seq(), durable);
    assert_eq!(disk.log().len(), operations, "the disk is left alone");
}

#[test]
fn a_failed_write() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=3, Durability::Full);
    disk.fail_once(0, ErrorKind::StorageFull);
    let error = assert_code(put(&journal, 4, Durability::Os), ErrorCode::StorageFailed);
    let cause = error.source().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(cause.code(), ErrorCode::DiskFull);
    assert!(cause.message().contains("00000001-0000000000000001.journal"), "{cause}");
    assert_poisoned(&journal, &disk, 3, 4);
    assert_eq!(journal.written_seq(), 3);
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=3), "the half-written group is cut");
}

#[test]
fn a_failed_fsync() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=3, Durability::Full);
    disk.fail_once(1, ErrorKind::Other);
    assert_code(put(&journal, 4, Durability::Full), ErrorCode::StorageFailed);
    assert_poisoned(&journal, &disk, 3, 4);
}

#[test]
fn every_operation_of_a_rotation() {
    for operation in 0..7 {
        let disk = FaultyDisk::default();
        let journal = open(&disk).unwrap();
        put_all(&journal, 1..=3, Durability::Full);
        put(&journal, 4, Durability::None).unwrap();
        journal.switch_segment(5).unwrap();
        put(&journal, 5, Durability::None).unwrap();
        disk.fail_once(operation, ErrorKind::Other);
        assert_code(journal.wait(5, Durability::Os), ErrorCode::StorageFailed);
        let durable = if operation < 2 { 3 } else { 4 };
        assert_poisoned(&journal, &disk, durable, 5);
    }
}

#[test]
fn every_waiter_is_told() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    disk.slow_syncs(Duration::from_millis(20));
    for seq in 1..=8 {
        journal.append(RecordKind::Commit, seq, &payload(seq)).unwrap();
    }
    disk.fail_once(1, ErrorKind::Other);
    thread::scope(|scope| {
        for seq in 1..=8 {
            let journal = &journal;
            scope.spawn(move || assert_code(journal.wait(seq, Durability::Full), ErrorCode::StorageFailed));
        }
    });
    assert_eq!((disk.count("sync_data "), journal.durable_seq()), (1, 0));
}
