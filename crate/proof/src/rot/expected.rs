//! The rows of a store, and how two sets of them differ.

use std::collections::BTreeMap;

use sledstore_engine::{Error, KeyRange, NamespaceId, Read, ScanOptions, Store};

/// Rows by key of each namespace, by its name; graph and vectors lie in namespaces, too.
pub type Rows = BTreeMap<String, BTreeMap<Vec<u8>, Vec<u8>>>;

/// What reading everything came to.
#[derive(Default)]
pub struct Everything {
    pub rows: Rows,
    pub errors: Vec<Error>,
    /// Namespaces of which a scan ended with an error.
    pub cut: Vec<String>,
}

/// Every namespace with its number.
pub fn namespaces(store: &Store) -> Vec<(String, NamespaceId)> {
    store.namespaces().iter().map(|namespace| (namespace.name.clone(), namespace.id)).collect()
}

/// Scans everything; an error ends the scan of a namespace, and the next is read.
pub fn read_all(store: &Store) -> Everything {
    let mut read = Everything::default();
    for (name, id) in namespaces(store) {
        let rows = read.rows.entry(name.clone()).or_default();
        let scan = match store.scan(id, &KeyRange::all(), ScanOptions::default()) {
            Ok(scan) => scan,
            Err(error) => {
                read.errors.push(error);
                read.cut.push(name);
                continue;
            }
        };
        for row in scan {
            match row {
                Ok((key, value)) => drop(rows.insert(key, value)),
                Err(error) => {
                    read.errors.push(error);
                    read.cut.push(name.clone());
                    break;
                }
            }
        }
    }
    read
}

/// A row that is not as it should be.
pub struct Difference<'a> {
    pub namespace: &'a str,
    pub key: &'a [u8],
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Missing,
    /// With another value.
    Other,
    /// There should be none.
    Extra,
}

/// How `found` differs from `right`.
pub fn differences<'a>(right: &'a Rows, found: &'a Rows) -> Vec<Difference<'a>> {
    let none = BTreeMap::new();
    let mut differences = Vec::new();
    for (namespace, rows) in right {
        let there = found.get(namespace).unwrap_or(&none);
        for (key, value) in rows {
            let kind = match there.get(key) {
                None => Kind::Missing,
                Some(other) if other != value => Kind::Other,
                Some(_) => continue,
            };
            differences.push(Difference { namespace, key, kind });
        }
    }
    for (namespace, rows) in found {
        let there = right.get(namespace);
        for key in rows.keys().filter(|key| there.is_none_or(|rows| !rows.contains_key(*key))) {
            differences.push(Difference { namespace, key, kind: Kind::Extra });
        }
    }
    differences
}
