//! Expressions over slots.

use std::ops::Range;

use super::{Labels, Pattern, Slot, Subquery, Type};

/// Bytes of the query's text. Two spans are equal whatever they hold, so that expressions compare by what they mean.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last one.
    pub end: u32,
}

impl Span {
    /// As a range of the text.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// An expression, what is known of its values, and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// What its values are, besides null.
    pub ty: Type,
    /// Where it stands in the text; errors of its evaluation point there.
    pub span: Span,
}

/// What an expression computes. Null goes in and comes out as the language says for each form.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// An index into [`Bound::parameters`](super::Bound::parameters).
    Parameter(u32),
    /// The value of a variable.
    Slot(Slot),
    /// `of.key`, of a node, relationship, map, temporal value or point.
    Property {
        /// What has it.
        of: Box<Expr>,
        /// Its name.
        key: String,
    },
    /// `of[index]`, of a list by number, of a map, node or relationship by name.
    Index {
        /// What is looked into.
        of: Box<Expr>,
        /// Where.
        index: Box<Expr>,
    },
    /// `of[from..to]`, of a list.
    Slice {
        /// The list.
        of: Box<Expr>,
        /// The first index.
        from: Option<Box<Expr>>,
        /// The index behind the last one.
        to: Option<Box<Expr>>,
    },
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{a: x, b: y}`; a key that stands twice has the last value.
    Map(Vec<(String, Expr)>),
    /// `of {.*, .key, other: x}`; null when `of` is.
    MapProjection {
        /// The map, node or relationship.
        of: Box<Expr>,
        /// In the order written; later ones win.
        items: Vec<MapItem>,
    },
    /// A prefix operator.
    Unary {
        /// Which.
        op: UnaryOp,
        /// Its operand.
        of: Box<Expr>,
    },
    /// True when all are; two operands or more.
    And(Vec<Expr>),
    /// True when one is; two operands or more.
    Or(Vec<Expr>),
    /// True when an odd number is; two operands or more.
    Xor(Vec<Expr>),
    /// `first < a <= b`: every neighboring pair must compare.
    Compare {
        /// The leftmost operand.
        first: Box<Expr>,
        /// Each operator with the operand on its right; one or more.
        rest: Vec<(CompareOp, Expr)>,
    },
    /// An infix operator.
    Binary {
        /// Which.
        op: BinaryOp,
        /// On its left.
        left: Box<Expr>,
        /// On its right.
        right: Box<Expr>,
    },
    /// `of IS NULL`, `of IS NOT NULL`.
    IsNull {
        /// What is tested.
        of: Box<Expr>,
        /// Whether NOT was written.
        negated: bool,
    },
    /// `of:A:B`: labels of a node, or the type of a relationship; null for null.
    HasLabels {
        /// The node or relationship.
        of: Box<Expr>,
        /// What it must have.
        labels: Labels,
    },
    /// `CASE`.
    Case {
        /// What the branches' values are compared with; without one the branches are predicates.
        operand: Option<Box<Expr>>,
        /// In the order written.
        branches: Vec<CaseBranch>,
        /// Without one it is null.
        otherwise: Option<Box<Expr>>,
    },
    /// `[slot IN list WHERE filter | map]`.
    ListComprehension {
        /// Holds each element in turn.
        slot: Slot,
        /// The elements.
        list: Box<Expr>,
        /// Keeps those for which it is true.
        filter: Option<Box<Expr>>,
        /// Without one the elements stay as they are.
        map: Option<Box<Expr>>,
    },
    /// `all(slot IN list WHERE predicate)` and the like.
    Quantifier {
        /// How many must fit.
        kind: Quantified,
        /// Holds each element in turn.
        slot: Slot,
        /// The elements.
        list: Box<Expr>,
        /// What must be true of them.
        predicate: Box<Expr>,
    },
    /// `reduce(accumulator = initial, slot IN list | step)`.
    Reduce {
        /// Holds what was computed so far.
        accumulator: Slot,
        /// What it begins with.
        initial: Box<Expr>,
        /// Holds each element in turn.
        slot: Slot,
        /// The elements.
        list: Box<Expr>,
        /// The next value of the accumulator.
        step: Box<Expr>,
    },
    /// A call of a function of [`signature`](crate::signature).
    Function {
        /// Its canonical name: lower case, parts joined by dots.
        name: &'static str,
        /// As many as its signature allows.
        arguments: Vec<Expr>,
    },
    /// A pattern that is matched for one row: a pattern predicate, a pattern comprehension or `shortestPath(…)`.
    Pattern {
        /// Nodes and relationships of outer slots are bound in it.
        pattern: Box<Pattern>,
        /// What becomes of the matches.
        result: PatternResult,
    },
    /// `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`.
    Subquery {
        /// What becomes of its rows.
        kind: SubqueryKind,
        /// It changes nothing.
        query: Box<Subquery>,
    },
}

/// What a pattern in an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternResult {
    /// Whether there is a match.
    Exists,
    /// The value for each match, as a list.
    Each(Box<Expr>),
    /// The value for the first match, or null.
    First(Box<Expr>),
}

/// What a subquery in an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubqueryKind {
    /// Whether there is a row.
    Exists,
    /// How many rows there are.
    Count,
    /// The values of its one column, as a list.
    Collect,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A sign before it is part of it.
    Integer(i64),
    /// Finite, except where `Infinity` or `NaN` is written.
    Float(f64),
    /// Text without its quotes.
    String(String),
}

/// An entry of a map projection.
#[derive(Clone, Debug, PartialEq)]
pub enum MapItem {
    /// `.*`
    All,
    /// `.key`
    Property(String),
    /// `key: x`, or a variable under its own name.
    Entry(String, Expr),
}

/// One branch of `CASE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseBranch {
    /// It is taken when one of these equals the operand or, without an operand, is true.
    pub when: Vec<Expr>,
    /// Its value.
    pub then: Expr,
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the operator's name says it
pub enum UnaryOp {
    Not,
    Plus,
    Minus,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the operator's name says it
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl CompareOp {
    /// What holds with the operands in the other order.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            same => same,
        }
    }
}

