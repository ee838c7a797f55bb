use sledstore_algorithm::{Partition, clustering, components, core_numbers, cuts, strong_components, triangles};

use crate::{Case, assert_close, cases, go, lists, numbers};

fn sorted(partition: &Partition) -> Vec<Vec<u32>> {
    let groups = partition.groups();
    let sizes: Vec<u32> = groups.iter().map(|group| group.len() as u32).collect();
    assert_eq!(sizes, partition.sizes);
    groups // numbered by their first node, so sorted by it
}

#[test]
fn components_agree() {
    for case in cases() {
        let found = components(case.view(), &mut go).unwrap();
        assert_eq!(sorted(&found), lists(&case.expected["structure"]["components"]), "{}", case.name);
    }
}

#[test]
fn strong_components_agree() {
    let directed: Vec<Case> = cases().into_iter().filter(|case| case.directed).collect();
    assert_eq!(directed.len(), 2);
    for case in directed {
        let found = strong_components(case.view(), &mut go).unwrap();
        assert_eq!(sorted(&found), lists(&case.expected["structure"]["strong_components"]), "{}", case.name);
    }
}

#[test]
fn triangles_agree() {
    for case in cases() {
        let expected = numbers(&case.expected["structure"]["triangles"]);
        for threads in [1, 2, 5] {
            let found = triangles(case.view(), threads, &mut go).unwrap();
            let counts: Vec<u32> = found.counts.iter().map(|&count| count as u32).collect();
            assert_eq!(counts, expected, "{}", case.name);
            assert_eq!(found.total * 3, found.counts.iter().sum::<u64>());
        }
    }
}

#[test]
fn clustering_agrees() {
    for case in cases() {
        let expected = &case.expected["structure"];
        let found = clustering(case.view(), 1, &mut go).unwrap();
        assert_close(&case, "clustering", &found.local, &expected["clustering"], 1e-11);
        assert!((found.average - expected["clustering_average"].as_f64().unwrap()).abs() < 1e-11);
        assert!((found.global - expected["clustering_global"].as_f64().unwrap()).abs() < 1e-11);
    }
}

#[test]
fn cores_agree() {
    for case in cases() {
        let expected = numbers(&case.expected["structure"]["cores"]);
        assert_eq!(core_numbers(case.view(), &mut go).unwrap(), expected, "{}", case.name);
    }
}

#[test]
fn cuts_agree() {
    for case in cases() {
        let expected = &case.expected["structure"];
        let found = cuts(case.view(), &mut go).unwrap();
        assert_eq!(found.nodes, numbers(&expected["articulation_points"]), "{}", case.name);
        let mut bridges: Vec<Vec<u32>> = found
            .edges
            .iter()
            .map(|&edge| {
                let (a, b) = case.ends(edge);
                vec![a.min(b), a.max(b)]
            })
            .collect();
        bridges.sort();
        assert_eq!(bridges, lists(&expected["bridges"]), "{}", case.name);
    }
}
