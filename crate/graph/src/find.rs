//! Finding nodes by label and properties.

use std::ops::ControlFlow;

use sledstore_engine::{Read, Result};

use crate::graph::Graph;
use crate::index::encode_value;
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
        let (prefix, certain) = match self.index_prefix(reader, &test)? {
            Some((key, true)) => {
                if let Some(holder) =
                    reader.get_with(self.namespace(), &key, |id| parse_number(id, "a unique entry"))?
                {
                    let id = NodeId(holder?);
                    let _ = keep(id, self.node_fits(reader, id, &test)?);
                }
                return Ok(found);
            }
            Some((prefix, false)) => (prefix, false),
            None => match test.label {
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

    /// The key range of the best index for `test`, and whether it is a unique entry's key.
    fn index_prefix(&self, reader: &impl Read, test: &NodeTest<'_>) -> Result<Option<(Vec<u8>, bool)>> {
        if test.properties.entries().is_empty() {
            return Ok(None);
        }
        let schema = self.schema(reader)?;
        let mut best = None;
        for (property, value) in test.properties.entries() {
            let Some(encoded) = encode_value(value) else { continue };
            let covering = schema
                .whole()
                .filter(|index| index.property == *property && (index.label.is_none() || index.label == test.label));
            for index in covering {
                let candidate = (keys::index_value(index.id, index.unique, &encoded), index.unique);
                if index.unique {
                    return Ok(Some(candidate));
                }
                best.get_or_insert(candidate);
            }
        }
        Ok(best)
    }
}
