//! E12: the old segment is durable before the new one is linked, the new one before it is written to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::*;

#[test]
fn of_operations() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put(&journal, 1, Durability::Os).unwrap();
    put(&journal, 2, Durability::None).unwrap();
    disk.clear_log();
    journal.switch_segment(3).unwrap();
    put(&journal, 3, Durability::None).unwrap();
    assert_eq!(disk.log(), [""; 0], "a switch is only memory");
    journal.wait(3, Durability::Os).unwrap();
    let (old, new) = ("00000001-0000000000000001.journal", "00000001-0000000000000003.journal");
    assert_eq!(
        disk.log(),
        [
            format!("write {old}"),
            format!("sync_data {old}"),
            format!("create {new}.new"),
            format!("write {new}.new"),
            format!("sync_all {new}.new"),
            format!("rename {new}.new {new}"),
            "sync_folder journal".into(),
            format!("write {old}"), // that another follows; nobody waits for it
            format!("write {new}"),
        ]
    );
    assert_eq!((journal.written_seq(), journal.durable_seq()), (3, 2));
    let found = recovered(&disk).unwrap();
    assert_eq!(found.records, expected(1..=3));
    assert_eq!(found.segments, journal.segments());
}

#[test]
fn a_switch_without_records_does_nothing() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    disk.clear_log();
    journal.switch_segment(1).unwrap();
    journal.flush().unwrap();
    put(&journal, 1, Durability::None).unwrap();
    journal.switch_segment(2).unwrap();
    journal.switch_segment(2).unwrap();
    journal.flush().unwrap();
    assert_eq!(disk.count("rename "), 1);
    assert_eq!(journal.segments().len(), 2);
}

#[test]
fn several_switches_before_anyone_writes() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    for seq in 1..=5 {
        put(&journal, seq, Durability::None).unwrap();
        journal.switch_segment(seq + 1).unwrap();
    }
    journal.wait(2, Durability::Full).unwrap();
    journal.flush().unwrap();
    assert_eq!(journal.durable_seq(), 5);
    assert_eq!(journal.segments().len(), 6);
    let found = recovered(&disk).unwrap();
    assert_eq!((found.records, found.segments.len()), (expected(1..=5), 5));
}

#[test]
fn a_seq_outside_the_order_is_refused() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put(&journal, 1, Durability::Os).unwrap();
    assert_code(journal.append(RecordKind::Commit, 1, b""), ErrorCode::Internal);
    assert_code(journal.append(RecordKind::Commit, 3, b""), ErrorCode::Internal);
    assert_code(journal.switch_segment(3), ErrorCode::Internal);
    assert_code(journal.wait(2, Durability::Os), ErrorCode::Internal);
    put(&journal, 2, Durability::Os).unwrap();
}

#[test]
fn under_concurrent_waiters() {
    let disk = FaultyDisk::default();
    let journal = open_with(&disk, 4_096).unwrap();
    let appended = AtomicU64::new(0);
    const LAST: u64 = 3_000;
    thread::scope(|scope| {
        for level in [Durability::Os, Durability::Full, Durability::Full] {
            let (journal, appended) = (&journal, &appended);
            scope.spawn(move || {
                let mut seq = 0;
                while seq < LAST {
                    seq = appended.load(Ordering::Acquire);
                    journal.wait(seq, level).unwrap();
                    let reached = if level == Durability::Full { journal.durable_seq() } else { journal.written_seq() };
                    assert!(reached >= seq);
                }
            });
        }
        for seq in 1..=LAST {
            if journal.append(RecordKind::Commit, seq, &payload(seq)).unwrap().buffer_full {
                journal.flush().unwrap();
            }
            if seq % 100 == 0 {
                journal.switch_segment(seq + 1).unwrap();
            }
            appended.store(seq, Ordering::Release);
        }
    });
    let found = recovered(&disk).unwrap();
    assert_eq!(found.records, expected(1..=LAST));
    assert_eq!(found.segments.len(), 30);
}
