//! What a query means, with every name resolved: the form that is planned and executed.
//!
//! # Slots
//!
//! A variable, named or not, is a [`Slot`]: one column of every row that the query works on, numbered over the whole
//! statement, subqueries included. No slot is given twice, so a name that is declared again further on is another slot
//! and a row never has to be rearranged. A clause reads the slots that the clauses before it filled and fills its own.
//! Which slots are still needed behind a projection is what [`Projection::items`] lists: whatever else was filled is
//! out of scope.
//!
//! # Shape
//!
//! [`Bound`] is a statement: [`Query`], a union of [`Part`]s, each a list of [`Clause`]s. A clause that finds, creates
//! or merges has its pattern as a graph ([`Pattern`], [`Creation`]). Expressions are [`Expr`].
//!
//! # What holds
//!
//! - I1 A slot of an expression is filled by a clause before, by the expression around it (a comprehension's own
//!   variable), or is imported by the subquery that the expression stands in ([`Subquery::imports`]).
//! - I2 No expression holds an aggregate: aggregates stand in [`Grouping::aggregates`] alone, and what is computed from
//!   them reads their slots.
//! - I3 A tree is not deeper than [`DEPTH_MAX`](crate::syntax::DEPTH_MAX) allows, so it may be walked by recursion.
//!   Chains of AND, OR, XOR and of comparisons are lists, not trees.
//! - I4 A conjunction is flat: `And` never holds an `And`, and [`Pattern::predicates`] holds none at all.

mod clause;
mod expression;
mod pattern;
mod types;

pub use clause::{
    Aggregate, Aggregation, Bound, Call, Clause, Delete, Foreach, Grouping, Item, LoadCsv, Match, Merge, Mode, Part,
    Projection, Query, RemoveItem, SetItem, SortItem, Subquery, SubqueryCall, Unwind, Yield,
};
pub use expression::{
    BinaryOp, CaseBranch, CompareOp, Expr, ExprKind, Literal, MapItem, PatternResult, Quantified, Span, SubqueryKind,
    UnaryOp,
};
pub use pattern::{
    CreatedElement, CreatedPath, Creation, Direction, Labels, Length, NodePattern, PathElement, PathMode, PathPattern,
    Pattern, RelationshipPattern, Repetition, Selector,
};
pub use types::Type;

/// One column of the rows of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

impl Slot {
    /// As an index into a row.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known of a slot before anything runs.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotInfo {
    /// As written; `None` for what the text does not name.
    pub name: Option<String>,
    /// What its values are, besides null.
    pub ty: Type,
}
