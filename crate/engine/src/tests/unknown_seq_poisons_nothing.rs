//! Waiting for a seq that no commit was given is an error of the caller, and of nobody else.

use std::sync::mpsc;

use super::{Bed, put, small_options};
use crate::error::ErrorCode;
use crate::namespace::NamespaceOptions;
use crate::options::Durability;
use crate::store::Status;

#[test]
fn the_store_goes_on() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let seq = put(&store, namespace, b"key", b"value");
    let (sender, answers) = mpsc::channel();
    for level in [Durability::None, Durability::Os, Durability::Full] {
        assert_eq!(store.wait(seq + 1, level).unwrap_err().code(), ErrorCode::InvalidArgument);
        for (seq, name) in [(seq, "given"), (u64::MAX, "unknown")] {
            let sender = sender.clone();
            store.request(seq, level, move |answer| sender.send((name, answer.map_err(|e| e.code()))).unwrap());
        }
    }
    drop(sender);
    let mut answers: Vec<_> = answers.iter().collect();
    answers.sort_by_key(|(name, _)| *name);
    assert_eq!(answers[..3], [("given", Ok(())); 3]);
    assert_eq!(answers[3..], [("unknown", Err(ErrorCode::InvalidArgument)); 3]);
    assert_eq!(store.status(), Status::Open);
    store.wait(seq, Durability::Full).unwrap();
    store.close().unwrap();
}
