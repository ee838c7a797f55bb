//! A list in the order of fences, searched through 8-byte heads: a search touches few cache lines and follows no
//! pointer unless heads are equal.

use std::cmp::Ordering;

use crate::key::common_prefix;

const HEAD_BYTES: usize = 8;

/// Something with an exclusive upper bound; `None` is above every key.
pub(super) trait Fenced {
    fn fence(&self) -> Option<&[u8]>;
}

/// Items in ascending order of their fences; at most the last has none.
pub(super) struct Fences<T> {
    /// What all fences begin with; heads are taken behind it, so that long common prefixes do not make them equal.
    prefix: Vec<u8>,
    /// A smaller head is a smaller fence; equal heads say nothing. No fence has the largest head.
    heads: Vec<u64>,
    items: Vec<T>,
}

impl<T: Fenced> Fences<T> {
    pub fn new(items: Vec<T>) -> Self {
        let mut fences = Self { prefix: Vec::new(), heads: Vec::new(), items };
        fences.rebuild();
        fences
    }

    pub fn items(&self) -> &[T] {
        &self.items
    }

    pub fn item_mut(&mut self, at: usize) -> &mut T {
        &mut self.items[at]
    }

    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Index of the first item whose fence is above `key`.
    pub fn first_above(&self, key: &[u8]) -> usize {
        let rest = match key.split_at_checked(self.prefix.len()) {
            Some((start, rest)) if start == self.prefix => rest,
            _ if key < self.prefix.as_slice() => return 0,
            _ => return self.bounded(),
        };
        let head = head_of(rest);
        let mut from = self.heads.partition_point(|&other| other < head);
        let ties = match self.heads[from..] {
            [first, second, ..] if first == head && second == head => {
                self.heads[from..].partition_point(|&other| other == head)
            }
            [first, ..] if first == head => 1,
            _ => 0,
        };
        let mut to = from + ties;
        while from < to {
            let middle = from.midpoint(to);
            if self.items[middle].fence().is_some_and(|fence| fence <= key) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// Index of the item with exactly this fence, or where it would stand.
    pub fn find(&self, fence: Option<&[u8]>) -> Result<usize, usize> {
        let Some(key) = fence else {
            let bounded = self.bounded();
            return if bounded < self.len() { Ok(bounded) } else { Err(bounded) };
        };
        let above = self.first_above(key);
        match above.checked_sub(1) {
            Some(at) if self.items[at].fence() == Some(key) => Ok(at),
            _ => Err(above),
        }
    }

    /// Inserts at the place that [`Fences::find`] gave.
    pub fn insert(&mut self, at: usize, item: T) {
        debug_assert!(at == 0 || order(&self.items[at - 1], &item).is_lt());
        debug_assert!(at == self.len() || order(&item, &self.items[at]).is_lt());
        let head = match item.fence() {
            None => Some(u64::MAX),
            Some(fence) if self.bounded() > 0 => fence.strip_prefix(self.prefix.as_slice()).map(head_of),
            Some(_) => None,
        };
        self.items.insert(at, item);
        match head {
            Some(head) => self.heads.insert(at, head),
            None => self.rebuild(),
        }
    }

    pub fn remove(&mut self, at: usize) -> T {
        self.heads.remove(at);
        self.items.remove(at)
    }

    /// Cuts the list before `at` and gives the rest.
    pub fn split_off(&mut self, at: usize) -> Self {
        let right = Self::new(self.items.split_off(at));
        self.rebuild();
        right
    }

    /// Number of items that have a fence.
    fn bounded(&self) -> usize {
        match self.items.last() {
            Some(last) if last.fence().is_none() => self.items.len() - 1,
            _ => self.items.len(),
        }
    }

    fn rebuild(&mut self) {
        let bounded = &self.items[..self.bounded()];
        let ends = (bounded.first().and_then(T::fence), bounded.last().and_then(T::fence));
        self.prefix.clear();
        if let (Some(first), Some(last)) = ends {
            self.prefix.extend_from_slice(&first[..common_prefix(first, last)]);
        }
        let prefix_bytes = self.prefix.len();
        self.heads.clear();
        let heads =
            self.items.iter().map(|item| item.fence().map_or(u64::MAX, |fence| head_of(&fence[prefix_bytes..])));
        self.heads.extend(heads);
    }
}

fn order<T: Fenced>(left: &T, right: &T) -> Ordering {
    match (left.fence(), right.fence()) {
        (Some(left), Some(right)) => left.cmp(right),
        (left, right) => left.is_none().cmp(&right.is_none()),
    }
}

fn head_of(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<HEAD_BYTES>() {
        Some(head) => u64::from_be_bytes(*head),
        None => {
            let mut head = [0; HEAD_BYTES];
            head[..bytes.len()].copy_from_slice(bytes);
            u64::from_be_bytes(head)
        }
    }
}
