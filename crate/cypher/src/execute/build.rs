//! From steps of a plan to steps that run.

use super::aggregate::{Aggregating, Counting, Distinct};
use super::call::Calling;
use super::create::Creating;
use super::degree::{Degrees, Products};
use super::delete::Deleting;
use super::ends;
use super::expand::{Ends, Expanding};
use super::group::GroupingNodes;
use super::intersect::Intersecting;
use super::join::Joining;
use super::load::Loading;
use super::merge::Merging;
use super::nested::{Applying, Existing, Foreach, Optional};
use super::path::{DistinctNodes, Paths};
use super::pipeline::{Each, Flat, Gather, Step};
use super::reach::Reaching;
use super::repeat::Repeating;
use super::rows::{Eager, Filtering, Limiting, Projecting, Skipping, Unwinding};
use super::scan::{Checking, Reading, Scanning};
use super::seek::SeekingRelationships;
use super::select::Selecting;
use super::set::Setting;
use super::shortest::Shortest;
use super::sort::Sorting;
use super::variable::Walking;
use crate::plan::operator::Operator;

pub(super) fn step(operator: &Operator) -> Box<dyn Step + '_> {
    match operator {
        Operator::Scan(scan) => Box::new(Flat::new(Scanning::new(scan))),
        Operator::Relationships(seek) => Box::new(Flat::new(SeekingRelationships::new(seek))),
        Operator::CheckNode { slot, labels, raw } => {
            Box::new(Each::new(Checking { slot: *slot, labels: labels.as_ref(), raw: *raw }))
        }
        Operator::Properties { of, kind, keys } => Box::new(Each::new(Reading { of: *of, kind: *kind, keys })),
        Operator::Expand(expand) => Box::new(Flat::new(Expanding::new(expand))),
        Operator::Intersect(both) => Box::new(Flat::new(Intersecting::new(both))),
        Operator::Degree { expand, slot } => Box::new(Each::new(Degrees::new(expand, *slot))),
        Operator::Product(product) => Box::new(Flat::new(Products::new(product))),
        Operator::Known(known) => Box::new(Flat::new(Ends::new(known))),
        Operator::Variable(variable) if variable.ends => Box::new(Flat::new(Reaching::new(variable))),
        Operator::Variable(variable) => Box::new(Flat::new(Walking::new(variable))),
        Operator::Shortest(shortest) => Box::new(Flat::new(Shortest::new(shortest))),
        Operator::Select(select) => Box::new(Flat::new(Selecting::new(select))),
        Operator::Repeat(repeat) => Box::new(Flat::new(Repeating::new(repeat))),
        Operator::Join(join) => Box::new(Flat::new(Joining::new(join))),
        Operator::Path(path) => Box::new(Each::new(Paths(path))),
        Operator::Nodes { path, mode } => Box::new(Each::new(DistinctNodes { path, mode: *mode })),
        Operator::Filter(predicates) => Box::new(Each::new(Filtering(predicates))),
        Operator::Project(projection) => Box::new(Each::new(Projecting(projection))),
        Operator::Aggregate(grouping) => Box::new(Gather::new(Aggregating::new(grouping))),
        Operator::AggregateNodes(grouping) => Box::new(Gather::new(GroupingNodes::new(grouping))),
        Operator::Count { slot, count } => Box::new(Each::new(Counting { slot: *slot, count })),
        Operator::Ends(ends) => Box::new(Each::new(ends::Ends(ends))),
        Operator::Distinct(slots) => Box::new(Each::new(Distinct::new(slots))),
        Operator::Sort(sort) => Box::new(Gather::new(Sorting::new(sort))),
        Operator::Skip(count) => Box::new(Each::new(Skipping::new(count))),
        Operator::Limit { count, exhaust } => Box::new(Limiting::new(count, *exhaust)),
        Operator::Unwind { list, slot } => Box::new(Flat::new(Unwinding::new(list, *slot))),
        Operator::Optional { pipeline, slots } => Box::new(Flat::new(Optional::new(pipeline, slots))),
        Operator::Semi { pipeline, negated } => Box::new(Each::new(Existing::new(pipeline, *negated))),
        Operator::Apply(apply) => Box::new(Flat::new(Applying::new(apply))),
        Operator::Eager => Box::new(Gather::new(Eager::default())),
        Operator::Call(call) => Box::new(Flat::new(Calling::new(call))),
        Operator::LoadCsv(load) => Box::new(Flat::new(Loading::new(load))),
        Operator::Create(create) => Box::new(Each::new(Creating(create))),
        Operator::Merge(merge) => Box::new(Flat::new(Merging::new(merge))),
        Operator::Set(items) => Box::new(Each::new(Setting(items))),
        Operator::Delete { values, detach, last } => Box::new(Gather::new(Deleting::new(values, *detach, *last))),
        Operator::Foreach { slot, list, pipeline } => Box::new(Each::new(Foreach::new(*slot, list, pipeline))),
    }
}
