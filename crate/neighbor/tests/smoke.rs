//! Answers are those of comparing all codes, nearly always.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_neighbor::*;

#[test]
fn small_recall() {
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        let mut random = StdRng::seed_from_u64(5);
        let data: Vec<Vec<f32>> =
            (0..3000).map(|_| (0..24).map(|_| random.random_range(-1.0..1.0)).collect()).collect();
        let parameters = Parameters::new(24, metric);
        let quantizer = Quantizer::train(&parameters, &mut data.iter().map(|v| &v[..])).unwrap();
        let mut graph = Graph::new(parameters, quantizer).unwrap();
        let mut slots = Vec::new();
        for vector in &data {
            let mut code = Vec::new();
            graph.quantizer().encode(vector, &mut code).unwrap();
            slots.push(graph.add(&code).unwrap());
        }
        graph.link(&slots, 2, &|| true).unwrap();
        println!("unreachable {:?}", graph.reconnect(&|| true).unwrap());
        assert!(graph.unreachable().is_empty());
        let mut hits = 0;
        let mut scratch = Scratch::new();
        let (mut found, mut exact) = (Vec::new(), Vec::new());
        for at in 0..100 {
            let vector: Vec<f32> = (0..24).map(|_| random.random_range(-1.0..1.0)).collect();
            let query = graph.quantizer().query(&vector).unwrap();
            graph.search(&mut scratch, &query, &Request::nearest(100), &mut || true, &mut found).unwrap();
            graph.scan(&query, &mut slots.iter().copied(), 10, None, &mut || true, &mut exact).unwrap();
            let _ = at;
            hits += exact.iter().filter(|exact| found.iter().any(|found| found.slot == exact.slot)).count();
        }
        println!("{metric:?} {hits}");
        assert!(hits > 980, "{metric:?} {hits}");
    }
}
