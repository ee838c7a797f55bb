//! Plans by their texts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sledstore_graph::Graph;

use super::access::{ReadOnly, View, Viewed};
use super::error::failure;
use super::graph::GraphStorage;
use crate::execute::{Prepared, prepare};
use crate::procedure::Registry;
use crate::storage::Result;

/// Plans that are kept of a graph.
const PLANS_MAX: usize = 256;
/// Longest text whose plan is kept, in bytes.
const TEXT_BYTES_MAX: usize = 16 << 10;
/// How long a plan is used before the graph's size is looked at again.
const CHECKED_AFTER: Duration = Duration::from_secs(1);
/// By how much a graph has grown or shrunk when plans are made again.
const SIZE_FACTOR: u64 = 4;

/// The plans of one graph. A plan is used while the indexes and procedures are those it was made with.
#[derive(Default)]
pub struct Plans {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    plans: HashMap<Box<str>, Entry>,
    uses: u64,
}

/// What a plan was made with; it is good while that is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    schema: u64,
    procedures: u64,
}

impl Stamp {
    fn of(graph: &Graph, procedures: &Registry, reader: &impl Viewed) -> Result<Self> {
        Ok(Self { schema: graph.schema_stamp(reader).map_err(failure)?, procedures: procedures.version() })
    }
}

/// A plan, and what it was made with.
pub(super) type Stamped = (Arc<Prepared>, Stamp);

struct Entry {
    plan: Arc<Prepared>,
    stamp: Stamp,
    size: u64,
    checked: Instant,
    used: u64,
}

impl Plans {
    /// The plan of a text, made now if there is none that fits: not `before`, which its caller has, and none that is
    /// kept.
    pub(super) fn get(
        &self,
        graph: &Graph,
        procedures: &Registry,
        reader: &impl Viewed,
        text: &str,
        before: Option<&Stamped>,
    ) -> Result<Stamped> {
        let stamp = Stamp::of(graph, procedures, reader)?;
        if let Some(before) = before.filter(|(_, other)| *other == stamp) {
            return Ok(before.clone());
        }
        if let Some(plan) = self.find(graph, text, stamp)? {
            return Ok((plan, stamp));
        }
        // What a transaction counts it meets as a conflict, and numbers only help to choose.
        let newest = match reader.view() {
            View::Transaction(_) => Some(graph.store().snapshot().map_err(failure)?),
            _ => None,
        };
        let plan = match &newest {
            Some(newest) if graph.schema_stamp(newest).map_err(failure)? == stamp.schema => {
                prepare(text, procedures, &GraphStorage::new(graph, ReadOnly(newest)))?
            }
            _ => prepare(text, procedures, &GraphStorage::new(graph, ReadOnly(reader)))?,
        };
        let plan = Arc::new(plan);
        if text.len() <= TEXT_BYTES_MAX {
            let size = size(graph)?;
            self.keep(text, Entry { plan: plan.clone(), stamp, size, checked: Instant::now(), used: 0 });
        }
        Ok((plan, stamp))
    }

    fn find(&self, graph: &Graph, text: &str, stamp: Stamp) -> Result<Option<Arc<Prepared>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses = kept.uses.saturating_add(1);
        let uses = kept.uses;
        let Some(entry) = kept.plans.get_mut(text).filter(|entry| entry.stamp == stamp) else { return Ok(None) };
        entry.used = uses;
        if entry.checked.elapsed() >= CHECKED_AFTER {
            let now = size(graph)?;
            if now > entry.size.saturating_mul(SIZE_FACTOR) || entry.size > now.saturating_mul(SIZE_FACTOR) {
                return Ok(None);
            }
            entry.checked = Instant::now();
        }
        Ok(Some(entry.plan.clone()))
    }

    fn keep(&self, text: &str, mut entry: Entry) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        entry.used = kept.uses;
        if kept.plans.len() >= PLANS_MAX {
            let oldest = kept.plans.iter().min_by_key(|(_, entry)| entry.used).map(|(text, _)| text.clone());
            oldest.map(|text| kept.plans.remove(&text));
        }
        kept.plans.insert(text.into(), entry);
    }
}

/// Nodes and edges of the newest state; never zero.
fn size(graph: &Graph) -> Result<u64> {
    let nodes = graph.count_nodes(graph.store(), None).map_err(failure)?;
    let edges = graph.count_edges(graph.store()).map_err(failure)?;
    Ok(nodes.saturating_add(edges).saturating_add(1))
}
