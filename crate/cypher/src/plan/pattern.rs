//! The order in which a pattern's elements are found: where to start, then the cheapest step from what is known.

use std::collections::HashSet;

use super::operator::{Expand, Intersect, Join, Known, LabelTest, Operator, Path, Piece, StepPlan};
use super::usage::slots_of;
use super::{Planner, Result};
use crate::error::{CypherError, Detail, Kind};
use crate::ir::{CompareOp, Expr, ExprKind, Labels, PathMode, Pattern, Selector, Slot};
use crate::storage::NameKind;

/// Most nodes of a pattern: to choose each step, all elements are looked at.
const ELEMENTS_MAX: usize = 500;

/// What must be true, each with the pattern's slots that it reads.
pub(super) type Predicates<'p> = Vec<(Vec<Slot>, &'p Expr)>;

/// What is known of a pattern while its steps are chosen.
pub(super) struct Work<'p> {
    pub pattern: &'p Pattern,
    /// The slots that the pattern fills.
    pub own: HashSet<Slot>,
    pub filled: HashSet<Slot>,
    pub solved: Vec<bool>,
    pub relationships: Vec<bool>,
    pub repetitions: Vec<bool>,
    pub paths: Vec<bool>,
    /// What is left to be true.
    pub predicates: Predicates<'p>,
    /// For each path what must be true of those among which is chosen.
    pub choices: Vec<Predicates<'p>>,
    pub steps: Vec<StepPlan>,
    pub rows: f64,
    /// Relationships that were found, which others must differ from; each with the types it may have.
    pub used: Vec<(Slot, Option<Vec<String>>)>,
    /// The slots of the traces of repetitions.
    pub traces: Vec<Slot>,
    /// Whether a component is planned by itself.
    pub apart: bool,
}

/// The next step.
#[derive(Clone, Copy)]
pub(super) enum Next {
    Relationship { at: usize, reversed: bool },
    Repetition { at: usize, reversed: bool },
    Path(usize),
}

/// The slots that a pattern fills.
pub(super) fn own_slots(pattern: &Pattern) -> HashSet<Slot> {
    let nodes = pattern.nodes.iter().filter(|node| !node.bound).map(|node| node.slot);
    let relationships = pattern.relationships.iter().filter(|found| !found.bound).map(|found| found.slot);
    let groups = pattern.repetitions.iter().flat_map(|repetition| repetition.groups.iter().map(|(_, list)| *list));
    nodes.chain(relationships).chain(groups).chain(pattern.paths.iter().filter_map(|path| path.slot)).collect()
}

