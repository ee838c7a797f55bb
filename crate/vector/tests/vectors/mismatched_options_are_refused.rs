use sledstore_engine::{ErrorCode, NamespaceOptions, Result, Store};
use sledstore_vector::{IndexInfo, Metric, VectorIndex, VectorOptions};

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
    let info = IndexInfo { name: "words".into(), dimensions: 100, metric: Metric::Cosine };
    assert_eq!(VectorIndex::list(&store).unwrap(), [info]);
}

#[test]
fn an_index_is_not_opened_as_a_plain_namespace() {
    let store = common::memory();
    let index = common::open(&store, 1, Metric::L2);
    let name = format!("{}{}", sledstore_vector::NAMESPACE_PREFIX, index.name());
    let options = NamespaceOptions { key_codec: "string".into(), value_codec: "msgpack".into() };
    assert_eq!(common::code(store.namespace(&name, &options)), Some(ErrorCode::NamespaceMismatch));
}
