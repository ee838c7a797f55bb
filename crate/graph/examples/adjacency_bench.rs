//! What one hop costs by the form of the adjacency rows: `cargo run -p sledstore-graph --example adjacency_bench`.
//!
//! A skewed graph is loaded in memory twice: as the graph layer keeps it, one row an edge and direction, and as packed
//! rows, all edges of a node, direction and type in one value that is split at a size. Every node is expanded, a hub is
//! appended to, and the bytes of both forms are told. Arguments: nodes, edges, edges of the hub.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // a tool for those who change the format

use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Read, Result, ScanOptions, Store, Transaction,
    Write,
};
use sledstore_graph::{Changes, Direction, Graph, NodeId};

/// A packed row is split above this.
const ROW_BYTES_MAX: usize = 1_024;

fn push_id(bytes: &mut Vec<u8>, id: u64) {
    let skipped = (id.leading_zeros() / 8) as usize;
    bytes.push((8 - skipped) as u8);
    bytes.extend_from_slice(&id.to_be_bytes()[skipped..]);
}

fn take_id(bytes: &mut &[u8]) -> u64 {
    let (&length, rest) = bytes.split_first().unwrap();
    let (digits, rest) = rest.split_at(usize::from(length));
    *bytes = rest;
    digits.iter().fold(0, |id, &digit| id << 8 | u64::from(digit))
}

fn prefix(node: u64, direction: u8) -> Vec<u8> {
    let mut key = vec![0x12];
    push_id(&mut key, node);
    key.extend_from_slice(&[direction, 1, 1]);
    key
}

fn row_key(node: u64, direction: u8, neighbor: u64, edge: u64) -> Vec<u8> {
    let mut key = prefix(node, direction);
    push_id(&mut key, neighbor);
    push_id(&mut key, edge);
    key
}

/// The rows of a node and direction: the first has no number, so that most nodes are read by one `get`.
fn packed_key(node: u64, direction: u8, part: u64) -> Vec<u8> {
    let mut key = prefix(node, direction);
    if part > 0 {
        push_id(&mut key, part);
    }
    key
}

struct Shape {
    nodes: u64,
    /// Source and target; the edge's id is its place.
    edges: Vec<(u64, u64)>,
}

fn shape(nodes: u64, edges: usize) -> Shape {
    let mut random = StdRng::seed_from_u64(7);
    let some = |random: &mut StdRng, power: i32| {
        1 + ((nodes as f64 * random.random::<f64>().powi(power)) as u64).min(nodes - 1)
    };
    let edges = (0..edges).map(|_| (some(&mut random, 1), some(&mut random, 3))).collect();
    Shape { nodes, edges }
}

fn namespace(store: &Store) -> NamespaceId {
    store.namespace("bench", &NamespaceOptions::default()).unwrap().id
}

fn store() -> Store {
    Store::memory(&Options { memory_budget: 1 << 30, ..Options::default() }).unwrap()
}

fn load_rows(store: &Store, shape: &Shape) {
    let id = namespace(store);
    for (chunk, edges) in shape.edges.chunks(5_000).enumerate() {
        let mut batch = Batch::new();
        for (at, &(source, target)) in edges.iter().enumerate() {
            let edge = (chunk * 5_000 + at + 1) as u64;
            batch.put(id, &row_key(source, 0, target, edge), &[]).unwrap();
            batch.put(id, &row_key(target, 1, source, edge), &[]).unwrap();
        }
        store.commit(&batch, Durability::None).unwrap();
    }
}

fn load_packed(store: &Store, shape: &Shape) {
    let id = namespace(store);
    for direction in 0..2_u8 {
        let mut lists: Vec<Vec<(u64, u64)>> = vec![Vec::new(); shape.nodes as usize + 1];
        for (at, &(source, target)) in shape.edges.iter().enumerate() {
            let (node, neighbor) = if direction == 0 { (source, target) } else { (target, source) };
            lists[node as usize].push((neighbor, at as u64 + 1));
        }
        for (chunk, lists) in lists.chunks_mut(2_000).enumerate() {
            let mut batch = Batch::new();
            for (at, list) in lists.iter_mut().enumerate() {
                let node = (chunk * 2_000 + at) as u64;
                list.sort_unstable();
                let (mut part, mut value) = (0, Vec::new());
                for &(neighbor, edge) in &*list {
                    push_id(&mut value, neighbor);
                    push_id(&mut value, edge);
                    if value.len() >= ROW_BYTES_MAX {
                        batch.put(id, &packed_key(node, direction, part), &value).unwrap();
                        part += 1;
                        value.clear();
                    }
                }
                if !value.is_empty() {
                    batch.put(id, &packed_key(node, direction, part), &value).unwrap();
                }
            }
            store.commit(&batch, Durability::None).unwrap();
        }
    }
}

