//! E10: what is in the blocks already is not read back.

use super::*;

#[test]
fn even_when_they_are_damaged() {
    let disk = FaultyDisk::default();
    let journal = open(&disk).unwrap();
    for seq in 1..=30 {
        put(&journal, seq, Durability::Os).unwrap();
        if seq % 10 == 0 && seq < 30 {
            journal.switch_segment(seq + 1).unwrap();
        }
    }
    disk.set_bytes(&segment(1, 1), b"nonsense".to_vec());
    assert_code(recovered(&disk), ErrorCode::Corruption);
    let found = recover_from(&disk, Path::new(FOLDER), 10, 10).unwrap();
    assert_eq!(found.records, expected(11..=30));
    assert_eq!(found.recovered.records, 20);
    assert_eq!(found.segments.iter().map(|info| info.first_seq).collect::<Vec<_>>(), [11, 21]);
    assert_eq!(found.recovered.segments.len(), 3, "they still can be trimmed");
}

#[test]
fn and_so_are_applied_records_of_a_segment_that_is_read() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=30, Durability::Os);
    let found = recover_from(&disk, Path::new(FOLDER), 25, 25).unwrap();
    assert_eq!(found.records, expected(26..=30));
    let found = recover_from(&disk, Path::new(FOLDER), 30, 30).unwrap();
    assert_eq!((found.records, found.segments), (vec![], vec![]), "nothing to announce");
    assert_eq!(found.recovered.last_seq, 30);
}

#[test]
fn an_error_of_the_receiver_ends_it() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    let known = Known { store_id: STORE_ID, applied_seq: 0, pending_seq: 0 };
    let mut events = 0;
    let result = recover(&disk, Path::new(FOLDER), &known, &mut |_| {
        events += 1;
        if events == 3 { Err(Error::new(ErrorCode::TooLarge, "enough")) } else { Ok(()) }
    });
    assert_code(result, ErrorCode::TooLarge);
    assert_eq!(events, 3);
}
