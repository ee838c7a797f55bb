//! From expressions to the tree that is run.

use std::sync::Arc;

use super::operator::Regex;
use super::{Expression, Nested, Result};
use crate::error::{CypherError, Detail, Kind};
use crate::function::{self, Scalar};
use crate::ir::{BinaryOp, CompareOp, Expr, ExprKind, Labels, Literal, MapItem, Quantified, Slot, UnaryOp};
use crate::value::{List, Map, Value};

/// What an expression does, with everything found that is the same for all rows.
#[derive(Debug)]
pub(super) enum Op {
    Constant(Value),
    Parameter(usize),
    Slot(Slot),
    /// A variable of an expression around it, counted outwards.
    Local(usize),
    Property {
        of: Box<Expression>,
        key: Box<str>,
    },
    Index {
        of: Box<Expression>,
        index: Box<Expression>,
    },
    Slice {
        of: Box<Expression>,
        from: Option<Box<Expression>>,
        to: Option<Box<Expression>>,
    },
    List(Box<[Expression]>),
    Map(Box<[(Arc<str>, Expression)]>),
    MapProjection {
        of: Box<Expression>,
        items: Box<[ProjectedItem]>,
    },
    Unary {
        op: UnaryOp,
        of: Box<Expression>,
    },
    And(Box<[Expression]>),
    Or(Box<[Expression]>),
    Xor(Box<[Expression]>),
    Compare {
        first: Box<Expression>,
        rest: Box<[(CompareOp, Expression)]>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    Matches {
        text: Box<Expression>,
        pattern: Box<Expression>,
        regex: Regex,
    },
    IsNull {
        of: Box<Expression>,
        negated: bool,
    },
    HasLabels {
        of: Box<Expression>,
        labels: Labels,
    },
    Case {
        operand: Option<Box<Expression>>,
        branches: Box<[Branch]>,
        otherwise: Option<Box<Expression>>,
    },
    Comprehension(Box<Comprehension>),
    Quantifier(Box<Quantifier>),
    Reduce(Box<Reduce>),
    Coalesce(Box<[Expression]>),
    Function {
        function: &'static Scalar,
        arguments: Box<[Expression]>,
        reads_entity: bool,
    },
    /// A pattern or subquery, by the number of its plan.
    Nested(usize),
}

#[derive(Debug)]
pub(super) enum ProjectedItem {
    All,
    Property(Arc<str>),
    Entry(Arc<str>, Expression),
}

#[derive(Debug)]
pub(super) struct Branch {
    pub when: Box<[Expression]>,
    pub then: Expression,
}

#[derive(Debug)]
pub(super) struct Comprehension {
    pub slot: Slot,
    pub list: Expression,
    pub filter: Option<Expression>,
    pub map: Option<Expression>,
}

#[derive(Debug)]
pub(super) struct Quantifier {
    pub kind: Quantified,
    pub slot: Slot,
    pub list: Expression,
    pub predicate: Expression,
}

#[derive(Debug)]
pub(super) struct Reduce {
    pub accumulator: Slot,
    pub initial: Expression,
    pub slot: Slot,
    pub list: Expression,
    pub step: Expression,
}

/// Functions that read properties or labels of an entity, which it may have lost.
const READ_ENTITIES: [&str; 3] = ["keys", "labels", "properties"];

impl Expression {
    /// Compiles an expression; patterns and subqueries in it are given to `nested`.
    ///
    /// # Errors
    /// Those of `nested`.
    pub fn compile(expr: &Expr, nested: &mut dyn Nested) -> Result<Self> {
        Compiler { nested, locals: Vec::new() }.expression(expr)
    }
}

struct Compiler<'n> {
    nested: &'n mut dyn Nested,
    /// The variables of the expressions around, innermost last.
    locals: Vec<Slot>,
}

