//! A graph in memory, for tests.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use sledstore_cypher::storage::{
    Check, Covers, Direction, Edge, Entity, Failure, Index, NameKind, Next, Place, Result, Seek, Storage,
};
use sledstore_cypher::value::compare::{Comparison, compare, equals};
use sledstore_cypher::value::order::order;
use sledstore_cypher::value::{Map, Node, Relationship, Value};

#[derive(Clone, Debug, Default)]
struct NodeData {
    labels: Vec<u32>,
    properties: BTreeMap<u32, Value>,
    out: BTreeSet<u64>,
    into: BTreeSet<u64>,
}

#[derive(Clone, Debug)]
struct RelationshipData {
    kind: u32,
    start: u64,
    end: u64,
    properties: BTreeMap<u32, Value>,
}

#[derive(Clone, Debug, Default)]
pub struct Memory {
    names: HashMap<(NameKind, String), u32>,
    texts: HashMap<(NameKind, u32), Arc<str>>,
    nodes: BTreeMap<u64, NodeData>,
    relationships: BTreeMap<u64, RelationshipData>,
    next: u64,
    pub indexes: Vec<Index>,
    /// How many nodes and relationships were read with all they have.
    pub entities_read: Cell<u64>,
    /// How many an index gave.
    pub sought: Cell<usize>,
    /// Whether reading relationships fails.
    pub fails: bool,
}

/// What a graph holds, for comparing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub nodes: BTreeSet<u64>,
    pub relationships: BTreeSet<u64>,
    pub labels: BTreeSet<String>,
    /// Entity, key and value, as text.
    pub properties: BTreeSet<(bool, u64, String, String)>,
}

impl Memory {
    fn text(&self, kind: NameKind, number: u32) -> Arc<str> {
        self.texts[&(kind, number)].clone()
    }

    pub fn contents(&self) -> Contents {
        let mut contents = Contents::default();
        for (id, node) in &self.nodes {
            contents.nodes.insert(*id);
            contents.labels.extend(node.labels.iter().map(|label| self.text(NameKind::Label, *label).to_string()));
            for (key, value) in &node.properties {
                let key = self.text(NameKind::Key, *key).to_string();
                contents.properties.insert((true, *id, key, value.to_string()));
            }
        }
        for (id, relationship) in &self.relationships {
            contents.relationships.insert(*id);
            for (key, value) in &relationship.properties {
                let key = self.text(NameKind::Key, *key).to_string();
                contents.properties.insert((false, *id, key, value.to_string()));
            }
        }
        contents
    }

    fn map(&self, of: &BTreeMap<u32, Value>) -> Map {
        Map::new(of.iter().map(|(key, value)| (self.text(NameKind::Key, *key), value.clone()))).unwrap()
    }

    fn ids(&self, node: u64, direction: Direction) -> Vec<u64> {
        let Some(data) = self.nodes.get(&node) else { return Vec::new() };
        match direction {
            Direction::Out => data.out.iter().copied().collect(),
            Direction::In => data.into.iter().copied().collect(),
            Direction::Both => data.out.union(&data.into).copied().collect(),
        }
    }
}

/// Whether an index keeps a value in order.
fn has_form(value: &Value) -> bool {
    match value {
        Value::Map(_) | Value::Vector(_) => false,
        Value::Float(float) => !float.is_nan(),
        Value::List(list) => {
            list.values().iter().all(|value| !matches!(value, Value::List(_) | Value::Null) && has_form(value))
        }
        _ => true,
    }
}

fn within(value: &Value, low: Bound<&Value>, high: Bound<&Value>) -> bool {
    let compared = |bound: &Value| match compare(value, bound) {
        Comparison::Ordered(ordering) => Some(ordering),
        _ => None,
    };
    let above = match low {
        Bound::Unbounded => true,
        Bound::Included(low) => compared(low).is_some_and(|order| order.is_ge()),
        Bound::Excluded(low) => compared(low).is_some_and(|order| order.is_gt()),
    };
    let below = match high {
        Bound::Unbounded => true,
        Bound::Included(high) => compared(high).is_some_and(|order| order.is_le()),
        Bound::Excluded(high) => compared(high).is_some_and(|order| order.is_lt()),
    };
    above && below
}

impl Storage for Memory {
    fn number(&self, kind: NameKind, name: &str) -> Result<Option<u32>> {
        Ok(self.names.get(&(kind, name.to_owned())).copied())
    }

