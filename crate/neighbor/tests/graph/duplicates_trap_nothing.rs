//! Thousands of equal vectors hide no others, and are found themselves.

use sledstore_neighbor::*;

use crate::shared::{built, clustered, recall, search, slots_of};

#[test]
fn equal_vectors_are_twins() {
    let mut set = clustered(1000, 16, 5, 7);
    let equal = set.vectors[0].clone();
    for at in 0..3000 {
        set.vectors.insert(at * 4 / 3, equal.clone());
    }
    let graph = built(&Parameters::new(16, Metric::L2), &set.vectors);
    assert_eq!(graph.counts().twins, 3000);
    assert!(graph.unreachable().is_empty());
    set.queries.push(equal.clone());
    assert!(recall(&graph, &set.queries, &slots_of(&graph), &Request::nearest(60)) >= 0.98);
    let found = search(&graph, &equal, &Request::nearest(2500));
    assert!(found.len() == 2500 && found.iter().all(|found| found.distance == 0.0));
    // One that is chosen out of the chain.
    let chosen = slots_of(&graph).into_iter().rev().find(|&slot| set.vectors[slot as usize] == equal).unwrap();
    let accept = |slot: u32| slot == chosen;
    let found = search(&graph, &equal, &Request { accept: Some(&accept), ..Request::nearest(1) });
    assert_eq!(found.first().map(|found| found.slot), Some(chosen));
}

#[test]
fn nothing_but_equal_vectors() {
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        let graph = built(&Parameters::new(20, metric), &vec![vec![1.5; 20]; 500]);
        assert_eq!(search(&graph, &[1.0; 20], &Request::nearest(500)).len(), 500, "{metric:?}");
    }
}
