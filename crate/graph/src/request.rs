//! Reads asked for in one buffer and answered in one, so that another language crosses over once a question.
//!
//! A request is a sequence of MessagePack values, an operation's number and its fields; the answer is one value.
//!
//! | operation | fields | answer |
//! |---|---|---|
//! | 1 node | id | node or null |
//! | 2 edge | id | edge or null |
//! | 3 find | label, properties, limit, form | list |
//! | 4 neighbors | id, direction, types, label, properties, limit, form | list |
//! | 5 path to a node | from, to, direction, types, depth | path or null |
//! | 6 path to what fits | from, label, properties, direction, types, depth | path or null |
//! | 7 expand | from, direction, types, depth, limit | list of node and depth, one after the other |
//! | 8 count nodes | label | number |
//! | 9 count edges | | number |
//! | 10 indexes | | list of label or null, property, unique |
//! | 11 verify | | list of texts |
//! | 12 search | full-text index, query, skip, limit, form | 0 for nodes or 1 for edges, then a list |
//! | 13 counts | | list of nodes, edges, labels and types, each of these a list of name and number, one after the other |
//! | 14 all indexes | | list of lists of name, whether over edges, label or null, properties, kind, whether it is building |
//! | 15 nodes | id that they follow, limit | list, in the order of their ids |
//! | 16 edges | id that they follow, limit | list, in the order of their ids |
//!
//! A kind is 0 for a range, 1 unique, 2 existence, 3 key, 4 full text. Label, properties, limit and depth may be null. Direction is 0 out, 1 in, 2 both. Form is 0 for ids (of nodes; of
//! neighbors node, edge and direction one after the other), 1 for whole nodes (of neighbors edge and node one after
//! the other) and of neighbors 2 for nodes alone; of a search each is followed by its score. A node is a list of id, labels and properties; an edge is one of id, type, source, target and
//! properties; a path is one of its nodes and of its edges, all whole.

use rmp::encode as write;
use sledstore_engine::{Read, Result};

use crate::fields::Fields;
use crate::fulltext::TextSearch;
use crate::graph::Graph;
use crate::index::Entity;
use crate::keys::damaged;
use crate::model::{Direction, Edge, EdgeId, Node, NodeFilter, NodeId};
use crate::neighbor::NeighborFilter;
use crate::path::{Path, PathFilter};
use crate::property::invalid;
use crate::schema::IndexInfo;

impl Graph {
    /// Answers one request. `reader` should be a snapshot or a transaction: an answer of several rows read from the
    /// store itself may mix states.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a request that cannot be read, and those of reading.
    pub fn answer(&self, reader: &impl Read, request: &[u8]) -> Result<Vec<u8>> {
        let mut fields = Fields::of(request);
        let mut answer = Answer::default();
        match fields.number()? {
            1 => match self.node(reader, NodeId(fields.number()?))? {
                Some(node) => answer.node(&node),
                None => answer.null(),
            },
            2 => match self.edge(reader, EdgeId(fields.number()?))? {
                Some(edge) => answer.edge(&edge),
                None => answer.null(),
            },
            3 => self.answer_find(reader, &mut fields, &mut answer)?,
            4 => self.answer_neighbors(reader, &mut fields, &mut answer)?,
            5 => {
                let (from, to) = (NodeId(fields.number()?), NodeId(fields.number()?));
                let (direction, types, depth_max) = fields.path_filter()?;
                let filter = PathFilter { direction, types: &types, depth_max };
                let path = self.shortest_path(reader, from, to, &filter)?;
                self.push_path(reader, path, &mut answer)?;
            }
            6 => {
                let (from, label) = (NodeId(fields.number()?), fields.optional_text()?);
                let goal = NodeFilter { label, properties: fields.optional_map()? };
                let (direction, types, depth_max) = fields.path_filter()?;
                let filter = PathFilter { direction, types: &types, depth_max };
                let path = self.path_to(reader, from, &goal, &filter)?;
                self.push_path(reader, path, &mut answer)?;
            }
            7 => {
                let from = NodeId(fields.number()?);
                let (direction, types, depth_max) = fields.path_filter()?;
                let filter = PathFilter { direction, types: &types, depth_max };
                let reached = self.expand(reader, from, &filter, fields.limit()?)?;
                answer.list(2 * reached.len());
                for found in reached {
                    answer.number(found.node.0);
                    answer.number(u64::from(found.depth));
                }
            }
            8 => answer.number(self.count_nodes(reader, fields.optional_text()?)?),
            9 => answer.number(self.count_edges(reader)?),
            10 => self.answer_indexes(reader, &mut answer)?,
            11 => {
                let findings = self.verify(reader)?;
                answer.list(findings.len());
                findings.iter().for_each(|finding| answer.text(finding));
            }
            12 => self.answer_search(reader, &mut fields, &mut answer)?,
            13 => self.answer_counts(reader, &mut answer)?,
            14 => self.answer_all_indexes(reader, &mut answer)?,
            15 => self.answer_nodes(reader, &mut fields, &mut answer)?,
            16 => self.answer_edges(reader, &mut fields, &mut answer)?,
            other => return Err(invalid(format!("{other} is not a request"))),
        }
        if !fields.is_done() {
            return Err(invalid("bytes follow the request"));
        }
        Ok(answer.bytes)
    }

