//! A `STORE` whose number of the format is damaged is damaged: a newer SledStore would not help.

use std::fs;

use sledstore_engine::{ErrorCode, Store};

use crate::store::{Left, Sample, options};

#[test]
fn it_is_corruption() {
    let sample = Sample::new(Left::Fresh);
    let copy = sample.copy();
    let path = copy.path().join("STORE");
    let text = fs::read_to_string(&path).unwrap().replace("format 3", "format 9");
    fs::write(&path, text).unwrap();
    assert_eq!(Store::open(copy.path(), &options()).err().map(|error| error.code()), Some(ErrorCode::Corruption));
}
