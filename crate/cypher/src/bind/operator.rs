//! Operators, and what they take.

use open_cypher::ast::{self, BinaryOperator, ExprKind as Ast, UnaryOperator};

use super::expression::is_logical;
use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{BinaryOp, CompareOp, Expr, ExprKind, Type, UnaryOp};

impl<'a> Binder<'a> {
    pub(super) fn unary(
        &mut self,
        whole: &'a ast::Expr,
        operator: &ast::Node<UnaryOperator>,
        operand: &'a ast::Expr,
        predicate: bool,
    ) -> Result<Expr> {
        if operator.kind == UnaryOperator::Minus
            && let Ast::Literal(literal) = &operand.kind
            && matches!(literal.kind, ast::LiteralKind::Integer(_) | ast::LiteralKind::Float(_))
        {
            let mut bound = self.literal(literal, true)?;
            bound.span = self.span(whole.span);
            return Ok(bound);
        }
        let negation = operator.kind == UnaryOperator::Not;
        let of = self.expr_in(operand, negation && predicate)?;
        let (op, ty) = if negation {
            self.check_boolean(&of, operand.span)?;
            (UnaryOp::Not, Type::Boolean)
        } else {
            if !of.ty.is_numeric() && !matches!(of.ty, Type::Any | Type::Null | Type::Duration) {
                let message = format!("a sign stands before a number, and this is of type {}", of.ty);
                return Err(self.error(Detail::InvalidArgumentType, message, operand.span));
            }
            let op = if operator.kind == UnaryOperator::Minus { UnaryOp::Minus } else { UnaryOp::Plus };
            (op, of.ty.clone())
        };
        Ok(Expr { kind: ExprKind::Unary { op, of: Box::new(of) }, ty, span: self.span(whole.span) })
    }

    /// A chain of operators, which the tree holds from its right end: walked without recursion, for it may be long.
    pub(super) fn binary(&mut self, whole: &'a ast::Expr, predicate: bool) -> Result<Expr> {
        let mut chain = Vec::new();
        let mut leftmost = whole;
        while let Ast::Binary { left, operator, right } = &leftmost.kind {
            if !chain.is_empty() && self.sorted_item(leftmost).is_some() {
                break;
            }
            chain.push((operator, &**left, &**right, leftmost.span));
            leftmost = left;
        }
        // A pattern may stand where only AND, OR and XOR are around it.
        let logical =
            |chain: &[(&ast::Node<BinaryOperator>, _, _, _)]| chain.iter().all(|(op, ..)| is_logical(op.kind));
        let mut bound = self.expr_in(leftmost, predicate && logical(&chain))?;
        let mut compared = false;
        while let Some((operator, left, right, span)) = chain.pop() {
            let right_bound = self.expr_in(right, predicate && is_logical(operator.kind) && logical(&chain))?;
            if let Some(op) = comparison(operator.kind) {
                bound = self.compare(bound, op, right_bound, compared, span);
                compared = true;
                continue;
            }
            compared = false;
            bound = if is_logical(operator.kind) {
                self.check_boolean(&bound, left.span)?;
                self.check_boolean(&right_bound, right.span)?;
                let kind = join(operator.kind, bound, right_bound);
                Expr { kind, ty: Type::Boolean, span: self.span(span) }
            } else {
                let op = infix(operator.kind)
                    .ok_or_else(|| self.unexpected("this operator is no part of openCypher", operator.span))?;
                let ty = self.check_operands(op, &bound, &right_bound, (left.span, right.span))?;
                let kind = ExprKind::Binary { op, left: Box::new(bound), right: Box::new(right_bound) };
                Expr { kind, ty, span: self.span(span) }
            };
        }
        Ok(bound)
    }

    fn compare(&self, left: Expr, op: CompareOp, right: Expr, goes_on: bool, span: open_cypher::Span) -> Expr {
        let kind = match left {
            Expr { kind: ExprKind::Compare { first, mut rest }, .. } if goes_on => {
                rest.push((op, right));
                ExprKind::Compare { first, rest }
            }
            left => ExprKind::Compare { first: Box::new(left), rest: vec![(op, right)] },
        };
        Expr { kind, ty: Type::Boolean, span: self.span(span) }
    }

