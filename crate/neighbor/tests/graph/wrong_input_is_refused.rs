//! Parameters, vectors, codes and slots that do not fit are errors, and change nothing.

use sledstore_neighbor::*;

use crate::shared::{built, clustered};

#[test]
fn parameters() {
    let good = Parameters::new(8, Metric::L2);
    let bad = [
        Parameters { dimensions: 0, ..good.clone() },
        Parameters { dimensions: DIMENSIONS_MAX + 1, ..good.clone() },
        Parameters { degree: 1, ..good.clone() },
        Parameters { build_width: 0, ..good.clone() },
        Parameters { alpha: f32::NAN, ..good.clone() },
        Parameters { coding: Coding::Product { parts: 9 }, ..good.clone() },
        Parameters { metric: Metric::Hamming, ..good.clone() },
    ];
    assert!(good.check().is_ok());
    for parameters in bad {
        assert!(matches!(parameters.check(), Err(Error::Argument { .. })), "{parameters:?}");
    }
}

#[test]
fn vectors_codes_and_slots() {
    let set = clustered(50, 12, 2, 13);
    let mut graph = built(&Parameters::new(12, Metric::L2), &set.vectors);
    assert!(graph.quantizer().query(&[0.0; 11]).is_err());
    assert!(graph.quantizer().encode(&[0.0; 13], &mut Vec::new()).is_err());
    assert!(graph.quantizer().encode_bits(&[0; 2], &mut Vec::new()).is_err());
    assert!(graph.add(&[0; 3]).is_err());
    assert!(graph.fill(9, &[]).is_err());
    assert!(graph.link(&[50], 1, &|| true).is_err());
    assert!(graph.repair(&[1], 1, &|| true).is_err());
    assert!(!graph.remove(50));
    assert!(graph.record(50, &mut Vec::new()).is_err());
    assert_eq!((graph.slots(), graph.counts().live), (50, 50));
}

#[test]
fn quantizers_come_back_as_they_were() {
    let set = clustered(300, 12, 2, 14);
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine, Metric::Hamming] {
        for coding in [Coding::Scalar8, Coding::Binary, Coding::Product { parts: 3 }] {
            let parameters = Parameters { coding, ..Parameters::new(12, metric) };
            let Ok(quantizer) = Quantizer::train(&parameters, &mut set.vectors.iter().map(|vector| &vector[..])) else {
                assert!(metric == Metric::Hamming && coding != Coding::Binary);
                continue;
            };
            let bytes = quantizer.to_bytes();
            let read = Quantizer::from_bytes(&parameters, &bytes).unwrap();
            let (mut code, mut again) = (Vec::new(), Vec::new());
            quantizer.encode(&set.queries[0], &mut code).unwrap();
            read.encode(&set.queries[0], &mut again).unwrap();
            assert_eq!(code, again);
            assert_eq!(code.len(), quantizer.code_bytes());
            for length in 0..bytes.len() {
                assert!(Quantizer::from_bytes(&parameters, &bytes[..length]).is_err());
            }
        }
    }
}
