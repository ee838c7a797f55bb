//! Numbers for nodes, edges and names, given out in blocks.

use std::ops::Range;

use parking_lot::Mutex;
use sledstore_engine::{Durability, Error, ErrorCode, NamespaceId, Read, Result, Store, Write};

use crate::keys::{self, CounterKind, parse_number, push_id};
use crate::model::ID_MAX;

const BLOCK_MIN: u64 = 16;
const BLOCK_MAX: u64 = 4_096;

/// One counter of one open graph.
///
/// A block is reserved by a small commit of its own, ahead of the commits that use its numbers: transactions that run
/// at the same time do not meet at the counter's row, and as the journal keeps the order, a number that reached it is
/// below the counter after any crash. What a handle leaves of its last block stays unused.
pub(crate) struct Counter {
    namespace: NamespaceId,
    kind: CounterKind,
    reserved: Mutex<Reserved>,
}

struct Reserved {
    free: Range<u64>,
    next_block: u64,
}

impl Counter {
    pub fn new(namespace: NamespaceId, kind: CounterKind) -> Self {
        Self { namespace, kind, reserved: Mutex::new(Reserved { free: 0..0, next_block: BLOCK_MIN }) }
    }

    /// `count` numbers in a row that nobody else gets.
    pub fn reserve(&self, store: &Store, count: u64) -> Result<Range<u64>> {
        let mut reserved = self.reserved.lock();
        let missing = count.saturating_sub(reserved.free.end - reserved.free.start);
        if missing > 0 {
            let block = missing.max(reserved.next_block);
            let fresh = self.raise(store, block)?;
            reserved.next_block = (reserved.next_block * 4).min(BLOCK_MAX);
            if fresh.start == reserved.free.end {
                reserved.free.end = fresh.end;
            } else if fresh.end - fresh.start >= count {
                reserved.free = fresh;
            } else {
                // Another handle reserved in between, and the rest of the old block does not adjoin.
                reserved.free = self.raise(store, count)?;
            }
        }
        let start = reserved.free.start;
        reserved.free.start += count;
        Ok(start..start + count)
    }

    /// Whether `id` has been given to anyone through this handle or before it was opened.
    pub fn is_given(&self, id: u64) -> bool {
        (1..self.reserved.lock().free.start).contains(&id)
    }

    fn raise(&self, store: &Store, count: u64) -> Result<Range<u64>> {
        let key = keys::counter(self.kind);
        store.transact(Durability::None, |tx| {
            let next = tx.get_with(self.namespace, &key, |value| parse_number(value, "a counter"))?;
            let next = next.transpose()?.unwrap_or(1);
            let end = next.checked_add(count).filter(|&end| end <= ID_MAX).ok_or_else(|| {
                Error::new(ErrorCode::TooLarge, "the graph has given out all 2^53 numbers of this kind")
            })?;
            let mut value = Vec::new();
            push_id(&mut value, end);
            tx.put(self.namespace, &key, &value)?;
            Ok(next..end)
        })
    }
}
