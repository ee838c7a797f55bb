//! What is in order already: nodes out of an index, the ends of one, and what a full-text index finds.

use super::implied::is_required;
use super::operator::{IndexEnd, Name, Operator, Ordered, Seek, Sought, SoughtNext, Source, StepPlan};
use super::pattern::own_slots;
use super::{Planner, Result};
use crate::ir::{self, Aggregate, BinaryOp, Expr, ExprKind, Literal, Pattern, Projection, Slot};
use crate::storage::{Covers, Index, IndexKind, NameKind};

/// Rows that are wanted where that is not written.
const ROWS_WANTED: f64 = 100.0;
/// Nodes that a scan passes in the time in which one is met in the order of an index.
const ORDER_COST: f64 = 4.0;

impl Planner<'_> {
    /// Notes the properties that are there in whatever a pattern finds itself.
    pub(super) fn note_present(&mut self, pattern: &Pattern) {
        let own = own_slots(pattern);
        for predicate in &pattern.predicates {
            let asked: Vec<&Expr> = match &predicate.kind {
                ExprKind::Compare { first, rest } => {
                    std::iter::once(&**first).chain(rest.iter().map(|(_, right)| right)).collect()
                }
                ExprKind::IsNull { of, negated: true } => vec![of],
                ExprKind::Binary {
                    op:
                        BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Contains | BinaryOp::In | BinaryOp::Matches,
                    left,
                    ..
                } => vec![left],
                _ => continue,
            };
            let found = asked.into_iter().filter_map(property).filter(|(of, _)| own.contains(of));
            self.present.extend(found.map(|(of, key)| (of, key.to_owned())));
        }
    }

    /// Whether rows come in the order of a projection, which is made so where an index has it.
    pub(super) fn in_order(&mut self, projection: &Projection, steps: &mut [StepPlan]) -> Result<bool> {
        let [item] = projection.order.as_slice() else { return Ok(false) };
        let named = |expr: &Expr| projection.items.iter().find(|named| Some(named.slot) == expr.as_slot());
        let key = named(&item.value).map_or(&item.value, |named| &named.value);
        if let Some(slot) = key.as_slot() {
            return Ok(item.descending && is_score(steps, slot));
        }
        let Some((of, key)) = property(key) else { return Ok(false) };
        let last = steps.last().map_or(1.0, |step| step.rows);
        let Some((first, others)) = steps.split_first_mut() else { return Ok(false) };
        if !others.iter().all(|step| keeps_order(&step.operator)) {
            return Ok(false);
        }
        let wanted = projection.limit.as_ref().map(|limit| {
            projection.skip.iter().chain([limit]).map(|count| literal(count).unwrap_or(ROWS_WANTED)).sum::<f64>()
        });
        let met = wanted.map(|wanted| wanted * (first.rows / last.max(1.0)).max(1.0));
        let Operator::Scan(scan) = &mut first.operator else { return Ok(false) };
        if scan.node.slot != of {
            return Ok(false);
        }
        let descending = item.descending;
        let is_cheap = met.is_some_and(|met| met * ORDER_COST < first.rows);
        let name = self.name(NameKind::Key, key);
        let text = |name: Name| self.names.get(name.0).map(|(_, text)| text.as_str());
        let label = match &scan.source {
            Source::Label(name) => text(*name),
            Source::Seek(seek) => seek.label.and_then(text),
            _ => None,
        };
        let required = !self.bound.query.writes && is_required(&self.indexes, Covers::Nodes, label.as_slice(), key);
        let nulls = !required && !self.present.contains(&(of, key.to_owned()));
        let is_at = |index: &Index, at: usize| {
            index.covers == Covers::Nodes && index.properties.get(at).is_some_and(|property| property == key)
        };
        let order = |nulls| Some(Ordered { property: name, descending, nulls });
        match &mut scan.source {
            source @ (Source::All | Source::Label(_)) => {
                let is_ordered = |index: &&Index| {
                    is_at(index, 0) && has_order(index) && index.is_complete && index.label.as_deref() == label
                };
                let found = self.indexes.iter().find(is_ordered).filter(|_| is_cheap && !(descending && nulls));
                let Some(index) = found else { return Ok(false) };
                let label = if let Source::Label(name) = source { Some(*name) } else { None };
                let (covers, equal, next) = (Covers::Nodes, Vec::new(), SoughtNext::Formed);
                let (index, unique, order) = (index.id, false, order(nulls));
                *source = Source::Seek(Seek { index, covers, label, equal, next, unique, order });
            }
            Source::Seek(seek) => {
                let at = seek.equal.len();
                let fits = self.indexes.iter().any(|index| index.id == seek.index && is_at(index, at));
                if !fits || !seek.equal.iter().all(|sought| matches!(sought, Sought::Value(_))) {
                    return Ok(false);
                }
                match seek.next {
                    SoughtNext::Range { .. } | SoughtNext::Prefix(_) => seek.order = order(false),
                    SoughtNext::Any if !(descending && nulls) => {
                        seek.next = SoughtNext::Formed;
                        seek.order = order(nulls);
                    }
                    _ => return Ok(false),
                }
            }
            _ => return Ok(false),
        }
        let how = if descending { "descending order" } else { "order" };
        first.details = format!("{} in {how} of {key}", first.details);
        first.rows = met.map_or(first.rows, |met| met.min(first.rows));
        Ok(true)
    }

    /// Lets a search in a full-text index find no more than are wanted, where nothing behind it leaves out any. Its best matches
    /// come first.
    pub(super) fn wanted_matches(&mut self, projection: &Projection, steps: &mut [StepPlan]) -> Result<()> {
        let Some(limit) = &projection.limit else { return Ok(()) };
        let named = |slot| projection.items.iter().find(|named| Some(named.slot) == slot);
        let by_score = match projection.order.as_slice() {
            [] => true,
            [item] => {
                let slot = item.value.as_slot();
                let slot = named(slot).map_or(slot, |named| named.value.as_slot());
                item.descending && slot.is_some_and(|slot| search_of(steps).is_some_and(|call| gives_score(call, slot)))
            }
            _ => false,
        };
        if !by_score {
            return Ok(());
        }
        let most = self.compile_all(projection.skip.iter().chain([limit]))?;
        if let Some(Operator::Call(call)) =
            search_step(steps).and_then(|at| steps.get_mut(at)).map(|step| &mut step.operator)
        {
            call.most = most;
        }
        Ok(())
    }

    /// The least and greatest values of properties, from the ends of indexes, where a grouping asks for nothing else.
    pub(super) fn index_ends(&mut self, grouping: &ir::Grouping, steps: &mut Vec<StepPlan>) -> bool {
        let (scan, details) = match steps.as_slice() {
            [StepPlan { operator: Operator::Scan(scan), details, .. }]
            | [
                StepPlan { operator: Operator::Scan(scan), details, .. },
                StepPlan { operator: Operator::Properties { .. }, .. },
            ] if scan.labels.is_none() && grouping.keys.is_empty() => (scan, details.clone()),
            _ => return false,
        };
        let label = match &scan.source {
            Source::All => None,
            Source::Label(name) => self.names.get(name.0).map(|(_, text)| text.as_str()),
            _ => return false,
        };
        let mut ends = Vec::new();
        for aggregation in &grouping.aggregates {
            let greatest = match aggregation.function {
                Aggregate::Min => false,
                Aggregate::Max => true,
                _ => return false,
            };
            let of = aggregation.arguments.first().and_then(property);
            let Some((_, key)) = of.filter(|(of, _)| *of == scan.node.slot) else { return false };
            let index = self.indexes.iter().find(|index| {
                let covers = index.covers == Covers::Nodes && index.label.as_deref() == label;
                covers
                    && has_order(index)
                    && index.is_complete
                    && index.properties.first().is_some_and(|first| first == key)
            });
            let Some(index) = index else { return false };
            ends.push((aggregation.slot, index.id, key, greatest));
        }
        let of = |(slot, index, key, greatest): (Slot, u32, &str, bool)| IndexEnd {
            slot,
            index,
            property: self.name(NameKind::Key, key),
            greatest,
        };
        let ends = ends.into_iter().map(of).collect();
        steps.clear();
        steps.push(self.step(Operator::Ends(ends), 1.0, details));
        true
    }
}

