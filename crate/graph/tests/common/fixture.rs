//! What the kept graph holds, computed: once to write it, and each time it is opened again.

#![allow(clippy::expect_used)]

use rmpv::Value;
use sledstore_graph::{Entity, Extension, IndexKind, IndexSpec, TextOptions};

/// The packed store: a tar as one LZ4 block with its length in front.
pub const PACKED: &str = "tests/fixtures/graph-rows-2/store.tar.lz4";
/// People, each of whom knows the next.
pub const PEOPLE: u32 = 60;

/// An index or constraint of each kind.
pub fn indexes() -> [IndexSpec; 5] {
    let spec = |name: &str, entity, label: &str, properties: &[&str], kind| IndexSpec {
        name: name.into(),
        entity,
        label: Some(label.into()),
        properties: properties.iter().map(|&property| property.into()).collect(),
        kind,
    };
    [
        spec("a name", Entity::Node, "Person", &["name"], IndexKind::Unique),
        spec("by kind and value", Entity::Node, "Typed", &["kind", "value"], IndexKind::Range),
        spec("a kind and value", Entity::Node, "Typed", &["value", "kind"], IndexKind::Key),
        spec("is named", Entity::Node, "Person", &["name"], IndexKind::Exists),
        spec("by name", Entity::Edge, "HAS", &["name"], IndexKind::Range),
    ]
}

/// A full-text index, created behind the others.
pub fn text_index() -> (IndexSpec, TextOptions) {
    let (name, properties) = ("words".to_owned(), vec!["name".to_owned()]);
    let spec = IndexSpec { name, properties, kind: IndexKind::Fulltext, ..IndexSpec::default() };
    (spec, TextOptions { labels: vec!["Person".into()], k1: 1.5, b: 0.5, stop_words: vec!["of".into()] })
}

/// A value of each extension, and a list.
pub fn values() -> Vec<Value> {
    let components: Vec<u8> = [0.5_f32, -1.0, 3.25].iter().flat_map(|component| component.to_le_bytes()).collect();
    let extensions = [
        Extension::Timestamp { seconds: 1_700_000_000, nanoseconds: 5 },
        Extension::Date { days: -719_528 },
        Extension::LocalTime { nanoseconds: 86_399_999_999_999 },
        Extension::Time { nanoseconds: 1, offset_seconds: -3_600 },
        Extension::LocalDateTime { seconds: -1, nanoseconds: 999_999_999 },
        Extension::DateTime { seconds: 1, nanoseconds: 2, offset_seconds: 3_600, zone: "Europe/Stockholm" },
        Extension::Duration { months: -1, days: 2, seconds: -3, nanoseconds: 4 },
        Extension::Point { srid: 4326, x: 12.5, y: 55.0, z: None },
        Extension::Point { srid: 9157, x: 1.0, y: 2.0, z: Some(3.0) },
        Extension::Vector { components: &components },
    ];
    let mut values: Vec<_> = extensions.iter().map(value).collect();
    values.push(Value::Array(vec![1.into(), 2.5.into()]));
    values
}

/// The MessagePack value of an extension.
pub fn value(extension: &Extension<'_>) -> Value {
    let mut bytes = Vec::new();
    extension.push_bytes(&mut bytes);
    Value::Ext(extension.number(), bytes)
}

/// The properties of a node that holds a value.
pub fn typed(value: &Value) -> Vec<u8> {
    let kind = match value {
        Value::Ext(number, bytes) => 100 * i64::from(*number) + bytes.len() as i64,
        _ => 0,
    };
    let map = Value::Map(vec![("kind".into(), kind.into()), ("value".into(), value.clone())]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &map).expect("memory takes it");
    bytes
}

/// The properties of what has a name alone.
pub fn named(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let map = Value::Map(vec![("name".into(), name.into())]);
    rmpv::encode::write_value(&mut bytes, &map).expect("memory takes it");
    bytes
}
