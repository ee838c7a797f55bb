//! E10: a bad record at or below a seq known durable, pending or applied is damage, named by file and offset.

use super::*;

/// Ten records, each its own durable group; gives where each group starts.
fn ten_groups(disk: &FaultyDisk) -> Vec<usize> {
    let journal = open(disk).unwrap();
    let mut starts = Vec::new();
    for seq in 1..=10 {
        starts.push(disk.bytes(&segment(1, 1)).len());
        put(&journal, seq, Durability::Full).unwrap();
    }
    starts
}

fn damaged(disk: &FaultyDisk, at: usize) -> FaultyDisk {
    let image = disk.kill_image();
    let mut bytes = image.bytes(&segment(1, 1));
    bytes[at] ^= 1;
    image.set_bytes(&segment(1, 1), bytes);
    image
}

#[test]
fn every_byte_that_a_later_group_knows_durable() {
    let disk = FaultyDisk::default();
    let starts = ten_groups(&disk);
    for at in starts[0]..starts[9] {
        let image = damaged(&disk, at);
        let group = starts.iter().rposition(|start| *start <= at).unwrap();
        let in_header = at < starts[group] + record::GROUP_BYTES;
        let offset = starts[group] + if in_header { 0 } else { record::GROUP_BYTES };
        let before = image.bytes(&segment(1, 1));
        assert_corruption_at(recovered(&image), &segment(1, 1), offset as u64);
        assert_eq!(image.bytes(&segment(1, 1)), before, "nothing is cut");
    }
}

#[test]
fn the_last_group_only_if_pending_or_applied_knows_it() {
    let disk = FaultyDisk::default();
    let starts = ten_groups(&disk);
    let at = starts[9] + record::GROUP_BYTES + record::FRAME_BYTES;
    let offset = (starts[9] + record::GROUP_BYTES) as u64;
    let folder = Path::new(FOLDER);
    let image = damaged(&disk, at);
    assert_corruption_at(recover_from(&image, folder, 0, 10), &segment(1, 1), offset);
    assert_corruption_at(recover_from(&image, folder, 10, 0), &segment(1, 1), offset);
    assert_eq!(recover_from(&image, folder, 9, 9).unwrap().recovered.last_seq, 9);
}

#[test]
fn an_end_short_of_what_was_applied() {
    let disk = FaultyDisk::default();
    ten_groups(&disk);
    let length = disk.bytes(&segment(1, 1)).len() as u64;
    assert_corruption_at(recover_from(&disk, Path::new(FOLDER), 11, 0), &segment(1, 1), length);
}

#[test]
fn a_journal_that_is_gone() {
    let disk = FaultyDisk::default();
    assert_code(recover_from(&disk, Path::new(FOLDER), 1, 0), ErrorCode::Corruption);
    assert_eq!(recovered(&disk).unwrap().recovered, Recovered::default());
}

#[test]
fn the_background_mark_covers_the_last_group() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put_all(&journal, 1..=3, Durability::Full);
    let end = disk.bytes(&segment(1, 1)).len();
    journal.flush_background().unwrap();
    assert_eq!(disk.bytes(&segment(1, 1)).len(), end + record::GROUP_BYTES);
    journal.flush_background().unwrap();
    assert_eq!(disk.bytes(&segment(1, 1)).len(), end + record::GROUP_BYTES, "nothing new to tell");
    let image = damaged(&disk, end - 1);
    assert_code(recovered(&image), ErrorCode::Corruption);
    put(&journal, 4, Durability::Os).unwrap();
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=4));
}

#[test]
fn a_copy_of_the_journal_as_a_value_is_not_taken_for_the_journal() {
    let disk = FaultyDisk::default();
    ten_groups(&disk);
    let copied = disk.bytes(&segment(1, 1));
    let journal = open(&disk).unwrap();
    journal.append(RecordKind::Commit, 11, &copied).unwrap();
    journal.wait(11, Durability::Os).unwrap();
    let mut bytes = disk.bytes(&segment(2, 11));
    bytes[segment::HEADER_BYTES + record::GROUP_BYTES + 1] ^= 1;
    disk.set_bytes(&segment(2, 11), bytes);
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=10));
}
