//! Patterns that are found: their elements become slots, their property maps predicates.

use std::collections::HashMap;
use std::ops::Range;

use open_cypher::ast::{self, ExprKind as Ast, LabelExpressionKind, Name};

use super::naming::What;
use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{
    CompareOp, Direction, Expr, ExprKind, Labels, Length, NodePattern, PathElement, PathMode, PathPattern, Pattern,
    RelationshipPattern, Slot, Type,
};

/// What a pattern is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To find: its new variables are declared.
    Find,
    /// To ask whether there is one: it has no new variables.
    Test,
}

/// A pattern while it is built.
pub(super) struct Building<'a> {
    pub pattern: Pattern,
    pub purpose: Purpose,
    node_at: HashMap<Slot, usize>,
    relationship_at: HashMap<Slot, usize>,
    /// Bound when all variables of the pattern are declared.
    deferred: Vec<Deferred<'a>>,
    /// Of each path of which only some are meant: its place, and what was put off inside of it.
    chosen: Vec<(usize, Range<usize>)>,
    /// The elements of each part, for whoever creates what was not found.
    pub walks: Vec<Walk>,
}

/// A path through a pattern that is being built.
#[derive(Clone, Default)]
pub(super) struct Walk {
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub elements: Vec<PathElement>,
}

