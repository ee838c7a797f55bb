//! Bytes are codes where they tell near vectors apart; elsewhere components are kept as they are.

use sledstore_neighbor::*;

use crate::shared::{clustered, empty, recall, slots_of};

/// Clusters whose centers are so many times farther from each other than usual.
fn apart(metric: Metric, times: f32) -> (Parameters, Vec<Vec<f32>>) {
    let set = clustered(1500, 32, 10, 3);
    let centers = clustered(1, 32, 10, 3);
    let moved = set.vectors.iter().enumerate().map(|(at, vector)| {
        let center = &centers.vectors[0];
        vector.iter().zip(center).map(|(x, y)| x + y * times * (at % 10) as f32).collect()
    });
    (Parameters::new(32, metric), moved.collect())
}

#[test]
fn bytes_where_vectors_are_spread_evenly() {
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        let set = clustered(1500, 32, 10, 3);
        let graph = empty(&Parameters::new(32, metric), &set.vectors);
        assert!(graph.quantizer().code_bytes() < 64, "{metric:?}");
    }
}

#[test]
fn components_where_groups_lie_apart() {
    let (parameters, vectors) = apart(Metric::L2, 50.0);
    let graph = empty(&parameters, &vectors);
    assert_eq!(graph.quantizer().code_bytes(), 128);
    let again = Quantizer::from_bytes(&parameters, &graph.quantizer().to_bytes()).unwrap();
    assert_eq!(again.code_bytes(), 128);
    let (mut code, mut same) = (Vec::new(), Vec::new());
    graph.quantizer().encode(&vectors[7], &mut code).unwrap();
    again.encode(&vectors[7], &mut same).unwrap();
    assert_eq!(code, same);
}

#[test]
fn components_where_one_is_large() {
    let mut vectors = clustered(1500, 32, 1, 5).vectors;
    vectors.iter_mut().enumerate().for_each(|(at, vector)| vector[3] = 1e6 + (at % 10) as f32 * 1e4);
    let graph = empty(&Parameters::new(32, Metric::L2), &vectors);
    assert_eq!(graph.quantizer().code_bytes(), 128);
    let graph = crate::shared::built(&Parameters::new(32, Metric::L2), &vectors);
    let queries: Vec<_> = vectors.iter().step_by(31).cloned().collect();
    assert!(recall(&graph, &queries, &slots_of(&graph), &Request::nearest(160)) >= 0.99);
}

#[test]
fn groups_after_each_other_are_found() {
    let (parameters, vectors) = apart(Metric::L2, 50.0);
    let mut sorted = Vec::new();
    for group in 0..10 {
        sorted.extend(vectors.iter().skip(group).step_by(10).cloned());
    }
    let mut graph = empty(&parameters, &sorted);
    for group in sorted.chunks(150) {
        let slots = crate::shared::add(&mut graph, group);
        graph.link(&slots, 1, &|| true).unwrap();
        graph.reconnect(&|| true).unwrap();
    }
    let queries: Vec<_> = sorted.iter().step_by(17).cloned().collect();
    let found = recall(&graph, &queries, &slots_of(&graph), &Request { wanted: 10, ..Request::nearest(160) });
    assert!(found >= 0.98, "{found}");
}

#[test]
fn a_walk_that_leads_nowhere_gives_up() {
    let set = clustered(1500, 32, 1, 6);
    let graph = crate::shared::built(&Parameters::new(32, Metric::L2), &set.vectors);
    let query = graph.quantizer().query(&set.queries[0]).unwrap();
    let (mut scratch, mut found) = (Scratch::new(), Vec::new());
    let few = Request { evaluations_max: 200, ..Request::nearest(160) };
    let mut search = |request| graph.search(&mut scratch, &query, request, &mut || true, &mut found).unwrap();
    assert_eq!(search(&few), Outcome::GaveUp);
    assert_eq!(search(&Request::nearest(160)), Outcome::Complete);
}

#[test]
fn multiples_of_a_step_lose_nothing() {
    for (unit, numbers) in [(1.0, 256), (0.25, 200), (512.0, 3), (1.0 / 4096.0, 2)] {
        for metric in [Metric::L2, Metric::Dot] {
            let vectors: Vec<Vec<f32>> = (0..400_usize)
                .map(|at| {
                    (0..40).map(|d| unit * ((at * 31 + d * (at % 97)) % numbers) as f32 - unit * d as f32).collect()
                })
                .collect();
            let graph = empty(&Parameters::new(40, metric), &vectors);
            let quantizer = graph.quantizer();
            assert!(quantizer.code_bytes() < 80, "{metric:?} {unit}");
            for vector in &vectors {
                let (mut code, mut restored) = (Vec::new(), Vec::new());
                quantizer.encode(vector, &mut code).unwrap();
                assert!(quantizer.is_exact(vector, &code), "{metric:?} {unit}");
                assert!(quantizer.restore(&code, &mut restored));
                let wanted: Vec<u8> = vector.iter().flat_map(|x| (x + 0.0).to_le_bytes()).collect();
                assert_eq!(restored, wanted);
            }
            let (mut between, mut code) = (vectors[3].clone(), Vec::new());
            between[7] += unit / 1000.0;
            quantizer.encode(&between, &mut code).unwrap();
            assert!(!quantizer.is_exact(&between, &code));
            assert!(!quantizer.is_exact(&vectors[3], &code[1..]));
            // What is outside of the range, too.
            (between, code) = (vectors[3].clone(), Vec::new());
            between[7] += unit * 512.0;
            quantizer.encode(&between, &mut code).unwrap();
            assert!(!quantizer.is_exact(&between, &code));
        }
    }
}

#[test]
fn what_codes_stand_for() {
    let vectors = clustered(400, 32, 10, 3).vectors;
    let exactness = |parameters: Parameters, vector: &[f32]| {
        let graph = empty(&parameters, &vectors);
        let (mut code, mut restored) = (Vec::new(), Vec::new());
        graph.quantizer().encode(vector, &mut code).unwrap();
        (graph.quantizer().restore(&code, &mut restored), graph.quantizer().is_exact(vector, &code))
    };
    let bits: Vec<f32> = (0..32_u8).map(|at| f32::from(at % 3 / 2)).collect();
    assert_eq!(exactness(Parameters::new(32, Metric::Hamming), &bits), (true, true));
    assert_eq!(exactness(Parameters::new(32, Metric::L2), &vectors[0]), (true, false));
    // A direction has no length.
    assert_eq!(exactness(Parameters::new(32, Metric::Cosine), &vectors[0]), (false, false));
    for coding in [Coding::Binary, Coding::Product { parts: 8 }] {
        let parameters = Parameters { coding, ..Parameters::new(32, Metric::L2) };
        assert_eq!(exactness(parameters, &vectors[0]), (false, false), "{coding:?}");
    }
    let (parameters, apart) = apart(Metric::L2, 50.0);
    let quantizer = empty(&parameters, &apart);
    let mut code = Vec::new();
    quantizer.quantizer().encode(&apart[7], &mut code).unwrap();
    assert!(quantizer.quantizer().is_exact(&apart[7], &code));
}