impl Compiler<'_> {
    fn expression(&mut self, expr: &Expr) -> Result<Expression> {
        let op = self.op(expr).map_err(|mut error| {
            error.span.get_or_insert_with(|| expr.span.range());
            error
        })?;
        Ok(Expression { op, span: expr.span })
    }

    fn boxed(&mut self, expr: &Expr) -> Result<Box<Expression>> {
        self.expression(expr).map(Box::new)
    }

    fn optional(&mut self, expr: Option<&Expr>) -> Result<Option<Box<Expression>>> {
        expr.map(|expr| self.boxed(expr)).transpose()
    }

    fn all(&mut self, exprs: &[Expr]) -> Result<Box<[Expression]>> {
        exprs.iter().map(|expr| self.expression(expr)).collect()
    }

    /// Compiles what sees further variables.
    fn within<T>(&mut self, slots: &[Slot], compile: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = self.locals.len();
        self.locals.extend(slots);
        let compiled = compile(self);
        self.locals.truncate(outer);
        compiled
    }

    fn op(&mut self, expr: &Expr) -> Result<Op> {
        Ok(match &expr.kind {
            ExprKind::Literal(literal) => Op::Constant(constant(literal)),
            ExprKind::Parameter(number) => Op::Parameter(*number as usize),
            ExprKind::Slot(slot) => match self.locals.iter().rev().position(|local| local == slot) {
                Some(out) => Op::Local(out),
                None => Op::Slot(*slot),
            },
            ExprKind::Property { of, key } => Op::Property { of: self.boxed(of)?, key: key.as_str().into() },
            ExprKind::Index { of, index } => Op::Index { of: self.boxed(of)?, index: self.boxed(index)? },
            ExprKind::Slice { of, from, to } => Op::Slice {
                of: self.boxed(of)?,
                from: self.optional(from.as_deref())?,
                to: self.optional(to.as_deref())?,
            },
            ExprKind::List(values) => list(self.all(values)?),
            ExprKind::Map(entries) => self.map(entries)?,
            ExprKind::MapProjection { of, items } => {
                Op::MapProjection { of: self.boxed(of)?, items: self.projected_items(items)? }
            }
            ExprKind::Unary { op, of } => Op::Unary { op: *op, of: self.boxed(of)? },
            ExprKind::And(operands) => Op::And(self.all(operands)?),
            ExprKind::Or(operands) => Op::Or(self.all(operands)?),
            ExprKind::Xor(operands) => Op::Xor(self.all(operands)?),
            ExprKind::Compare { first, rest } => {
                let first = self.boxed(first)?;
                let rest = rest.iter().map(|(op, right)| Ok((*op, self.expression(right)?)));
                Op::Compare { first, rest: rest.collect::<Result<_>>()? }
            }
            ExprKind::Binary { op: BinaryOp::Matches, left, right } => {
                Op::Matches { text: self.boxed(left)?, pattern: self.boxed(right)?, regex: Regex::default() }
            }
            ExprKind::Binary { op, left, right } => {
                Op::Binary { op: *op, left: self.boxed(left)?, right: self.boxed(right)? }
            }
            ExprKind::IsNull { of, negated } => Op::IsNull { of: self.boxed(of)?, negated: *negated },
            ExprKind::HasLabels { of, labels } => Op::HasLabels { of: self.boxed(of)?, labels: labels.clone() },
            ExprKind::Function { name, arguments } => self.call(name, arguments)?,
            ExprKind::Pattern { pattern, result } => Op::Nested(self.nested.pattern(pattern, result)?),
            ExprKind::Subquery { kind, query } => Op::Nested(self.nested.subquery(*kind, query)?),
            ExprKind::Case { .. }
            | ExprKind::ListComprehension { .. }
            | ExprKind::Quantifier { .. }
            | ExprKind::Reduce { .. } => self.compound(&expr.kind)?,
        })
    }

    /// Expressions that decide what of them is computed, and how often.
    fn compound(&mut self, kind: &ExprKind) -> Result<Op> {
        Ok(match kind {
            ExprKind::Case { operand, branches, otherwise } => {
                let operand = self.optional(operand.as_deref())?;
                let branches = branches
                    .iter()
                    .map(|branch| Ok(Branch { when: self.all(&branch.when)?, then: self.expression(&branch.then)? }));
                let branches = branches.collect::<Result<_>>()?;
                Op::Case { operand, branches, otherwise: self.optional(otherwise.as_deref())? }
            }
            ExprKind::ListComprehension { slot, list, filter, map } => {
                let list = self.expression(list)?;
                let mut inner = |expr: &Option<Box<Expr>>| {
                    expr.as_ref().map(|expr| self.within(&[*slot], |compiler| compiler.expression(expr))).transpose()
                };
                let (filter, map) = (inner(filter)?, inner(map)?);
                Op::Comprehension(Box::new(Comprehension { slot: *slot, list, filter, map }))
            }
            ExprKind::Quantifier { kind, slot, list, predicate } => {
                let list = self.expression(list)?;
                let predicate = self.within(&[*slot], |compiler| compiler.expression(predicate))?;
                Op::Quantifier(Box::new(Quantifier { kind: *kind, slot: *slot, list, predicate }))
            }
            ExprKind::Reduce { accumulator, initial, slot, list, step } => {
                let (initial, list) = (self.expression(initial)?, self.expression(list)?);
                let step = self.within(&[*accumulator, *slot], |compiler| compiler.expression(step))?;
                Op::Reduce(Box::new(Reduce { accumulator: *accumulator, initial, slot: *slot, list, step }))
            }
            _ => Op::Constant(Value::Null),
        })
    }

    fn map(&mut self, entries: &[(String, Expr)]) -> Result<Op> {
        let entries = entries.iter().map(|(key, value)| Ok((Arc::from(key.as_str()), self.expression(value)?)));
        let entries: Box<[(Arc<str>, Expression)]> = entries.collect::<Result<_>>()?;
        let values: Option<Vec<_>> =
            entries.iter().map(|(key, value)| Some((key.clone(), value.as_constant()?.clone()))).collect();
        Ok(match values.map(Map::new) {
            Some(Ok(map)) => Op::Constant(Value::Map(map)),
            _ => Op::Map(entries),
        })
    }

    fn projected_items(&mut self, items: &[MapItem]) -> Result<Box<[ProjectedItem]>> {
        let items = items.iter().map(|item| {
            Ok(match item {
                MapItem::All => ProjectedItem::All,
                MapItem::Property(key) => ProjectedItem::Property(key.as_str().into()),
                MapItem::Entry(key, value) => ProjectedItem::Entry(key.as_str().into(), self.expression(value)?),
            })
        });
        items.collect()
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) -> Result<Op> {
        let arguments = self.all(arguments)?;
        if name == "coalesce" {
            return Ok(Op::Coalesce(arguments));
        }
        let function = function::find(name).ok_or_else(|| {
            let message = format!("there is no function `{name}`");
            CypherError::compile(Kind::SyntaxError, Detail::UnknownFunction, message, None)
        })?;
        Ok(Op::Function { function, arguments, reads_entity: READ_ENTITIES.contains(&name) })
    }
}

impl Expression {
    const fn as_constant(&self) -> Option<&Value> {
        match &self.op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }
}

/// A list of constants is built once. One that no value can hold fails when a row asks for it.
fn list(values: Box<[Expression]>) -> Op {
    let constants: Option<Vec<_>> = values.iter().map(|value| value.as_constant().cloned()).collect();
    match constants.map(List::new) {
        Some(Ok(list)) => Op::Constant(Value::List(list)),
        _ => Op::List(values),
    }
}

fn constant(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Boolean(boolean) => Value::Boolean(*boolean),
        Literal::Integer(integer) => Value::Integer(*integer),
        Literal::Float(float) => Value::Float(*float),
        Literal::String(text) => Value::string(text.as_str()),
    }
}
