//! Constants and parameters.

use open_cypher::ast::{self, IntegerRadix, LiteralKind, ParameterName};

use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{Expr, ExprKind, Literal, Span, Type};

impl Binder<'_> {
    /// A constant; a sign before a number is part of it, so that the least integer can be written.
    pub(super) fn literal(&self, literal: &ast::Literal, negative: bool) -> Result<Expr> {
        let (value, ty) = match &literal.kind {
            LiteralKind::Null => (Literal::Null, Type::Null),
            LiteralKind::Boolean(value) => (Literal::Boolean(*value), Type::Boolean),
            LiteralKind::Integer(integer) => {
                (Literal::Integer(self.integer(integer, negative, literal.span)?), Type::Integer)
            }
            LiteralKind::Float(float) => {
                (Literal::Float(self.float(&float.text, negative, literal.span)?), Type::Float)
            }
            LiteralKind::String(string) => (Literal::String(string.value.clone()), Type::String),
            _ => return Err(self.unexpected("this constant is no part of openCypher", literal.span)),
        };
        Ok(Expr { kind: ExprKind::Literal(value), ty, span: self.span(literal.span) })
    }

    fn integer(&self, integer: &ast::IntegerLiteral, negative: bool, span: open_cypher::Span) -> Result<i64> {
        let (radix, skipped) = match integer.radix {
            IntegerRadix::Hexadecimal => (16, 2),
            IntegerRadix::Octal => (8, 2),
            _ => (10, 0),
        };
        let digits = integer.text.get(skipped..).unwrap_or_default().replace('_', "");
        let signed = if negative { format!("-{digits}") } else { digits };
        i64::from_str_radix(&signed, radix).map_err(|_| {
            let message = format!("`{}` lies outside of what an integer of 64 bits holds", integer.text);
            self.error(Detail::IntegerOverflow, message, span)
        })
    }

    fn float(&self, text: &str, negative: bool, span: open_cypher::Span) -> Result<f64> {
        let sign = if negative { -1.0 } else { 1.0 };
        if text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("infinity") {
            return Ok(sign * f64::INFINITY);
        }
        if text.eq_ignore_ascii_case("nan") {
            return Ok(f64::NAN);
        }
        let digits = text.trim_end_matches(['f', 'F', 'd', 'D']).replace('_', "");
        match digits.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(sign * value),
            Ok(_) => {
                let message = format!("`{text}` lies outside of what a float of 64 bits holds");
                Err(self.error(Detail::FloatingPointOverflow, message, span))
            }
            Err(_) => Err(self.error(Detail::InvalidNumberLiteral, format!("`{text}` is no number"), span)),
        }
    }

    pub(super) fn parameter(&mut self, parameter: &ast::Parameter, span: open_cypher::Span) -> Expr {
        let kind = match &parameter.name {
            ParameterName::Named(name) | ParameterName::Positional(name) => self.parameter_named(name, self.span(span)),
            _ => ExprKind::Literal(Literal::Null),
        };
        Expr { kind, ty: Type::Any, span: self.span(span) }
    }

    pub(super) fn parameter_named(&mut self, name: &str, place: Span) -> ExprKind {
        if let Some(&known) = self.parameter_of.get(name) {
            return ExprKind::Parameter(known);
        }
        let number = u32::try_from(self.parameters.len()).unwrap_or(u32::MAX);
        self.parameters.push(name.to_owned());
        self.parameter_places.push(place);
        self.parameter_of.insert(name.to_owned(), number);
        ExprKind::Parameter(number)
    }
}
