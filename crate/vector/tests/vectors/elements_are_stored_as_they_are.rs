//! Components come back as their element holds them, take its bytes, and are compared as they are stored.

use rand::Rng;
use rand::rngs::StdRng;
use sledstore_engine::{Batch, Durability, ErrorCode, Read};
use sledstore_vector::{Element, Kernel, Metric, Search, VectorIndex, VectorOptions};

use crate::common;

fn vector(random: &mut StdRng, element: Element, dimensions: usize) -> Vec<f32> {
    let mut component = || match element {
        Element::F32 => random.random_range(-1.0..1.0),
        // Of those that a half holds.
        Element::F16 => f32::from(random.random_range(-1_024_i16..=1_024)) / 64.0,
        Element::I8 => random.random_range(-128_i8..=127).into(),
        Element::Binary => random.random_range(0_u8..2).into(),
    };
    (0..dimensions).map(|_| component()).collect()
}

fn cases() -> impl Iterator<Item = (Element, Metric)> {
    let of = |metrics: &'static [Metric]| move |element| metrics.iter().map(move |&metric| (element, metric));
    let numbers = [Element::F32, Element::F16, Element::I8].into_iter().flat_map(of(&Metric::OF_NUMBERS));
    numbers.chain([(Element::Binary, Metric::Hamming)])
}

#[test]
fn every_kernel_gives_the_distances_of_what_is_stored() {
    let mut random = common::random();
    for (element, metric) in cases() {
        for dimensions in [8, 16, 40, 104, 1_000] {
            let store = common::memory();
            let vectors: Vec<_> = (0..60_u8).map(|key| (vec![key], vector(&mut random, element, dimensions))).collect();
            let mut query = vector(&mut random, element, dimensions);
            query[0] = 1.0;
            for kernel in Kernel::available() {
                let options = VectorOptions { element, kernel: Some(kernel), ..VectorOptions::new(dimensions, metric) };
                let index = VectorIndex::open(&store, "test", &options).unwrap();
                common::put(&index, &vectors);
                let found = index.search(&store, &query, &Search::nearest(60)).unwrap();
                assert_eq!(found.len(), 60);
                for neighbor in found {
                    let (key, stored) = &vectors[usize::from(neighbor.key[0])];
                    assert_eq!(&index.get(&store, key).unwrap().unwrap().vector, stored, "{element:?}");
                    let exact = common::distance(metric, &query, stored);
                    let is_close = common::close(neighbor.distance, exact, exact.abs());
                    // Sums over whole numbers and bits are exact.
                    let is_exact = matches!(element, Element::I8 | Element::Binary) && metric != Metric::Cosine;
                    assert!(is_close && (!is_exact || neighbor.distance == exact), "{element:?} {metric} {neighbor:?}");
                }
                let row = store.get(index.namespace(), &[0x10, 0]).unwrap().unwrap();
                let head = usize::from(metric == Metric::Cosine || metric == Metric::L2 && element == Element::I8) * 4;
                let bits = match element {
                    Element::F32 => 32,
                    Element::F16 => 16,
                    Element::I8 => 8,
                    Element::Binary => 1,
                };
                assert_eq!(row.len(), head + dimensions * bits / 8);
                assert_eq!(index.verify(&store.snapshot().unwrap()).unwrap(), Vec::<String>::new());
            }
        }
    }
}

#[test]
fn a_vector_has_no_distance_from_itself() {
    let mut random = common::random();
    for (element, metric) in cases().filter(|(_, metric)| *metric != Metric::Dot) {
        let store = common::memory();
        let options = VectorOptions { element, ..VectorOptions::new(64, metric) };
        let index = VectorIndex::open(&store, "test", &options).unwrap();
        // Rounded when it is stored, and when it is asked with.
        let own = match element {
            Element::F32 | Element::F16 => common::vector(&mut random, 64),
            _ => vector(&mut random, element, 64),
        };
        common::put(&index, &[(vec![1], own.clone())]);
        let distance = index.search(&store, &own, &Search::nearest(1)).unwrap()[0].distance;
        assert!(distance <= if metric == Metric::Cosine { 1e-6 } else { 0.0 }, "{element:?} {metric} {distance}");
    }
}

