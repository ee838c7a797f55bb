//! Patterns that are created.

use std::collections::HashSet;

use open_cypher::ast::{self, ExprKind as Ast, Name, PathFactorKind, RelationshipDirection};

use super::naming::What;
use super::pattern::Walk;
use super::{Binder, Result};
use crate::error::{CypherError, Detail, Kind};
use crate::ir::{CreatedElement, CreatedPath, Creation, Expr, Labels, PathElement, Pattern, Slot, Type};

/// A pattern that MERGE looks for, whose slots are those of what it creates.
pub(super) struct Sought<'p> {
    pub pattern: &'p Pattern,
    pub walk: &'p Walk,
}

impl<'a> Binder<'a> {
    pub(super) fn creation(&mut self, pattern: &'a ast::Pattern) -> Result<Creation> {
        let mut creation = Creation::default();
        for part in &pattern.parts {
            self.check_creatable(part, true)?;
            self.created_part(part, None, &mut creation)?;
        }
        Ok(creation)
    }

    /// Refuses what can be found but not created.
    pub(super) fn check_creatable(&self, part: &ast::PatternPart, directed: bool) -> Result<()> {
        if let Some(selector) = &part.kind.selector {
            return Err(self.unexpected("what is created is no choice among paths", selector.span));
        }
        let factors = &part.kind.path.kind.factors;
        let mut own = HashSet::new();
        for factor in factors {
            match &factor.kind {
                PathFactorKind::Node(node) => {
                    let bound = node.variable.as_ref().filter(|name| self.is_bound(name, &own));
                    if let Some(name) = bound
                        && (node.labels.is_some() || node.properties.is_some() || factors.len() == 1)
                    {
                        return Err(self.already_bound(name));
                    }
                    own.extend(node.variable.as_ref().map(|name| name.kind.text.as_str()));
                    self.check_no_filter(node.where_clause.as_deref())?;
                }
                PathFactorKind::Relationship(relationship) => {
                    if let Some(name) = &relationship.variable {
                        if self.is_bound(name, &own) {
                            return Err(self.already_bound(name));
                        }
                        own.insert(name.kind.text.as_str());
                    }
                    self.check_creatable_relationship(relationship, factor.span, directed)?;
                }
                _ => return Err(self.unexpected("what is created are nodes and relationships one by one", factor.span)),
            }
        }
        Ok(())
    }

    fn is_bound(&self, name: &Name, own: &HashSet<&str>) -> bool {
        own.contains(name.kind.text.as_str()) || self.lookup(&name.kind.text).is_some()
    }

    fn check_no_filter(&self, filter: Option<&ast::Expr>) -> Result<()> {
        match filter {
            None => Ok(()),
            Some(filter) => Err(self.unexpected("what is created has no WHERE", filter.span)),
        }
    }

    fn check_creatable_relationship(
        &self,
        relationship: &ast::RelationshipPattern,
        span: open_cypher::Span,
        directed: bool,
    ) -> Result<()> {
        if relationship.legacy_quantifier.is_some() || relationship.graph_quantifier.is_some() {
            let message = "a relationship of variable length can be found, but not created";
            return Err(self.error(Detail::CreatingVarLength, message, span));
        }
        let types = relationship.labels.as_ref().map(|labels| self.labels(labels)).transpose()?;
        if !matches!(types, Some(Labels::Name(_))) {
            let message = "a relationship that is created has exactly one type: `[:TYPE]`";
            return Err(self.error(Detail::NoSingleRelationshipType, message, span));
        }
        let one_way = matches!(relationship.direction.kind, RelationshipDirection::Left | RelationshipDirection::Right);
        if directed && !one_way {
            let message = "a relationship that is created has a direction: `-[:TYPE]->`";
            return Err(self.error(Detail::RequiresDirectedRelationship, message, span));
        }
        self.check_no_filter(relationship.where_clause.as_deref())
    }

    /// Adds the elements of a part that was checked. Slots are new, or those of what MERGE looked for.
    pub(super) fn created_part(
        &mut self,
        part: &'a ast::PatternPart,
        sought: Option<&Sought<'_>>,
        creation: &mut Creation,
    ) -> Result<()> {
        let factors = &part.kind.path.kind.factors;
        let nodes: Vec<&ast::NodePattern> = factors
            .iter()
            .filter_map(|factor| if let PathFactorKind::Node(node) = &factor.kind { Some(node) } else { None })
            .collect();
        let relationships = factors.iter().filter_map(|factor| {
            if let PathFactorKind::Relationship(relationship) = &factor.kind { Some(relationship) } else { None }
        });
        let slots = sought.map(slots_of);
        let mut ends = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.into_iter().enumerate() {
            let known = slots.as_ref().and_then(|(nodes, _)| nodes.get(at).copied());
            ends.push(self.created_node(node, known, creation)?);
        }
        let mut steps = Vec::new();
        for (at, (relationship, pair)) in relationships.zip(ends.windows(2)).enumerate() {
            let &[from, to] = pair else { continue };
            let known = slots.as_ref().and_then(|(_, relationships)| relationships.get(at).copied());
            let slot = self.created_relationship(relationship, (from, to), known, creation)?;
            steps.push((slot, to));
        }
        if let (Some(name), Some(&start)) = (&part.kind.binding, ends.first()) {
            let slot = match sought {
                None => self.declare_new(name, Type::Path)?,
                Some(_) => self.resolve(name)?,
            };
            creation.paths.push(CreatedPath { slot, start, steps });
        }
        Ok(())
    }

