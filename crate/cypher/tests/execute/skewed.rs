//! A graph that tells wrong numbers, which lead to other plans.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sledstore_cypher::storage::{Check, Direction, Edge, Entity, Index, NameKind, Place, Result, Seek, Storage};
use sledstore_cypher::value::{Node, Relationship, Value};

/// Plans are made over it; it is never run.
pub struct Skewed<'g> {
    pub graph: &'g dyn Storage,
    pub seed: u64,
}

impl Skewed<'_> {
    fn number_of(&self, what: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, what).hash(&mut hasher);
        hasher.finish() % 1_000
    }
}

impl Storage for Skewed<'_> {
    fn number(&self, kind: NameKind, name: &str) -> Result<Option<u32>> {
        self.graph.number(kind, name)
    }

    fn intern(&mut self, _: NameKind, _: &str) -> Result<u32> {
        panic!("a plan writes")
    }

    fn node_count(&self, label: Option<u32>) -> Result<u64> {
        Ok(self.number_of((true, label)))
    }

    fn relationship_count(&self, kind: Option<u32>) -> Result<u64> {
        Ok(self.number_of((false, kind)))
    }

    fn indexes(&self) -> Result<Vec<Index>> {
        self.graph.indexes()
    }

    fn nodes(&self, _: Option<u32>, _: Option<u64>, _: usize, _: &mut Vec<u64>) -> Result<()> {
        panic!("a plan reads")
    }

    fn seek(&self, _: u32, _: Seek<'_>, _: Check<'_>) -> Result<Option<Place>> {
        panic!("a plan reads")
    }

    fn edges(&self, _: u64, _: Direction, _: Option<&[u32]>, _: &mut Vec<Edge>) -> Result<()> {
        panic!("a plan reads")
    }

    fn degree(&self, _: u64, _: Direction, _: Option<&[u32]>) -> Result<u64> {
        panic!("a plan reads")
    }

    fn has_label(&self, _: u64, _: u32) -> Result<bool> {
        panic!("a plan reads")
    }

    fn has_labels(&self, _: u64) -> Result<bool> {
        panic!("a plan reads")
    }

    fn properties(&self, _: Entity, _: &[u32], _: &mut Vec<Value>) -> Result<()> {
        panic!("a plan reads")
    }

    fn node(&self, _: u64) -> Result<Option<Arc<Node>>> {
        panic!("a plan reads")
    }

    fn relationship(&self, _: u64) -> Result<Option<Arc<Relationship>>> {
        panic!("a plan reads")
    }

    fn create_node(&mut self, _: &[u32], _: &[(u32, Value)]) -> Result<u64> {
        panic!("a plan writes")
    }

    fn create_relationship(&mut self, _: u32, _: u64, _: u64, _: &[(u32, Value)]) -> Result<u64> {
        panic!("a plan writes")
    }

    fn set_property(&mut self, _: Entity, _: u32, _: &Value) -> Result<bool> {
        panic!("a plan writes")
    }

    fn add_label(&mut self, _: u64, _: u32) -> Result<bool> {
        panic!("a plan writes")
    }

    fn remove_label(&mut self, _: u64, _: u32) -> Result<bool> {
        panic!("a plan writes")
    }

    fn delete_node(&mut self, _: u64) -> Result<()> {
        panic!("a plan writes")
    }

    fn delete_relationship(&mut self, _: u64) -> Result<()> {
        panic!("a plan writes")
    }
}
