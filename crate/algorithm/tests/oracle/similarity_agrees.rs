use std::collections::BTreeMap;

use sledstore_algorithm::{Similar, SimilarityMetric, SimilarityOptions, node_similarity};

use crate::{cases, go};

#[test]
fn similarities_agree() {
    let metrics = [SimilarityMetric::Jaccard, SimilarityMetric::Overlap, SimilarityMetric::Cosine];
    for case in cases() {
        let expected = case.expected["similarity"].as_array().unwrap();
        assert!(!expected.is_empty());
        for (at, metric) in metrics.into_iter().enumerate() {
            let options = SimilarityOptions { metric, top: usize::MAX, ..SimilarityOptions::default() };
            let found = node_similarity(case.view(), &options, &mut go).unwrap();
            let mut by_pair: BTreeMap<(u32, u32), f64> =
                found.iter().map(|pair| ((pair.node, pair.other), pair.similarity)).collect();
            by_pair.retain(|pair, _| (pair.0 + pair.1) % 4 == 0);
            assert_eq!(by_pair.len(), expected.len() * 2, "{} {metric:?}", case.name);
            for row in expected {
                let pair = [0, 1].map(|end| row[end].as_u64().unwrap() as u32);
                let similarity = row[2 + at].as_f64().unwrap();
                for pair in [(pair[0], pair[1]), (pair[1], pair[0])] {
                    assert!((by_pair[&pair] - similarity).abs() < 1e-11, "{} {metric:?} {pair:?}", case.name);
                }
            }
        }
    }
}

#[test]
fn top_and_cutoff_leave_the_best() {
    for case in cases() {
        let whole = SimilarityOptions { top: usize::MAX, ..SimilarityOptions::default() };
        let all = node_similarity(case.view(), &whole, &mut go).unwrap();
        let some = SimilarityOptions { top: 3, cutoff: 0.2, ..whole };
        let found = node_similarity(case.view(), &some, &mut go).unwrap();
        let mut expected: Vec<Similar> = Vec::new();
        for node in case.view().nodes() {
            let mut pairs: Vec<Similar> =
                all.iter().filter(|pair| pair.node == node && pair.similarity >= 0.2).copied().collect();
            pairs.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.other.cmp(&b.other)));
            expected.extend(pairs.iter().take(3));
        }
        assert_eq!(found, expected, "{}", case.name);
        assert!(found.len() < all.len());
    }
}
