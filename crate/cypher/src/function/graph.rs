//! Nodes, relationships and paths.

use super::{Scalar, Stability, count, wrong};
use crate::error::CypherError;
use crate::value::{Map, Value};

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("id", (1, 1), |_, values| Ok(Value::Integer(i64::try_from(id("id", values)?).unwrap_or(i64::MAX)))),
    Scalar::new("elementId", (1, 1), |_, values| Ok(id("elementId", values)?.to_string().into())),
    Scalar::new("labels", (1, 1), |_, values| match values {
        [Value::Node(node)] => Value::list(node.labels.iter().map(|label| Value::String(label.clone())).collect()),
        _ => Err(wrong("labels", values)),
    }),
    Scalar::new("type", (1, 1), |_, values| match values {
        [Value::Relationship(relationship)] => Ok(Value::String(relationship.kind.clone())),
        _ => Err(wrong("type", values)),
    }),
    Scalar::new("keys", (1, 1), |_, values| {
        let map = properties("keys", values)?;
        Value::list(map.entries().iter().map(|(key, _)| Value::String(key.clone())).collect())
    }),
    Scalar::new("properties", (1, 1), |_, values| properties("properties", values).cloned().map(Value::Map)),
    Scalar::new("nodes", (1, 1), |_, values| match values {
        [Value::Path(path)] => Value::list(path.nodes().map(|node| Value::Node(node.clone())).collect()),
        _ => Err(wrong("nodes", values)),
    }),
    Scalar::new("relationships", (1, 1), |_, values| relationships("relationships", values)),
    Scalar::new("rels", (1, 1), |_, values| relationships("rels", values)),
    Scalar::new("length", (1, 1), |_, values| match values {
        [Value::Path(path)] => Ok(count(path.len())),
        _ => Err(wrong("length", values)),
    }),
    Scalar::new("startNode", (1, 1), |context, values| match values {
        [Value::Relationship(relationship)] => context.nodes.node(relationship.start).map(Value::Node),
        _ => Err(wrong("startNode", values)),
    })
    .with(Stability::Statement),
    Scalar::new("endNode", (1, 1), |context, values| match values {
        [Value::Relationship(relationship)] => context.nodes.node(relationship.end).map(Value::Node),
        _ => Err(wrong("endNode", values)),
    })
    .with(Stability::Statement),
];

fn id(name: &str, values: &[Value]) -> Result<u64, CypherError> {
    match values {
        [Value::Node(node)] => Ok(node.id),
        [Value::Relationship(relationship)] => Ok(relationship.id),
        _ => Err(wrong(name, values)),
    }
}

fn properties<'a>(name: &str, values: &'a [Value]) -> Result<&'a Map, CypherError> {
    match values {
        [Value::Node(node)] => Ok(&node.properties),
        [Value::Relationship(relationship)] => Ok(&relationship.properties),
        [Value::Map(map)] => Ok(map),
        _ => Err(wrong(name, values)),
    }
}

fn relationships(name: &str, values: &[Value]) -> Result<Value, CypherError> {
    match values {
        [Value::Path(path)] => {
            Value::list(path.relationships().map(|step| Value::Relationship(step.clone())).collect())
        }
        _ => Err(wrong(name, values)),
    }
}
