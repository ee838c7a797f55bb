//! Removed slots are not given, and after repair, and new ones in their place, answers are as near as of a fresh graph.

use sledstore_neighbor::*;

use crate::shared::{add, built, clustered, recall, search, slots_of};

#[test]
fn a_third_removed_and_inserted_anew() {
    let set = clustered(1500, 24, 10, 8);
    let parameters = Parameters::new(24, Metric::L2);
    let mut graph = built(&parameters, &set.vectors);
    let (dead, live): (Vec<u32>, Vec<u32>) = slots_of(&graph).into_iter().partition(|slot| slot % 3 == 0);
    let fresh = recall(&graph, &set.queries, &slots_of(&graph), &Request::nearest(40));
    for &slot in &dead {
        assert!(graph.remove(slot) && !graph.remove(slot));
    }
    let check = |graph: &Graph, slots: &[u32]| {
        for query in &set.queries {
            assert!(search(graph, query, &Request::nearest(40)).iter().all(|found| slots.contains(&found.slot)));
        }
        let after = recall(graph, &set.queries, slots, &Request::nearest(40));
        assert!(after >= fresh - 0.01, "{after} {fresh}");
    };
    check(&graph, &live);
    // A reader of an older moment still gets them.
    assert!(
        recall(&graph, &set.queries, &slots_of(&graph), &Request { accept: Some(&|_| true), ..Request::nearest(40) })
            >= 0.98
    );
    assert!(matches!(graph.free(&dead[..1]), Err(Error::Slot { .. })));
    graph.repair(&dead, 2, &|| true).unwrap();
    graph.reconnect(&|| true).unwrap();
    assert_eq!(graph.detached(), dead);
    assert!(graph.unreachable().is_empty());
    check(&graph, &live);
    graph.free(&dead).unwrap();
    let others = clustered(500, 24, 10, 8).vectors;
    let mut again = add(&mut graph, &others);
    graph.link(&again, 1, &|| true).unwrap();
    graph.reconnect(&|| true).unwrap();
    again.sort_unstable();
    assert_eq!(again, dead);
    assert_eq!(graph.slots(), 1500);
    check(&graph, &slots_of(&graph));
}

#[test]
fn twins_take_the_place_of_their_node() {
    let mut set = clustered(300, 12, 3, 9);
    let equal = set.vectors[7].clone();
    set.vectors.extend(vec![equal.clone(); 50]);
    let graph = built(&Parameters::new(12, Metric::L2), &set.vectors);
    let mut left: Vec<u32> = std::iter::once(7).chain(300..350).collect();
    while left.len() > 1 {
        let dead: Vec<u32> = left.drain(..left.len() / 2).collect();
        dead.iter().for_each(|&slot| assert!(graph.remove(slot)));
        graph.repair(&dead, 1, &|| true).unwrap();
        assert!(graph.unreachable().is_empty());
        let found = search(&graph, &equal, &Request::nearest(left.len()));
        let mut slots: Vec<u32> = found.iter().map(|found| found.slot).collect();
        slots.sort_unstable();
        assert_eq!(slots, left);
    }
}

#[test]
fn all_removed_and_some_added() {
    let set = clustered(200, 12, 3, 10);
    let mut graph = built(&Parameters::new(12, Metric::L2), &set.vectors);
    let all = slots_of(&graph);
    all.iter().for_each(|&slot| assert!(graph.remove(slot)));
    graph.repair(&all, 1, &|| true).unwrap();
    assert!(search(&graph, &set.queries[0], &Request::nearest(10)).is_empty());
    graph.free(&all).unwrap();
    let slots = add(&mut graph, &set.vectors[..20]);
    graph.link(&slots, 1, &|| true).unwrap();
    assert_eq!(search(&graph, &set.queries[0], &Request::nearest(30)).len(), 20);
}
