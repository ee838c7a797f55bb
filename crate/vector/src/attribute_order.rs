//! Slots in the order of what an attribute is, so that those of a value, of a range or with a prefix lie beside each other.
//!
//! An order is made of the attributes in memory when a filter first asks for it, and keeps no values: whoever looks for a
//! place reads those of the slots on the way, some twenty of a million. Slots that were given other attributes are noted, and
//! get their new places when a filter asks next. Versions that have ended stay until their slot is freed: whoever reads an
//! order asks which are visible.

use std::ops::Range;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use sledstore_engine::{Loan, Result, Store};

use crate::attribute_rank::Rank;
use crate::attributes;
use crate::filter::Test;

/// Attributes that have an order, at most.
const ORDERS_MAX: usize = 64;
/// Orders go when more slots than this, and than this part of all, have got other attributes and nobody has asked.
const CHANGED_MIN: usize = 1_024;
const CHANGED_PART: usize = 2;
/// Slots that are read between two questions whether to go on.
const PROCEED_EVERY: usize = 4_096;

/// Attributes by slot; empty where there are none.
pub(crate) type OfSlot = [Box<[u8]>];

/// The orders that filters have asked for.
#[derive(Default)]
pub(crate) struct Orders(RwLock<Kept>);

#[derive(Default)]
pub(crate) struct Kept {
    orders: Vec<Order>,
    /// Slots with other attributes than the orders know.
    changed: Vec<u32>,
    /// How many slots there were when orders were last made or changed.
    known: usize,
    loan: Option<Loan>,
}

struct Order {
    name: Box<[u8]>,
    /// By rank, then by number; `None` where attributes are damaged.
    slots: Option<Vec<u32>>,
}

impl Orders {
    /// A slot has other attributes than before.
    pub fn note(&mut self, slot: u32) {
        let kept = self.0.get_mut();
        if kept.orders.is_empty() {
            return;
        }
        if kept.changed.len() >= CHANGED_MIN.max(kept.known / CHANGED_PART) {
            *kept = Kept::default();
            return;
        }
        kept.changed.push(slot);
    }

    /// The orders of all these attributes as they are now; `None` when there is no room for them, or some are damaged.
    ///
    /// # Errors
    /// `ABORTED`.
    pub fn current(
        &self,
        of_slot: &OfSlot,
        names: &[&[u8]],
        store: &Store,
        proceed: &dyn Fn() -> Result<()>,
    ) -> Result<Option<RwLockReadGuard<'_, Kept>>> {
        let mut kept = self.0.read();
        if !kept.has(names) {
            drop(kept);
            let mut changing = self.0.write();
            changing.update(of_slot, names, store, proceed)?;
            kept = RwLockWriteGuard::downgrade(changing);
        }
        Ok(kept.has(names).then_some(kept))
    }
}

impl Kept {
    fn of_name(&self, name: &[u8]) -> Option<&Order> {
        self.orders.iter().find(|order| *order.name == *name)
    }

    fn has(&self, names: &[&[u8]]) -> bool {
        self.changed.is_empty()
            && names.iter().all(|name| self.of_name(name).is_some_and(|order| order.slots.is_some()))
    }

    /// Brings orders up to date, and makes those that are missing.
    fn update(
        &mut self,
        of_slot: &OfSlot,
        names: &[&[u8]],
        store: &Store,
        proceed: &dyn Fn() -> Result<()>,
    ) -> Result<()> {
        if !self.changed.is_empty() {
            let mut changed = std::mem::take(&mut self.changed);
            changed.sort_unstable();
            changed.dedup();
            let has_known = changed.first().is_some_and(|&slot| (slot as usize) < self.known);
            for order in &mut self.orders {
                order.change(of_slot, &changed, has_known);
            }
            self.known = of_slot.len();
            if !self.settle(store, 0) {
                *self = Self::default();
            }
        }
        if names.len() > ORDERS_MAX {
            return Ok(());
        }
        if self.orders.len() + names.len() > ORDERS_MAX {
            self.orders.retain(|order| names.contains(&&*order.name));
        }
        for &name in names {
            if self.of_name(name).is_none() {
                if !self.settle(store, of_slot.len() * size_of::<u32>() + name.len()) {
                    return Ok(());
                }
                self.orders.push(Order::make(of_slot, name, proceed)?);
                self.known = of_slot.len();
                self.settle(store, 0);
            }
        }
        Ok(())
    }

