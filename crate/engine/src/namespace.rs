//! The catalogue: which namespaces exist, read by everyone at a seq (E24).
//!
//! Namespace 0 holds it as ordinary journaled rows:
//! `n ‖ name` → id and options, `i` → next id, `d ‖ id` → a dropped namespace whose blocks are still to be reclaimed,
//! `p ‖ value id` → a large value whose manifest is not committed yet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::error::{Error, ErrorCode, Result};
use crate::options::NAMESPACE_NAME_BYTES_MAX;
use crate::store::Seq;

/// The number of a namespace; never reused in a store (E24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceId(u32);

impl NamespaceId {
    /// The catalogue itself.
    pub(crate) const CATALOGUE: NamespaceId = NamespaceId(0);

    /// Wraps a number that the store gave out.
    pub const fn new(id: u32) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// What is fixed when a namespace is created and checked when it is opened again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamespaceOptions {
    /// Name of the key codec; empty means "do not check".
    pub key_codec: String,
    /// Name of the value codec; empty means "do not check".
    pub value_codec: String,
}

/// A namespace as the catalogue knows it.
#[derive(Debug)]
pub struct Namespace {
    /// Its number.
    pub id: NamespaceId,
    /// Its name when this value was made; a rename makes a new one.
    pub name: String,
    /// Its stored options.
    pub options: NamespaceOptions,
    /// The seq of its drop; `u64::MAX` while it lives. Shared by renames.
    dropped_at: Arc<AtomicU64>,
}

impl Namespace {
    pub(crate) fn new(id: NamespaceId, name: String, options: NamespaceOptions) -> Self {
        Self { id, name, options, dropped_at: Arc::new(AtomicU64::new(u64::MAX)) }
    }

    /// Whether a reader at `seq` finds it.
    pub(crate) fn lives_at(&self, seq: Seq) -> bool {
        seq < self.dropped_at.load(Ordering::Acquire)
    }

    fn renamed(&self, name: String) -> Self {
        Self { id: self.id, name, options: self.options.clone(), dropped_at: self.dropped_at.clone() }
    }
}

/// One consistent state of the catalogue.
#[derive(Default, Clone)]
pub(crate) struct CatalogueState {
    by_name: BTreeMap<String, Arc<Namespace>>,
    /// Also the dropped ones that are not reclaimed yet.
    by_id: BTreeMap<u32, Arc<Namespace>>,
    next_id: u32,
}

/// The namespaces of an open store.
pub(crate) struct Catalogue {
    state: ArcSwap<CatalogueState>,
}

impl Catalogue {
    pub fn new(state: CatalogueState) -> Self {
        Self { state: ArcSwap::from_pointee(state) }
    }

    pub fn by_name(&self, name: &str) -> Option<Arc<Namespace>> {
        self.state.load().by_name.get(name).cloned()
    }

    pub fn by_id(&self, id: NamespaceId) -> Option<Arc<Namespace>> {
        self.state.load().by_id.get(&id.get()).cloned()
    }

    /// E24: whether a commit may write to `id`; called under the writer mutex.
    pub fn is_live(&self, id: NamespaceId) -> bool {
        id == NamespaceId::CATALOGUE || self.state.load().by_id.get(&id.get()).is_some_and(|n| n.lives_at(u64::MAX - 1))
    }

    /// Refuses a read of a namespace that did not live at `seq`.
    pub fn check_readable(&self, id: NamespaceId, seq: Seq) -> Result<()> {
        if id == NamespaceId::CATALOGUE || self.state.load().by_id.get(&id.get()).is_some_and(|n| n.lives_at(seq)) {
            return Ok(());
        }
        Err(self.dropped_error(id))
    }

    /// Names the namespace as long as its blocks are not reclaimed.
    pub fn dropped_error(&self, id: NamespaceId) -> Error {
        let name = self.by_id(id).filter(|known| !known.name.is_empty()).map(|known| format!("\"{}\"", known.name));
        let name = name.unwrap_or_else(|| format!("number {}", id.get()));
        Error::new(
            ErrorCode::NamespaceDropped,
            format!("namespace {name} was dropped, or is not of this store; open it by its name again"),
        )
    }

    pub fn list(&self) -> Vec<Arc<Namespace>> {
        self.state.load().by_name.values().cloned().collect()
    }

    /// The dropped namespaces whose blocks are still there, with the seq of the drop.
    pub fn dropped(&self) -> Vec<(NamespaceId, Seq)> {
        let state = self.state.load();
        let dropped = state.by_id.values().map(|n| (n.id, n.dropped_at.load(Ordering::Acquire)));
        dropped.filter(|&(_, seq)| seq != u64::MAX).collect()
    }

    /// Puts what was read at open in place.
    pub fn replace(&self, state: CatalogueState) {
        self.state.store(Arc::new(state));
    }

    pub fn next_id(&self) -> u32 {
        self.state.load().next_id
    }

    pub fn insert(&self, namespace: Arc<Namespace>) {
        self.change(|state| state.insert(namespace.clone()));
    }

    pub fn rename(&self, from: &str, to: &str) {
        self.change(|state| {
            if let Some(old) = state.by_name.remove(from) {
                let renamed = Arc::new(old.renamed(to.to_owned()));
                state.by_id.insert(renamed.id.get(), renamed.clone());
                state.by_name.insert(to.to_owned(), renamed);
            }
        });
    }

