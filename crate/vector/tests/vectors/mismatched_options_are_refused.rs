use sledstore_engine::{Batch, Durability, ErrorCode, NamespaceOptions, Read, Result, Store};
use sledstore_vector::{Coding, Element, IndexInfo, Metric, VectorIndex, VectorOptions};

use crate::common;

fn open(store: &Store, dimensions: usize, metric: Metric, key_codec: &str) -> Result<VectorIndex> {
    let options = VectorOptions { key_codec: key_codec.into(), ..VectorOptions::new(dimensions, metric) };
    VectorIndex::open(store, "words", &options)
}

#[test]
fn dimensions_metric_and_key_codec_must_be_those_of_the_creation() {
    let store = common::memory();
    open(&store, 100, Metric::Cosine, "string").unwrap();
    open(&store, 100, Metric::Cosine, "string").unwrap();
    open(&store, 100, Metric::Cosine, "").unwrap();
    let cases = [
        (50, Metric::Cosine, "string", "100"),
        (100, Metric::L2, "string", "cosine"),
        (100, Metric::Cosine, "number", "string"),
    ];
    for (dimensions, metric, key_codec, named) in cases {
        let error = open(&store, dimensions, metric, key_codec).err().unwrap();
        assert_eq!(error.code(), ErrorCode::NamespaceMismatch);
        assert!(error.message().contains(named), "{}", error.message());
    }
    let info = IndexInfo {
        name: "words".into(),
        dimensions: 100,
        metric: Metric::Cosine,
        element: Element::F32,
        coding: Coding::Scalar8,
        codes: None,
        model: None,
        attributes: Vec::new(),
    };
    assert_eq!(VectorIndex::list(&store).unwrap(), [info]);
}

fn of(element: Element, coding: Coding, model: Option<&str>) -> VectorOptions {
    VectorOptions { element, coding, model: model.map(str::to_owned), ..VectorOptions::new(16, Metric::L2) }
}

#[test]
fn element_coding_and_model_must_be_those_of_the_creation() {
    let store = common::memory();
    let product = Coding::Product { parts: 4 };
    let created = of(Element::I8, product, Some("one"));
    VectorIndex::open(&store, "words", &created).unwrap();
    VectorIndex::open(&store, "words", &created).unwrap();
    VectorIndex::open(&store, "words", &of(Element::I8, product, None)).unwrap();
    let cases = [
        (of(Element::F16, product, Some("one")), "i8"),
        (of(Element::I8, Coding::Binary, Some("one")), "product of 4 parts"),
        (of(Element::I8, Coding::Product { parts: 2 }, Some("one")), "product of 4 parts"),
        (of(Element::I8, product, Some("two")), "model one"),
    ];
    for (options, named) in cases {
        let error = VectorIndex::open(&store, "words", &options).err().unwrap();
        assert_eq!(error.code(), ErrorCode::NamespaceMismatch);
        assert!(error.message().contains(named), "{}", error.message());
    }
    let listed = VectorIndex::list(&store).unwrap().remove(0);
    assert_eq!((listed.element, listed.coding, listed.model.as_deref()), (Element::I8, product, Some("one")));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let store = common::memory();
    let with = |dimensions, metric, element, coding| VectorOptions {
        element,
        coding,
        ..VectorOptions::new(dimensions, metric)
    };
    let cases = [
        with(0, Metric::L2, Element::F32, Coding::Scalar8),
        with(16_001, Metric::L2, Element::I8, Coding::Scalar8),
        with(8, Metric::Hamming, Element::F32, Coding::Scalar8),
        with(8, Metric::L2, Element::Binary, Coding::Scalar8),
        with(12, Metric::Hamming, Element::Binary, Coding::Scalar8),
        with(8, Metric::Hamming, Element::Binary, Coding::Binary),
        with(8, Metric::L2, Element::F32, Coding::Product { parts: 0 }),
        with(8, Metric::L2, Element::F32, Coding::Product { parts: 9 }),
        of(Element::F32, Coding::Scalar8, Some("")),
        of(Element::F32, Coding::Scalar8, Some(&"m".repeat(257))),
    ];
    for options in cases {
        let opened = VectorIndex::open(&store, "words", &options);
        assert_eq!(common::code(opened), Some(ErrorCode::InvalidArgument), "{options:?}");
    }
    assert_eq!(VectorIndex::list(&store).unwrap(), []);
}

#[test]
fn the_row_of_an_index_of_floats_is_as_it_always_was() {
    let store = common::memory();
    let index = common::open(&store, 300, Metric::L2);
    assert_eq!(store.get(index.namespace(), &[1]).unwrap().unwrap(), [1, 3, 44, 1, 0, 0]);
    let damaged = [&[2, 3, 44, 1, 0, 0][..], &[1, 3, 44, 1, 0, 0, 1], &[2, 3, 44, 1, 0, 0, 9, 1, 0, 0, 0, 0]];
    for row in damaged {
        let mut batch = Batch::new();
        batch.put(index.namespace(), &[1], row).unwrap();
        store.commit(&batch, Durability::None).unwrap();
        let opened = VectorIndex::open(&store, "test", &VectorOptions::new(300, Metric::L2));
        assert_eq!(common::code(opened), Some(ErrorCode::Corruption), "{row:?}");
    }
}

#[test]
fn an_index_is_not_opened_as_a_plain_namespace() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let name = format!("{}{}", sledstore_vector::NAMESPACE_PREFIX, index.name());
    let options = NamespaceOptions { key_codec: "string".into(), value_codec: "msgpack".into() };
    assert_eq!(common::code(store.namespace(&name, &options)), Some(ErrorCode::NamespaceMismatch));
}
