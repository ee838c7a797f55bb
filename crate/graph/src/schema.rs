//! Which indexes and unique constraints a graph has: created over what is there, dropped, listed.

use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, KeyRange, Read, Result, Write};

use crate::graph::Graph;
use crate::index::{Entry, IndexDefinition};
use crate::keys::{self, NameClass, RowKind, damaged, parse_number, push_id, take_id, trailing_id};
use crate::model::{NodeId, NodeRow};
use crate::property::{Properties, invalid};
use crate::rows::visit_rows;

/// Longest name of an indexed property, in bytes of UTF-8.
const PROPERTY_NAME_BYTES_MAX: usize = 1_024;
/// How much of a value a message shows.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// One index of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The label whose nodes it covers; `None` covers every node.
    pub label: Option<String>,
    /// The indexed property.
    pub property: String,
    /// Whether two covered nodes may not share a value.
    pub unique: bool,
}

/// Every index of a graph: one row, so that each writer's transaction reads it and meets a changed one as a conflict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schema {
    pub next_id: u32,
    pub indexes: Vec<IndexDefinition>,
}

impl Schema {
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        push_id(&mut value, u64::from(self.next_id));
        for index in &self.indexes {
            push_id(&mut value, u64::from(index.id));
            // Labels count from one, so zero stands for "any".
            push_id(&mut value, u64::from(index.label.unwrap_or(0)));
            push_id(&mut value, u64::from(index.unique));
            push_id(&mut value, index.property.len() as u64);
            value.extend_from_slice(index.property.as_bytes());
        }
        value
    }

    pub fn parse(value: &[u8]) -> Result<Self> {
        Self::parse_parts(value).ok_or_else(|| damaged("the row of indexes"))
    }

    fn parse_parts(mut value: &[u8]) -> Option<Self> {
        let next_id = u32::try_from(take_id(&mut value)?).ok()?;
        let mut indexes = Vec::new();
        while !value.is_empty() {
            let id = u32::try_from(take_id(&mut value)?).ok()?;
            let label = u32::try_from(take_id(&mut value)?).ok().filter(|&label| label != 0);
            let unique = take_id(&mut value)? != 0;
            let length = usize::try_from(take_id(&mut value)?).ok()?;
            let (property, rest) = value.split_at_checked(length)?;
            value = rest;
            indexes.push(IndexDefinition { id, label, property: str::from_utf8(property).ok()?.to_owned(), unique });
        }
        Some(Self { next_id, indexes })
    }

    pub fn find(&self, label: Option<u32>, property: &str) -> Option<&IndexDefinition> {
        self.indexes.iter().find(|index| index.label == label && index.property == property)
    }

    /// The entries a node has in all indexes.
    pub fn entries(&self, id: NodeId, labels: &[u32], properties: &Properties<'_>) -> Result<Vec<Entry<'_>>> {
        let mut entries = Vec::new();
        for index in &self.indexes {
            if index.label.is_none_or(|label| labels.binary_search(&label).is_ok()) {
                entries.extend(index.entry(id, properties)?);
            }
        }
        Ok(entries)
    }
}

impl Graph {
    /// The indexes there are.
    pub fn indexes(&self, reader: &impl Read) -> Result<Vec<Index>> {
        let schema = self.schema(reader)?;
        let shown = schema.indexes.iter().map(|index| {
            let label = index.label.map(|label| self.label_name(reader, label)).transpose()?;
            Ok(Index { label, property: index.property.clone(), unique: index.unique })
        });
        shown.collect()
    }

    /// Indexes `property` over the nodes with `label` (over all nodes without one), those that exist included, as part
    /// of `tx`. Answers whether it was created: the same index may be asked for again.
    ///
    /// Reads every node, and all entries are one commit: a graph whose index outgrows the limit of a transaction gets
    /// `TOO_LARGE`, so create indexes before loading.
    ///
    /// # Errors
    /// `UNIQUE_VIOLATION` when two nodes share a value, `INVALID_ARGUMENT` when the index exists with the other
    /// uniqueness, `KEY_TOO_LARGE` when a value is too long for an index; nothing is written then.
    pub fn create_index(
        &self,
        tx: &mut (impl Read + Write),
        label: Option<&str>,
        property: &str,
        unique: bool,
    ) -> Result<bool> {
        if property.len() > PROPERTY_NAME_BYTES_MAX {
            return Err(invalid(format!("an indexed property's name has at most {PROPERTY_NAME_BYTES_MAX} bytes")));
        }
        let label = label.map(|label| self.intern(tx, NameClass::Label, label)).transpose()?;
        let mut schema = Schema::clone(&*self.schema(tx)?);
        if let Some(existing) = schema.find(label, property) {
            if existing.unique == unique {
                return Ok(false);
            }
            let have = if existing.unique { "a unique" } else { "an ordinary" };
            return Err(invalid(format!("property \"{property}\" has {have} index already; drop it first")));
        }
        schema.next_id += 1;
        let index = IndexDefinition { id: schema.next_id, label, property: property.to_owned(), unique };
        let entries = self.entries_of_existing(tx, &index)?;
        schema.indexes.push(index);
        tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
        for (key, value) in entries {
            tx.put(self.namespace(), &key, &value)?;
        }
        Ok(true)
    }

