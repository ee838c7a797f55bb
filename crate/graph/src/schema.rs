//! Which indexes and unique constraints a graph has; `build.rs` creates them.

use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, KeyRange, Read, Result, Write};

use crate::build::ended;
use crate::graph::Graph;
use crate::index::{Entry, IndexDefinition};
use crate::keys::{self, NameClass, damaged, push_id, take_id};
use crate::model::NodeId;
use crate::property::Properties;

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
            // Zero for an index that is whole, else one more than the epoch.
            push_id(&mut value, index.building.map_or(0, |epoch| epoch + 1));
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
            let building = take_id(&mut value)?.checked_sub(1);
            let length = usize::try_from(take_id(&mut value)?).ok()?;
            let (property, rest) = value.split_at_checked(length)?;
            value = rest;
            let property = str::from_utf8(property).ok()?.to_owned();
            indexes.push(IndexDefinition { id, label, property, unique, building });
        }
        Some(Self { next_id, indexes })
    }

    pub fn find(&self, label: Option<u32>, property: &str) -> Option<&IndexDefinition> {
        self.indexes.iter().find(|index| index.label == label && index.property == property)
    }

    /// The index of a build that runs; an error when somebody has dropped it.
    pub fn by_id(&self, id: u32) -> Result<&IndexDefinition> {
        self.indexes.iter().find(|index| index.id == id).ok_or_else(dropped)
    }

    /// As [`Schema::by_id`].
    pub fn by_id_mut(&mut self, id: u32) -> Result<&mut IndexDefinition> {
        self.indexes.iter_mut().find(|index| index.id == id).ok_or_else(dropped)
    }

    /// The indexes that are whole.
    pub fn whole(&self) -> impl Iterator<Item = &IndexDefinition> {
        self.indexes.iter().filter(|index| index.building.is_none())
    }

    /// The entries a node has in all indexes, those that are being built included.
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

fn dropped() -> Error {
    ended("was given up, for the index was dropped meanwhile")
}

impl Graph {
    /// The indexes there are.
    pub fn indexes(&self, reader: &impl Read) -> Result<Vec<Index>> {
        let schema = self.schema(reader)?;
        let shown = schema.whole().map(|index| {
            let label = index.label.map(|label| self.label_name(reader, label)).transpose()?;
            Ok(Index { label, property: index.property.clone(), unique: index.unique })
        });
        shown.collect()
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
                IndexDefinition { id: 1, label: None, property: "größe".into(), unique: false, building: None },
                IndexDefinition { id: 2, label: Some(7), property: String::new(), unique: true, building: Some(9) },
            ],
        };
        assert_eq!(Schema::parse(&schema.encode()).ok(), Some(schema.clone()));
        assert!(Schema::parse(&schema.encode()[..5]).is_err());
    }
}
