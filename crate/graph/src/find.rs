//! Finding nodes by label and properties.

use std::ops::ControlFlow;

use sledstore_engine::{Read, Result};

use crate::graph::Graph;
use crate::index::{Entity, IndexDefinition};
use crate::indexed_value::encode_value;
use crate::keys::{self, NameClass, RowKind, parse_number, trailing_id};
use crate::model::{NodeFilter, NodeId, NodeRow};
use crate::property::Properties;
use crate::rows::visit_keys;

/// A filter with its label looked up and its properties checked.
#[derive(Debug, Default)]
pub(crate) struct NodeTest<'a> {
    label: Option<u32>,
    properties: Properties<'a>,
}

impl NodeTest<'_> {
    pub fn fits_all(&self) -> bool {
        self.label.is_none() && self.properties.entries().is_empty()
    }

    pub fn fits(&self, row: &NodeRow<'_>) -> Result<bool> {
        if self.label.is_some_and(|label| !row.has_label(label)) {
            return Ok(false);
        }
        Ok(self.properties.entries().is_empty() || Properties::stored(row.properties)?.matches(&self.properties))
    }
}

impl Graph {
    /// The nodes that fit `filter`, in ascending order of their ids, at most `limit`.
    ///
    /// An index that covers one of the properties is used, a unique one first; otherwise the label's nodes are read,
    /// and without a label all nodes.
    pub fn find(&self, reader: &impl Read, filter: &NodeFilter<'_>, limit: Option<usize>) -> Result<Vec<NodeId>> {
        let mut found = Vec::new();
        let room = limit.unwrap_or(usize::MAX);
        let Some(test) = self.node_test(reader, filter)? else { return Ok(found) };
        if room == 0 {
            return Ok(found);
        }
        let mut keep = |id, fits: bool| {
            if fits {
                found.push(id);
            }
            if found.len() >= room { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let (prefix, certain) = match self.access(reader, &test)? {
            Access::Unique(key) => {
                if let Some(holder) =
                    reader.get_with(self.namespace(), &key, |id| parse_number(id, "a unique entry"))?
                {
                    let id = NodeId(holder?);
                    let _ = keep(id, self.node_fits(reader, id, &test)?);
                }
                return Ok(found);
            }
            Access::Values(candidates) => {
                for id in candidates.into_iter().map(NodeId) {
                    let fits = self.node_fits(reader, id, &test)?;
                    if keep(id, fits).is_break() {
                        break;
                    }
                }
                return Ok(found);
            }
            Access::Value(prefix) => (prefix, false),
            Access::Label => match test.label {
                Some(label) => (keys::label_prefix(label), test.properties.entries().is_empty()),
                None => (keys::kind_prefix(RowKind::Node), test.fits_all()),
            },
        };
        let row_limit = if certain { limit.map(|limit| limit as u64) } else { None };
        let parse = |key: &[u8]| trailing_id(key, &prefix).map(NodeId);
        let _ = visit_keys(reader, self.namespace(), &prefix, row_limit, parse, |id| {
            let fits = certain || self.node_fits(reader, id, &test)?;
            Ok(keep(id, fits))
        })?;
        Ok(found)
    }

    /// Every node with `label`, in ascending order of their ids.
    pub fn nodes_by_label(&self, reader: &impl Read, label: &str) -> Result<Vec<NodeId>> {
        self.find(reader, &NodeFilter { label: Some(label), properties: None }, None)
    }

    /// Looks the filter's label up; `None` when nothing can fit, because the graph has never met it.
    pub(crate) fn node_test<'a>(&self, reader: &impl Read, filter: &NodeFilter<'a>) -> Result<Option<NodeTest<'a>>> {
        let properties = Properties::parse(filter.properties.unwrap_or_default())?;
        let Some(name) = filter.label else { return Ok(Some(NodeTest { label: None, properties })) };
        let label = self.find_name(reader, NameClass::Label, name)?;
        Ok(label.map(|label| NodeTest { label: Some(label), properties }))
    }

    pub(crate) fn node_fits(&self, reader: &impl Read, id: NodeId, test: &NodeTest<'_>) -> Result<bool> {
        if test.fits_all() {
            return Ok(true);
        }
        Ok(self.with_node(reader, id, |row| test.fits(&row))?.transpose()?.unwrap_or(false))
    }

    /// The best way to the nodes that may fit.
    fn access(&self, reader: &impl Read, test: &NodeTest<'_>) -> Result<Access> {
        if test.properties.entries().is_empty() {
            return Ok(Access::Label);
        }
        let schema = self.schema(reader)?;
        let mut best: Option<(usize, Vec<u8>, &IndexDefinition)> = None;
        let usable = |index: &&IndexDefinition| {
            index.entity == Entity::Node
                && index.kind.has_entries()
                && (index.label.is_none() || index.label == test.label)
        };
        for index in schema.whole().filter(usable) {
            let mut encoded = Vec::new();
            let values = index.properties.iter().map_while(|name| test.properties.get(name).and_then(encode_value));
            let values = values.map(|value| encoded.extend_from_slice(&value)).count();
            let (unique, whole) = (index.kind.is_unique(), values == index.properties.len());
            let key = keys::index_value(index.id, unique, &encoded);
            if whole && unique {
                return Ok(Access::Unique(key));
            }
            if values > best.as_ref().map_or(0, |(most, ..)| *most) {
                best = Some((values, key, index));
            }
        }
        match best {
            Some((values, prefix, index)) if values == index.properties.len() => Ok(Access::Value(prefix)),
            Some((_, prefix, index)) => self.entries_under(reader, index, &prefix).map(Access::Values),
            None => Ok(Access::Label),
        }
    }
}

/// How the nodes that may fit are found.
enum Access {
    /// By the whole key of a unique entry.
    Unique(Vec<u8>),
    /// By the entries that begin so and end with a node.
    Value(Vec<u8>),
    /// By these, which share the first values of an index.
    Values(Vec<u64>),
    /// By their label, or there is none.
    Label,
}
