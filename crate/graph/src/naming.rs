//! Numbers for names that are about to be written, and how whoever keeps plans knows that the indexes are the same.

use std::hash::{DefaultHasher, Hash, Hasher};

use sledstore_engine::{Read, Result, Write};

use crate::graph::Graph;
use crate::keys::{self, NameClass};

impl Graph {
    /// The number of a label, given now if it has none.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for an empty or overlong name.
    pub fn intern_label(&self, tx: &mut (impl Read + Write), name: &str) -> Result<u32> {
        self.intern(tx, NameClass::Label, name)
    }

    /// As [`intern_label`](Self::intern_label), of an edge type.
    pub fn intern_edge_type(&self, tx: &mut (impl Read + Write), name: &str) -> Result<u32> {
        self.intern(tx, NameClass::EdgeType, name)
    }

    /// A number that changes with the indexes and constraints.
    pub fn schema_stamp(&self, reader: &impl Read) -> Result<u64> {
        let stamp = reader.get_with(self.namespace(), &keys::schema(), |bytes| {
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            hasher.finish()
        })?;
        Ok(stamp.unwrap_or(0))
    }
}
