//! A listing says what the codes of an index are for its data, which need not be what it was opened with.

use rand::Rng;

use sledstore_vector::{Coding, Metric, VectorIndex, VectorOptions};

use crate::common;

const DIMENSIONS: usize = 16;

#[test]
fn for_the_data_there_is() {
    let store = common::memory();
    let mut random = common::random();
    let usual = VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::L2) };
    for (name, spread, options, codes) in [
        ("even", 0.0, usual.clone(), "scalar8"),
        // Groups so far apart that a byte does not tell what is in them.
        ("groups", 1e4, usual.clone(), "exact"),
        ("bits", 0.0, VectorOptions { coding: Coding::Binary, ..usual.clone() }, "binary"),
        ("parts", 0.0, VectorOptions { coding: Coding::Product { parts: 4 }, ..usual.clone() }, "product"),
        (
            "packed",
            0.0,
            VectorOptions { compared_max: 100, ..VectorOptions::new(DIMENSIONS, Metric::Hamming) },
            "binary",
        ),
    ] {
        let index = VectorIndex::open(&store, name, &options).unwrap();
        let told = || VectorIndex::list(&store).unwrap().into_iter().find(|info| info.name == name).unwrap().codes;
        assert_eq!(told(), None, "{name}: there is no graph yet");
        let rows: Vec<_> = (0..600_u32)
            .map(|row| {
                let center = f64::from(row % 6) * spread;
                let mut component = || match options.metric {
                    Metric::Hamming => f32::from(random.random_bool(0.5)),
                    _ => (center + random.random_range(-1.0..1.0_f64)) as f32,
                };
                (row.to_be_bytes().to_vec(), (0..DIMENSIONS).map(|_| component()).collect::<Vec<f32>>())
            })
            .collect();
        common::put(&index, &rows);
        index.compact().unwrap();
        assert_eq!(told(), Some(codes), "{name}");
    }
}
