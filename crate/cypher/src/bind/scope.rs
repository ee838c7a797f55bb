//! Which names are visible where.

use std::collections::{HashMap, HashSet};

use open_cypher::ast::Name;

use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{Slot, Type};

/// Names that came into scope together: those of the clauses of one part, or the variables of one comprehension. A name
/// that is not in the layer is looked for in the one below.
#[derive(Default)]
pub(super) struct Layer {
    names: HashMap<String, Slot>,
    /// In the order of their declaration.
    order: Vec<(String, Slot)>,
    /// Whether nothing below is visible.
    opaque: bool,
}

impl Layer {
    /// One that hides everything below.
    pub fn opaque() -> Self {
        Self { opaque: true, ..Self::default() }
    }

    pub fn insert(&mut self, name: &str, slot: Slot) {
        self.names.insert(name.to_owned(), slot);
        self.order.push((name.to_owned(), slot));
    }

    pub fn get(&self, name: &str) -> Option<Slot> {
        self.names.get(name).copied()
    }

    pub fn order(&self) -> &[(String, Slot)] {
        &self.order
    }
}

impl Binder<'_> {
    /// Every visible name; of those that hide each other the innermost.
    pub(super) fn visible(&self) -> Vec<(String, Slot)> {
        let mut names = HashSet::new();
        let mut visible = Vec::new();
        for layer in self.layers.iter().rev() {
            visible.extend(layer.order.iter().filter(|(name, _)| names.insert(name.clone())).cloned());
            if layer.opaque {
                break;
            }
        }
        visible
    }

    /// The slot of a visible name, without regard to what may be read here.
    pub(super) fn lookup(&self, name: &str) -> Option<Slot> {
        for layer in self.layers.iter().rev() {
            if let Some(slot) = layer.get(name) {
                return Some(slot);
            }
            if layer.opaque {
                return None;
            }
        }
        None
    }

    /// A new slot under a name, visible from here on.
    pub(super) fn declare(&mut self, name: &str, ty: Type) -> Slot {
        let slot = self.new_slot(Some(name), ty);
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(name, slot);
        }
        slot
    }

    /// As [`Self::declare`], for a name that must not be visible yet.
    pub(super) fn declare_new(&mut self, name: &Name, ty: Type) -> Result<Slot> {
        match self.lookup(&name.kind.text) {
            None => Ok(self.declare(&name.kind.text, ty)),
            Some(_) => Err(self.already_bound(name)),
        }
    }

    pub(super) fn already_bound(&self, name: &Name) -> crate::error::CypherError {
        let message = format!("`{}` is bound already; choose another name", name.kind.text);
        self.error(Detail::VariableAlreadyBound, message, name.span)
    }

    /// The slot of a variable that is read.
    pub(super) fn resolve(&mut self, name: &Name) -> Result<Slot> {
        let Some(slot) = self.lookup(&name.kind.text) else { return Err(self.unresolved(name)) };
        if self.constant.is_some_and(|first_local| slot < first_local) {
            let message = format!("`{}` cannot be read here: the same number must hold for all rows", name.kind.text);
            return Err(self.error(Detail::NonConstantExpression, message, name.span));
        }
        let mut slot = slot;
        for restriction in self.restrictions.iter().rev() {
            slot = match restriction.admit(slot) {
                Some(slot) => slot,
                None => return Err(self.ambiguous(&name.kind.text, name.span)),
            };
        }
        self.capture(slot);
        Ok(slot)
    }

    pub(super) fn ambiguous(&self, written: &str, span: open_cypher::Span) -> crate::error::CypherError {
        let message = format!(
            "`{written}` stands beside an aggregate, but rows are not grouped by it; project it by itself in a WITH before"
        );
        self.error(Detail::AmbiguousAggregationExpression, message, span)
    }

    /// Notes that the subqueries being bound read an outer slot.
    pub(super) fn capture(&mut self, slot: Slot) {
        for (first, found) in &mut self.captures {
            if slot < *first {
                found.insert(slot);
            }
        }
    }

    fn unresolved(&self, name: &Name) -> crate::error::CypherError {
        let written = &name.kind.text;
        if let Some(sorting) = &self.sorting
            && sorting.mixes(self.aggregates)
            && sorting.groups_by_more_than(self.source, written)
        {
            return self.ambiguous(written, name.span);
        }
        let message = match &self.sorting {
            Some(_) => format!(
                "`{written}` is not defined here: behind DISTINCT or aggregates only what is projected can be read"
            ),
            None => format!("`{written}` is not defined"),
        };
        self.error(Detail::UndefinedVariable, message, name.span)
    }

    /// Runs with a layer of its own on top.
    pub(super) fn with_layer<T>(&mut self, layer: Layer, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.layers.push(layer);
        let result = run(self);
        self.layers.pop();
        result
    }
}
