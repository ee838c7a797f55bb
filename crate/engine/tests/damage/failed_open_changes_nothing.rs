//! A store that fails to open is left as it was: its journal always, sled's files too when they are not to blame.

use std::fs;

use sledstore_engine::{ErrorCode, Store};

use crate::store::{Left, Sample, contents, open_and_read, options, without_sled};

#[test]
fn with_a_damaged_block_of_the_catalogue() {
    let sample = Sample::new(Left::Closed);
    let whole = fs::read(sample.path().join("sled/db")).unwrap();
    let mut failed = 0;
    for at in (0..whole.len()).step_by(20_011) {
        let copy = sample.copy();
        let mut damaged = whole.clone();
        damaged[at..(at + 4_096).min(whole.len())].fill(0x5a);
        fs::write(copy.path().join("sled/db"), damaged).unwrap();
        let before = without_sled(contents(copy.path()));
        if let Err(error) = Store::open(copy.path(), &options()) {
            assert_eq!(error.code(), ErrorCode::Corruption, "{error}");
            assert!(without_sled(contents(copy.path())) == before, "damaged at {at}: {error}");
            failed += 1;
        }
    }
    assert!(failed > 0);
}

#[test]
fn with_a_damaged_record() {
    let sample = Sample::new(Left::Killed);
    let copy = sample.copy();
    let segment = copy.path().join(sample.newest_segment());
    let mut bytes = fs::read(&segment).unwrap();
    bytes[300] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let before = contents(copy.path());
    assert_eq!(open_and_read(copy.path()).err().map(|error| error.code()), Some(ErrorCode::Corruption));
    assert!(contents(copy.path()) == before);
}

#[test]
fn with_a_segment_that_cannot_be_read() {
    let sample = Sample::new(Left::Killed);
    let copy = sample.copy();
    let segment = copy.path().join(sample.newest_segment());
    fs::remove_file(&segment).unwrap();
    fs::create_dir(&segment).unwrap();
    let before = contents(copy.path());
    assert_eq!(open_and_read(copy.path()).err().map(|error| error.code()), Some(ErrorCode::IoFailed));
    assert!(contents(copy.path()) == before);
}