    /// Has as much lent as there is and `more`; false when there is no room.
    fn settle(&mut self, store: &Store, more: usize) -> bool {
        let of_order = |order: &Order| {
            let slots = order.slots.as_ref().map_or(0, Vec::capacity);
            size_of::<Order>() + order.name.len() + slots * size_of::<u32>()
        };
        let bytes = more + self.orders.iter().map(of_order).sum::<usize>();
        match &mut self.loan {
            Some(loan) => loan.resize(bytes),
            None => {
                self.loan = store.lend_needed(bytes, store.needed_bytes_max());
                self.loan.is_some()
            }
        }
    }

    /// An order, and where in it those lie whose attribute passes a test: in one run, or one for each value of a set.
    pub fn runs(&self, of_slot: &OfSlot, name: &[u8], test: &Test) -> (&[u32], Vec<Range<usize>>) {
        let slots = self.of_name(name).and_then(|order| order.slots.as_deref()).unwrap_or_default();
        let place = |is_before: &dyn Fn(Rank<'_>) -> bool, from: usize| {
            from + slots[from..].partition_point(|&slot| rank(of_slot, slot, name).is_none_or(is_before))
        };
        let run = |is_before: &dyn Fn(Rank<'_>) -> bool, is_in: &dyn Fn(Rank<'_>) -> bool| {
            let start = place(is_before, 0);
            start..place(is_in, start)
        };
        let runs = match test {
            Test::In(values) => {
                let of_value = |value: Rank<'_>| run(&|rank| rank < value, &|rank| rank == value);
                values.iter().map(|value| of_value(value.rank())).collect()
            }
            Test::Below { than, or_equal } => {
                let than = than.rank();
                vec![run(&|rank| rank.kind() < than.kind(), &|rank| rank < than || *or_equal && rank == than)]
            }
            Test::Above { than, or_equal } => {
                let than = than.rank();
                vec![run(&|rank| rank < than || !or_equal && rank == than, &|rank| rank.kind() == than.kind())]
            }
            Test::StartsWith(prefix) => {
                vec![run(&|rank| rank < Rank::Text(prefix), &|rank| rank.starts_with(prefix))]
            }
        };
        (slots, runs)
    }
}

impl Order {
    fn make(of_slot: &OfSlot, name: &[u8], proceed: &dyn Fn() -> Result<()>) -> Result<Self> {
        let mut ranked = Vec::new();
        let mut is_whole = true;
        for (slot, attributes) in of_slot.iter().enumerate() {
            if slot % PROCEED_EVERY == 0 {
                proceed()?;
            }
            is_whole &= gather(attributes, slot as u32, name, &mut ranked);
        }
        ranked.sort_unstable();
        let slots = is_whole.then(|| ranked.into_iter().map(|(_, slot)| slot).collect());
        Ok(Self { name: name.into(), slots })
    }

    /// Takes slots out of their old places, if they have some, and puts them into their new ones.
    fn change(&mut self, of_slot: &OfSlot, changed: &[u32], has_known: bool) {
        let Some(slots) = &mut self.slots else { return };
        if has_known {
            slots.retain(|slot| changed.binary_search(slot).is_err());
        }
        let mut ranked = Vec::new();
        let is_whole = changed.iter().all(|&slot| {
            let attributes = of_slot.get(slot as usize).map_or(&[][..], |attributes| attributes);
            gather(attributes, slot, &self.name, &mut ranked)
        });
        if !is_whole {
            self.slots = None;
            return;
        }
        ranked.sort_unstable();
        let mut merged = Vec::with_capacity(slots.len() + ranked.len());
        let mut from = 0;
        for (new, slot) in ranked {
            let is_before =
                |&other: &u32| rank(of_slot, other, &self.name).is_none_or(|rank| (rank, other) < (new, slot));
            let at = from + slots[from..].partition_point(is_before);
            merged.extend_from_slice(&slots[from..at]);
            merged.push(slot);
            from = at;
        }
        merged.extend_from_slice(&slots[from..]);
        *slots = merged;
    }
}

/// Adds the rank of a slot, if it has one; false for damage.
fn gather<'a>(attributes: &'a [u8], slot: u32, name: &[u8], ranked: &mut Vec<(Rank<'a>, u32)>) -> bool {
    if attributes.is_empty() {
        return true;
    }
    let Some(found) = attributes::find(attributes, name) else { return false };
    let Some(mut place) = found else { return true };
    let Some(token) = place.next() else { return false };
    ranked.extend(Rank::of(token).map(|rank| (rank, slot)));
    true
}

/// What a slot's attribute is.
fn rank<'a>(of_slot: &'a OfSlot, slot: u32, name: &[u8]) -> Option<Rank<'a>> {
    attributes::find(of_slot.get(slot as usize)?, name)??.next().and_then(Rank::of)
}
