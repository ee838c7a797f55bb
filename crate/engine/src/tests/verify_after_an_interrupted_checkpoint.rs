//! A store that a failure poisoned in the middle of a checkpoint is sound: the blocks it wrote are no findings.

use super::{Bed, small_options};
use crate::batch::Batch;
use crate::namespace::NamespaceOptions;
use crate::store::Status;

#[test]
fn at_every_write_and_at_the_flush() {
    let mut interrupted = 0;
    for after in 0.. {
        let bed = Bed::new();
        let store = bed.open(&small_options()).unwrap();
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        let put = |from: u32| {
            let mut batch = Batch::new();
            for row in from..from + 100 {
                batch.put(namespace, format!("key-{row:05}").as_bytes(), &[row as u8; 40]).unwrap();
            }
            batch.put(namespace, b"long", &vec![from as u8; 20_000]).unwrap();
            store.apply(&batch).unwrap();
        };
        put(0);
        store.checkpoint().unwrap();
        put(50);
        bed.backend.fail_write(bed.backend.writes() + 1 + after);
        bed.backend.fail_flush(bed.backend.flushes() + 1);
        assert!(store.checkpoint().is_err());
        assert_eq!(store.status(), Status::Poisoned);
        let report = store.verify(&mut |_| true).unwrap();
        assert_eq!(report.findings, [], "after {after} writes");
        let was_flushed = bed.backend.writes() < after;
        bed.stop();
        let _ = store.close();
        interrupted += 1;
        if was_flushed || interrupted > 200 {
            break;
        }
    }
    assert!(interrupted > 20 && interrupted < 200, "{interrupted}");
}
