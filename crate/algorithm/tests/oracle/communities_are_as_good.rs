use sledstore_algorithm::{
    Communities, LabelPropagationOptions, LeidenOptions, LouvainOptions, label_propagation, leiden, louvain, modularity,
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

#[test]
fn louvain_and_leiden_reach_the_modularity_of_networkx() {
    for case in cases() {
        for (resolution, expected) in pairs(&case, "louvain_modularity") {
            let by_louvain = best((0..10).map(|seed| {
                let options = LouvainOptions { resolution, seed, ..LouvainOptions::default() };
                louvain(case.view(), &options, &mut go).unwrap()
            }));
            let by_leiden = best((0..10).map(|seed| {
                let options = LeidenOptions { resolution, seed, ..LeidenOptions::default() };
                leiden(case.view(), &options, &mut go).unwrap()
            }));
            for (found, short) in [(by_louvain, 0.004), (by_leiden, 0.001)] {
                let case = &case;
                assert!(found.modularity >= expected - short, "{} at {resolution}: {found:?}", case.name);
                let again = modularity(case.view(), &found.partition.parts, resolution).unwrap();
                assert!((again - found.modularity).abs() < 1e-9);
            }
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
