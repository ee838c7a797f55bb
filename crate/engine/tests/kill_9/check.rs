//! What must be found after a kill.

use std::collections::BTreeMap;
use std::path::Path;

use sledstore_engine::{KeyRange, NamespaceOptions, Read, ScanOptions, Store};

use crate::child::{self, LARGE_KEYS, TEMPORARY_ROWS, key, large_value, value};

/// What the children of one store have begun and finished, by kind of work.
#[derive(Default)]
pub struct Promises {
    /// One above the highest number that was acknowledged.
    done: BTreeMap<String, u64>,
    /// One above the highest number that was begun.
    begun: BTreeMap<String, u64>,
}

impl Promises {
    pub fn hear(&mut self, lines: &[String]) {
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let [what @ ("begin" | "done"), name, number] = words[..] else { continue };
            let number: u64 = number.parse().expect("a number");
            let counts = if what == "done" { &mut self.done } else { &mut self.begun };
            let count = counts.entry(name.to_owned()).or_default();
            *count = (*count).max(number + 1);
        }
    }

    /// Checks a count that was found, and holds the store to it from now on.
    fn found(&mut self, name: &str, count: u64, about: &str) {
        let done = self.done.get(name).copied().unwrap_or_default();
        let begun = self.begun.get(name).copied().unwrap_or_default();
        assert!((done..=begun).contains(&count), "{about}: found {count} of {name}, {done} done, {begun} begun");
        self.done.insert(name.to_owned(), count);
    }
}

struct Rows<'a> {
    store: &'a Store,
}

impl Rows<'_> {
    fn of(&self, name: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
        let namespace = self.store.namespace(name, &NamespaceOptions::default()).expect("namespace");
        let scan = self.store.scan(namespace.id, &KeyRange::all(), ScanOptions::default()).expect("scan");
        scan.map(|row| row.expect("row")).collect()
    }

    /// The rows of `from..to`, each with its value: whole, in order, without a gap. Gives the end.
    fn line(&self, name: &str, from: impl Fn(u64) -> u64, about: &str) -> u64 {
        let rows = self.of(name);
        let end = rows.last().map_or(0, |(key, _)| u64::from_be_bytes(key[..8].try_into().expect("eight bytes")) + 1);
        let expected: Vec<_> = (from(end)..end).map(|number| (key(number), value(number))).collect();
        assert!(rows == expected, "{about}: {name} has {} rows of {}", rows.len(), expected.len());
        end
    }
}

/// Opens the store and holds it against the promises; they are the exact state then.
pub fn check(folder: &Path, promises: &mut Promises, about: &str) {
    let store = Store::open(folder, &child::options()).unwrap_or_else(|error| panic!("{about}: {error}"));
    let existing: Vec<String> = store.namespaces().iter().map(|namespace| namespace.name.clone()).collect();
    let rows = Rows { store: &store };
    let line = rows.line("line", |_| 0, about);
    promises.found("line", line, about);
    let left = rows.line("left", |end| end.saturating_sub(50), about);
    let right = rows.line("right", |end| end.saturating_sub(50), about);
    assert_eq!(left, right, "{about}: half a batch");
    promises.found("pair", left, about);
    let counted = rows.line("counted", |_| 0, about);
    let counter = rows.of("counter");
    let counter =
        counter.first().map_or(0, |(_, bytes)| u64::from_be_bytes(bytes[..].try_into().expect("eight bytes")));
    assert_eq!(counter, counted, "{about}: half a transaction");
    promises.found("count", counted, about);
    check_large(&rows, promises, about);
    check_namespaces(&rows, &existing, promises, about);
    for repeated in [false, true] {
        let report = store.verify(&mut |_| true).expect("verify");
        assert!(report.is_clean() || !repeated, "{about}: {:?}", report.findings);
        store.checkpoint().expect("checkpoint");
    }
    store.close().expect("close");
}

fn check_large(rows: &Rows<'_>, promises: &mut Promises, about: &str) {
    let end = rows.of("large last").len() as u64;
    promises.found("large", end, about);
    let expected: BTreeMap<_, _> =
        (end.saturating_sub(LARGE_KEYS)..end).map(|number| (key(number % LARGE_KEYS), large_value(number))).collect();
    assert!(rows.of("large").into_iter().eq(expected), "{about}: large values");
}

fn check_namespaces(rows: &Rows<'_>, existing: &[String], promises: &mut Promises, about: &str) {
    let made = rows.of("made").len() as u64;
    let done = promises.done.get("namespace").copied().unwrap_or_default();
    let begun = promises.begun.get("namespace").copied().unwrap_or_default();
    assert!((done..=begun).contains(&made), "{about}: {made} namespaces, {done} done, {begun} begun");
    promises.done.insert("namespace".to_owned(), made.max(done));
    let temporary: Vec<&String> = existing.iter().filter(|name| name.starts_with("temporary")).collect();
    for name in &temporary {
        let number: u64 = name["temporary ".len()..].parse().expect("a number");
        // The one before the last may still be there: its drop comes after the last one's rows.
        assert!(number + 2 >= done && number <= made, "{about}: {temporary:?}, {done} done, {made} made");
        if number < made {
            let expected: Vec<_> = (0..TEMPORARY_ROWS).map(|row| (key(row), value(number + row))).collect();
            assert!(rows.of(name) == expected, "{about}: rows of {name}");
        }
    }
    if made > 0 {
        let last = format!("temporary {}", made - 1);
        assert!(temporary.contains(&&last), "{about}: {last} is gone: {temporary:?}");
    }
}
