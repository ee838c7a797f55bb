//! Groups of nodes that are only told apart by properties: no row is made for a node.

use super::operator::{Measure, Name, NodeGrouping, Operator, Scan, Source, StepPlan, TopGroups};
use super::projection::name_of;
use super::{Planner, Result};
use crate::function::find_aggregate;
use crate::ir::{self, Aggregate, Expr, Slot};
use crate::storage::{Covers, IndexKind};

impl Planner<'_> {
    /// Where steps only find nodes and read properties of them, and a grouping looks at nothing else: puts one step in
    /// their place. `counted` is what counts the relationships of the last step.
    pub(super) fn grouped_nodes(
        &mut self,
        grouping: &ir::Grouping,
        counted: Option<Slot>,
        steps: &mut Vec<StepPlan>,
        rows: f64,
    ) -> bool {
        let Some((operator, details)) = self.node_grouping(grouping, counted, steps) else { return false };
        steps.clear();
        let step = self.step(Operator::AggregateNodes(operator), rows, details);
        steps.push(step);
        true
    }

    fn node_grouping(
        &self,
        grouping: &ir::Grouping,
        counted: Option<Slot>,
        steps: &mut Vec<StepPlan>,
    ) -> Option<(NodeGrouping, String)> {
        let is_node = |scan: &Scan| {
            scan.labels.is_none() && !scan.node.whole && matches!(scan.source, Source::All | Source::Label(_))
        };
        let (of, filled) = match steps.as_slice() {
            [scan, properties] => (scan, properties),
            [scan, properties, StepPlan { operator: Operator::Degree { expand, .. }, .. }] => {
                let Operator::Scan(scanned) = &scan.operator else { return None };
                (expand.from == scanned.node.slot && !expand.to.solved).then_some((scan, properties))?
            }
            _ => return None,
        };
        let (Operator::Scan(scan), Operator::Properties { of: read, keys: slots, .. }) =
            (&of.operator, &filled.operator)
        else {
            return None;
        };
        if !is_node(scan) || *read != scan.node.slot || grouping.keys.is_empty() {
            return None;
        }
        let place = |expr: &Expr| {
            let slot = self.properties.slot_of(expr)?;
            slots.iter().position(|(_, filled)| *filled == slot)
        };
        let keys = grouping.keys.iter().map(|(slot, key)| Some((*slot, place(key)?))).collect::<Option<Vec<_>>>()?;
        let measures = grouping.aggregates.iter().map(|aggregation| {
            let measure = match (aggregation.function, aggregation.arguments.as_slice()) {
                _ if counted == Some(aggregation.slot) => Measure::Count,
                _ if counted.is_some() || aggregation.distinct => return None,
                (Aggregate::CountRows, []) => Measure::Count,
                (Aggregate::Count, [argument]) if argument.as_slot() == Some(scan.node.slot) => Measure::Count,
                (function, [argument]) => Measure::Property(find_aggregate(name_of(function))?, place(argument)?),
                _ => return None,
            };
            Some((aggregation.slot, measure))
        });
        let measures = measures.collect::<Option<Vec<_>>>()?;
        let shown: Vec<&str> = steps.iter().map(|step| step.details.as_str()).collect();
        let details = shown.join(", ");
        let properties: Vec<Name> = slots.iter().map(|(name, _)| *name).collect();
        let degree = match steps.pop()?.operator {
            Operator::Degree { expand, .. } => {
                steps.pop()?;
                Some(expand)
            }
            _ => None,
        };
        let Operator::Scan(Scan { node, source, .. }) = steps.pop()?.operator else { return None };
        let unique = match (&source, keys.as_slice()) {
            (Source::Label(label), [(_, key)]) => {
                properties.get(*key).is_some_and(|property| self.is_unique(*label, *property))
            }
            _ => false,
        };
        let node = node.slot;
        Some((NodeGrouping { source, node, degree, properties, keys, unique, measures, top: None }, details))
    }

    /// Whether a constraint lets no two nodes with a label have the same value of a property.
    fn is_unique(&self, label: Name, property: Name) -> bool {
        let text = |name: Name| self.names.get(name.0).map(|(_, text)| text.as_str());
        self.indexes.iter().any(|index| {
            matches!(index.kind, IndexKind::Unique | IndexKind::Key)
                && index.covers == Covers::Nodes
                && index.label.as_deref() == text(label)
                && index.properties.iter().map(|name| Some(name.as_str())).eq([text(property)])
        })
    }

    /// Where groups of nodes are sorted by a count before all else, and few are wanted: lets the grouping leave out others.
    pub(super) fn wanted_groups(&mut self, projection: &ir::Projection, steps: &mut [StepPlan]) -> Result<()> {
        let (Some(limit), Some(first)) = (&projection.limit, projection.order.first()) else { return Ok(()) };
        let grouping = match steps {
            [StepPlan { operator: Operator::AggregateNodes(grouping), .. }]
            | [
                StepPlan { operator: Operator::AggregateNodes(grouping), .. },
                StepPlan { operator: Operator::Project(_), .. },
            ] => grouping,
            _ => return Ok(()),
        };
        // A column stands for the measure that it is.
        let sorted = first.value.as_slot();
        let named = projection.items.iter().find(|item| Some(item.slot) == sorted);
        let sorted = named.and_then(|item| item.value.as_slot()).or(sorted);
        let is_first = |(slot, measure): &(Slot, Measure)| matches!(measure, Measure::Count) && sorted == Some(*slot);
        let Some(measure) = grouping.measures.iter().position(is_first) else { return Ok(()) };
        let most = self.compile_all(projection.skip.iter().chain([limit]))?;
        grouping.top = Some(TopGroups { measure, largest: first.descending, most });
        Ok(())
    }
}
