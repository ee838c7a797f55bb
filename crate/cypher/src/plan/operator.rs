//! What a step of a plan does.

use std::sync::Arc;

use sledstore_graph::TextPlace;

use crate::evaluate::Expression;
use crate::function::Aggregate;
use crate::ir::{CompareOp, Direction, PathMode, Slot, Span, SubqueryKind};
use crate::plan::usage::EntityKind;
use crate::procedure::Procedure;
use crate::storage::Covers;

/// An index into the names of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub usize);

/// Parts whose rows are put together.
#[derive(Debug)]
pub(crate) struct QueryPlan {
    pub parts: Vec<(Pipeline, Vec<Slot>)>,
    pub distinct: bool,
    /// Where there are several parts: the step that puts them together, and the one behind it that gives each row once.
    pub union: Option<(usize, usize)>,
}

/// Steps, the first of which takes the rows that the pipeline begins with.
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    pub steps: Vec<StepPlan>,
}

#[derive(Debug)]
pub(crate) struct StepPlan {
    /// Its place among all steps of the plan.
    pub id: usize,
    /// How many rows it is expected to give.
    pub rows: f64,
    pub operator: Operator,
    /// For people.
    pub details: String,
    /// The clause that it is of: where an error of it is that knows no better.
    pub place: Option<Span>,
    /// The plans that stand inside of its expressions, by their numbers.
    pub nested: Vec<usize>,
}

/// What stands inside of an expression.
#[derive(Debug)]
pub(crate) enum NestedPlan {
    Exists(Pipeline),
    Each(Pipeline, Expression),
    First(Pipeline, Expression),
    Subquery {
        kind: SubqueryKind,
        query: QueryPlan,
    },
    /// The sum of the only column.
    Sum(QueryPlan),
}

/// A slot that is given a node or a relationship.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub slot: Slot,
    /// Whether it is read with all it has; otherwise the slot holds its id.
    pub whole: bool,
}

