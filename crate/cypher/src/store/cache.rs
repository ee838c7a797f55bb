//! Plans by their texts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sledstore_graph::Graph;

use super::access::{ReadOnly, View};
use super::error::failure;
use super::graph::GraphStorage;
use crate::execute::{Prepared, prepare_within};
use crate::procedure::Registry;
use crate::storage::{Result, Storage};
use crate::syntax::Proceed;
use crate::vocabulary::Vocabulary;

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
    /// Texts whose plans stay, by how many want that.
    pinned: HashMap<Box<str>, usize>,
    uses: u64,
}

/// As long as it is there, the plan of its text is kept, however many others come and however long it is.
pub struct Pin {
    plans: Arc<Plans>,
    text: Box<str>,
}

impl Pin {
    pub(super) fn new(plans: &Arc<Plans>, text: &str) -> Self {
        *plans.locked().pinned.entry(text.into()).or_default() += 1;
        Self { plans: plans.clone(), text: text.into() }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut kept = self.plans.locked();
        let left = kept.pinned.get_mut(&self.text).map_or(0, |pins| {
            *pins = pins.saturating_sub(1);
            *pins
        });
        if left == 0 {
            kept.pinned.remove(&self.text);
            if self.text.len() > TEXT_BYTES_MAX {
                kept.plans.remove(&self.text);
            }
        }
    }
}

/// What a plan was made with; it is good while that is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    schema: u64,
    procedures: u64,
}

impl Stamp {
    fn of(graph: &Graph, procedures: &Registry, reader: View<'_>) -> Result<Self> {
        Ok(Self { schema: graph.schema_stamp(&reader).map_err(failure)?, procedures: procedures.version() })
    }
}

/// A plan, what it was made with, and the schema that it was held against.
pub(super) type Stamped = (Arc<Prepared>, Stamp, Option<Arc<Vocabulary>>);

/// A plan that is kept, and the schema that it was held against.
type Found = (Arc<Prepared>, Option<Arc<Vocabulary>>);

struct Entry {
    plan: Arc<Prepared>,
    stamp: Stamp,
    vocabulary: Option<Arc<Vocabulary>>,
    size: u64,
    checked: Instant,
    used: u64,
}

