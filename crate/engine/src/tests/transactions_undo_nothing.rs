//! A failure hides what is not durable (E11), but no transaction begins there: it would build on what seems undone.

use super::{Bed, put, small_options};
use crate::error::{Error, ErrorCode};
use crate::namespace::NamespaceOptions;

/// In each, the failure comes at another moment of the beginning of a transaction.
const FAILURES: usize = 200;

#[test]
fn one_that_begins_during_a_failure_sees_all_or_is_refused() {
    for _ in 0..FAILURES {
        let bed = Bed::new();
        let store = bed.open(&small_options()).unwrap();
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        let seq = put(&store, namespace, b"key", b"value");
        std::thread::scope(|scope| {
            let failing = scope.spawn(|| store.poison(Error::new(ErrorCode::IoFailed, "planted")));
            let refused = loop {
                match store.begin() {
                    Ok(transaction) => assert!(transaction.seq() >= seq),
                    Err(error) => break error,
                }
            };
            assert_eq!(refused.code(), ErrorCode::StorageFailed);
            failing.join().unwrap();
        });
    }
}
