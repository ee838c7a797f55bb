//! How much an index gives for a value: looked at when a query is planned, so that nothing is kept for it.

use std::ops::{Bound, ControlFlow};

use sledstore_engine::{KeyRange, Read, Result, ScanOptions};

use crate::count::Counted;
use crate::graph::Graph;
use crate::index::{Entity, IndexDefinition};
use crate::indexed_value::value_length;
use crate::keys::{self, damaged};
use crate::rows::visit_range;

/// Different values that are looked for, one by one.
const VALUES_SEEN: u32 = 48;
/// Entries that are counted, and nodes that are asked whether they have one where there are more.
const ENTRIES_COUNTED: u64 = 1_024;
const NODES_ASKED: usize = 128;
/// Entries that are looked at where there are more values than that.
const ENTRIES_SEEN: u64 = 256;

impl Graph {
    /// About how many nodes or edges the index of that number has for one combination of values of its first
    /// `properties` properties; `None` when it is not there, or has no entries.
    ///
    /// Where there are few values, each is met, and their number divides what there is. Where there are many, the first
    /// entries tell. It reads 300 rows at most.
    pub fn entries_per_value(&self, reader: &impl Read, index: u32, properties: usize) -> Result<Option<f64>> {
        let schema = self.schema(reader)?;
        let Some(index) = schema.whole().find(|known| known.id == index && known.kind.has_entries()) else {
            return Ok(None);
        };
        let unique = index.kind.is_unique();
        if unique && properties >= index.properties.len() {
            return Ok(Some(1.0));
        }
        let prefix = keys::index_prefix(index.id, unique);
        let mut range = KeyRange::prefix(&prefix);
        let mut values = 0;
        while values < VALUES_SEEN {
            let Some(value) = self.first_values(reader, &range, prefix.len(), properties)? else { break };
            values += 1;
            range.start = match KeyRange::prefix(&value).end {
                Bound::Excluded(end) => Bound::Included(end),
                other => other,
            };
        }
        if values == 0 {
            return Ok(None);
        }
        if values < VALUES_SEEN {
            return Ok(Some(self.covered_by(reader, index)? as f64 / f64::from(values)));
        }
        let (mut entries, mut different, mut last) = (0_u32, 0_u32, Vec::new());
        let options = ScanOptions { limit: Some(ENTRIES_SEEN), keys_only: true, ..ScanOptions::default() };
        visit_range(reader, self.namespace(), &KeyRange::prefix(&prefix), options, |key, _| {
            entries += 1;
            let value = values_of(key, prefix.len(), properties)?;
            if value != last {
                different += 1;
                last.clear();
                last.extend_from_slice(value);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Some(f64::from(entries) / f64::from(different.max(1))))
    }

    /// About how many nodes or edges have the first property of the index of that number; `None` when it is not there, or has
    /// no entries. It reads about 1200 rows at most.
    pub fn entries(&self, reader: &impl Read, index: u32) -> Result<Option<f64>> {
        let schema = self.schema(reader)?;
        let Some(index) = schema.whole().find(|known| known.id == index && known.kind.has_entries()) else {
            return Ok(None);
        };
        let range = KeyRange::prefix(&keys::index_prefix(index.id, index.kind.is_unique()));
        let options = ScanOptions { limit: Some(ENTRIES_COUNTED), keys_only: true, ..ScanOptions::default() };
        let mut entries = 0_u64;
        visit_range(reader, self.namespace(), &range, options, |_, _| {
            entries += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        if entries < ENTRIES_COUNTED {
            return Ok(Some(entries as f64));
        }
        let covered = self.covered_by(reader, index)? as f64;
        let Some(property) = index.properties.first().filter(|_| index.entity == Entity::Node) else {
            return Ok(Some(covered));
        };
        let (mut nodes, mut having) = (Vec::new(), 0.0);
        self.nodes_into(reader, index.label, None, NODES_ASKED, &mut nodes)?;
        for node in &nodes {
            if self.with_node_property(reader, *node, property, |value| value.is_some())? == Some(true) {
                having += 1.0;
            }
        }
        Ok(Some((covered * having / nodes.len().max(1) as f64).max(entries as f64)))
    }

    /// How many documents the full-text index of that number has.
    pub fn documents(&self, reader: &impl Read, index: u32) -> Result<u64> {
        self.count(reader, Counted::Documents(index))
    }

    /// The key of the first entry, up to its first values.
    fn first_values(
        &self,
        reader: &impl Read,
        range: &KeyRange,
        before: usize,
        properties: usize,
    ) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        let options = ScanOptions { limit: Some(1), keys_only: true, ..ScanOptions::default() };
        visit_range(reader, self.namespace(), range, options, |key, _| {
            found = Some(values_of(key, before, properties)?.to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    fn covered_by(&self, reader: &impl Read, index: &IndexDefinition) -> Result<u64> {
        let counted = match (index.entity, index.label) {
            (Entity::Node, Some(label)) => Counted::Label(label),
            (Entity::Node, None) => Counted::Nodes,
            (Entity::Edge, Some(edge_type)) => Counted::EdgeType(edge_type),
            (Entity::Edge, None) => Counted::Edges,
        };
        self.count(reader, counted)
    }
}

/// The front of an entry's key, with its first values.
fn values_of(key: &[u8], before: usize, properties: usize) -> Result<&[u8]> {
    let mut end = before;
    for _ in 0..properties {
        let rest = key.get(end..).unwrap_or_default();
        end += value_length(rest).ok_or_else(|| damaged("an index row"))?;
    }
    key.get(..end).ok_or_else(|| damaged("an index row"))
}