impl Plans {
    fn locked(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of a text, made now if there is none that fits: not `before`, which its caller has, and none that is
    /// kept. Of a graph with a schema `schema` has it, as [`Vocabulary`] reads it. `proceed` is asked while a plan is made.
    pub(super) fn get(
        &self,
        graph: &Graph,
        procedures: &Registry,
        reader: View<'_>,
        (text, schema): (&str, Option<&[u8]>),
        before: Option<&Stamped>,
        proceed: Proceed<'_>,
    ) -> Result<Stamped> {
        let stamp = Stamp::of(graph, procedures, reader)?;
        if let Some(before) = before.filter(|(_, other, _)| *other == stamp) {
            return Ok(before.clone());
        }
        if let Some((plan, vocabulary)) = self.find(graph, text, schema, stamp)? {
            return Ok((plan, stamp, vocabulary));
        }
        let vocabulary = schema.map(Vocabulary::parse).transpose()?.map(Arc::new);
        let prepare = |storage: &dyn Storage| prepare_within(text, procedures, storage, vocabulary.as_deref(), proceed);
        // What a transaction counts it meets as a conflict, and numbers only help to choose.
        let newest = match reader {
            View::Transaction(_) => Some(graph.store().snapshot().map_err(failure)?),
            _ => None,
        };
        let plan = match &newest {
            Some(newest) if graph.schema_stamp(newest).map_err(failure)? == stamp.schema => {
                prepare(&GraphStorage::new(graph, ReadOnly::of(newest)))?
            }
            _ => prepare(&GraphStorage::new(graph, ReadOnly::of(&reader)))?,
        };
        let plan = Arc::new(plan);
        let entry = Entry {
            plan: plan.clone(),
            stamp,
            vocabulary: vocabulary.clone(),
            size: size(graph)?,
            checked: Instant::now(),
            used: 0,
        };
        self.keep(text, entry);
        Ok((plan, stamp, vocabulary))
    }

    /// Whoever has no schema takes a plan that was held against one as well.
    fn find(&self, graph: &Graph, text: &str, schema: Option<&[u8]>, stamp: Stamp) -> Result<Option<Found>> {
        let mut kept = self.locked();
        kept.uses = kept.uses.saturating_add(1);
        let uses = kept.uses;
        let Some(entry) = kept.plans.get_mut(text).filter(|entry| entry.stamp == stamp) else { return Ok(None) };
        let vocabulary = entry.vocabulary.as_ref().filter(|known| schema.is_some_and(|schema| known.is_of(schema)));
        let vocabulary = vocabulary.cloned();
        if vocabulary.is_some() != schema.is_some() {
            return Ok(None);
        }
        entry.used = uses;
        if entry.checked.elapsed() >= CHECKED_AFTER {
            let now = size(graph)?;
            if now > entry.size.saturating_mul(SIZE_FACTOR) || entry.size > now.saturating_mul(SIZE_FACTOR) {
                return Ok(None);
            }
            entry.checked = Instant::now();
        }
        Ok(Some((entry.plan.clone(), vocabulary)))
    }

    fn keep(&self, text: &str, mut entry: Entry) {
        let mut kept = self.locked();
        if text.len() > TEXT_BYTES_MAX && !kept.pinned.contains_key(text) {
            return;
        }
        entry.used = kept.uses;
        kept.plans.insert(text.into(), entry);
        while kept.plans.len() > PLANS_MAX.saturating_add(kept.pinned.len()) {
            let free = kept.plans.iter().filter(|(text, _)| !kept.pinned.contains_key(*text));
            let Some(oldest) = free.min_by_key(|(_, entry)| entry.used).map(|(text, _)| text.clone()) else { break };
            kept.plans.remove(&oldest);
        }
    }
}

/// Nodes and edges of the newest state; never zero.
fn size(graph: &Graph) -> Result<u64> {
    let nodes = graph.count_nodes(graph.store(), None).map_err(failure)?;
    let edges = graph.count_edges(graph.store()).map_err(failure)?;
    Ok(nodes.saturating_add(edges).saturating_add(1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test's panic is its report

    use sledstore_engine::{Durability, Options, Store};
    use sledstore_graph::{Index, NodeId};

    use super::*;

    struct Bed {
        store: Store,
        graph: Graph,
        procedures: Registry,
        plans: Arc<Plans>,
    }

    impl Bed {
        fn new() -> Self {
            let store = Store::memory(&Options::default()).unwrap();
            let graph = Graph::open(&store, "g").unwrap();
            Self { store, graph, procedures: Registry::default(), plans: Arc::default() }
        }

        fn get(&self, text: &str) -> Arc<Prepared> {
            let snapshot = self.store.snapshot().unwrap();
            let view = View::Snapshot(&snapshot);
            self.plans.get(&self.graph, &self.procedures, view, (text, None), None, &|| Ok(())).unwrap().0
        }

        fn add(&self, nodes: usize) -> Vec<NodeId> {
            self.store
                .transact(Durability::None, |tx| (0..nodes).map(|_| self.graph.add_node(tx, &["A"], &[])).collect())
                .unwrap()
        }

        /// As if the size of the graph had been looked at long ago.
        fn age(&self) {
            for entry in self.plans.kept.lock().unwrap().plans.values_mut() {
                entry.checked -= CHECKED_AFTER;
            }
        }
    }

    const TEXT: &str = "MATCH (n:A {x: $x}) RETURN n";

    #[test]
    fn a_text_is_planned_once() {
        let bed = Bed::new();
        let plan = bed.get(TEXT);
        assert!(Arc::ptr_eq(&plan, &bed.get(TEXT)));
        assert!(!Arc::ptr_eq(&plan, &bed.get("MATCH (n:A {x: $y}) RETURN n")));
        let long = format!("{TEXT} // {}", "x".repeat(TEXT_BYTES_MAX));
        assert!(!Arc::ptr_eq(&bed.get(&long), &bed.get(&long)), "a long text is not kept");
    }

    #[test]
    fn what_was_not_used_for_longest_goes() {
        let bed = Bed::new();
        let text = |at: usize| format!("RETURN {at}");
        let (first, second) = (bed.get(&text(0)), bed.get(&text(1)));
        for at in 2..PLANS_MAX {
            bed.get(&text(at));
        }
        assert!(Arc::ptr_eq(&first, &bed.get(&text(0))), "as many as there is room for are kept");
        bed.get(&text(PLANS_MAX));
        assert!(Arc::ptr_eq(&first, &bed.get(&text(0))));
        assert!(!Arc::ptr_eq(&second, &bed.get(&text(1))));
        assert!(bed.plans.kept.lock().unwrap().plans.len() <= PLANS_MAX);
    }

    #[test]
    fn what_is_pinned_stays() {
        let bed = Bed::new();
        let long = format!("{TEXT} // {}", "x".repeat(TEXT_BYTES_MAX));
        let pins = [TEXT, TEXT, &long].map(|text| Pin::new(&bed.plans, text));
        let [short_plan, long_plan] = [bed.get(TEXT), bed.get(&long)];
        let fill = |from: usize| (from..from + PLANS_MAX).for_each(|at| drop(bed.get(&format!("RETURN {at}"))));
        fill(0);
        assert!(Arc::ptr_eq(&short_plan, &bed.get(TEXT)) && Arc::ptr_eq(&long_plan, &bed.get(&long)));
        let [first, second, third] = pins;
        drop(first);
        fill(PLANS_MAX);
        assert!(Arc::ptr_eq(&short_plan, &bed.get(TEXT)), "somebody still wants it");
        let index = Index { label: Some("A".to_owned()), property: "x".to_owned(), unique: false };
        bed.graph.create_index(&index, Durability::None, &mut |_, _| true).unwrap();
        let sought = bed.get(TEXT);
        assert!(!Arc::ptr_eq(&short_plan, &sought), "a plan that does not fit any more is made again");
        fill(2 * PLANS_MAX);
        assert!(Arc::ptr_eq(&sought, &bed.get(TEXT)));
        drop((second, third));
        assert!(!Arc::ptr_eq(&long_plan, &bed.get(&long)));
        fill(3 * PLANS_MAX);
        assert!(!Arc::ptr_eq(&sought, &bed.get(TEXT)));
        let kept = bed.plans.locked();
        assert!(kept.plans.len() <= PLANS_MAX && kept.pinned.is_empty());
    }

    #[test]
    fn other_indexes_and_another_size_make_another_plan() {
        let bed = Bed::new();
        let operators = |plan: &Prepared| match plan {
            Prepared::Query(plan) => plan.describe()[0].name,
            Prepared::Command(_) => "",
        };
        let scanned = bed.get(TEXT);
        assert_eq!(operators(&scanned), "LabelScan");
        let index = Index { label: Some("A".to_owned()), property: "x".to_owned(), unique: false };
        bed.graph.create_index(&index, Durability::None, &mut |_, _| true).unwrap();
        let sought = bed.get(TEXT);
        assert_eq!(operators(&sought), "NodeIndexSeek");
        bed.age();
        assert!(Arc::ptr_eq(&sought, &bed.get(TEXT)), "the graph has the size it had");
        bed.add(10);
        assert!(Arc::ptr_eq(&sought, &bed.get(TEXT)), "its size is not looked at at once");
        bed.age();
        let grown = bed.get(TEXT);
        assert!(!Arc::ptr_eq(&sought, &grown));
        assert!(Arc::ptr_eq(&grown, &bed.get(TEXT)));
    }
}
