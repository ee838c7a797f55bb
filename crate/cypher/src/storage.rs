//! How a graph is seen by what plans and executes queries.
//!
//! Names are numbers here: the executor asks for each once and passes the number from then on. Reads are made in
//! batches and into a caller's vector, so that a step over a thousand nodes makes no thousand allocations.
//!
//! # What a storage promises
//!
//! - S1 A read sees every write made before it through the same storage.
//! - S2 An id is never given to a second entity of its kind.
//! - S3 A number stands for the same name as long as the storage is borrowed.

use std::error::Error;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use sledstore_graph::{Graph, IndexCursor, TextPlace};

use crate::error::CypherError;
pub use crate::ir::Direction;
use crate::store::{Decoder, Undecodable, View, encode};
use crate::value::{Node, Relationship, Value};

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The language says so.
    Cypher(CypherError),
    /// The storage failed.
    Storage(Box<dyn Error + Send + Sync>),
}

impl From<CypherError> for Failure {
    fn from(error: CypherError) -> Self {
        Self::Cypher(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cypher(error) => error.fmt(f),
            Self::Storage(error) => error.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Cypher(error) => Some(error),
            Self::Storage(error) => Some(&**error),
        }
    }
}

/// What a storage gives.
pub type Result<T> = std::result::Result<T, Failure>;

/// Is asked now and then whether the query goes on, and ends the work by failing.
pub type Check<'a> = &'a dyn Fn() -> Result<()>;

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A label of nodes.
    Label,
    /// A type of relationships.
    Type,
    /// A property of either.
    Key,
}

/// A node or a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// A node, by its id.
    Node(u64),
    /// A relationship, by its id.
    Relationship(u64),
}

/// A relationship as seen from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The relationship.
    pub id: u64,
    /// The node at its other end.
    pub node: u64,
    /// Its type.
    pub kind: u32,
}

/// Which relationships of a node are meant: of any type, or of one of several.
#[derive(Clone, Copy, Debug)]
pub struct Side<'t> {
    /// Which way they go.
    pub direction: Direction,
    /// Their types.
    pub types: Option<&'t [u32]>,
}

/// What an index answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// Equality, ranges and prefixes.
    Range,
    /// The same, and no two have the same values.
    Unique,
    /// As unique, and each has all of the properties.
    Key,
    /// Nothing is sought: each has all of the properties.
    Exists,
    /// Words of texts.
    Fulltext,
}

/// What an index covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Nodes.
    Nodes,
    /// Relationships.
    Relationships,
}

/// An index over nodes or relationships, or a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its number, for [`Storage::seek`].
    pub id: u32,
    /// Whether nodes or relationships are in it.
    pub covers: Covers,
    /// Their label or type; `None` covers all. Those of a full-text index are others.
    pub label: Option<String>,
    /// The properties it is made of, first to last. What lacks the first of them is not in it.
    pub properties: Vec<String>,
    /// What it answers.
    pub kind: IndexKind,
    /// Whether all that has the first property is in it, whatever the value.
    pub is_complete: bool,
    /// The name, and the labels or types, of a full-text index.
    pub texts: Option<(String, Vec<String>)>,
}

/// What is looked for in an index.
#[derive(Clone, Copy, Debug)]
pub struct Seek<'a> {
    /// The first properties equal these: one for each property of the index, or fewer.
    pub equal: &'a [Value],
    /// What is looked for of the next one.
    pub next: Next<'a>,
    /// Whether the greatest of what is looked for comes first, and not the least.
    pub reverse: bool,
}

impl<'a> Seek<'a> {
    /// Nothing but equal values.
    #[must_use]
    pub const fn equal(values: &'a [Value]) -> Self {
        Self { equal: values, next: Next::Any, reverse: false }
    }
}

/// What is looked for of the property behind those that equal something.
#[derive(Clone, Copy, Debug)]
pub enum Next<'a> {
    /// Anything, nothing included.
    Any,
    /// What lies between, among values that compare with the bounds.
    Range(Bound<&'a Value>, Bound<&'a Value>),
    /// Strings that begin so.
    Prefix(&'a str),
    /// Values that indexes keep in order. The others are maps, vectors, NaN and lists with any of these, lists or nulls.
    Formed,
    /// The others.
    Other,
    /// None, behind values that are equal to something.
    Missing,
    /// Of a full-text index: strings that may have a text at a place. There are at most as many of them as the number says.
    Text(TextPlace, &'a str, usize),
}

/// Appends nodes with a label behind one; of each `None` is any.
pub type AppendNodes<'n> = &'n dyn Fn(Option<u32>, Option<u64>, &mut Vec<u64>) -> Result<()>;

/// How far a seek, or a walk over all, has come.
#[derive(Debug)]
pub struct Place(pub(crate) At);

#[derive(Debug)]
pub(crate) enum At {
    Index(IndexCursor),
    Every { covers: Covers, label: Option<u32>, after: Option<u64> },
    Given(std::vec::IntoIter<u64>),
}

impl Place {
    /// Before the first of some ids.
    #[must_use]
    pub fn of(ids: Vec<u64>) -> Self {
        Self(At::Given(ids.into_iter()))
    }

    /// Before the first node with a label, or relationship of a type; `None` is any.
    #[must_use]
    pub const fn before_all(covers: Covers, label: Option<u32>) -> Self {
        Self(At::Every { covers, label, after: None })
    }

    /// Appends the next of given ids, or of all nodes, which `nodes` appends behind one; answers whether more may follow.
    ///
    /// # Errors
    /// Those of `nodes`.
    pub fn step(&mut self, limit: usize, into: &mut Vec<u64>, nodes: AppendNodes<'_>) -> Result<bool> {
        let before = into.len();
        match &mut self.0 {
            At::Given(ids) => into.extend(ids.take(limit)),
            At::Every { covers: Covers::Nodes, label, after } => {
                nodes(*label, *after, into)?;
                *after = into.last().copied().or(*after);
            }
            At::Every { .. } | At::Index(_) => {}
        }
        Ok(into.len().saturating_sub(before) >= limit)
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        if let At::Given(ids) = &self.0 { ids.len().saturating_mul(size_of::<u64>()) } else { 0 }
    }
}

/// A value as the storage keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a> {
    /// For [`Storage::decoded`].
    pub bytes: &'a [u8],
    /// Values of a property with the same number are the same, as long as nothing is written.
    pub code: Option<u16>,
}