    /// Marks as dropped at `seq`; called before that seq becomes visible.
    pub fn mark_dropped(&self, name: &str, seq: Seq) {
        self.change(|state| {
            if let Some(namespace) = state.by_name.remove(name) {
                namespace.dropped_at.store(seq, Ordering::Release);
            }
        });
    }

    /// Forgets a reclaimed namespace.
    pub fn forget(&self, id: NamespaceId) {
        self.change(|state| {
            state.by_id.remove(&id.get());
        });
    }

    fn change(&self, f: impl Fn(&mut CatalogueState)) {
        self.state.rcu(|state| {
            let mut next = CatalogueState::clone(state);
            f(&mut next);
            next
        });
    }
}

impl CatalogueState {
    pub fn insert(&mut self, namespace: Arc<Namespace>) {
        self.raise_next_id(namespace.id.get().saturating_add(1));
        self.by_id.insert(namespace.id.get(), namespace.clone());
        self.by_name.insert(namespace.name.clone(), namespace);
    }

    /// A dropped namespace met at open. Its last rows may still be in the memtables that were replayed, up to
    /// `visible`, so its blocks are reclaimed when that is applied.
    pub fn insert_dropped(&mut self, id: NamespaceId, visible: Seq) {
        let namespace = Namespace::new(id, String::new(), NamespaceOptions::default());
        namespace.dropped_at.store(visible, Ordering::Release);
        self.raise_next_id(id.get().saturating_add(1));
        self.by_id.insert(id.get(), Arc::new(namespace));
    }

    pub fn raise_next_id(&mut self, next_id: u32) {
        self.next_id = self.next_id.max(next_id).max(1);
    }
}

/// Row keys of namespace 0.
pub(crate) mod row {
    use super::NamespaceId;

    pub const NAMES: &[u8] = b"n";
    pub const DROPPED: &[u8] = b"d";
    pub const PENDING_VALUES: &[u8] = b"p";
    pub const NEXT_ID: &[u8] = b"i";

    pub fn name(name: &str) -> Vec<u8> {
        [NAMES, name.as_bytes()].concat()
    }

    pub fn dropped(id: NamespaceId) -> Vec<u8> {
        [DROPPED, &id.get().to_be_bytes()].concat()
    }

    pub fn pending_value(value_id: &[u8]) -> Vec<u8> {
        [PENDING_VALUES, value_id].concat()
    }
}

const ROW_VERSION: u8 = 1;

/// The value of a name row: `version ‖ id ‖ (length ‖ key codec) ‖ (length ‖ value codec)`.
pub(crate) fn encode_row(namespace: &Namespace) -> Vec<u8> {
    let mut bytes = vec![ROW_VERSION];
    bytes.extend_from_slice(&namespace.id.get().to_le_bytes());
    for text in [&namespace.options.key_codec, &namespace.options.value_codec] {
        bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// Reads a name row back.
pub(crate) fn decode_row(name: &[u8], bytes: &[u8]) -> Result<Namespace> {
    let damaged = || Error::corruption("catalogue", "a namespace's row cannot be read");
    let name = std::str::from_utf8(name).map_err(|_| damaged())?.to_owned();
    let (&version, rest) = bytes.split_first().ok_or_else(damaged)?;
    if version != ROW_VERSION {
        return Err(Error::new(
            ErrorCode::FormatTooNew,
            format!("namespace \"{name}\" was written by a newer version of SledStore; update the package"),
        ));
    }
    let (id, mut rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let mut texts = [String::new(), String::new()];
    for text in &mut texts {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
        let (bytes, tail) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length))).ok_or_else(damaged)?;
        *text = std::str::from_utf8(bytes).map_err(|_| damaged())?.to_owned();
        rest = tail;
    }
    let [key_codec, value_codec] = texts;
    let id = NamespaceId(u32::from_le_bytes(*id));
    // Neither is given to a namespace.
    if id == NamespaceId::CATALOGUE || id.get() == u32::MAX {
        return Err(damaged());
    }
    Ok(Namespace::new(id, name, NamespaceOptions { key_codec, value_codec }))
}

/// Refuses a name that cannot be stored.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > NAMESPACE_NAME_BYTES_MAX {
        return Err(Error::new(
            ErrorCode::InvalidArgument,
            format!(
                "a namespace's name has 1 to {NAMESPACE_NAME_BYTES_MAX} bytes of UTF-8, this one has {}",
                name.len()
            ),
        ));
    }
    Ok(())
}

/// Refuses options that contradict the stored ones.
pub(crate) fn check_options(stored: &Namespace, asked: &NamespaceOptions) -> Result<()> {
    let pairs = [
        ("key", &stored.options.key_codec, &asked.key_codec),
        ("value", &stored.options.value_codec, &asked.value_codec),
    ];
    for (what, have, want) in pairs {
        if !want.is_empty() && !have.is_empty() && have != want {
            return Err(Error::new(
                ErrorCode::NamespaceMismatch,
                format!(
                    "namespace \"{}\" was created with {what} codec {have}, and is opened with {want}; open it with {have}",
                    stored.name
                ),
            ));
        }
    }
    Ok(())
}
