//! Groups of nodes that are only told apart by properties: no row is made for a node.

use super::Planner;
use super::operator::{Measure, NodeGrouping, Operator, Scan, Source, StepPlan};
use super::projection::name_of;
use crate::function::find_aggregate;
use crate::ir::{self, Aggregate, Expr, Slot};

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
        let properties = slots.iter().map(|(name, _)| *name).collect();
        let degree = match steps.pop()?.operator {
            Operator::Degree { expand, .. } => {
                steps.pop()?;
                Some(expand)
            }
            _ => None,
        };
        let Operator::Scan(Scan { node, source, .. }) = steps.pop()?.operator else { return None };
        Some((NodeGrouping { source, node: node.slot, degree, properties, keys, measures }, details))
    }
}
