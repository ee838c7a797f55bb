//! How many vectors there are, without walking them where there is a graph, which knows.

use std::collections::BTreeSet;

use sledstore_engine::{KeyRange, Read, Result, ScanOptions};

use crate::index::VectorIndex;
use crate::keys::RowKind;
use crate::record::{Changed, parse_pending};

/// Up to so many pending changes are looked at one by one; more take longer than a walk.
const COUNTED_MAX: usize = 1_024;

impl VectorIndex {
    /// How many vectors there are, exactly. Where there is a graph that is as many as it has, with the pending changes; else,
    /// and for a transaction, which is to meet whoever adds one, they are walked.
    ///
    /// # Errors
    /// What a read can meet.
    pub fn count(&self, read: &impl Read) -> Result<u64> {
        if let Some(known) = self.known_count(read)? {
            return Ok(known);
        }
        let range: KeyRange = RowKind::Vector.all();
        read.scan(self.namespace(), &range, ScanOptions { keys_only: true, ..ScanOptions::default() })?.count_rows()
    }

    fn known_count(&self, read: &impl Read) -> Result<Option<u64>> {
        let Some(seq) = read.seq_seen() else { return Ok(None) };
        // One that is damaged is met by the next search.
        let Some(state) = self.state(read).ok().filter(|state| state.generation != 0) else { return Ok(None) };
        let shared = self.shared()?;
        let (mut changed, mut is_known) = (BTreeSet::new(), true);
        shared.queue.rows(read, &mut |row_key| {
            if let Changed::Key(key) = parse_pending(row_key) {
                changed.insert(key.to_vec());
            } else {
                is_known = false;
            }
            is_known &= changed.len() <= COUNTED_MAX;
            is_known
        })?;
        let mut count = u64::from(state.live);
        if !changed.is_empty() && is_known {
            let guard = shared.resident.read();
            let known = guard.as_ref().filter(|known| known.generation == state.generation && known.seq == state.seq);
            let Some(resident) = known else { return Ok(None) };
            for key in &changed {
                count += u64::from(self.contains(read, key)?);
                count = count.saturating_sub(u64::from(resident.slots.has_at(key, state.seq)));
            }
        }
        // A reader of the newest state may have met two of them.
        Ok(Some(count).filter(|_| is_known && read.seq_seen() == Some(seq)))
    }
}
