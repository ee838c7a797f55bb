//! Writes that sled does not have yet: a place may reach sled only when the block it names is durable.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::place::Place;

/// What a key is to have.
#[derive(Clone, Debug)]
pub(super) enum Write {
    /// A block, by its place.
    Block(Place),
    /// A row of the meta space.
    Row(Arc<[u8]>),
    Remove,
}

/// Bytes of memory a write takes beside its key and value: twice the key's counted pointer, and the write, in a list and
/// in a tree.
const WRITE_BYTES: usize = 160;

/// The writes in the order they were made, and the last of each key.
#[derive(Default)]
pub(super) struct Pending {
    in_order: Vec<(Arc<[u8]>, Write)>,
    by_key: BTreeMap<Arc<[u8]>, Write>,
    bytes: usize,
}

impl Pending {
    pub fn push(&mut self, key: &[u8], write: Write) {
        let key: Arc<[u8]> = key.into();
        let value = if let Write::Row(row) = &write { row.len() } else { 0 };
        self.bytes += key.len() + value + WRITE_BYTES;
        self.in_order.push((key.clone(), write.clone()));
        self.by_key.insert(key, write);
    }

    pub fn get(&self, key: &[u8]) -> Option<&Write> {
        self.by_key.get(key)
    }

    /// The last write of the first key strictly above `key`.
    pub fn first_above(&self, key: &[u8]) -> Option<(&Arc<[u8]>, &Write)> {
        self.by_key.range::<[u8], _>((Bound::Excluded(key), Bound::Unbounded)).next()
    }

    pub fn in_order(&self) -> &[(Arc<[u8]>, Write)] {
        &self.in_order
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes of memory held.
    pub fn memory_bytes(&self) -> usize {
        self.bytes
    }
}
