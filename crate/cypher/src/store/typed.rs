//! What a statement wrote, held against the schema of a typed graph before it is committed.

use super::access::Access;
use super::graph::GraphStorage;
use crate::storage::{Entity, Result, Storage};
use crate::vocabulary::Vocabulary;

impl<A: Access> GraphStorage<'_, A> {
    /// Notes what is written, for [`Self::check_written`].
    pub(super) fn noting(mut self) -> Self {
        self.written = Some(Vec::new());
        self
    }

    pub(super) fn note(&mut self, of: Entity) {
        self.written.iter_mut().for_each(|written| written.push(of));
    }

    /// That what was written, as it is now, fits a schema. What is gone again was none of it.
    pub(super) fn check_written(&mut self, vocabulary: &Vocabulary) -> Result<()> {
        let mut written = self.written.take().unwrap_or_default();
        written.sort_unstable();
        written.dedup();
        for of in written {
            match of {
                Entity::Node(id) => {
                    let Some(node) = self.node(id)? else { continue };
                    vocabulary.check_node(&node.labels, &node.properties)?;
                }
                Entity::Relationship(id) => {
                    let Some(edge) = self.relationship(id)? else { continue };
                    let (Some(source), Some(target)) = (self.node(edge.start)?, self.node(edge.end)?) else { continue };
                    vocabulary.check_relationship(&edge.kind, (&source.labels, &target.labels), &edge.properties)?;
                }
            }
        }
        Ok(())
    }
}
