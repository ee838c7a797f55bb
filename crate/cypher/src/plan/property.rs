//! Properties that are read without the entity they belong to: each has a slot of its own, which a step fills as soon as
//! the entity is found, and expressions read that slot.

use std::collections::HashMap;

use super::Planner;
use super::operator::Operator;
use super::pattern::Work;
use super::usage::{EntityKind, Usage};
use crate::ir::{CaseBranch, Expr, ExprKind, MapItem, Slot};
use crate::storage::NameKind;

/// By the slot of the entity: what it is, and the slot of each property.
#[derive(Default)]
pub(super) struct Properties {
    slots: HashMap<Slot, (EntityKind, Vec<(String, Slot)>)>,
    count: usize,
}

impl Properties {
    /// Numbers slots from `first` on.
    pub fn of(usage: &Usage, first: usize) -> Self {
        let mut properties = Self::default();
        for (of, kind, keys) in usage.properties() {
            let mut slots = Vec::with_capacity(keys.len());
            for key in keys {
                let slot = Slot(u32::try_from(first.saturating_add(properties.count)).unwrap_or(u32::MAX));
                properties.count += 1;
                slots.push((key.clone(), slot));
            }
            properties.slots.insert(of, (kind, slots));
        }
        properties
    }

    pub const fn len(&self) -> usize {
        self.count
    }

    /// The slot that an expression is: of a property, or of a variable.
    pub fn slot_of(&self, expr: &Expr) -> Option<Slot> {
        self.slot(expr).or_else(|| expr.as_slot())
    }

    fn slot(&self, expr: &Expr) -> Option<Slot> {
        let ExprKind::Property { of, key } = &expr.kind else { return None };
        let (_, slots) = self.slots.get(&of.as_slot()?)?;
        slots.iter().find(|(known, _)| known == key).map(|(_, slot)| *slot)
    }

    fn is_read(&self, expr: &Expr) -> bool {
        let mut read = self.slot(expr).is_some();
        expr.for_each_child(|child| read = read || self.is_read(child));
        read
    }

    /// The expression with slots for properties; `None` where it reads none of them. What patterns and subqueries hold
    /// is replaced when they are planned.
    pub fn replaced(&self, expr: &Expr) -> Option<Expr> {
        (!self.slots.is_empty() && self.is_read(expr)).then(|| {
            let mut expr = expr.clone();
            self.replace(&mut expr);
            expr
        })
    }

    fn replace(&self, expr: &mut Expr) {
        if let Some(slot) = self.slot(expr) {
            expr.kind = ExprKind::Slot(slot);
            return;
        }
        for child in children(&mut expr.kind) {
            self.replace(child);
        }
    }
}

/// The expressions that one is made of, without those of patterns and subqueries.
fn children(kind: &mut ExprKind) -> Vec<&mut Expr> {
    match kind {
        ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Slot(_)
        | ExprKind::Subquery { .. }
        | ExprKind::Pattern { .. } => Vec::new(),
        ExprKind::Property { of, .. }
        | ExprKind::Unary { of, .. }
        | ExprKind::IsNull { of, .. }
        | ExprKind::HasLabels { of, .. } => vec![of],
        ExprKind::Index { of: left, index: right } | ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Slice { of, from, to } => {
            std::iter::once(of).chain(from).chain(to).map(|child| &mut **child).collect()
        }
        ExprKind::List(values)
        | ExprKind::And(values)
        | ExprKind::Or(values)
        | ExprKind::Xor(values)
        | ExprKind::Function { arguments: values, .. } => values.iter_mut().collect(),
        ExprKind::Map(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
        ExprKind::MapProjection { of, items } => {
            let values = items.iter_mut().filter_map(|item| match item {
                MapItem::Entry(_, value) => Some(value),
                _ => None,
            });
            std::iter::once(&mut **of).chain(values).collect()
        }
        ExprKind::Compare { first, rest } => {
            std::iter::once(&mut **first).chain(rest.iter_mut().map(|(_, right)| right)).collect()
        }
        ExprKind::Case { operand, branches, otherwise } => {
            let branches =
                branches.iter_mut().flat_map(|CaseBranch { when, then }| when.iter_mut().chain(std::iter::once(then)));
            let ends = operand.iter_mut().chain(otherwise).map(|child| &mut **child);
            ends.chain(branches).collect()
        }
        ExprKind::ListComprehension { list, filter, map, .. } => {
            std::iter::once(list).chain(filter).chain(map).map(|child| &mut **child).collect()
        }
        ExprKind::Quantifier { list, predicate, .. } => vec![list, predicate],
        ExprKind::Reduce { initial, list, step, .. } => vec![initial, list, step],
    }
}

impl Planner<'_> {
    /// Reads the properties of an entity that was found.
    pub(super) fn read_properties(&mut self, work: &mut Work<'_>, of: Slot) {
        let Some((kind, slots)) = self.properties.slots.get(&of) else { return };
        let (kind, slots) = (*kind, slots.clone());
        let names: Vec<&str> = slots.iter().map(|(key, _)| key.as_str()).collect();
        let details = format!("{}.{{{}}}", self.shown(of), names.join(", "));
        let keys = slots.iter().map(|(key, slot)| (self.name(NameKind::Key, key), *slot)).collect();
        work.filled.extend(slots.iter().map(|(_, slot)| *slot));
        let step = self.step(Operator::Properties { of, kind, keys }, work.rows, details);
        work.steps.push(step);
    }
}
