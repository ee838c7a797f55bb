//! The labels, edge types and properties that a typed graph has, which statements over it are held against: the names
//! that a text has before it runs, and what it wrote when it has.

use std::sync::Arc;

use crate::error::{CypherError, Detail, Kind};
use crate::store::{Decoder, Undecodable};
use crate::value::{Map, Value};

/// Names that are proposed for one that is unknown.
const PROPOSED_MAX: usize = 3;
/// Names that are listed where none is like the unknown one.
const LISTED_MAX: usize = 8;

/// What a schema says of a label or an edge type.
#[derive(Debug)]
pub(crate) struct Described {
    pub name: String,
    properties: Vec<(String, Taken)>,
    /// Of an edge type: the labels of the nodes it starts at, and of those it ends at.
    from: Vec<String>,
    to: Vec<String>,
}

/// What a property takes.
#[derive(Debug)]
struct Taken {
    kind: String,
    list: bool,
    optional: bool,
}

/// The schema of a typed graph.
///
/// Its bytes are the MessagePack of a map: `nodes` has for each label, and `edges` for each type, a map of `properties`
/// with the kind of each, as `docs/guide/graph.md` lists them: `string`, `integer[]?`, and an empty text for one
/// that TypeScript checks alone. A type has the lists `from` and `to` of labels besides.
#[derive(Debug)]
pub struct Vocabulary {
    bytes: Box<[u8]>,
    nodes: Vec<Described>,
    edges: Vec<Described>,
}

impl Vocabulary {
    /// Reads a schema.
    ///
    /// # Errors
    /// Bytes that are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Undecodable> {
        let Value::Map(schema) = Decoder::only(bytes)? else { return Err(Undecodable::Bytes) };
        let part = |name: &str| -> Result<Vec<Described>, Undecodable> {
            map_of(&schema, name)?.entries().iter().map(|(name, of)| described(name, of)).collect()
        };
        Ok(Self { bytes: bytes.into(), nodes: part("nodes")?, edges: part("edges")? })
    }

    /// Whether it was read from these bytes.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        *self.bytes == *bytes
    }

    /// What it says of labels, or of edge types.
    pub(crate) fn all(&self, edges: bool) -> &[Described] {
        if edges { &self.edges } else { &self.nodes }
    }

    /// Why a node does not fit, that stands so when a statement is over.
    pub(crate) fn check_node(&self, labels: &[Arc<str>], properties: &Map) -> Result<(), CypherError> {
        let known: Vec<&Described> = labels.iter().filter_map(|label| find(&self.nodes, label.as_ref())).collect();
        if let Some(label) = labels.iter().find(|label| find(&self.nodes, label.as_ref()).is_none()) {
            return Err(misfit(format!("label `{}` is not in the schema of the graph", label.as_ref())));
        }
        let names: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
        check(&known, properties, || match names.as_slice() {
            [] => "a node without labels".to_owned(),
            names => format!("a node with label `{}`", names.join("` and `")),
        })
    }

    /// Why a relationship does not fit, between nodes with these labels.
    pub(crate) fn check_relationship(
        &self,
        kind: &str,
        (source, target): (&[Arc<str>], &[Arc<str>]),
        properties: &Map,
    ) -> Result<(), CypherError> {
        let Some(known) = find(&self.edges, kind) else {
            return Err(misfit(format!("edge type `{kind}` is not in the schema of the graph")));
        };
        for (side, allowed, labels) in [("starts", &known.from, source), ("ends", &known.to, target)] {
            if !labels.iter().any(|label| allowed.iter().any(|allowed| allowed == label.as_ref())) {
                let allowed = allowed.join("` or `");
                return Err(misfit(format!("an edge of type `{kind}` {side} at a node with label `{allowed}`")));
            }
        }
        check(&[known], properties, || format!("an edge of type `{kind}`"))
    }
}

fn map_of<'m>(map: &'m Map, name: &str) -> Result<&'m Map, Undecodable> {
    match map.get(name) {
        Some(Value::Map(inner)) => Ok(inner),
        _ => Err(Undecodable::Bytes),
    }
}

fn described(name: &str, of: &Value) -> Result<Described, Undecodable> {
    let Value::Map(of) = of else { return Err(Undecodable::Bytes) };
    let mut properties = Vec::new();
    for (name, kind) in map_of(of, "properties")?.entries() {
        let Value::String(kind) = kind else { return Err(Undecodable::Bytes) };
        let (kind, optional) = kind.strip_suffix('?').map_or((&**kind, kind.is_empty()), |kind| (kind, true));
        let (kind, list) = kind.strip_suffix("[]").map_or((kind, false), |kind| (kind, true));
        properties.push((name.to_string(), Taken { kind: kind.to_owned(), list, optional }));
    }
    let texts = |name: &str| match of.get(name) {
        None => Ok(Vec::new()),
        Some(Value::List(list)) => list
            .values()
            .iter()
            .map(|value| match value {
                Value::String(text) => Ok(text.to_string()),
                _ => Err(Undecodable::Bytes),
            })
            .collect(),
        Some(_) => Err(Undecodable::Bytes),
    };
    Ok(Described { name: name.to_owned(), properties, from: texts("from")?, to: texts("to")? })
}

