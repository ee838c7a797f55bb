//! Waiters share writes and fdatasyncs, and nobody pays for a level it did not ask for.

use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::*;

#[test]
fn one_thread_at_os_writes_once_a_commit_and_never_syncs() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    disk.clear_log();
    put_all(&journal, 1..=50, Durability::Os);
    assert_eq!(disk.count("write "), 50);
    assert_eq!(disk.log().len(), 50);
    assert_eq!((journal.written_seq(), journal.durable_seq()), (50, 0));
}

#[test]
fn one_thread_at_full_syncs_once_a_commit() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    disk.clear_log();
    put_all(&journal, 1..=50, Durability::Full);
    assert_eq!((disk.count("write "), disk.count("sync_data ")), (50, 50));
    assert_eq!(journal.durable_seq(), 50);
}

#[test]
fn none_does_no_io_until_the_flush() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    disk.clear_log();
    put_all(&journal, 1..=50, Durability::None);
    assert_eq!(disk.log().len(), 0);
    assert!(journal.buffered_bytes() > 0);
    journal.flush().unwrap();
    assert_eq!(disk.log().len(), 1);
    assert_eq!((journal.written_seq(), journal.buffered_bytes()), (50, 0));
}

#[test]
fn a_full_buffer_is_announced() {
    let disk = FaultyDisk::default();
    let journal = open_with(&disk, 4_000).unwrap();
    let mut last = journal.append(RecordKind::Commit, 1, &[0; 400]).unwrap();
    assert!(!last.buffer_full);
    last = journal.append(RecordKind::Commit, 2, &[0; 600]).unwrap();
    assert!(last.buffer_full);
    journal.flush().unwrap();
    assert!(!journal.append(RecordKind::Commit, 3, &[0; 400]).unwrap().buffer_full);
}

#[test]
fn eight_threads_share_syncs() {
    let disk = FaultyDisk::default();
    disk.slow_syncs(Duration::from_millis(1));
    let journal = open(&disk).unwrap();
    disk.clear_log();
    let next_seq = Mutex::new(1);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let seq = {
                        let mut next_seq = next_seq.lock();
                        journal.append(RecordKind::Commit, *next_seq, &payload(*next_seq)).unwrap();
                        *next_seq += 1;
                        *next_seq - 1
                    };
                    journal.wait(seq, Durability::Full).unwrap();
                    assert!(journal.durable_seq() >= seq);
                }
            });
        }
    });
    let syncs = disk.count("sync_data ");
    assert!(syncs < 600, "{syncs} syncs for 800 commits");
    assert!(disk.count("write ") <= syncs + 1, "waiters for a sync are written together");
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=800));
}

#[test]
fn os_writers_do_not_wait_for_a_sync() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put(&journal, 1, Durability::Os).unwrap();
    disk.clear_log();
    thread::scope(|scope| {
        let held = disk.hold_syncs();
        scope.spawn(|| journal.wait(1, Durability::Full).unwrap());
        while disk.count("sync_data ") == 0 {
            thread::yield_now();
        }
        put(&journal, 2, Durability::Os).unwrap();
        assert_eq!((journal.written_seq(), journal.durable_seq()), (2, 0));
        drop(held);
    });
    assert_eq!((journal.written_seq(), journal.durable_seq()), (2, 1));
}

#[test]
fn timestamps_rise_also_across_epochs() {
    let disk = FaultyDisk::default();
    for epoch in 0..3 {
        let journal = open(&disk).unwrap();
        put_all(&journal, epoch * 10 + 1..=epoch * 10 + 10, Durability::Os);
    }
    let timestamps = recovered(&disk).unwrap().timestamps;
    assert_eq!(timestamps.len(), 30);
    assert!(timestamps.is_sorted_by(|earlier, later| earlier < later));
}
