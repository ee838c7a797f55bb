//! What each file holds and how much of it is still asked for: which files may go, and which are worth emptying.

use std::collections::BTreeMap;

use super::place::Place;
use crate::order::sort_sometimes;

/// Bytes of a record beside its key and block.
pub(super) const RECORD_HEAD_BYTES: usize = 12;

/// Garbage is what no place leads to, in files that hold something else. So much of it is left alone: a store is small
/// enough below that.
const SLACK_BYTES: u64 = 4 << 20;
/// Beyond that, files are emptied when garbage is more than this part of what is live, in percent,
const GARBAGE_PERCENT_MAX: u64 = 75;
/// until it is this part.
const GARBAGE_PERCENT_LEFT: u64 = 40;
/// Files that are not counted in bytes: more than so many small ones are emptied into fewer.
const FILES_MAX: usize = 96;

/// One file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FileUse {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the records that sled has places of.
    pub live: u64,
}

impl FileUse {
    /// What holds nothing at all goes by itself.
    fn garbage(&self) -> u64 {
        if self.live == 0 { 0 } else { self.bytes.saturating_sub(self.live) }
    }
}

/// All files of a store.
#[derive(Default)]
pub(super) struct Ledger {
    files: BTreeMap<u64, FileUse>,
    /// Whether `live` was counted: after a checkpoint that was cut off it has to be, anew.
    pub is_counted: bool,
    /// Files that held nothing at the last flush; at the one after that they go.
    condemned: Vec<u64>,
}

/// Bytes of a block's record in its file.
pub(super) fn record_bytes(key: &[u8], place: Place) -> u64 {
    (RECORD_HEAD_BYTES + key.len()) as u64 + u64::from(place.bytes)
}

impl Ledger {
    pub fn new(files: BTreeMap<u64, FileUse>, is_counted: bool) -> Self {
        Self { files, is_counted, condemned: Vec::new() }
    }

    pub fn files(&self) -> &BTreeMap<u64, FileUse> {
        &self.files
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.bytes).sum()
    }

    pub fn live(&self) -> u64 {
        self.files.values().map(|file| file.live).sum()
    }

    /// A file is so long by now.
    pub fn set_bytes(&mut self, file: u64, bytes: u64) {
        self.files.entry(file).or_default().bytes = bytes;
    }

    /// A record came or went.
    pub fn count(&mut self, file: u64, bytes: u64, came: bool) {
        let live = &mut self.files.entry(file).or_default().live;
        *live = if came { *live + bytes } else { live.saturating_sub(bytes) };
    }

    /// Begins to count anew.
    pub fn forget_live(&mut self) {
        self.files.values_mut().for_each(|file| file.live = 0);
    }

    /// The files to empty, `current` never among them: the emptiest first, until enough would be gone.
    pub fn worth_emptying(&self, current: Option<u64>) -> Vec<u64> {
        let live = self.live();
        let mut garbage: u64 = self.files.values().map(FileUse::garbage).sum();
        let too_much = garbage > live * GARBAGE_PERCENT_MAX / 100 + SLACK_BYTES;
        let too_many = self.files.len() > FILES_MAX;
        if !self.is_counted || !(too_much || too_many) {
            return Vec::new();
        }
        let mut candidates: Vec<(u64, FileUse)> = self.files.iter().map(|(&file, &used)| (file, used)).collect();
        candidates.retain(|&(file, used)| Some(file) != current && used.live > 0);
        let filled = |used: &FileUse| used.live.saturating_mul(1_000) / used.bytes.max(1);
        sort_sometimes(&mut candidates, |a, b| filled(&a.1).cmp(&filled(&b.1)));
        let mut files = candidates.len();
        let mut chosen = Vec::new();
        for (file, used) in candidates {
            let enough = garbage <= live * GARBAGE_PERCENT_LEFT / 100 + SLACK_BYTES / 2;
            if enough && files <= FILES_MAX / 2 {
                break;
            }
            garbage -= used.garbage();
            files -= 1;
            chosen.push(file);
        }
        chosen
    }

    /// Called when sled was made durable: the files that hold nothing now, and held nothing at the flush before, so that
    /// no sled that falls back by one asks for them (E15).
    pub fn take_dead(&mut self, current: Option<u64>) -> Vec<u64> {
        if !self.is_counted {
            return Vec::new();
        }
        let empty = |(&file, used): (&u64, &FileUse)| (used.live == 0 && Some(file) != current).then_some(file);
        let empty: Vec<u64> = self.files.iter().filter_map(empty).collect();
        let (dead, fresh) = empty.into_iter().partition(|file| self.condemned.contains(file));
        self.condemned = fresh;
        let dead: Vec<u64> = dead;
        self.files.retain(|file, _| !dead.contains(file));
        dead
    }
}
