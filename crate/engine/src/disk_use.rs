//! What the store takes on disk, and the alarm for a sled that grows instead of reclaiming (E21).

use parking_lot::Mutex;

use crate::store::Inner;

/// sled's file stays below so many times the most live bytes it ever held, and a few segments, while sled reclaims.
///
/// Measured with a million rows of 116 bytes, 128 MiB of memory and blocks of 4 KiB, as the most of (file − slack) over
/// the most live bytes: random puts 1.8, three times as many overwrites 2.2, forty checkpoints of a few scattered rows
/// 3.1, clearing all and loading it again 3.2, fifty small checkpoints after clearing all 3.7.
const RECLAIMING_RATIO: u64 = 6;
/// What a small store's file may have beyond that: sled writes to several segments at a time, and frees them late.
const SLACK_BYTES: u64 = 64 << 20;

/// Bytes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskStats {
    /// Block files, sled's data file and all that is in the journal.
    pub total: u64,
    /// The files that hold the blocks, and the sorted runs.
    pub blocks: u64,
    /// sled's data file.
    pub sled: u64,
    /// The journal's segments.
    pub journal: u64,
    /// Of sled's file: the blocks at the last checkpoint. The rest is what sled has not reclaimed yet, or keeps for
    /// reuse. `None` for a store whose blocks were never counted.
    pub live: Option<u64>,
    /// The alarm: sled's file has outgrown what it ever held, so space is not being reclaimed.
    pub is_growing_without_reclaim: bool,
}

/// What checkpoints left on disk.
pub(crate) struct DiskUse(Mutex<LiveBytes>);

/// Bytes of all blocks with their keys, as stored; `None` while they were never counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LiveBytes {
    pub now: Option<u64>,
    /// The most there ever was: a file that is large because much was deleted is no alarm.
    pub most: u64,
}

impl DiskUse {
    pub fn new(live: LiveBytes) -> Self {
        Self(Mutex::new(live))
    }

    /// A checkpoint leaves so many live bytes.
    pub fn note(&self, now: Option<u64>) -> LiveBytes {
        let mut live = self.0.lock();
        *live = LiveBytes { now, most: live.most.max(now.unwrap_or(0)) };
        *live
    }
}

impl Inner {
    pub fn disk_stats(&self) -> DiskStats {
        let live = *self.checkpoint.disk_use.0.lock();
        let (sled, journal) = (self.backend.size_on_disk().unwrap_or(0), self.journal_bytes_on_disk());
        let runs: u64 = self.tables.load().runs.iter().map(|run| run.bytes()).sum();
        let blocks = self.backend.block_file_bytes() + runs;
        let is_growing_without_reclaim =
            live.now.is_some() && blocks + sled > RECLAIMING_RATIO * live.most + SLACK_BYTES;
        DiskStats { total: blocks + sled + journal, blocks, sled, journal, live: live.now, is_growing_without_reclaim }
    }

    fn journal_bytes_on_disk(&self) -> u64 {
        let Some(folder) = &self.folder else { return 0 };
        let Ok(entries) = std::fs::read_dir(folder.join(crate::open::JOURNAL_FOLDER)) else { return 0 };
        entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
    }
}
