//! Paths in parentheses that repeat, depth first: each round is found by a pipeline of its own.

use std::rc::Rc;

use super::batch::Batch;
use super::expand::{arrive, arrives};
use super::path::path;
use super::pipeline::{Pipeline, Result, Rowwise};
use super::runtime::{Cx, id_of, set, slot};
use crate::ir::PathMode;
use crate::plan::operator::Repeat;
use crate::value::Value;

/// A round, and those before it.
struct Round {
    before: Option<Rc<Self>>,
    /// What it walked: relationships and nodes in turn, from its first node.
    trace: Vec<Value>,
    /// The values of the grouped variables.
    grouped: Vec<Value>,
    /// The nodes it entered, behind the one where it began.
    nodes: Vec<u64>,
}

/// Where the walk came to.
struct State {
    node: u64,
    rounds: u64,
    last: Option<Rc<Round>>,
}

pub(super) struct Repeating<'p> {
    plan: &'p Repeat,
    pipeline: Pipeline<'p>,
    waiting: Vec<State>,
    start: u64,
}

impl<'p> Repeating<'p> {
    pub fn new(plan: &'p Repeat) -> Self {
        Self { plan, pipeline: Pipeline::new(&plan.pipeline), waiting: Vec::new(), start: 0 }
    }

    fn emit(&self, cx: Cx<'_, '_>, row: &[Value], state: &State, out: &mut Batch) -> Result<()> {
        let plan = self.plan;
        if state.rounds < plan.min || !arrives(cx, &plan.to, row, state.node)? {
            return Ok(());
        }
        let mut rounds: Vec<&Round> = rounds(state.last.as_ref()).collect();
        if !plan.reversed {
            rounds.reverse();
        }
        let trace: Vec<Value> = rounds.iter().flat_map(|round| round.trace.iter().cloned()).collect();
        let made = out.push(row);
        set(made, plan.trace, Value::list(trace)?);
        for (at, (_, list)) in plan.groups.iter().enumerate() {
            let values = rounds.iter().filter_map(|round| round.grouped.get(at).cloned()).collect();
            set(made, *list, Value::list(values)?);
        }
        arrive(cx, &plan.to, made, state.node)
    }

    /// Finds every next round.
    fn go_on(&mut self, cx: Cx<'_, '_>, row: &[Value], state: &State) -> Result<()> {
        let plan = self.plan;
        let mut argument = row.to_vec();
        set(&mut argument, plan.enter, Value::Node(crate::function::Nodes::node(cx.runtime, state.node)?));
        let walked: Vec<Value> = rounds(state.last.as_ref())
            .flat_map(|round| round.trace.iter())
            .filter(|v| !matches!(v, Value::Node(_)))
            .cloned()
            .collect();
        set(&mut argument, plan.walked, if plan.mode == PathMode::Walk { Value::Null } else { Value::list(walked)? });
        self.pipeline.start(cx, &argument);
        let from = self.waiting.len();
        while let Some(rows) = self.pipeline.next(cx)? {
            for found in rows.rows() {
                cx.proceed()?;
                let Some(node) = id_of(slot(found, plan.leave)) else { continue };
                let Some(path) = path(cx, found, plan.start, &plan.pieces)? else { continue };
                let mut nodes: Vec<u64> = path.nodes().map(|node| node.id).collect();
                if plan.reversed {
                    nodes.reverse();
                }
                nodes.remove(0);
                let closed = nodes.is_empty() && plan.max.is_none() && state.rounds >= plan.min;
                if closed || !self.admits(state, &nodes) {
                    continue;
                }
                let trace = path
                    .steps
                    .iter()
                    .flat_map(|step| [Value::Relationship(step.relationship.clone()), Value::Node(step.node.clone())]);
                let round = Round {
                    before: state.last.clone(),
                    trace: trace.collect(),
                    grouped: plan.groups.iter().map(|(of, _)| slot(found, *of).clone()).collect(),
                    nodes,
                };
                self.waiting.push(State { node, rounds: state.rounds.saturating_add(1), last: Some(Rc::new(round)) });
            }
        }
        if let Some(new) = self.waiting.get_mut(from..) {
            new.reverse();
        }
        Ok(())
    }

    /// Whether the mode lets these nodes follow.
    fn admits(&self, state: &State, nodes: &[u64]) -> bool {
        let simple = match self.plan.mode {
            PathMode::Walk | PathMode::Trail => return true,
            PathMode::Simple => true,
            PathMode::Acyclic => false,
        };
        let mut seen: Vec<u64> = rounds(state.last.as_ref()).flat_map(|round| round.nodes.iter().copied()).collect();
        let closed = seen.contains(&self.start);
        if !simple {
            seen.push(self.start);
        }
        nodes.iter().all(|node| {
            let new = !closed && !seen.contains(node);
            seen.push(*node);
            new
        })
    }
}

/// The rounds, the last one first.
fn rounds(last: Option<&Rc<Round>>) -> impl Iterator<Item = &Round> {
    std::iter::successors(last.map(Rc::as_ref), |round| round.before.as_deref())
}

impl Rowwise for Repeating<'_> {
    fn begin(&mut self, _: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.waiting.clear();
        if let Some(node) = id_of(slot(row, self.plan.from)) {
            self.start = node;
            self.waiting.push(State { node, rounds: 0, last: None });
        }
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            let Some(state) = self.waiting.pop() else { return Ok(true) };
            cx.proceed()?;
            self.emit(cx, row, &state, out)?;
            if self.plan.max.is_none_or(|max| state.rounds < max) {
                self.go_on(cx, row, &state)?;
            }
        }
        Ok(false)
    }
}

/// Long chains of rounds are taken apart one by one, so that dropping them needs no deep stack.
impl Drop for Round {
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(round) = before {
            before = match Rc::try_unwrap(round) {
                Ok(mut round) => round.before.take(),
                Err(_) => None,
            };
        }
    }
}
