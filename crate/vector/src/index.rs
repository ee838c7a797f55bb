//! The handle of one index: opening it, and writing and reading its vectors.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use sledstore_engine::{
    Durability, Error, ErrorCode, Namespace, NamespaceId, NamespaceOptions, Read, Result, Store, Write,
};
use sledstore_neighbor::Coding;

use crate::attributes;
use crate::declared::{AttributeKind, Declared};
use crate::element::Element;
use crate::filter::Filter;
use crate::keys::RowKind;
use crate::meta::{MODEL_BYTES_MAX, Meta};
use crate::metric::Metric;
use crate::pending::Queue;
use crate::record::{CHECKSUM_BYTES, Changed, State, pending_row};
use crate::resident::Shared;
use crate::row::{COMPARED_MAX, Shape, invalid};
use crate::simd::Kernel;

/// What the namespace of an index is called: this, then the index's name.
pub const NAMESPACE_PREFIX: &str = "vectors:";
/// Stored as the namespace's value codec, so that nobody opens an index's rows as something else.
const VALUE_CODEC: &str = "vector-rows-1";

/// What an index is opened with.
#[derive(Clone, Debug)]
pub struct VectorOptions {
    /// Components of every vector, 1 to [`DIMENSIONS_MAX`]; fixed when the index is created.
    pub dimensions: usize,
    /// How near two vectors are; fixed when the index is created.
    pub metric: Metric,
    /// What the components are; fixed, too.
    pub element: Element,
    /// How the graph's codes are made; fixed, too.
    pub coding: Coding,
    /// A name of what makes the vectors, fixed when the index is created; nothing means "do not check".
    pub model: Option<String>,
    /// The attributes that vectors may have, and what their values are; those of before stay, and none of either means any.
    pub attributes: Vec<(String, AttributeKind)>,
    /// Name of the codec of the vectors' keys, fixed too; empty means "do not check".
    pub key_codec: String,
    /// The instructions to search with; `None` means [`Kernel::chosen`].
    pub kernel: Option<Kernel>,
    /// Up to so many vectors a search compares all, or fewer where they are long: up to 2 MiB of rows, and 256 in any case.
    /// Above there is a graph.
    pub compared_max: usize,
}

impl VectorOptions {
    /// Options for keys that nobody checks, and the fastest kernel; vectors are of `f32`, or of bits under
    /// [`Metric::Hamming`], and codes of bytes.
    pub fn new(dimensions: usize, metric: Metric) -> Self {
        let element = if metric == Metric::Hamming { Element::Binary } else { Element::F32 };
        let (coding, compared_max) = (Coding::Scalar8, COMPARED_MAX);
        let (model, attributes, key_codec, kernel) = (None, Vec::new(), String::new(), None);
        Self { dimensions, metric, element, coding, model, attributes, key_codec, kernel, compared_max }
    }
}

/// An index of a store, as [`VectorIndex::list`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexInfo {
    /// Its name.
    pub name: String,
    /// Components of every vector.
    pub dimensions: usize,
    /// How near two vectors are.
    pub metric: Metric,
    /// What the components are.
    pub element: Element,
    /// How the graph's codes are made; of bits there are none.
    pub coding: Coding,
    /// What the codes are for the data there was when they were made: `exact` for the components themselves, `scalar8`,
    /// `binary` or `product`; nothing while there is no graph.
    pub codes: Option<&'static str>,
    /// What makes the vectors, if that was told.
    pub model: Option<String>,
    /// The attributes that were declared.
    pub attributes: Vec<(String, AttributeKind)>,
}

/// A vector as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredVector {
    /// Its components, of any element as numbers.
    pub vector: Vec<f32>,
    /// Its attributes, a MessagePack map.
    pub attributes: Option<Vec<u8>>,
}

/// Vectors under keys, with attributes, inside a store; cheap to clone, to be shared by threads.
///
/// What reads takes a [`Read`] — a snapshot or a transaction, or the store itself where nothing else is written
/// meanwhile, for an operation may read several times — and what writes takes a [`Write`], so that vectors are changed
/// together with everything else. An operation that fails has written nothing.
///
/// ```
/// use sledstore_engine::{Batch, Durability, Options, Store};
/// use sledstore_vector::{Metric, Search, VectorIndex, VectorOptions};
///
/// let store = Store::memory(&Options::default())?;
/// let index = VectorIndex::open(&store, "points", &VectorOptions::new(2, Metric::L2))?;
/// let mut batch = Batch::new();
/// index.put(&mut batch, b"near", &[1.0, 0.0], None)?;
/// index.put(&mut batch, b"far", &[9.0, 0.0], None)?;
/// store.commit(&batch, Durability::Full)?;
///
/// let found = index.search(&store.snapshot()?, &[0.0, 0.0], &Search::nearest(1))?;
/// assert_eq!((found[0].key.as_slice(), found[0].distance), (&b"near"[..], 1.0));
/// # Ok::<(), sledstore_engine::Error>(())
/// ```
#[derive(Clone)]
pub struct VectorIndex {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    namespace: Arc<Namespace>,
    name: String,
    shape: Shape,
    kernel: Kernel,
    compared_max: usize,
    /// Weak, so that an index that was dropped holds no memory.
    shared: Weak<Shared>,
}