/// What labels a node must have, or what type a relationship.
#[derive(Clone, Debug)]
pub(crate) enum LabelTest {
    Name(Name),
    Any,
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// What type a relationship must have: one of `names`, and `test` on top.
#[derive(Clone, Debug)]
pub(crate) struct Types {
    pub names: Option<Vec<Name>>,
    pub test: Option<LabelTest>,
}

/// Where the nodes of a scan come from.
#[derive(Debug)]
pub(crate) enum Source {
    All,
    Label(Name),
    Seek(Seek),
    /// Those that have an id, if there are any.
    Ids(Sought),
    /// Those of several others, each once.
    Union(Vec<Self>),
}

/// What is sought in an index.
#[derive(Debug)]
pub(crate) struct Seek {
    pub index: u32,
    pub covers: Covers,
    /// What all have that are sought: where the index cannot tell, all that have it are gone over.
    pub label: Option<Name>,
    /// What its first properties equal.
    pub equal: Vec<Sought>,
    /// What is sought of the next one.
    pub next: SoughtNext,
    /// Whether no two have what is sought.
    pub unique: bool,
    /// Whether they come in the order of a property; then each equals one value and no list.
    pub order: Option<Ordered>,
}

/// An order that steps behind a seek rely on.
#[derive(Debug)]
pub(crate) struct Ordered {
    pub property: Name,
    pub descending: bool,
    /// Whether those without the property come as well, at the end.
    pub nulls: bool,
}

#[derive(Debug)]
pub(crate) enum Sought {
    Value(Expression),
    /// One of a list.
    OneOf(Expression),
}

#[derive(Debug)]
pub(crate) enum SoughtNext {
    Any,
    /// Each bound with whether it is included.
    Range {
        low: Option<(Expression, bool)>,
        high: Option<(Expression, bool)>,
    },
    Prefix(Expression),
    /// Anything, for its order.
    Formed,
    /// Strings with a text at a place, if a full-text index can tell which may be it, and these are not too many.
    Text(TextPlace, Expression, usize),
}

/// Relationships out of an index.
#[derive(Debug)]
pub(crate) struct RelationshipSeek {
    pub relationship: Target,
    pub seek: Seek,
}

#[derive(Debug)]
pub(crate) struct Scan {
    pub node: Target,
    pub source: Source,
    pub labels: Option<LabelTest>,
}

/// The node that a step leads to.
#[derive(Debug)]
pub(crate) struct End {
    pub node: Target,
    /// Whether it is known before, and only compared.
    pub solved: bool,
    /// Checked where it is not known before.
    pub labels: Option<LabelTest>,
}

/// One relationship from a node.
#[derive(Debug)]
pub(crate) struct Expand {
    pub from: Slot,
    pub to: End,
    pub relationship: Target,
    pub direction: Direction,
    pub types: Types,
    /// Slots of relationships, or lists of them, that it must differ from.
    pub unique: Vec<Slot>,
}

/// The ends of relationships that are known before.
#[derive(Debug)]
pub(crate) struct Known {
    pub relationship: Target,
    pub from: End,
    pub to: End,
    pub direction: Direction,
    pub types: Types,
    /// The least and greatest number, for a list of them.
    pub length: Option<(u64, Option<u64>)>,
    pub unique: Vec<Slot>,
}

/// Relationships in a row.
#[derive(Debug)]
pub(crate) struct Variable {
    pub from: Slot,
    pub to: End,
    /// Given the list.
    pub relationships: Target,
    pub direction: Direction,
    pub types: Types,
    pub min: u64,
    pub max: Option<u64>,
    /// What must be true of each relationship, which the slot is given before.
    pub each: Vec<(Slot, Expression)>,
    pub unique: Vec<Slot>,
    pub mode: PathMode,
    /// Whether it is walked from the end of the pattern to its beginning.
    pub reversed: bool,
    /// Whether each end is wanted once, and no way to it.
    pub ends: bool,
}

/// Relationships from two nodes to one that both lead to.
#[derive(Debug)]
pub(crate) struct Intersect {
    /// They lead to the same node, which is not known before.
    pub left: Expand,
    pub right: Expand,
    /// Whether the one must differ from the other.
    pub distinct: bool,
    /// Given how many pairs there are, where these are not wanted themselves.
    pub count: Option<Slot>,
}

/// How many pairs of relationships nodes have, each from its own.
#[derive(Debug)]
pub(crate) struct Product {
    /// The nodes, of all or of a label.
    pub scan: Scan,
    pub left: Expand,
    pub right: Expand,
    /// Whether the one must differ from the other.
    pub distinct: bool,
    /// Given the number of pairs of some of the nodes.
    pub slot: Slot,
}

/// How many paths between the same two ends.
#[derive(Debug)]
pub(crate) enum Selection {
    Any(Expression),
    Shortest(Expression),
    Groups(Expression),
}

/// Among which ways the choice is made, besides what must be true of each relationship.
#[derive(Debug, Default)]
pub(crate) struct Among {
    /// What must be true of each node, the ends included; the slot is given the node before.
    pub nodes: Vec<(Slot, Expression)>,
    /// What the number of relationships compares with.
    pub lengths: Vec<(CompareOp, Expression)>,
    /// What must be true of the whole way.
    pub whole: Vec<Expression>,
    /// Where that reads the path.
    pub path: Option<Path>,
}

/// The shortest ways by relationships in a row, by breadth.
#[derive(Debug)]
pub(crate) struct Shortest {
    pub walk: Variable,
    pub selection: Selection,
    pub among: Among,
    /// Whether the slot holds one relationship and no list.
    pub single: bool,
}

/// Paths of a pattern of their own, of which some are chosen.
#[derive(Debug)]
pub(crate) struct Select {
    pub pipeline: Pipeline,
    pub start: Slot,
    pub end: Slot,
    pub pieces: Vec<Piece>,
    pub selection: Selection,
}

/// A path in parentheses that repeats.
#[derive(Debug)]
pub(crate) struct Repeat {
    pub from: Slot,
    pub to: End,
    pub min: u64,
    pub max: Option<u64>,
    /// Finds one round.
    pub pipeline: Pipeline,
    /// The slots of a round where it is entered and left.
    pub enter: Slot,
    pub leave: Slot,
    /// What a round adds to the trace.
    pub pieces: Vec<Piece>,
    pub start: Slot,
    /// Holds what was walked in the rounds before.
    pub walked: Slot,
    pub groups: Vec<(Slot, Slot)>,
    /// Given relationships and nodes in turn.
    pub trace: Slot,
    pub mode: PathMode,
    pub reversed: bool,
}

/// A part of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// A relationship, or a list of them.
    Relationships(Slot),
    /// Relationships and nodes in turn.
    Trace(Slot),
}

