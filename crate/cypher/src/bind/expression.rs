//! Expressions, by their form.

use open_cypher::ast::{self, BinaryOperator, ExprKind as Ast, IsPredicate, MapProjectionItemKind};

use super::pattern::Purpose;
use super::{Binder, Result};
use crate::error::{CypherError, Detail, Kind};
use crate::ir::{CaseBranch, Expr, ExprKind, MapItem, PatternResult, Type};
use crate::signature;

impl<'a> Binder<'a> {
    /// An expression whose value is used.
    pub(super) fn expr(&mut self, expression: &'a ast::Expr) -> Result<Expr> {
        self.expr_in(expression, false)
    }

    /// An expression that is true or not: a pattern may stand in it.
    pub(super) fn predicate(&mut self, expression: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr_in(expression, true)?;
        self.check_boolean(&bound, expression.span)?;
        Ok(bound)
    }

    pub(super) fn check_boolean(&self, bound: &Expr, span: open_cypher::Span) -> Result<()> {
        if bound.ty.may_be(&Type::Boolean) {
            return Ok(());
        }
        let message = format!("this is true or not, and it is of type {}", bound.ty);
        Err(self.error(Detail::InvalidArgumentType, message, span))
    }

    pub(super) fn expr_in(&mut self, expression: &'a ast::Expr, predicate: bool) -> Result<Expr> {
        self.source.proceed()?;
        if let Some(slot) = self.sorted_item(expression) {
            self.capture(slot);
            return Ok(self.slot_expr(slot, self.span(expression.span)));
        }
        match &expression.kind {
            Ast::Parenthesized(inner) => {
                let mut bound = self.expr_in(inner, predicate)?;
                bound.span = self.span(expression.span);
                Ok(bound)
            }
            Ast::Unary { operator, operand } => self.unary(expression, operator, operand, predicate),
            Ast::Binary { .. } => self.binary(expression, predicate),
            Ast::Pattern(pattern) => self.pattern_predicate(pattern, predicate),
            Ast::Function(call) => self.invocation(call, expression.span),
            Ast::Variable(name) => {
                let slot = self.resolve(name)?;
                Ok(self.slot_expr(slot, self.span(expression.span)))
            }
            Ast::Property { expression: of, key } => self.property(expression, of, key),
            Ast::Literal(literal) => self.literal(literal, false),
            Ast::Parameter(parameter) => Ok(self.parameter(parameter, expression.span)),
            other => self.compound(other, expression.span),
        }
    }

    fn compound(&mut self, kind: &'a Ast, span: open_cypher::Span) -> Result<Expr> {
        match kind {
            Ast::List(values) => self.list(values, span),
            Ast::Map(entries) => self.map(entries, span),
            Ast::MapProjection(projection) => self.map_projection(projection, span),
            Ast::Is { expression, negated, predicate } => self.is(expression, *negated, predicate, span),
            Ast::Index { expression, index } => self.index(expression, index, span),
            Ast::Slice { expression, lower, upper } => self.slice(expression, lower.as_deref(), upper.as_deref(), span),
            Ast::Case(case) => self.case(case, span),
            Ast::ListComprehension(comprehension) => self.list_comprehension(comprehension, span),
            Ast::PatternComprehension(comprehension) => self.pattern_comprehension(comprehension, span),
            Ast::Reduce(reduce) => self.reduce(reduce, span),
            Ast::QuantifiedPredicate(quantified) => self.quantifier(quantified, span),
            Ast::Subquery(subquery) => self.subquery_expr(subquery, span),
            Ast::Wildcard => Err(self.unexpected("`*` stands alone in count(*), RETURN and WITH", span)),
            _ => Err(self.unexpected("this expression is no part of openCypher", span)),
        }
    }

    fn property(&mut self, whole: &'a ast::Expr, of: &'a ast::Expr, key: &ast::Name) -> Result<Expr> {
        if let Some(slot) = self.key_of(whole) {
            self.capture(slot);
            return Ok(self.slot_expr(slot, self.span(whole.span)));
        }
        let bound = self.expr(of)?;
        let has_properties = matches!(
            bound.ty,
            Type::Any | Type::Null | Type::Map | Type::Node | Type::Relationship | Type::Point | Type::Duration
        ) || bound.ty.is_instant();
        if !has_properties {
            return Err(CypherError::compile(
                Kind::TypeError,
                Detail::InvalidArgumentType,
                format!("a value of type {} has no properties", bound.ty),
                Some(self.place(of.span)),
            ));
        }
        self.note_property(&bound, key);
        let kind = ExprKind::Property { of: Box::new(bound), key: key.kind.text.clone() };
        Ok(Expr { kind, ty: Type::Any, span: self.span(whole.span) })
    }

