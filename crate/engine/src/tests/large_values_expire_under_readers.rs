//! A read that has found a large value in time reads its chunks to the end, though it expires and is reclaimed meanwhile (E28).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{START_MS, timed_store};
use crate::batch::Batch;
use crate::clock::Clock;
use crate::store::Read;

const BYTES: usize = 600_000;

#[test]
fn or_finds_nothing() {
    let clock = Clock::manual(START_MS);
    let (store, namespace) = timed_store(&clock);
    let (is_over, found) = (AtomicBool::new(false), AtomicU64::new(0));
    let read = || {
        let mut wrong = None;
        while wrong.is_none() && !is_over.load(Ordering::Relaxed) {
            match store.get(namespace, b"key") {
                Ok(None) => {}
                Ok(Some(value)) if value.len() == BYTES && value.iter().all(|byte| *byte == value[0]) => {
                    found.fetch_add(1, Ordering::Relaxed);
                }
                other => wrong = Some(format!("{:?}", other.map(|value| value.map(|value| value.len())))),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        wrong
    };
    std::thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        for round in 0..60_u8 {
            let mut batch = Batch::new();
            batch.put_expiring(namespace, b"key", &vec![round; BYTES], clock.now_ms() + 1_000).unwrap();
            store.apply(&batch).unwrap();
            store.checkpoint().unwrap();
            let before = found.load(Ordering::Relaxed);
            while found.load(Ordering::Relaxed) < before + 2 && !is_over.load(Ordering::Relaxed) {
                std::thread::yield_now(); // somebody is reading it
            }
            clock.set(clock.now_ms() + 1_000);
            store.compact(&mut |_| true).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(readers.map(|reader| reader.join().unwrap()), [None, None]);
    });
    store.compact(&mut |_| true).unwrap();
    assert_eq!(store.approximate_size(namespace).0, 0);
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
}
