//! The kept stores of older storage formats, left by a killed process, open with every row they held.

#[path = "../../tests/fixtures/format-1/content.rs"]
mod content;

use tempfile::TempDir;

use self::content::Rows;
use super::small_options;
use crate::backend::Backend;
use crate::error::ErrorCode;
use crate::key;
use crate::meta;
use crate::namespace::NamespaceOptions;
use crate::open;
use crate::range::KeyRange;
use crate::scan::ScanOptions;
use crate::store::{Read, Store};

pub(super) const FORMATS: std::ops::RangeInclusive<usize> = 1..=content::PACKED.len();

pub(super) fn unpacked(format: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    content::unpack(format, folder.path());
    let stored = std::fs::read_to_string(folder.path().join("STORE")).unwrap();
    assert!(stored.starts_with(&format!("format {format}\n")), "{stored}");
    folder
}

fn assert_holds(store: &Store, name: &str, codecs: &NamespaceOptions, right: &Rows) {
    let namespace = store.namespace(name, codecs).unwrap().id;
    for reverse in [false, true] {
        let options = ScanOptions { reverse, ..ScanOptions::default() };
        let mut found: Vec<_> = store.scan(namespace, &KeyRange::all(), options).unwrap().map(Result::unwrap).collect();
        if reverse {
            found.reverse();
        }
        assert!(found.iter().map(|(key, value)| (key, value)).eq(right), "{name} has {} rows", found.len());
    }
    for (key, value) in right {
        assert_eq!(store.get(namespace, key).unwrap().as_ref(), Some(value), "{}", key.escape_ascii());
    }
}

#[test]
fn they_hold_every_kind_of_content() {
    FORMATS.for_each(holds_every_kind_of_content);
}

fn holds_every_kind_of_content(format: usize) {
    let folder = unpacked(format);
    let backend = open::open_backend(folder.path(), &small_options().memory_plan()).unwrap();
    let namespaces = |space| meta::namespaces_with_blocks(&backend, space).unwrap().len();
    let catalogue_rows_large_graph_vectors_renamed_dropped = 7;
    assert_eq!(namespaces(key::SPACE_BASE), catalogue_rows_large_graph_vectors_renamed_dropped);
    // Of rows, of a large value, and of the catalogue; large values, and one in the dropped namespace.
    assert_eq!((namespaces(key::SPACE_HISTORY), namespaces(key::SPACE_CHUNKS)), (3, 2));
    assert!(meta::read_applied(&backend).unwrap().unwrap().number >= 3);
    assert!(meta::read_live_bytes(&backend).unwrap().now.is_some());
    backend.close().unwrap();
}

#[test]
fn every_row_is_found_before_and_after_a_checkpoint() {
    FORMATS.for_each(finds_every_row);
}

fn finds_every_row(format: usize) {
    let folder = unpacked(format);
    let codecs = NamespaceOptions { key_codec: "string".into(), value_codec: "json".into() };
    let renamed: Rows = (0..10).map(|row| (content::row_key(row), content::row_value(row, 0))).collect();
    for opened in 0..2 {
        let store = Store::open(folder.path(), &small_options()).unwrap();
        assert_eq!(store.stats().recovery.records > 0, opened == 0);
        for _ in 0..2 {
            assert_holds(&store, "rows", &NamespaceOptions::default(), &content::rows());
            assert_holds(&store, "large", &NamespaceOptions::default(), &content::large());
            assert_holds(&store, "after", &codecs, &renamed);
            assert_eq!(store.verify(&mut |_| true).unwrap().findings, []);
            store.checkpoint().unwrap();
        }
        let other = NamespaceOptions { key_codec: "number".into(), ..codecs.clone() };
        assert_eq!(store.namespace("after", &other).unwrap_err().code(), ErrorCode::NamespaceMismatch);
        let names: Vec<String> = store.namespaces().iter().map(|namespace| namespace.name.clone()).collect();
        assert!(names.len() == 5 && !names.contains(&"dropped".to_owned()), "{names:?}");
        store.close().unwrap();
        let stored = std::fs::read_to_string(folder.path().join("STORE")).unwrap();
        assert!(stored.starts_with("format 3\n"), "{stored}");
    }
    // The dropped namespace, history and the stream that never ended are reclaimed.
    let backend = open::open_backend(folder.path(), &small_options().memory_plan()).unwrap();
    let namespaces = |space| meta::namespaces_with_blocks(&backend, space).unwrap().len();
    assert_eq!([key::SPACE_BASE, key::SPACE_HISTORY, key::SPACE_CHUNKS].map(namespaces), [6, 0, 1]);
    backend.close().unwrap();
}
