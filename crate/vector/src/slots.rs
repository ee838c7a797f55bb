//! What the slots of the graph stand for, in memory.

use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sledstore_engine::{Loan, Seq};

use crate::attribute_order::Orders;

/// No slot.
const NONE: u32 = u32::MAX;
/// A fold that never comes.
pub(crate) const NEVER: Seq = Seq::MAX;

/// Keys up to this length stand in their slots.
const SHORT_KEY_BYTES: usize = 22;

/// The key of a slot's vector. Most are short, and would take as much again if each were allocated.
#[derive(Debug)]
pub(crate) enum SlotKey {
    Short(u8, [u8; SHORT_KEY_BYTES]),
    Long(Box<[u8]>),
}

impl SlotKey {
    const EMPTY: Self = Self::Short(0, [0; SHORT_KEY_BYTES]);

    fn new(key: &[u8]) -> Self {
        let mut short = [0; SHORT_KEY_BYTES];
        match short.get_mut(..key.len()) {
            Some(place) => {
                place.copy_from_slice(key);
                Self::Short(key.len() as u8, short)
            }
            None => Self::Long(key.into()),
        }
    }

    /// Bytes beside the slot, with what an allocator adds.
    fn memory_bytes(&self) -> usize {
        if let Self::Long(key) = self { key.len() + 16 } else { 0 }
    }
}

impl Deref for SlotKey {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(len, key) => &key[..usize::from(*len)],
            Self::Long(key) => key,
        }
    }
}

/// What is known of a version of a vector beside its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    pub has_attributes: bool,
    /// Whether its code has lost nothing of it, so that its row need not be read.
    pub is_exact: bool,
}

/// A version of a vector: what was stored under a key from one fold to another.
pub(crate) struct Slot {
    pub key: SlotKey,
    pub traits: Traits,
    /// The fold that took it in; [`NEVER`] for a slot that stands for nothing.
    pub born: Seq,
    /// The fold that removed it.
    pub died: Seq,
    /// The next one whose key has the same place in the table.
    next: u32,
}

impl Slot {
    const FREE: Self = Self {
        key: SlotKey::EMPTY,
        traits: Traits { has_attributes: false, is_exact: false },
        born: NEVER,
        died: NEVER,
        next: NONE,
    };

    /// Whether no fold has removed what it stands for.
    pub fn is_live(&self) -> bool {
        self.born != NEVER && self.died == NEVER
    }
}

/// The slots, and which is the newest of a key.
pub(crate) struct SlotTable {
    slots: Vec<Slot>,
    /// First slots of chains of live slots, by a hash of their keys.
    heads: Vec<u32>,
    hasher: RandomState,
    live: usize,
    inexact: usize,
    long_key_bytes: usize,
    /// Rows of vectors that were read, by slot, where there is room for any. A version never changes, so neither do they.
    rows: Vec<OnceLock<Box<[u8]>>>,
    row_bytes: AtomicUsize,
    row_bytes_max: usize,
    /// By slot, once a search had a filter.
    attributes: Option<Attributes>,
}

/// Attributes of the slots' versions, which never change either.
struct Attributes {
    /// Readers of earlier moments are not served: what was loaded may be of a later version of some vector.
    from: Seq,
    of_slot: Vec<Box<[u8]>>,
    bytes: usize,
    loan: Loan,
    orders: Orders,
}