enum Deferred<'a> {
    /// A property map of a node, or of a relationship that is one.
    Properties { of: Slot, map: &'a ast::Expr },
    /// A WHERE inside the pattern.
    Filter(&'a ast::Expr),
    /// A property map of each relationship of variable length.
    EachProperties { relationship: usize, map: &'a ast::Expr },
    /// A WHERE about each of them, under the variable's name.
    EachFilter { relationship: usize, name: Option<&'a Name>, filter: &'a ast::Expr },
}

impl Building<'_> {
    pub fn new(purpose: Purpose) -> Self {
        Self {
            pattern: Pattern::default(),
            purpose,
            node_at: HashMap::new(),
            relationship_at: HashMap::new(),
            deferred: Vec::new(),
            chosen: Vec::new(),
            walks: Vec::new(),
        }
    }

    /// How much was put off until now.
    pub fn deferred(&self) -> usize {
        self.deferred.len()
    }

    /// The next path is one of which only some are meant; what was put off since then is inside of it.
    pub fn choose(&mut self, since: usize) {
        self.chosen.push((self.pattern.paths.len(), since..self.deferred.len()));
    }

    /// The path inside of which something was put off, if it is one of which only some are meant.
    fn path_around(&mut self, place: usize) -> Option<&mut PathPattern> {
        let path = self.chosen.iter().find(|(_, inside)| inside.contains(&place)).map(|(path, _)| *path)?;
        self.pattern.paths.get_mut(path)
    }
}

impl<'a> Binder<'a> {
    pub(super) fn pattern(
        &mut self,
        written: &'a ast::Pattern,
        mode: Option<&ast::Node<ast::PathMode>>,
        purpose: Purpose,
    ) -> Result<Pattern> {
        let mut building = Building::new(purpose);
        building.pattern.mode = match mode.map(|mode| mode.kind) {
            Some(ast::PathMode::Walk) => PathMode::Walk,
            Some(ast::PathMode::Simple) => PathMode::Simple,
            Some(ast::PathMode::Acyclic) => PathMode::Acyclic,
            _ => PathMode::Trail,
        };
        for part in &written.parts {
            self.pattern_part(&mut building, part)?;
        }
        self.finish_pattern(building)
    }

    /// Binds what was put off until the variables of the whole pattern are known.
    pub(super) fn finish_pattern(&mut self, mut building: Building<'a>) -> Result<Pattern> {
        for (place, deferred) in std::mem::take(&mut building.deferred).into_iter().enumerate() {
            match deferred {
                Deferred::Properties { of, map } => {
                    let predicates = self.property_predicates(of, map)?;
                    match building.path_around(place) {
                        Some(path) => path.predicates.extend(predicates),
                        None => building.pattern.predicates.extend(predicates),
                    }
                }
                Deferred::Filter(filter) => {
                    let filter = self.predicate(filter)?;
                    match building.path_around(place) {
                        Some(path) => push_conjuncts(&mut path.predicates, filter),
                        None => building.pattern.require(filter),
                    }
                }
                Deferred::EachProperties { relationship, map } => {
                    let Some(element) = element_of(&building, relationship) else { continue };
                    let predicates = self.property_predicates(element, map)?;
                    push_each(&mut building, relationship, predicates);
                }
                Deferred::EachFilter { relationship, name, filter } => {
                    let Some(element) = element_of(&building, relationship) else { continue };
                    let mut layer = super::scope::Layer::default();
                    if let Some(name) = name {
                        layer.insert(&name.kind.text, element);
                    }
                    let filter = self.with_layer(layer, |binder| binder.predicate(filter))?;
                    let mut conjuncts = Vec::new();
                    push_conjuncts(&mut conjuncts, filter);
                    push_each(&mut building, relationship, conjuncts);
                }
            }
        }
        Ok(building.pattern)
    }

    /// `{key: value}` of an element as `element.key = value`.
    fn property_predicates(&mut self, of: Slot, map: &'a ast::Expr) -> Result<Vec<Expr>> {
        match &map.kind {
            Ast::Map(entries) => {
                self.note_map(of, map);
                entries
                    .iter()
                    .map(|entry| {
                        let value = self.expr(&entry.value)?;
                        let span = self.span(entry.span);
                        let element = Box::new(self.slot_expr(of, span));
                        let kind = ExprKind::Property { of: element, key: entry.key.kind.text.clone() };
                        let first = Box::new(Expr { kind, ty: Type::Any, span });
                        let kind = ExprKind::Compare { first, rest: vec![(CompareOp::Equal, value)] };
                        Ok(Expr { kind, ty: Type::Boolean, span })
                    })
                    .collect()
            }
            Ast::Parameter(_) => Err(self.error(
                Detail::InvalidParameterUse,
                "the properties to find are named one by one: `{key: $parameter}`",
                map.span,
            )),
            _ => Err(self.unexpected("a map of properties is expected", map.span)),
        }
    }

    /// A node, as an index into the pattern's nodes.
    pub(super) fn node(&mut self, building: &mut Building<'a>, node: &'a ast::NodePattern) -> Result<usize> {
        let (slot, bound) = match &node.variable {
            None => (self.new_slot(None, Type::Node), false),
            Some(name) => self.element(building, name, &Type::Node)?,
        };
        let at = match building.node_at.get(&slot) {
            Some(&at) => at,
            None => {
                building.pattern.nodes.push(NodePattern { slot, bound, labels: None });
                building.node_at.insert(slot, building.pattern.nodes.len() - 1);
                building.pattern.nodes.len() - 1
            }
        };
        if let Some(written) = &node.labels {
            let labels = self.labels(written)?;
            self.note_labels(written, What::Label, Some((slot, !bound)));
            if let Some(node) = building.pattern.nodes.get_mut(at) {
                node.labels = Some(Labels::both(node.labels.take(), labels));
            }
        }
        if let Some(map) = &node.properties {
            building.deferred.push(Deferred::Properties { of: slot, map });
        }
        if let Some(filter) = &node.where_clause {
            building.deferred.push(Deferred::Filter(filter));
        }
        Ok(at)
    }

    /// The slot of a named element, and whether it is filled before the pattern.
    fn element(&mut self, building: &Building<'_>, name: &Name, ty: &Type) -> Result<(Slot, bool)> {
        if self.lookup(&name.kind.text).is_none() && building.purpose == Purpose::Find {
            return Ok((self.declare(&name.kind.text, ty.clone()), false));
        }
        let slot = self.resolve(name)?;
        let found = self.type_of(slot);
        if !found.may_be(ty) {
            let message = format!("`{}` is of type {found} and cannot be a {ty} here", name.kind.text);
            return Err(self.error(Detail::VariableTypeConflict, message, name.span));
        }
        let bound = !building.node_at.contains_key(&slot)
            || building
                .node_at
                .get(&slot)
                .and_then(|&at| building.pattern.nodes.get(at))
                .is_some_and(|node| node.bound);
        Ok((slot, bound))
    }

    /// A relationship between two nodes, as an index into the pattern's relationships.
    pub(super) fn relationship(
        &mut self,
        building: &mut Building<'a>,
        written: &'a ast::RelationshipPattern,
        (from, to): (usize, usize),
    ) -> Result<usize> {
        let at = building.pattern.relationships.len();
        let bounds = self.bounds(written)?;
        let ty = if bounds.is_some() { Type::list_of(Type::Relationship) } else { Type::Relationship };
        let (slot, bound) = match &written.variable {
            None => (self.new_slot(None, ty), false),
            Some(name) => self.element(building, name, &ty)?,
        };
        if building.relationship_at.insert(slot, at).is_some()
            && let Some(name) = &written.variable
        {
            let message =
                format!("`{}` stands for two relationships of one pattern, which are never the same", name.kind.text);
            return Err(self.error(Detail::RelationshipUniquenessViolation, message, name.span));
        }
        let types = written.labels.as_ref().map(|labels| self.labels(labels)).transpose()?;
        let direction = match written.direction.kind {
            ast::RelationshipDirection::Left => Direction::In,
            ast::RelationshipDirection::Right => Direction::Out,
            _ => Direction::Both,
        };
        let length = bounds.map(|(min, max)| {
            let element = self.new_slot(None, Type::Relationship);
            Length { min, max, element, each: Vec::new() }
        });
        let each = length.is_some();
        if let Some(written) = &written.labels {
            let of = length.as_ref().map_or(slot, |length| length.element);
            self.note_labels(written, What::Type, Some((of, !bound)));
        }
        building.pattern.relationships.push(RelationshipPattern { slot, bound, from, to, direction, types, length });
        if let Some(map) = &written.properties {
            building.deferred.push(if each {
                Deferred::EachProperties { relationship: at, map }
            } else {
                Deferred::Properties { of: slot, map }
            });
        }
        if let Some(filter) = &written.where_clause {
            building.deferred.push(if each {
                Deferred::EachFilter { relationship: at, name: written.variable.as_ref(), filter }
            } else {
                Deferred::Filter(filter)
            });
        }
        Ok(at)
    }

    pub(super) fn defer_filter(&self, building: &mut Building<'a>, filter: &'a ast::Expr) {
        building.deferred.push(Deferred::Filter(filter));
    }

    pub(super) fn labels(&self, written: &ast::LabelExpression) -> Result<Labels> {
        Ok(match &written.kind {
            LabelExpressionKind::Name(name) => Labels::Name(name.kind.text.clone()),
            LabelExpressionKind::Wildcard => Labels::Any,
            LabelExpressionKind::Not(inner) => Labels::Not(Box::new(self.labels(inner)?)),
            LabelExpressionKind::Parenthesized(inner) => self.labels(inner)?,
            LabelExpressionKind::And(parts) => {
                let mut all = Vec::with_capacity(parts.len());
                for part in parts {
                    match self.labels(part)? {
                        Labels::And(inner) => all.extend(inner),
                        other => all.push(other),
                    }
                }
                Labels::And(all)
            }
            LabelExpressionKind::Or(parts) => {
                let mut any = Vec::with_capacity(parts.len());
                for part in parts {
                    match self.labels(part)? {
                        Labels::Or(inner) => any.extend(inner),
                        other => any.push(other),
                    }
                }
                Labels::Or(any)
            }
            _ => return Err(self.unexpected("a label is expected", written.span)),
        })
    }
}

/// Adds a predicate to a list that holds no conjunction.
pub(super) fn push_conjuncts(predicates: &mut Vec<Expr>, predicate: Expr) {
    match predicate.kind {
        ExprKind::And(parts) => predicates.extend(parts),
        _ => predicates.push(predicate),
    }
}

fn element_of(building: &Building<'_>, relationship: usize) -> Option<Slot> {
    building.pattern.relationships.get(relationship)?.length.as_ref().map(|length| length.element)
}

fn push_each(building: &mut Building<'_>, relationship: usize, predicates: Vec<Expr>) {
    if let Some(length) = building.pattern.relationships.get_mut(relationship).and_then(|r| r.length.as_mut()) {
        length.each.extend(predicates);
    }
}