impl Planner<'_> {
    pub(super) fn pattern_steps(&mut self, pattern: &Pattern, rows: f64) -> Result<(Vec<StepPlan>, f64)> {
        let elements = pattern.nodes.len().max(pattern.relationships.len());
        if elements > ELEMENTS_MAX {
            let message =
                format!("a pattern has at most {ELEMENTS_MAX} nodes; find the others by a MATCH of their own");
            return Err(CypherError::compile(Kind::SyntaxError, Detail::QueryTooDeep, message, None));
        }
        let mut work = self.work(pattern, rows, Vec::new());
        for node in pattern.nodes.iter().filter(|node| node.bound) {
            let labels = node.labels.as_ref().map(|labels| self.label_test(labels, NameKind::Label));
            let details = self.node_text(node.slot, node.labels.as_ref());
            let raw = !self.usage.is_whole(node.slot);
            let step = self.step(Operator::CheckNode { slot: node.slot, labels, raw }, work.rows, details);
            work.steps.push(step);
        }
        for (at, node) in pattern.nodes.iter().enumerate() {
            if node.bound {
                work.solve(at);
            }
        }
        self.run(&mut work)?;
        Ok((work.steps, work.rows))
    }

    pub(super) fn work<'p>(
        &mut self,
        pattern: &'p Pattern,
        rows: f64,
        used: Vec<(Slot, Option<Vec<String>>)>,
    ) -> Work<'p> {
        let own = own_slots(pattern);
        let (predicates, choices) = super::choice::split(pattern, &own);
        Work {
            pattern,
            predicates,
            choices,
            own,
            filled: HashSet::new(),
            solved: vec![false; pattern.nodes.len()],
            relationships: vec![false; pattern.relationships.len()],
            repetitions: vec![false; pattern.repetitions.len()],
            paths: vec![false; pattern.paths.len()],
            steps: Vec::new(),
            rows,
            used,
            traces: pattern.repetitions.iter().map(|_| self.new_slot()).collect(),
            apart: false,
        }
    }

    /// Plans until everything that can be found is.
    pub(super) fn run(&mut self, work: &mut Work<'_>) -> Result<()> {
        loop {
            (self.proceed)()?;
            self.apply_ready(work)?;
            let known = work.pattern.relationships.iter().zip(&work.relationships);
            if let Some(at) = known.into_iter().position(|(relationship, done)| relationship.bound && !done) {
                self.known(work, at)?;
                continue;
            }
            match self.cheapest(work) {
                Some(Next::Relationship { at, reversed }) => match work.closing(at, reversed) {
                    Some(other) => self.intersect(work, (at, reversed), other)?,
                    None => self.relationship(work, at, reversed)?,
                },
                Some(Next::Repetition { at, reversed }) => self.repetition(work, at, reversed)?,
                Some(Next::Path(at)) => match self.start(work).filter(|start| work.ends_at(at, start)) {
                    Some(start) => self.begin(work, start)?,
                    None => self.selected(work, at)?,
                },
                None if work.apart => return Ok(()),
                None => match self.start(work) {
                    Some(start) => self.begin(work, start)?,
                    None => return self.check_walks(work),
                },
            }
        }
    }

    /// Begins at a node: a scan, or a component by itself that is joined when that is not to be done for each row.
    fn begin(&mut self, work: &mut Work<'_>, start: super::start::Start) -> Result<()> {
        let apart = !work.apart
            && !start.reads_row
            && work.rows > 1.0
            && (work.used.is_empty() || !work.touches(start.node))
            && work.stands_alone(start.node);
        if !apart {
            return self.scan(work, start);
        }
        let outer_steps = std::mem::take(&mut work.steps);
        let outer_filled = std::mem::take(&mut work.filled);
        let outer_rows = std::mem::replace(&mut work.rows, 1.0);
        work.apart = true;
        self.scan(work, start)?;
        self.run(work)?;
        work.apart = false;
        let steps = std::mem::replace(&mut work.steps, outer_steps);
        let mut keys = Vec::new();
        for (_, predicate) in work.predicates.clone() {
            if let Some((left, right)) = work.split(predicate, &outer_filled) {
                keys.push((self.compile(left)?, self.compile(right)?));
            }
        }
        let slots: Vec<Slot> = work.filled.iter().copied().collect();
        work.filled.extend(outer_filled);
        let selectivity = if keys.is_empty() { 1.0 } else { 1.0 / work.rows.max(1.0) };
        work.rows = (work.rows * outer_rows * selectivity).max(1.0);
        let join = Join { pipeline: super::operator::Pipeline { steps }, slots, keys };
        let step = self.step(Operator::Join(join), work.rows, String::new());
        work.steps.push(step);
        Ok(())
    }

    /// Filters by what can be computed now, and builds the paths that are found.
    pub(super) fn apply_ready(&mut self, work: &mut Work<'_>) -> Result<()> {
        for (at, path) in work.pattern.paths.iter().enumerate() {
            if work.paths[at] || work.apart || !work.has_path(&path.elements, path.start) {
                continue;
            }
            work.paths[at] = true;
            if let Some(slot) = path.slot {
                let (start, pieces) = (work.pattern.nodes[path.start].slot, work.pieces(&path.elements));
                let details = self.shown(slot);
                let step = self.step(Operator::Path(Path { slot, start, pieces }), work.rows, details);
                work.steps.push(step);
                work.filled.insert(slot);
            }
        }
        let predicates = std::mem::take(&mut work.predicates);
        let ready = |slots: &[Slot], filled: &HashSet<Slot>| slots.iter().all(|slot| filled.contains(slot));
        let (now, later): (Vec<_>, Vec<_>) = predicates
            .into_iter()
            .partition(|(slots, _)| ready(slots, &work.filled) && !(work.apart && slots.is_empty()));
        work.predicates = later;
        if now.is_empty() {
            return Ok(());
        }
        let exprs: Vec<&Expr> = now.iter().map(|(_, predicate)| *predicate).collect();
        for predicate in &exprs {
            work.rows *= selectivity(predicate);
        }
        self.filter(&exprs, work)
    }

    fn filter(&mut self, exprs: &[&Expr], work: &mut Work<'_>) -> Result<()> {
        let mut plain = Vec::new();
        for expr in exprs {
            match self.semi(expr)? {
                Some((pipeline, negated)) => {
                    let details = self.written(expr).to_owned();
                    let step = self.step(Operator::Semi { pipeline, negated }, work.rows, details);
                    work.steps.push(step);
                }
                None => plain.push(*expr),
            }
        }
        if !plain.is_empty() {
            let details = self.written_all(plain.iter().copied(), " AND ");
            let filter = self.compile_all(plain)?;
            let step = self.step(Operator::Filter(filter), work.rows, details);
            // What is cheap goes before what runs a pipeline.
            let place = work.steps.iter().rposition(|step| !matches!(step.operator, Operator::Semi { .. }));
            work.steps.insert(place.map_or(0, |place| place + 1), step);
        }
        Ok(())
    }

    /// The pipeline of a predicate that asks whether a pattern exists.
    fn semi(&mut self, expr: &Expr) -> Result<Option<(super::operator::Pipeline, bool)>> {
        match &expr.kind {
            ExprKind::Pattern { pattern, result: crate::ir::PatternResult::Exists } => {
                Ok(Some((self.nested_pattern(pattern)?, false)))
            }
            ExprKind::Unary { op: crate::ir::UnaryOp::Not, of } => Ok(match &of.kind {
                ExprKind::Pattern { pattern, result: crate::ir::PatternResult::Exists } => {
                    Some((self.nested_pattern(pattern)?, true))
                }
                _ => None,
            }),
            _ => Ok(None),
        }
    }

    fn relationship(&mut self, work: &mut Work<'_>, at: usize, reversed: bool) -> Result<()> {
        let pattern = &work.pattern.relationships[at];
        if pattern.length.is_some() {
            return self.variable(work, at, reversed);
        }
        let to = if reversed { pattern.from } else { pattern.to };
        work.rows *= self.factor(work, at, reversed);
        let expand = self.expand(work, at, reversed);
        let details = self.relationship_text(work.pattern, at);
        let step = self.step(Operator::Expand(expand), work.rows, details);
        work.steps.push(step);
        let slot = pattern.slot;
        work.found_relationship(at);
        self.read_properties(work, slot);
        self.arrived(work, to);
        Ok(())
    }

    fn expand(&mut self, work: &Work<'_>, at: usize, reversed: bool) -> Expand {
        let pattern = &work.pattern.relationships[at];
        let (from, to) = if reversed { (pattern.to, pattern.from) } else { (pattern.from, pattern.to) };
        Expand {
            from: work.pattern.nodes[from].slot,
            to: self.end(work, to),
            relationship: self.target(pattern.slot),
            direction: super::route::turned(pattern.direction, reversed),
            types: self.types(pattern.types.as_ref()),
            unique: work.unique(pattern.types.as_ref()),
        }
    }

    /// Two relationships to a node that is found by both at once.
    fn intersect(&mut self, work: &mut Work<'_>, one: (usize, bool), other: (usize, bool)) -> Result<()> {
        work.rows *= self.factor(work, one.0, one.1);
        let (left, right) = (self.expand(work, one.0, one.1), self.expand(work, other.0, other.1));
        let (first, second) = (&work.pattern.relationships[one.0], &work.pattern.relationships[other.0]);
        work.found_relationship(one.0);
        let distinct = work.unique(second.types.as_ref()).contains(&first.slot);
        work.found_relationship(other.0);
        let to = if one.1 { first.from } else { first.to };
        let details = format!(
            "{}, {}",
            self.relationship_text(work.pattern, one.0),
            self.relationship_text(work.pattern, other.0)
        );
        let place = work.steps.len();
        self.read_properties(work, first.slot);
        self.read_properties(work, second.slot);
        self.arrived(work, to);
        work.rows *= self.factor(work, other.0, other.1);
        let operator = Operator::Intersect(Intersect { left, right, distinct, count: None });
        let step = self.step(operator, work.rows, details);
        work.steps.insert(place, step);
        Ok(())
    }

    /// A node is found, where it was not before.
    pub(super) fn arrived(&mut self, work: &mut Work<'_>, node: usize) {
        if !work.solved[node] {
            work.solve(node);
            self.read_properties(work, work.pattern.nodes[node].slot);
        }
    }

    /// A relationship, or a list of them, that is known before the pattern.
    pub(super) fn known(&mut self, work: &mut Work<'_>, at: usize) -> Result<()> {
        let pattern = &work.pattern.relationships[at];
        let known = Known {
            relationship: self.target(pattern.slot),
            from: self.end(work, pattern.from),
            to: self.end(work, pattern.to),
            direction: pattern.direction,
            types: self.types(pattern.types.as_ref()),
            length: pattern.length.as_ref().map(|length| (length.min, length.max)),
            unique: work.unique(pattern.types.as_ref()),
        };
        let details = self.relationship_text(work.pattern, at);
        let step = self.step(Operator::Known(known), work.rows, details);
        work.steps.push(step);
        work.found_relationship(at);
        self.arrived(work, pattern.from);
        self.arrived(work, pattern.to);
        Ok(())
    }

    /// Checks that no node comes twice, where the pattern says so.
    fn check_walks(&mut self, work: &mut Work<'_>) -> Result<()> {
        let mode = work.pattern.mode;
        if !matches!(mode, PathMode::Simple | PathMode::Acyclic) {
            return Ok(());
        }
        for (start, elements) in super::route::walks(work.pattern) {
            let (slot, pieces) = (work.pattern.nodes[start].slot, work.pieces(&elements));
            let path = Path { slot, start: slot, pieces };
            let step = self.step(Operator::Nodes { path, mode }, work.rows, String::new());
            work.steps.push(step);
        }
        Ok(())
    }

    pub(super) fn node_labels(&mut self, work: &Work<'_>, node: usize) -> Option<LabelTest> {
        work.pattern.nodes[node].labels.as_ref().map(|labels| self.label_test(labels, NameKind::Label))
    }
}

