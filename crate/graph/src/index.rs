//! Property indexes and constraints: what each covers, and the rows a node or edge has in it.

use sledstore_engine::{Error, ErrorCode, KEY_BYTES_MAX, Result};

use crate::fulltext::TextDefinition;
use crate::indexed_value::push_part;
use crate::keys;
use crate::property::Properties;

/// Longest form of the indexed values of one node or edge; with the parts around it a row key stays below the engine's
/// limit.
pub const INDEXED_VALUE_BYTES_MAX: usize = KEY_BYTES_MAX - 32;

/// What an index or constraint is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// Nodes.
    #[default]
    Node,
    /// Edges.
    Edge,
}

/// What an index or constraint does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexKind {
    /// Finds values and ranges.
    #[default]
    Range,
    /// Finds them, and no two may have the same.
    Unique,
    /// Each must have the properties; nothing is kept to find them by.
    Exists,
    /// As unique, and each must have the properties.
    Key,
    /// Finds words of texts, and ranks what has them: [`Graph::search_text`](crate::Graph::search_text).
    Fulltext,
}

impl IndexKind {
    /// Whether rows are kept to find values by.
    pub fn has_entries(self) -> bool {
        !matches!(self, Self::Exists | Self::Fulltext)
    }

    /// Whether no two may share their values.
    pub fn is_unique(self) -> bool {
        matches!(self, Self::Unique | Self::Key)
    }

    /// Whether each must have the properties.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Exists | Self::Key)
    }
}

/// One index or constraint as it is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct IndexDefinition {
    /// Never used again in this graph, so that rows of a dropped index cannot be taken for a new one's.
    pub id: u32,
    pub name: String,
    pub entity: Entity,
    /// The label, or of edges the type; `None` covers all.
    pub label: Option<u32>,
    pub properties: Vec<String>,
    pub kind: IndexKind,
    /// While its entries are not whole: the store's epoch in which it was begun. Writers keep its entries and its
    /// conditions, readers pass it over.
    pub building: Option<u64>,
    /// Whether a first value without a form has an entry, too. Older indexes have none for it.
    pub holds_others: bool,
    /// Of a full-text index alone, whose `label` is `None`.
    pub text: Option<TextDefinition>,
}

/// What an index looks at of a node or edge.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub entity: Entity,
    pub id: u64,
    /// Its labels, ascending; of an edge its type alone.
    pub labels: &'a [u32],
    pub properties: &'a Properties<'a>,
}

/// One row of an index.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub index: &'a IndexDefinition,
    pub key: Vec<u8>,
    /// Whether no other node or edge may stand under the key.
    pub unique: bool,
}

impl Entry<'_> {
    /// What the row holds: in a unique index the node or edge, in another it is in the key alone.
    pub fn row_value(&self, id: u64) -> Vec<u8> {
        let mut value = Vec::new();
        if self.index.kind.is_unique() {
            keys::push_id(&mut value, id);
        }
        value
    }
}

impl IndexDefinition {
    pub fn covers(&self, subject: &Subject<'_>) -> bool {
        let has = |label: &u32| subject.labels.binary_search(label).is_ok();
        let fits = self.text.as_ref().is_none_or(|text| text.labels.iter().any(has));
        self.entity == subject.entity && fits && self.label.as_ref().is_none_or(has)
    }

    /// The entry of a node or edge that it covers; none when the first value is missing, or has no form and the index is
    /// an older one. Values that are missing behind it are told apart from others, but keep no value from being shared.
    pub fn entry(&self, subject: &Subject<'_>) -> Result<Option<Entry<'_>>> {
        let Some((first, others)) = self.properties.split_first().filter(|_| self.kind.has_entries()) else {
            return Ok(None);
        };
        let Some(value) = subject.properties.get(first) else { return Ok(None) };
        let mut encoded = Vec::new();
        let mut whole = push_part(&mut encoded, Some(value));
        if !whole && !self.holds_others {
            return Ok(None);
        }
        for name in others {
            whole &= push_part(&mut encoded, subject.properties.get(name));
        }
        if encoded.len() > INDEXED_VALUE_BYTES_MAX {
            return Err(too_long(&self.properties, encoded.len()));
        }
        let unique = whole && self.kind.is_unique();
        let mut key = keys::index_value(self.id, self.kind.is_unique(), &encoded);
        if !unique {
            keys::push_id(&mut key, subject.id);
        }
        Ok(Some(Entry { index: self, key, unique }))
    }

    /// The first property that must be there and is not.
    pub fn missing<'a>(&'a self, properties: &Properties<'_>) -> Option<&'a str> {
        let required = self.properties.iter().filter(|_| self.kind.is_required());
        required.map(String::as_str).find(|name| properties.get(name).is_none())
    }
}

fn too_long(properties: &[String], bytes: usize) -> Error {
    let (names, verb) = (properties.join("\", \""), if properties.len() > 1 { "are" } else { "is" });
    Error::new(
        ErrorCode::KeyTooLarge,
        format!(
            "property \"{names}\" {verb} indexed, and what it holds takes {bytes} bytes in the index; the limit is \
             {INDEXED_VALUE_BYTES_MAX}: shorten the value or drop the index"
        ),
    )
}
