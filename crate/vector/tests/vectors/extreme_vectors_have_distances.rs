use sledstore_vector::{Metric, Search};

use crate::common;

#[test]
fn sums_beyond_f32_are_neither_infinite_nor_nan() {
    let big = f32::MAX;
    let cases = [
        (Metric::Dot, [big, big], [big, -big]),
        (Metric::Dot, [big, big], [big, big]),
        (Metric::L2, [big, big], [-big, -big]),
        (Metric::L2, [1e-30, 0.0], [0.0, 1e-30]),
        (Metric::Cosine, [1e38, 1e38], [1e38, -1e37]),
        (Metric::Cosine, [2e-38, 0.0], [2e-38, 2e-38]),
    ];
    for (metric, a, b) in cases {
        let store = common::memory();
        let index = common::open(&store, 2, metric);
        common::put(&index, &[(b"k".to_vec(), a.to_vec())]);
        let found = index.search(&store, &b, &Search::nearest(1)).unwrap()[0].distance;
        let exact = common::distance(metric, &a, &b);
        assert!((found - exact).abs() <= 1e-6 * exact.abs().max(f64::MIN_POSITIVE), "{metric} {a:?}: {found} {exact}");
    }
}
