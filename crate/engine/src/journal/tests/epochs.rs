//! One seq in two epochs: the higher epoch wins, over records never known durable.

use super::*;

/// A disk that brings back what recovery cut: epoch 1 holds seqs 1..=6, epoch 2 starts at 4.
fn with_leftover(level: Durability) -> FaultyDisk {
    let disk = FaultyDisk::default();
    let first = open(&disk).unwrap();
    put_all(&first, 1..=3, Durability::Full);
    let kept = disk.bytes(&segment(1, 1)).len();
    put_all(&first, 4..=6, level);
    let whole = disk.bytes(&segment(1, 1));
    disk.set_bytes(&segment(1, 1), whole[..kept].to_vec());
    let second = open(&disk).unwrap();
    for seq in 4..=5 {
        second.append(RecordKind::Commit, seq, b"second epoch").unwrap();
        second.wait(seq, Durability::Full).unwrap();
    }
    disk.set_bytes(&segment(1, 1), whole);
    disk
}

#[test]
fn the_higher_epoch_wins() {
    let disk = with_leftover(Durability::Os);
    for _ in 0..2 {
        let found = recovered(&disk).unwrap();
        let mut records = expected(1..=3);
        records.extend([(4, b"second epoch".to_vec()), (5, b"second epoch".to_vec())]);
        assert_eq!(found.records, records);
        assert_eq!((found.recovered.last_seq, found.recovered.epoch_max), (5, 2));
    }
}

#[test]
fn not_over_what_was_known_durable() {
    let disk = with_leftover(Durability::Full);
    assert_code(recovered(&disk), ErrorCode::Corruption);
}

#[test]
fn an_unreadable_leftover_is_ignored() {
    let disk = with_leftover(Durability::Os);
    let mut bytes = disk.bytes(&segment(1, 1));
    *bytes.last_mut().unwrap() ^= 1;
    disk.set_bytes(&segment(1, 1), bytes);
    assert_eq!(recovered(&disk).unwrap().recovered.last_seq, 5);
}

#[test]
fn a_higher_epoch_that_starts_below_a_linked_segment_is_damage() {
    let disk = FaultyDisk::default();
    let first = open(&disk).unwrap();
    put_all(&first, 1..=3, Durability::Os);
    first.switch_segment(4).unwrap();
    put_all(&first, 4..=6, Durability::Os);
    let start = Start { epoch: 2, ..Recovered::default().start(STORE_ID, 1 << 20).unwrap() };
    Journal::create(Arc::new(disk.clone()), FOLDER, start).unwrap();
    assert_code(recovered(&disk), ErrorCode::Corruption);
}

#[test]
fn an_open_that_writes_nothing_leaves_no_segment() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Full);
    disk.clear_log();
    for _ in 0..3 {
        assert_eq!(open(&disk).unwrap().epoch(), 2);
    }
    assert!(
        disk.log().iter().all(|call| !call.starts_with("create") && !call.starts_with("write")),
        "{:?}",
        disk.log()
    );
    let journal = open(&disk).unwrap();
    put(&journal, 4, Durability::Full).unwrap();
    let found = recovered(&disk).unwrap();
    assert_eq!((found.records, found.recovered.epoch_max), (expected(1..=4), 2));
}

#[test]
fn the_epoch_rises_at_every_open_and_the_chain_goes_on() {
    let disk = FaultyDisk::default();
    for epoch in 1..=4u32 {
        let journal = open(&disk).unwrap();
        assert_eq!(journal.epoch(), epoch);
        if epoch == 2 {
            journal.flush().unwrap(); // links its segment all the same
        } else {
            put_all(&journal, journal.written_seq() + 1..=journal.written_seq() + 5, Durability::Os);
        }
    }
    let found = recovered(&disk).unwrap();
    assert_eq!(found.records, expected(1..=15));
    assert_eq!(found.segments.iter().map(|info| info.epoch).collect::<Vec<_>>(), [1, 3, 4]);
}
