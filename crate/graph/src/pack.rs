//! Moving adjacency rows together, in commits of a bounded size, while others read and write.

use std::ops::{Bound, ControlFlow};

use sledstore_engine::{Durability, ErrorCode, KeyRange, Read, Result, ScanOptions, Transaction, Write};

use crate::adjacency::{row_edges, rows_of};
use crate::graph::Graph;
use crate::keys::{self, Adjacency, RowKind};
use crate::rows::visit_range;

/// Rows of one step: what it writes is well below half of the least memory budget.
const STEP_ROWS: u64 = 500;

/// Rows of one node, direction and type.
struct Group {
    prefix: Vec<u8>,
    rows: u64,
    /// Rows of one edge.
    single: u64,
}

/// How far the rows were gone over.
#[derive(Default)]
struct Place {
    after: Option<Vec<u8>>,
    /// Rows of the last step.
    rows: u64,
}

impl Graph {
    /// Moves the edges of each node that have one direction and type into few rows: bytes and the time to follow them
    /// become less. Worth it after a load, and again when many edges were added; nothing else depends on it.
    ///
    /// `progress` is called after every step with the rows gone over, and ends the work by answering false; what was moved
    /// stays so. Answers by how many rows there are fewer. A transaction that has read edges which are moved before it
    /// commits ends with `CONFLICT`, as if they had been changed.
    pub fn pack_edges(&self, progress: &mut dyn FnMut(u64) -> bool) -> Result<u64> {
        let (mut place, mut current) = (Place::default(), None::<Group>);
        let (mut done, mut fewer) = (0, 0);
        loop {
            let mut groups = Vec::new();
            let more = self.next_groups(&mut place, &mut current, &mut groups)?;
            if !more {
                take_worthwhile(current.take(), &mut groups);
            }
            fewer += self.pack_groups(&groups)?;
            done += place.rows;
            if !progress(done) || !more {
                return Ok(fewer);
            }
        }
    }

    /// Goes over the rows of one step. Each step reads the newest state: a long read would keep what is moved as history.
    fn next_groups(&self, place: &mut Place, current: &mut Option<Group>, groups: &mut Vec<Vec<u8>>) -> Result<bool> {
        let all = KeyRange::prefix(&keys::kind_prefix(RowKind::Adjacency));
        let start = place.after.take().map_or(all.start, Bound::Excluded);
        let options = ScanOptions { limit: Some(4 * STEP_ROWS), ..ScanOptions::default() };
        place.rows = 0;
        visit_range(self.store(), self.namespace(), &KeyRange { start, end: all.end }, options, |key, value| {
            let Adjacency { node, direction, edge_type, .. } = Adjacency::parse(key)?;
            let prefix = keys::adjacency_prefix(node, Some((direction, Some(edge_type))));
            if current.as_ref().is_none_or(|group| group.prefix != prefix) {
                take_worthwhile(current.replace(Group { prefix, rows: 0, single: 0 }), groups);
            }
            if let Some(group) = current {
                group.rows += 1;
                group.single += u64::from(value.is_empty());
            }
            place.rows += 1;
            place.after = Some(key.to_vec());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(place.rows == 4 * STEP_ROWS)
    }

    /// One step. Where writers keep changing its groups, smaller ones come through.
    fn pack_groups(&self, groups: &[Vec<u8>]) -> Result<u64> {
        let mut large = Vec::new();
        let packed = self.store().transact(Durability::None, |tx| {
            large.clear();
            let mut fewer = 0;
            for prefix in groups {
                let (less, next) = self.pack_rows(tx, prefix, Bound::Included(prefix.clone()))?;
                fewer += less;
                large.extend(next.map(|next| (prefix, next)));
            }
            Ok(fewer)
        });
        let mut fewer = match packed {
            Err(error) if error.code() == ErrorCode::Conflict && groups.len() > 1 => {
                let (left, right) = groups.split_at(groups.len() / 2);
                return Ok(self.pack_groups(left)? + self.pack_groups(right)?);
            }
            // One that is always being written to stays as it is.
            Err(error) if error.code() == ErrorCode::Conflict => return Ok(0),
            packed => packed?,
        };
        for (prefix, next) in large {
            let mut next = Some(next);
            while let Some(start) = next {
                let start = Bound::Included(start);
                let packed = self.store().transact(Durability::None, |tx| self.pack_rows(tx, prefix, start.clone()));
                let (less, after) = match packed {
                    Err(error) if error.code() == ErrorCode::Conflict => break,
                    packed => packed?,
                };
                fewer += less;
                next = after;
            }
        }
        Ok(fewer)
    }

    /// Packs the rows of a group from `start` on, so many as a step has; answers how many there are fewer, and where those
    /// begin that are left.
    fn pack_rows(&self, tx: &mut Transaction, prefix: &[u8], start: Bound<Vec<u8>>) -> Result<(u64, Option<Vec<u8>>)> {
        let range = KeyRange { start, ..KeyRange::prefix(prefix) };
        let options = ScanOptions { limit: Some(STEP_ROWS + 1), ..ScanOptions::default() };
        let mut old = Vec::new();
        let mut scan = tx.scan(self.namespace(), &range, options)?;
        while scan.next_page(512, usize::MAX, &mut |key, value| old.push((key.to_vec(), value.to_vec())))? {}
        drop(scan);
        let left = if old.len() as u64 > STEP_ROWS { old.pop().map(|(key, _)| key) } else { None };
        let mut edges = Vec::new();
        for (key, value) in &old {
            edges.extend(row_edges(key, value)?);
        }
        edges.sort_unstable();
        // What lies behind the first row that is left is written as rows that come after it, and read again with it.
        let boundary = left.as_deref().map(Adjacency::parse).transpose()?;
        let new = rows_of(&edges, boundary.as_ref());
        for (key, _) in old.iter().filter(|(key, _)| new.iter().all(|(kept, _)| kept != key)) {
            tx.delete(self.namespace(), key)?;
        }
        for (key, value) in new.iter().filter(|row| !old.contains(row)) {
            tx.put(self.namespace(), key, value)?;
        }
        Ok(((old.len() as u64).saturating_sub(new.len() as u64), left))
    }
}

/// Puts a group among those to pack if that makes a difference.
fn take_worthwhile(group: Option<Group>, groups: &mut Vec<Vec<u8>>) {
    groups.extend(group.filter(|group| group.rows > 1 && group.single > 0).map(|group| group.prefix));
}
