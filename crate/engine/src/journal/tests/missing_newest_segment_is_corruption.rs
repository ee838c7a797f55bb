//! E12: the newest segment cannot go unnoticed, for the one before tells that it was linked.

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::*;

/// Ten records in a first segment, ten in a second one.
fn two_segments() -> (FaultyDisk, Journal) {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=10, Durability::Full);
    journal.switch_segment(11).unwrap();
    put_all(&journal, 11..=20, Durability::Full);
    (disk, journal)
}

#[test]
fn after_a_rotation() {
    let (disk, _) = two_segments();
    let image = disk.kill_image();
    image.remove(&segment(1, 11)).unwrap();
    assert_code(recovered(&image), ErrorCode::Corruption);
    assert_code(recover_from(&image, Path::new(FOLDER), 10, 10), ErrorCode::Corruption);
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=20));
}

#[test]
fn after_an_open() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Full);
    put_all(&open(&disk).unwrap(), 4..=6, Durability::Full);
    // Synced at open, so that not even a power cut takes it.
    let image = disk.crash_image(&mut SmallRng::seed_from_u64(1));
    image.remove(&segment(2, 4)).unwrap();
    assert_code(recovered(&image), ErrorCode::Corruption);
}

#[test]
fn an_end_is_not_waited_for_and_may_be_torn() {
    let (disk, _) = two_segments();
    let whole = disk.bytes(&segment(1, 1));
    let start = whole.len() - record::GROUP_BYTES;
    for length in start..=whole.len() {
        let torn = disk.kill_image();
        torn.set_bytes(&segment(1, 1), whole[..length].to_vec());
        assert_eq!(recovered(&torn).unwrap().records, expected(1..=20), "torn at {length}");
    }
    for at in start..whole.len() {
        let damaged = disk.kill_image();
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        damaged.set_bytes(&segment(1, 1), bytes);
        assert_eq!(recovered(&damaged).unwrap().records, expected(1..=20), "damaged at {at}");
    }
}

#[test]
fn a_journal_that_is_checked_may_get_a_segment_meanwhile() {
    let (disk, journal) = two_segments();
    for seq in 21..=200 {
        put(&journal, seq, Durability::Os).unwrap();
        journal.switch_segment(seq + 1).unwrap();
        assert_eq!(journal.check(0).unwrap().unwrap().last_seq, seq, "the segment is due, and not linked yet");
    }
    drop(disk);
}

#[test]
fn a_link_that_fails_leaves_nothing_behind() {
    let (disk, journal) = two_segments();
    journal.switch_segment(21).unwrap();
    // The old segment's sync, the new file, its header.
    disk.fail_once(2, std::io::ErrorKind::StorageFull);
    assert_code(journal.flush(), ErrorCode::StorageFailed);
    assert_eq!(disk.list(Path::new(FOLDER)).unwrap().len(), 2);
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=20));
}