impl Encoded<'_> {
    /// Whether it is a string: its MessagePack tells by the first byte.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.bytes.first(), Some(0xa0..=0xbf | 0xd9..=0xdb))
    }
}

/// Takes the place of a node, the place of a property, and the value.
pub type TakeEncoded<'t> = &'t mut dyn FnMut(usize, usize, Encoded<'_>) -> Result<()>;

/// A graph of a store, and who reads it at the moment of the query.
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Sees what the query wrote so far.
    pub reader: View<'a>,
}

/// A graph: see the invariants of the module.
///
/// Of ids that no longer exist, reads give `None`, null or nothing.
pub trait Storage {
    /// The number of a name; `None` where nothing has it.
    ///
    /// # Errors
    /// Those of the storage, as for every method.
    fn number(&self, kind: NameKind, name: &str) -> Result<Option<u32>>;

    /// The number of a name, which gets one where it has none.
    ///
    /// # Errors
    /// Those of the storage.
    fn intern(&mut self, kind: NameKind, name: &str) -> Result<u32>;

    /// How many nodes there are, or how many of a label. Exact: queries that count are answered by it.
    ///
    /// # Errors
    /// Those of the storage.
    fn node_count(&self, label: Option<u32>) -> Result<u64>;

    /// How many relationships there are, or how many of a type. Exact.
    ///
    /// # Errors
    /// Those of the storage.
    fn relationship_count(&self, kind: Option<u32>) -> Result<u64>;

    /// The indexes and constraints that are whole.
    ///
    /// # Errors
    /// Those of the storage.
    fn indexes(&self) -> Result<Vec<Index>>;

    /// About how many nodes or relationships an index has for one combination of values of its first `properties`
    /// properties; `None` where that is not known.
    ///
    /// # Errors
    /// Those of the storage.
    fn entries_per_value(&self, _index: u32, _properties: usize) -> Result<Option<f64>> {
        Ok(None)
    }

    /// About how many nodes or relationships have the first property of an index, or words of a full-text index; `None` where
    /// that is not known.
    ///
    /// # Errors
    /// Those of the storage.
    fn entries(&self, _index: u32) -> Result<Option<f64>> {
        Ok(None)
    }

    /// Appends at most `limit` nodes with ids above `after`, in their order; of one label, or all.
    ///
    /// # Errors
    /// Those of the storage.
    fn nodes(&self, label: Option<u32>, after: Option<u64>, limit: usize, into: &mut Vec<u64>) -> Result<()>;

    /// Whether there is a node.
    ///
    /// # Errors
    /// Those of the storage.
    fn has_node(&self, node: u64) -> Result<bool> {
        Ok(self.node(node)?.is_some())
    }

    /// Before the first node or relationship that an index gives; each comes once, and they may be more than match: what was
    /// sought is checked again. In the order of the next property, for a range, a prefix and [`Next::Formed`]. `None` where the
    /// index cannot tell.
    ///
    /// # Errors
    /// Those of the storage, and of `check`.
    fn seek(&self, index: u32, seek: Seek<'_>, check: Check<'_>) -> Result<Option<Place>>;

    /// Appends the next ones, at most `limit`; answers whether more may follow.
    ///
    /// # Errors
    /// Those of the storage.
    fn advance(&self, place: &mut Place, limit: usize, into: &mut Vec<u64>) -> Result<bool> {
        place.step(limit, into, &|label, after, into| self.nodes(label, after, limit, into))
    }

    /// Appends the relationships of a node; of any type, or of one of several. One from a node to itself comes once,
    /// whatever the direction.
    ///
    /// # Errors
    /// Those of the storage.
    fn edges(&self, node: u64, direction: Direction, kinds: Option<&[u32]>, into: &mut Vec<Edge>) -> Result<()>;

