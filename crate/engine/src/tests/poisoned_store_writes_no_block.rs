//! After a failure no checkpoint begins, whoever asks for it: what it would leave behind is not always repeated (E11).

use super::{Bed, put, small_options};
use crate::error::{Error, ErrorCode};
use crate::namespace::NamespaceOptions;

#[test]
fn a_checkpoint_that_waited_for_the_failed_one_gives_up() {
    let bed = Bed::new();
    let store = bed.open(&small_options()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let inner = store.inner.clone();
    // As a running checkpoint holds it.
    let run = inner.checkpoint.hold();
    put(&store, namespace, b"key", b"value");
    inner.freeze(&inner.lock_writer()).unwrap();
    let writes = bed.backend.writes();
    let waiting = std::thread::spawn({
        let inner = inner.clone();
        move || inner.checkpoint_once(crate::checkpoint::Drain::Blocks).unwrap_err().code()
    });
    inner.stop_writing(Error::internal("planted"));
    drop(run);
    assert_eq!(waiting.join().unwrap(), ErrorCode::StorageFailed);
    assert_eq!(store.checkpoint().unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(store.compact(&mut |_| true).unwrap_err().code(), ErrorCode::StorageFailed);
    drop(store.close());
    assert_eq!((bed.backend.writes(), inner.checkpoint.applied()), (writes, 0));
}
