//! The parts of a pattern: paths, their selectors, and what repeats in parentheses.

use open_cypher::ast::{self, PathFactorKind, PathSelector, QuantifierKind};

use super::pattern::{Building, Purpose, Walk};
use super::scope::Layer;
use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{Expr, ExprKind, Literal, PathElement, PathPattern, Repetition, Selector, Type};

/// The least and the greatest number of repetitions.
type Bounds = (u64, Option<u64>);

/// A path while its factors are read, one after the other.
#[derive(Default)]
struct Cursor<'a> {
    walk: Walk,
    /// What waits for the node behind it.
    pending: Option<Pending<'a>>,
    selector: Option<Selector>,
    /// Whether it is `shortestPath(…)` or `allShortestPaths(…)`.
    filtered: bool,
}

enum Pending<'a> {
    Relationship(&'a ast::RelationshipPattern),
    Repetition(Box<Repetition>),
}

impl<'a> Binder<'a> {
    pub(super) fn pattern_part(&mut self, building: &mut Building<'a>, part: &'a ast::PatternPart) -> Result<()> {
        let mut cursor = Cursor::default();
        let begin = building.deferred();
        self.walk_path(building, &part.kind.path, &mut cursor)?;
        self.finish_walk(building, &mut cursor)?;
        if let Some(selector) = &part.kind.selector {
            cursor.selector = self.selector(selector)?;
        }
        let slot = part.kind.binding.as_ref().map(|name| self.declare_new(name, Type::Path)).transpose()?;
        if let (Some(start), true) = (cursor.walk.start, slot.is_some() || cursor.selector.is_some()) {
            let (selector, elements) = (cursor.selector.unwrap_or(Selector::All), cursor.walk.elements.clone());
            if selector != Selector::All {
                building.choose(begin);
            }
            let (predicates, filtered) = (Vec::new(), cursor.filtered);
            building.pattern.paths.push(PathPattern { slot, start, elements, selector, predicates, filtered });
        }
        building.walks.push(cursor.walk);
        Ok(())
    }

    fn walk_path(
        &mut self,
        building: &mut Building<'a>,
        path: &'a ast::PathPattern,
        cursor: &mut Cursor<'a>,
    ) -> Result<()> {
        for factor in &path.kind.factors {
            self.source.proceed()?;
            match &factor.kind {
                PathFactorKind::Node(node) => {
                    if cursor.walk.end.is_some() && cursor.pending.is_none() {
                        return Err(self.unexpected("a relationship is missing before this node", factor.span));
                    }
                    let node = self.node(building, node)?;
                    self.arrive(building, cursor, node)?;
                }
                PathFactorKind::Relationship(relationship) => {
                    self.leave(building, cursor, Pending::Relationship(relationship))?;
                }
                PathFactorKind::Parenthesized { pattern, where_clause, quantifier: None } => {
                    self.walk_path(building, pattern, cursor)?;
                    if let Some(filter) = where_clause {
                        self.defer_filter(building, filter);
                    }
                }
                PathFactorKind::Parenthesized { pattern, where_clause, quantifier: Some(quantifier) } => {
                    let repetition = self.repetition(building, pattern, where_clause.as_deref(), quantifier)?;
                    self.leave(building, cursor, Pending::Repetition(Box::new(repetition)))?;
                }
                PathFactorKind::LegacyShortest { all, pattern } => {
                    let one = Expr {
                        kind: ExprKind::Literal(Literal::Integer(1)),
                        ty: Type::Integer,
                        span: self.span(factor.span),
                    };
                    cursor.selector = Some(if *all { Selector::ShortestGroups(one) } else { Selector::Shortest(one) });
                    cursor.filtered = true;
                    self.walk_path(building, pattern, cursor)?;
                }
                PathFactorKind::QuantifiedNode { quantifier, .. } => {
                    return Err(
                        self.unexpected("a node does not repeat; repeat a path in parentheses", quantifier.span)
                    );
                }
                PathFactorKind::Subpath { binding, .. } => {
                    return Err(self.unexpected("a part of a path has no name; name the whole path", binding.span));
                }
                _ => return Err(self.unexpected("a node or a relationship is expected", factor.span)),
            }
        }
        Ok(())
    }

    /// A node, which ends what is pending.
    fn arrive(&mut self, building: &mut Building<'a>, cursor: &mut Cursor<'a>, node: usize) -> Result<()> {
        let from = cursor.walk.end.unwrap_or(node);
        match cursor.pending.take() {
            None => cursor.walk.start = Some(node),
            Some(Pending::Relationship(relationship)) => {
                let at = self.relationship(building, relationship, (from, node))?;
                cursor.walk.elements.push(PathElement::Relationship(at));
            }
            Some(Pending::Repetition(mut repetition)) => {
                (repetition.from, repetition.to) = (from, node);
                building.pattern.repetitions.push(*repetition);
                cursor.walk.elements.push(PathElement::Repetition(building.pattern.repetitions.len() - 1));
            }
        }
        cursor.walk.end = Some(node);
        Ok(())
    }

    /// A relationship or repetition; where no node is written before it, there is one without a name.
    fn leave(&mut self, building: &mut Building<'a>, cursor: &mut Cursor<'a>, next: Pending<'a>) -> Result<()> {
        if cursor.walk.end.is_none() || cursor.pending.is_some() {
            self.arrive_anywhere(building, cursor)?;
        }
        cursor.pending = Some(next);
        Ok(())
    }