    fn created_node(
        &mut self,
        node: &'a ast::NodePattern,
        known: Option<(Slot, bool)>,
        creation: &mut Creation,
    ) -> Result<Slot> {
        let slot = match (known, &node.variable) {
            (Some((slot, true)), _) => return Ok(slot),
            (Some((slot, false)), _) => {
                if creation
                    .elements
                    .iter()
                    .any(|element| matches!(element, CreatedElement::Node { slot: other, .. } if *other == slot))
                {
                    return Ok(slot);
                }
                slot
            }
            (None, Some(name)) if self.lookup(&name.kind.text).is_some() => {
                let slot = self.resolve(name)?;
                let ty = self.type_of(slot);
                if !ty.may_be(&Type::Node) {
                    let message = format!("`{}` is of type {ty} and cannot be a NODE here", name.kind.text);
                    return Err(self.error(Detail::VariableTypeConflict, message, name.span));
                }
                return Ok(slot);
            }
            // Declared behind its properties, which cannot read it.
            (None, _) => Slot(u32::MAX),
        };
        let labels = match &node.labels {
            None => Vec::new(),
            Some(labels) => self.label_list(labels)?,
        };
        let properties = self.created_properties(node.properties.as_deref(), known.is_some())?;
        let slot = match (known, &node.variable) {
            (Some(_), _) => slot,
            (None, Some(name)) => self.declare(&name.kind.text, Type::Node),
            (None, None) => self.new_slot(None, Type::Node),
        };
        if let Some(written) = &node.labels {
            self.note_labels(written, What::Label, Some((slot, true)));
        }
        node.properties.iter().for_each(|map| self.note_map(slot, map));
        creation.elements.push(CreatedElement::Node { slot, labels, properties });
        Ok(slot)
    }

    fn created_relationship(
        &mut self,
        relationship: &'a ast::RelationshipPattern,
        (from, to): (Slot, Slot),
        known: Option<Slot>,
        creation: &mut Creation,
    ) -> Result<Slot> {
        let kind = match relationship.labels.as_ref().map(|labels| self.labels(labels)).transpose()? {
            Some(Labels::Name(name)) => name,
            _ => String::new(),
        };
        let properties = self.created_properties(relationship.properties.as_deref(), known.is_some())?;
        let slot = match (known, &relationship.variable) {
            (Some(slot), _) => slot,
            (None, Some(name)) => self.declare_new(name, Type::Relationship)?,
            (None, None) => self.new_slot(None, Type::Relationship),
        };
        if let Some(written) = &relationship.labels {
            self.note_labels(written, What::Type, Some((slot, true)));
        }
        relationship.properties.iter().for_each(|map| self.note_map(slot, map));
        let left = relationship.direction.kind == RelationshipDirection::Left;
        let (source, target) = if left { (to, from) } else { (from, to) };
        creation.elements.push(CreatedElement::Relationship { slot, source, target, kind, properties });
        Ok(slot)
    }

    fn created_properties(&mut self, properties: Option<&'a ast::Expr>, merged: bool) -> Result<Option<Expr>> {
        let Some(written) = properties else { return Ok(None) };
        match &written.kind {
            Ast::Map(entries) => {
                let null = entries.iter().find(|entry| is_null(&entry.value));
                if let Some(entry) = null.filter(|_| merged) {
                    return Err(CypherError::compile(
                        Kind::SemanticError,
                        Detail::MergeReadOwnWrites,
                        format!("MERGE cannot look for `{}` that is null", entry.key.kind.text),
                        Some(self.place(entry.span)),
                    ));
                }
            }
            Ast::Parameter(_) => {}
            _ => return Err(self.unexpected("a map of properties is expected", written.span)),
        }
        self.expr(written).map(Some)
    }

    /// Labels to set or to remove: names, all of them.
    pub(super) fn label_list(&self, written: &ast::LabelExpression) -> Result<Vec<String>> {
        let labels = self.labels(written)?;
        let Some(names) = labels.conjunction() else {
            return Err(self.unexpected("labels are named one by one here: `:A:B`", written.span));
        };
        let mut list: Vec<String> = Vec::with_capacity(names.len());
        for name in names {
            if !list.iter().any(|other| other == name) {
                list.push(name.to_owned());
            }
        }
        Ok(list)
    }
}

fn is_null(expression: &ast::Expr) -> bool {
    matches!(&expression.kind, Ast::Literal(literal) if literal.kind == ast::LiteralKind::Null)
}

/// The slots of the nodes of a path, each with whether it is bound, and those of its relationships.
fn slots_of(sought: &Sought<'_>) -> (Vec<(Slot, bool)>, Vec<Slot>) {
    let node = |at: usize| sought.pattern.nodes.get(at).map(|node| (node.slot, node.bound));
    let mut nodes: Vec<(Slot, bool)> = sought.walk.start.and_then(node).into_iter().collect();
    let mut relationships = Vec::new();
    for element in &sought.walk.elements {
        if let PathElement::Relationship(at) = element
            && let Some(relationship) = sought.pattern.relationships.get(*at)
        {
            relationships.push(relationship.slot);
            nodes.extend(node(relationship.to));
        }
    }
    (nodes, relationships)
}
