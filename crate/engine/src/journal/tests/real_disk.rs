//! The same on the operating system's files.

use super::*;

#[test]
fn writes_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("journal");
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    for epoch in 0..3 {
        let found = recover_from(&*disk, &folder, 0, 0).unwrap();
        assert_eq!(found.records, expected(1..=epoch * 20));
        let journal =
            Journal::create(Arc::clone(&disk), &folder, found.recovered.start(STORE_ID, 1 << 20).unwrap()).unwrap();
        put_all(&journal, epoch * 20 + 1..=epoch * 20 + 10, Durability::Full);
        journal.switch_segment(epoch * 20 + 11).unwrap();
        put_all(&journal, epoch * 20 + 11..=epoch * 20 + 20, Durability::Os);
    }
    let newest = SegmentInfo { epoch: 3, first_seq: 51 }.path(&folder);
    let length = std::fs::metadata(&newest).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&newest).unwrap().set_len(length - 1).unwrap();
    let found = recover_from(&*disk, &folder, 45, 45).unwrap();
    assert_eq!(found.records, expected(46..=59));
    let cut = found.recovered.cut.unwrap();
    assert_eq!(std::fs::metadata(&newest).unwrap().len(), cut.offset);
    assert_eq!(cut.offset + cut.bytes, length - 1);
}