#[test]
fn halves_are_the_nearest_to_what_was_put() {
    let mut random = common::random();
    let store = common::memory();
    let options = VectorOptions { element: Element::F16, ..VectorOptions::new(16_000, Metric::Dot) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let halves: Vec<f64> = (0..0x7c00_u32)
        .map(|bits| match bits >> 10 {
            0 => f64::from(bits) * 2_f64.powi(-24),
            exponent => f64::from(1_024 + (bits & 1_023)) * 2_f64.powi(exponent as i32 - 25),
        })
        .collect();
    let mut put: Vec<f32> = (0..16_000)
        .map(|_| 2_f32.powf(random.random_range(-27.0..16.0)) * if random.random() { 1.0 } else { -1.0 })
        .map(|x| x.clamp(-65_519.0, 65_519.0))
        .collect();
    // Between two of them, so that the even one is taken.
    for (at, place) in put.iter_mut().enumerate().take(8_000) {
        *place = ((halves[at * 3] + halves[at * 3 + 1]) / 2.0) as f32;
    }
    common::put(&index, &[(vec![1], put.clone())]);
    let got = index.get(&store, &[1]).unwrap().unwrap().vector;
    for (x, got) in put.iter().zip(got) {
        let wanted = f64::from(x.abs());
        let above = halves.partition_point(|&half| half < wanted).min(halves.len() - 1);
        let below = above.saturating_sub(1);
        let (down, up) = (wanted - halves[below], (halves[above] - wanted).abs());
        let nearest = if down < up || down == up && below % 2 == 0 { halves[below] } else { halves[above] };
        assert_eq!(f64::from(got), nearest.copysign(f64::from(*x)), "{x:e}");
    }
}

#[test]
fn what_an_element_cannot_hold_is_refused() {
    let cases = [
        (Element::F16, Metric::L2, vec![65_520.0, -65_520.0, f32::NAN, f32::INFINITY, 1e30]),
        (Element::I8, Metric::L2, vec![128.0, -129.0, 0.5, f32::NAN, f32::NEG_INFINITY]),
        (Element::Binary, Metric::Hamming, vec![2.0, -1.0, 0.5, f32::NAN]),
    ];
    for (element, metric, components) in cases {
        let store = common::memory();
        let options = VectorOptions { element, ..VectorOptions::new(8, metric) };
        let index = VectorIndex::open(&store, "test", &options).unwrap();
        for component in components {
            let mut vector = vec![0.0; 8];
            vector[3] = component;
            let put = index.put(&mut Batch::new(), b"key", &vector, None);
            assert_eq!(common::code(put), Some(ErrorCode::InvalidArgument), "{element:?} {component}");
            let found = index.search(&store, &vector, &Search::nearest(1));
            assert_eq!(common::code(found), Some(ErrorCode::InvalidArgument), "{element:?} {component}");
        }
    }
    // Zero as a half, which has no direction.
    let store = common::memory();
    let options = VectorOptions { element: Element::F16, ..VectorOptions::new(2, Metric::Cosine) };
    let index = VectorIndex::open(&store, "test", &options).unwrap();
    let put = index.put(&mut Batch::new(), b"key", &[1e-9, 0.0], None);
    assert_eq!(common::code(put), Some(ErrorCode::InvalidArgument));
}

#[test]
fn components_cross_in_bytes_of_their_own() {
    let cases: [(Element, Metric, &[u8]); 3] = [
        (Element::F16, Metric::L2, &[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0].repeat(4)),
        (Element::I8, Metric::L2, &[1, 0xff, 0x80, 0x7f, 0, 2, 3, 4]),
        (Element::Binary, Metric::Hamming, &[0b1010_0001]),
    ];
    for (element, metric, bytes) in cases {
        let store = common::memory();
        let options = VectorOptions { element, ..VectorOptions::new(8, metric) };
        let index = VectorIndex::open(&store, "test", &options).unwrap();
        let mut batch = Batch::new();
        let change = [&[1, 1, 0, 0, 0, 0, 0], bytes, b"k"].concat();
        index.apply_changes(&mut batch, &change).unwrap();
        store.commit(&batch, Durability::None).unwrap();
        assert_eq!(index.answer(&store, b"\x01k").unwrap(), bytes);
        let walked = index.answer(&store, b"\x07\0").unwrap();
        assert_eq!(walked, [&[1, 0, 0, 0, 0, 0], bytes, b"k"].concat());
    }
    let store = common::memory();
    let options = VectorOptions::new(8, Metric::Hamming);
    let index = VectorIndex::open(&store, "bits", &options).unwrap();
    index.put(&mut Batch::new(), b"k", &[1.0; 8], None).unwrap();
}
