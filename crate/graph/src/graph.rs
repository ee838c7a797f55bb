//! The handle of one graph, and the reading of single nodes and edges.

use std::sync::Arc;

use parking_lot::RwLock;
use sledstore_engine::{Namespace, NamespaceId, NamespaceOptions, Read, Result, Store, Write};

use crate::column::Columns;
use crate::count::Folding;
use crate::counter::Counter;
use crate::keys::{self, CounterKind, NameClass, RowKind};
use crate::model::{Edge, EdgeId, EdgeRow, Node, NodeId, NodeRow};
use crate::name::Names;
use crate::property::invalid;
use crate::resident::Resident;
use crate::rows::visit_rows;
use crate::schema::Schema;

/// What the namespace of a graph is called: this, then the graph's name.
pub const NAMESPACE_PREFIX: &str = "graph:";
/// Stored as the namespace's codecs, so that nobody opens a graph's rows as something else.
const KEY_CODEC: &str = "graph-rows";
const VALUE_CODEC: &str = "graph-rows-2";

/// A property graph inside a store; cheap to clone, to be shared by threads.
///
/// What reads takes a [`Read`] — the store itself, a snapshot or a transaction — and what writes takes a transaction,
/// so that a graph is changed together with everything else. An operation that fails has written nothing, with one
/// exception: after `TOO_LARGE` the transaction may hold half of it and must be aborted.
///
/// ```
/// use sledstore_engine::{Durability, Options, Store};
/// use sledstore_graph::{Direction, Graph, NeighborFilter};
///
/// let store = Store::memory(&Options::default())?;
/// let graph = Graph::open(&store, "people")?;
/// let ann = store.transact(Durability::Os, |tx| {
///     let ann = graph.add_node(tx, &["Person"], b"\x81\xa4name\xa3Ann")?;
///     let bob = graph.add_node(tx, &["Person"], b"\x81\xa4name\xa3Bob")?;
///     graph.add_edge(tx, "KNOWS", ann, bob, &[])?;
///     Ok(ann)
/// })?;
/// let filter = NeighborFilter { types: &["KNOWS"], direction: Direction::Out, ..NeighborFilter::default() };
/// assert_eq!(graph.neighbors(&store, ann, &filter)?.len(), 1);
/// # Ok::<(), sledstore_engine::Error>(())
/// ```
#[derive(Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    namespace: Arc<Namespace>,
    name: String,
    names: Names,
    nodes: Counter,
    edges: Counter,
    folding: Folding,
    schema: RwLock<Option<CachedSchema>>,
    resident: Resident,
    columns: Columns,
}

/// The bytes of the row of indexes, and what they say.
pub(crate) type CachedSchema = (Arc<[u8]>, Arc<Schema>);

impl Graph {
    /// Opens the graph `name`, or creates it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for an empty or overlong name, `NAMESPACE_MISMATCH` when rows of another form stand there.
    pub fn open(store: &Store, name: &str) -> Result<Self> {
        if name.is_empty() {
            return Err(invalid("a graph's name is not empty"));
        }
        let options = NamespaceOptions { key_codec: KEY_CODEC.into(), value_codec: VALUE_CODEC.into() };
        let namespace = store.namespace(&namespace_name(name), &options)?;
        let id = namespace.id;
        let inner = Inner {
            store: store.clone(),
            namespace,
            name: name.to_owned(),
            names: Names::new(id),
            nodes: Counter::new(id, CounterKind::Node),
            edges: Counter::new(id, CounterKind::Edge),
            folding: Folding::new(store, id),
            schema: RwLock::default(),
            resident: Resident::default(),
            columns: Columns::default(),
        };
        let graph = Self { inner: Arc::new(inner) };
        graph.take_back_abandoned()?;
        Ok(graph)
    }

    /// Drops the graph `name` with everything in it, at once; answers whether there was one.
    pub fn drop(store: &Store, name: &str) -> Result<bool> {
        store.drop_namespace(&namespace_name(name))
    }

    /// The names of a store's graphs, in byte order.
    pub fn list(store: &Store) -> Vec<String> {
        let namespaces = store.namespaces();
        namespaces.iter().filter_map(|info| info.name.strip_prefix(NAMESPACE_PREFIX)).map(str::to_owned).collect()
    }

    /// The name it was opened by.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The namespace that holds its rows.
    pub fn namespace(&self) -> NamespaceId {
        self.inner.namespace.id
    }