    /// Drops an index and its entries as part of `tx`; answers whether there was one.
    pub fn drop_index(&self, tx: &mut (impl Read + Write), label: Option<&str>, property: &str) -> Result<bool> {
        let label = match label {
            Some(name) => match self.find_name(tx, NameClass::Label, name)? {
                Some(label) => Some(label),
                None => return Ok(false),
            },
            None => None,
        };
        let mut schema = Schema::clone(&*self.schema(tx)?);
        let Some(index) = schema.find(label, property).cloned() else { return Ok(false) };
        schema.indexes.retain(|other| other.id != index.id);
        tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
        tx.clear(self.namespace(), &KeyRange::prefix(&keys::index_prefix(index.id, index.unique)))?;
        Ok(true)
    }

    /// The rows a new index starts with, in key order; refuses two nodes with one value when it is unique.
    fn entries_of_existing(&self, tx: &impl Read, index: &IndexDefinition) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let prefix = keys::kind_prefix(RowKind::Node);
        let mut entries = Vec::new();
        visit_rows(tx, self.namespace(), &prefix, |key, value| {
            let row = NodeRow::parse(value)?;
            if index.label.is_some_and(|label| !row.has_label(label)) {
                return Ok(());
            }
            let id = NodeId(trailing_id(key, &prefix)?);
            let entry = index.entry(id, &Properties::stored(row.properties)?)?;
            entries.extend(entry.map(|entry| (entry.row_value(id), entry.key)));
            Ok(())
        })?;
        entries.sort_by(|(_, a), (_, b)| a.cmp(b));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].1 == pair[1].1) {
            let id = NodeId(parse_number(&pair[0].0, "a unique entry")?);
            let properties = self.with_node(tx, id, |row| row.properties.to_vec())?.unwrap_or_default();
            return Err(self.unique_violation(tx, index, &Properties::stored(&properties)?));
        }
        Ok(entries.into_iter().map(|(value, key)| (key, value)).collect())
    }

    /// Names the constraint and the value, out of `properties`, that two nodes would share.
    pub(crate) fn unique_violation(
        &self,
        reader: &impl Read,
        index: &IndexDefinition,
        properties: &Properties<'_>,
    ) -> Error {
        let label = match index.label.map(|label| self.label_name(reader, label)) {
            None => String::new(),
            Some(Ok(label)) => format!(":{label} "),
            Some(Err(error)) => return error,
        };
        let value = properties.get(&index.property).map(ToString::to_string).unwrap_or_default();
        let shown: String = value.chars().take(SHOWN_CHARACTERS_MAX).collect();
        Error::new(
            ErrorCode::UniqueViolation,
            format!(
                "graph \"{}\": unique index {label}{{{}}} has a node with {shown} already; update that node, or choose \
                 another value",
                self.name(),
                index.property
            ),
        )
    }

    /// The indexes as `reader` sees them; parsed once for each state of their row.
    pub(crate) fn schema(&self, reader: &impl Read) -> Result<Arc<Schema>> {
        let cached = self.cached_schema();
        let parsed = reader.get_with(self.namespace(), &keys::schema(), |bytes| match &cached {
            Some((known, schema)) if **known == *bytes => Ok(schema.clone()),
            _ => {
                let schema = Arc::new(Schema::parse(bytes)?);
                self.cache_schema(bytes, &schema);
                Ok(schema)
            }
        })?;
        Ok(parsed.transpose()?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_round_trips() {
        let schema = Schema {
            next_id: 3,
            indexes: vec![
                IndexDefinition { id: 1, label: None, property: "größe".into(), unique: false },
                IndexDefinition { id: 2, label: Some(7), property: String::new(), unique: true },
            ],
        };
        assert_eq!(Schema::parse(&schema.encode()).ok(), Some(schema.clone()));
        assert!(Schema::parse(&schema.encode()[..5]).is_err());
    }
}
