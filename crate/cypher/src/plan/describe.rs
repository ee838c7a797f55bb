//! Plans as text, for EXPLAIN and PROFILE.

use super::Plan;
use super::operator::{NestedPlan, Operator, Pipeline, QueryPlan, Seek, SoughtNext, Source, StepPlan};
use crate::storage::Covers;

/// A step of a plan as it is shown: those that are nested in it follow it, one deeper.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// Its number, by which its counters are found.
    pub id: usize,
    /// How deep it is nested.
    pub depth: usize,
    /// The operator.
    pub name: &'static str,
    /// What it works on.
    pub details: String,
    /// How many rows it is expected to give.
    pub rows: f64,
}

impl Plan {
    /// The steps in the order of execution; below each step those of its own pipelines, and of what stands inside of its
    /// expressions.
    #[must_use]
    pub fn describe(&self) -> Vec<Described> {
        let mut described = Vec::with_capacity(self.steps);
        self.describe_query(&self.query, 0, &mut described);
        described
    }

    fn describe_query(&self, query: &QueryPlan, depth: usize, into: &mut Vec<Described>) {
        let Some((union, distinct)) = query.union else {
            return query.parts.iter().for_each(|(part, _)| self.describe_steps(part, depth, into));
        };
        let rows = query.parts.iter().filter_map(|(part, _)| part.steps.last()).map(|step| step.rows).sum();
        into.push(Described { id: union, depth, name: "Union", details: String::new(), rows });
        query.parts.iter().for_each(|(part, _)| self.describe_steps(part, depth + 1, into));
        if query.distinct {
            into.push(Described { id: distinct, depth, name: "Distinct", details: String::new(), rows });
        }
    }

    fn describe_steps(&self, pipeline: &Pipeline, depth: usize, into: &mut Vec<Described>) {
        for StepPlan { id, rows, operator, details, nested, .. } in &pipeline.steps {
            into.push(Described { id: *id, depth, name: operator.name(), details: details.clone(), rows: *rows });
            match operator {
                Operator::Select(select) => self.describe_steps(&select.pipeline, depth + 1, into),
                Operator::Repeat(repeat) => self.describe_steps(&repeat.pipeline, depth + 1, into),
                Operator::Join(join) => self.describe_steps(&join.pipeline, depth + 1, into),
                Operator::Merge(merge) => self.describe_steps(&merge.pipeline, depth + 1, into),
                Operator::Optional { pipeline, .. }
                | Operator::Semi { pipeline, .. }
                | Operator::Foreach { pipeline, .. } => self.describe_steps(pipeline, depth + 1, into),
                Operator::Apply(apply) => self.describe_query(&apply.query, depth + 1, into),
                _ => {}
            }
            for plan in nested.iter().filter_map(|number| self.nested.get(*number)) {
                match plan {
                    NestedPlan::Exists(pipeline) | NestedPlan::Each(pipeline, _) | NestedPlan::First(pipeline, _) => {
                        self.describe_steps(pipeline, depth + 1, into);
                    }
                    NestedPlan::Subquery { query, .. } | NestedPlan::Sum(query) => {
                        self.describe_query(query, depth + 1, into);
                    }
                }
            }
        }
    }
}

impl Operator {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Scan(scan) => match &scan.source {
                Source::All => "AllNodesScan",
                Source::Label(_) => "LabelScan",
                Source::Ids(_) => "NodeByIdSeek",
                Source::Union(parts) if parts.iter().all(|part| matches!(part, Source::Label(_))) => "LabelUnion",
                Source::Union(_) => "NodeIndexUnion",
                Source::Seek(seek) => of_nodes(seek),
            },
            Self::Relationships(seek) => of_relationships(&seek.seek),
            Self::CheckNode { .. } => "CheckNode",
            Self::Properties { .. } => "Properties",
            Self::Expand(expand) if expand.to.solved => "ExpandInto",
            Self::Expand(_) => "ExpandAll",
            Self::Degree { .. } => "Degree",
            Self::Known(_) => "EndsOfRelationship",
            Self::Intersect(_) => "Intersect",
            Self::Product(_) => "DegreeProduct",
            Self::Variable(variable) if variable.ends => "ReachableNodes",
            Self::Variable(_) => "VariableExpand",
            Self::Shortest(_) => "ShortestPath",
            Self::Select(_) => "SelectPaths",
            Self::Repeat(_) => "Repeat",
            Self::Join(join) if join.keys.is_empty() => "CartesianProduct",
            Self::Join(_) => "HashJoin",
            Self::Path(_) => "Path",
            Self::Nodes { .. } => "DistinctNodes",
            Self::Filter(_) => "Filter",
            Self::Project(_) => "Projection",
            Self::Aggregate(_) => "Aggregation",
            Self::AggregateNodes(_) => "NodeAggregation",
            Self::Count { .. } => "CountOfStore",
            Self::Ends(_) => "IndexEnds",
            Self::Distinct(_) => "Distinct",
            Self::Sort(sort) if sort.most.is_empty() => "Sort",
            Self::Sort(_) => "TopN",
            Self::Skip(_) => "Skip",
            Self::Limit { .. } => "Limit",
            Self::Unwind { .. } => "Unwind",
            Self::Optional { .. } => "Optional",
            Self::Semi { negated: false, .. } => "SemiApply",
            Self::Semi { .. } => "AntiSemiApply",
            Self::Apply(_) => "Apply",
            Self::Eager => "Eager",
            Self::Call(call) => match call.search {
                Some(Covers::Nodes) => "NodeFulltextSearch",
                Some(Covers::Relationships) => "RelationshipFulltextSearch",
                None => "ProcedureCall",
            },
            Self::LoadCsv(_) => "LoadCsv",
            Self::Create(_) => "Create",
            Self::Merge(_) => "Merge",
            Self::Set(_) => "Set",
            Self::Delete { detach: false, .. } => "Delete",
            Self::Delete { .. } => "DetachDelete",
            Self::Foreach { .. } => "Foreach",
        }
    }
}

fn of_nodes(seek: &Seek) -> &'static str {
    match &seek.next {
        SoughtNext::Text(..) => "NodeFulltextSeek",
        SoughtNext::Formed if seek.equal.is_empty() => "NodeIndexOrderedScan",
        SoughtNext::Any if seek.equal.is_empty() => "NodeIndexScan",
        SoughtNext::Any if seek.unique => "NodeUniqueIndexSeek",
        SoughtNext::Any | SoughtNext::Formed => "NodeIndexSeek",
        SoughtNext::Range { .. } => "NodeIndexRangeSeek",
        SoughtNext::Prefix(_) => "NodeIndexPrefixSeek",
    }
}

fn of_relationships(seek: &Seek) -> &'static str {
    match &seek.next {
        SoughtNext::Text(..) => "RelationshipFulltextSeek",
        SoughtNext::Any if seek.equal.is_empty() => "RelationshipIndexScan",
        SoughtNext::Any if seek.unique => "RelationshipUniqueIndexSeek",
        SoughtNext::Any | SoughtNext::Formed => "RelationshipIndexSeek",
        SoughtNext::Range { .. } => "RelationshipIndexRangeSeek",
        SoughtNext::Prefix(_) => "RelationshipIndexPrefixSeek",
    }
}