impl SlotTable {
    /// An empty one, with room for so many slots.
    pub fn with_capacity(slots: usize) -> Self {
        Self {
            slots: Vec::with_capacity(slots),
            heads: vec![NONE; 64],
            hasher: RandomState::new(),
            live: 0,
            inexact: 0,
            long_key_bytes: 0,
            rows: Vec::new(),
            row_bytes: AtomicUsize::new(0),
            row_bytes_max: 0,
            attributes: None,
        }
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Slots that no fold has removed.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Live slots whose vectors are not all in their codes.
    pub fn inexact(&self) -> usize {
        self.inexact
    }

    #[inline]
    pub fn get(&self, slot: u32) -> Option<&Slot> {
        self.slots.get(slot as usize)
    }

    /// The slot, if a reader behind a fold has its vector.
    #[inline]
    pub fn visible(&self, slot: u32, fold: Seq) -> Option<&Slot> {
        self.get(slot).filter(|slot| slot.born <= fold && fold < slot.died)
    }

    /// Whether a reader behind a fold has the slot's vector.
    #[inline]
    pub fn is_visible(&self, slot: u32, fold: Seq) -> bool {
        self.visible(slot, fold).is_some()
    }

    /// The newest slot of a key that no fold has removed.
    pub fn of_key(&self, key: &[u8]) -> Option<u32> {
        let mut at = self.heads[self.place(key)];
        while let Some(slot) = self.get(at) {
            if *slot.key == *key {
                return Some(at);
            }
            at = slot.next;
        }
        None
    }

    /// Whether a reader behind the newest fold has a vector under a key.
    pub fn has_at(&self, key: &[u8], fold: Seq) -> bool {
        let mut at = self.heads[self.place(key)];
        while let Some(slot) = self.get(at) {
            if *slot.key == *key && self.is_visible(at, fold) {
                return true;
            }
            at = slot.next;
        }
        false
    }

    /// Gives a slot to a version of a key's vector.
    pub fn set(&mut self, slot: u32, key: &[u8], traits: Traits, born: Seq) {
        self.free(slot);
        self.reserve(slot);
        if self.slots.len() > self.heads.len() {
            self.grow();
        }
        let place = self.place(key);
        let (key, next) = (SlotKey::new(key), self.heads[place]);
        self.long_key_bytes += key.memory_bytes();
        self.live += 1;
        self.inexact += usize::from(!traits.is_exact);
        self.slots[slot as usize] = Slot { key, traits, born, died: NEVER, next };
        self.heads[place] = slot;
    }

    /// The slot stands for a version that ended before every reader.
    pub fn set_ended(&mut self, slot: u32) {
        self.free(slot);
        self.reserve(slot);
        (self.slots[slot as usize].born, self.slots[slot as usize].died) = (0, 0);
    }

    /// The version ends with a fold.
    pub fn end(&mut self, slot: u32, died: Seq) {
        if self.get(slot).is_some_and(Slot::is_live) {
            self.leave(slot);
            self.slots[slot as usize].died = died;
        }
    }

    /// The slot stands for nothing any more.
    pub fn free(&mut self, slot: u32) {
        let Some(freed) = self.get(slot).filter(|slot| slot.born != NEVER) else { return };
        if freed.is_live() {
            self.leave(slot);
        }
        let freed = &mut self.slots[slot as usize];
        self.long_key_bytes -= freed.key.memory_bytes();
        (freed.key, freed.born) = (SlotKey::EMPTY, NEVER);
        if let Some(row) = self.rows.get_mut(slot as usize).and_then(OnceLock::take) {
            self.row_bytes.fetch_sub(row.len(), Ordering::Relaxed);
        }
        self.set_attributes(slot, &[]);
    }

    fn reserve(&mut self, slot: u32) {
        while self.slots.len() <= slot as usize {
            self.slots.push(Slot::FREE);
        }
        if self.row_bytes_max > 0 {
            self.rows.resize_with(self.slots.len(), OnceLock::new);
        }
    }

    /// Takes a live slot from those that are counted and found.
    fn leave(&mut self, slot: u32) {
        self.unlink(slot);
        self.live -= 1;
        self.inexact -= usize::from(!self.slots[slot as usize].traits.is_exact);
    }

    /// Takes a live slot out of its chain.
    fn unlink(&mut self, slot: u32) {
        let Some(version) = self.get(slot) else { return };
        let (place, next) = (self.place(&version.key), version.next);
        if self.heads[place] == slot {
            self.heads[place] = next;
            return;
        }
        let mut at = self.heads[place];
        while let Some(before) = self.slots.get_mut(at as usize) {
            if before.next == slot {
                before.next = next;
                return;
            }
            at = before.next;
        }
    }

    /// The row of a slot's vector, if it is kept.
    #[inline]
    pub fn row(&self, slot: u32) -> Option<&[u8]> {
        self.rows.get(slot as usize)?.get().map(|row| &**row)
    }

    /// Keeps a row that was read for a slot, where there is room.
    pub fn keep_row(&self, slot: u32, row: &[u8]) {
        let Some(place) = self.rows.get(slot as usize) else { return };
        if self.row_bytes.fetch_add(row.len(), Ordering::Relaxed) + row.len() > self.row_bytes_max
            || place.set(row.into()).is_err()
        {
            self.row_bytes.fetch_sub(row.len(), Ordering::Relaxed);
        }
    }

    /// From which moment on attributes are here.
    pub fn attributes_from(&self) -> Option<Seq> {
        self.attributes.as_ref().map(|attributes| attributes.from)
    }

    /// Takes in attributes that were read at a moment, by slot.
    pub fn load_attributes(&mut self, from: Seq, of_slot: Vec<Box<[u8]>>, loan: Loan) {
        let bytes = loan.bytes();
        self.attributes = Some(Attributes { from, of_slot, bytes, loan, orders: Orders::default() });
    }

    /// Attributes of a version that was just given a slot, or none of one that has left it.
    pub fn set_attributes(&mut self, slot: u32, value: &[u8]) {
        let Some(attributes) = &mut self.attributes else { return };
        let known = attributes.of_slot.len();
        if known <= slot as usize {
            attributes.of_slot.resize(slot as usize + 1, Box::default());
            attributes.bytes += (attributes.of_slot.len() - known) * size_of::<Box<[u8]>>();
        }
        let place = &mut attributes.of_slot[slot as usize];
        attributes.bytes = attributes.bytes + value.len() - place.len();
        *place = value.into();
        attributes.orders.note(slot);
        if !attributes.loan.resize(attributes.bytes) {
            self.attributes = None;
        }
    }

    /// Attributes by slot and the orders of them, once they are in memory.
    pub fn ordered_attributes(&self) -> Option<(&[Box<[u8]>], &Orders)> {
        self.attributes.as_ref().map(|attributes| (&attributes.of_slot[..], &attributes.orders))
    }

    /// The attributes of a slot's version; empty when it has none.
    #[inline]
    pub fn attributes(&self, slot: u32) -> &[u8] {
        self.attributes.as_ref().and_then(|attributes| attributes.of_slot.get(slot as usize)).map_or(&[], |value| value)
    }

    /// How much room rows have.
    pub fn set_row_bytes_max(&mut self, bytes: usize) {
        self.row_bytes_max = bytes;
        if bytes > 0 {
            self.rows.resize_with(self.slots.len(), OnceLock::new);
        } else {
            (self.rows, self.row_bytes) = (Vec::new(), AtomicUsize::new(0));
        }
    }

    /// Bytes of keys that do not stand in their slots.
    pub fn long_key_bytes(&self) -> usize {
        self.long_key_bytes
    }

    /// Bytes, those of rows aside.
    pub fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>() + self.heads.capacity() * 4 + self.long_key_bytes
    }

    fn place(&self, key: &[u8]) -> usize {
        self.hasher.hash_one(key) as usize & (self.heads.len() - 1)
    }

    fn grow(&mut self) {
        self.heads = vec![NONE; (self.slots.len() * 2).next_power_of_two()];
        for slot in 0..self.slots.len() {
            if self.slots[slot].is_live() {
                let place = self.place(&self.slots[slot].key);
                self.slots[slot].next = self.heads[place];
                self.heads[place] = slot as u32;
            }
        }
    }
}
