//! A store in memory has a journal that keeps nothing.

use super::*;

#[test]
fn follows_at_once() {
    let journal = Journal::none();
    let mut last_timestamp = 0;
    for seq in 1..=3 {
        let appended = journal.append(RecordKind::Commit, seq, b"row").unwrap();
        assert!(appended.timestamp > last_timestamp);
        last_timestamp = appended.timestamp;
        journal.wait(seq, Durability::Full).unwrap();
        assert_eq!((journal.written_seq(), journal.durable_seq()), (seq, seq));
    }
    assert_code(journal.append(RecordKind::Commit, 5, b"row"), ErrorCode::Internal);
    journal.switch_segment(4).unwrap();
    journal.flush_background().unwrap();
    assert_eq!((journal.trim(3).unwrap(), journal.buffered_bytes()), (0, 0));
    journal.close().unwrap();
}
