//! Headers and names of segments.

use std::io::ErrorKind;

use super::*;

#[test]
fn an_unlinked_segment_is_removed() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    let unlinked = Path::new(FOLDER).join("00000002-0000000000000004.journal.new");
    disk.set_bytes(&unlinked, vec![0; 10]);
    assert_eq!(recovered(&disk).unwrap().recovered.epoch_max, 1);
    assert_eq!(disk.open_read(&unlinked).err().map(|error| error.kind()), Some(ErrorKind::NotFound));
}

#[test]
fn foreign_files_are_left_alone() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    for name in ["notes.txt", "1-1.journal", "0000000A-0000000000000001.journal", "+0000001-0000000000000009.journal"] {
        disk.set_bytes(&Path::new(FOLDER).join(name), b"notes".to_vec());
    }
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=3));
    assert_eq!(disk.list(Path::new(FOLDER)).unwrap().len(), 5);
}

#[test]
fn a_torn_header_is_corruption_for_it_was_durable_before_its_name() {
    for length in 0..=segment::HEADER_BYTES {
        let disk = FaultyDisk::default();
        put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
        disk.set_bytes(&segment(2, 4), vec![0; length]);
        assert_corruption_at(recovered(&disk), &segment(2, 4), 0);
    }
}

#[test]
fn any_other_damaged_header_is_corruption() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put(&journal, 1, Durability::Full).unwrap();
    journal.switch_segment(2).unwrap();
    put(&journal, 2, Durability::Full).unwrap();
    for path in [segment(1, 1), segment(1, 2)] {
        for at in 0..segment::HEADER_BYTES {
            let image = disk.kill_image();
            let mut bytes = image.bytes(&path);
            bytes[at] ^= 0x80;
            image.set_bytes(&path, bytes);
            assert_corruption_at(recovered(&image), &path, 0);
        }
    }
}

#[test]
fn a_segment_of_another_store_or_name_is_refused() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    let known = Known { store_id: STORE_ID + 1, applied_seq: 0, pending_seq: 0 };
    assert_code(recover(&disk, Path::new(FOLDER), &known, &mut |_| Ok(())), ErrorCode::Corruption);
    disk.rename(&segment(1, 1), &segment(2, 1)).unwrap();
    assert_code(recovered(&disk), ErrorCode::Corruption);
}

#[test]
fn a_newer_format_is_named() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    let mut bytes = disk.bytes(&segment(1, 1));
    bytes[8] = 2;
    let crc_at = segment::HEADER_BYTES - 4;
    let crc = crc32c::crc32c(&bytes[..crc_at]).to_le_bytes();
    bytes[crc_at..segment::HEADER_BYTES].copy_from_slice(&crc);
    disk.set_bytes(&segment(1, 1), bytes);
    assert_code(recovered(&disk), ErrorCode::FormatTooNew);
}

#[test]
fn a_first_seq_that_no_store_comes_to_is_corruption() {
    for first_seq in [crate::store::COUNT_MAX + 1, u64::MAX] {
        let disk = FaultyDisk::default();
        let info = SegmentInfo { epoch: 1, first_seq };
        let header = SegmentHeader { store_id: STORE_ID, info: info.clone(), chain: 0, timestamp: 0 };
        let path = info.path(Path::new(FOLDER));
        disk.set_bytes(&path, header.encode().to_vec());
        assert_corruption_at(recovered_after(&disk, first_seq - 1), &path, 0);
    }
}

fn recovered_after(disk: &FaultyDisk, applied_seq: u64) -> Result<Found> {
    recover_from(disk, Path::new(FOLDER), applied_seq, 0)
}
