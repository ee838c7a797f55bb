//! Statements, queries and clauses.

use std::sync::Arc;

use super::{Creation, Expr, Pattern, Slot, SlotInfo, Span};
use crate::error::{CypherError, Detail, Kind};
use crate::procedure::Procedure;

/// A statement, bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// What is wanted of it.
    pub mode: Mode,
    /// What it does.
    pub query: Query,
    /// Of every slot, by its number.
    pub slots: Vec<SlotInfo>,
    /// The names of its parameters in the order of their first use.
    pub parameters: Vec<String>,
    /// Where each of them is first used.
    pub parameter_places: Vec<Span>,
    /// The first clause that changes the graph.
    pub write_place: Option<Span>,
}

/// What is wanted of a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Its result.
    #[default]
    Run,
    /// Its plan, without running it.
    Explain,
    /// Its plan with what each operator did.
    Profile,
}

/// Parts whose rows are put together.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// One or more, which all have the same columns.
    pub parts: Vec<Part>,
    /// Whether rows that are equal are given once: `UNION` without `ALL`.
    pub distinct: bool,
    /// The names of its columns; empty for a query that only changes the graph.
    pub columns: Vec<String>,
    /// Whether one of its clauses changes the graph.
    pub writes: bool,
}

/// Clauses, one after the other, which begin with a single row.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// In the order of execution.
    pub clauses: Vec<Clause>,
    /// Where each of them stands.
    pub places: Vec<Span>,
    /// The slot of each of the query's columns, in their order.
    pub columns: Vec<Slot>,
}

/// A step that takes rows and gives rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// MATCH, OPTIONAL MATCH.
    Match(Match),
    /// UNWIND.
    Unwind(Unwind),
    /// WITH, RETURN.
    Project(Projection),
    /// CREATE.
    Create(Creation),
    /// MERGE.
    Merge(Merge),
    /// SET, in the order written.
    Set(Vec<SetItem>),
    /// REMOVE, in the order written.
    Remove(Vec<RemoveItem>),
    /// DELETE, DETACH DELETE.
    Delete(Delete),
    /// CALL of a procedure.
    Call(Call),
    /// CALL of a subquery.
    Subquery(SubqueryCall),
    /// FOREACH.
    Foreach(Foreach),
    /// LOAD CSV.
    LoadCsv(LoadCsv),
}

/// Gives a row for each match.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Whether a row without a match stays, with null in every slot that the pattern would fill.
    pub optional: bool,
    /// With the WHERE of the clause among its predicates.
    pub pattern: Pattern,
}

/// Gives a row for each element. Null gives none, and a value that is no list gives one.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwind {
    /// The elements.
    pub list: Expr,
    /// Is given each element.
    pub slot: Slot,
}

/// Computes slots of slots, and ends the scope of all others.
///
/// In this order: `grouping`, or each row by itself; `items`; `distinct`; `order`; `skip`; `limit`; `filter`. `order`
/// and `filter` may read the items and, without `distinct`, what the items are computed of: with a grouping the slots of
/// its keys and aggregates, otherwise those from before the projection.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// What is in scope behind it.
    pub items: Vec<Item>,
    /// Set when one of the items has an aggregate.
    pub grouping: Option<Grouping>,
    /// Whether rows with equal items are given once.
    pub distinct: bool,
    /// The first one weighs most.
    pub order: Vec<SortItem>,
    /// How many rows to leave out; reads no slot.
    pub skip: Option<Expr>,
    /// How many rows to give; reads no slot.
    pub limit: Option<Expr>,
    /// The WHERE of a WITH.
    pub filter: Option<Expr>,
}

/// A slot and what it is given. A variable that is passed on keeps its slot: its expression is that slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Is given the value.
    pub slot: Slot,
    /// With a grouping, it reads slots of keys and of aggregates alone.
    pub value: Expr,
    /// The name it has behind the projection.
    pub name: String,
}

/// Rows with equal keys become one row. Without keys there is exactly one, even of no rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// Each key is computed of a row into its slot, which is that of its item.
    pub keys: Vec<(Slot, Expr)>,
    /// Each is computed of the rows of a group.
    pub aggregates: Vec<Aggregation>,
}

/// An aggregate of a grouping.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// Is given the value.
    pub slot: Slot,
    /// Which.
    pub function: Aggregate,
    /// Whether equal arguments count once.
    pub distinct: bool,
    /// The value, and the percentile for those that have one; none for `count(*)`.
    pub arguments: Vec<Expr>,
}

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the function's name says it
pub enum Aggregate {
    /// `count(*)`
    CountRows,
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Collect,
    StDev,
    StDevP,
    PercentileCont,
    PercentileDisc,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq)]
