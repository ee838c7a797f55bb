//! WITH and RETURN, and the grouping that aggregates imply.

use sledstore_engine::sort_sometimes;
use std::collections::HashSet;
use std::ops::Range;

use open_cypher::ast::{self, ExprKind as Ast, ProjectionItemKind};

use super::scope::Layer;
use super::sorting::{SortKey, Sorting};
use super::{Aggregates, Binder, Result, expression};
use crate::error::Detail;
use crate::ir::{Aggregation, Expr, ExprKind, Grouping, Item, Literal, Projection, Slot, SortItem, Type};

/// What a projection with aggregates allows to be read outside of them: what it groups by.
pub(super) struct Restriction {
    /// Slots below it are imported into the subquery that the projection stands in: they are the same for all rows.
    first: Slot,
    /// Slots from here on are variables of comprehensions and subqueries inside of the items.
    end: Slot,
    keys: Vec<Key>,
    pub aggregates: Vec<Aggregation>,
    /// Where each of the aggregates was written.
    pub places: Vec<Range<usize>>,
}

struct Key {
    place: Range<usize>,
    slot: Slot,
    /// The slot of the variable that the key is, when it is no more than one.
    variable: Option<Slot>,
    /// Whether it is a variable or a property of one: others cannot be used in expressions with aggregates.
    simple: bool,
}

impl Restriction {
    /// The slot that a slot is read from behind the grouping.
    pub fn admit(&self, slot: Slot) -> Option<Slot> {
        if slot < self.first || slot >= self.end {
            return Some(slot);
        }
        self.keys.iter().find(|key| key.variable == Some(slot)).map(|key| key.slot)
    }

    fn key(&self, binder: &Binder<'_>, place: &Range<usize>) -> Option<Slot> {
        self.keys.iter().find(|key| key.simple && binder.source.same(&key.place, place)).map(|key| key.slot)
    }
}

/// An item before it is bound.
struct Written<'a> {
    name: String,
    /// None for a variable that `*` stands for.
    expression: Option<&'a ast::Expr>,
    variable: Option<Slot>,
    aggregates: bool,
    span: open_cypher::Span,
    aliased: bool,
}

impl<'a> Binder<'a> {
    pub(super) fn project(
        &mut self,
        clause: &'a ast::ProjectionClause,
        filter: Option<&'a ast::Expr>,
        is_with: bool,
    ) -> Result<Projection> {
        let written = self.written_items(clause, is_with)?;
        let distinct =
            clause.quantifier.as_ref().is_some_and(|quantifier| quantifier.kind == ast::SetQuantifier::Distinct);
        let aggregating = written.iter().any(|item| item.aggregates);
        let mut items = Vec::with_capacity(written.len());
        for item in &written {
            items.push(if item.aggregates { None } else { Some(self.plain_item(item, &items)?) });
        }
        let (grouping, places) = if aggregating {
            let (grouping, places) = self.group(&written, &mut items)?;
            (Some(grouping), places)
        } else {
            (None, Vec::new())
        };
        let items: Vec<Item> = items.into_iter().flatten().collect();

        let mut layer = Layer::default();
        items.iter().for_each(|item| layer.insert(&item.name, item.slot));
        let sees_items_alone = distinct || aggregating;
        let replaced = if sees_items_alone { self.layers.pop() } else { None };
        self.layers.push(layer);
        if sees_items_alone {
            let keys =
                written.iter().zip(&items).filter_map(|(written, item)| self.sort_key(written, item.slot)).collect();
            let aggregates =
                places.into_iter().zip(grouping.iter().flat_map(|g: &Grouping| g.aggregates.iter().map(|a| a.slot)));
            self.sorting = Some(Sorting::new(keys, aggregates.collect(), replaced));
        }
        let rest = self.rest(clause, filter);
        self.sorting = None;
        let (order, skip, limit, filter) = rest?;
        if !sees_items_alone && let Some(layer) = self.layers.pop() {
            self.layers.pop();
            self.layers.push(layer);
        }
        if let Some(item) = written.iter().find(|item| is_with && !item.aliased) {
            let message = "WITH gives an expression a name: write `AS name` behind it";
            return Err(self.error(Detail::NoExpressionAlias, message, item.span));
        }
        Ok(Projection { items, grouping, distinct, order, skip, limit, filter })
    }