impl<'p> Work<'p> {
    pub fn solve(&mut self, node: usize) {
        self.solved[node] = true;
        self.filled.insert(self.pattern.nodes[node].slot);
    }

    pub fn found_relationship(&mut self, at: usize) {
        let pattern = &self.pattern.relationships[at];
        self.relationships[at] = true;
        self.filled.insert(pattern.slot);
        let types = pattern.types.as_ref().and_then(|types| {
            types.alternatives().map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        self.used.push((pattern.slot, types));
    }

    /// Whether a path ends at a node that is found sooner than the path is: then it is sought between two nodes.
    fn ends_at(&self, path: usize, start: &super::start::Start) -> bool {
        let sought = start.is_narrow() || self.goes_by_length(path);
        let path = &self.pattern.paths[path];
        sought && self.end_of(path.start, &path.elements) == Some(start.node)
    }

    /// Another relationship from what is known to the node that one leads to, each with whether it is walked backwards.
    fn closing(&self, at: usize, reversed: bool) -> Option<(usize, bool)> {
        let pattern = &self.pattern.relationships[at];
        let to = if reversed { pattern.from } else { pattern.to };
        if pattern.length.is_some() || self.solved[to] {
            return None;
        }
        self.pattern.relationships.iter().enumerate().find_map(|(other, found)| {
            let is_open = other != at
                && !self.relationships[other]
                && !found.bound
                && found.length.is_none()
                && !self.is_reserved(crate::ir::PathElement::Relationship(other));
            if !is_open {
                None
            } else if found.to == to && self.solved[found.from] {
                Some((other, false))
            } else if found.from == to && self.solved[found.to] {
                Some((other, true))
            } else {
                None
            }
        })
    }

    /// The relationships that one of these types must differ from.
    pub fn unique(&self, types: Option<&Labels>) -> Vec<Slot> {
        if self.pattern.mode == PathMode::Walk {
            return Vec::new();
        }
        let names = types.and_then(Labels::alternatives);
        let may_be_same = |other: &Option<Vec<String>>| match (&names, other) {
            (Some(names), Some(others)) => names.iter().any(|name| others.iter().any(|other| other == name)),
            _ => true,
        };
        self.used.iter().filter(|(_, other)| may_be_same(other)).map(|(slot, _)| *slot).collect()
    }

    /// Whether an element belongs to a path of which only some are wanted.
    pub fn is_reserved(&self, element: crate::ir::PathElement) -> bool {
        self.pattern.paths.iter().any(|path| path.selector != Selector::All && path.elements.contains(&element))
    }

    /// Whether a relationship or repetition begins or ends at a node.
    fn touches(&self, node: usize) -> bool {
        self.pattern.relationships.iter().any(|found| found.from == node || found.to == node)
            || self.pattern.repetitions.iter().any(|found| found.from == node || found.to == node)
    }

    /// Whether what is found from a node is the same for every row, and can be found once.
    fn stands_alone(&self, node: usize) -> bool {
        let mut reached = vec![node];
        let mut slots = Vec::new();
        let mut at = 0;
        while let Some(node) = reached.get(at).copied() {
            at += 1;
            slots.push(self.pattern.nodes[node].slot);
            for found in self.pattern.relationships.iter().filter(|found| found.from == node || found.to == node) {
                slots.push(found.slot);
                if found.length.as_ref().is_some_and(|length| !length.each.is_empty()) {
                    return false;
                }
                for next in [found.from, found.to] {
                    if !reached.contains(&next) {
                        reached.push(next);
                    }
                }
            }
            if self.pattern.repetitions.iter().any(|found| found.from == node || found.to == node) {
                return false;
            }
        }
        !self.predicates.iter().any(|(own, predicate)| {
            let mut read = Vec::new();
            slots_of(predicate, &mut read);
            own.iter().any(|slot| slots.contains(slot)) && read.iter().any(|slot| !self.own.contains(slot))
        })
    }

    fn has_path(&self, elements: &[crate::ir::PathElement], start: usize) -> bool {
        self.solved[start]
            && elements.iter().all(|element| match element {
                crate::ir::PathElement::Relationship(at) => self.relationships[*at],
                crate::ir::PathElement::Repetition(at) => self.repetitions[*at],
            })
    }

    pub fn pieces(&self, elements: &[crate::ir::PathElement]) -> Vec<Piece> {
        let piece = |element: &crate::ir::PathElement| match element {
            crate::ir::PathElement::Relationship(at) => Piece::Relationships(self.pattern.relationships[*at].slot),
            crate::ir::PathElement::Repetition(at) => Piece::Trace(self.traces[*at]),
        };
        elements.iter().map(piece).collect()
    }

    /// The sides of an equality between what was found before and what the component found.
    fn split<'e>(&self, predicate: &'e Expr, before: &HashSet<Slot>) -> Option<(&'e Expr, &'e Expr)> {
        let ExprKind::Compare { first, rest } = &predicate.kind else { return None };
        let [(CompareOp::Equal, second)] = rest.as_slice() else { return None };
        let reads = |expr: &Expr, from: &HashSet<Slot>| {
            let mut slots = Vec::new();
            slots_of(expr, &mut slots);
            slots.retain(|slot| self.own.contains(slot));
            !slots.is_empty() && slots.iter().all(|slot| from.contains(slot))
        };
        if reads(first, before) && reads(second, &self.filled) {
            Some((first, second))
        } else if reads(second, before) && reads(first, &self.filled) {
            Some((second, first))
        } else {
            None
        }
    }
}

/// The part of the rows that a predicate is taken to keep.
pub(super) fn selectivity(predicate: &Expr) -> f64 {
    match &predicate.kind {
        ExprKind::Compare { rest, .. } if rest.iter().any(|(op, _)| *op == CompareOp::Equal) => 0.1,
        ExprKind::Compare { .. } => 0.3,
        _ => 0.5,
    }
}