pub struct SortItem {
    /// Its values are compared.
    pub value: Expr,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Finds a pattern or creates it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// What to find: a row for each match.
    pub pattern: Pattern,
    /// What to create when nothing is found. Its slots are those of the pattern.
    pub creation: Creation,
    /// For each match.
    pub on_match: Vec<SetItem>,
    /// For what was created.
    pub on_create: Vec<SetItem>,
}

/// A change of properties or labels. A target that is null is left alone.
#[derive(Clone, Debug, PartialEq)]
pub enum SetItem {
    /// `target.key = value`; null takes the property away.
    Property {
        /// A node or relationship.
        target: Expr,
        /// The property.
        key: String,
        /// Its new value.
        value: Expr,
    },
    /// `target = value`: these properties and no others.
    Replace {
        /// A node or relationship.
        target: Slot,
        /// A map, or a node or relationship, whose properties are taken.
        value: Expr,
    },
    /// `target += value`: these properties besides the others.
    Add {
        /// A node or relationship.
        target: Slot,
        /// A map, or a node or relationship, whose properties are taken.
        value: Expr,
    },
    /// `target:A:B`.
    Labels {
        /// A node.
        target: Slot,
        /// Without doubles.
        labels: Vec<String>,
    },
}

/// A property or labels to take away. A target that is null is left alone.
#[derive(Clone, Debug, PartialEq)]
pub enum RemoveItem {
    /// `target.key`
    Property {
        /// A node or relationship.
        target: Expr,
        /// The property.
        key: String,
    },
    /// `target:A:B`.
    Labels {
        /// A node.
        target: Slot,
        /// Without doubles.
        labels: Vec<String>,
    },
}

/// Deletes what the expressions give: nodes, relationships, paths; null is left alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// Whether the relationships of a node go with it.
    pub detach: bool,
    /// What goes.
    pub values: Vec<Expr>,
}

/// Gives a row for each row of a procedure.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub procedure: Arc<Procedure>,
    /// Where its name stands.
    pub place: Span,
    /// As many as it declares.
    pub arguments: Vec<Expr>,
    /// What of its results is kept. A procedure without results gives each row back once.
    pub yields: Vec<Yield>,
    /// The WHERE behind YIELD.
    pub filter: Option<Expr>,
    /// Whether a row for which the procedure gives none stays, with null in the slots.
    pub optional: bool,
}

/// A result of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yield {
    /// Its place among the procedure's results.
    pub result: usize,
    /// Is given the value.
    pub slot: Slot,
}

/// A query inside a query, run for one row of the outer one.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// Its parts begin with a row that holds the imported slots.
    pub query: Query,
    /// The outer slots it reads; without any it gives the same rows each time.
    pub imports: Vec<Slot>,
}

/// Runs a subquery for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct SubqueryCall {
    /// What is run.
    pub query: Subquery,
    /// The slots that its columns are given to, one for each. A subquery without columns gives each row back once.
    pub columns: Vec<Slot>,
    /// Whether a row for which it gives none stays, with null in the slots.
    pub optional: bool,
}

/// Runs updating clauses for each element; gives every row back as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreach {
    /// Holds each element.
    pub slot: Slot,
    /// The elements; null is none.
    pub list: Expr,
    /// What is run.
    pub clauses: Vec<Clause>,
    /// Where each of them stands.
    pub places: Vec<Span>,
}

/// Gives a row for each line of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadCsv {
    /// Where the file is.
    pub source: Expr,
    /// Whether the first line names the fields: then a line is a map, otherwise a list.
    pub headers: bool,
    /// What stands between fields, instead of a comma.
    pub separator: Option<char>,
    /// Is given the line.
    pub slot: Slot,
}

impl Bound {
    /// Whether every parameter is given.
    ///
    /// # Errors
    /// `ParameterMissing`, for the first one that is not.
    pub fn check_parameters(&self, given: impl Fn(&str) -> bool) -> Result<(), CypherError> {
        match self.parameters.iter().find(|name| !given(name)) {
            None => Ok(()),
            Some(name) => Err(CypherError::compile(
                Kind::ParameterMissing,
                Detail::MissingParameter,
                format!("the parameter ${name} is not given"),
                self.parameters
                    .iter()
                    .zip(&self.parameter_places)
                    .find(|known| known.0 == name)
                    .map(|(_, at)| at.range()),
            )),
        }
    }
}
