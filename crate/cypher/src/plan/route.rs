//! Ways between nodes: relationships in a row, paths that repeat, and the choice among paths.

use super::operator::{End, Operator, Pipeline, Repeat, Select, Selection, Shortest, StepPlan, Variable};
use super::pattern::{Next, Work};
use super::{Planner, Result};
use crate::ir::{Direction, Labels, PathElement, PathPattern, Pattern, Selector, Slot};
use crate::storage::NameKind;

/// Of a way without limit, as many steps are counted as the rest is taken to add nothing.
const STEPS_COUNTED: u64 = 4;

/// As seen from the other end.
pub(super) const fn turned(direction: Direction, reversed: bool) -> Direction {
    match (direction, reversed) {
        (Direction::Out, true) => Direction::In,
        (Direction::In, true) => Direction::Out,
        (same, _) => same,
    }
}

impl Planner<'_> {
    pub(super) fn end(&mut self, work: &Work<'_>, node: usize) -> End {
        let solved = work.solved[node];
        let labels = if solved { None } else { self.node_labels(work, node) };
        End { node: self.target(work.pattern.nodes[node].slot), solved, labels }
    }

    /// The step that multiplies rows least.
    pub(super) fn cheapest(&mut self, work: &Work<'_>) -> Option<Next> {
        let mut best: Option<(f64, Next)> = None;
        let mut offer = |cost: f64, next: Next| {
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, next));
            }
        };
        for (at, pattern) in work.pattern.relationships.iter().enumerate() {
            if work.relationships[at] || work.is_reserved(PathElement::Relationship(at)) {
                continue;
            }
            for (reversed, known) in [(false, pattern.from), (true, pattern.to)] {
                if work.solved[known] {
                    offer(self.factor(work, at, reversed), Next::Relationship { at, reversed });
                }
            }
        }
        for (at, pattern) in work.pattern.repetitions.iter().enumerate() {
            if work.repetitions[at] || work.is_reserved(PathElement::Repetition(at)) {
                continue;
            }
            for (reversed, known) in [(false, pattern.from), (true, pattern.to)] {
                if work.solved[known] {
                    offer(100.0, Next::Repetition { at, reversed });
                }
            }
        }
        for (at, path) in work.pattern.paths.iter().enumerate() {
            let waits = path.selector != Selector::All && !work.paths[at] && !work.apart;
            if waits
                && !path.elements.is_empty()
                && !work.is_selected(at)
                && work.solved[path.start]
                && work.may_choose(at)
            {
                let known = work.end_of(path.start, &path.elements).is_none_or(|end| work.solved[end]);
                offer(if known { 1_000.0 } else { 10_000.0 }, Next::Path(at));
            }
        }
        best.map(|(_, next)| next)
    }

    /// How many rows a relationship is taken to make of one.
    pub(super) fn factor(&self, work: &Work<'_>, at: usize, reversed: bool) -> f64 {
        let pattern = &work.pattern.relationships[at];
        let nodes = self.count_nodes(None).max(1.0);
        let mut degree = self.count_relationships(pattern.types.as_ref()) / nodes;
        if pattern.direction == Direction::Both {
            degree *= 2.0;
        }
        if let Some(length) = &pattern.length {
            let most = length.max.unwrap_or(STEPS_COUNTED).min(STEPS_COUNTED).max(length.min.min(STEPS_COUNTED));
            degree = (length.min.min(STEPS_COUNTED)..=most)
                .map(|steps| degree.powi(i32::try_from(steps).unwrap_or(1)))
                .sum();
        }
        let to = if reversed { pattern.from } else { pattern.to };
        if work.solved[to] {
            return degree / nodes;
        }
        let labels = work.pattern.nodes[to].labels.as_ref();
        let mut factor = degree * (self.count_labels(labels) / nodes).min(1.0);
        let slot = work.pattern.nodes[to].slot;
        for (slots, predicate) in &work.predicates {
            if slots.contains(&slot) && slots.iter().all(|other| *other == slot || work.filled.contains(other)) {
                factor *= super::pattern::selectivity(predicate);
            }
        }
        factor
    }

    pub(super) fn variable(&mut self, work: &mut Work<'_>, at: usize, reversed: bool) -> Result<()> {
        work.rows = (work.rows * self.factor(work, at, reversed)).max(1.0);
        let walk = self.walk(work, at, reversed)?;
        let details = self.relationship_text(work.pattern, at);
        let step = self.step(Operator::Variable(walk), work.rows, details);
        work.steps.push(step);
        let pattern = &work.pattern.relationships[at];
        work.found_relationship(at);
        self.arrived(work, if reversed { pattern.from } else { pattern.to });
        Ok(())
    }

    fn walk(&mut self, work: &Work<'_>, at: usize, reversed: bool) -> Result<Variable> {
        let pattern = &work.pattern.relationships[at];
        let (from, to) = if reversed { (pattern.to, pattern.from) } else { (pattern.from, pattern.to) };
        let (min, max) = pattern.length.as_ref().map_or((1, Some(1)), |length| (length.min, length.max));
        let mut each = Vec::new();
        if let Some(length) = &pattern.length {
            for predicate in &length.each {
                each.push((length.element, self.compile(predicate)?));
            }
        }
        Ok(Variable {
            from: work.pattern.nodes[from].slot,
            to: self.end(work, to),
            relationships: self.target(pattern.slot),
            direction: turned(pattern.direction, reversed),
            types: self.types(pattern.types.as_ref()),
            min,
            max,
            each,
            unique: work.unique(pattern.types.as_ref()),
            mode: work.pattern.mode,
            reversed,
            ends: false,
        })
    }

    pub(super) fn repetition(&mut self, work: &mut Work<'_>, at: usize, reversed: bool) -> Result<()> {
        let repetition = &work.pattern.repetitions[at];
        let (from, to) = if reversed { (repetition.to, repetition.from) } else { (repetition.from, repetition.to) };
        let (enter, leave) =
            if reversed { (repetition.last, repetition.first) } else { (repetition.first, repetition.last) };
        let walked = self.new_slot();
        let mut used = work.used.clone();
        used.push((walked, None));
        let inner = &repetition.pattern;
        let mut round = self.work(inner, 1.0, used);
        let labels = inner.nodes[enter].labels.as_ref().map(|labels| self.label_test(labels, NameKind::Label));
        let check = Operator::CheckNode { slot: inner.nodes[enter].slot, labels, raw: true };
        let step = self.step(check, 1.0, String::new());
        round.steps.push(step);
        for (at, node) in inner.nodes.iter().enumerate() {
            if node.bound || at == enter {
                round.solve(at);
            }
        }
        self.run(&mut round)?;
        let pieces = round.pieces(&repetition.elements);
        let repeat = Repeat {
            from: work.pattern.nodes[from].slot,
            to: self.end(work, to),
            min: repetition.min,
            max: repetition.max,
            pipeline: Pipeline { steps: round.steps },
            enter: inner.nodes[enter].slot,
            leave: inner.nodes[leave].slot,
            pieces,
            start: inner.nodes[repetition.first].slot,
            walked,
            groups: repetition.groups.clone(),
            trace: work.traces[at],
            mode: work.pattern.mode,
            reversed,
        };
        work.rows = (work.rows * 10.0).max(1.0);
        let step = self.step(Operator::Repeat(repeat), work.rows, String::new());
        work.steps.push(step);
        work.found_repetition(at);
        self.arrived(work, to);
        Ok(())
    }

    /// A path of which only some are wanted.
    pub(super) fn selected(&mut self, work: &mut Work<'_>, at: usize) -> Result<()> {
        let path = &work.pattern.paths[at];
        let selection = match &path.selector {
            Selector::Any(count) => Selection::Any(self.compile(count)?),
            Selector::Shortest(count) => Selection::Shortest(self.compile(count)?),
            Selector::ShortestGroups(count) => Selection::Groups(self.compile(count)?),
            Selector::All => return Ok(()),
        };
        let end = work.end_of(path.start, &path.elements).unwrap_or(path.start);
        let step = match path.elements.as_slice() {
            [PathElement::Relationship(only)] => {
                let mut walk = self.walk(work, *only, false)?;
                let (among, told) = self.among(work, at, &mut walk)?;
                let details = self.relationship_text(work.pattern, *only) + &told;
                let single = work.pattern.relationships[*only].length.is_none();
                self.step(Operator::Shortest(Shortest { walk, selection, among, single }), work.rows, details)
            }
            _ => self.select(work, at, end, selection)?,
        };
        work.steps.push(step);
        for element in &path.elements {
            match element {
                PathElement::Relationship(at) => {
                    let pattern = &work.pattern.relationships[*at];
                    work.found_relationship(*at);
                    work.solve(pattern.from);
                    work.solve(pattern.to);
                }
                PathElement::Repetition(at) => {
                    let pattern = &work.pattern.repetitions[*at];
                    work.found_repetition(*at);
                    work.solve(pattern.from);
                    work.solve(pattern.to);
                }
            }
        }
        Ok(())
    }

    fn select(&mut self, work: &mut Work<'_>, at: usize, end: usize, selection: Selection) -> Result<StepPlan> {
        let path = &work.pattern.paths[at];
        let choices = std::mem::take(&mut work.choices[at]);
        let reads_path = path.slot.is_some_and(|path| choices.iter().any(|(slots, _)| slots.contains(&path)));
        let whole = PathPattern { selector: Selector::All, predicates: Vec::new(), ..path.clone() };
        let alone = Pattern {
            nodes: work.pattern.nodes.clone(),
            relationships: work.pattern.relationships.clone(),
            repetitions: work.pattern.repetitions.clone(),
            paths: reads_path.then_some(whole).into_iter().collect(),
            predicates: choices.iter().map(|(_, predicate)| (*predicate).clone()).collect(),
            mode: work.pattern.mode,
        };
        let details = self.written_all(choices.iter().map(|(_, predicate)| *predicate), " AND ");
        let mut round = self.work(&alone, 1.0, work.used.clone());
        round.traces.clone_from(&work.traces);
        round.solved.clone_from(&work.solved);
        round.filled.clone_from(&work.filled);
        let inside = |element: PathElement| path.elements.contains(&element);
        round.relationships = (0..alone.relationships.len()).map(|at| !inside(PathElement::Relationship(at))).collect();
        round.repetitions = (0..alone.repetitions.len()).map(|at| !inside(PathElement::Repetition(at))).collect();
        round.apart = true;
        self.run(&mut round)?;
        round.apart = false;
        self.apply_ready(&mut round)?;
        let select = Select {
            pieces: round.pieces(&path.elements),
            pipeline: Pipeline { steps: round.steps },
            start: work.pattern.nodes[path.start].slot,
            end: work.pattern.nodes[end].slot,
            selection,
        };
        Ok(self.step(Operator::Select(select), work.rows, details))
    }

    pub(super) fn node_text(&self, slot: Slot, labels: Option<&Labels>) -> String {
        format!("({}{})", self.shown(slot), labels_text(labels))
    }

    pub(super) fn relationship_text(&self, pattern: &Pattern, at: usize) -> String {
        let relationship = &pattern.relationships[at];
        let length = relationship.length.as_ref().map_or_else(String::new, |length| {
            format!("*{}..{}", length.min, length.max.map_or_else(String::new, |max| max.to_string()))
        });
        let (left, right) = match relationship.direction {
            Direction::Out => ("-", "->"),
            Direction::In => ("<-", "-"),
            Direction::Both => ("-", "-"),
        };
        let node = |at: usize| self.node_text(pattern.nodes[at].slot, pattern.nodes[at].labels.as_ref());
        let inner = format!("{}{}{length}", self.shown(relationship.slot), labels_text(relationship.types.as_ref()));
        format!("{}{left}[{inner}]{right}{}", node(relationship.from), node(relationship.to))
    }
}

