//! Comprehensions, quantifiers and reduce: expressions with variables of their own.

use open_cypher::ast::{self, Name, QuantifiedPredicateKind};

use super::pattern::Purpose;
use super::scope::Layer;
use super::{Aggregates, Binder, Result};
use crate::error::Detail;
use crate::ir::{Expr, ExprKind, PatternResult, Quantified, Type};

impl<'a> Binder<'a> {
    /// The list that a variable goes through. An aggregate may stand in it, but not in what is done with the variable.
    pub(super) fn traversed(&mut self, list: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr(list)?;
        if bound.ty.may_be(&Type::list()) {
            return Ok(bound);
        }
        let message = format!("a list is expected, and this is of type {}", bound.ty);
        Err(self.error(Detail::InvalidArgumentType, message, list.span))
    }

    /// Runs with variables of an expression's own, for which no aggregate can be computed.
    fn with_locals<T>(&mut self, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = self.aggregates;
        if outer == Aggregates::Collected {
            self.aggregates = Aggregates::Refused;
        }
        let result = self.with_layer(Layer::default(), bind);
        self.aggregates = outer;
        result
    }

    pub(super) fn list_comprehension(
        &mut self,
        comprehension: &'a ast::ListComprehension,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        let list = self.traversed(&comprehension.list)?;
        let element = list.ty.element();
        let (slot, filter, map) = self.with_locals(|binder| {
            let slot = binder.declare(&comprehension.variable.kind.text, element.clone());
            let filter = comprehension.predicate.as_ref().map(|filter| binder.predicate(filter)).transpose()?;
            let map = comprehension.projection.as_ref().map(|map| binder.expr(map)).transpose()?;
            Ok((slot, filter, map))
        })?;
        let ty = Type::list_of(map.as_ref().map_or(element, |map| map.ty.clone()));
        let (filter, map) = (filter.map(Box::new), map.map(Box::new));
        let kind = ExprKind::ListComprehension { slot, list: Box::new(list), filter, map };
        Ok(Expr { kind, ty, span: self.span(span) })
    }

    pub(super) fn quantifier(
        &mut self,
        quantified: &'a ast::QuantifiedPredicate,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        let list = Box::new(self.traversed(&quantified.list)?);
        let element = list.ty.element();
        let (slot, predicate) = self.with_locals(|binder| {
            let slot = binder.declare(&quantified.variable.kind.text, element);
            Ok((slot, Box::new(binder.predicate(&quantified.predicate)?)))
        })?;
        let kind = match quantified.kind.kind {
            QuantifiedPredicateKind::All => Quantified::All,
            QuantifiedPredicateKind::Any => Quantified::Any,
            QuantifiedPredicateKind::None => Quantified::None,
            _ => Quantified::Single,
        };
        let kind = ExprKind::Quantifier { kind, slot, list, predicate };
        Ok(Expr { kind, ty: Type::Boolean, span: self.span(span) })
    }

    pub(super) fn reduce(&mut self, reduce: &'a ast::ReduceExpression, span: open_cypher::Span) -> Result<Expr> {
        let initial = Box::new(self.expr(&reduce.initial)?);
        let list = Box::new(self.traversed(&reduce.list)?);
        let element = list.ty.element();
        if reduce.accumulator.kind.text == reduce.variable.kind.text {
            return Err(self.already_bound(&reduce.variable));
        }
        let (accumulator, slot, step) = self.with_locals(|binder| {
            // Each step may give a value of another type.
            let accumulator = binder.declare(&reduce.accumulator.kind.text, Type::Any);
            let slot = binder.declare(&reduce.variable.kind.text, element);
            Ok((accumulator, slot, Box::new(binder.expr(&reduce.expression)?)))
        })?;
        let ty = initial.ty.clone().or(step.ty.clone());
        let ty = if step.ty == Type::Any { Type::Any } else { ty };
        let kind = ExprKind::Reduce { accumulator, initial, slot, list, step };
        Ok(Expr { kind, ty, span: self.span(span) })
    }

    pub(super) fn pattern_comprehension(
        &mut self,
        comprehension: &'a ast::PatternComprehension,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        self.check_constant(span)?;
        let (pattern, map) = self.with_locals(|binder| {
            let mut pattern = binder.pattern(&comprehension.pattern, None, Purpose::Find)?;
            if let Some(name) = &comprehension.binding {
                let slot = binder.declare_path(name, &mut pattern)?;
                binder.capture(slot);
            }
            if let Some(filter) = &comprehension.predicate {
                let filter = binder.predicate(filter)?;
                pattern.require(filter);
            }
            Ok((pattern, binder.expr(&comprehension.projection)?))
        })?;
        let ty = Type::list_of(map.ty.clone());
        let kind = ExprKind::Pattern { pattern: Box::new(pattern), result: PatternResult::Each(Box::new(map)) };
        Ok(Expr { kind, ty, span: self.span(span) })
    }

    /// The variable of the one path of a pattern.
    fn declare_path(&mut self, name: &Name, pattern: &mut crate::ir::Pattern) -> Result<crate::ir::Slot> {
        let slot = self.declare_new(name, Type::Path)?;
        pattern.paths.push(self.whole_path(Some(slot), pattern, crate::ir::Selector::All));
        Ok(slot)
    }

    /// `shortestPath(…)` and `allShortestPaths(…)` as expressions.
    pub(super) fn shortest_path(
        &mut self,
        pattern: &'a ast::Pattern,
        all: bool,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        self.check_constant(span)?;
        let place = self.span(span);
        let one = Expr { kind: ExprKind::Literal(crate::ir::Literal::Integer(1)), ty: Type::Integer, span: place };
        let selector = if all { crate::ir::Selector::ShortestGroups(one) } else { crate::ir::Selector::Shortest(one) };
        let (pattern, path) = self.with_locals(|binder| {
            let mut bound = binder.pattern(pattern, None, Purpose::Test)?;
            let slot = binder.new_slot(None, Type::Path);
            bound.paths.push(binder.whole_path(Some(slot), &bound, selector));
            Ok((Box::new(bound), binder.slot_expr(slot, place)))
        })?;
        let ty = if all { Type::list_of(Type::Path) } else { Type::Path };
        let result = if all { PatternResult::Each(Box::new(path)) } else { PatternResult::First(Box::new(path)) };
        Ok(Expr { kind: ExprKind::Pattern { pattern, result }, ty, span: place })
    }

    /// All of a pattern that is one path of relationships.
    fn whole_path(
        &self,
        slot: Option<crate::ir::Slot>,
        pattern: &crate::ir::Pattern,
        selector: crate::ir::Selector,
    ) -> crate::ir::PathPattern {
        let start = pattern.relationships.first().map_or(0, |relationship| relationship.from);
        let elements = (0..pattern.relationships.len()).map(crate::ir::PathElement::Relationship).collect();
        crate::ir::PathPattern { slot, start, elements, selector, predicates: Vec::new(), filtered: true }
    }
}
