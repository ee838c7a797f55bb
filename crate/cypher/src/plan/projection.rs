//! WITH and RETURN: grouping, items, DISTINCT, ORDER BY, SKIP, LIMIT, WHERE.

use super::operator::{Aggregation, Count, Grouping, Operator, Projection, Sort, Source, StepPlan};
use super::{Planner, Result};
use crate::function::find_aggregate;
use crate::ir::{self, Aggregate, Direction, Slot};

impl Planner<'_> {
    pub(super) fn projection(
        &mut self,
        projection: &ir::Projection,
        steps: &mut Vec<StepPlan>,
        rows: &mut f64,
    ) -> Result<()> {
        if let Some(grouping) = &projection.grouping {
            self.grouping(grouping, steps, rows)?;
        }
        let items: Vec<_> = projection.items.iter().filter(|item| item.value.as_slot() != Some(item.slot)).collect();
        if !items.is_empty() {
            let names = items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>().join(", ");
            let items = items.into_iter().map(|item| Ok((item.slot, self.compile(&item.value)?)));
            let items = items.collect::<Result<Vec<_>>>()?;
            steps.push(self.step(Operator::Project(Projection { items }), *rows, names));
        }
        if projection.distinct {
            let slots: Vec<Slot> = projection.items.iter().map(|item| item.slot).collect();
            self.give_ends_once(steps, &slots);
            steps.push(self.step(Operator::Distinct(slots), *rows, String::new()));
        }
        self.sorted(projection, steps, rows)?;
        if let Some(filter) = &projection.filter {
            *rows *= 0.5;
            let details = self.written(filter).to_owned();
            let filter = vec![self.compile(filter)?];
            steps.push(self.step(Operator::Filter(filter), *rows, details));
        }
        Ok(())
    }

    fn sorted(&mut self, projection: &ir::Projection, steps: &mut Vec<StepPlan>, rows: &mut f64) -> Result<()> {
        self.wanted_groups(projection, steps)?;
        self.wanted_matches(projection, steps)?;
        if !projection.order.is_empty() && !self.in_order(projection, steps)? {
            let keys = projection.order.iter().map(|item| Ok((self.compile(&item.value)?, item.descending)));
            let keys = keys.collect::<Result<Vec<_>>>()?;
            let most = match &projection.limit {
                Some(limit) => self.compile_all(projection.skip.iter().chain([limit]))?,
                None => Vec::new(),
            };
            let details = self.written_all(projection.order.iter().map(|item| &item.value), ", ");
            steps.push(self.step(Operator::Sort(Sort { keys, most }), *rows, details));
        }
        if let Some(skip) = &projection.skip {
            let details = self.written(skip).to_owned();
            let skip = self.compile(skip)?;
            steps.push(self.step(Operator::Skip(skip), *rows, details));
        }
        if let Some(limit) = &projection.limit {
            let details = self.written(limit).to_owned();
            let count = self.compile(limit)?;
            steps.push(self.step(Operator::Limit { count, exhaust: false }, *rows, details));
        }
        Ok(())
    }

    fn grouping(&mut self, grouping: &ir::Grouping, steps: &mut Vec<StepPlan>, rows: &mut f64) -> Result<()> {
        *rows = if grouping.keys.is_empty() { 1.0 } else { rows.sqrt().max(1.0) };
        if let Some(step) = self.counted(grouping, steps) {
            steps.push(step);
            return Ok(());
        }
        if self.index_ends(grouping, steps) {
            return Ok(());
        }
        let details = self.written_all(grouping.keys.iter().map(|(_, key)| key), ", ");
        if let Some(aggregation) = self.counted_by_degree(grouping, steps)? {
            if self.grouped_nodes(grouping, Some(aggregation.slot), steps, *rows) {
                return Ok(());
            }
            let keys = grouping.keys.iter().map(|(slot, key)| Ok((*slot, self.compile(key)?)));
            let keys = keys.collect::<Result<Vec<_>>>()?;
            let operator = Operator::Aggregate(Grouping { keys, aggregates: vec![aggregation] });
            steps.push(self.step(operator, *rows, details));
            return Ok(());
        }
        if self.grouped_nodes(grouping, None, steps, *rows) {
            return Ok(());
        }
        self.give_groups_once(grouping, steps);
        let keys = grouping.keys.iter().map(|(slot, key)| Ok((*slot, self.compile(key)?)));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let mut aggregates = Vec::with_capacity(grouping.aggregates.len());
        for aggregation in &grouping.aggregates {
            let Some(function) = find_aggregate(name_of(aggregation.function)) else { continue };
            let arguments = self.compile_all(&aggregation.arguments)?;
            aggregates.push(Aggregation {
                slot: aggregation.slot,
                function,
                distinct: aggregation.distinct,
                arguments,
            });
        }
        steps.push(self.step(Operator::Aggregate(Grouping { keys, aggregates }), *rows, details));
        Ok(())
    }

    /// The number of all nodes, of those of a label, or of the relationships of a type, without finding them.
    fn counted(&mut self, grouping: &ir::Grouping, steps: &mut Vec<StepPlan>) -> Option<StepPlan> {
        let [aggregation] = grouping.aggregates.as_slice() else { return None };
        let read = match (aggregation.function, aggregation.arguments.as_slice()) {
            (Aggregate::CountRows, []) => None,
            (Aggregate::Count, [argument]) => Some(argument.as_slot()?),
            _ => return None,
        };
        // What the statement itself writes is in the counts when it ends.
        if self.bound.query.writes || !grouping.keys.is_empty() {
            return None;
        }
        let (count, found) = match steps.as_slice() {
            [StepPlan { operator: Operator::Scan(scan), .. }] if scan.labels.is_none() => match scan.source {
                Source::All => (Count::Nodes(None), [scan.node.slot; 3]),
                Source::Label(label) => (Count::Nodes(Some(label)), [scan.node.slot; 3]),
                _ => return None,
            },
            [StepPlan { operator: Operator::Scan(scan), .. }, StepPlan { operator: Operator::Expand(expand), .. }]
                if scan.labels.is_none()
                    && matches!(scan.source, Source::All)
                    && expand.from == scan.node.slot
                    && !expand.to.solved
                    && expand.to.labels.is_none()
                    && expand.direction != Direction::Both
                    && expand.types.test.is_none() =>
            {
                let slots = [scan.node.slot, expand.to.node.slot, expand.relationship.slot];
                (Count::Relationships(expand.types.names.clone()), slots)
            }
            _ => return None,
        };
        if read.is_some_and(|slot| !found.contains(&slot)) || (aggregation.distinct && found[0] != found[1]) {
            return None;
        }
        steps.clear();
        Some(self.step(Operator::Count { slot: aggregation.slot, count }, 1.0, String::new()))
    }
}

pub(super) fn name_of(function: Aggregate) -> &'static str {
    match function {
        Aggregate::CountRows | Aggregate::Count => "count",
        Aggregate::Sum => "sum",
        Aggregate::Avg => "avg",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::Collect => "collect",
        Aggregate::StDev => "stdev",
        Aggregate::StDevP => "stdevp",
        Aggregate::PercentileCont => "percentilecont",
        Aggregate::PercentileDisc => "percentiledisc",
    }
}
