//! Barriers: where all rows are read before the first is passed on, so that no step sees a write it must not see.

use super::Planner;
use super::operator::{Created, Operator, Pipeline, QueryPlan, Source, StepPlan};
use crate::procedure::Mode;

/// What steps do to the graph.
#[derive(Clone, Copy, Default)]
struct Effect {
    /// It finds nodes, of all or of some label.
    scans: bool,
    /// It finds relationships.
    expands: bool,
    /// It runs whatever a subquery or a pattern in an expression does.
    reads_any: bool,
    creates_nodes: bool,
    creates_relationships: bool,
    /// It changes or deletes what is there.
    changes: bool,
}

impl Effect {
    const fn writes(self) -> bool {
        self.creates_nodes || self.creates_relationships || self.changes
    }

    /// Whether a read sees what a write does.
    const fn sees(self, write: Self) -> bool {
        (self.scans && (write.creates_nodes || write.changes))
            || (self.expands && (write.creates_relationships || write.changes))
            || (self.reads_any && write.writes())
    }

    const fn and(self, other: Self) -> Self {
        Self {
            scans: self.scans || other.scans,
            expands: self.expands || other.expands,
            reads_any: self.reads_any || other.reads_any,
            creates_nodes: self.creates_nodes || other.creates_nodes,
            creates_relationships: self.creates_relationships || other.creates_relationships,
            changes: self.changes || other.changes,
        }
    }
}

/// The steps of a pipeline with its barriers; LIMITs behind a write let it finish. `wanted` says whether its rows are.
pub(super) fn placed(planner: &mut Planner<'_>, steps: Vec<StepPlan>, wanted: bool) -> Vec<StepPlan> {
    let effects: Vec<Effect> = steps.iter().map(|step| effect(planner, &step.operator)).collect();
    if !effects.iter().any(|effect| effect.writes()) {
        return steps;
    }
    let count = steps.len();
    let mut placed = Vec::with_capacity(count + 2);
    let mut before = Effect::default();
    for (at, mut step) in steps.into_iter().enumerate() {
        let effect = effects[at];
        let behind = effects[at + 1..].iter().fold(Effect::default(), |all, effect| all.and(*effect));
        if let Operator::Limit { exhaust, .. } = &mut step.operator {
            *exhaust = before.writes();
        }
        if let Operator::Delete { last, .. } = &mut step.operator {
            *last = at + 1 == count && !wanted;
        }
        if effect.writes() && !matches!(step.operator, Operator::Delete { .. }) && before.sees(effect) {
            let barrier = planner.step(Operator::Eager, step.rows, String::new());
            placed.push(barrier);
        }
        before = if is_barrier(&step.operator) { before.written() } else { before };
        before = before.and(effect);
        let rows = step.rows;
        let ends = matches!(step.operator, Operator::Delete { .. });
        placed.push(step);
        let stale = effect.changes && (wanted || at + 1 < count);
        if effect.writes() && !ends && (stale || behind.sees(effect)) {
            let barrier = planner.step(Operator::Eager, rows, String::new());
            placed.push(barrier);
            before = before.written();
        }
    }
    placed
}

impl Effect {
    /// What remains of it behind a barrier: that something was written.
    const fn written(self) -> Self {
        Self { scans: false, expands: false, reads_any: false, ..self }
    }
}

const fn is_barrier(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Eager
            | Operator::Aggregate(_)
            | Operator::AggregateNodes(_)
            | Operator::Sort(_)
            | Operator::Delete { .. }
            | Operator::Count { .. }
            | Operator::Ends(_)
    )
}

fn effect(planner: &Planner<'_>, operator: &Operator) -> Effect {
    let nothing = Effect::default();
    match operator {
        Operator::Scan(scan) => {
            let sought = !matches!(scan.source, Source::All | Source::Label(_));
            Effect { scans: true, reads_any: sought, ..nothing }
        }
        Operator::Relationships(_) => Effect { scans: true, expands: true, reads_any: true, ..nothing },
        Operator::Expand(_)
        | Operator::Intersect(_)
        | Operator::Degree { .. }
        | Operator::Product(_)
        | Operator::Variable(_)
        | Operator::Shortest(_) => Effect { scans: true, expands: true, ..nothing },
        Operator::Known(_) | Operator::CheckNode { .. } => Effect { scans: true, ..nothing },
        Operator::Count { .. } | Operator::Ends(_) | Operator::AggregateNodes(_) => {
            Effect { scans: true, expands: true, ..nothing }
        }
        Operator::Select(select) => pipeline(planner, &select.pipeline),
        Operator::Repeat(repeat) => Effect { expands: true, ..pipeline(planner, &repeat.pipeline) },
        Operator::Join(join) => pipeline(planner, &join.pipeline),
        Operator::Optional { pipeline: inner, .. } | Operator::Semi { pipeline: inner, .. } => pipeline(planner, inner),
        Operator::Apply(apply) => query(planner, &apply.query),
        Operator::Foreach { pipeline: inner, .. } => pipeline(planner, inner),
        Operator::Call(call) => {
            let writes = call.procedure.signature.mode == Mode::Write;
            let written = Effect { creates_nodes: writes, creates_relationships: writes, changes: writes, ..nothing };
            Effect { reads_any: true, ..written }
        }
        Operator::Create(create) => {
            let nodes = create.elements.iter().any(|element| matches!(element, Created::Node { .. }));
            let relationships = create.elements.iter().any(|element| matches!(element, Created::Relationship { .. }));
            let effect = Effect { creates_nodes: nodes, creates_relationships: relationships, ..nothing };
            expressions(planner, effect)
        }
        Operator::Merge(_) => Effect {
            scans: true,
            expands: true,
            creates_nodes: true,
            creates_relationships: true,
            changes: true,
            reads_any: true,
        },
        Operator::Set(_) | Operator::Delete { .. } => expressions(planner, Effect { changes: true, ..nothing }),
        Operator::Filter(_)
        | Operator::Project(_)
        | Operator::Aggregate(_)
        | Operator::Sort(_)
        | Operator::Unwind { .. }
        | Operator::LoadCsv(_) => expressions(planner, nothing),
        Operator::Path(_)
        | Operator::Properties { .. }
        | Operator::Nodes { .. }
        | Operator::Distinct(_)
        | Operator::Skip(_)
        | Operator::Limit { .. }
        | Operator::Eager => nothing,
    }
}

/// Expressions may hold patterns and subqueries; where the plan has any, each expression is taken to have one.
fn expressions(planner: &Planner<'_>, effect: Effect) -> Effect {
    Effect { reads_any: effect.reads_any || !planner.nested.is_empty(), ..effect }
}

fn pipeline(planner: &Planner<'_>, pipeline: &Pipeline) -> Effect {
    pipeline.steps.iter().fold(Effect::default(), |all, step| all.and(effect(planner, &step.operator)))
}

fn query(planner: &Planner<'_>, query: &QueryPlan) -> Effect {
    query.parts.iter().fold(Effect::default(), |all, (part, _)| all.and(pipeline(planner, part)))
}
