//! Walks every row of a graph and names each broken invariant.

use std::ops::ControlFlow;

use sledstore_engine::{Read, Result};

use crate::graph::Graph;
use crate::index::value_length;
use crate::keys::{self, Adjacency, RowKind, damaged, parse_number, take_id, trailing_id};
use crate::model::{Direction, EdgeId, EdgeRow, NodeId, NodeRow};
use crate::property::Properties;
use crate::rows::visit_copies;
use crate::schema::Schema;

/// After this many, a list of findings says no more.
const FINDINGS_MAX: usize = 1_000;

impl Graph {
    /// Checks G1, G2 and G5 over the whole graph; answers what is broken, one sentence a finding, and nothing for a
    /// sound graph. `reader` should be a snapshot, so that all rows are of one state.
    ///
    /// # Errors
    /// Only those of reading: a row that cannot be read is a finding.
    pub fn verify(&self, reader: &impl Read) -> Result<Vec<String>> {
        let mut check =
            Check { graph: self, reader, schema: self.schema(reader)?.as_ref().clone(), findings: Vec::new() };
        let kinds = [RowKind::Node, RowKind::Edge, RowKind::Adjacency, RowKind::Label, RowKind::Index, RowKind::Unique];
        for kind in kinds {
            let flow = visit_copies(reader, self.namespace(), &keys::kind_prefix(kind), |key, value| {
                let checked = match kind {
                    RowKind::Node => check.node(key, value),
                    RowKind::Edge => check.edge(key, value),
                    RowKind::Adjacency => check.adjacency(key),
                    RowKind::Label => check.label(key),
                    _ => check.index(key, value),
                };
                if let Err(error) = checked {
                    check.findings.push(error.message().to_owned());
                }
                let full = check.findings.len() >= FINDINGS_MAX;
                Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(check.findings)
    }
}

struct Check<'a, R> {
    graph: &'a Graph,
    reader: &'a R,
    schema: Schema,
    findings: Vec<String>,
}

impl<R: Read> Check<'_, R> {
    fn expect(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.findings.push(finding());
        }
    }

    fn has(&self, key: &[u8]) -> Result<bool> {
        self.reader.contains(self.graph.namespace(), key)
    }

    fn node(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let id = NodeId(trailing_id(key, &keys::kind_prefix(RowKind::Node))?);
        let row = NodeRow::parse(value)?;
        let properties = Properties::stored(row.properties)?;
        self.expect(properties.is_storable(), || format!("G5: node {} stores a null or a name twice", id.0));
        for &label in &row.labels {
            let found = self.has(&keys::label(label, id))?;
            self.expect(found, || format!("G2: node {} is missing from the index of label {label}", id.0));
            self.graph.label_name(self.reader, label)?;
        }
        let schema = self.schema.clone();
        let entries = schema.entries(id, &row.labels, &properties)?;
        for entry in entries.iter().filter(|entry| entry.index.building.is_none()) {
            let found = self.reader.get(self.graph.namespace(), &entry.key)?;
            let expected = entry.row_value(id);
            self.expect(found == Some(expected), || {
                format!("G2: node {} is missing from index {} on \"{}\"", id.0, entry.index.id, entry.index.property)
            });
        }
        Ok(())
    }

    fn edge(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let id = EdgeId(trailing_id(key, &keys::kind_prefix(RowKind::Edge))?);
        let row = EdgeRow::parse(value)?;
        let storable = Properties::stored(row.properties)?.is_storable();
        self.expect(storable, || format!("G5: edge {} stores a null or a name twice", id.0));
        self.graph.edge_type_name(self.reader, row.edge_type)?;
        for end in [row.source, row.target] {
            let found = self.graph.has_node(self.reader, end)?;
            self.expect(found, || format!("G1: edge {} has an end, {}, that does not exist", id.0, end.0));
        }
        let out = row.outgoing(id);
        for (adjacency, direction) in [(out, "outgoing"), (out.mirrored(), "incoming")] {
            let found = self.has(&adjacency.key())?;
            self.expect(found, || format!("G1: edge {} has no {direction} adjacency row", id.0));
        }
        Ok(())
    }

    fn adjacency(&mut self, key: &[u8]) -> Result<()> {
        let row = Adjacency::parse(key)?;
        let expected = self.graph.with_edge(self.reader, row.edge, |edge| edge.outgoing(row.edge))?;
        let out = if row.direction == Direction::Out { row } else { row.mirrored() };
        self.expect(expected == Some(out), || {
            format!("G1: an adjacency row of node {} stands for edge {}, which is not so", row.node.0, row.edge.0)
        });
        Ok(())
    }

    fn label(&mut self, key: &[u8]) -> Result<()> {
        let mut rest = &key[1..];
        let (Some(label), Some(id)) = (take_id(&mut rest), take_id(&mut rest)) else {
            return Err(damaged("a label's row"));
        };
        let has =
            self.graph.with_node(self.reader, NodeId(id), |row| row.labels.iter().any(|&l| u64::from(l) == label))?;
        self.expect(has == Some(true), || format!("G2: the index of label {label} names node {id}, which lacks it"));
        Ok(())
    }

    fn index(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let mut rest = &key[1..];
        let number = take_id(&mut rest).ok_or_else(|| damaged("an index row"))?;
        let unique = key[0] == RowKind::Unique as u8;
        let schema = self.schema.clone();
        let index = schema.indexes.iter().find(|index| u64::from(index.id) == number && index.unique == unique);
        let Some(index) = index else {
            self.findings.push(format!("G2: an entry stands for index {number}, which does not exist"));
            return Ok(());
        };
        let length = value_length(rest).ok_or_else(|| damaged("an index row"))?;
        let id = parse_number(if unique { value } else { &rest[length..] }, "an index row")?;
        let expected = self.graph.with_node(self.reader, NodeId(id), |row| {
            let entries = schema.entries(NodeId(id), &row.labels, &Properties::stored(row.properties)?)?;
            Ok(entries.iter().any(|entry| entry.index.id == index.id && entry.key == key))
        })?;
        let stands = expected.transpose()?.unwrap_or(false);
        self.expect(stands, || format!("G2: index {number} names node {id}, which does not have that value"));
        Ok(())
    }
}
