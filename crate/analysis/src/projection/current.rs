//! What commits have changed, taken into a projection.

use std::collections::{BTreeSet, HashSet};

use sledstore_algorithm::{Changes, EdgeKey};
use sledstore_engine::{ChangedKeys, Result, Snapshot};
use sledstore_graph::{EdgeId, Graph, NodeId, Touched};

use super::build::TypeNumbers;
use super::{Projection, grow};
use crate::failure::of_algorithm;

/// What rows that were changed are about.
#[derive(Default)]
struct TouchedRows {
    nodes: BTreeSet<u64>,
    edges: BTreeSet<u64>,
    /// Nodes whose leaving edges were changed: those of an edge that is gone are among them.
    leaving: BTreeSet<u64>,
    labels: HashSet<u32>,
}

impl TouchedRows {
    fn of(keys: &ChangedKeys) -> Result<Self> {
        let mut rows = Self::default();
        for key in keys.iter() {
            match Graph::touched(key)? {
                Some(Touched::Node(node)) => _ = rows.nodes.insert(node.0),
                Some(Touched::Edge(edge)) => _ = rows.edges.insert(edge.0),
                Some(Touched::Leaving(node)) => _ = rows.leaving.insert(node.0),
                Some(Touched::Label(label)) => _ = rows.labels.insert(label),
                None => {}
            }
        }
        Ok(rows)
    }
}

impl Projection {
    /// The projection at a later snapshot, between which and this one those keys were changed.
    pub(super) fn caught_up(
        &self,
        graph: &Graph,
        snapshot: &Snapshot,
        weight: Option<&str>,
        keys: &ChangedKeys,
    ) -> Result<Self> {
        let rows = TouchedRows::of(keys)?;
        let mut types = self.types.clone();
        let changes = self.changes(graph, snapshot, weight, &rows, &mut types)?;
        let mut csr = self.csr.clone();
        csr.apply(&changes).map_err(|error| of_algorithm(&error, None))?;
        let nodes_changed = !changes.nodes_added.is_empty() || !changes.nodes_removed.is_empty();
        let edges_changed = !changes.edges_added.is_empty() || !changes.edges_removed.is_empty();
        // Packing gives nodes other numbers, and leaves nothing pending.
        let renumbered = nodes_changed || edges_changed && csr.pending() == 0;
        let members = if renumbered { Default::default() } else { self.members.without(&rows.labels) };
        let projection = Self { csr, types, members, loan: self.loan.clone() };
        let bytes = projection.bytes();
        grow(graph, &mut projection.loan.lock(), bytes)?;
        Ok(projection)
    }

    fn changes(
        &self,
        graph: &Graph,
        snapshot: &Snapshot,
        weight: Option<&str>,
        rows: &TouchedRows,
        types: &mut TypeNumbers,
    ) -> Result<Changes> {
        let csr = &self.csr;
        let mut changes = Changes::default();
        for &id in &rows.nodes {
            match (graph.has_node(snapshot, NodeId(id))?, csr.number_of(id).is_some()) {
                (true, false) => changes.nodes_added.push(id),
                (false, true) => changes.nodes_removed.push(id),
                _ => {}
            }
        }
        let mut gone = HashSet::new();
        for &id in &rows.edges {
            let Some(edge) = graph.weighed_edge(snapshot, EdgeId(id), weight)? else {
                gone.insert(id);
                continue;
            };
            let edge = types.edge(&edge)?;
            let key = EdgeKey { id, from: edge.from, to: edge.to };
            match csr.number_of_edge(&key) {
                Some(number) if weight.is_none() || csr.weight_of(number) == edge.weight => {}
                Some(_) => {
                    changes.edges_removed.push(key);
                    changes.edges_added.push(edge);
                }
                None => changes.edges_added.push(edge),
            }
        }
        if !gone.is_empty() {
            for &from in &rows.leaving {
                let Some(number) = csr.number_of(from) else { continue };
                for next in csr.view().neighbors(number) {
                    let id = csr.edge_id_of(next.edge);
                    if gone.contains(&id) {
                        changes.edges_removed.push(EdgeKey { id, from, to: csr.id_of(next.node) });
                    }
                }
            }
        }
        Ok(changes)
    }
}
