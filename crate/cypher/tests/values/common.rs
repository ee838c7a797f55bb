//! A context, and short ways to call.

use std::sync::Arc;

use sledstore_cypher::function::{Clock, Context, Nodes, find};
use sledstore_cypher::value::temporal::{Offset, Zone, parse_local_datetime};
use sledstore_cypher::value::{Map, Node, Value};
use sledstore_cypher::{CypherError, Detail, Kind, Meter};

/// A graph in which a node has its id for a property.
pub struct Numbered;

impl Nodes for Numbered {
    fn node(&self, id: u64) -> Result<Arc<Node>, CypherError> {
        if id > 99 {
            return Err(CypherError::runtime(Kind::EntityNotFound, Detail::DeletedEntityAccess, "no such node"));
        }
        let properties = Map::new([("id", Value::Integer(id.cast_signed()))])?;
        Ok(Arc::new(Node { id, labels: Arc::default(), properties }))
    }
}

/// The transaction began a day before the statement.
pub fn context() -> Context<'static> {
    let clock = Clock {
        transaction: parse_local_datetime("2024-02-28T23:30:00.5").unwrap(),
        statement: parse_local_datetime("2024-02-29T23:30:00.5").unwrap(),
    };
    let meter = Box::leak(Box::new(Meter::default()));
    Context { clock, zone: Zone::from(Offset::UTC), nodes: &Numbered, meter }
}

/// Calls a function by its name in any case.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, CypherError> {
    let function = find(&name.to_ascii_lowercase()).unwrap_or_else(|| panic!("there is no function {name}"));
    function.call(&context(), arguments)
}

/// The value as it stands in results.
pub fn shown(name: &str, arguments: &[Value]) -> String {
    call(name, arguments).unwrap_or_else(|error| panic!("{name}: {error}")).to_string()
}

/// The kind and detail of a call's error.
pub fn refused(name: &str, arguments: &[Value]) -> (Kind, Detail) {
    match call(name, arguments) {
        Ok(value) => panic!("{name} gave {value}"),
        Err(error) => (error.kind, error.detail),
    }
}

pub fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::list(values.into_iter().collect()).unwrap()
}

pub fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(Map::new(entries).unwrap())
}
