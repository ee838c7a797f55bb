//! The engine's own rows from any bytes: of the catalogue, of large values, of what expires.
//!
//! Input: `kind ‖ row`; that of a namespace is `length of its name ‖ name ‖ value`.

use crate::expiries::Expiries;
use crate::large::{Manifest, ValueId};
use crate::namespace::{CatalogueState, Namespace, NamespaceId, NamespaceOptions, decode_row, encode_row};

const NAMESPACE: u8 = 0;
const MANIFEST: u8 = 1;
const EXPIRIES: u8 = 2;
const DROPPED: u8 = 3;

/// Decodes a row; panics when one breaks its word.
pub fn rows(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    match *kind % 4 {
        NAMESPACE => namespace(bytes),
        MANIFEST => {
            if let Ok(manifest) = Manifest::decode(bytes) {
                assert_eq!(manifest.encode(), bytes);
                let held = u64::from(manifest.chunks()) * u64::from(manifest.chunk_bytes);
                assert!(held >= manifest.length, "its chunks do not hold it: {manifest:?}");
            }
        }
        EXPIRIES => expiries(bytes),
        _ => dropped(bytes),
    }
}

fn namespace(bytes: &[u8]) {
    let Some((&length, rest)) = bytes.split_first() else { return };
    let (name, value) = rest.split_at(usize::from(length).min(rest.len()));
    let Ok(namespace) = decode_row(name, value) else { return };
    let encoded = encode_row(&namespace);
    let again = decode_row(name, &encoded).expect("what was encoded is decoded");
    let parts = |namespace: &Namespace| (namespace.id, namespace.name.clone(), namespace.options.clone());
    assert_eq!(parts(&again), parts(&namespace));
    let mut state = CatalogueState::default();
    state.insert(namespace.into());
}

fn dropped(bytes: &[u8]) {
    let Some((id, _)) = bytes.split_first_chunk::<4>() else { return };
    let mut state = CatalogueState::default();
    state.insert_dropped(NamespaceId::new(u32::from_be_bytes(*id)), 7);
    state.raise_next_id(u32::from_le_bytes(*id));
}

fn expiries(bytes: &[u8]) {
    let Ok(mut expiries) = Expiries::decode(bytes) else { return };
    assert_eq!(Expiries::decode(&expiries.encode()).ok(), Some(expiries.clone()));
    let counted = expiries.clone();
    expiries.add_all(&counted);
    for now_ms in [0, 1 << 40, u64::MAX] {
        expiries.add(now_ms, 5, 1 << 40);
        assert!(expiries.expired_bytes(now_ms) <= expiries.expired_bytes(u64::MAX));
    }
}

/// Rows as a store writes them.
pub fn row_seeds() -> Vec<Vec<u8>> {
    let options = NamespaceOptions { key_codec: "tuple".into(), value_codec: "msgpack".into() };
    let namespace = encode_row(&Namespace::new(NamespaceId::new(3), "users".into(), options));
    let id = ValueId { origin: 1 << 63, number: 4 };
    let manifest = Manifest { id, length: 200_000, checksum: 1, chunk_bytes: 8_192 };
    let mut expiries = Expiries::default();
    (0..5).for_each(|row| expiries.add((1 << 40) + row * 100_000, row + 1, 1 << 40));
    let seed = |kind: u8, row: &[u8]| [&[kind], row].concat();
    vec![
        seed(NAMESPACE, &[&[5], &b"users"[..], &namespace].concat()),
        seed(MANIFEST, &manifest.encode()),
        seed(EXPIRIES, &expiries.encode()),
        seed(DROPPED, &7_u32.to_be_bytes()),
    ]
}
