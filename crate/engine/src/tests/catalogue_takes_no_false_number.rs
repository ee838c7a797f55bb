//! Numbers of namespaces that a damaged catalogue or batch buffer names are refused, and running out of them is an error (E24).

use super::small_store;
use crate::batch::Batch;
use crate::error::ErrorCode;
use crate::namespace::{CatalogueState, Namespace, NamespaceId, NamespaceOptions, decode_row, encode_row};

#[test]
fn a_row_with_a_number_that_no_namespace_has_is_corruption() {
    for id in [0, u32::MAX] {
        let row = encode_row(&Namespace::new(NamespaceId::new(id), String::new(), NamespaceOptions::default()));
        assert_eq!(decode_row(b"users", &row).err().map(|error| error.code()), Some(ErrorCode::Corruption));
    }
}

#[test]
fn the_greatest_number_of_a_dropped_namespace_leaves_none_to_give() {
    let (store, _) = small_store();
    let mut state = CatalogueState::default();
    state.insert_dropped(NamespaceId::new(u32::MAX), 1);
    store.inner.catalogue.replace(state);
    let created = store.namespace("one more", &NamespaceOptions::default());
    assert_eq!(created.err().map(|error| error.code()), Some(ErrorCode::Unsupported));
}

#[test]
fn a_batch_buffer_does_not_write_to_the_catalogue() {
    let mut batch = Batch::new();
    batch.put(NamespaceId::CATALOGUE, b"nusers", b"").unwrap();
    let taken = Batch::from_encoded(batch.as_bytes(), || 0);
    assert_eq!(taken.err().map(|error| error.code()), Some(ErrorCode::InvalidArgument));
}