fn expand_rows(reader: &impl Read, id: NamespaceId, node: u64, direction: u8, into: &mut Vec<(u64, u64)>) {
    let prefix = prefix(node, direction);
    let options = ScanOptions { keys_only: true, ..ScanOptions::default() };
    let mut scan = reader.scan(id, &KeyRange::prefix(&prefix), options).unwrap();
    let mut take = |key: &[u8], _: &[u8]| {
        let mut rest = &key[prefix.len()..];
        into.push((take_id(&mut rest), take_id(&mut rest)));
    };
    while scan.next_page(512, 64 << 10, &mut take).unwrap() {}
}

fn unpack(mut value: &[u8], into: &mut Vec<(u64, u64)>) {
    while !value.is_empty() {
        into.push((take_id(&mut value), take_id(&mut value)));
    }
}

/// By `get` while a row is full.
fn expand_packed(reader: &impl Read, id: NamespaceId, node: u64, direction: u8, into: &mut Vec<(u64, u64)>) {
    for part in 0.. {
        let full = reader.get_with(id, &packed_key(node, direction, part), |value| {
            unpack(value, into);
            value.len() >= ROW_BYTES_MAX
        });
        if full.unwrap() != Some(true) {
            return;
        }
    }
}

/// As it must be when some edges may lie in rows of their own.
fn scan_packed(reader: &impl Read, id: NamespaceId, node: u64, direction: u8, into: &mut Vec<(u64, u64)>) {
    let range = KeyRange::prefix(&prefix(node, direction));
    let mut scan = reader.scan(id, &range, ScanOptions::default()).unwrap();
    while scan.next_page(512, 64 << 10, &mut |_, value| unpack(value, into)).unwrap() {}
}

type Expand<R> = fn(&R, NamespaceId, u64, u8, &mut Vec<(u64, u64)>);

fn expand_all<R: Read>(what: &str, reader: &R, id: NamespaceId, nodes: u64, expand: Expand<R>) {
    let mut random = StdRng::seed_from_u64(9);
    let order: Vec<u64> = (0..nodes).map(|_| random.random_range(1..=nodes)).collect();
    let mut list = Vec::new();
    for direction in 0..2 {
        let mut edges = 0;
        let begun = Instant::now();
        for &node in &order {
            list.clear();
            expand(reader, id, node, direction, &mut list);
            edges += list.len();
        }
        let seconds = begun.elapsed().as_secs_f64();
        let name = if direction == 0 { "out" } else { "in" };
        println!("{what} {name}: {:.0} expansions/s, {:.0} edges/s", nodes as f64 / seconds, edges as f64 / seconds);
    }
}

/// Single-edge commits at one hub: what is written, and how long it takes.
fn append_rows(store: &Store, hub: u64, edges: u64) {
    let id = namespace(store);
    let begun = Instant::now();
    for edge in 0..edges {
        let neighbor = 1 + edge;
        let change = |tx: &mut Transaction| {
            tx.put(id, &row_key(neighbor, 0, hub, (1 << 30) + edge), &[])?;
            tx.put(id, &row_key(hub, 1, neighbor, (1 << 30) + edge), &[])
        };
        store.transact(Durability::None, change).unwrap();
    }
    println!("rows: {:.2} µs a commit at the hub", begun.elapsed().as_micros() as f64 / edges as f64);
}

fn append_packed(store: &Store, hub: u64, edges: u64) {
    let id = namespace(store);
    let (begun, mut last, mut bytes) = (Instant::now(), 0, 0);
    for edge in 0..edges {
        let neighbor = 1 + edge;
        // The hub's last row is taken as known, as if a row said it.
        let mut append = |tx: &mut Transaction, node, direction, part, other| {
            let key = packed_key(node, direction, part);
            let mut value = tx.get(id, &key)?.unwrap_or_default();
            push_id(&mut value, other);
            push_id(&mut value, (1 << 30) + edge);
            bytes += value.len();
            tx.put(id, &key, &value).map(|()| value.len() >= ROW_BYTES_MAX)
        };
        let full = store.transact(Durability::None, |tx| {
            append(tx, neighbor, 0, 0, hub)?;
            append(tx, hub, 1, last, neighbor)
        });
        last += u64::from(full.unwrap());
    }
    let (micros, each) = (begun.elapsed().as_micros() as f64 / edges as f64, bytes as f64 / edges as f64);
    println!("packed: {micros:.2} µs a commit at the hub, {each:.0} bytes of values written a commit");
}

