//! What exact counts cost: `cargo run -p sledstore-graph --example count_bench`.
//!
//! Commits of one node by one thread and by four, by the way the counts are kept: not at all, in one row that each commit
//! reads and writes, and in rows of changes as the graph layer has them; then reads of a count. Argument: commits.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // a tool for those who change the format

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sledstore_engine::{
    Durability, ErrorCode, KeyRange, NamespaceId, NamespaceOptions, Options, Read, ScanOptions, Store, Transaction,
    Write,
};
use sledstore_graph::Graph;

fn store() -> Store {
    Store::memory(&Options { memory_budget: 1 << 30, ..Options::default() }).unwrap()
}

/// Commits of a node's row and its label's, beside what `count` writes. Tells of tries that met a conflict.
fn commits(what: &str, threads: u64, commits: u64, count: impl Fn(&mut Transaction, NamespaceId, u64) + Sync) {
    let store = store();
    let rows = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let (next, conflicts) = (AtomicU64::new(0), AtomicU64::new(0));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= commits {
                        return;
                    }
                    loop {
                        let mut tx = store.begin().unwrap();
                        tx.put(rows, format!("node {number}").as_bytes(), b"properties").unwrap();
                        tx.put(rows, format!("label {number}").as_bytes(), b"").unwrap();
                        count(&mut tx, rows, number);
                        match tx.commit(Durability::None) {
                            Ok(_) => break,
                            Err(error) if error.code() == ErrorCode::Conflict => {
                                conflicts.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            });
        }
    });
    let micros = begun.elapsed().as_micros() as f64 / commits as f64;
    let conflicts = conflicts.into_inner() as f64 / commits as f64;
    println!("{what}, {threads} threads: {micros:.2} µs a commit, {conflicts:.3} conflicts a commit");
}

fn layer(threads: u64, commits: u64) {
    let store = store();
    let graph = Graph::open(&store, "bench").unwrap();
    let next = AtomicU64::new(0);
    let before = store.stats().conflicts;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < commits {
                    store.transact(Durability::None, |tx| graph.add_node(tx, &["N"], &[])).unwrap();
                }
            });
        }
    });
    let micros = begun.elapsed().as_micros() as f64 / commits as f64;
    let conflicts = (store.stats().conflicts - before) as f64 / commits as f64;
    println!("graph layer, {threads} threads: {micros:.2} µs a commit, {conflicts:.4} conflicts a commit");
    let range = KeyRange::prefix(&[0x06]);
    let left = store.scan(graph.namespace(), &range, ScanOptions::default()).unwrap().count_rows().unwrap();
    println!("graph layer: {left} changes are left to fold");
    let reads: u32 = 200;
    let begun = Instant::now();
    for _ in 0..reads {
        assert_eq!(graph.count_nodes(&store, Some("N")).unwrap(), commits);
    }
    println!("graph layer: {:.2} µs a count", begun.elapsed().as_micros() as f64 / f64::from(reads));
}

fn main() {
    let number = std::env::args().nth(1).map_or(200_000, |number| number.parse().expect("a number"));
    for threads in [1, 4] {
        commits("no counts", threads, number, |_, _, _| {});
        commits("one row, read and written", threads, number / 10, |tx, rows, _| {
            let old = tx.get(rows, b"count").unwrap().map_or(0, |value| u64::from_be_bytes(value.try_into().unwrap()));
            tx.put(rows, b"count", &(old + 1).to_be_bytes()).unwrap();
        });
        commits("a row of changes each, never folded", threads, number, |tx, rows, number| {
            tx.put(rows, &number.to_be_bytes(), b"change").unwrap();
        });
        layer(threads, number);
    }
}