    fn written_items(&mut self, clause: &'a ast::ProjectionClause, is_with: bool) -> Result<Vec<Written<'a>>> {
        let mut written = Vec::with_capacity(clause.items.len());
        let mut names = HashSet::new();
        for item in &clause.items {
            match &item.kind {
                ProjectionItemKind::Wildcard => {
                    // The columns of `*` are ordered by name: the kit has them so.
                    let mut visible = self.layers.last().map(|layer| layer.order().to_vec()).unwrap_or_default();
                    sort_sometimes(&mut visible, Ord::cmp);
                    if visible.is_empty() && !is_with {
                        let message = "there is no variable that `*` could stand for";
                        return Err(self.error(Detail::NoVariablesInScope, message, item.span));
                    }
                    written.extend(visible.into_iter().map(|(name, slot)| Written {
                        name,
                        expression: None,
                        variable: Some(slot),
                        aggregates: false,
                        span: item.span,
                        aliased: true,
                    }));
                }
                ProjectionItemKind::Expression { expression, alias } => written.push(Written {
                    name: match (alias, &expression.kind) {
                        (Some(name), _) | (None, Ast::Variable(name)) => name.kind.text.clone(),
                        (None, _) => self.written(expression.span).to_owned(),
                    },
                    expression: Some(expression),
                    variable: None,
                    aggregates: expression::has_aggregate(expression),
                    span: item.span,
                    aliased: alias.is_some() || matches!(expression.kind, Ast::Variable(_)),
                }),
                _ => return Err(self.unexpected("this is no item of a projection", item.span)),
            }
        }
        match written.iter().find(|item| !names.insert(item.name.clone())) {
            None => Ok(written),
            Some(double) => Err(self.error(
                Detail::ColumnNameConflict,
                format!("two items are named `{}`; give one of them another name by AS", double.name),
                double.span,
            )),
        }
    }

    /// An item without aggregates. A variable that keeps its name keeps its slot.
    fn plain_item(&mut self, item: &Written<'a>, before: &[Option<Item>]) -> Result<Item> {
        let value = match (item.expression, item.variable) {
            (Some(expression), _) => self.expr(expression)?,
            (None, Some(slot)) => {
                self.capture(slot);
                self.slot_expr(slot, self.span(item.span))
            }
            (None, None) => return Err(self.unexpected("this is no item of a projection", item.span)),
        };
        let passed = value.as_slot().filter(|&slot| {
            let same_name = self.slots.get(slot.index()).is_some_and(|info| info.name.as_deref() == Some(&item.name));
            same_name && !before.iter().flatten().any(|other| other.slot == slot)
        });
        let slot = passed.unwrap_or_else(|| self.new_slot(Some(&item.name), value.ty.clone()));
        self.note_same(slot, &value);
        Ok(Item { slot, value, name: item.name.clone() })
    }

    /// Binds the items with aggregates, and turns the others into keys.
    fn group(&mut self, written: &[Written<'a>], items: &mut [Option<Item>]) -> Result<(Grouping, Vec<Range<usize>>)> {
        let mut keys = Vec::new();
        let mut computed = Vec::new();
        for (written, item) in written.iter().zip(items.iter_mut()) {
            let Some(item) = item else { continue };
            let expression = written.expression.map(expression::without_parentheses);
            keys.push(Key {
                place: expression.map_or(0..0, |expression| self.place(expression.span)),
                slot: item.slot,
                variable: item.value.as_slot(),
                simple: expression.is_some_and(expression::is_simple),
            });
            let read = Expr { kind: ExprKind::Slot(item.slot), ty: item.value.ty.clone(), span: item.value.span };
            computed.push((item.slot, std::mem::replace(&mut item.value, read)));
        }
        let first = self.captures.last().map_or(Slot(0), |(first, _)| *first);
        self.restrictions.push(Restriction {
            first,
            end: self.next_slot(),
            keys,
            aggregates: Vec::new(),
            places: Vec::new(),
        });
        let outer = std::mem::replace(&mut self.aggregates, Aggregates::Collected);
        let result = self.aggregate_items(written, items);
        self.aggregates = outer;
        let restriction = self.restrictions.pop();
        result?;
        let (aggregates, places) = restriction.map(|r| (r.aggregates, r.places)).unwrap_or_default();
        Ok((Grouping { keys: computed, aggregates }, places))
    }

    fn aggregate_items(&mut self, written: &[Written<'a>], items: &mut [Option<Item>]) -> Result<()> {
        for (written, item) in written.iter().zip(items) {
            if let (None, Some(expression)) = (&item, written.expression) {
                let value = self.expr(expression)?;
                let slot = self.new_slot(Some(&written.name), value.ty.clone());
                *item = Some(Item { slot, value, name: written.name.clone() });
            }
        }
        Ok(())
    }

    /// The slot of the key that a variable or property is, inside of an item with aggregates.
    pub(super) fn key_of(&self, expression: &ast::Expr) -> Option<Slot> {
        if self.aggregates != Aggregates::Collected {
            return None;
        }
        self.restrictions.last()?.key(self, &self.place(expression.span))
    }

    fn sort_key(&self, written: &Written<'_>, slot: Slot) -> Option<SortKey> {
        let expression = expression::without_parentheses(written.expression?);
        Some(SortKey {
            place: self.place(expression.span),
            slot,
            simple: expression::is_simple(expression),
            aggregates: written.aggregates,
        })
    }

    #[allow(clippy::type_complexity)] // the four subclauses, in the order of execution
    fn rest(
        &mut self,
        clause: &'a ast::ProjectionClause,
        filter: Option<&'a ast::Expr>,
    ) -> Result<(Vec<SortItem>, Option<Expr>, Option<Expr>, Option<Expr>)> {
        let order = self.order(clause.order_by.as_ref())?;
        let sorting = self.sorting.take();
        let skip = clause.skip.as_ref().or(clause.offset.as_ref());
        let skip = skip.map(|skip| self.count(skip, "SKIP")).transpose()?;
        let limit = clause.limit.as_ref().map(|limit| self.count(limit, "LIMIT")).transpose()?;
        // A filter may write items again as well, but no aggregates.
        self.sorting = sorting.filter(|_| filter.is_some_and(|filter| !expression::has_aggregate(filter)));
        if let Some(sorting) = &mut self.sorting {
            sorting.mixed = false;
        }
        let filter = filter.map(|filter| self.predicate(filter)).transpose()?;
        Ok((order, skip, limit, filter))
    }

    /// The number of a SKIP or LIMIT.
    fn count(&mut self, expression: &'a ast::Expr, clause: &str) -> Result<Expr> {
        self.constant = Some(self.next_slot());
        let count = self.expr(expression);
        self.constant = None;
        let count = count?;
        if let ExprKind::Literal(Literal::Integer(..0)) = count.kind {
            let message = format!("{clause} takes a number of rows, which is not negative");
            return Err(self.error(Detail::NegativeIntegerArgument, message, expression.span));
        }
        if !count.ty.may_be(&Type::Integer) {
            let message = format!("{clause} takes an integer, and this is of type {}", count.ty);
            return Err(self.error(Detail::InvalidArgumentType, message, expression.span));
        }
        Ok(count)
    }
}