    /// How many relationships [`edges`](Self::edges) would append.
    ///
    /// # Errors
    /// Those of the storage.
    fn degree(&self, node: u64, direction: Direction, kinds: Option<&[u32]>) -> Result<u64>;

    /// How many pairs of a relationship of `left` and one of `right` some nodes have, all together; with `distinct` the two
    /// are not the same one. `None` where that takes as long as to ask of one node after the other.
    ///
    /// # Errors
    /// Those of the storage.
    fn pairs(&self, _nodes: &[u64], _left: Side<'_>, _right: Side<'_>, _distinct: bool) -> Result<Option<u64>> {
        Ok(None)
    }

    /// Whether a node has a label.
    ///
    /// # Errors
    /// Those of the storage.
    fn has_label(&self, node: u64, label: u32) -> Result<bool>;

    /// Whether a node has a label at all.
    ///
    /// # Errors
    /// Those of the storage.
    fn has_labels(&self, node: u64) -> Result<bool>;

    /// Appends a value for each of some properties; null where there is none.
    ///
    /// # Errors
    /// Those of the storage.
    fn properties(&self, of: Entity, keys: &[u32], into: &mut Vec<Value>) -> Result<()>;

    /// Appends, for each of some nodes, what [`properties`](Self::properties) appends. Whoever has many nodes in the order
    /// of their ids asks for them together.
    ///
    /// # Errors
    /// Those of the storage.
    fn properties_of_nodes(&self, nodes: &[u64], keys: &[u32], into: &mut Vec<Value>) -> Result<()> {
        nodes.iter().try_for_each(|node| self.properties(Entity::Node(*node), keys, into))
    }

    /// Calls `take` for each of some properties that each of some nodes has: with the place of the node, that of the
    /// property, and the value as it is encoded.
    ///
    /// # Errors
    /// Those of the storage, and those of `take`.
    fn encoded_of_nodes(&self, nodes: &[u64], keys: &[u32], take: TakeEncoded<'_>) -> Result<()> {
        let mut values = Vec::new();
        self.properties_of_nodes(nodes, keys, &mut values)?;
        let mut bytes = Vec::new();
        for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_null()) {
            bytes.clear();
            encode(value, &mut bytes);
            let (node, key) = (at.checked_div(keys.len()), at.checked_rem(keys.len()));
            take(node.unwrap_or(0), key.unwrap_or(0), Encoded { bytes: &bytes, code: None })?;
        }
        Ok(())
    }

    /// The value that was encoded.
    ///
    /// # Errors
    /// Bytes that are none.
    fn decoded(&self, bytes: &[u8]) -> Result<Value> {
        Decoder::only(bytes).map_err(|undecodable| match undecodable {
            Undecodable::Value(error) => error.into(),
            Undecodable::Bytes => Failure::Storage("a property is no value".into()),
        })
    }

    /// Whether a label is known to be on every node there is, so that none need be asked. A storage that may be written
    /// does not say so.
    ///
    /// # Errors
    /// Those of the storage.
    fn is_on_every_node(&self, _label: u32) -> Result<bool> {
        Ok(false)
    }

    /// A node with all it has.
    ///
    /// # Errors
    /// Those of the storage.
    fn node(&self, id: u64) -> Result<Option<Arc<Node>>>;

    /// A relationship with all it has.
    ///
    /// # Errors
    /// Those of the storage.
    fn relationship(&self, id: u64) -> Result<Option<Arc<Relationship>>>;

    /// Creates a node. No property is null; the last one counts where a key comes twice.
    ///
    /// # Errors
    /// Those of the storage, and of constraints, as for all writes.
    fn create_node(&mut self, labels: &[u32], properties: &[(u32, Value)]) -> Result<u64>;

    /// Creates a relationship between two nodes that exist. No property is null.
    ///
    /// # Errors
    /// Those of the storage.
    fn create_relationship(&mut self, kind: u32, start: u64, end: u64, properties: &[(u32, Value)]) -> Result<u64>;

    /// Sets a property, or takes it away by null; gives whether there was one before.
    ///
    /// # Errors
    /// Those of the storage.
    fn set_property(&mut self, of: Entity, key: u32, value: &Value) -> Result<bool>;

    /// Adds a label to a node; gives whether it is new there.
    ///
    /// # Errors
    /// Those of the storage.
    fn add_label(&mut self, node: u64, label: u32) -> Result<bool>;

    /// Takes a label from a node; gives whether it was there.
    ///
    /// # Errors
    /// Those of the storage.
    fn remove_label(&mut self, node: u64, label: u32) -> Result<bool>;

    /// Deletes a node that has no relationships any more.
    ///
    /// # Errors
    /// Those of the storage.
    fn delete_node(&mut self, node: u64) -> Result<()>;

    /// Deletes a relationship.
    ///
    /// # Errors
    /// Those of the storage.
    fn delete_relationship(&mut self, relationship: u64) -> Result<()>;

    /// The graph of a store that it is, for procedures that ask what queries do not; `None` where it is another.
    fn stored(&self) -> Option<Stored<'_>> {
        None
    }
}