    fn arrive_anywhere(&mut self, building: &mut Building<'a>, cursor: &mut Cursor<'a>) -> Result<()> {
        let slot = self.new_slot(None, Type::Node);
        building.pattern.nodes.push(crate::ir::NodePattern { slot, bound: false, labels: None });
        let node = building.pattern.nodes.len() - 1;
        self.arrive(building, cursor, node)
    }

    fn finish_walk(&mut self, building: &mut Building<'a>, cursor: &mut Cursor<'a>) -> Result<()> {
        if cursor.pending.is_some() || cursor.walk.end.is_none() {
            self.arrive_anywhere(building, cursor)?;
        }
        Ok(())
    }

    fn repetition(
        &mut self,
        outer: &Building<'a>,
        path: &'a ast::PathPattern,
        filter: Option<&'a ast::Expr>,
        quantifier: &ast::Quantifier,
    ) -> Result<Repetition> {
        if outer.purpose == Purpose::Test {
            return Err(self.unexpected("a path that repeats stands in MATCH or EXISTS { … }", quantifier.span));
        }
        let (min, max) = self.quantified(quantifier, 0)?;
        let mut building = Building::new(Purpose::Find);
        building.pattern.mode = outer.pattern.mode;
        let mut cursor = Cursor::default();
        self.layers.push(Layer::default());
        self.walk_path(&mut building, path, &mut cursor)?;
        self.finish_walk(&mut building, &mut cursor)?;
        if let Some(filter) = filter {
            self.defer_filter(&mut building, filter);
        }
        let pattern = self.finish_pattern(building)?;
        let inner = self.layers.pop().unwrap_or_default();
        let mut groups = Vec::with_capacity(inner.order().len());
        for (name, slot) in inner.order() {
            let list = Type::list_of(self.type_of(*slot));
            groups.push((*slot, self.declare(name, list)));
        }
        Ok(Repetition {
            from: 0,
            to: 0,
            min,
            max,
            pattern,
            first: cursor.walk.start.unwrap_or_default(),
            last: cursor.walk.end.unwrap_or_default(),
            elements: cursor.walk.elements,
            groups,
        })
    }

    fn selector(&mut self, selector: &ast::Node<PathSelector>) -> Result<Option<Selector>> {
        let count = |binder: &mut Self, count: &Option<String>| binder.path_count(count.as_deref(), selector.span);
        Ok(match &selector.kind {
            PathSelector::All => None,
            PathSelector::Any { count: written } => Some(Selector::Any(count(self, written)?)),
            PathSelector::AnyShortest => Some(Selector::Shortest(count(self, &None)?)),
            PathSelector::AllShortest => Some(Selector::ShortestGroups(count(self, &None)?)),
            PathSelector::Shortest { count: written, groups: false } => Some(Selector::Shortest(count(self, written)?)),
            PathSelector::Shortest { count: written, groups: true } => {
                Some(Selector::ShortestGroups(count(self, written)?))
            }
            _ => return Err(self.unexpected("this selector of paths is no part of openCypher", selector.span)),
        })
    }

    fn path_count(&mut self, written: Option<&str>, place: open_cypher::Span) -> Result<Expr> {
        let span = self.span(place);
        if let Some(name) = written.and_then(|written| written.strip_prefix('$')) {
            return Ok(Expr { kind: self.parameter_named(name, span), ty: Type::Any, span });
        }
        let count = self.bound(written.unwrap_or("1"), place)?;
        let count = i64::try_from(count).ok().filter(|&count| count > 0);
        let Some(count) = count else {
            return Err(self.error(Detail::NegativeIntegerArgument, "at least one path is asked for", place));
        };
        Ok(Expr { kind: ExprKind::Literal(Literal::Integer(count)), ty: Type::Integer, span })
    }

    /// How often a relationship repeats; `None` when it does not.
    pub(super) fn bounds(&self, relationship: &ast::RelationshipPattern) -> Result<Option<Bounds>> {
        match (&relationship.legacy_quantifier, &relationship.graph_quantifier) {
            (None, None) => Ok(None),
            // `*` inside of the brackets is once or more, behind them it is any number.
            (Some(legacy), None) => match &legacy.kind {
                QuantifierKind::ZeroOrMore => Ok(Some((1, None))),
                _ => self.quantified(legacy, 1).map(Some),
            },
            (None, Some(quantifier)) => self.quantified(quantifier, 0).map(Some),
            (Some(_), Some(second)) => {
                Err(self.error(Detail::InvalidRelationshipPattern, "a relationship has one length", second.span))
            }
        }
    }

    fn quantified(&self, quantifier: &ast::Quantifier, least: u64) -> Result<Bounds> {
        Ok(match &quantifier.kind {
            QuantifierKind::ZeroOrMore => (0, None),
            QuantifierKind::OneOrMore => (1, None),
            QuantifierKind::Optional => (0, Some(1)),
            QuantifierKind::Fixed(count) => {
                let count = self.bound(count, quantifier.span)?;
                (count, Some(count))
            }
            QuantifierKind::Range { lower, upper } => {
                let lower = lower.as_ref().map(|lower| self.bound(lower, quantifier.span)).transpose()?;
                let upper = upper.as_ref().map(|upper| self.bound(upper, quantifier.span)).transpose()?;
                (lower.unwrap_or(least), upper)
            }
            _ => return Err(self.unexpected("this quantifier is no part of openCypher", quantifier.span)),
        })
    }

    fn bound(&self, written: &str, span: open_cypher::Span) -> Result<u64> {
        written
            .replace('_', "")
            .parse()
            .map_err(|_| self.error(Detail::IntegerOverflow, format!("{written} is too large for a length"), span))
    }
}
