use sledstore_engine::ErrorCode;
use sledstore_vector::{Instructions, Kernel, Metric, Search, VectorIndex, VectorOptions};

use crate::common;

#[test]
fn every_kernel_finds_the_same_neighbors() {
    let mut random = common::random();
    for metric in Metric::OF_NUMBERS {
        let store = common::memory();
        let vectors: Vec<_> =
            (0..500).map(|n| (format!("{n:03}").into_bytes(), common::vector(&mut random, 37))).collect();
        common::put(&common::open(&store, 37, metric), &vectors);
        let query = common::vector(&mut random, 37);
        let answers: Vec<_> = Kernel::available()
            .map(|kernel| {
                let options = VectorOptions { kernel: Some(kernel), ..VectorOptions::new(37, metric) };
                let index = VectorIndex::open(&store, "test", &options).unwrap();
                assert_eq!(index.kernel(), kernel);
                index.search(&store, &query, &Search::nearest(20)).unwrap()
            })
            .collect();
        // Each sums in an order of its own, so that two that are as good as equally near may change places.
        for answer in &answers {
            let exact = vectors.iter().map(|(key, vector)| (key.as_slice(), common::distance(metric, &query, vector)));
            common::assert_nearest(answer, exact, 20, 1.0);
        }
    }
}

#[test]
fn a_kernel_is_chosen_by_name() {
    assert_eq!(Kernel::named(Some("scalar")).unwrap(), Kernel::of(Instructions::Scalar).unwrap());
    assert_eq!(Kernel::named(None).unwrap(), Kernel::available().next().unwrap());
    assert_eq!(Kernel::named(Some("")).unwrap(), Kernel::named(None).unwrap());
    assert_eq!(common::code(Kernel::named(Some("mmx"))), Some(ErrorCode::InvalidArgument));
    for instructions in Instructions::ALL {
        let by_name = Kernel::named(Some(instructions.name())).ok();
        assert_eq!(by_name, Kernel::of(instructions));
    }
}
