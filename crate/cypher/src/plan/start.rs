//! Where a pattern is begun: at all nodes, those of a label, those of an index, or the relationships of one.

use super::operator::{LabelTest, Operator, RelationshipSeek, Scan, Source};
use super::pattern::{Work, selectivity};
use super::seek::{Branch, Sought, SoughtIds, Union, only_type};
use super::{Planner, Result};
use crate::ir::{Direction, Labels, PathElement};
use crate::storage::{Covers, NameKind};

/// So few nodes are found before a path to them is.
const NARROW_ROWS: f64 = 10.0;

/// A node to start with.
pub(super) struct Start {
    pub node: usize,
    way: Way,
    rows: f64,
    /// Whether it depends on what was found before in the pattern.
    pub reads_row: bool,
}

impl Start {
    /// Whether an index, or ids, give few nodes.
    pub fn is_narrow(&self) -> bool {
        !matches!(self.way, Way::All | Way::Label(_) | Way::Relationship(..)) && self.rows <= NARROW_ROWS
    }
}

#[derive(Clone)]
enum Way {
    All,
    Label(String),
    Seek(Sought),
    Ids(SoughtIds),
    Union(Union),
    /// A relationship, by its place in the pattern; the node is one of its ends.
    Relationship(usize, Sought),
}

/// What a relationship out of an index costs, in nodes out of a scan: it and both its ends are read.
const RELATIONSHIP_COST: f64 = 3.0;

