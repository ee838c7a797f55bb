//! Records longer than every buffer.

use super::*;

#[test]
fn comes_back_whole_and_leaves_no_memory_behind() {
    let disk = FaultyDisk::default();
    let journal = open_with(&disk, 4_096).unwrap();
    let huge: Vec<u8> = (0..5_000_000u32).map(|at| (at % 251) as u8).collect();
    put(&journal, 1, Durability::Os).unwrap();
    let (left, right) = huge.split_at(1_234_567);
    let appended = journal.append_parts(RecordKind::Commit, 2, &[left, b"", right]).unwrap();
    assert!(appended.buffer_full);
    put(&journal, 3, Durability::Full).unwrap();
    assert_eq!(disk.count("write 00000001-0000000000000001.journal"), 3);
    let found = recovered(&disk).unwrap();
    assert_eq!(found.records.len(), 3);
    assert_eq!(found.records[1], (2, huge));
    assert_eq!((&found.records[0], &found.records[2]), (&(1, payload(1)), &(3, payload(3))));
}

#[test]
fn a_damaged_length_is_only_a_bad_record() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=2, Durability::Os);
    let mut bytes = disk.bytes(&segment(1, 1));
    let record = bytes.len() - payload(2).len() - record::FRAME_BYTES;
    bytes[record + 4..record + 8].fill(0xff);
    disk.set_bytes(&segment(1, 1), bytes);
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=1));
}
