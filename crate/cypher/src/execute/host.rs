//! What a procedure reaches of the query that calls it; its changes are counted as those of the query's own clauses.

use std::cell::Ref;
use std::sync::Arc;

use super::Effects;
use super::runtime::{Changed, Deleted, Runtime};
use crate::procedure::{Host, Procedures};
use crate::storage::{Check, Direction, Edge, Entity, Failure, Index, NameKind, Place, Result, Seek, Storage, Stored};
use crate::value::{Node, Relationship, Value};

impl Host for Runtime<'_> {
    fn storage(&self) -> Ref<'_, dyn Storage + '_> {
        self.storage_ref()
    }

    fn change(&self, change: &mut dyn FnMut(&mut dyn Storage) -> Result<()>) -> Result<()> {
        self.with_storage(|storage| {
            let mut recorder = Recorder {
                storage,
                effects: &mut self.effects.borrow_mut(),
                changed: &mut self.changed.borrow_mut(),
                deleted: &mut self.deleted.borrow_mut(),
            };
            change(&mut recorder)
        })
    }

    fn procedures(&self) -> &dyn Procedures {
        self.procedures
    }

    fn proceed(&self) -> Result<()> {
        crate::evaluate::Graph::proceed(self).map_err(Failure::Cypher)
    }

    fn check(&self) -> Result<()> {
        self.check_limits().map_err(Failure::Cypher)
    }

    fn hold(&self, bytes: usize) -> Result<()> {
        Self::hold(self, bytes).map_err(Failure::Cypher)
    }

    fn release(&self, bytes: usize) {
        Self::release(self, bytes);
    }
}

/// A storage that notes what is changed through it.
struct Recorder<'a> {
    storage: &'a mut dyn Storage,
    effects: &'a mut Effects,
    changed: &'a mut Changed,
    deleted: &'a mut Deleted,
}

impl Recorder<'_> {
    fn touched(&mut self, entity: Entity) {
        match entity {
            Entity::Node(id) => drop(self.changed.nodes.insert(id, None)),
            Entity::Relationship(id) => drop(self.changed.relationships.insert(id, None)),
        }
    }
}

fn count(counter: &mut u64, more: usize) {
    *counter = counter.saturating_add(more as u64);
}

impl Storage for Recorder<'_> {
    fn number(&self, kind: NameKind, name: &str) -> Result<Option<u32>> {
        self.storage.number(kind, name)
    }

    fn intern(&mut self, kind: NameKind, name: &str) -> Result<u32> {
        self.storage.intern(kind, name)
    }

    fn node_count(&self, label: Option<u32>) -> Result<u64> {
        self.storage.node_count(label)
    }

    fn relationship_count(&self, kind: Option<u32>) -> Result<u64> {
        self.storage.relationship_count(kind)
    }

    fn indexes(&self) -> Result<Vec<Index>> {
        self.storage.indexes()
    }

    fn nodes(&self, label: Option<u32>, after: Option<u64>, limit: usize, into: &mut Vec<u64>) -> Result<()> {
        self.storage.nodes(label, after, limit, into)
    }

    fn seek(&self, index: u32, seek: Seek<'_>, check: Check<'_>) -> Result<Option<Place>> {
        self.storage.seek(index, seek, check)
    }

    fn advance(&self, place: &mut Place, limit: usize, into: &mut Vec<u64>) -> Result<bool> {
        self.storage.advance(place, limit, into)
    }

    fn edges(&self, node: u64, direction: Direction, kinds: Option<&[u32]>, into: &mut Vec<Edge>) -> Result<()> {
        self.storage.edges(node, direction, kinds, into)
    }

    fn degree(&self, node: u64, direction: Direction, kinds: Option<&[u32]>) -> Result<u64> {
        self.storage.degree(node, direction, kinds)
    }

    fn has_label(&self, node: u64, label: u32) -> Result<bool> {
        self.storage.has_label(node, label)
    }

    fn has_node(&self, node: u64) -> Result<bool> {
        self.storage.has_node(node)
    }

    fn has_labels(&self, node: u64) -> Result<bool> {
        self.storage.has_labels(node)
    }

    fn properties(&self, of: Entity, keys: &[u32], into: &mut Vec<Value>) -> Result<()> {
        self.storage.properties(of, keys, into)
    }

    fn node(&self, id: u64) -> Result<Option<Arc<Node>>> {
        self.storage.node(id)
    }

    fn relationship(&self, id: u64) -> Result<Option<Arc<Relationship>>> {
        self.storage.relationship(id)
    }

    fn create_node(&mut self, labels: &[u32], properties: &[(u32, Value)]) -> Result<u64> {
        let id = self.storage.create_node(labels, properties)?;
        count(&mut self.effects.nodes_created, 1);
        count(&mut self.effects.labels_added, labels.len());
        count(&mut self.effects.properties_set, properties.len());
        Ok(id)
    }

    fn create_relationship(&mut self, kind: u32, start: u64, end: u64, properties: &[(u32, Value)]) -> Result<u64> {
        let id = self.storage.create_relationship(kind, start, end, properties)?;
        count(&mut self.effects.relationships_created, 1);
        count(&mut self.effects.properties_set, properties.len());
        Ok(id)
    }

    fn set_property(&mut self, of: Entity, key: u32, value: &Value) -> Result<bool> {
        let was = self.storage.set_property(of, key, value)?;
        self.touched(of);
        if !value.is_null() {
            count(&mut self.effects.properties_set, 1);
        } else if was {
            count(&mut self.effects.properties_removed, 1);
        }
        Ok(was)
    }

    fn add_label(&mut self, node: u64, label: u32) -> Result<bool> {
        let is_new = self.storage.add_label(node, label)?;
        self.touched(Entity::Node(node));
        count(&mut self.effects.labels_added, usize::from(is_new));
        Ok(is_new)
    }

    fn remove_label(&mut self, node: u64, label: u32) -> Result<bool> {
        let was = self.storage.remove_label(node, label)?;
        self.touched(Entity::Node(node));
        count(&mut self.effects.labels_removed, usize::from(was));
        Ok(was)
    }

    fn delete_node(&mut self, node: u64) -> Result<()> {
        self.storage.delete_node(node)?;
        self.deleted.nodes.insert(node);
        count(&mut self.effects.nodes_deleted, 1);
        Ok(())
    }

    fn delete_relationship(&mut self, relationship: u64) -> Result<()> {
        self.storage.delete_relationship(relationship)?;
        self.deleted.relationships.insert(relationship);
        count(&mut self.effects.relationships_deleted, 1);
        Ok(())
    }

    fn stored(&self) -> Option<Stored<'_>> {
        self.storage.stored()
    }
}
