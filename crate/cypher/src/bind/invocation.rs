//! Calls of functions and aggregates.

use open_cypher::ast::{self, ExprKind as Ast, SetQuantifier};

use super::expression::{is_random, without_parentheses};
use super::{Aggregates, Binder, Result};
use crate::error::Detail;
use crate::ir::{Aggregate, Aggregation, Expr, ExprKind, Type};
use crate::signature::{self, AggregateFunction, Function};

impl<'a> Binder<'a> {
    pub(super) fn invocation(&mut self, call: &'a ast::FunctionInvocation, span: open_cypher::Span) -> Result<Expr> {
        let parts: Vec<&str> = call.name.parts.iter().map(|part| part.kind.text.as_str()).collect();
        let name = parts.join(".").to_ascii_lowercase();
        if let Some(aggregate) = signature::aggregate(&name) {
            return self.aggregate(aggregate, call, span);
        }
        if let [argument] = call.arguments.as_slice()
            && let Ast::Pattern(pattern) = &without_parentheses(argument).kind
        {
            match name.as_str() {
                "exists" => return self.pattern_predicate(pattern, true),
                "shortestpath" => return self.shortest_path(pattern, false, span),
                "allshortestpaths" => return self.shortest_path(pattern, true, span),
                _ => {}
            }
        }
        let Some(function) = signature::function(&name) else {
            let message = format!("there is no function `{}`", parts.join("."));
            return Err(self.error(Detail::UnknownFunction, message, call.name.span));
        };
        if let Some(quantifier) =
            call.quantifier.as_ref().filter(|quantifier| quantifier.kind == SetQuantifier::Distinct)
        {
            let message = "DISTINCT is for aggregates";
            return Err(self.unexpected(message, quantifier.span));
        }
        let arguments = self.function_arguments(function, call)?;
        self.function(function, arguments, span)
    }

    fn function(&self, function: &'static Function, mut arguments: Vec<Expr>, span: open_cypher::Span) -> Result<Expr> {
        if function.name == "exists"
            && let Some(of) = arguments.pop()
        {
            let kind = ExprKind::IsNull { of: Box::new(of), negated: true };
            return Ok(Expr { kind, ty: Type::Boolean, span: self.span(span) });
        }
        let types: Vec<Type> = arguments.iter().map(|argument| argument.ty.clone()).collect();
        let kind = ExprKind::Function { name: function.name, arguments };
        Ok(Expr { kind, ty: (function.gives)(&types), span: self.span(span) })
    }

    fn function_arguments(&mut self, function: &Function, call: &'a ast::FunctionInvocation) -> Result<Vec<Expr>> {
        let count = call.arguments.len();
        if count < function.min || count > function.max {
            let takes = match (function.min, function.max) {
                (min, max) if min == max => format!("{min}"),
                (min, usize::MAX) => format!("at least {min}"),
                (min, max) => format!("{min} to {max}"),
            };
            let message = format!("`{}` takes {takes} arguments and is given {count}", self.written(call.name.span));
            return Err(self.error(Detail::InvalidNumberOfArguments, message, call.name.span));
        }
        let mut bound = Vec::with_capacity(count);
        for (at, argument) in call.arguments.iter().enumerate() {
            let value = self.expr(argument)?;
            let takes = function.takes.get(at).or(function.takes.last()).copied().unwrap_or(signature::Takes::Any);
            self.check_argument(takes, &value, call, argument.span)?;
            bound.push(value);
        }
        Ok(bound)
    }

    fn check_argument(
        &self,
        takes: signature::Takes,
        value: &Expr,
        call: &ast::FunctionInvocation,
        span: open_cypher::Span,
    ) -> Result<()> {
        if takes.admits(&value.ty) {
            return Ok(());
        }
        let message = format!(
            "`{}` takes {} here, and this is of type {}",
            self.written(call.name.span),
            takes.describe(),
            value.ty
        );
        Err(self.error(Detail::InvalidArgumentType, message, span))
    }

    fn aggregate(
        &mut self,
        aggregate: &AggregateFunction,
        call: &'a ast::FunctionInvocation,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        if self.aggregates == Aggregates::Nested {
            let message = "an aggregate stands in another one; compute the inner one in a WITH before";
            return Err(self.error(Detail::NestedAggregation, message, span));
        }
        if self.aggregates == Aggregates::Refused && self.sorting.is_none() {
            let message = "an aggregate stands in RETURN and WITH, where rows are grouped; compute it in a WITH before";
            return Err(self.error(Detail::InvalidAggregation, message, span));
        }
        let counts_rows = matches!(call.arguments.as_slice(), [ast::Node { kind: Ast::Wildcard, .. }]);
        if counts_rows && aggregate.function != Aggregate::Count {
            return Err(self.unexpected("`*` is counted by count(*) alone", span));
        }
        if !counts_rows && call.arguments.len() != aggregate.arguments {
            let name = self.written(call.name.span);
            let message =
                format!("`{name}` takes {} arguments and is given {}", aggregate.arguments, call.arguments.len());
            return Err(self.error(Detail::InvalidNumberOfArguments, message, call.name.span));
        }
        let arguments = if counts_rows { Vec::new() } else { self.aggregate_arguments(aggregate, call)? };
        if self.sorting.is_some() {
            let message = "ORDER BY refers to aggregates that are projected; project this one as well";
            return Err(self.error(Detail::InvalidAggregation, message, span));
        }
        let ty = arguments.first().map_or(Type::Integer, |first| (aggregate.gives)(&first.ty));
        let slot = self.new_slot(None, ty);
        let place = self.place(span);
        if let Some(restriction) = self.restrictions.last_mut() {
            let function = if counts_rows { Aggregate::CountRows } else { aggregate.function };
            let distinct =
                call.quantifier.as_ref().is_some_and(|quantifier| quantifier.kind == SetQuantifier::Distinct);
            restriction.aggregates.push(Aggregation { slot, function, distinct, arguments });
            restriction.places.push(place);
        }
        Ok(self.slot_expr(slot, self.span(span)))
    }

    /// The arguments are computed before rows are grouped: every variable may be read in them.
    fn aggregate_arguments(
        &mut self,
        aggregate: &AggregateFunction,
        call: &'a ast::FunctionInvocation,
    ) -> Result<Vec<Expr>> {
        let outer = std::mem::replace(&mut self.aggregates, Aggregates::Nested);
        let restriction = if outer == Aggregates::Collected { self.restrictions.pop() } else { None };
        let mut bound = Vec::with_capacity(call.arguments.len());
        let mut result = Ok(());
        for (at, argument) in call.arguments.iter().enumerate() {
            result = self.aggregate_argument(aggregate, call, (at, argument), &mut bound);
            if result.is_err() {
                break;
            }
        }
        self.restrictions.extend(restriction);
        self.aggregates = outer;
        result.map(|()| bound)
    }

    fn aggregate_argument(
        &mut self,
        aggregate: &AggregateFunction,
        call: &ast::FunctionInvocation,
        (at, argument): (usize, &'a ast::Expr),
        bound: &mut Vec<Expr>,
    ) -> Result<()> {
        if is_random(argument) {
            let message = "rand() gives another number each time; compute it in a WITH before the aggregate";
            return Err(self.error(Detail::NonConstantExpression, message, argument.span));
        }
        let value = self.expr(argument)?;
        let takes = if at == 0 { aggregate.takes } else { signature::Takes::Number };
        self.check_argument(takes, &value, call, argument.span)?;
        bound.push(value);
        Ok(())
    }
}
