//! MERGE, SET, REMOVE, DELETE and FOREACH.

use open_cypher::ast::{self, ClauseKind, ExprKind as Ast, MergeTrigger, Name, RemoveItemKind, SetItemKind};

use super::creation::Sought;
use super::naming::What;
use super::pattern::{Building, Purpose};
use super::query::push_clause;
use super::scope::Layer;
use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{Clause, Creation, Delete, Expr, Foreach, Merge, RemoveItem, SetItem, Slot, Span, Type};

impl<'a> Binder<'a> {
    pub(super) fn merge(&mut self, merge: &'a ast::MergeClause) -> Result<Clause> {
        self.check_creatable(&merge.pattern, false)?;
        let mut building = Building::new(Purpose::Find);
        self.pattern_part(&mut building, &merge.pattern)?;
        let walk = building.walks.pop().unwrap_or_default();
        let pattern = self.finish_pattern(building)?;
        let mut creation = Creation::default();
        self.created_part(&merge.pattern, Some(&Sought { pattern: &pattern, walk: &walk }), &mut creation)?;
        let (mut on_match, mut on_create) = (Vec::new(), Vec::new());
        for action in &merge.actions {
            let items = self.set_items(&action.set.items)?;
            match action.trigger.kind {
                MergeTrigger::Match => on_match.extend(items),
                _ => on_create.extend(items),
            }
        }
        Ok(Clause::Merge(Merge { pattern, creation, on_match, on_create }))
    }

    pub(super) fn set_items(&mut self, items: &'a [ast::SetItem]) -> Result<Vec<SetItem>> {
        items.iter().map(|item| self.set_item(item)).collect()
    }

    fn set_item(&mut self, item: &'a ast::SetItem) -> Result<SetItem> {
        Ok(match &item.kind {
            SetItemKind::Property { target, value } => {
                let (target, key) = self.property_target(target)?;
                SetItem::Property { target, key, value: self.expr(value)? }
            }
            SetItemKind::ReplaceProperties { target, value } => {
                let target = self.entity(target, "properties")?;
                self.note_map(target, value);
                SetItem::Replace { target, value: self.properties_value(value)? }
            }
            SetItemKind::MergeProperties { target, value } => {
                let target = self.entity(target, "properties")?;
                self.note_map(target, value);
                SetItem::Add { target, value: self.properties_value(value)? }
            }
            SetItemKind::Labels { target, labels } => {
                let target = self.labelled(target)?;
                self.note_labels(labels, What::Label, Some((target, false)));
                SetItem::Labels { target, labels: self.label_list(labels)? }
            }
            _ => return Err(self.unexpected("SET takes properties and labels", item.span)),
        })
    }

    fn properties_value(&mut self, value: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr(value)?;
        if [Type::Map, Type::Node, Type::Relationship].iter().any(|ty| bound.ty.may_be(ty)) {
            return Ok(bound);
        }
        let message =
            format!("properties are taken of a map, a node or a relationship, and this is of type {}", bound.ty);
        Err(self.error(Detail::InvalidArgumentType, message, value.span))
    }

    pub(super) fn remove(&mut self, remove: &'a ast::RemoveClause) -> Result<Clause> {
        let mut items = Vec::with_capacity(remove.items.len());
        for item in &remove.items {
            items.push(match &item.kind {
                RemoveItemKind::Property(target) => {
                    let (target, key) = self.property_target(target)?;
                    RemoveItem::Property { target, key }
                }
                RemoveItemKind::Labels { target, labels } => {
                    let target = self.labelled(target)?;
                    self.note_labels(labels, What::Label, Some((target, false)));
                    RemoveItem::Labels { target, labels: self.label_list(labels)? }
                }
                _ => return Err(self.unexpected("REMOVE takes properties and labels", item.span)),
            });
        }
        Ok(Clause::Remove(items))
    }