    fn list(&mut self, values: &'a [ast::Expr], span: open_cypher::Span) -> Result<Expr> {
        let bound = values.iter().map(|value| self.expr(value)).collect::<Result<Vec<_>>>()?;
        let element = bound.iter().map(|value| value.ty.clone()).reduce(Type::or).unwrap_or(Type::Any);
        Ok(Expr { kind: ExprKind::List(bound), ty: Type::list_of(element), span: self.span(span) })
    }

    fn map(&mut self, entries: &'a [ast::MapEntry], span: open_cypher::Span) -> Result<Expr> {
        let mut bound = Vec::with_capacity(entries.len());
        for entry in entries {
            bound.push((entry.key.kind.text.clone(), self.expr(&entry.value)?));
        }
        Ok(Expr { kind: ExprKind::Map(bound), ty: Type::Map, span: self.span(span) })
    }

    fn map_projection(&mut self, projection: &'a ast::MapProjection, span: open_cypher::Span) -> Result<Expr> {
        let of = self.expr(&projection.base)?;
        if !signature::Takes::HasProperties.admits(&of.ty) {
            let message =
                format!("a map is projected of a node, a relationship or a map, and this is of type {}", of.ty);
            return Err(self.error(Detail::InvalidArgumentType, message, projection.base.span));
        }
        let mut items = Vec::with_capacity(projection.items.len());
        for item in &projection.items {
            items.push(match &item.kind {
                MapProjectionItemKind::AllProperties => MapItem::All,
                MapProjectionItemKind::Property(key) => {
                    self.note_property(&of, key);
                    MapItem::Property(key.kind.text.clone())
                }
                MapProjectionItemKind::Variable(name) => {
                    let slot = self.resolve(name)?;
                    MapItem::Entry(name.kind.text.clone(), self.slot_expr(slot, self.span(name.span)))
                }
                MapProjectionItemKind::Entry(entry) => {
                    MapItem::Entry(entry.key.kind.text.clone(), self.expr(&entry.value)?)
                }
                _ => return Err(self.unexpected("this is no item of a map projection", item.span)),
            });
        }
        let kind = ExprKind::MapProjection { of: Box::new(of), items };
        Ok(Expr { kind, ty: Type::Map, span: self.span(span) })
    }

    fn is(
        &mut self,
        of: &'a ast::Expr,
        negated: bool,
        predicate: &'a IsPredicate,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        let bound = Box::new(self.expr(of)?);
        let kind = match predicate {
            IsPredicate::Null => ExprKind::IsNull { of: bound, negated },
            IsPredicate::Label(labels) => {
                if !bound.ty.may_be(&Type::Node) && !bound.ty.may_be(&Type::Relationship) {
                    let message = format!("labels are of nodes and relationships, and this is of type {}", bound.ty);
                    return Err(self.error(Detail::InvalidArgumentType, message, of.span));
                }
                self.note_test(&bound, labels);
                ExprKind::HasLabels { of: bound, labels: self.labels(labels)? }
            }
            _ => return Err(self.unexpected("this test is no part of openCypher", span)),
        };
        Ok(Expr { kind, ty: Type::Boolean, span: self.span(span) })
    }

    fn index(&mut self, of: &'a ast::Expr, index: &'a ast::Expr, span: open_cypher::Span) -> Result<Expr> {
        let (of, index) = (Box::new(self.expr(of)?), Box::new(self.expr(index)?));
        let ty = of.ty.element();
        Ok(Expr { kind: ExprKind::Index { of, index }, ty, span: self.span(span) })
    }

    fn slice(
        &mut self,
        of: &'a ast::Expr,
        lower: Option<&'a ast::Expr>,
        upper: Option<&'a ast::Expr>,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        let of = Box::new(self.expr(of)?);
        let from = lower.map(|lower| self.expr(lower)).transpose()?.map(Box::new);
        let to = upper.map(|upper| self.expr(upper)).transpose()?.map(Box::new);
        let ty = Type::list_of(of.ty.element());
        Ok(Expr { kind: ExprKind::Slice { of, from, to }, ty, span: self.span(span) })
    }

    fn case(&mut self, case: &'a ast::CaseExpression, span: open_cypher::Span) -> Result<Expr> {
        let operand = case.operand.as_ref().map(|operand| self.expr(operand)).transpose()?.map(Box::new);
        let mut ty = Type::Null;
        let mut branches = Vec::with_capacity(case.alternatives.len());
        for alternative in &case.alternatives {
            let searched = operand.is_none();
            let when =
                alternative.when.iter().map(|when| if searched { self.predicate(when) } else { self.expr(when) });
            let when = when.collect::<Result<Vec<_>>>()?;
            let then = self.expr(&alternative.then)?;
            ty = ty.or(then.ty.clone());
            branches.push(CaseBranch { when, then });
        }
        let otherwise = case.else_expression.as_ref().map(|otherwise| self.expr(otherwise)).transpose()?.map(Box::new);
        ty = otherwise.iter().fold(ty, |ty, otherwise| ty.or(otherwise.ty.clone()));
        Ok(Expr { kind: ExprKind::Case { operand, branches, otherwise }, ty, span: self.span(span) })
    }

