//! Missing records are never passed over.

use super::*;

/// Segments of ten records each, starting at 1, 11, 21 and 31.
fn four_segments() -> FaultyDisk {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    for seq in 1..=40 {
        put(&journal, seq, Durability::Os).unwrap();
        if seq % 10 == 0 && seq < 40 {
            journal.switch_segment(seq + 1).unwrap();
        }
    }
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=40));
    disk
}

#[test]
fn a_missing_first_segment() {
    let disk = four_segments();
    disk.remove(&segment(1, 1)).unwrap();
    assert_corruption_at(recovered(&disk), &segment(1, 11), 0);
    assert_corruption_at(recover_from(&disk, Path::new(FOLDER), 9, 9), &segment(1, 11), 0);
    assert_eq!(recover_from(&disk, Path::new(FOLDER), 10, 10).unwrap().records, expected(11..=40));
}

#[test]
fn a_missing_middle_segment() {
    let disk = four_segments();
    let length = disk.bytes(&segment(1, 1)).len() as u64;
    disk.remove(&segment(1, 11)).unwrap();
    assert_corruption_at(recovered(&disk), &segment(1, 1), length);
}

#[test]
fn a_shortened_segment_that_another_follows() {
    let disk = four_segments();
    let mut bytes = disk.bytes(&segment(1, 11));
    bytes.truncate(bytes.len() - record::GROUP_BYTES - 1); // its end, and a byte of its last record
    disk.set_bytes(&segment(1, 11), bytes);
    let error = assert_code(recovered(&disk), ErrorCode::Corruption);
    assert!(error.message().contains("00000001-000000000000000b.journal at offset"), "{error}");
}

#[test]
fn bytes_that_nobody_wrote_behind_the_last_record_are_nothing() {
    let disk = four_segments();
    let whole = disk.bytes(&segment(1, 11));
    let behind = |from: usize, bytes: &[u8]| {
        let image = disk.kill_image();
        image.set_bytes(&segment(1, 11), [&whole[..from], bytes].concat());
        recovered(&image)
    };
    let records = whole.len() - record::GROUP_BYTES;
    for from in [records, records + 20, whole.len()] {
        for bytes in [vec![0; 1_024], vec![0xa5; 3_000], whole[whole.len() / 2..whole.len() / 2 + 10].to_vec()] {
            assert_eq!(behind(from, &bytes).unwrap().records, expected(1..=40), "{} behind {from}", bytes.len());
        }
    }
    // A group was written there.
    let bytes = [&[0; 100], &whole[segment::HEADER_BYTES..]].concat();
    assert_corruption_at(behind(records, &bytes), &segment(1, 11), records as u64);
}

#[test]
fn a_record_cut_out_of_the_middle() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=3, Durability::Full);
    let bytes = disk.bytes(&segment(1, 1));
    let group = record::GROUP_BYTES + record::FRAME_BYTES + payload(1).len();
    let second = segment::HEADER_BYTES + group;
    disk.set_bytes(&segment(1, 1), [&bytes[..second], &bytes[second + group..]].concat());
    assert_corruption_at(recovered(&disk), &segment(1, 1), second as u64);
}

#[test]
fn a_segment_of_another_history() {
    let disk = four_segments();
    let other = FaultyDisk::default();
    let journal = open(&other).unwrap();
    put_all(&journal, 1..=9, Durability::Os);
    journal.append(RecordKind::Commit, 10, b"something else").unwrap();
    journal.switch_segment(11).unwrap();
    put_all(&journal, 11..=20, Durability::Os);
    disk.set_bytes(&segment(1, 11), other.bytes(&segment(1, 11)));
    assert_corruption_at(recovered(&disk), &segment(1, 11), 0);
}
