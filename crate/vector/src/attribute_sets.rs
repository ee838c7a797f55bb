//! Which slots a filter lets pass, by the orders of the attributes it asks about.
//!
//! Every condition is a set of slots. Of several that must hold, the smallest set comes first; what is left of it is looked
//! up in the others where these are small, and else tested slot by slot. Sets of few slots are lists, others have a bit for
//! each slot.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use sledstore_engine::Seq;

use crate::attribute_order::{Kept, OfSlot};
use crate::filter::Condition;
use crate::plan::Matches;
use crate::slots::SlotTable;

/// Testing a slot's attributes takes about as long as so many slots of a run.
const RUN_PER_TEST: usize = 32;

/// What a filter is about.
pub(crate) struct Sets<'a> {
    pub slots: &'a SlotTable,
    pub of_slot: &'a OfSlot,
    pub orders: &'a Kept,
    /// The fold that a reader is behind.
    pub fold: Seq,
    /// The slots it has, for sets that are not few.
    pub visible: &'a dyn Fn() -> Arc<Matches>,
    /// How many slots were tested by their attributes.
    pub tested: Cell<u64>,
}

/// A condition, with where the slots lie that it lets pass.
struct Operand<'a> {
    condition: &'a Condition,
    parts: Parts<'a>,
    /// Slots, at most; too many are told where nothing better is known.
    size: usize,
    /// Slots of all runs, about what it takes to gather the set.
    cost: usize,
}

enum Parts<'a> {
    /// Of an order.
    Runs(&'a [u32], Vec<Range<usize>>),
    Of(Vec<Operand<'a>>),
}

impl<'a> Sets<'a> {
    /// The slots that a reader has and a condition lets pass; `None` when some attributes are damaged.
    pub fn matches(&self, condition: &'a Condition) -> Option<Matches> {
        let mut found = self.gather(&self.resolve(condition))?;
        if found.is_listed() {
            found.retain(&mut |slot| self.slots.is_visible(slot, self.fold));
            Some(found)
        } else {
            Some(found.and(&(self.visible)()))
        }
    }

    fn resolve(&self, condition: &'a Condition) -> Operand<'a> {
        let all = self.slots.len();
        let resolved =
            |conditions: &'a [Condition]| conditions.iter().map(|condition| self.resolve(condition)).collect();
        let (parts, size) = match condition {
            Condition::Attribute(name, test) => {
                let (order, runs) = self.orders.runs(self.of_slot, name, test);
                let size = runs.iter().map(Range::len).sum();
                return Operand { condition, parts: Parts::Runs(order, runs), size, cost: size };
            }
            Condition::All(conditions) => {
                let mut parts: Vec<Operand<'a>> = resolved(conditions);
                meet(&mut parts);
                parts.sort_by_key(|part| part.size);
                let size = parts.first().map_or(all, |part| part.size);
                (parts, size)
            }
            Condition::Any(conditions) => {
                let parts: Vec<Operand<'a>> = resolved(conditions);
                let size = parts.iter().map(|part| part.size).sum();
                (parts, size)
            }
            Condition::Not(condition) => (vec![self.resolve(condition)], all),
        };
        let cost = all / 64 + parts.iter().map(|part| part.cost).sum::<usize>();
        Operand { condition, parts: Parts::Of(parts), size: size.min(all), cost }
    }

    /// Those of an operand; what is not visible may be among them.
    fn gather(&self, operand: &Operand<'a>) -> Option<Matches> {
        let all = self.slots.len();
        let parts = match &operand.parts {
            Parts::Runs(order, runs) => return Some(Matches::of_runs(all, order, runs)),
            Parts::Of(parts) => parts,
        };
        match operand.condition {
            Condition::All(_) => {
                let Some((first, rest)) = parts.split_first() else { return Some(self.all()) };
                let mut found = self.gather(first)?;
                for part in rest {
                    if found.count * RUN_PER_TEST >= part.cost {
                        found = found.and(&self.gather(part)?);
                        continue;
                    }
                    let mut is_whole = true;
                    self.tested.set(self.tested.get() + found.count as u64);
                    found.retain(&mut |slot| {
                        let attributes = self.of_slot.get(slot as usize).map_or(&[][..], |attributes| attributes);
                        let holds = part.condition.holds(attributes);
                        is_whole &= holds.is_some();
                        holds == Some(true)
                    });
                    if !is_whole {
                        return None;
                    }
                }
                Some(found)
            }
            Condition::Not(_) => {
                let mut found = self.all();
                for part in parts {
                    found.remove(&self.gather(part)?);
                }
                Some(found)
            }
            _ => {
                let mut found = Matches::of_runs(all, &[], &[]);
                for part in parts {
                    found.add(&self.gather(part)?, all);
                }
                Some(found)
            }
        }
    }

    fn all(&self) -> Matches {
        Matches::clone(&(self.visible)())
    }
}

/// The two ends of a range are tests of one attribute: what both let pass lies together, too.
fn meet(parts: &mut [Operand<'_>]) {
    for at in 1..parts.len() {
        let (before, this) = parts.split_at_mut(at);
        let (Some(this), before) = (this.first_mut(), before.iter_mut()) else { return };
        for other in before {
            let (Parts::Runs(order, runs), Parts::Runs(same, others)) = (&mut this.parts, &mut other.parts) else {
                continue;
            };
            if let ([run], [met], true) = (&mut runs[..], &mut others[..], std::ptr::eq(*order, *same)) {
                *run = run.start.max(met.start)..run.end.min(met.end).max(run.start.max(met.start));
                *met = run.clone();
                (this.size, this.cost) = (run.len(), run.len());
                (other.size, other.cost) = (run.len(), run.len());
            }
        }
    }
}
