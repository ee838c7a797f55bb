//! A batch without operations takes no seq, so nothing waits for a checkpoint that would never come to it.

use super::{put, small_store};
use crate::admission::Admission;
use crate::batch::Batch;
use crate::error::{Error, ErrorCode};
use crate::options::Durability;

#[test]
fn its_answer_is_the_newest_seq() {
    let (store, namespace) = small_store();
    let seq = put(&store, namespace, b"key", b"value");
    assert_eq!(store.commit(&Batch::new(), Durability::Full).unwrap(), seq);
    assert_eq!(put(&store, namespace, b"key", b"value"), seq + 1);
    store.apply(&Batch::new()).unwrap();
    store.checkpoint().unwrap();
    assert_eq!(store.stats().applied_seq, seq + 1);
}

#[test]
fn its_condition_is_checked() {
    let (store, _) = small_store();
    let refuse = |_: &_| Err(Error::new(ErrorCode::Conflict, "refused"));
    let answer = store.inner.apply_if((&Batch::new()).into(), Admission::Block, refuse);
    assert_eq!(answer.unwrap_err().code(), ErrorCode::Conflict);
    store.close().unwrap();
    assert_eq!(store.inner.apply(&Batch::new(), Admission::Block).unwrap_err().code(), ErrorCode::Closed);
}