#[derive(Debug)]
pub(crate) struct Projection {
    pub items: Vec<(Slot, Expression)>,
}

#[derive(Debug)]
pub(crate) struct Grouping {
    pub keys: Vec<(Slot, Expression)>,
    pub aggregates: Vec<Aggregation>,
}

/// Groups of nodes by their properties, of which no row is made.
#[derive(Debug)]
pub(crate) struct NodeGrouping {
    /// All nodes, or those of a label.
    pub source: Source,
    pub node: Slot,
    /// Whose number is counted in place of the nodes; a node without any is in no group.
    pub degree: Option<Expand>,
    /// The properties that are read.
    pub properties: Vec<Name>,
    /// What nodes are grouped by: slots, each with the place of the property it is given.
    pub keys: Vec<(Slot, usize)>,
    /// Whether no two nodes have the same value of the only key.
    pub unique: bool,
    pub measures: Vec<(Slot, Measure)>,
    /// Where few groups are wanted, of which a count decides first.
    pub top: Option<TopGroups>,
}

/// The groups that are wanted: others than those with the largest or smallest counts may be left out.
#[derive(Debug)]
pub(crate) struct TopGroups {
    /// The place of the count among the measures.
    pub measure: usize,
    pub largest: bool,
    /// How many groups are wanted: those of a SKIP and a LIMIT.
    pub most: Vec<Expression>,
}

