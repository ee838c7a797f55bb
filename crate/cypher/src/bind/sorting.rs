//! ORDER BY. Behind DISTINCT or aggregates it sees the items of its projection alone, by name or as they were written.

use std::ops::Range;

use open_cypher::TokenKind;
use open_cypher::ast::{self, SortDirection};

use super::scope::Layer;
use super::{Aggregates, Binder, Result, expression};
use crate::ir::{Slot, SortItem};
use crate::syntax::Source;

/// What an ORDER BY may refer to by writing it again.
pub(super) struct Sorting {
    keys: Vec<SortKey>,
    aggregates: Vec<(Range<usize>, Slot)>,
    /// The names from before the projection.
    hidden: Option<Layer>,
    /// Whether the item that is being bound has an aggregate.
    pub mixed: bool,
}

/// An item of the projection.
pub(super) struct SortKey {
    pub place: Range<usize>,
    pub slot: Slot,
    /// Whether it is a variable or a property of one.
    pub simple: bool,
    pub aggregates: bool,
}

impl Sorting {
    pub fn new(keys: Vec<SortKey>, aggregates: Vec<(Range<usize>, Slot)>, hidden: Option<Layer>) -> Self {
        Self { keys, aggregates, hidden, mixed: false }
    }

    /// Whether an item with an aggregate is being bound, outside of the aggregate.
    pub fn mixes(&self, aggregates: Aggregates) -> bool {
        self.mixed && aggregates != Aggregates::Nested
    }

    /// Whether a name from before the projection is part of a key that is more than a variable or its property.
    pub fn groups_by_more_than(&self, source: &Source<'_>, name: &str) -> bool {
        let hidden = self.hidden.as_ref().is_some_and(|layer| layer.get(name).is_some());
        hidden
            && self.keys.iter().filter(|key| !key.simple && !key.aggregates).any(|key| {
                let tokens = source.token_at(key.place.start)..source.token_at(key.place.end);
                tokens.into_iter().any(|at| {
                    source.text_of(at) == name
                        && at.checked_sub(1).and_then(|at| source.kind(at)) != Some(TokenKind::Dot)
                })
            })
    }

    /// The slot of the item or aggregate that was written like this. Beside an aggregate a key is only taken when it is
    /// a variable or a property of one.
    fn find(&self, source: &Source<'_>, place: &Range<usize>) -> Option<Slot> {
        let key = self
            .keys
            .iter()
            .find(|key| (!self.mixed || key.simple || key.aggregates) && source.same(&key.place, place));
        let aggregate =
            || self.aggregates.iter().find(|(written, _)| source.same(written, place)).map(|(_, slot)| *slot);
        key.map(|key| key.slot).or_else(aggregate)
    }
}

impl<'a> Binder<'a> {
    pub(super) fn order(&mut self, order: Option<&'a ast::OrderBy>) -> Result<Vec<SortItem>> {
        let mut items = Vec::new();
        for item in order.map(|order| order.items.as_slice()).unwrap_or_default() {
            let mixed = expression::has_aggregate(&item.expression);
            if let Some(sorting) = &mut self.sorting {
                sorting.mixed = mixed;
            }
            let value = self.expr(&item.expression)?;
            let descending =
                item.direction.as_ref().is_some_and(|direction| direction.kind == SortDirection::Descending);
            items.push(SortItem { value, descending });
        }
        Ok(items)
    }

    /// The slot of a projected item that is written again in ORDER BY.
    pub(super) fn sorted_item(&self, expression: &ast::Expr) -> Option<Slot> {
        let sorting = self.sorting.as_ref()?;
        sorting.find(self.source, &self.place(expression::without_parentheses(expression).span))
    }
}