impl Planner<'_> {
    /// The cheapest node to start with, of those that are not found yet, or a relationship that an index gives.
    pub(super) fn start(&mut self, work: &Work<'_>) -> Option<Start> {
        let mut best: Option<(f64, f64, Start)> = None;
        for node in (0..work.solved.len()).filter(|node| !work.solved[*node]) {
            let start = self.way(work, node);
            let slot = work.pattern.nodes[node].slot;
            let mut kept = start.rows;
            for (slots, predicate) in &work.predicates {
                if slots.contains(&slot) && slots.iter().all(|other| *other == slot || work.filled.contains(other)) {
                    kept *= selectivity(predicate);
                }
            }
            let cost = kept + start.rows / 100.0;
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, kept, start));
            }
        }
        let (_, kept, start) = best?;
        Some(self.relationship_start(work, &start, kept).unwrap_or(start))
    }

    /// A relationship that an index gives for less than it costs to find it from a node.
    fn relationship_start(&self, work: &Work<'_>, from: &Start, kept: f64) -> Option<Start> {
        let mut best: Option<Start> = None;
        for (at, found) in work.pattern.relationships.iter().enumerate() {
            let reserved = work.is_reserved(PathElement::Relationship(at));
            if work.relationships[at] || found.bound || found.length.is_some() || reserved || work.solved[found.from] {
                continue;
            }
            let name = only_type(found.types.as_ref());
            let names = name.as_slice();
            let Some(sought) = self.best_seek(work.said(), found.slot, Covers::Relationships, names) else { continue };
            let degree = self.count_relationships(found.types.as_ref()) / self.count_nodes(None).max(1.0);
            let rows = sought.rows * if found.direction == Direction::Both { 2.0 } else { 1.0 };
            let least = best.as_ref().map_or(from.rows + kept * degree, |best| RELATIONSHIP_COST * best.rows);
            if RELATIONSHIP_COST * rows < least {
                let reads_row = sought.reads_row;
                best = Some(Start { node: found.from, way: Way::Relationship(at, sought), rows, reads_row });
            }
        }
        best
    }

    fn way(&self, work: &Work<'_>, node: usize) -> Start {
        let pattern = &work.pattern.nodes[node];
        let mut best = Start { node, way: Way::All, rows: self.count_nodes(None), reads_row: false };
        let names = pattern.labels.as_ref().map(Labels::required).unwrap_or_default();
        for name in &names {
            let rows = self.count_nodes(Some(name));
            if rows < best.rows || matches!(best.way, Way::All) {
                best = Start { node, way: Way::Label((*name).to_owned()), rows, reads_row: false };
            }
        }
        if let Some(sought) = Self::sought_ids(work.said(), pattern.slot).filter(|sought| sought.rows <= best.rows) {
            let (rows, reads_row) = (sought.rows, sought.reads_row);
            best = Start { node, way: Way::Ids(sought), rows, reads_row };
        }
        match self.best_seek(work.said(), pattern.slot, Covers::Nodes, &names) {
            Some(sought) if sought.rows < best.rows || !matches!(best.way, Way::Ids(_)) && sought.rows <= best.rows => {
                let (rows, reads_row) = (sought.rows, sought.reads_row);
                best = Start { node, way: Way::Seek(sought), rows, reads_row };
            }
            _ => {}
        }
        let choices = pattern.labels.as_ref().map(Labels::choices).unwrap_or_default();
        let labels = choices.iter().map(|names| self.union_of_labels(work.said(), pattern.slot, names));
        for union in self.best_union(work, pattern.slot, &names).into_iter().chain(labels) {
            if union.rows < best.rows {
                best = Start { node, rows: union.rows, reads_row: union.reads_row, way: Way::Union(union) };
            }
        }
        best
    }

    pub(super) fn scan(&mut self, work: &mut Work<'_>, start: Start) -> Result<()> {
        let pattern = &work.pattern.nodes[start.node];
        let mut labels = self.node_labels(work, start.node);
        let mut details = self.node_text(pattern.slot, pattern.labels.as_ref());
        let source = match &start.way {
            Way::All => Source::All,
            Way::Label(name) => {
                let name = self.name(NameKind::Label, name);
                labels = labels.and_then(|labels| without(labels, &LabelTest::Name(name)));
                Source::Label(name)
            }
            Way::Seek(sought) => {
                details = format!("{details} by {}", sought.text());
                Source::Seek(self.compiled(sought)?)
            }
            Way::Ids(sought) => {
                details.push_str(" by id");
                Source::Ids(self.compiled_ids(sought)?)
            }
            Way::Union(union) => {
                let texts: Vec<String> = union.branches.iter().map(Branch::text).collect();
                details = format!("{details} by {}", texts.join(" or "));
                let branches = union.branches.iter().map(|branch| match branch {
                    Branch::Label(name, _) => Ok(Source::Label(self.name(NameKind::Label, name))),
                    Branch::Seek(sought) => self.compiled(sought).map(Source::Seek),
                    Branch::Ids(sought) => self.compiled_ids(sought).map(Source::Ids),
                });
                Source::Union(branches.collect::<Result<_>>()?)
            }
            Way::Relationship(at, sought) => return self.relationships(work, *at, sought, start.rows),
        };
        work.rows *= start.rows;
        let scan = Scan { node: self.target(pattern.slot), source, labels };
        let step = self.step(Operator::Scan(scan), work.rows, details);
        work.steps.push(step);
        self.arrived(work, start.node);
        Ok(())
    }

    /// Begins at a relationship out of an index, and goes to its ends.
    fn relationships(&mut self, work: &mut Work<'_>, at: usize, sought: &Sought, rows: f64) -> Result<()> {
        let slot = work.pattern.relationships[at].slot;
        work.rows *= rows;
        let details = format!("{} by {}", self.relationship_text(work.pattern, at), sought.text());
        let seek = RelationshipSeek { relationship: self.target(slot), seek: self.compiled(sought)? };
        let step = self.step(Operator::Relationships(seek), work.rows, details);
        work.steps.push(step);
        self.known(work, at)?;
        self.read_properties(work, slot);
        Ok(())
    }

    /// How many nodes there are, or how many of a label; as far as the storage can tell.
    pub(super) fn count_nodes(&self, label: Option<&str>) -> f64 {
        let number = match label {
            None => None,
            Some(name) => match self.storage.number(NameKind::Label, name) {
                Ok(Some(number)) => Some(number),
                _ => return 0.0,
            },
        };
        self.storage.node_count(number).map_or(1.0, |count| count as f64)
    }

    pub(super) fn count_labels(&self, labels: Option<&Labels>) -> f64 {
        let Some(labels) = labels else { return self.count_nodes(None) };
        let of = |name| self.count_nodes(Some(name));
        let required = labels.required().into_iter().map(of);
        let choices = labels.choices().into_iter().map(|names| names.into_iter().map(of).sum());
        required.chain(choices).fold(self.count_nodes(None), f64::min)
    }

    pub(super) fn count_relationships(&self, types: Option<&Labels>) -> f64 {
        let count = |number| self.storage.relationship_count(number).map_or(1.0, |count| count as f64);
        let Some(names) = types.and_then(Labels::alternatives) else { return count(None) };
        let of = |name: &&str| match self.storage.number(NameKind::Type, name) {
            Ok(Some(number)) => count(Some(number)),
            _ => 0.0,
        };
        names.iter().map(of).sum()
    }
}

/// The test without a part that is known to hold.
fn without(labels: LabelTest, known: &LabelTest) -> Option<LabelTest> {
    let same = |test: &LabelTest| matches!((test, known), (LabelTest::Name(a), LabelTest::Name(b)) if a == b);
    match labels {
        LabelTest::And(all) => {
            let left: Vec<_> = all.into_iter().filter(|test| !same(test)).collect();
            if left.is_empty() { None } else { Some(LabelTest::And(left)) }
        }
        test if same(&test) => None,
        test => Some(test),
    }
}