fn find<'d>(all: &'d [Described], name: &str) -> Option<&'d Described> {
    all.iter().find(|described| described.name == name)
}

/// Properties of what has each of `known`; `what` names it.
fn check(known: &[&Described], properties: &Map, what: impl Fn() -> String) -> Result<(), CypherError> {
    for (name, value) in properties.entries() {
        let holding: Vec<&Taken> = known.iter().filter_map(|described| described.taken(name)).collect();
        if holding.is_empty() {
            return Err(misfit(format!("property `{name}` is not one that {} has", what())));
        }
        if !holding.iter().any(|taken| taken.fits(value)) {
            let wanted: Vec<String> = holding.iter().map(|taken| taken.text()).collect();
            let (wanted, found) = (wanted.join(" or "), value.type_name());
            return Err(misfit(format!("property `{name}` of {} is {wanted}, not {found}", what())));
        }
    }
    for (name, taken) in known.iter().flat_map(|described| &described.properties) {
        if !taken.optional && properties.get(name).is_none_or(Value::is_null) {
            return Err(misfit(format!("property `{name}` of {} must be there; it is {}", what(), taken.text())));
        }
    }
    Ok(())
}

fn misfit(what: String) -> CypherError {
    let message =
        format!("{what}; nothing was written: change the statement, or the schema that the graph is opened with");
    CypherError::runtime(Kind::ConstraintVerificationFailed, Detail::NotInSchema, message)
}

impl Described {
    /// Whether it has a property.
    pub fn has(&self, property: &str) -> bool {
        self.taken(property).is_some()
    }

    /// The names of its properties.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|(name, _)| name.as_str())
    }

    fn taken(&self, property: &str) -> Option<&Taken> {
        self.properties.iter().find(|(name, _)| name == property).map(|(_, taken)| taken)
    }
}

impl Taken {
    fn text(&self) -> String {
        format!("{}{}", self.kind, if self.list { "[]" } else { "" })
    }

    fn fits(&self, value: &Value) -> bool {
        match value {
            Value::List(list) if self.list => list.values().iter().all(|value| self.takes(value)),
            value => !self.list && self.takes(value),
        }
    }

    fn takes(&self, value: &Value) -> bool {
        match self.kind.as_str() {
            "string" => matches!(value, Value::String(_)),
            "integer" | "bigint" => matches!(value, Value::Integer(_)),
            "number" => matches!(value, Value::Integer(_) | Value::Float(_)),
            "float" => matches!(value, Value::Float(_)),
            "boolean" => matches!(value, Value::Boolean(_)),
            "date" | "datetime" => matches!(value, Value::DateTime(_)),
            "localdate" => matches!(value, Value::Date(_)),
            "localtime" => matches!(value, Value::LocalTime(_)),
            "time" => matches!(value, Value::Time(_)),
            "localdatetime" => matches!(value, Value::LocalDateTime(_)),
            "duration" => matches!(value, Value::Duration(_)),
            "point" => matches!(value, Value::Point(_)),
            "bytes" => matches!(value, Value::Bytes(_)),
            "vector" => matches!(value, Value::Vector(_)),
            "map" => matches!(value, Value::Map(_)),
            _ => true,
        }
    }
}

/// What to write instead of a name that is not among those known.
pub(crate) fn proposal(name: &str, known: &[&str]) -> String {
    let most = name.chars().count() / 3 + 1;
    let mut near: Vec<(usize, &str)> =
        known.iter().map(|known| (distance(name, known), *known)).filter(|(far, _)| *far <= most).collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(PROPOSED_MAX);
    let names = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if !near.is_empty() {
        let near: Vec<&str> = near.into_iter().map(|(_, name)| name).collect();
        return format!("did you mean {}?", names(&near));
    }
    if known.is_empty() {
        return "there is none".to_owned();
    }
    let mut listed = known.to_vec();
    listed.sort_unstable();
    listed.dedup();
    let more = if listed.len() > LISTED_MAX { ", …" } else { "" };
    listed.truncate(LISTED_MAX);
    format!("there is {}{more}", names(&listed))
}

/// How many characters are put in, left out, exchanged, or turned with the one beside them, to make one text of another,
/// without regard to case. Source: the optimal string alignment distance of Damerau (1964).
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for at in 0..=left.len() {
        for to in 0..=right.len() {
            rows[at][to] = if at == 0 || to == 0 {
                at + to
            } else {
                let same = left[at - 1] == right[to - 1];
                let mut least =
                    (rows[at - 1][to - 1] + usize::from(!same)).min(rows[at - 1][to] + 1).min(rows[at][to - 1] + 1);
                if at > 1 && to > 1 && left[at - 1] == right[to - 2] && left[at - 2] == right[to - 1] {
                    least = least.min(rows[at - 2][to - 2] + 1);
                }
                least
            };
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_proposed_and_others_listed() {
        assert_eq!(distance("Persno", "Person"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(proposal("Persn", &["Person", "Company", "Parson"]), "did you mean `Person`, `Parson`?");
        assert_eq!(proposal("x", &["Company", "Person"]), "there is `Company`, `Person`");
        assert_eq!(proposal("x", &[]), "there is none");
    }
}