    fn check_operands(
        &self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        (left_span, right_span): (open_cypher::Span, open_cypher::Span),
    ) -> Result<Type> {
        let refused = |expr: &Expr, span, what: &str| {
            Err(self.error(Detail::InvalidArgumentType, format!("{what}, and this is of type {}", expr.ty), span))
        };
        match op {
            BinaryOp::In => {
                if !right.ty.may_be(&Type::list()) {
                    return refused(right, right_span, "IN looks into a list");
                }
                Ok(Type::Boolean)
            }
            BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Contains | BinaryOp::Matches => Ok(Type::Boolean),
            BinaryOp::Concat => Ok(match (&left.ty, &right.ty) {
                (Type::String, Type::String) => Type::String,
                (Type::List(left), Type::List(right)) => Type::list_of((**left).clone().or((**right).clone())),
                _ => Type::Any,
            }),
            BinaryOp::Add => {
                let joins = [left, right]
                    .iter()
                    .any(|side| matches!(side.ty, Type::String | Type::List(_) | Type::Any | Type::Null));
                for (side, span) in [(left, left_span), (right, right_span)] {
                    if !joins && !is_measurable(&side.ty) {
                        return refused(side, span, "numbers, strings, lists and times are added");
                    }
                }
                Ok(sum(&left.ty, &right.ty))
            }
            BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                for (side, span) in [(left, left_span), (right, right_span)] {
                    if !is_measurable(&side.ty) {
                        return refused(side, span, "this is computed with numbers and times");
                    }
                }
                Ok(if op == BinaryOp::Subtract {
                    difference(&left.ty, &right.ty)
                } else {
                    product(&left.ty, &right.ty)
                })
            }
            BinaryOp::Remainder | BinaryOp::Power => {
                for (side, span) in [(left, left_span), (right, right_span)] {
                    if !side.ty.may_be(&Type::Number) && !side.ty.is_numeric() {
                        return refused(side, span, "this is computed with numbers");
                    }
                }
                Ok(if op == BinaryOp::Power { Type::Float } else { product(&left.ty, &right.ty) })
            }
        }
    }
}

/// Whether arithmetic is done with it: a number, a time, or what may be one.
fn is_measurable(ty: &Type) -> bool {
    ty.is_numeric() || ty.is_instant() || matches!(ty, Type::Duration | Type::Any | Type::Null)
}

fn product(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Integer, Type::Integer) => Type::Integer,
        (Type::Float, other) | (other, Type::Float) if other.is_numeric() => Type::Float,
        (left, right) if left.is_numeric() && right.is_numeric() => Type::Number,
        _ => Type::Any,
    }
}

fn sum(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::String, Type::String) => Type::String,
        (Type::String, other) | (other, Type::String) if other.is_numeric() => Type::String,
        (Type::List(left), Type::List(right)) => Type::list_of((**left).clone().or((**right).clone())),
        (Type::List(_), _) | (_, Type::List(_)) => Type::list(),
        (Type::Duration, Type::Duration) => Type::Duration,
        (instant, Type::Duration) | (Type::Duration, instant) if instant.is_instant() => instant.clone(),
        _ => product(left, right),
    }
}

fn difference(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Duration, Type::Duration) => Type::Duration,
        (instant, Type::Duration) if instant.is_instant() => instant.clone(),
        _ => product(left, right),
    }
}

/// A list of operands; one that is such a list already is taken up into it.
fn join(operator: BinaryOperator, left: Expr, right: Expr) -> ExprKind {
    let mut operands = Vec::new();
    for side in [left, right] {
        match (operator, side.kind) {
            (BinaryOperator::And, ExprKind::And(inner))
            | (BinaryOperator::Or, ExprKind::Or(inner))
            | (BinaryOperator::Xor, ExprKind::Xor(inner)) => {
                if operands.is_empty() {
                    operands = inner;
                } else {
                    operands.extend(inner);
                }
            }
            (_, kind) => operands.push(Expr { kind, ty: side.ty, span: side.span }),
        }
    }
    match operator {
        BinaryOperator::And => ExprKind::And(operands),
        BinaryOperator::Or => ExprKind::Or(operands),
        _ => ExprKind::Xor(operands),
    }
}

const fn comparison(operator: BinaryOperator) -> Option<CompareOp> {
    Some(match operator {
        BinaryOperator::Equal => CompareOp::Equal,
        BinaryOperator::NotEqual => CompareOp::NotEqual,
        BinaryOperator::Less => CompareOp::Less,
        BinaryOperator::LessEqual => CompareOp::LessEqual,
        BinaryOperator::Greater => CompareOp::Greater,
        BinaryOperator::GreaterEqual => CompareOp::GreaterEqual,
        _ => return None,
    })
}

const fn infix(operator: BinaryOperator) -> Option<BinaryOp> {
    Some(match operator {
        BinaryOperator::Add => BinaryOp::Add,
        BinaryOperator::Subtract => BinaryOp::Subtract,
        BinaryOperator::Multiply => BinaryOp::Multiply,
        BinaryOperator::Divide => BinaryOp::Divide,
        BinaryOperator::Remainder => BinaryOp::Remainder,
        BinaryOperator::Power => BinaryOp::Power,
        BinaryOperator::Concat => BinaryOp::Concat,
        BinaryOperator::In => BinaryOp::In,
        BinaryOperator::StartsWith => BinaryOp::StartsWith,
        BinaryOperator::EndsWith => BinaryOp::EndsWith,
        BinaryOperator::Contains => BinaryOp::Contains,
        BinaryOperator::RegexMatch => BinaryOp::Matches,
        _ => return None,
    })
}