    /// The store it is in.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// A node, or `None`.
    pub fn node(&self, reader: &impl Read, id: NodeId) -> Result<Option<Node>> {
        let Some((labels, properties)) = self.with_node(reader, id, |row| (row.labels, row.properties.to_vec()))?
        else {
            return Ok(None);
        };
        let labels = labels.into_iter().map(|label| self.label_name(reader, label)).collect::<Result<_>>()?;
        Ok(Some(Node { id, labels, properties }))
    }

    /// An edge, or `None`.
    pub fn edge(&self, reader: &impl Read, id: EdgeId) -> Result<Option<Edge>> {
        let found = self.with_edge(reader, id, |row| {
            let edge = Edge {
                id,
                edge_type: String::new(),
                source: row.source,
                target: row.target,
                properties: row.properties.to_vec(),
            };
            (edge, row.edge_type)
        })?;
        let Some((mut edge, edge_type)) = found else { return Ok(None) };
        edge.edge_type = self.edge_type_name(reader, edge_type)?.to_string();
        Ok(Some(edge))
    }

    /// Whether there is a node `id`.
    pub fn has_node(&self, reader: &impl Read, id: NodeId) -> Result<bool> {
        reader.contains(self.namespace(), &keys::node(id))
    }

    /// How many rows the graph takes, names and indexes included, counters and counts left out.
    /// Counted by a scan.
    pub fn count_rows(&self, reader: &impl Read) -> Result<u64> {
        RowKind::ALL_BUT_COUNTS.into_iter().map(|kind| self.count_kind(reader, &keys::kind_prefix(kind))).sum()
    }

    fn count_kind(&self, reader: &impl Read, prefix: &[u8]) -> Result<u64> {
        let mut rows = 0;
        visit_rows(reader, self.namespace(), prefix, |_, _| {
            rows += 1;
            Ok(())
        })?;
        Ok(rows)
    }

    /// Reads a node's row in place.
    pub(crate) fn with_node<T>(
        &self,
        reader: &impl Read,
        id: NodeId,
        f: impl FnOnce(NodeRow<'_>) -> T,
    ) -> Result<Option<T>> {
        reader.get_with(self.namespace(), &keys::node(id), |value| NodeRow::parse(value).map(f))?.transpose()
    }

    /// Reads an edge's row in place.
    pub(crate) fn with_edge<T>(
        &self,
        reader: &impl Read,
        id: EdgeId,
        f: impl FnOnce(EdgeRow<'_>) -> T,
    ) -> Result<Option<T>> {
        reader.get_with(self.namespace(), &keys::edge(id), |value| EdgeRow::parse(value).map(f))?.transpose()
    }

    pub(crate) fn find_name(&self, reader: &impl Read, class: NameClass, name: &str) -> Result<Option<u32>> {
        self.inner.names.find(&self.inner.store, reader, class, name)
    }

    pub(crate) fn intern(&self, tx: &mut (impl Read + Write), class: NameClass, name: &str) -> Result<u32> {
        self.inner.names.intern(&self.inner.store, tx, class, name)
    }

    pub(crate) fn label_name(&self, reader: &impl Read, label: u32) -> Result<String> {
        Ok(self.inner.names.name(&self.inner.store, reader, NameClass::Label, label)?.to_string())
    }

    pub(crate) fn name_of(&self, reader: &impl Read, class: NameClass, number: u32) -> Result<Arc<str>> {
        self.inner.names.name(&self.inner.store, reader, class, number)
    }

    pub(crate) fn edge_type_name(&self, reader: &impl Read, edge_type: u32) -> Result<Arc<str>> {
        self.inner.names.name(&self.inner.store, reader, NameClass::EdgeType, edge_type)
    }

    pub(crate) fn node_counter(&self) -> &Counter {
        &self.inner.nodes
    }

    pub(crate) fn edge_counter(&self) -> &Counter {
        &self.inner.edges
    }

    pub(crate) fn columns(&self) -> &Columns {
        &self.inner.columns
    }

    pub(crate) fn resident(&self) -> &Resident {
        &self.inner.resident
    }

    pub(crate) fn folding(&self) -> &Folding {
        &self.inner.folding
    }

    pub(crate) fn cached_schema(&self) -> Option<CachedSchema> {
        self.inner.schema.read().clone()
    }

    pub(crate) fn cache_schema(&self, bytes: &[u8], schema: &Arc<Schema>) {
        *self.inner.schema.write() = Some((bytes.into(), schema.clone()));
    }
}

fn namespace_name(name: &str) -> String {
    format!("{NAMESPACE_PREFIX}{name}")
}
