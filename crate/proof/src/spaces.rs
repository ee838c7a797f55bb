//! The lane that makes, fills and drops namespaces. Its step is three commits: step `n` makes namespace `n`, fills it in
//! one batch with the count, and drops namespace `n - 1`.

use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Read, Result, ScanOptions, Seq, Store,
};

use crate::content::Content;
use crate::lane::Lane;
use crate::progress::Progress;
use crate::work::Work;

const ROWS: u64 = 12;

/// The lane of namespaces.
pub struct SpaceLane {
    seed: u64,
    progress: Progress,
    /// Steps taken so far.
    made: u64,
    /// The first step drops what an ended process has left.
    has_dropped: bool,
}

fn name(number: u64) -> String {
    format!("space {number}")
}

impl SpaceLane {
    pub fn begin(store: &Store, seed: u64) -> Result<Self> {
        Ok(Self { seed, progress: Progress::open(store, Lane::Space)?, made: 0, has_dropped: false })
    }

    fn row(&self, number: u64, row: u64) -> Content {
        Content { tag: self.seed ^ (number << 8) ^ row, bytes: 20 + (number * 31 + row) as usize % 200 }
    }

    fn drop_leftovers(&mut self, store: &Store, number: u64) -> Result<()> {
        for namespace in store.namespaces() {
            let found = namespace.name.strip_prefix("space ").and_then(|digits| digits.parse::<u64>().ok());
            if found.is_some_and(|found| found + 1 != number) {
                store.drop_namespace(&namespace.name)?;
            }
        }
        self.has_dropped = true;
        Ok(())
    }

    fn is_whole(&self, store: &Store, namespace: NamespaceId, number: u64) -> Result<bool> {
        let rows = store.scan(namespace, &KeyRange::all(), ScanOptions::default())?.collect::<Result<Vec<_>>>()?;
        Ok(rows.len() as u64 == ROWS
            && rows
                .iter()
                .zip(0..)
                .all(|((key, value), row)| *key == u64::to_be_bytes(row) && self.row(number, row).is(value)))
    }
}

impl Work for SpaceLane {
    fn perform(&mut self, store: &Store, number: u64, level: Durability) -> Result<Seq> {
        if !self.has_dropped {
            self.drop_leftovers(store, number)?;
        }
        let namespace = store.namespace(&name(number), &NamespaceOptions::default())?.id;
        let mut batch = Batch::new();
        for row in 0..ROWS {
            batch.put(namespace, &row.to_be_bytes(), &self.row(number, row).to_vec())?;
        }
        self.progress.write(&mut batch, number)?;
        let seq = store.commit(&batch, level)?;
        if number > 0 {
            store.drop_namespace(&name(number - 1))?;
        }
        self.made = number + 1;
        Ok(seq)
    }

    fn replay(&mut self, number: u64) {
        self.made = number + 1;
    }

    fn differences(&self, store: &Store) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        let mut has_newest = self.made == 0;
        for namespace in store.namespaces() {
            let Some(digits) = namespace.name.strip_prefix("space ") else { continue };
            let number: u64 = digits.parse().unwrap_or(u64::MAX);
            has_newest |= number + 1 == self.made;
            // The next one may be there and not yet filled, the one before may not yet be dropped.
            let allowed = number.saturating_add(2) >= self.made && number <= self.made;
            if !allowed {
                differences.push(format!("namespace {number} is there after {} were made", self.made));
            } else if number < self.made && !self.is_whole(store, namespace.id, number)? {
                differences.push(format!("namespace {number} is not whole"));
            }
        }
        if !has_newest {
            differences.push(format!("the newest of {} namespaces is gone", self.made));
        }
        Ok(differences)
    }
}
