//! A search gives nearly what comparing all codes gives, in every metric, coding, order and number of dimensions.

use sledstore_neighbor::*;

use crate::shared::{built, clustered, recall, search, slots_of};

fn check(parameters: &Parameters, vectors: &[Vec<f32>], queries: &[Vec<f32>]) {
    let graph = built(parameters, vectors);
    assert!(graph.unreachable().is_empty(), "{parameters:?}");
    let found = recall(&graph, queries, &slots_of(&graph), &Request::nearest(80));
    assert!(found >= 0.97, "{found} {parameters:?}");
}

#[test]
fn in_every_metric_and_coding() {
    let set = clustered(1500, 32, 12, 1);
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        for coding in [Coding::Scalar8, Coding::Product { parts: 8 }] {
            check(&Parameters { coding, ..Parameters::new(32, metric) }, &set.vectors, &set.queries);
        }
    }
    for metric in [Metric::L2, Metric::Hamming] {
        check(&Parameters { coding: Coding::Binary, ..Parameters::new(32, metric) }, &set.vectors, &set.queries);
    }
}

#[test]
fn with_any_number_of_dimensions() {
    for dimensions in [1, 2, 7, 8, 9, 100] {
        let set = clustered(800, dimensions, 1, 2);
        check(&Parameters::new(dimensions, Metric::L2), &set.vectors, &set.queries);
    }
    let set = clustered(60, 16_000, 3, 3);
    check(&Parameters::new(16_000, Metric::Cosine), &set.vectors, &set.queries);
}

#[test]
fn in_sorted_and_clustered_orders() {
    let mut set = clustered(2000, 12, 20, 4);
    set.vectors.sort_by(|a, b| a[0].total_cmp(&b[0]));
    check(&Parameters::new(12, Metric::L2), &set.vectors, &set.queries);
    // One cluster after the other, far apart.
    let mut vectors = Vec::new();
    for cluster in 0..20 {
        vectors.extend(clustered(100, 12, 1, cluster).vectors.into_iter().map(|mut vector| {
            vector[0] += 1000.0 * cluster as f32;
            vector
        }));
    }
    let queries: Vec<_> = vectors.iter().step_by(37).cloned().collect();
    check(&Parameters::new(12, Metric::L2), &vectors, &queries);
}

#[test]
fn of_none_one_and_two() {
    let parameters = Parameters::new(3, Metric::L2);
    for count in 0..3 {
        let vectors: Vec<_> = (0..count).map(|at| vec![at as f32, 0.0, 0.0]).collect();
        let graph = built(&parameters, &vectors);
        let found = search(&graph, &[1.2, 0.0, 0.0], &Request::nearest(10));
        assert_eq!(found.len(), count);
        assert_eq!(found.first().map(|found| found.slot), count.checked_sub(1).map(|last| last as u32));
    }
}

#[test]
fn all_within_a_radius() {
    let set = clustered(1500, 16, 10, 5);
    let graph = built(&Parameters::new(16, Metric::L2), &set.vectors);
    let (mut found, mut all) = (0, 0);
    for query in &set.queries {
        let near = crate::shared::scan(&graph, query, &slots_of(&graph), 60);
        let radius = near[59].distance;
        let request = Request { radius: Some(radius), ..Request::nearest(10) };
        let answer = search(&graph, query, &request);
        found += answer.iter().filter(|found| found.distance <= radius).count();
        all += near.len();
    }
    assert!(f64::from(found as u32) >= 0.99 * f64::from(all as u32), "{found} of {all}");
}

#[test]
fn the_same_with_one_thread_and_as_good_with_two() {
    let set = clustered(1200, 20, 8, 6);
    let parameters = Parameters::new(20, Metric::L2);
    let records = |graph: &Graph| {
        let mut records = Vec::new();
        slots_of(graph).iter().for_each(|&slot| graph.record(slot, &mut records).unwrap());
        records
    };
    assert_eq!(records(&built(&parameters, &set.vectors)), records(&built(&parameters, &set.vectors)));
    let mut graph = crate::shared::empty(&parameters, &set.vectors);
    let slots = crate::shared::add(&mut graph, &set.vectors);
    graph.link(&slots, 2, &|| true).unwrap();
    graph.reconnect(&|| true).unwrap();
    assert!(recall(&graph, &set.queries, &slots, &Request::nearest(60)) >= 0.98);
}

#[test]
fn with_an_end_where_the_rest_is_far() {
    // Clusters of some spread and noise between them: some queries have many vectors around them, others few.
    let mut set = clustered(3000, 24, 12, 6);
    let noise = clustered(1000, 24, 1, 7);
    set.vectors.extend(noise.vectors.iter().map(|vector| vector.iter().map(|x| x * 6.0).collect::<Vec<f32>>()));
    set.queries.extend(noise.queries.iter().map(|vector| vector.iter().map(|x| x * 6.0).collect::<Vec<f32>>()));
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot, Metric::Hamming] {
        let graph = built(&Parameters::new(24, metric), &set.vectors);
        let slots = slots_of(&graph);
        let accept = |slot: u32| !slot.is_multiple_of(3);
        let accepted: Vec<u32> = slots.iter().copied().filter(|&slot| accept(slot)).collect();
        for (accept, slots) in [(None, &slots), (Some(&accept as &dyn Fn(u32) -> bool), &accepted)] {
            let whole = Request { accept, ..Request::nearest(160) };
            let ended = Request { wanted: 10, ..whole };
            let found = recall(&graph, &set.queries, slots, &ended);
            // The noise is long, and so its products are the largest; that is for the other tests.
            assert!(metric == Metric::Dot || found >= 0.97, "{metric:?}: {found}");
            let [all, some] = [whole, ended].map(|request| evaluations(&graph, &set.queries, &request));
            // A product says nothing of how much farther something is.
            assert!(if metric == Metric::Dot { some == all } else { some < all }, "{metric:?}: {some} of {all}");
            let hasty = Request { patience: 0.4, width: 40, ..ended };
            let [hasty, patient] = [hasty, Request { patience: 1.0, ..hasty }];
            let found = recall(&graph, &set.queries, slots, &hasty);
            assert!(metric == Metric::Dot || found >= 0.9, "{metric:?}: {found}");
            let [few, usual] = [hasty, patient].map(|request| evaluations(&graph, &set.queries, &request));
            assert!(if metric == Metric::Dot { few == usual } else { few < usual }, "{metric:?}: {few} of {usual}");
        }
    }
}

fn evaluations(graph: &Graph, queries: &[Vec<f32>], request: &Request<'_>) -> usize {
    let (mut scratch, mut found) = (Scratch::new(), Vec::new());
    let count = |query: &Vec<f32>| {
        let query = graph.quantizer().query(query).unwrap();
        graph.search(&mut scratch, &query, request, &mut || true, &mut found).unwrap();
        scratch.evaluations()
    };
    queries.iter().map(count).sum()
}
