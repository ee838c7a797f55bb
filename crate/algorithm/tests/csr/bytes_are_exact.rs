use allocation_counter::measure;
use sledstore_algorithm::{Changes, Csr, CsrOptions, Edge, EdgeKey};

use crate::{ALL, drawn, random};

const NODES: usize = 1_000;
const EDGES: usize = 20_000;

/// What packing leaves on the heap and what it takes beside that at its peak, measured and told.
fn packed(options: CsrOptions, incoming: bool) -> (Csr, i64, u64) {
    let (nodes, edges) = drawn(&mut random(4), NODES as u64, EDGES as u64);
    let mut built = None;
    let heap = measure(|| {
        let csr = Csr::build(nodes.clone(), options, || edges.iter().copied()).unwrap();
        if incoming {
            csr.prepare_incoming();
        }
        built = Some(csr);
    });
    (built.unwrap(), heap.bytes_current, heap.bytes_max)
}

#[test]
fn packed_rows_are_counted_to_the_byte() {
    for options in [CsrOptions::default(), ALL, CsrOptions { weights: true, types: false }] {
        for incoming in [false, true] {
            let (csr, held, _) = packed(options, incoming);
            assert_eq!(csr.bytes() as i64, held, "{options:?} {incoming}");
        }
    }
}

#[test]
fn packing_takes_little_beside_its_result() {
    for incoming in [false, true] {
        let (csr, _, peak) = packed(ALL, incoming);
        let beside = peak - csr.bytes() as u64;
        assert!(beside <= 4 * NODES as u64 + 64, "{beside} bytes beside");
    }
}

#[test]
fn changes_are_counted_to_the_byte() {
    let mut csr = packed(ALL, true).0;
    let before = csr.bytes() as i64;
    let ids: Vec<u64> = csr.view().nodes().map(|node| csr.id_of(node)).collect();
    let added = |at: usize| Edge {
        id: 1_000_000 + at as u64,
        from: ids[at * 7 % NODES],
        to: if at.is_multiple_of(9) { 1_000_000 } else { ids[at * 13 % NODES] },
        edge_type: 1,
        weight: 1.0,
    };
    let edges: Vec<Edge> = (0..300).map(added).collect();
    let gone: Vec<EdgeKey> =
        edges[..40].iter().map(|edge| EdgeKey { id: edge.id, from: edge.from, to: edge.to }).collect();
    let heap = measure(|| {
        csr.apply(&Changes { nodes_added: vec![1_000_000], edges_added: edges.clone(), ..Changes::default() }).unwrap();
        csr.apply(&Changes { edges_removed: gone.clone(), nodes_removed: vec![ids[5]], ..Changes::default() }).unwrap();
    });
    assert!(csr.pending() > 0);
    assert_eq!(csr.bytes() as i64 - before, heap.bytes_current);
}
