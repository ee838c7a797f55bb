//! Whole segments go, never the active one.

use super::*;

fn first_seqs(journal: &Journal) -> Vec<u64> {
    journal.segments().iter().map(|info| info.first_seq).collect()
}

#[test]
fn deletes_whole_segments_oldest_first() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    for seq in 1..=30 {
        put(&journal, seq, Durability::Os).unwrap();
        if seq % 10 == 0 {
            journal.switch_segment(seq + 1).unwrap();
        }
    }
    journal.flush().unwrap();
    assert_eq!(journal.trim(9).unwrap(), 0);
    assert_eq!(journal.trim(20).unwrap(), 2);
    assert_eq!(first_seqs(&journal), [21, 31]);
    assert_eq!(recover_from(&disk, Path::new(FOLDER), 20, 20).unwrap().records, expected(21..=30));
    assert_eq!(journal.trim(u64::MAX).unwrap(), 1);
    assert_eq!(first_seqs(&journal), [31]);
    assert_eq!(disk.list(Path::new(FOLDER)).unwrap(), ["00000001-000000000000001f.journal"]);
    put(&journal, 31, Durability::Full).unwrap();
    assert_eq!(recover_from(&disk, Path::new(FOLDER), 30, 30).unwrap().records, expected(31..=31));
}

#[test]
fn an_ended_segment_stays_until_the_next_is_linked() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    put(&journal, 1, Durability::Full).unwrap();
    journal.switch_segment(2).unwrap();
    assert_eq!(journal.trim(1).unwrap(), 0);
    journal.flush().unwrap();
    assert_eq!(journal.trim(1).unwrap(), 1);
}

#[test]
fn deletes_segments_that_never_got_a_record() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    for _ in 0..5 {
        open(&disk).unwrap().flush().unwrap();
    }
    let journal = open(&disk).unwrap();
    journal.flush().unwrap();
    assert_eq!(journal.segments().len(), 7);
    assert_eq!(journal.trim(0).unwrap(), 5);
    assert_eq!(first_seqs(&journal), [1, 4]);
    put(&journal, 4, Durability::Os).unwrap();
    assert_eq!(recovered(&disk).unwrap().records, expected(1..=4));
}

#[test]
fn a_power_cut_may_take_back_any_of_its_removals() {
    for kept in [1, 11, 21] {
        let disk = FaultyDisk::default();
        let journal = open(&disk).unwrap();
        for seq in 1..=40 {
            put(&journal, seq, Durability::Os).unwrap();
            if seq % 10 == 0 && seq < 40 {
                journal.switch_segment(seq + 1).unwrap();
            }
        }
        let before = disk.bytes(&segment(1, kept));
        assert_eq!(journal.trim(30).unwrap(), 3);
        // The end that tells of the next one may be lost or torn, too.
        for cut in [0, 7, record::GROUP_BYTES] {
            let image = disk.kill_image();
            image.create(&segment(1, kept)).unwrap();
            image.set_bytes(&segment(1, kept), before[..before.len() - cut].to_vec());
            let found = recovery::check(&image, Path::new(FOLDER), STORE_ID, 30).unwrap();
            assert_eq!(found.last_seq, 40);
            assert_eq!(recover_from(&image, Path::new(FOLDER), 30, 30).unwrap().records, expected(31..=40));
            if kept < 21 {
                assert_code(recover_from(&image, Path::new(FOLDER), 15, 30), ErrorCode::Corruption);
            }
        }
    }
}

#[test]
fn what_is_missing_above_the_applied_seq_is_no_removal_of_it() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    for seq in 1..=40 {
        put(&journal, seq, Durability::Os).unwrap();
        if seq % 10 == 0 && seq < 40 {
            journal.switch_segment(seq + 1).unwrap();
        }
    }
    disk.remove(&segment(1, 11)).unwrap();
    assert_code(recovery::check(&disk, Path::new(FOLDER), STORE_ID, 19), ErrorCode::Corruption);
    assert_eq!(recovery::check(&disk, Path::new(FOLDER), STORE_ID, 20).unwrap().last_seq, 40);
}
