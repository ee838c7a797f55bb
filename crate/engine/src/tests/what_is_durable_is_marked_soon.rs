//! E10: a store that falls idle tells its journal what became durable, so that damage to it is no torn write.

use std::time::{Duration, Instant};

use super::{Bed, small_options};
use crate::batch::Batch;
use crate::error::ErrorCode;
use crate::namespace::NamespaceOptions;
use crate::options::{Durability, Options};
use crate::store::{Seq, Store};

fn put_rows(store: &Store, level: Durability) -> Seq {
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    for row in 0..200_u32 {
        let mut batch = Batch::new();
        batch.put(namespace, &row.to_be_bytes(), b"a value").unwrap();
        store.commit(&batch, level).unwrap();
    }
    store.visible_seq()
}

/// Waits until the files themselves know `seq` durable.
fn wait_for_mark(store: &Store, seq: Seq) {
    let end = Instant::now() + Duration::from_secs(20);
    while store.inner.journal.check(0).unwrap().unwrap().durable_known < seq {
        assert!(Instant::now() < end, "no mark came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_marked(bed: &Bed, level: Durability, make_durable: impl FnOnce(&Store)) {
    // At level `none` creating the namespace would start the ticker that is tested.
    let options = Options { durability: Durability::Full, ..small_options() };
    let store = bed.open(&options).unwrap();
    let last = put_rows(&store, level);
    make_durable(&store);
    let syncs = bed.disk.count("sync_");
    wait_for_mark(&store, last);
    assert_eq!(bed.disk.count("sync_"), syncs, "the mark has no sync of its own");
    let segment = bed.newest_segment();
    let length = bed.disk.bytes(&segment).len() - 100; // the mark itself is at the end
    for at in (1_000..length).step_by(997) {
        let opened = bed.open_killed(&options, |disk| {
            let mut damaged = disk.bytes(&segment);
            damaged[at] ^= 1;
            disk.set_bytes(&segment, damaged);
        });
        assert_eq!(opened.err().map(|error| error.code()), Some(ErrorCode::Corruption), "byte {at}");
    }
    let found = bed.open_killed(&options, |_| {}).unwrap();
    assert_eq!(found.visible_seq(), last);
    found.close().unwrap();
    store.close().unwrap();
}

#[test]
fn after_the_last_full_commit() {
    is_marked(&Bed::new(), Durability::Full, |_| {});
}

#[test]
fn after_a_flush() {
    is_marked(&Bed::new(), Durability::Os, |store| store.flush().unwrap());
}