    fn answer_find(&self, reader: &impl Read, fields: &mut Fields<'_>, answer: &mut Answer) -> Result<()> {
        let filter = NodeFilter { label: fields.optional_text()?, properties: fields.optional_map()? };
        let found = self.find(reader, &filter, fields.limit()?)?;
        let whole = fields.number()? == 1;
        answer.list(found.len());
        for id in found {
            if whole {
                self.push_node(reader, id, answer)?;
            } else {
                answer.number(id.0);
            }
        }
        Ok(())
    }

    fn answer_neighbors(&self, reader: &impl Read, fields: &mut Fields<'_>, answer: &mut Answer) -> Result<()> {
        let (id, direction, types) = (NodeId(fields.number()?), fields.direction()?, fields.texts()?);
        let node = NodeFilter { label: fields.optional_text()?, properties: fields.optional_map()? };
        let filter = NeighborFilter { direction, types: &types, node, limit: fields.limit()? };
        let found = self.neighbors(reader, id, &filter)?;
        let form = fields.number()?;
        answer.list(found.len() * [3, 2, 1].get(form as usize).ok_or_else(|| invalid("form must be 0, 1 or 2"))?);
        for neighbor in found {
            if form == 1 {
                self.push_edge(reader, neighbor.edge, answer)?;
                self.push_node(reader, neighbor.node, answer)?;
                continue;
            }
            answer.number(neighbor.node.0);
            if form == 0 {
                answer.number(neighbor.edge.0);
                answer.number(u64::from(neighbor.direction == Direction::In));
            }
        }
        Ok(())
    }

    fn answer_search(&self, reader: &impl Read, fields: &mut Fields<'_>, answer: &mut Answer) -> Result<()> {
        let (index, query) = (fields.text()?, fields.text()?);
        let skip = fields.limit()?.unwrap_or(0);
        let search = TextSearch { query, skip, limit: fields.limit()? };
        let whole = fields.number()? == 1;
        let (entity, hits) = self.search_text(reader, index, &search, &mut |_| true)?;
        answer.list(2);
        answer.number(entity as u64);
        answer.list(2 * hits.len());
        for hit in hits {
            match (whole, entity) {
                (false, _) => answer.number(hit.id),
                (true, Entity::Node) => self.push_node(reader, NodeId(hit.id), answer)?,
                (true, Entity::Edge) => self.push_edge(reader, EdgeId(hit.id), answer)?,
            }
            answer.float(hit.score);
        }
        Ok(())
    }

    fn answer_indexes(&self, reader: &impl Read, answer: &mut Answer) -> Result<()> {
        let indexes = self.indexes(reader)?;
        answer.list(3 * indexes.len());
        for index in indexes {
            match &index.label {
                Some(label) => answer.text(label),
                None => answer.null(),
            }
            answer.text(&index.property);
            answer.flag(index.unique);
        }
        Ok(())
    }

    fn answer_counts(&self, reader: &impl Read, answer: &mut Answer) -> Result<()> {
        let counts = self.counts(reader)?;
        answer.list(4);
        answer.number(counts.nodes);
        answer.number(counts.edges);
        answer.list(2 * counts.labels.len());
        for (&label, &nodes) in &counts.labels {
            answer.text(&self.label_of(reader, label)?);
            answer.number(nodes);
        }
        answer.list(2 * counts.edge_types.len());
        for (&edge_type, &edges) in &counts.edge_types {
            answer.text(&self.edge_type_of(reader, edge_type)?);
            answer.number(edges);
        }
        Ok(())
    }