    /// What a property is set of, and its name.
    fn property_target(&mut self, target: &'a ast::Expr) -> Result<(Expr, String)> {
        let Ast::Property { expression, key } = &target.kind else {
            return Err(self.unexpected("a property is expected: `variable.name`", target.span));
        };
        let of = self.expr(expression)?;
        if !of.ty.may_be(&Type::Node) && !of.ty.may_be(&Type::Relationship) {
            let message = format!("properties are set of nodes and relationships, and this is of type {}", of.ty);
            return Err(self.error(Detail::InvalidArgumentType, message, expression.span));
        }
        self.note_property(&of, key);
        Ok((of, key.kind.text.clone()))
    }

    /// A variable that is a node or a relationship.
    fn entity(&mut self, name: &Name, what: &str) -> Result<Slot> {
        let slot = self.resolve(name)?;
        let ty = self.type_of(slot);
        if ty.may_be(&Type::Node) || ty.may_be(&Type::Relationship) {
            return Ok(slot);
        }
        let message = format!("`{}` is of type {ty} and has no {what} that could be changed", name.kind.text);
        Err(self.error(Detail::InvalidArgumentType, message, name.span))
    }

    fn labelled(&mut self, name: &Name) -> Result<Slot> {
        let slot = self.entity(name, "labels")?;
        let ty = self.type_of(slot);
        if ty.may_be(&Type::Node) {
            return Ok(slot);
        }
        let message = format!(
            "`{}` is of type {ty}: labels belong to nodes, and the type of a relationship stays",
            name.kind.text
        );
        Err(self.error(Detail::InvalidArgumentType, message, name.span))
    }

    pub(super) fn delete(&mut self, delete: &'a ast::DeleteClause) -> Result<Clause> {
        let mut values = Vec::with_capacity(delete.expressions.len());
        for expression in &delete.expressions {
            if let Ast::Is { predicate: ast::IsPredicate::Label(_), .. } = &expression.kind {
                let message = "DELETE takes nodes, relationships and paths; labels are taken away by REMOVE";
                return Err(self.error(Detail::InvalidDelete, message, expression.span));
            }
            let value = self.expr(expression)?;
            if ![Type::Node, Type::Relationship, Type::Path].iter().any(|ty| value.ty.may_be(ty)) {
                let message = format!("DELETE takes nodes, relationships and paths, and this is of type {}", value.ty);
                return Err(self.error(Detail::InvalidArgumentType, message, expression.span));
            }
            values.push(value);
        }
        let detach = delete.mode.kind == ast::DeleteMode::Detach;
        Ok(Clause::Delete(Delete { detach, values }))
    }

    pub(super) fn foreach(&mut self, written: &'a ast::ForeachClause) -> Result<Clause> {
        let list = self.traversed(&written.list)?;
        if self.lookup(&written.variable.kind.text).is_some() {
            return Err(self.already_bound(&written.variable));
        }
        self.layers.push(Layer::default());
        let slot = self.declare(&written.variable.kind.text, list.ty.element());
        let body = self.foreach_body(&written.clauses);
        self.layers.pop();
        let (clauses, places) = body?;
        Ok(Clause::Foreach(Foreach { slot, list, clauses, places }))
    }

    fn foreach_body(&mut self, written: &'a [ast::Clause]) -> Result<(Vec<Clause>, Vec<Span>)> {
        let (mut bound, mut places) = (Vec::with_capacity(written.len()), Vec::with_capacity(written.len()));
        for clause in written {
            let updates = matches!(
                clause.kind,
                ClauseKind::Create(_)
                    | ClauseKind::Merge(_)
                    | ClauseKind::Set(_)
                    | ClauseKind::Remove(_)
                    | ClauseKind::Delete(_)
                    | ClauseKind::Foreach(_)
            );
            if !updates {
                let message = "FOREACH holds updating clauses alone: CREATE, MERGE, SET, REMOVE, DELETE, FOREACH";
                return Err(self.error(Detail::InvalidClauseComposition, message, clause.span));
            }
            push_clause(&mut bound, self.clause(clause)?);
            places.resize(bound.len(), self.span(clause.span));
            self.count_clauses(&bound, clause)?;
        }
        self.clauses += bound.len();
        Ok((bound, places))
    }
}
