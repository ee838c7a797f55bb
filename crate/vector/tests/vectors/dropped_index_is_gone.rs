use sledstore_engine::{Batch, Durability, ErrorCode};
use sledstore_vector::{Metric, Search, VectorIndex};

use crate::common;

#[test]
fn a_dropped_index_may_be_created_anew_with_other_dimensions() {
    let store = common::memory();
    let old = common::open(&store, 2, Metric::L2);
    common::put(&old, &[(b"a".to_vec(), vec![1.0, 2.0])]);
    assert!(VectorIndex::drop(&store, "test").unwrap());
    assert!(!VectorIndex::drop(&store, "test").unwrap());
    assert_eq!(VectorIndex::list(&store).unwrap(), []);
    let search = old.search(&store, &[0.0, 0.0], &Search::nearest(1));
    assert_eq!(common::code(search), Some(ErrorCode::NamespaceDropped));
    let mut batch = Batch::new();
    // By the commit, or already by the put, where what is kept of the index has gone by then.
    let put = old.put(&mut batch, b"b", &[1.0, 2.0], None).and_then(|()| store.commit(&batch, Durability::None));
    assert_eq!(common::code(put), Some(ErrorCode::NamespaceDropped));

    let new = common::open(&store, 3, Metric::Cosine);
    assert_eq!(new.count(&store).unwrap(), 0);
    common::put(&new, &[(b"a".to_vec(), vec![1.0, 2.0, 3.0])]);
    assert_eq!(new.count(&store).unwrap(), 1);
}
