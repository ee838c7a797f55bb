//! After close, damage to any record is told from a torn write.

use super::*;

#[test]
fn every_byte_of_every_record() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=3, Durability::None);
    journal.close().unwrap();
    assert_eq!(journal.durable_seq(), 3);
    assert_code(journal.append(RecordKind::Commit, 4, b""), ErrorCode::Closed);
    assert_code(journal.flush(), ErrorCode::Closed);
    journal.wait(3, Durability::Full).unwrap();
    let whole = disk.bytes(&segment(1, 1));
    for at in segment::HEADER_BYTES..whole.len() - record::GROUP_BYTES {
        let image = disk.kill_image();
        let mut bytes = whole.clone();
        bytes[at] ^= 2;
        image.set_bytes(&segment(1, 1), bytes);
        assert_code(recovered(&image), ErrorCode::Corruption);
    }
    let found = recovered(&disk).unwrap();
    assert_eq!((found.records, found.recovered.cut), (expected(1..=3), None));
}

#[test]
fn what_close_wrote_is_synced() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put(&journal, 1, Durability::None).unwrap();
    journal.switch_segment(2).unwrap();
    put(&journal, 2, Durability::None).unwrap();
    journal.close().unwrap();
    assert_eq!(disk.log().last().unwrap(), "sync_data 00000001-0000000000000002.journal");
    assert_eq!(disk.count("write 00000001-0000000000000002.journal"), 3, "header, record, mark");
    assert_eq!(recovered(&disk).unwrap().recovered.durable_known, 2);
}
