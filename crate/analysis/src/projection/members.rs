//! Which nodes of a projection have a label.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use sledstore_algorithm::{NodeSet, TypeSet};
use sledstore_engine::{Read, Result};
use sledstore_graph::{Graph, NodeId};

use super::Projection;

/// Nodes of a label that are read at once.
const PAGE: usize = 8_192;

/// The nodes of labels that were asked for, by their numbers.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<u32, Arc<NodeSet>>>);

impl Cache {
    pub fn bytes(&self) -> usize {
        self.0.lock().values().map(|nodes| nodes.bytes() + size_of::<NodeSet>()).sum()
    }

    pub fn without(&self, labels: &HashSet<u32>) -> Self {
        let kept =
            self.0.lock().iter().filter(|(label, _)| !labels.contains(label)).map(|(&l, n)| (l, n.clone())).collect();
        Self(Mutex::new(kept))
    }
}

impl Projection {
    /// The nodes that have one of some labels; `reader` is at the projection's moment. Labels that the graph has never met
    /// have no nodes.
    ///
    /// # Errors
    /// What a read can meet.
    pub fn members(&self, graph: &Graph, reader: &impl Read, labels: &[&str]) -> Result<Arc<NodeSet>> {
        let mut union: Option<Arc<NodeSet>> = None;
        for name in labels {
            let Some(label) = graph.label_number(reader, name)? else { continue };
            let nodes = self.members_of(graph, reader, label)?;
            union = Some(match union {
                None => nodes,
                Some(mut union) => {
                    nodes.iter().for_each(|node| _ = Arc::make_mut(&mut union).insert(node));
                    union
                }
            });
        }
        Ok(union.unwrap_or_default())
    }

    fn members_of(&self, graph: &Graph, reader: &impl Read, label: u32) -> Result<Arc<NodeSet>> {
        if let Some(known) = self.members.0.lock().get(&label) {
            return Ok(known.clone());
        }
        let mut nodes = NodeSet::with_bound(self.csr.node_bound());
        let mut page: Vec<NodeId> = Vec::new();
        loop {
            let after = page.last().copied();
            page.clear();
            let more = graph.nodes_into(reader, Some(label), after, PAGE, &mut page)?;
            page.iter().filter_map(|node| self.csr.number_of(node.0)).for_each(|node| _ = nodes.insert(node));
            if !more {
                break;
            }
        }
        let nodes = Arc::new(nodes);
        // Where there is no room they are read again.
        if self.loan.lock().resize(self.bytes() + nodes.bytes() + size_of::<NodeSet>()) {
            self.members.0.lock().insert(label, nodes.clone());
        }
        Ok(nodes)
    }

    /// The types of some names; those that the graph has never met are left out.
    ///
    /// # Errors
    /// What a read can meet.
    pub fn types(&self, graph: &Graph, reader: &impl Read, names: &[&str]) -> Result<TypeSet> {
        let mut numbers = Vec::with_capacity(names.len());
        for name in names {
            let number = graph.edge_type_number(reader, name)?;
            numbers.extend(number.and_then(|number| self.types.get(number)));
        }
        Ok(numbers.into_iter().collect())
    }
}
