//! Plans by their texts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sledstore_engine::Read;
use sledstore_graph::Graph;

use super::access::{ReadOnly, Viewed};
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
struct Stamp {
    schema: u64,
    procedures: u64,
}

struct Entry {
    plan: Arc<Prepared>,
    stamp: Stamp,
    size: u64,
    checked: Instant,
    used: u64,
}

impl Plans {
    /// The plan of a text, made now if there is none that fits.
    pub(super) fn get(
        &self,
        graph: &Graph,
        procedures: &Registry,
        reader: &impl Viewed,
        text: &str,
    ) -> Result<Arc<Prepared>> {
        let stamp = Stamp { schema: graph.schema_stamp(reader).map_err(failure)?, procedures: procedures.version() };
        if let Some(plan) = self.find(graph, reader, text, stamp)? {
            return Ok(plan);
        }
        let storage = GraphStorage::new(graph, ReadOnly(reader));
        let plan = Arc::new(prepare(text, procedures, &storage)?);
        if text.len() <= TEXT_BYTES_MAX {
            self.keep(
                text,
                Entry { plan: plan.clone(), stamp, size: size(graph, reader)?, checked: Instant::now(), used: 0 },
            );
        }
        Ok(plan)
    }

    fn find(&self, graph: &Graph, reader: &impl Read, text: &str, stamp: Stamp) -> Result<Option<Arc<Prepared>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses = kept.uses.saturating_add(1);
        let uses = kept.uses;
        let Some(entry) = kept.plans.get_mut(text).filter(|entry| entry.stamp == stamp) else { return Ok(None) };
        entry.used = uses;
        if entry.checked.elapsed() >= CHECKED_AFTER {
            let now = size(graph, reader)?;
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

/// Nodes and edges; never zero.
fn size(graph: &Graph, reader: &impl Read) -> Result<u64> {
    let nodes = graph.count_nodes(reader, None).map_err(failure)?;
    let edges = graph.count_edges(reader).map_err(failure)?;
    Ok(nodes.saturating_add(edges).saturating_add(1))
}