/// What is wanted of a group of nodes.
#[derive(Debug)]
pub(crate) enum Measure {
    Count,
    /// An aggregation of the property at a place.
    Property(&'static Aggregate, usize),
}

#[derive(Debug)]
pub(crate) struct Aggregation {
    pub slot: Slot,
    pub function: &'static Aggregate,
    pub distinct: bool,
    pub arguments: Vec<Expression>,
}

impl std::fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

#[derive(Debug)]
pub(crate) struct Sort {
    /// Each with whether the largest comes first.
    pub keys: Vec<(Expression, bool)>,
    /// How many rows are wanted: those of a SKIP and a LIMIT.
    pub most: Vec<Expression>,
}

#[derive(Debug)]
pub(crate) struct Apply {
    pub query: QueryPlan,
    /// The slots that the columns are given to.
    pub columns: Vec<Slot>,
    pub optional: bool,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub procedure: Arc<Procedure>,
    /// Where it is called.
    pub place: Span,
    pub arguments: Vec<Expression>,
    /// Places of results, with the slots they go to.
    pub yields: Vec<(usize, Slot)>,
    pub filter: Option<Expression>,
    pub optional: bool,
    /// What it searches, if it is a search in a full-text index: it gives the best matches first.
    pub search: Option<Covers>,
    /// How many rows are wanted of such a search, where that is known: those of a SKIP and a LIMIT.
    pub most: Vec<Expression>,
}

/// The least or greatest value of a property, from an end of an index.
#[derive(Debug)]
pub(crate) struct IndexEnd {
    pub slot: Slot,
    pub index: u32,
    pub property: Name,
    pub greatest: bool,
}

/// LOAD CSV.
#[derive(Debug)]
pub(crate) struct Load {
    pub source: Expression,
    /// Whether the first line names the fields.
    pub headers: bool,
    pub separator: Option<char>,
    pub slot: Slot,
}

#[derive(Debug)]
pub(crate) struct Join {
    /// The rows of the right side, found once.
    pub pipeline: Pipeline,
    /// What it fills.
    pub slots: Vec<Slot>,
    /// Values of the left and the right side that must be equal.
    pub keys: Vec<(Expression, Expression)>,
}

/// One thing to create.
#[derive(Debug)]
pub(crate) enum Created {
    Node { node: Target, labels: Vec<Name>, properties: Option<Expression> },
    Relationship { relationship: Target, source: Target, target: Target, kind: Name, properties: Option<Expression> },
}

#[derive(Debug)]
pub(crate) struct CreatePlan {
    pub elements: Vec<Created>,
    pub paths: Vec<Path>,
    /// Whether a property that is null is an error.
    pub merged: bool,
}

#[derive(Debug)]
pub(crate) struct Path {
    pub slot: Slot,
    pub start: Slot,
    pub pieces: Vec<Piece>,
}

#[derive(Debug)]
pub(crate) struct MergePlan {
    pub pipeline: Pipeline,
    pub creation: CreatePlan,
    pub on_match: Vec<SetPlan>,
    pub on_create: Vec<SetPlan>,
}

#[derive(Debug)]
pub(crate) enum SetPlan {
    Property { target: Expression, key: Name, value: Expression },
    Properties { target: Slot, value: Expression, replace: bool },
    Labels { target: Slot, labels: Vec<Name> },
    RemoveProperty { target: Expression, key: Name },
    RemoveLabels { target: Slot, labels: Vec<Name> },
}

#[derive(Debug)]
pub(crate) enum Count {
    Nodes(Option<Name>),
    Relationships(Option<Vec<Name>>),
}

#[derive(Debug)]
pub(crate) enum Operator {
    Scan(Scan),
    /// Relationships, whose ends another step finds.
    Relationships(RelationshipSeek),
    /// That a slot holds a node, with labels.
    CheckNode {
        slot: Slot,
        labels: Option<LabelTest>,
        raw: bool,
    },
    /// Properties of an entity that is not read whole, each with the slot it goes to.
    Properties {
        of: Slot,
        kind: EntityKind,
        keys: Vec<(Name, Slot)>,
    },
    Expand(Expand),
    Known(Known),
    Variable(Variable),
    Shortest(Shortest),
    Select(Select),
    Repeat(Repeat),
    Join(Join),
    Path(Path),
    /// That no node comes twice along a path.
    Nodes {
        path: Path,
        mode: PathMode,
    },
    Filter(Vec<Expression>),
    Project(Projection),
    Aggregate(Grouping),
    AggregateNodes(NodeGrouping),
    Intersect(Intersect),
    /// How many rows an expansion would make of one; a row without any goes.
    Degree {
        expand: Expand,
        slot: Slot,
    },
    Product(Product),
    /// The number of entities, which the storage knows.
    Count {
        slot: Slot,
        count: Count,
    },
    Ends(Vec<IndexEnd>),
    Distinct(Vec<Slot>),
    Sort(Sort),
    Skip(Expression),
    Limit {
        count: Expression,
        exhaust: bool,
    },
    Unwind {
        list: Expression,
        slot: Slot,
    },
    Optional {
        pipeline: Pipeline,
        slots: Vec<Slot>,
    },
    Semi {
        pipeline: Pipeline,
        negated: bool,
    },
    Apply(Apply),
    Eager,
    Call(Call),
    LoadCsv(Load),
    Create(CreatePlan),
    Merge(MergePlan),
    Set(Vec<SetPlan>),
    Delete {
        values: Vec<Expression>,
        detach: bool,
        last: bool,
    },
    Foreach {
        slot: Slot,
        list: Expression,
        pipeline: Pipeline,
    },
}