/// An infix operator that is neither a comparison nor logical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the operator's name says it
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    /// `||`
    Concat,
    In,
    StartsWith,
    EndsWith,
    Contains,
    /// `=~`
    Matches,
}

/// How many elements a quantifier asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the function's name says it
pub enum Quantified {
    All,
    Any,
    None,
    Single,
}

impl Expr {
    /// The slot that the expression is, when it is no more than one.
    #[must_use]
    pub const fn as_slot(&self) -> Option<Slot> {
        match self.kind {
            ExprKind::Slot(slot) => Some(slot),
            _ => None,
        }
    }

    /// The expressions it is made of, without those of patterns and subqueries.
    pub fn for_each_child<'e>(&'e self, mut visit: impl FnMut(&'e Self)) {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Parameter(_) | ExprKind::Slot(_) | ExprKind::Subquery { .. } => {}
            ExprKind::Property { of, .. }
            | ExprKind::Unary { of, .. }
            | ExprKind::IsNull { of, .. }
            | ExprKind::HasLabels { of, .. } => visit(of),
            ExprKind::Index { of: left, index: right } | ExprKind::Binary { left, right, .. } => {
                visit(left);
                visit(right);
            }
            ExprKind::Slice { of, from, to } => {
                visit(of);
                from.iter().chain(to).for_each(|bound| visit(bound));
            }
            ExprKind::List(values)
            | ExprKind::And(values)
            | ExprKind::Or(values)
            | ExprKind::Xor(values)
            | ExprKind::Function { arguments: values, .. } => values.iter().for_each(visit),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| visit(value)),
            ExprKind::MapProjection { of, items } => {
                visit(of);
                for item in items {
                    if let MapItem::Entry(_, value) = item {
                        visit(value);
                    }
                }
            }
            ExprKind::Compare { first, rest } => {
                visit(first);
                rest.iter().for_each(|(_, right)| visit(right));
            }
            ExprKind::Case { operand, branches, otherwise } => {
                operand.iter().for_each(|operand| visit(operand));
                for branch in branches {
                    branch.when.iter().for_each(&mut visit);
                    visit(&branch.then);
                }
                otherwise.iter().for_each(|otherwise| visit(otherwise));
            }
            ExprKind::ListComprehension { list, filter, map, .. } => {
                visit(list);
                filter.iter().chain(map).for_each(|part| visit(part));
            }
            ExprKind::Quantifier { list, predicate, .. } => {
                visit(list);
                visit(predicate);
            }
            ExprKind::Reduce { initial, list, step, .. } => {
                visit(initial);
                visit(list);
                visit(step);
            }
            ExprKind::Pattern { result, .. } => match result {
                PatternResult::Exists => {}
                PatternResult::Each(value) | PatternResult::First(value) => visit(value),
            },
        }
    }
}