/// The graph layer itself: loaded, expanded before and after its edges are packed, then one edge a commit at a hub.
fn measure_layer(shape: &Shape) {
    let store = store();
    let graph = Graph::open(&store, "bench").unwrap();
    let nodes: Vec<NodeId> = load_layer(&store, &graph, shape);
    store.checkpoint().unwrap();
    println!("graph layer: rows and bytes {:?}", store.approximate_size(graph.namespace()));
    expand_layer("not packed", &store, &graph, &nodes);
    let begun = Instant::now();
    let fewer = graph.pack_edges(&mut |_| true).unwrap();
    println!("packed: {fewer} rows fewer after {:.1} s", begun.elapsed().as_secs_f64());
    store.checkpoint().unwrap();
    println!("graph layer: rows and bytes {:?}", store.approximate_size(graph.namespace()));
    expand_layer("packed", &store, &graph, &nodes);
    let (hub, commits) = (nodes[0], 20_000_usize);
    let begun = Instant::now();
    for &node in nodes.iter().cycle().take(commits) {
        store.transact(Durability::None, |tx| graph.add_edge(tx, "T", node, hub, &[])).unwrap();
    }
    println!("{:.1} µs a commit of one edge at the hub", begun.elapsed().as_micros() as f64 / commits as f64);
}

fn load_layer(store: &Store, graph: &Graph, shape: &Shape) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    while (nodes.len() as u64) < shape.nodes {
        let add = |tx: &mut Transaction| {
            let mut changes = Changes::default();
            let mut writer = graph.writer(tx, &mut changes)?;
            let added = (0..5_000).map(|_| writer.add_node(&["N"], &[])).collect::<Result<Vec<_>>>()?;
            graph.finish(tx, changes).map(|()| added)
        };
        nodes.extend(store.transact(Durability::None, add).unwrap());
    }
    let begun = Instant::now();
    for edges in shape.edges.chunks(5_000) {
        let add = |tx: &mut Transaction| {
            let mut changes = Changes::default();
            let mut writer = graph.writer(tx, &mut changes)?;
            for &(source, target) in edges {
                writer.add_edge("T", nodes[source as usize - 1], nodes[target as usize - 1], &[])?;
            }
            graph.finish(tx, changes)
        };
        store.transact(Durability::None, add).unwrap();
    }
    println!("graph layer: {:.0} edges/s loaded", shape.edges.len() as f64 / begun.elapsed().as_secs_f64());
    nodes
}

fn expand_layer(what: &str, store: &Store, graph: &Graph, nodes: &[NodeId]) {
    let snapshot = store.snapshot().unwrap();
    let (mut random, mut list) = (StdRng::seed_from_u64(9), Vec::new());
    for direction in [Direction::Out, Direction::In] {
        let (mut edges, begun) = (0, Instant::now());
        for _ in 0..nodes.len() {
            list.clear();
            let node = nodes[random.random_range(0..nodes.len())];
            graph.adjacent(&snapshot, node, direction, None, &mut list).unwrap();
            edges += list.len();
        }
        let seconds = begun.elapsed().as_secs_f64();
        let (nodes, edges) = (nodes.len() as f64 / seconds, edges as f64 / seconds);
        println!("adjacent, {what}, {direction:?}: {nodes:.0} expansions/s, {edges:.0} edges/s");
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let nodes = arguments.next().unwrap_or(100_000);
    let edges = arguments.next().unwrap_or(500_000);
    let hub_edges = arguments.next().unwrap_or(100_000);
    let shape = shape(nodes, edges as usize);
    let (rows, packed) = (store(), store());
    load_rows(&rows, &shape);
    load_packed(&packed, &shape);
    let ids = (namespace(&rows), namespace(&packed));
    for state in ["in memtables", "in blocks"] {
        if state == "in blocks" {
            rows.checkpoint().unwrap();
            packed.checkpoint().unwrap();
            let sizes = (rows.approximate_size(ids.0), packed.approximate_size(ids.1));
            println!("rows and bytes: one row an edge {:?}, packed {:?}", sizes.0, sizes.1);
        }
        println!("{state}");
        let (rows, packed) = (rows.snapshot().unwrap(), packed.snapshot().unwrap());
        expand_all("rows, scan", &rows, ids.0, nodes, expand_rows);
        expand_all("packed, get", &packed, ids.1, nodes, expand_packed);
        expand_all("packed, scan", &packed, ids.1, nodes, scan_packed);
    }
    measure_layer(&shape);
    append_rows(&rows, nodes, hub_edges);
    append_packed(&packed, nodes + 1, hub_edges);
}
