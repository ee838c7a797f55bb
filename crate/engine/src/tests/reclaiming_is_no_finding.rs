//! What is left of a namespace that is being reclaimed is neither waste nor damage, in whatever order it goes.

use super::{put, small_store};
use crate::key;
use crate::meta;
use crate::rewrite::BlockWriter;

#[test]
fn verify_finds_nothing_while_a_dropped_namespace_goes() {
    let (store, namespace) = small_store();
    for (key, length) in [(&b"chunked"[..], 40_000), (b"streamed", 200_000), (b"short", 10)] {
        put(&store, namespace, key, &vec![1; length]);
    }
    store.checkpoint().unwrap();
    // Keeps the checkpoint from reclaiming it at once.
    let snapshot = store.snapshot().unwrap();
    assert!(store.drop_namespace("rows").unwrap());
    store.checkpoint().unwrap();
    let inner = &store.inner;
    for space in [key::SPACE_BASE, key::SPACE_HISTORY, key::SPACE_CHUNKS] {
        assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
        let mut run = inner.checkpoint.hold();
        let (number, applied) = (run.number + 1, inner.checkpoint.applied());
        let mut writer = BlockWriter::new(inner, &run);
        meta::write_pending(&*inner.backend, applied, number).unwrap();
        let removed = writer.remove_all(space, namespace, &mut |_, _| Ok(())).unwrap();
        assert_eq!(removed == 0, space == key::SPACE_HISTORY);
        inner.complete(&mut run, &mut writer, applied, number).unwrap();
    }
    drop(snapshot);
    store.checkpoint().unwrap();
    assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
    assert_eq!(inner.catalogue.dropped(), []);
}