impl VectorIndex {
    /// Opens the index `name`, or creates it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for an empty name, impossible dimensions or attributes that cannot be declared, `NAMESPACE_MISMATCH`
    /// when the index was created with others, `FORMAT_TOO_NEW`, `CORRUPTION`.
    pub fn open(store: &Store, name: &str, options: &VectorOptions) -> Result<Self> {
        if name.is_empty() {
            return Err(invalid("the name of a vector index is not empty"));
        }
        let VectorOptions { dimensions, metric, element, coding, .. } = *options;
        let shape = Shape { dimensions, metric, element, coding };
        shape.check_options()?;
        let declared = Declared(options.attributes.clone());
        declared.check()?;
        let meta = Meta { shape, model: options.model.clone().unwrap_or_default(), declared };
        if meta.model.len() > MODEL_BYTES_MAX || options.model.as_deref() == Some("") {
            return Err(invalid(format!("the name of a model has 1 to {MODEL_BYTES_MAX} bytes")));
        }
        let kernel = options.kernel.map_or_else(Kernel::chosen, Ok)?;
        let codecs = NamespaceOptions { key_codec: options.key_codec.clone(), value_codec: VALUE_CODEC.into() };
        let namespace = store.namespace(&namespace_name(name), &codecs)?;
        let meta_key = RowKind::Meta.row_key(&[])?;
        // What the index is, and its row when that is to be written.
        let settled = |stored: Option<Vec<u8>>| {
            let now = stored.as_ref().map_or_else(|| Ok(meta.clone()), |stored| meta.settled(name, stored))?;
            let row = Some(now.encode()).filter(|row| stored.as_ref() != Some(row));
            Result::Ok((now, row))
        };
        let (mut now, row) = settled(store.get(namespace.id, &meta_key)?)?;
        if row.is_some() {
            now = store.transact(Durability::Os, |transaction| {
                let (now, row) = settled(transaction.get(namespace.id, &meta_key)?)?;
                row.map_or(Ok(()), |row| transaction.put(namespace.id, &meta_key, &row))?;
                Ok(now)
            })?;
        }
        Self::with(store, name, namespace, &now, (kernel, options.compared_max))
    }

    /// Opens the index `name` as it was created, whatever that was; `None` when there is none.
    ///
    /// # Errors
    /// `FORMAT_TOO_NEW`, `CORRUPTION`, `CLOSED`.
    pub fn stored(store: &Store, name: &str) -> Result<Option<Self>> {
        let namespace_name = namespace_name(name);
        let Some(namespace) = store.namespaces().into_iter().find(|namespace| namespace.name == namespace_name) else {
            return Ok(None);
        };
        let Some(meta) = store.get(namespace.id, &RowKind::Meta.row_key(&[])?)? else { return Ok(None) };
        Self::with(store, name, namespace, &Meta::decode(name, &meta)?, (Kernel::chosen()?, COMPARED_MAX)).map(Some)
    }

    fn with(
        store: &Store,
        name: &str,
        namespace: Arc<Namespace>,
        &Meta { shape, ref declared, .. }: &Meta,
        (kernel, compared_max): (Kernel, usize),
    ) -> Result<Self> {
        let known = store.known_derived(namespace.id);
        let is_known = known.is_some();
        let shared = match known {
            Some(shared) => shared,
            None => {
                let queue = Queue::open(store, namespace.id)?;
                store.derived(namespace.id, || Shared::new(queue))?
            }
        };
        if !declared.0.is_empty() {
            shared.declared.write().add(name, declared)?;
        }
        let (name, shared) = (name.to_owned(), Arc::downgrade(&shared));
        let compared_max = compared_max.min(shape.compared_max());
        let inner = Inner { store: store.clone(), namespace, name, shape, kernel, compared_max, shared };
        let index = Self { inner: Arc::new(inner) };
        if !is_known {
            index.look_at_state()?;
        }
        Ok(index)
    }

