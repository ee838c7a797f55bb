use sledstore_algorithm::max_flow;

use crate::{cases, go};

#[test]
fn flows_and_cuts_agree() {
    for case in cases() {
        for expected in case.expected["flows"].as_array().unwrap() {
            let [source, sink] = [0, 1].map(|end| expected[end].as_u64().unwrap() as u32);
            let value = expected[2].as_f64().unwrap();
            let found = max_flow(case.view(), source, sink, &mut go).unwrap();
            assert!((found.value - value).abs() < 1e-9, "{} {source} to {sink}: {}", case.name, found.value);
            let cut: f64 = found.cut.iter().map(|&edge| case.csr.weight_of(edge)).sum();
            assert!((cut - value).abs() < 1e-9, "{} {source} to {sink}: cut {cut}", case.name);
            assert!(found.source_side.contains(source) && !found.source_side.contains(sink));
        }
    }
}