    fn answer_all_indexes(&self, reader: &impl Read, answer: &mut Answer) -> Result<()> {
        let indexes = self.all_indexes(reader)?;
        answer.list(indexes.len());
        for IndexInfo { spec, is_building, .. } in &indexes {
            answer.list(6);
            answer.text(&spec.name);
            answer.flag(spec.entity == Entity::Edge);
            match &spec.label {
                Some(label) => answer.text(label),
                None => answer.null(),
            }
            answer.list(spec.properties.len());
            spec.properties.iter().for_each(|property| answer.text(property));
            answer.number(spec.kind as u64);
            answer.flag(*is_building);
        }
        Ok(())
    }

    fn answer_nodes(&self, reader: &impl Read, fields: &mut Fields<'_>, answer: &mut Answer) -> Result<()> {
        let (after, limit) = (fields.optional_number()?.map(NodeId), fields.limit()?.unwrap_or(usize::MAX));
        let mut nodes = Vec::new();
        self.nodes_into(reader, None, after, limit, &mut nodes)?;
        answer.list(nodes.len());
        nodes.into_iter().try_for_each(|id| self.push_node(reader, id, answer))
    }

    fn answer_edges(&self, reader: &impl Read, fields: &mut Fields<'_>, answer: &mut Answer) -> Result<()> {
        let (after, limit) = (fields.optional_number()?.map(EdgeId), fields.limit()?.unwrap_or(usize::MAX));
        let mut edges = Vec::new();
        self.edges_into(reader, None, after, limit, &mut edges)?;
        answer.list(edges.len());
        edges.into_iter().try_for_each(|ends| self.push_edge(reader, ends.edge, answer))
    }

    fn push_path(&self, reader: &impl Read, path: Option<Path>, answer: &mut Answer) -> Result<()> {
        let Some(path) = path else {
            answer.null();
            return Ok(());
        };
        answer.list(2);
        answer.list(path.nodes.len());
        path.nodes.iter().try_for_each(|&id| self.push_node(reader, id, answer))?;
        answer.list(path.edges.len());
        path.edges.iter().try_for_each(|&id| self.push_edge(reader, id, answer))
    }

    fn push_node(&self, reader: &impl Read, id: NodeId, answer: &mut Answer) -> Result<()> {
        let node = self.node(reader, id)?.ok_or_else(|| damaged(&format!("node {}, which other rows name,", id.0)))?;
        answer.node(&node);
        Ok(())
    }

    fn push_edge(&self, reader: &impl Read, id: EdgeId, answer: &mut Answer) -> Result<()> {
        let edge = self.edge(reader, id)?.ok_or_else(|| damaged(&format!("edge {}, which other rows name,", id.0)))?;
        answer.edge(&edge);
        Ok(())
    }
}

impl<'a> Fields<'a> {
    fn direction(&mut self) -> Result<Direction> {
        match self.number()? {
            0 => Ok(Direction::Out),
            1 => Ok(Direction::In),
            2 => Ok(Direction::Both),
            other => Err(invalid(format!("{other} is not a direction"))),
        }
    }

    fn limit(&mut self) -> Result<Option<usize>> {
        Ok(self.optional_number()?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)))
    }

    fn path_filter(&mut self) -> Result<(Direction, Vec<&'a str>, Option<u32>)> {
        let (direction, types) = (self.direction()?, self.texts()?);
        let depth_max = self.optional_number()?.map(|depth| u32::try_from(depth).unwrap_or(u32::MAX));
        Ok((direction, types, depth_max))
    }
}

/// A value being written. Writing to a `Vec` does not fail.
#[derive(Default)]
struct Answer {
    bytes: Vec<u8>,
}

impl Answer {
    fn null(&mut self) {
        let _ = write::write_nil(&mut self.bytes);
    }

    fn flag(&mut self, flag: bool) {
        let _ = write::write_bool(&mut self.bytes, flag);
    }

    fn number(&mut self, number: u64) {
        let _ = write::write_uint(&mut self.bytes, number);
    }

    fn float(&mut self, number: f64) {
        let _ = write::write_f64(&mut self.bytes, number);
    }

    fn text(&mut self, text: &str) {
        let _ = write::write_str(&mut self.bytes, text);
    }

    fn list(&mut self, length: usize) {
        let _ = write::write_array_len(&mut self.bytes, u32::try_from(length).unwrap_or(u32::MAX));
    }

    fn node(&mut self, node: &Node) {
        self.list(3);
        self.number(node.id.0);
        self.list(node.labels.len());
        node.labels.iter().for_each(|label| self.text(label));
        self.bytes.extend_from_slice(&node.properties);
    }

    fn edge(&mut self, edge: &Edge) {
        self.list(5);
        self.number(edge.id.0);
        self.text(&edge.edge_type);
        self.number(edge.source.0);
        self.number(edge.target.0);
        self.bytes.extend_from_slice(&edge.properties);
    }
}