fn labels_text(labels: Option<&Labels>) -> String {
    fn text(labels: &Labels) -> String {
        match labels {
            Labels::Name(name) => name.clone(),
            Labels::Any => "%".to_owned(),
            Labels::Not(inner) => format!("!{}", text(inner)),
            Labels::And(all) => all.iter().map(text).collect::<Vec<_>>().join("&"),
            Labels::Or(some) => format!("({})", some.iter().map(text).collect::<Vec<_>>().join("|")),
        }
    }
    labels.map_or_else(String::new, |labels| format!(":{}", text(labels)))
}

impl Work<'_> {
    fn found_repetition(&mut self, at: usize) {
        self.repetitions[at] = true;
        self.used.push((self.traces[at], None));
        self.filled.extend(self.pattern.repetitions[at].groups.iter().map(|(_, list)| *list));
    }

    /// The node that a walk ends at.
    pub fn end_of(&self, start: usize, elements: &[PathElement]) -> Option<usize> {
        elements.last().map_or(Some(start), |element| match element {
            PathElement::Relationship(at) => self.pattern.relationships.get(*at).map(|found| found.to),
            PathElement::Repetition(at) => self.pattern.repetitions.get(*at).map(|found| found.to),
        })
    }

    fn is_selected(&self, path: usize) -> bool {
        self.pattern.paths[path].elements.iter().all(|element| match element {
            PathElement::Relationship(at) => self.relationships[*at],
            PathElement::Repetition(at) => self.repetitions[*at],
        })
    }
}

/// The walks that a pattern consists of: each with its first node.
pub(super) fn walks(pattern: &Pattern) -> Vec<(usize, Vec<PathElement>)> {
    let relationships = pattern
        .relationships
        .iter()
        .enumerate()
        .map(|(at, found)| (PathElement::Relationship(at), found.from, found.to));
    let repetitions =
        pattern.repetitions.iter().enumerate().map(|(at, found)| (PathElement::Repetition(at), found.from, found.to));
    let mut left: Vec<_> = relationships.chain(repetitions).collect();
    let mut walks = Vec::new();
    while !left.is_empty() {
        let first = left.iter().position(|(_, from, _)| !left.iter().any(|(_, _, to)| to == from)).unwrap_or(0);
        let (element, start, mut at) = left.remove(first);
        let mut elements = vec![element];
        while let Some(next) = left.iter().position(|(_, from, _)| *from == at) {
            let (element, _, to) = left.remove(next);
            elements.push(element);
            at = to;
        }
        walks.push((start, elements));
    }
    walks
}
