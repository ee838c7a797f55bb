//! Refused slots are walked over: what is accepted is found, however little, and wherever it lies.

use sledstore_neighbor::*;

use crate::shared::{built, clustered, recall, search, slots_of};

#[test]
fn at_any_selectivity() {
    let set = clustered(4000, 16, 10, 11);
    let graph = built(&Parameters::new(16, Metric::L2), &set.vectors);
    for part in [2, 10, 100, 1000] {
        let scattered = |slot: u32| slot.wrapping_mul(2_654_435_761) >> 8 & 0xffff < 65536 / part;
        // Of one cluster, and so far from most queries.
        let far = |slot: u32| slot % 10 == 3 && slot < 40_000 / part;
        let filters: [&dyn Fn(u32) -> bool; 2] = [&scattered, &far];
        for accept in filters {
            let slots: Vec<u32> = slots_of(&graph).into_iter().filter(|&slot| accept(slot)).collect();
            let request = Request { accept: Some(accept), ..Request::nearest(40) };
            let found = recall(&graph, &set.queries, &slots, &request);
            assert!(found >= 0.99, "{found} at 1 of {part}");
        }
    }
}

#[test]
fn a_search_gives_up_when_told() {
    let set = clustered(3000, 16, 10, 12);
    let graph = built(&Parameters::new(16, Metric::L2), &set.vectors);
    let query = graph.quantizer().query(&set.queries[0]).unwrap();
    let mut scratch = Scratch::new();
    let mut found = Vec::new();
    let request = Request { accept: Some(&|_| false), evaluations_max: 500, ..Request::nearest(10) };
    let outcome = graph.search(&mut scratch, &query, &request, &mut || true, &mut found).unwrap();
    assert_eq!(outcome, Outcome::GaveUp);
    assert!(scratch.evaluations() < 1000 && found.is_empty());
    // Also where nothing is found soon, however much it might compute.
    let request = Request { accept: Some(&|_| false), fruitless_max: 100, ..Request::nearest(10) };
    let outcome = graph.search(&mut scratch, &query, &request, &mut || true, &mut found).unwrap();
    assert_eq!(outcome, Outcome::GaveUp);
    assert!(scratch.evaluations() < 300, "{}", scratch.evaluations());
    let request = Request { fruitless_max: 100, ..Request::nearest(10) };
    let outcome = graph.search(&mut scratch, &query, &request, &mut || true, &mut found).unwrap();
    assert_eq!((outcome, found.len()), (Outcome::Complete, 10));
    let request = Request { accept: Some(&|_| false), ..Request::nearest(10) };
    let stopped = graph.search(&mut scratch, &query, &request, &mut || false, &mut found);
    assert!(stopped.is_ok() || matches!(stopped, Err(Error::Stopped)));
    assert!(search(&graph, &set.queries[0], &request).is_empty());
}
