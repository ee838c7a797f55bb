//! What single calls of the engine cost, to tell what the way from JavaScript into it adds (N7).
//!
//! `cargo run --release -p sledstore-engine --example micro_bench -- FOLDER HOT_ROWS CALLS`
//!
//! Reads the namespace `bench` of a store that somebody has loaded, and prints one line of JSON: nanoseconds for a get of
//! one of `HOT_ROWS` rows spread over the store, a get of a key that is not there, and a row of a scan in pages. The
//! best of many short rounds counts, since whatever else runs can only add.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use sledstore_engine::{KeyRange, NamespaceId, NamespaceOptions, Options, Read, Result, ScanOptions, Store};

const ROUNDS: usize = 100;
/// As `lib/` asks for them.
const PAGE_ROWS: usize = 1_000;
const PAGE_BYTES: usize = 64 << 10;
/// Longest value there is room for.
const VALUE_BYTES_MAX: usize = 4_096;

/// The order in which hot rows are asked for: the same steps through them as the other side takes.
fn order(calls: usize, keys: usize) -> impl Iterator<Item = usize> {
    (0..calls).map(move |call| call.wrapping_mul(7_919) % keys)
}

/// Nanoseconds of one of `calls`, the best of the rounds.
fn best(calls: usize, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..=ROUNDS {
        let start = Instant::now();
        run()?;
        least = least.min(start.elapsed().as_nanos() as f64 / calls as f64);
    }
    Ok(least)
}

/// Every row in pages, copied into one buffer as a page for JavaScript is; gives how many there were.
fn scan(store: &Store, namespace: NamespaceId, page: &mut Vec<u8>) -> Result<usize> {
    let mut rows = 0;
    let mut scan = store.scan(namespace, &KeyRange::all(), ScanOptions::default())?;
    loop {
        page.clear();
        let more = scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, value| {
            rows += 1;
            page.extend_from_slice(key);
            page.extend_from_slice(value);
        })?;
        black_box(&page);
        if !more {
            return Ok(rows);
        }
    }
}

/// Some keys, evenly spread over the store.
fn spread_keys(store: &Store, namespace: NamespaceId, count: usize) -> Result<Vec<Vec<u8>>> {
    let rows = scan(store, namespace, &mut Vec::new())?;
    let step = (rows / count).max(1);
    let mut keys = Vec::with_capacity(count);
    let mut row = 0;
    let options = ScanOptions { keys_only: true, ..ScanOptions::default() };
    let mut scan = store.scan(namespace, &KeyRange::all(), options)?;
    while scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, _| {
        if row % step == 0 && keys.len() < count {
            keys.push(key.to_vec());
        }
        row += 1;
    })? {}
    Ok(keys)
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, hot_rows, calls] = arguments.as_slice() else {
        return Err("give a folder, the number of hot rows and the number of calls".into());
    };
    let (hot_rows, calls): (usize, usize) = (hot_rows.parse()?, calls.parse()?);
    let store = Store::open(folder.as_ref(), &Options::default())?;
    let namespace = store.namespace("bench", &NamespaceOptions::default())?.id;
    let keys = spread_keys(&store, namespace, hot_rows)?;
    let missing: Vec<Vec<u8>> = keys.iter().map(|key| [key.as_slice(), b"-"].concat()).collect();
    let mut value = [0; VALUE_BYTES_MAX];
    let mut copy = |keys: &[Vec<u8>]| {
        for at in order(calls, keys.len()) {
            let copied = store.get_with(namespace, &keys[at], |found| {
                value[..found.len()].copy_from_slice(found);
                found.len()
            })?;
            black_box(copied);
        }
        Ok(())
    };
    let get = best(calls, || copy(&keys))?;
    let get_missing = best(calls, || copy(&missing))?;
    let mut page = Vec::with_capacity(PAGE_BYTES + VALUE_BYTES_MAX);
    let rows = scan(&store, namespace, &mut page)?;
    let scan_row = best(rows, || scan(&store, namespace, &mut page).map(|_| ()))?;
    println!(r#"{{"get":{get:.1},"get-missing":{get_missing:.1},"scan":{scan_row:.1}}}"#);
    store.close()?;
    Ok(())
}
