//! Whoever asked to hear of a failure hears of it once, without the writer mutex held, whenever the asking came (E11).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use super::{Bed, put, small_options, small_store};
use crate::batch::Batch;
use crate::error::{Error, ErrorCode};
use crate::namespace::NamespaceOptions;
use crate::store::Status;

#[test]
fn after_a_failure_under_the_writer_mutex() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    put(&store, namespace, b"key", b"value");
    bed.disk.crash_at(bed.disk.log().len());
    // Fails the journal, and tells nobody: the next append meets it under the mutex.
    store.write_buffered().unwrap_err();
    assert_eq!(store.status(), Status::Open);
    let (sender, heard) = mpsc::channel();
    let (inner, again) = (store.inner.clone(), store.clone());
    store.on_error(move |error| {
        // A listener may ask the store anything, even to write.
        let answer = again.apply(&Batch::new()).unwrap_err().code();
        sender.send((inner.writer.is_free(), error.code(), answer)).unwrap();
    });
    let mut batch = Batch::new();
    batch.put(namespace, b"key", b"value").unwrap();
    assert_eq!(store.apply(&batch).unwrap_err().code(), ErrorCode::StorageFailed);
    let heard: Vec<_> = heard.try_iter().collect();
    assert_eq!(heard, [(true, ErrorCode::StorageFailed, ErrorCode::StorageFailed)]);
    drop(store.close());
}

#[test]
fn while_the_failure_comes() {
    const LISTENERS: usize = 20;
    for _ in 0..300 {
        let (store, _) = small_store();
        let counts: Vec<Arc<AtomicU64>> = (0..LISTENERS).map(|_| Arc::default()).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for count in &counts {
                    let count = count.clone();
                    store.on_error(move |_| {
                        count.fetch_add(1, Ordering::SeqCst);
                    });
                }
            });
            for _ in 0..2 {
                scope.spawn(|| store.poison(Error::internal("planted")));
            }
        });
        let counts: Vec<u64> = counts.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        assert_eq!(counts, [1; LISTENERS]);
    }
}
