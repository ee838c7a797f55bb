//! What need not be enumerated: rows that are only counted, and ends of ways that are wanted once.

use super::operator::{Aggregation, End, Expand, LabelTest, Operator, Product, Scan, Source, StepPlan};
use super::usage::slots_of;
use super::{Planner, Result, turned};
use crate::function::find_aggregate;
use crate::ir::{self, Aggregate, Direction, Expr, ExprKind, PathMode, Slot, Span, Type};

impl Planner<'_> {
    /// Where only the rows of a last expansion are counted: the sum of degrees.
    pub(super) fn counted_by_degree(
        &mut self,
        grouping: &ir::Grouping,
        steps: &mut Vec<StepPlan>,
    ) -> Result<Option<Aggregation>> {
        let [aggregation] = grouping.aggregates.as_slice() else { return Ok(None) };
        let found = match steps.last().map(|step| &step.operator) {
            Some(Operator::Expand(expand)) => vec![expand.to.node.slot, expand.relationship.slot],
            Some(Operator::Intersect(both)) => {
                vec![both.left.to.node.slot, both.left.relationship.slot, both.right.relationship.slot]
            }
            _ => return Ok(None),
        };
        let counts = match (aggregation.function, aggregation.arguments.as_slice()) {
            (Aggregate::CountRows, []) => true,
            (Aggregate::Count, [argument]) if !aggregation.distinct => {
                argument.as_slot().is_some_and(|slot| found.contains(&slot))
            }
            _ => false,
        };
        let mut read = Vec::new();
        grouping.keys.iter().for_each(|(_, key)| slots_of(key, &mut read));
        if !counts || read.iter().any(|slot| found.contains(slot)) {
            return Ok(None);
        }
        let (Some(slot), Some(function)) = (self.degree(steps), find_aggregate("sum")) else { return Ok(None) };
        if grouping.keys.is_empty() {
            self.multiply(steps);
        }
        let degree = Expr { kind: ExprKind::Slot(slot), ty: Type::Integer, span: Span::default() };
        let arguments = vec![self.compile(&degree)?];
        Ok(Some(Aggregation { slot: aggregation.slot, function, distinct: false, arguments }))
    }

    /// Makes the number of a last expansion's rows of it, in a slot; `None` where its rows are more than a number.
    pub(super) fn degree(&mut self, steps: &mut Vec<StepPlan>) -> Option<Slot> {
        if let Some(Operator::Intersect(both)) = steps.last_mut().map(|step| &mut step.operator) {
            let slot = self.new_slot();
            both.count = Some(slot);
            return Some(slot);
        }
        if !matches!(steps.last()?.operator, Operator::Expand(_)) {
            return None;
        }
        let StepPlan { operator: Operator::Expand(expand), rows, details, .. } = steps.pop()? else { return None };
        let slot = self.new_slot();
        steps.push(self.step(Operator::Degree { expand, slot }, rows, details));
        Some(slot)
    }

    /// Of paths of two relationships that are only counted, looks at the node in the middle alone, if such nodes are fewer
    /// than the first relationships.
    fn multiply(&mut self, steps: &mut Vec<StepPlan>) {
        let [
            StepPlan { operator: Operator::Scan(scan), .. },
            StepPlan { operator: Operator::Expand(first), rows, .. },
            StepPlan { operator: Operator::Degree { expand: second, slot }, .. },
        ] = steps.as_slice()
        else {
            return;
        };
        let begin = match scan.source {
            Source::All => scan.labels.clone(),
            Source::Label(name) => Some(with(LabelTest::Name(name), scan.labels.clone())),
            _ => return,
        };
        let chained = first.from == scan.node.slot
            && second.from == first.to.node.slot
            && !first.to.solved
            && !second.to.solved
            && second.unique.iter().all(|slot| *slot == first.relationship.slot);
        let (source, labels) = match &first.to.labels {
            Some(LabelTest::Name(name)) => (Source::Label(*name), None),
            labels => (Source::All, labels.clone()),
        };
        let middle = match source {
            Source::Label(name) => {
                self.names.get(name.0).map_or(0.0, |(_, name)| self.count_nodes(Some(name.as_str())))
            }
            _ => self.count_nodes(None),
        };
        if !chained || *rows < middle {
            return;
        }
        let left = Expand {
            from: second.from,
            to: End { node: scan.node, solved: false, labels: begin },
            relationship: first.relationship,
            direction: turned(first.direction),
            types: first.types.clone(),
            unique: Vec::new(),
        };
        let (node, slot, distinct) = (first.to.node, *slot, !second.unique.is_empty());
        let Some(StepPlan { operator: Operator::Degree { expand: mut right, .. }, rows, details, .. }) = steps.pop()
        else {
            return;
        };
        right.unique.clear();
        let shown = self.shown(node.slot);
        let product = Product { scan: Scan { node, source, labels }, left, right, distinct, slot };
        let first = steps.get(1).map(|step| step.details.clone()).unwrap_or_default();
        let product = self.step(Operator::Product(product), rows, format!("({shown}), {first}, {details}"));
        *steps = vec![product];
    }

    /// Groups for which it is the same how often a row comes.
    pub(super) fn give_groups_once(&self, grouping: &ir::Grouping, steps: &mut [StepPlan]) {
        let aggregates = &grouping.aggregates;
        if aggregates.iter().any(|one| !one.distinct && !matches!(one.function, Aggregate::Min | Aggregate::Max)) {
            return;
        }
        let mut read = Vec::new();
        let arguments = aggregates.iter().flat_map(|aggregation| &aggregation.arguments);
        grouping.keys.iter().map(|(_, key)| key).chain(arguments).for_each(|expr| slots_of(expr, &mut read));
        self.give_ends_once(steps, &read);
    }

    /// Where nothing behind the steps but `read` is looked at, and rows that are the same there count once: relationships in
    /// a row need not be enumerated. Of ways that begin with none or one that has a direction, the shortest one to a node
    /// repeats no relationship, so that breadth finds what trails do.
    pub(super) fn give_ends_once(&self, steps: &mut [StepPlan], read: &[Slot]) {
        // What stands inside of expressions may look at everything.
        if !self.nested.is_empty() {
            return;
        }
        let mut used = read.to_vec();
        for step in steps.iter_mut().rev() {
            match &mut step.operator {
                Operator::Project(_)
                | Operator::Filter(_)
                | Operator::Properties { .. }
                | Operator::CheckNode { .. }
                | Operator::Scan(_) => {}
                Operator::Expand(expand) => used.extend(&expand.unique),
                Operator::Variable(variable) => {
                    let least = variable.min == 0 || (variable.min == 1 && variable.direction != Direction::Both);
                    variable.ends = least
                        && matches!(variable.mode, PathMode::Trail | PathMode::Walk)
                        && !variable.relationships.whole
                        && !used.contains(&variable.relationships.slot);
                    used.extend(&variable.unique);
                }
                _ => return,
            }
        }
    }
}

fn with(test: LabelTest, more: Option<LabelTest>) -> LabelTest {
    match more {
        None => test,
        Some(more) => LabelTest::And(vec![test, more]),
    }
}
