//! Handles: small integers that name the native objects of one environment (N5).

use std::collections::VecDeque;

/// Low bits of a handle: the slot. Slot and generation together stay within 30 bits, so that a handle is a small
/// integer in every JavaScript engine, those with compressed pointers included.
const SLOT_BITS: u32 = 17;
const GENERATION_BITS: u32 = 13;
const SLOTS_MAX: usize = 1 << SLOT_BITS;
const GENERATIONS: u32 = 1 << GENERATION_BITS;
/// A freed slot rests until this many are free, so that its generation wraps only after millions of handles.
const RESTING_SLOTS: usize = 1_024;

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// Objects by handle. Handle 0 is never given out.
pub(crate) struct HandleTable<T> {
    slots: Vec<Slot<T>>,
    free: VecDeque<u32>,
    live: usize,
}

impl<T> HandleTable<T> {
    pub fn new() -> Self {
        Self { slots: Vec::new(), free: VecDeque::new(), live: 0 }
    }

    /// Number of live objects.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Stores `value`; gives it back when the table is full.
    pub fn insert(&mut self, value: T) -> Result<i32, T> {
        let reuse = self.free.len() > RESTING_SLOTS || self.slots.len() == SLOTS_MAX;
        let slot = match if reuse { self.free.pop_front() } else { None } {
            Some(slot) => slot as usize,
            None if self.slots.len() < SLOTS_MAX => {
                self.slots.push(Slot { generation: 1, value: None });
                self.slots.len() - 1
            }
            None => return Err(value),
        };
        self.slots[slot].value = Some(value);
        self.live += 1;
        Ok(handle_of(slot, self.slots[slot].generation))
    }

    /// The object of a live handle.
    #[inline]
    pub fn get(&self, handle: i32) -> Option<&T> {
        let slot = self.slots.get(slot_of(handle))?;
        if slot.generation == generation_of(handle) { slot.value.as_ref() } else { None }
    }

    /// The object of a live handle.
    #[inline]
    pub fn get_mut(&mut self, handle: i32) -> Option<&mut T> {
        let slot = self.slots.get_mut(slot_of(handle))?;
        if slot.generation == generation_of(handle) { slot.value.as_mut() } else { None }
    }

    /// Takes the object out; its handle is stale from now on.
    pub fn remove(&mut self, handle: i32) -> Option<T> {
        let index = slot_of(handle);
        let slot = self.slots.get_mut(index)?;
        if slot.generation != generation_of(handle) {
            return None;
        }
        let value = slot.value.take()?;
        self.retire(index);
        Some(value)
    }

    /// Takes out every object that `matches`.
    pub fn remove_where(&mut self, matches: impl Fn(&T) -> bool) -> Vec<T> {
        let mut removed = Vec::new();
        for index in 0..self.slots.len() {
            if self.slots[index].value.as_ref().is_some_and(&matches) {
                removed.extend(self.slots[index].value.take());
                self.retire(index);
            }
        }
        removed
    }

    /// Every live object.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_ref())
    }

    fn retire(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.generation = if slot.generation + 1 == GENERATIONS { 1 } else { slot.generation + 1 };
        self.free.push_back(index as u32);
        self.live -= 1;
    }
}

fn handle_of(slot: usize, generation: u32) -> i32 {
    ((generation << SLOT_BITS) | slot as u32) as i32
}

fn slot_of(handle: i32) -> usize {
    handle as usize & (SLOTS_MAX - 1)
}

fn generation_of(handle: i32) -> u32 {
    handle as u32 >> SLOT_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_handle_stays_stale() {
        let mut table = HandleTable::new();
        let Ok(first) = table.insert("first") else { panic!("the table is empty") };
        assert_eq!(table.get(first), Some(&"first"));
        assert_eq!(table.remove(first), Some("first"));
        for _ in 0..3 * RESTING_SLOTS {
            let Ok(other) = table.insert("other") else { panic!("the table has room") };
            assert_eq!(table.get(first), None);
            table.remove(other);
        }
        assert_eq!((table.live(), table.get(0), table.get(-1)), (0, None, None));
    }

    #[test]
    fn a_full_table_gives_the_object_back() {
        let mut table = HandleTable::new();
        let handles: Vec<i32> = (0..SLOTS_MAX).filter_map(|n| table.insert(n).ok()).collect();
        assert_eq!(handles.len(), SLOTS_MAX);
        assert!(handles.iter().all(|&handle| handle > 0 && handle < 1 << 30));
        assert_eq!(table.insert(7), Err(7));
        table.remove(handles[9]);
        assert!(table.insert(8).is_ok());
    }
}
