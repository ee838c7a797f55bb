use sledstore_algorithm::{RandomWalkOptions, random_walks};

use crate::{cases, go};

/// Means of so many walks lie within five standard errors of what is expected, for each node: the seed is fixed.
const WALKS: u32 = 4000;

#[test]
fn walks_visit_nodes_as_often_as_the_chain_says() {
    for case in cases() {
        let source = case.expected["paths"]["source"].as_u64().unwrap() as u32;
        for (factors, expected) in case.expected["visits"].as_object().unwrap() {
            let (p, q) = factors.split_once(' ').unwrap();
            let options = RandomWalkOptions {
                starts: Some(&[source]),
                walks: WALKS,
                length: 12,
                return_factor: p.parse().unwrap(),
                in_out_factor: q.parse().unwrap(),
                seed: 5,
            };
            let walks = random_walks(case.view(), &options, &mut go).unwrap();
            let expected = expected.as_array().unwrap();
            let (mut sums, mut squares) = (vec![0.0; expected.len()], vec![0.0; expected.len()]);
            for walk in walks.iter() {
                let mut visits = vec![0.0; expected.len()];
                walk.iter().for_each(|&node| visits[node as usize] += 1.0);
                for (node, visits) in visits.iter().enumerate() {
                    sums[node] += visits;
                    squares[node] += visits * visits;
                }
            }
            let walks = f64::from(WALKS);
            for (node, expected) in expected.iter().enumerate() {
                let (mean, expected) = (sums[node] / walks, expected.as_f64().unwrap());
                let variance = (squares[node] / walks - mean * mean).max(expected.min(1.0 / walks));
                let error = (mean - expected).abs();
                let whole = mean == expected; // the source, where nothing leads back to it
                assert!(whole || error <= 5.0 * (variance / walks).sqrt(), "{} {factors} {node}: {mean}", case.name);
            }
        }
    }
}
