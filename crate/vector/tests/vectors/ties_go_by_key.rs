use sledstore_engine::{Batch, Durability};
use sledstore_vector::{Metric, Search};

use crate::common;

#[test]
fn of_equally_near_vectors_the_lower_keys_come_first() {
    let store = common::memory();
    let index = common::open(&store, 2, Metric::L2);
    let mut batch = Batch::new();
    for key in ["d", "b", "e", "a", "c", ""] {
        index.put(&mut batch, key.as_bytes(), &[1.0, 1.0], None).unwrap();
    }
    store.commit(&batch, Durability::None).unwrap();
    let found = index.search(&store, &[0.0, 0.0], &Search::nearest(3)).unwrap();
    assert_eq!(common::keys(&found), ["", "a", "b"]);
    // By key sets, too.
    let keys: Vec<&[u8]> = vec![b"e", b"c", b"e", b"nothing", b"d"];
    let found = index.search(&store, &[0.0, 0.0], &Search { keys: Some(&keys), ..Search::nearest(2) }).unwrap();
    assert_eq!(common::keys(&found), ["c", "d"]);
}

#[test]
fn no_distance_is_a_negative_zero() {
    let store = common::memory();
    let index = common::open(&store, 2, Metric::Dot);
    common::put(&index, &[(b"a".to_vec(), vec![0.0, 0.0]), (b"b".to_vec(), vec![-0.0, 0.0])]);
    let found = index.search(&store, &[1.0, 1.0], &Search::nearest(2)).unwrap();
    assert_eq!(common::keys(&found), ["a", "b"]);
    assert!(found.iter().all(|neighbor| neighbor.distance.is_sign_positive()));
}