    /// Finds out whether there is a graph, and goes on with what an earlier process left.
    fn look_at_state(&self) -> Result<()> {
        let shared = self.shared()?;
        let (mut pending, most) = (0, self.trimmed_after() - 1);
        shared.queue.rows(self.store(), &mut |_| {
            pending += 1;
            pending < most
        })?;
        shared.noted.fetch_max(pending, Ordering::Relaxed);
        // A state that cannot be read is met by the first search and the first fold.
        let has_graph = self.state(self.store()).map_or(true, |state| state.generation != 0);
        shared.has_graph.store(has_graph, Ordering::Relaxed);
        let (rows, _) = self.store().approximate_size(self.namespace());
        let is_overdue = !has_graph && rows > self.compared_max() as u64;
        shared.is_overdue.store(is_overdue, Ordering::Relaxed);
        if is_overdue || has_graph && pending > 0 {
            shared.worker.wake(self);
        }
        Ok(())
    }

    /// Drops the index `name` with every vector, at once; gives whether there was one.
    ///
    /// # Errors
    /// Whatever a write can meet.
    pub fn drop(store: &Store, name: &str) -> Result<bool> {
        store.drop_namespace(&namespace_name(name))
    }

    /// The indexes of a store, by name.
    ///
    /// # Errors
    /// `CORRUPTION`, `FORMAT_TOO_NEW`, `CLOSED`.
    pub fn list(store: &Store) -> Result<Vec<IndexInfo>> {
        let meta_key = RowKind::Meta.row_key(&[])?;
        let mut found = Vec::new();
        for namespace in store.namespaces() {
            let Some(name) = namespace.name.strip_prefix(NAMESPACE_PREFIX) else { continue };
            // An index whose creation was cut short has no row yet; it will be created by its next opening.
            let Some(meta) = store.get(namespace.id, &meta_key)? else { continue };
            let Meta { shape, model, declared: Declared(attributes) } = Meta::decode(name, &meta)?;
            let Shape { dimensions, metric, element, coding } = shape;
            let model = Some(model).filter(|model| !model.is_empty());
            let codes = codes_of(store, namespace.id)?;
            found.push(IndexInfo {
                name: name.to_owned(),
                dimensions,
                metric,
                element,
                coding,
                codes,
                model,
                attributes,
            });
        }
        Ok(found)
    }

    /// The name it was opened by.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Components of every vector.
    pub fn dimensions(&self) -> usize {
        self.inner.shape.dimensions
    }

    /// How near two vectors are.
    pub fn metric(&self) -> Metric {
        self.inner.shape.metric
    }

    /// What the components are.
    pub fn element(&self) -> Element {
        self.inner.shape.element
    }

    /// The instructions it searches with.
    pub fn kernel(&self) -> Kernel {
        self.inner.kernel
    }

    /// Name of the codec of its keys; empty when nobody has told.
    pub fn key_codec(&self) -> &str {
        &self.inner.namespace.options.key_codec
    }

    /// The namespace that holds its rows.
    pub fn namespace(&self) -> NamespaceId {
        self.inner.namespace.id
    }

    /// The store it is in.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What all handles of the index have in common.
    ///
    /// # Errors
    /// `NAMESPACE_DROPPED`, `CLOSED`.
    pub(crate) fn shared(&self) -> Result<Arc<Shared>> {
        if let Some(shared) = self.inner.shared.upgrade() {
            return Ok(shared);
        }
        self.store().contains(self.namespace(), &RowKind::Meta.row_key(&[])?)?;
        Err(Error::new(ErrorCode::Closed, "the vector index is closed; open it again"))
    }

    pub(crate) fn shape(&self) -> Shape {
        self.inner.shape
    }

    pub(crate) fn compared_max(&self) -> usize {
        self.inner.compared_max
    }

    /// How messages name it.
    pub(crate) fn place(&self) -> String {
        format!("vector index \"{}\"", self.inner.name)
    }

    /// Stores a vector under a key, with attributes (a MessagePack map) or without; what was there is replaced whole.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a wrong number of components, one that is not finite, a vector without direction under
    /// cosine, or attributes that are no map or none of the declared ones; `KEY_TOO_LARGE`, and what a write can meet.
    pub fn put(&self, write: &mut impl Write, key: &[u8], vector: &[f32], attributes: Option<&[u8]>) -> Result<()> {
        let mut row = Vec::with_capacity(self.inner.shape.row_bytes());
        self.inner.shape.encode(vector, &mut row)?;
        let attributes_key = RowKind::Attributes.row_key(key)?;
        attributes.map_or(Ok(()), |attributes| self.check_attributes(attributes))?;
        write.put(self.namespace(), &RowKind::Vector.row_key(key)?, &row)?;
        match attributes {
            Some(attributes) => write.put(self.namespace(), &attributes_key, attributes)?,
            None => write.delete(self.namespace(), &attributes_key)?,
        }
        self.note(write, Changed::Key(key))
    }

