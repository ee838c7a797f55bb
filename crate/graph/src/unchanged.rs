//! How long what was gathered of a graph's rows stays what they are: as long as no commit changes a row of the kind.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use sledstore_engine::{KeyRange, Result, Seq, Watch};

use crate::graph::Graph;
use crate::keys::{self, RowKind};

/// Bytes of changed keys that are noted, at most; past them what was gathered counts as changed.
const NOTED_BYTES_MAX: usize = 64 << 10;

/// The rows of a kind, watched from before they are first gathered.
pub(crate) struct WatchedRows {
    kind: RowKind,
    watch: RwLock<Option<Watch>>,
}

impl WatchedRows {
    pub fn of(kind: RowKind) -> Self {
        Self { kind, watch: RwLock::new(None) }
    }

    /// Begins to watch, where that is not done yet.
    pub fn begin(&self, graph: &Graph) -> Result<()> {
        if self.watch.read().is_some() {
            return Ok(());
        }
        let mut watch = self.watch.write();
        if watch.is_none() {
            let rows = KeyRange::prefix(&keys::kind_prefix(self.kind));
            *watch = Some(graph.store().watch(graph.namespace(), rows, NOTED_BYTES_MAX)?);
        }
        Ok(())
    }

    /// Whether no commit above `after` and up to `up_to` has changed one; false where that is not known.
    fn are_unchanged(&self, after: Seq, up_to: Seq) -> bool {
        let watch = self.watch.read();
        watch.as_ref().and_then(|watch| watch.between(after, up_to)).is_some_and(|changed| changed.is_empty())
    }

    /// Forgets what commits up to `seq` have changed: nothing gathered is as old.
    pub fn forget(&self, seq: Seq) {
        if let Some(watch) = &*self.watch.read() {
            watch.forget(seq);
        }
    }
}

/// The seqs at which something that was gathered is right.
pub(crate) struct Span {
    from: Seq,
    until: AtomicU64,
}

impl Span {
    pub const fn at(seq: Seq) -> Self {
        Self { from: seq, until: AtomicU64::new(seq) }
    }

    /// Whether it is right at `seq`, as far as `rows` tell.
    pub fn reaches(&self, seq: Seq, rows: &WatchedRows) -> bool {
        let until = self.until();
        if seq < self.from || seq <= until {
            return seq >= self.from;
        }
        let reaches = rows.are_unchanged(until, seq);
        if reaches {
            self.until.fetch_max(seq, Ordering::AcqRel);
        }
        reaches
    }

    /// Whether it ended before `seq`: nobody who reads later can use it.
    pub fn ended_before(&self, seq: Seq) -> bool {
        self.until() < seq
    }

    pub fn until(&self) -> Seq {
        self.until.load(Ordering::Acquire)
    }
}
