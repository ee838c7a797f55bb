//! History: when old versions that nobody can ask for any more are purged (E8).

use crate::block::Block;
use crate::error::Result;
use crate::key;
use crate::large::Manifest;
use crate::meta;
use crate::namespace::NamespaceId;
use crate::rewrite::BlockWriter;
use crate::row::RowKind;
use crate::snapshot::LiveSeqs;
use crate::store::Inner;

/// A pass over fewer rows than these saves less than it costs to begin.
const ROWS_WORTH_A_PASS: u64 = 256;

/// What is known of the history space.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Whether it may hold rows.
    pub may_hold_rows: bool,
    /// Rows that came since the last pass.
    added: u64,
    /// Rows that the last pass left.
    kept: u64,
    /// The readers when rows came last, or at the last pass.
    readers: LiveSeqs,
    /// Whether a reader from before has gone since the last pass.
    lost_reader: bool,
}

impl History {
    pub fn new(may_hold_rows: bool) -> Self {
        Self { may_hold_rows, ..Self::default() }
    }

    /// A checkpoint has moved versions here that `live` may ask for.
    pub fn grow(&mut self, rows: u64, live: &LiveSeqs) {
        if rows > 0 {
            self.may_hold_rows = true;
            self.added += rows;
            self.lost_reader |= self.readers.has_lost(live);
            self.readers = live.clone();
        }
    }

    /// A pass reads all that is there and writes most of it again. So it waits until as many rows have come as the
    /// last one left, and until a reader has gone: then history holds at most about twice what is still read, and
    /// passes read two rows for each that comes, however long readers overlap.
    fn is_worth_a_pass(&self, live: &LiveSeqs) -> bool {
        let lost_reader = self.lost_reader || self.readers.has_lost(live);
        lost_reader && self.added >= self.kept.max(ROWS_WORTH_A_PASS)
    }
}

impl Inner {
    /// Whether a checkpoint would purge something.
    pub fn has_history_to_purge(&self, history: &History) -> bool {
        let live = self.readers.live();
        history.may_hold_rows && (history.is_worth_a_pass(&live) || self.checkpoint.is_history_unseen(&live))
    }

    /// Purges old versions that none of `live` can ask for. While an interrupted checkpoint is repeated nobody reads
    /// history, so it goes as a whole.
    pub fn purge_history(&self, writer: &mut BlockWriter<'_>, history: &mut History, live: &LiveSeqs) -> Result<()> {
        if !history.may_hold_rows {
            return Ok(());
        }
        let namespaces = meta::namespaces_with_blocks(&*self.backend, key::SPACE_HISTORY)?;
        if self.checkpoint.is_history_unseen(live) {
            for namespace in namespaces {
                writer.remove_all(key::SPACE_HISTORY, namespace, &mut |writer, block| {
                    writer.note_dropped_values(namespace, block)
                })?;
            }
            *history = History::default();
        } else if !writer.redo() && history.is_worth_a_pass(live) {
            let mut kept = 0;
            for namespace in namespaces {
                kept += writer.purge_unseen(namespace, live)?;
            }
            *history = History { may_hold_rows: true, kept, readers: live.clone(), ..History::default() };
        }
        Ok(())
    }
}

impl BlockWriter<'_> {
    /// Purges versions of one namespace, row by row; gives how many stay.
    fn purge_unseen(&mut self, namespace: NamespaceId, live: &LiveSeqs) -> Result<u64> {
        let mut goes = |writer: &mut Self, row: &crate::block::RowRef<'_>| {
            let goes = row.end_seq.is_some() && !live.keeps(&row.lifetime(), row.end_seq);
            if goes && row.kind == RowKind::Manifest {
                writer.note_dropped_value(namespace, &Manifest::decode(row.value)?)?;
            }
            Ok(goes)
        };
        self.remove_rows(key::SPACE_HISTORY, namespace, &[], None, &mut goes).map(|(_, kept)| kept)
    }

    fn note_dropped_values(&mut self, namespace: NamespaceId, block: &Block) -> Result<()> {
        if !block.has_manifests() {
            return Ok(());
        }
        for index in 0..block.len() {
            let row = block.row(index);
            if row.kind == RowKind::Manifest {
                self.note_dropped_value(namespace, &Manifest::decode(row.value)?)?;
            }
        }
        Ok(())
    }
}