    /// Refuses attributes that are no map, or that a vector cannot have.
    #[inline(never)] // its callers are made for each kind of write
    fn check_attributes(&self, attributes: &[u8]) -> Result<()> {
        let shared = self.shared()?;
        let declared = shared.declared.read();
        attributes::check(attributes, &|name, value| declared.admit(&self.inner.name, name, value))
    }

    /// Refuses a filter on what no vector can have.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `NAMESPACE_DROPPED`, `CLOSED`.
    #[inline(never)] // its callers are made for each kind of read
    pub(crate) fn check_filter(&self, filter: Option<&Filter>) -> Result<()> {
        let Some(filter) = filter else { return Ok(()) };
        let shared = self.shared()?;
        let declared = shared.declared.read();
        declared.admit_filter(&self.inner.name, filter.condition())
    }

    /// Tells the approximate index of a change, in the same commit.
    fn note(&self, write: &mut impl Write, changed: Changed<'_>) -> Result<()> {
        let shared = self.shared()?;
        let (row_key, value) = pending_row(shared.queue.ticket(), changed);
        write.put(self.namespace(), &row_key, value)?;
        let noted = shared.noted.fetch_add(1, Ordering::Relaxed) + 1;
        if shared.has_graph.load(Ordering::Relaxed) || noted.is_multiple_of(self.trimmed_after()) {
            shared.worker.wake(self);
        }
        Ok(())
    }

    /// Removes a vector and its attributes; one that is missing is no error.
    ///
    /// # Errors
    /// `KEY_TOO_LARGE`, and what a write can meet.
    pub fn delete(&self, write: &mut impl Write, key: &[u8]) -> Result<()> {
        write.delete(self.namespace(), &RowKind::Vector.row_key(key)?)?;
        write.delete(self.namespace(), &RowKind::Attributes.row_key(key)?)?;
        self.note(write, Changed::Key(key))
    }

    /// Removes every vector.
    ///
    /// # Errors
    /// What a write can meet.
    pub fn clear(&self, write: &mut impl Write) -> Result<()> {
        write.clear(self.namespace(), &RowKind::Vector.all())?;
        write.clear(self.namespace(), &RowKind::Attributes.all())?;
        write.clear(self.namespace(), &RowKind::Pending.all())?;
        self.note(write, Changed::All)
    }

    /// A vector and its attributes.
    ///
    /// # Errors
    /// `CORRUPTION`, `KEY_TOO_LARGE`, and what a read can meet.
    pub fn get(&self, read: &impl Read, key: &[u8]) -> Result<Option<StoredVector>> {
        let shape = self.inner.shape;
        let row_key = RowKind::Vector.row_key(key)?;
        let vector = read.get_with(self.namespace(), &row_key, |row| {
            let mut vector = Vec::with_capacity(shape.dimensions);
            shape.split(row).ok_or_else(|| shape.damaged(&self.place(), row))?.append_to(&mut vector);
            Ok(vector)
        })?;
        let Some(vector) = vector.transpose()? else { return Ok(None) };
        Ok(Some(StoredVector { vector, attributes: self.attributes(read, key)? }))
    }

    /// The attributes of a vector.
    pub(crate) fn attributes(&self, read: &impl Read, key: &[u8]) -> Result<Option<Vec<u8>>> {
        read.get(self.namespace(), &RowKind::Attributes.row_key(key)?)
    }

    /// Whether there is a vector under the key.
    ///
    /// # Errors
    /// As [`VectorIndex::get`].
    pub fn contains(&self, read: &impl Read, key: &[u8]) -> Result<bool> {
        read.contains(self.namespace(), &RowKind::Vector.row_key(key)?)
    }
}

/// What the codes of an index are, by the first byte that its quantizer is written as. A state that is damaged says nothing.
fn codes_of(store: &Store, namespace: NamespaceId) -> Result<Option<&'static str>> {
    let state = store.get(namespace, &RowKind::State.row_key(&[])?)?;
    let state = state.and_then(|state| State::decode(&state, "").ok()).filter(|state| state.generation != 0);
    let Some(state) = state else { return Ok(None) };
    let key = RowKind::Quantizer.record_key(state.generation, 0);
    let tag = store.get_with(namespace, &key, |row| row.get(CHECKSUM_BYTES).copied())?.flatten();
    Ok(tag.and_then(|tag| ["exact", "scalar8", "binary", "product"].get(usize::from(tag)).copied()))
}

fn namespace_name(name: &str) -> String {
    format!("{NAMESPACE_PREFIX}{name}")
}
