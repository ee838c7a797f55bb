//! Walks every row of a graph and names each broken invariant.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use sledstore_engine::{ErrorCode, Read, Result};

use crate::adjacency::row_edges;
use crate::count::{CountChanges, Counted, Counts};
use crate::fulltext::{Document, document_words, posting_value};
use crate::graph::Graph;
use crate::index::{Entity, Subject};
use crate::keys::{self, RowKind, damaged, take_id, trailing_id};
use crate::model::{Direction, EdgeId, EdgeRow, NodeId, NodeRow};
use crate::property::Properties;
use crate::rows::visit_copies;
use crate::schema::Schema;
use crate::seek::Entries;

/// After this many, a list of findings says no more.
const FINDINGS_MAX: usize = 1_000;

impl Graph {
    /// Checks G1, G2 and G5 to G7 over the whole graph; answers what is broken, one sentence a finding, and nothing for a
    /// sound graph. `reader` should be a snapshot, so that all rows are of one state.
    ///
    /// # Errors
    /// Only those of reading: a row that cannot be read is a finding.
    pub fn verify(&self, reader: &impl Read) -> Result<Vec<String>> {
        let mut check = Check {
            graph: self,
            reader,
            schema: self.schema(reader)?,
            counts: CountChanges::default(),
            adjacent: 0,
            postings: BTreeMap::new(),
            findings: Vec::new(),
        };
        let kinds = [
            RowKind::Node,
            RowKind::Edge,
            RowKind::Adjacency,
            RowKind::Label,
            RowKind::Index,
            RowKind::Unique,
            RowKind::Document,
            RowKind::Posting,
        ];
        for kind in kinds {
            let flow = visit_copies(reader, self.namespace(), &keys::kind_prefix(kind), |key, value| {
                let checked = match kind {
                    RowKind::Node => check.node(key, value),
                    RowKind::Edge => check.edge(key, value),
                    RowKind::Adjacency => check.adjacency(key, value),
                    RowKind::Label => check.label(key),
                    RowKind::Document => check.document(key, value),
                    RowKind::Posting => check.posting(key),
                    _ => check.index(key, value),
                };
                if let Err(error) = checked {
                    check.findings.push(error.message().to_owned());
                }
                let full = check.findings.len() >= FINDINGS_MAX;
                Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if flow.is_break() {
                return Ok(check.findings);
            }
        }
        check.posted();
        check.counted()?;
        Ok(check.findings)
    }
}

struct Check<'a, R> {
    graph: &'a Graph,
    reader: &'a R,
    schema: Arc<Schema>,
    /// What there is.
    counts: CountChanges,
    /// Edges met under their ends.
    adjacent: u64,
    /// By full-text index: postings that there should be, and that were met.
    postings: BTreeMap<u32, (u64, u64)>,
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
            self.counts.add(Counted::Label(label), 1);
        }
        self.counts.add(Counted::Nodes, 1);
        self.subject(&Subject { entity: Entity::Node, id: id.0, labels: &row.labels, properties: &properties })
    }

    /// The entries of a node or edge, and whether it is complete.
    fn subject(&mut self, subject: &Subject<'_>) -> Result<()> {
        let (schema, noun) = (self.schema.clone(), subject.entity.noun());
        for entry in schema.entries(subject)?.iter().filter(|entry| entry.index.building.is_none()) {
            let found = self.reader.get(self.graph.namespace(), &entry.key)?;
            let expected = entry.row_value(subject.id);
            self.expect(found == Some(expected), || {
                let properties = entry.index.properties.join("\", \"");
                format!("G2: {noun} {} is missing from index {} on \"{properties}\"", subject.id, entry.index.id)
            });
        }
        self.words(&schema, subject)?;
        let covering = schema.whole().filter(|index| index.covers(subject));
        for (index, property) in covering.filter_map(|index| Some((index, index.missing(subject.properties)?))) {
            self.findings.push(format!("G7: {noun} {} lacks \"{property}\" of index {}", subject.id, index.id));
        }
        Ok(())
    }

    /// That a node or edge stands in each full-text index with the words it has.
    fn words(&mut self, schema: &Schema, subject: &Subject<'_>) -> Result<()> {
        let (id, noun) = (subject.id, subject.entity.noun());
        for (index, text) in schema.texts().filter(|(index, _)| index.building.is_none() && index.covers(subject)) {
            let document = Document::of(text, &index.properties, subject.properties);
            let row = self.reader.get_with(self.graph.namespace(), &keys::document(index.id, id), document_words)?;
            let words = row.transpose()?.unwrap_or(0);
            self.expect(words == document.length, || {
                format!("G2: full-text index {} has {noun} {id} with {words} words, not {}", index.id, document.length)
            });
            for (word, places) in &document.words {
                let found = self.reader.get(self.graph.namespace(), &keys::posting(index.id, word, id))?;
                let stands = found == Some(posting_value(document.length, places));
                self.expect(stands, || format!("G2: full-text index {} lacks \"{word}\" of {noun} {id}", index.id));
            }
            self.postings.entry(index.id).or_default().0 += document.words.len() as u64;
        }
        Ok(())
    }

    fn document(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let (index, rest) = self.text_index(key)?;
        let (mut id, words) = (rest, document_words(value)?);
        let id = take_id(&mut id).ok_or_else(|| damaged("a document of a full-text index"))?;
        self.counts.add(Counted::Documents(index), 1);
        self.counts.add(Counted::Words(index), words.into());
        let schema = self.schema.clone();
        let entity = schema.texts().find(|(known, _)| known.id == index).map(|(known, _)| known.entity);
        let stands = match entity {
            Some(Entity::Node) => self.graph.has_node(self.reader, NodeId(id))?,
            Some(Entity::Edge) => self.graph.with_edge(self.reader, EdgeId(id), |_| ())?.is_some(),
            None => false,
        };
        self.expect(stands, || format!("G2: full-text index {index} has {id}, which does not exist"));
        Ok(())
    }

    fn posting(&mut self, key: &[u8]) -> Result<()> {
        let (index, rest) = self.text_index(key)?;
        let id = keys::posting_id(key, key.len() - rest.len())?;
        self.postings.entry(index).or_default().1 += 1;
        let stands = self.has(&keys::document(index, id))?;
        self.expect(stands, || format!("G2: full-text index {index} has a word of {id}, which has none"));
        Ok(())
    }

    /// The number of the full-text index at the front of a key, and what follows it.
    fn text_index<'k>(&self, key: &'k [u8]) -> Result<(u32, &'k [u8])> {
        let mut rest = key.get(1..).unwrap_or_default();
        let index = take_id(&mut rest).and_then(|index| u32::try_from(index).ok());
        Ok((index.ok_or_else(|| damaged("a row of a full-text index"))?, rest))
    }

    /// Compares the postings that there are with those that there should be.
    fn posted(&mut self) {
        if !self.findings.is_empty() {
            return;
        }
        let schema = self.schema.clone();
        for (index, (wanted, met)) in std::mem::take(&mut self.postings) {
            let known = schema.texts().find(|(known, _)| known.id == index);
            if known.is_some_and(|(known, _)| known.building.is_some()) {
                continue;
            }
            self.expect(wanted == met, || {
                format!("G2: full-text index {index} has {met} postings, and there should be {wanted}")
            });
        }
    }

    fn edge(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let id = EdgeId(trailing_id(key, &keys::kind_prefix(RowKind::Edge))?);
        let row = EdgeRow::parse(value)?;
        let properties = Properties::stored(row.properties)?;
        self.expect(properties.is_storable(), || format!("G5: edge {} stores a null or a name twice", id.0));
        self.graph.edge_type_name(self.reader, row.edge_type)?;
        for end in [row.source, row.target] {
            let found = self.graph.has_node(self.reader, end)?;
            self.expect(found, || format!("G1: edge {} has an end, {}, that does not exist", id.0, end.0));
        }
        let out = row.outgoing(id);
        for (adjacency, direction) in [(out, "outgoing"), (out.mirrored(), "incoming")] {
            let found = self.graph.adjacency_row(self.reader, &adjacency)?.is_some();
            self.expect(found, || format!("G1: edge {} has no {direction} adjacency row", id.0));
        }
        self.counts.add(Counted::Edges, 1);
        self.counts.add(Counted::EdgeType(row.edge_type), 1);
        self.subject(&Subject { entity: Entity::Edge, id: id.0, labels: &[row.edge_type], properties: &properties })
    }

    fn adjacency(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let edges = row_edges(key, value)?;
        self.adjacent += edges.len() as u64;
        for row in &edges {
            let expected = self.graph.with_edge(self.reader, row.edge, |edge| edge.outgoing(row.edge))?;
            let out = if row.direction == Direction::Out { *row } else { row.mirrored() };
            self.expect(expected == Some(out), || {
                format!("G1: an adjacency row of node {} stands for edge {}, which is not so", row.node.0, row.edge.0)
            });
        }
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
        let index =
            schema.indexes.iter().find(|index| u64::from(index.id) == number && index.kind.is_unique() == unique);
        let Some(index) = index else {
            self.findings.push(format!("G2: an entry stands for index {number}, which does not exist"));
            return Ok(());
        };
        let id = Entries::of(index).subject(key, value)?;
        let row = match index.entity {
            Entity::Node => {
                self.graph.with_node(self.reader, NodeId(id), |row| (row.labels, row.properties.to_vec()))?
            }
            Entity::Edge => {
                self.graph.with_edge(self.reader, EdgeId(id), |row| (vec![row.edge_type], row.properties.to_vec()))?
            }
        };
        let stands = row.map_or(Ok(false), |(labels, stored)| {
            let properties = Properties::stored(&stored)?;
            let subject = Subject { entity: index.entity, id, labels: &labels, properties: &properties };
            let entry = if index.covers(&subject) { index.entry(&subject)? } else { None };
            Ok(entry.is_some_and(|entry| entry.key == key && entry.row_value(id) == value))
        })?;
        let noun = index.entity.noun();
        self.expect(stands, || format!("G2: index {number} names {noun} {id}, which does not have that value"));
        Ok(())
    }

    /// Compares what was met with what is counted.
    fn counted(&mut self) -> Result<()> {
        let counts = Counts::of(&self.counts)?;
        let told = match self.graph.counts(self.reader) {
            Ok(told) => told,
            Err(error) if error.code() == ErrorCode::Corruption => {
                self.findings.push(format!("G6: {}", error.message()));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if self.findings.is_empty() {
            let ends = 2 * counts.edges;
            let adjacent = self.adjacent;
            self.expect(adjacent == ends, || {
                format!("G1: {ends} ends of edges stand in adjacency rows {adjacent} times")
            });
        }
        self.expect(told == counts, || format!("G6: the counts are {told:?}, and there are {counts:?}"));
        Ok(())
    }
}