    /// A pattern that is asked for; its variables are all bound before.
    pub(super) fn pattern_predicate(&mut self, pattern: &'a ast::Pattern, allowed: bool) -> Result<Expr> {
        if !allowed {
            let message = "a pattern stands in WHERE, exists(…) and pattern comprehensions; elsewhere use EXISTS { … }";
            return Err(self.unexpected(message, pattern.span));
        }
        self.check_constant(pattern.span)?;
        let bound = self.pattern(pattern, None, Purpose::Test)?;
        let kind = ExprKind::Pattern { pattern: Box::new(bound), result: PatternResult::Exists };
        Ok(Expr { kind, ty: Type::Boolean, span: self.span(pattern.span) })
    }

    pub(super) fn check_constant(&self, span: open_cypher::Span) -> Result<()> {
        if self.constant.is_none() {
            return Ok(());
        }
        let message = "a pattern cannot stand here: the same number must hold for all rows";
        Err(self.error(Detail::NonConstantExpression, message, span))
    }
}

/// What stands inside of all parentheses.
pub(super) fn without_parentheses(mut expression: &ast::Expr) -> &ast::Expr {
    while let Ast::Parenthesized(inner) = &expression.kind {
        expression = inner;
    }
    expression
}

/// Whether it is a variable, or a property of one.
pub(super) fn is_simple(mut expression: &ast::Expr) -> bool {
    while let Ast::Property { expression: of, .. } = &expression.kind {
        expression = of;
    }
    matches!(expression.kind, Ast::Variable(_))
}

/// Whether an aggregate is called in it, subqueries aside.
pub(super) fn has_aggregate(expression: &ast::Expr) -> bool {
    let mut waiting = vec![expression];
    while let Some(expression) = waiting.pop() {
        if let Ast::Function(call) = &expression.kind
            && let [name] = call.name.parts.as_slice()
            && signature::aggregate(&name.kind.text).is_some()
        {
            return true;
        }
        push_children(expression, &mut waiting);
    }
    false
}

/// Whether a value that is not the same each time is called for in it: `rand()`.
pub(super) fn is_random(expression: &ast::Expr) -> bool {
    let mut waiting = vec![expression];
    while let Some(expression) = waiting.pop() {
        if let Ast::Function(call) = &expression.kind
            && let [name] = call.name.parts.as_slice()
            && name.kind.text.eq_ignore_ascii_case("rand")
        {
            return true;
        }
        push_children(expression, &mut waiting);
    }
    false
}

fn push_children<'e>(expression: &'e ast::Expr, children: &mut Vec<&'e ast::Expr>) {
    match &expression.kind {
        Ast::List(values) => children.extend(values),
        Ast::Map(entries) => children.extend(entries.iter().map(|entry| &entry.value)),
        Ast::MapProjection(projection) => {
            children.push(&projection.base);
            for item in &projection.items {
                if let MapProjectionItemKind::Entry(entry) = &item.kind {
                    children.push(&entry.value);
                }
            }
        }
        Ast::Unary { operand: of, .. }
        | Ast::Is { expression: of, .. }
        | Ast::Property { expression: of, .. }
        | Ast::Parenthesized(of) => children.push(of),
        Ast::Binary { left, right, .. }
        | Ast::DynamicProperty { expression: left, key: right }
        | Ast::Index { expression: left, index: right } => children.extend([&**left, &**right]),
        Ast::Slice { expression, lower, upper } => {
            children.push(expression);
            children.extend(lower.iter().chain(upper).map(|bound| &**bound));
        }
        Ast::Function(call) => children.extend(&call.arguments),
        Ast::Case(case) => {
            children.extend(case.operand.iter().chain(&case.else_expression).map(|part| &**part));
            for alternative in &case.alternatives {
                children.extend(&alternative.when);
                children.push(&alternative.then);
            }
        }
        Ast::ListComprehension(comprehension) => {
            children.push(&comprehension.list);
            children.extend(comprehension.predicate.iter().chain(&comprehension.projection).map(|part| &**part));
        }
        Ast::PatternComprehension(comprehension) => {
            children.extend(comprehension.predicate.iter().map(|part| &**part));
            children.push(&comprehension.projection);
        }
        Ast::Reduce(reduce) => children.extend([&*reduce.initial, &*reduce.list, &*reduce.expression]),
        Ast::QuantifiedPredicate(quantified) => children.extend([&*quantified.list, &*quantified.predicate]),
        _ => {}
    }
}

/// Whether an operator connects what is true or not.
pub(super) const fn is_logical(operator: BinaryOperator) -> bool {
    matches!(operator, BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor)
}
