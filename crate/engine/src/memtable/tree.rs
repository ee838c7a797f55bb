//! A B+-tree over the records of an arena.

use super::arena::{Arena, RecordId};
use super::keys::{FANOUT, Keys};

const NONE: u32 = u32::MAX;
/// So many inserts in a row at neighboring places make the next split leave the run's side full.
const STREAK_MIN: u8 = 8;

struct Leaf {
    keys: Keys,
    next: u32,
    previous: u32,
    /// Place of the last insert, and how many before it lay side by side.
    last: u8,
    streak: u8,
}

struct Branch {
    /// `keys[i]` is the lowest entry that `children[i + 1]` may hold.
    keys: Keys,
    children: [u32; FANOUT + 1],
}

/// Place of an entry; splits move entries, so it holds only until the next insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    leaf: u32,
    index: u8,
}

/// Ordered by key ascending, then seq descending. Nothing is ever removed, so every leaf but the first root holds
/// entries, and separators may point at any record that once stood there.
#[expect(clippy::vec_box, reason = "growing must neither move nodes nor hold room for twice as many")]
pub(super) struct Tree {
    leaves: Vec<Box<Leaf>>,
    branches: Vec<Box<Branch>>,
    /// A leaf when `height` is 0, else a branch.
    root: u32,
    height: usize,
    last_leaf: u32,
    rows: usize,
    /// Scratch of `insert`: branch and child position, root first.
    path: Vec<(u32, usize)>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let root = Box::new(Leaf { keys: Keys::new(), next: NONE, previous: NONE, last: 0, streak: 0 });
        Self { leaves: vec![root], branches: Vec::new(), root: 0, height: 0, last_leaf: 0, rows: 0, path: Vec::new() }
    }

    #[cfg(test)]
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes held by the nodes.
    pub(super) fn bytes(&self) -> usize {
        self.leaves.len() * size_of::<Leaf>()
            + self.branches.len() * size_of::<Branch>()
            + (self.leaves.capacity() + self.branches.capacity()) * size_of::<usize>()
            + self.path.capacity() * size_of::<(u32, usize)>()
    }

    /// Adds the record of `(key, seq)`, or puts it in the place of an earlier one.
    pub(super) fn insert(&mut self, record: RecordId, key: &[u8], seq: u64, arena: &Arena) {
        if self.append(record, key, arena) {
            return;
        }
        self.path.clear();
        let mut node = self.root;
        for _ in 0..self.height {
            let branch = &self.branches[node as usize];
            let child = branch.keys.place(key, seq, true, arena).index;
            self.path.push((node, child));
            node = branch.children[child];
        }
        let leaf = &mut self.leaves[node as usize];
        let place = leaf.keys.place(key, seq, false, arena);
        let index = place.index;
        if place.same_head {
            let present = leaf.keys.record(index);
            if arena.key_and_seq(present) == (key, seq) {
                leaf.keys.replace(index, record);
                return;
            }
        }
        self.rows += 1;
        let last = usize::from(leaf.last);
        leaf.streak = if index == last + 1 || index == last { leaf.streak.saturating_add(1) } else { 0 };
        leaf.last = index as u8;
        if leaf.keys.is_full() {
            self.split_leaf(node, index, record, key, arena);
        } else {
            leaf.keys.insert(index, key, record);
        }
    }

    /// Ascending load: adds behind the last entry of all, without a search from the root, while that goes on.
    fn append(&mut self, record: RecordId, key: &[u8], arena: &Arena) -> bool {
        let leaf = &mut self.leaves[self.last_leaf as usize];
        let len = leaf.keys.len();
        if leaf.streak == 0 || leaf.keys.is_full() || len == 0 || key <= arena.key_and_seq(leaf.keys.record(len - 1)).0
        {
            return false;
        }
        leaf.keys.insert(len, key, record);
        leaf.last = len as u8;
        leaf.streak = leaf.streak.saturating_add(1);
        self.rows += 1;
        true
    }

    /// Splits a full leaf and inserts at `index` of it.
    fn split_leaf(&mut self, left: u32, index: usize, record: RecordId, key: &[u8], arena: &Arena) {
        let right = self.leaves.len() as u32;
        let leaf = &mut self.leaves[left as usize];
        let rightmost = leaf.next == NONE;
        let at = if leaf.streak >= STREAK_MIN || (rightmost && index == FANOUT) { index } else { FANOUT / 2 };
        let keys = leaf.keys.split_off(at, arena);
        let mut fresh = Box::new(Leaf { keys, next: leaf.next, previous: left, last: 0, streak: 0 });
        leaf.next = right;
        if index <= at && at < FANOUT {
            leaf.keys.insert(index, key, record);
        } else {
            // The run goes on in the right half.
            fresh.keys.insert(index - at, key, record);
            fresh.last = (index - at) as u8;
            fresh.streak = leaf.streak;
            leaf.streak = 0;
        }
        let separator = fresh.keys.record(0);
        match fresh.next {
            NONE => self.last_leaf = right,
            next => self.leaves[next as usize].previous = right,
        }
        self.leaves.push(fresh);
        self.insert_child(separator, right, rightmost, arena);
    }

    /// Hangs a new right neighbor of the child named by the path into the branches above it.
    fn insert_child(&mut self, mut separator: RecordId, mut child: u32, rightmost: bool, arena: &Arena) {
        while let Some((node, position)) = self.path.pop() {
            let branch = &mut self.branches[node as usize];
            if !branch.keys.is_full() {
                branch.insert(position, separator, child, arena);
                return;
            }
            let mut fresh = Box::new(Branch { keys: Keys::new(), children: [NONE; FANOUT + 1] });
            if rightmost {
                // Ascending load leaves full branches behind; the new separator itself goes up.
                fresh.children[0] = child;
            } else {
                let middle = FANOUT / 2;
                fresh.keys = branch.keys.split_off(middle + 1, arena);
                let moved = FANOUT - middle;
                fresh.children[..moved].copy_from_slice(&branch.children[middle + 1..]);
                let Some(raised) = branch.keys.pop() else { unreachable!("half a branch holds separators") };
                if position <= middle {
                    branch.insert(position, separator, child, arena);
                } else {
                    fresh.insert(position - middle - 1, separator, child, arena);
                }
                separator = raised;
            }
            child = self.branches.len() as u32;
            self.branches.push(fresh);
        }
        let mut root = Box::new(Branch { keys: Keys::new(), children: [NONE; FANOUT + 1] });
        root.children[0] = self.root;
        root.insert(0, separator, child, arena);
        self.root = self.branches.len() as u32;
        self.branches.push(root);
        self.height += 1;
    }

    /// The first entry not before `(key, seq)`; with `after`, the first one behind it.
    pub(super) fn seek(&self, key: &[u8], seq: u64, after: bool, arena: &Arena) -> Option<Cursor> {
        let (leaf, place) = self.find(key, seq, after, arena);
        self.settle(leaf, place.index)
    }

    /// The record of the newest version of `key` with a seq of at most `at`.
    pub(super) fn newest(&self, key: &[u8], at: u64, arena: &Arena) -> Option<RecordId> {
        let (leaf, place) = self.find(key, at, false, arena);
        let keys = &self.leaves[leaf as usize].keys;
        let record = match place.index < keys.len() {
            true if !place.same_head => return None,
            true => keys.record(place.index),
            false => self.record(self.settle(leaf, place.index)?),
        };
        (arena.key_and_seq(record).0 == key).then_some(record)
    }

    fn find(&self, key: &[u8], seq: u64, after: bool, arena: &Arena) -> (u32, super::keys::Place) {
        let mut node = self.root;
        for _ in 0..self.height {
            let branch = &self.branches[node as usize];
            node = branch.children[branch.keys.place(key, seq, true, arena).index];
        }
        (node, self.leaves[node as usize].keys.place(key, seq, after, arena))
    }

    fn settle(&self, leaf: u32, index: usize) -> Option<Cursor> {
        let node = &self.leaves[leaf as usize];
        if index < node.keys.len() {
            return Some(Cursor { leaf, index: index as u8 });
        }
        (node.next != NONE).then_some(Cursor { leaf: node.next, index: 0 })
    }

    /// The first entry of all.
    pub(super) fn first(&self) -> Option<Cursor> {
        // Splits keep the left half where it was, so the first leaf stays the first.
        self.settle(0, 0)
    }

    /// The last entry of all.
    pub(super) fn last(&self) -> Option<Cursor> {
        self.last_of(self.last_leaf)
    }

    fn last_of(&self, leaf: u32) -> Option<Cursor> {
        let index = self.leaves[leaf as usize].keys.len().checked_sub(1)?;
        Some(Cursor { leaf, index: index as u8 })
    }

    /// The entry behind.
    pub(super) fn next(&self, cursor: Cursor) -> Option<Cursor> {
        self.settle(cursor.leaf, usize::from(cursor.index) + 1)
    }

    /// The entry in front.
    pub(super) fn previous(&self, cursor: Cursor) -> Option<Cursor> {
        if let Some(index) = cursor.index.checked_sub(1) {
            return Some(Cursor { leaf: cursor.leaf, index });
        }
        let previous = self.leaves[cursor.leaf as usize].previous;
        if previous == NONE { None } else { self.last_of(previous) }
    }

    /// The record at a cursor.
    pub(super) fn record(&self, cursor: Cursor) -> RecordId {
        self.leaves[cursor.leaf as usize].keys.record(usize::from(cursor.index))
    }

    /// Checks every node, the links between leaves and the separators.
    #[cfg(test)]
    pub(super) fn check(&self, arena: &Arena) {
        let mut leaves = Vec::new();
        self.check_node(self.root, self.height, arena, &mut leaves);
        assert_eq!(leaves.len(), self.leaves.len());
        assert_eq!((leaves.first(), leaves.last()), (Some(&0), Some(&self.last_leaf)));
        let mut rows = 0;
        for (index, leaf) in leaves.iter().enumerate() {
            let node = &self.leaves[*leaf as usize];
            rows += node.keys.len();
            assert!(node.keys.len() > 0 || leaves.len() == 1);
            assert_eq!(node.previous, index.checked_sub(1).map_or(NONE, |left| leaves[left]));
            assert_eq!(node.next, leaves.get(index + 1).copied().unwrap_or(NONE));
        }
        assert_eq!(rows, self.rows);
    }

    #[cfg(test)]
    fn check_node(&self, node: u32, height: usize, arena: &Arena, leaves: &mut Vec<u32>) {
        if height == 0 {
            self.leaves[node as usize].keys.check(arena);
            leaves.push(node);
            return;
        }
        let branch = &self.branches[node as usize];
        branch.keys.check(arena);
        for (index, child) in branch.children[..=branch.keys.len()].iter().enumerate() {
            let from = leaves.len();
            self.check_node(*child, height - 1, arena, leaves);
            if index > 0 {
                let (separator, separator_seq) = arena.key_and_seq(branch.keys.record(index - 1));
                let (low, low_seq) = arena.key_and_seq(self.leaves[leaves[from] as usize].keys.record(0));
                assert!((separator, !separator_seq) <= (low, !low_seq));
                let left = &self.leaves[leaves[from - 1] as usize].keys;
                let (high, high_seq) = arena.key_and_seq(left.record(left.len() - 1));
                assert!((high, !high_seq) < (separator, !separator_seq));
            }
        }
    }
}

impl Branch {
    /// Adds a separator at `position` and the child right of it.
    fn insert(&mut self, position: usize, separator: RecordId, child: u32, arena: &Arena) {
        let children = self.keys.len() + 1;
        self.keys.insert(position, arena.key_and_seq(separator).0, separator);
        self.children.copy_within(position + 1..children, position + 2);
        self.children[position + 1] = child;
    }
}
