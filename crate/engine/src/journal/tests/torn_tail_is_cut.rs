//! E10: a bad record above all that is known durable is a torn write.

use super::*;

/// Three synced records, then one unsynced group of two; gives where that group starts.
fn with_last_group() -> (FaultyDisk, usize) {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=3, Durability::Full);
    let start = disk.bytes(&segment(1, 1)).len();
    put(&journal, 4, Durability::None).unwrap();
    put(&journal, 5, Durability::Os).unwrap();
    (disk, start)
}

#[test]
fn at_every_byte_of_the_last_group() {
    let (disk, start) = with_last_group();
    let whole = disk.bytes(&segment(1, 1));
    let record_bytes = record::FRAME_BYTES + payload(4).len();
    // Where the group's header and its records end: the file is cut back to the last of them that is whole.
    let ends = [0, record::GROUP_BYTES, record::GROUP_BYTES + record_bytes, whole.len() - start];
    for length in start..=whole.len() {
        let torn = disk.kill_image();
        torn.set_bytes(&segment(1, 1), whole[..length].to_vec());
        let found = recovered(&torn).unwrap();
        let kept = ends.iter().rposition(|end| start + end <= length).unwrap();
        let last_seq = 3 + kept.saturating_sub(1) as u64;
        assert_eq!(found.records, expected(1..=last_seq), "torn at {length}");
        let kept = start + ends[kept];
        let cut = Cut { file: segment(1, 1), offset: kept as u64, bytes: (length - kept) as u64 };
        assert_eq!(found.recovered.cut, (kept < length).then_some(cut), "torn at {length}");
        assert_eq!(torn.bytes(&segment(1, 1)).len(), kept);
    }
}

#[test]
fn with_a_damaged_byte_anywhere_in_the_last_group() {
    let (disk, start) = with_last_group();
    let whole = disk.bytes(&segment(1, 1));
    for at in start..whole.len() {
        let torn = disk.kill_image();
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        torn.set_bytes(&segment(1, 1), bytes);
        let found = recovered(&torn).unwrap();
        assert!(found.recovered.cut.is_some(), "damaged at {at}");
        assert!(found.records.len() < 5, "damaged at {at}");
        assert_eq!(found.records, expected(1..=found.records.len() as u64));
    }
}

#[test]
fn the_cut_is_durable_before_anything_else_is_written() {
    let (disk, _) = with_last_group();
    let mut bytes = disk.bytes(&segment(1, 1));
    bytes.pop();
    disk.set_bytes(&segment(1, 1), bytes);
    disk.clear_log();
    let journal = open(&disk).unwrap();
    let old = "00000001-0000000000000001.journal";
    let new = "00000002-0000000000000005.journal";
    assert_eq!(disk.log(), [format!("truncate {old}"), format!("sync_all {old}"), "sync_folder journal".into()]);
    disk.clear_log();
    journal.flush().unwrap();
    assert_eq!(
        disk.log(),
        [
            format!("sync_data {old}"),
            format!("create {new}.new"),
            format!("write {new}.new"),
            format!("sync_all {new}.new"),
            format!("rename {new}.new {new}"),
            "sync_folder journal".into(),
            format!("write {old}"), // that another follows
            format!("sync_data {old}"),
        ]
    );
    put(&journal, 5, Durability::Full).unwrap();
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=5));
}

#[test]
fn what_a_killed_process_left_is_made_durable() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    disk.clear_log();
    let journal = open(&disk).unwrap();
    assert_eq!(journal.durable_seq(), 3);
    assert_eq!(disk.log()[0], "sync_all 00000001-0000000000000001.journal");
}
