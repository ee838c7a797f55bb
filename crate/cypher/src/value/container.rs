//! Lists and maps.

use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

use super::{DEPTH_MAX, Value, check_bytes, too_large};
use crate::error::{CypherError, Detail, Kind};

/// Values in order. Its clone is shared.
#[derive(Clone, Debug)]
pub struct List(Arc<Contents<Value>>);

/// Values by key, in the order of the keys. Its clone is shared.
#[derive(Clone, Debug)]
pub struct Map(Arc<Contents<(Arc<str>, Value)>>);

/// What a list or map holds, with what would take a walk to find out.
#[derive(Debug)]
struct Contents<T> {
    depth: u16,
    bytes: usize,
    entries: Box<[T]>,
}

impl List {
    /// A list of `values`; an error where it nests too deep or grows too large.
    pub fn new(values: Vec<Value>) -> Result<Self, CypherError> {
        let (depth, bytes) = measure(values.iter().map(|value| (0, value)))?;
        Ok(Self(Arc::new(Contents { depth, bytes, entries: values.into() })))
    }

    /// The list of nothing.
    pub fn empty() -> Self {
        Self(Arc::new(Contents { depth: 1, bytes: 0, entries: Box::default() }))
    }

    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.0.entries
    }

    /// The value at a place, counted from the end where negative; `None` beyond both.
    pub fn at(&self, place: i64) -> Option<&Value> {
        let len = i64::try_from(self.len()).ok()?;
        let counted = if place < 0 { place.checked_add(len)? } else { place };
        self.values().get(usize::try_from(counted).ok()?)
    }

    /// The values between two places, each counted from the end where negative: `list[from..to]`.
    pub fn slice(&self, from: Option<i64>, to: Option<i64>) -> Result<Self, CypherError> {
        Self::new(self.between(from, to).to_vec())
    }

    /// Bytes of the places that a slice will have.
    pub(crate) fn slice_bytes(&self, from: Option<i64>, to: Option<i64>) -> usize {
        size_of_val(self.between(from, to))
    }

    fn between(&self, from: Option<i64>, to: Option<i64>) -> &[Value] {
        let place = |place: i64| {
            let len = i64::try_from(self.len()).unwrap_or(i64::MAX);
            let counted = if place < 0 { place.saturating_add(len) } else { place };
            usize::try_from(counted.clamp(0, len)).unwrap_or(0)
        };
        let (from, to) = (from.map_or(0, place), to.map_or(self.len(), place));
        self.values().get(from..to).unwrap_or_default()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    pub(super) fn depth(&self) -> u16 {
        self.0.depth
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes
    }
}

impl Map {
    /// A map of `entries`, of which the last counts where a key comes twice.
    pub fn new<K: Into<Arc<str>>>(entries: impl IntoIterator<Item = (K, Value)>) -> Result<Self, CypherError> {
        let mut sorted: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (key, value) in entries {
            match sorted.entry(key.into()) {
                Entry::Occupied(mut entry) => drop(entry.insert(value)),
                Entry::Vacant(entry) => drop(entry.insert(value)),
            }
        }
        let (depth, bytes) = measure(sorted.iter().map(|(key, value)| (key.len(), value)))?;
        Ok(Self(Arc::new(Contents { depth, bytes, entries: sorted.into_iter().collect() })))
    }

    /// The map of nothing.
    pub fn empty() -> Self {
        Self(Arc::new(Contents { depth: 1, bytes: 0, entries: Box::default() }))
    }

    /// The value of a key; `None` where there is no such key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let entries = &self.0.entries;
        let place = entries.binary_search_by(|(other, _)| (**other).cmp(key)).ok()?;
        entries.get(place).map(|(_, value)| value)
    }

    /// Keys and values, in the order of the keys.
    pub fn entries(&self) -> &[(Arc<str>, Value)] {
        &self.0.entries
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    pub(super) fn depth(&self) -> u16 {
        self.0.depth
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes
    }
}

/// Depth and bytes of a container of `values`, each with the length of its key.
fn measure<'a>(values: impl Iterator<Item = (usize, &'a Value)>) -> Result<(u16, usize), CypherError> {
    let (mut depth, mut bytes) = (0, 0_usize);
    for (key, value) in values {
        depth = depth.max(value.depth());
        bytes =
            bytes.checked_add(key).and_then(|sum| sum.checked_add(value.bytes())).ok_or_else(|| too_large(bytes))?;
    }
    if depth >= DEPTH_MAX {
        let message = format!("lists and maps nest deeper than {DEPTH_MAX}");
        return Err(CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message));
    }
    check_bytes(bytes)?;
    Ok((depth + 1, bytes))
}
