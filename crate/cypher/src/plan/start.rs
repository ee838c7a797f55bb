//! Where a pattern's first node comes from: all nodes, those of a label, or an index.

use super::operator::{LabelTest, Operator, Scan, Source};
use super::pattern::{Work, selectivity};
use super::usage::slots_of;
use super::{Planner, Result};
use crate::ir::{BinaryOp, CompareOp, Expr, ExprKind, Labels, Slot};
use crate::storage::{Index, IndexKind, NameKind};

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
    /// Whether an index gives few nodes.
    pub fn is_narrow(&self) -> bool {
        matches!(self.way, Way::Index { .. }) && self.rows <= NARROW_ROWS
    }
}

#[derive(Clone)]
enum Way {
    All,
    Label(String),
    Index { index: u32, sought: Sought },
}

/// What is sought of the first property, as expressions.
#[derive(Clone)]
enum Sought {
    Equal(Expr),
    In(Expr),
    Range { low: Option<(Expr, bool)>, high: Option<(Expr, bool)> },
    Prefix(Expr),
}

impl Planner<'_> {
    /// The cheapest node to start with, of those that are not found yet.
    pub(super) fn start(&mut self, work: &Work<'_>) -> Option<Start> {
        let mut best: Option<(f64, Start)> = None;
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
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, start));
            }
        }
        best.map(|(_, start)| start)
    }

    fn way(&self, work: &Work<'_>, node: usize) -> Start {
        let pattern = &work.pattern.nodes[node];
        let mut best = Start { node, way: Way::All, rows: self.count_nodes(None), reads_row: false };
        let names = pattern.labels.as_ref().and_then(Labels::conjunction).unwrap_or_default();
        for name in &names {
            let rows = self.count_nodes(Some(name));
            if rows < best.rows || matches!(best.way, Way::All) {
                best = Start { node, way: Way::Label((*name).to_owned()), rows, reads_row: false };
            }
        }
        for index in &self.indexes {
            let [property] = index.properties.as_slice() else { continue };
            if index.kind == IndexKind::Fulltext || !names.contains(&index.label.as_str()) {
                continue;
            }
            let Some((sought, reads_row)) = sought(work, pattern.slot, property) else { continue };
            let rows = self.rows_of(index, &sought);
            if rows <= best.rows {
                best = Start { node, way: Way::Index { index: index.id, sought }, rows, reads_row };
            }
        }
        best
    }

    fn rows_of(&self, index: &Index, sought: &Sought) -> f64 {
        let all = self.count_nodes(Some(&index.label));
        match sought {
            Sought::Equal(_) if index.kind == IndexKind::Unique => 1.0_f64.min(all),
            Sought::Equal(_) => (all * 0.01).max(1.0).min(all),
            Sought::In(_) => (all * 0.05).max(1.0).min(all),
            Sought::Range { low: Some(_), high: Some(_) } => all * 0.1,
            Sought::Range { .. } => all * 0.3,
            Sought::Prefix(_) => all * 0.1,
        }
    }

    pub(super) fn scan(&mut self, work: &mut Work<'_>, start: Start) -> Result<()> {
        let pattern = &work.pattern.nodes[start.node];
        let mut labels = self.node_labels(work, start.node);
        let source = match &start.way {
            Way::All => Source::All,
            Way::Label(name) => {
                let name = self.name(NameKind::Label, name);
                labels = labels.and_then(|labels| without(labels, &LabelTest::Name(name)));
                Source::Label(name)
            }
            Way::Index { index, sought } => self.sought(*index, sought)?,
        };
        work.rows *= start.rows;
        let details = self.node_text(pattern.slot, pattern.labels.as_ref());
        let scan = Scan { node: self.target(pattern.slot), source, labels };
        let step = self.step(Operator::Scan(scan), work.rows, details);
        work.steps.push(step);
        self.arrived(work, start.node);
        Ok(())
    }

    fn sought(&mut self, index: u32, sought: &Sought) -> Result<Source> {
        let mut bound = |bound: &Option<(Expr, bool)>| {
            bound.as_ref().map(|(expr, inclusive)| Ok((self.compile(expr)?, *inclusive))).transpose()
        };
        Ok(match sought {
            Sought::Range { low, high } => Source::Range { index, low: bound(low)?, high: bound(high)? },
            Sought::Equal(value) => Source::Equal { index, value: self.compile(value)? },
            Sought::In(list) => Source::In { index, list: self.compile(list)? },
            Sought::Prefix(prefix) => Source::Prefix { index, prefix: self.compile(prefix)? },
        })
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
        if let Some(names) = labels.conjunction() {
            return names.into_iter().map(|name| self.count_nodes(Some(name))).fold(f64::INFINITY, f64::min);
        }
        match labels.alternatives() {
            Some(names) => names.into_iter().map(|name| self.count_nodes(Some(name))).sum(),
            None => self.count_nodes(None),
        }
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

/// What the predicates say of a property of a node, and whether they read what was found before.
fn sought(work: &Work<'_>, slot: Slot, property: &str) -> Option<(Sought, bool)> {
    let (mut low, mut high, mut ranges) = (None, None, false);
    for (slots, predicate) in &work.predicates {
        if slots.iter().any(|other| *other != slot && !work.filled.contains(other)) {
            continue;
        }
        let reads_row = slots.iter().any(|other| *other != slot);
        match &predicate.kind {
            ExprKind::Compare { first, rest } => {
                let [(op, second)] = rest.as_slice() else { continue };
                let Some((op, value)) = compared(slot, property, *op, first, second) else { continue };
                match op {
                    CompareOp::Equal => return Some((Sought::Equal(value.clone()), reads_row)),
                    CompareOp::Greater => low = Some((value.clone(), false)),
                    CompareOp::GreaterEqual => low = Some((value.clone(), true)),
                    CompareOp::Less => high = Some((value.clone(), false)),
                    CompareOp::LessEqual => high = Some((value.clone(), true)),
                    CompareOp::NotEqual => continue,
                }
                ranges |= reads_row;
            }
            ExprKind::Binary { op: BinaryOp::StartsWith, left, right }
                if is_property(left, slot, property) && !reads(right, slot) =>
            {
                return Some((Sought::Prefix((**right).clone()), reads_row));
            }
            ExprKind::Binary { op: BinaryOp::In, left, right }
                if is_property(left, slot, property) && !reads(right, slot) =>
            {
                return Some((Sought::In((**right).clone()), reads_row));
            }
            _ => {}
        }
    }
    (low.is_some() || high.is_some()).then_some((Sought::Range { low, high }, ranges))
}

/// The comparison with the property on its left.
fn compared<'e>(
    slot: Slot,
    property: &str,
    op: CompareOp,
    first: &'e Expr,
    second: &'e Expr,
) -> Option<(CompareOp, &'e Expr)> {
    if is_property(first, slot, property) && !reads(second, slot) {
        return Some((op, second));
    }
    if !is_property(second, slot, property) || reads(first, slot) {
        return None;
    }
    let turned = match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessEqual => CompareOp::GreaterEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterEqual => CompareOp::LessEqual,
        same => same,
    };
    Some((turned, first))
}

fn is_property(expr: &Expr, slot: Slot, property: &str) -> bool {
    matches!(&expr.kind, ExprKind::Property { of, key } if of.as_slot() == Some(slot) && key == property)
}

fn reads(expr: &Expr, slot: Slot) -> bool {
    let mut slots = Vec::new();
    slots_of(expr, &mut slots);
    slots.contains(&slot)
}