    fn intern(&mut self, kind: NameKind, name: &str) -> Result<u32> {
        let next = u32::try_from(self.names.len()).unwrap();
        let number = *self.names.entry((kind, name.to_owned())).or_insert(next);
        self.texts.insert((kind, number), name.into());
        Ok(number)
    }

    fn node_count(&self, label: Option<u32>) -> Result<u64> {
        let of = |node: &&NodeData| label.is_none_or(|label| node.labels.contains(&label));
        Ok(self.nodes.values().filter(of).count() as u64)
    }

    fn relationship_count(&self, kind: Option<u32>) -> Result<u64> {
        let of = |found: &&RelationshipData| kind.is_none_or(|kind| found.kind == kind);
        Ok(self.relationships.values().filter(of).count() as u64)
    }

    fn indexes(&self) -> Result<Vec<Index>> {
        Ok(self.indexes.clone())
    }

    fn nodes(&self, label: Option<u32>, after: Option<u64>, limit: usize, into: &mut Vec<u64>) -> Result<()> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = self.nodes.range((from, Bound::Unbounded));
        let found = found.filter(|(_, node)| label.is_none_or(|label| node.labels.contains(&label)));
        into.extend(found.map(|(id, _)| *id).take(limit));
        Ok(())
    }

    fn seek(&self, index: u32, seek: Seek<'_>, _: Check<'_>) -> Result<Option<Place>> {
        let index = self.indexes.iter().find(|other| other.id == index).unwrap();
        let of_nodes = index.covers == Covers::Nodes;
        let kind = if of_nodes { NameKind::Label } else { NameKind::Type };
        let label = index.label.as_ref().map(|label| self.names.get(&(kind, label.clone())));
        let fits =
            |label_of: &dyn Fn(u32) -> bool| label.is_none_or(|label| label.is_some_and(|label| label_of(*label)));
        let nodes = self.nodes.iter().filter(|(_, node)| of_nodes && fits(&|label| node.labels.contains(&label)));
        let relationships =
            self.relationships.iter().filter(|(_, found)| !of_nodes && fits(&|kind| found.kind == kind));
        let nodes = nodes.map(|(id, node)| (*id, &node.properties));
        let mut found = Vec::new();
        for (id, properties) in nodes.chain(relationships.map(|(id, found)| (*id, &found.properties))) {
            let value = |at: usize| {
                let key = self.names.get(&(NameKind::Key, index.properties.get(at)?.clone()))?;
                properties.get(key)
            };
            let equal = seek.equal.iter().enumerate();
            let next = value(seek.equal.len());
            let fits = equal
                .map(|(at, sought)| value(at).is_some_and(|value| equals(value, sought) == Some(true)))
                .chain([match seek.next {
                    Next::Any => value(0).is_some(),
                    Next::Formed => next.is_some_and(has_form),
                    Next::Other => next.is_some_and(|value| !has_form(value)),
                    Next::Missing => next.is_none(),
                    Next::Range(low, high) => next.is_some_and(|value| within(value, low, high)),
                    Next::Prefix(prefix) => matches!(next, Some(Value::String(text)) if text.starts_with(prefix)),
                    Next::Text(..) => return Ok(None),
                }])
                .all(|fits| fits);
            if fits {
                found.push((next.cloned().unwrap_or(Value::Null), id));
            }
        }
        found.sort_by(|(a, _), (b, _)| order(a, b));
        if seek.reverse {
            found.reverse();
        }
        Ok(Some(Place::of(found.into_iter().map(|(_, id)| id).collect())))
    }

    fn advance(&self, place: &mut Place, limit: usize, into: &mut Vec<u64>) -> Result<bool> {
        let before = into.len();
        let more = place.step(limit, into, &|label, after, into| self.nodes(label, after, limit, into));
        self.sought.set(self.sought.get() + into.len() - before);
        more
    }

    fn edges(&self, node: u64, direction: Direction, kinds: Option<&[u32]>, into: &mut Vec<Edge>) -> Result<()> {
        if self.fails {
            return Err(Failure::Storage("the disk is gone".into()));
        }
        for id in self.ids(node, direction) {
            let found = &self.relationships[&id];
            if kinds.is_none_or(|kinds| kinds.contains(&found.kind)) {
                let other = if found.start == node { found.end } else { found.start };
                into.push(Edge { id, node: other, kind: found.kind });
            }
        }
        Ok(())
    }

    fn degree(&self, node: u64, direction: Direction, kinds: Option<&[u32]>) -> Result<u64> {
        let mut edges = Vec::new();
        self.edges(node, direction, kinds, &mut edges)?;
        Ok(edges.len() as u64)
    }

    fn has_label(&self, node: u64, label: u32) -> Result<bool> {
        Ok(self.nodes.get(&node).is_some_and(|node| node.labels.contains(&label)))
    }

    fn has_labels(&self, node: u64) -> Result<bool> {
        Ok(self.nodes.get(&node).is_some_and(|node| !node.labels.is_empty()))
    }

    fn properties(&self, of: Entity, keys: &[u32], into: &mut Vec<Value>) -> Result<()> {
        let properties = match of {
            Entity::Node(id) => self.nodes.get(&id).map(|node| &node.properties),
            Entity::Relationship(id) => self.relationships.get(&id).map(|found| &found.properties),
        };
        let value = |key| properties.and_then(|properties| properties.get(key)).cloned().unwrap_or(Value::Null);
        into.extend(keys.iter().map(value));
        Ok(())
    }

    fn node(&self, id: u64) -> Result<Option<Arc<Node>>> {
        self.entities_read.set(self.entities_read.get() + 1);
        Ok(self.nodes.get(&id).map(|node| {
            let labels = node.labels.iter().map(|label| self.text(NameKind::Label, *label)).collect();
            Arc::new(Node { id, labels, properties: self.map(&node.properties) })
        }))
    }

    fn relationship(&self, id: u64) -> Result<Option<Arc<Relationship>>> {
        self.entities_read.set(self.entities_read.get() + 1);
        Ok(self.relationships.get(&id).map(|found| {
            let kind = self.text(NameKind::Type, found.kind);
            let properties = self.map(&found.properties);
            Arc::new(Relationship { id, kind, start: found.start, end: found.end, properties })
        }))
    }

    fn create_node(&mut self, labels: &[u32], properties: &[(u32, Value)]) -> Result<u64> {
        let id = self.next;
        self.next += 1;
        let properties = properties.iter().cloned().collect();
        self.nodes.insert(id, NodeData { labels: labels.to_vec(), properties, ..NodeData::default() });
        Ok(id)
    }

    fn create_relationship(&mut self, kind: u32, start: u64, end: u64, properties: &[(u32, Value)]) -> Result<u64> {
        let id = self.next;
        self.next += 1;
        self.nodes.get_mut(&start).unwrap().out.insert(id);
        self.nodes.get_mut(&end).unwrap().into.insert(id);
        let properties = properties.iter().cloned().collect();
        self.relationships.insert(id, RelationshipData { kind, start, end, properties });
        Ok(id)
    }

    fn set_property(&mut self, of: Entity, key: u32, value: &Value) -> Result<bool> {
        let properties = match of {
            Entity::Node(id) => &mut self.nodes.get_mut(&id).unwrap().properties,
            Entity::Relationship(id) => &mut self.relationships.get_mut(&id).unwrap().properties,
        };
        Ok(match value {
            Value::Null => properties.remove(&key).is_some(),
            value => properties.insert(key, value.clone()).is_some(),
        })
    }

    fn add_label(&mut self, node: u64, label: u32) -> Result<bool> {
        let labels = &mut self.nodes.get_mut(&node).unwrap().labels;
        let new = !labels.contains(&label);
        if new {
            labels.push(label);
        }
        Ok(new)
    }

    fn remove_label(&mut self, node: u64, label: u32) -> Result<bool> {
        let labels = &mut self.nodes.get_mut(&node).unwrap().labels;
        let before = labels.len();
        labels.retain(|other| *other != label);
        Ok(labels.len() < before)
    }

    fn delete_node(&mut self, node: u64) -> Result<()> {
        let data = self.nodes.remove(&node).unwrap();
        assert!(data.out.is_empty() && data.into.is_empty(), "a node is deleted that has relationships");
        Ok(())
    }

    fn delete_relationship(&mut self, relationship: u64) -> Result<()> {
        let found = self.relationships.remove(&relationship).unwrap();
        self.nodes.get_mut(&found.start).unwrap().out.remove(&relationship);
        self.nodes.get_mut(&found.end).unwrap().into.remove(&relationship);
        Ok(())
    }
}
