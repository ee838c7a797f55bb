//! Blocks that cannot be read hide no others from `verify`, and what follows from their absence is no finding.

use super::{Bed, seed, small_options};
use crate::backend::Backend;
use crate::batch::Batch;
use crate::key;
use crate::namespace::NamespaceOptions;
use crate::store::Store;
use crate::verify::{Severity, VerifyReport};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Entries of one of sled's leaves.
const LEAF: usize = 16;

/// Two namespaces with many blocks, long values among them.
fn filled(bed: &Bed) -> Store {
    let store = bed.open(&small_options()).unwrap();
    for name in ["first", "second"] {
        let namespace = store.namespace(name, &NamespaceOptions::default()).unwrap().id;
        let mut batch = Batch::new();
        for row in 0..4_000 {
            let length = if row % 200 == 0 { 20_000 } else { 40 };
            batch.put(namespace, format!("key-{row:06}").as_bytes(), &vec![row as u8; length]).unwrap();
        }
        store.apply(&batch).unwrap();
        store.checkpoint().unwrap();
    }
    store
}

/// The keys of all blocks of a space.
fn blocks(bed: &Bed, space: u8) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut sink = |key: &[u8], _: &[u8]| {
        found.push(key.to_vec());
        Ok(true)
    };
    bed.backend.for_each(&[space], Some(&[space + 1]), &mut sink).unwrap();
    found
}

fn verify(store: &Store) -> VerifyReport {
    store.verify(&mut |_| true).unwrap()
}

/// Makes a leaf of blocks unreadable, from the `at`th block on.
fn damage_leaf(bed: &Bed, blocks: &[Vec<u8>], at: usize) -> usize {
    let end = (at + LEAF).min(blocks.len() - 1);
    bed.backend.make_unreadable(blocks[at].clone()..blocks[end].clone());
    end - at
}

#[test]
fn every_unreadable_stretch_is_named_and_all_else_is_read() {
    let bed = Bed::new();
    let store = filled(&bed);
    let whole = verify(&store);
    assert!(whole.is_clean(), "{:?}", whole.findings);
    let base = blocks(&bed, key::SPACE_BASE);
    let chunks = blocks(&bed, key::SPACE_CHUNKS);
    let mut hidden = 0;
    for (blocks, at) in [(&base, 60), (&base, 160), (&base, 160 + LEAF + 40), (&chunks, 10)] {
        hidden += damage_leaf(&bed, blocks, at);
    }
    let report = verify(&store);
    assert_eq!(report.findings.len(), 4, "{:?}", report.findings);
    assert!(report.findings.iter().all(|finding| finding.invariant == "E21"), "{:?}", report.findings);
    assert!(report.findings.iter().all(|finding| finding.severity == Severity::Damage));
    assert_eq!(report.blocks + hidden as u64, whole.blocks);
    bed.stop();
    let _ = store.close();
}

#[test]
fn wherever_one_stretch_lies() {
    let mut random = SmallRng::seed_from_u64(seed());
    for _ in 0..20 {
        let bed = Bed::new();
        let store = filled(&bed);
        let whole = verify(&store);
        let base = blocks(&bed, key::SPACE_BASE);
        // Behind the catalogue's only block, without which there is nothing to hold the rest against.
        let hidden = damage_leaf(&bed, &base, random.random_range(1..base.len() - 1));
        let report = verify(&store);
        assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
        assert_eq!(report.findings[0].invariant, "E21");
        assert_eq!(report.blocks + hidden as u64, whole.blocks);
        bed.stop();
        let _ = store.close();
    }
}
