use sledstore_algorithm::{
    Communities, LabelPropagationOptions, LeidenOptions, LouvainOptions, NodeSet, components, label_propagation,
    leiden, louvain, modularity,
};

use crate::{Case, cases, go};

fn pairs(case: &Case, name: &str) -> Vec<(f64, f64)> {
    let expected = case.expected["communities"][name].as_array().unwrap();
    expected.iter().map(|pair| (pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap())).collect()
}

fn best(found: impl Iterator<Item = Communities>) -> Communities {
    found.max_by(|a, b| a.modularity.total_cmp(&b.modularity)).unwrap()
}

#[test]
fn modularity_agrees() {
    for case in cases() {
        let thirds: Vec<u32> = (0..case.csr.node_bound() as u32).map(|node| node % 3 * 1_000_000).collect();
        for (resolution, expected) in pairs(&case, "modularity_of_thirds") {
            let found = modularity(case.view(), &thirds, resolution).unwrap();
            assert!((found - expected).abs() < 1e-11, "{} at {resolution}: {found}", case.name);
        }
    }
}

fn assert_as_good(case: &Case, found: &Communities, resolution: f64, expected: f64, short: f64) {
    assert!(found.modularity >= expected - short, "{} at {resolution}: {found:?}", case.name);
    let again = modularity(case.view(), &found.partition.parts, resolution).unwrap();
    assert!((again - found.modularity).abs() < 1e-9);
}

#[test]
fn louvain_reaches_the_modularity_of_networkx() {
    for case in cases() {
        for (resolution, expected) in pairs(&case, "louvain_modularity") {
            let found = best((0..10).map(|seed| {
                let options = LouvainOptions { resolution, seed, ..LouvainOptions::default() };
                louvain(case.view(), &options, &mut go).unwrap()
            }));
            assert_as_good(&case, &found, resolution, expected, 0.004);
        }
    }
}

/// Better than networkx's Louvain and graspologic's Leiden, or as good; and no community falls into parts.
#[test]
fn leiden_reaches_the_modularity_of_both() {
    for case in cases() {
        let both = pairs(&case, "louvain_modularity").into_iter().zip(pairs(&case, "leiden_modularity"));
        for ((resolution, by_louvain), (_, by_leiden)) in both {
            let found = best((0..10).map(|seed| {
                let options = LeidenOptions { resolution, seed, rounds_max: 10, ..LeidenOptions::default() };
                let found = leiden(case.view(), &options, &mut go).unwrap();
                for group in found.partition.groups() {
                    let members: NodeSet = group.iter().copied().collect();
                    let parts = components(case.view().among(&members), &mut go).unwrap();
                    assert_eq!(parts.sizes.len(), 1, "{} at {resolution}: {group:?}", case.name);
                }
                found
            }));
            assert_as_good(&case, &found, resolution, by_louvain.max(by_leiden), 1e-9);
        }
    }
}

/// Where labels rest is up to chance: modularity and number of communities have the means of networkx, within five
/// standard errors of so many runs of either.
#[test]
fn labels_spread_as_those_of_networkx() {
    for case in cases() {
        let expected = &case.expected["communities"]["label_propagation"];
        let runs = expected["runs"].as_u64().unwrap();
        let found: Vec<[f64; 2]> = (0..runs)
            .map(|seed| {
                let options = LabelPropagationOptions { seed, ..LabelPropagationOptions::default() };
                let partition = label_propagation(case.view(), &options, &mut go).unwrap().partition;
                [modularity(case.view(), &partition.parts, 1.0).unwrap(), partition.sizes.len() as f64]
            })
            .collect();
        for (at, name) in ["modularity", "count"].into_iter().enumerate() {
            let [theirs, deviation] = [0, 1].map(|part| expected[name][part].as_f64().unwrap());
            let mean = found.iter().map(|values| values[at]).sum::<f64>() / runs as f64;
            let variance = found.iter().map(|values| (values[at] - mean).powi(2)).sum::<f64>() / runs as f64;
            let error = ((variance + deviation * deviation) / runs as f64).sqrt();
            assert!((mean - theirs).abs() <= 5.0 * error + 1e-9, "{} {name}: {mean}, theirs {theirs}", case.name);
        }
    }
}

#[test]
fn labels_rest_where_none_outweighs_them() {
    for case in cases() {
        let options = LabelPropagationOptions { seed: 3, ..LabelPropagationOptions::default() };
        let found = label_propagation(case.view(), &options, &mut go).unwrap();
        assert!(found.settled);
        let parts = &found.partition.parts;
        let both = case.csr.view().directed(sledstore_algorithm::Direction::Both);
        for node in both.nodes() {
            let mut weights = vec![0.0; found.partition.sizes.len()];
            for next in both.neighbors(node).filter(|next| next.node != node) {
                weights[parts[next.node as usize] as usize] += both.weight(next.edge);
            }
            let most = weights.iter().copied().fold(0.0, f64::max);
            assert!(weights[parts[node as usize] as usize] >= most - 1e-12, "{} {node}", case.name);
        }
        assert_eq!(found, label_propagation(case.view(), &options, &mut go).unwrap());
    }
}