/// A property of a variable.
fn property(expr: &Expr) -> Option<(Slot, &str)> {
    let ExprKind::Property { of, key } = &expr.kind else { return None };
    Some((of.as_slot()?, key))
}

const fn has_order(index: &Index) -> bool {
    matches!(index.kind, IndexKind::Range | IndexKind::Unique | IndexKind::Key)
}

fn literal(count: &Expr) -> Option<f64> {
    if let ExprKind::Literal(Literal::Integer(count)) = count.kind { Some(count as f64) } else { None }
}

/// Whether a step gives what it makes of a row before what it makes of the next one, and leaves the graph as it is.
const fn keeps_order(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Properties { .. }
            | Operator::CheckNode { .. }
            | Operator::Expand(_)
            | Operator::Degree { .. }
            | Operator::Known(_)
            | Operator::Filter(_)
            | Operator::Semi { .. }
            | Operator::Optional { .. }
            | Operator::Project(_)
    )
}

/// The search whose rows come out as they are, perhaps with others beside.
fn search_step(steps: &[StepPlan]) -> Option<usize> {
    let last = steps.iter().rposition(|step| !matches!(step.operator, Operator::Project(_)))?;
    search_at(steps.get(last)?).map(|_| last)
}

fn search_of(steps: &[StepPlan]) -> Option<&super::operator::Call> {
    search_at(steps.get(search_step(steps)?)?)
}

fn search_at(step: &StepPlan) -> Option<&super::operator::Call> {
    match &step.operator {
        Operator::Call(call) if call.search.is_some() && call.filter.is_none() => Some(call),
        _ => None,
    }
}

/// Whether a slot has the score of what a search finds.
fn gives_score(call: &super::operator::Call, slot: Slot) -> bool {
    call.yields.iter().any(|(column, of)| *column == 1 && *of == slot)
}

/// Whether the rows are those of one search, and a slot has its score.
fn is_score(steps: &[StepPlan], slot: Slot) -> bool {
    search_step(steps) == Some(0) && search_of(steps).is_some_and(|call| gives_score(call, slot))
}
