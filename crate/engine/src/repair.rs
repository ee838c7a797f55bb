//! `repair`: what can still be read of a store that does not open, or of a damaged snapshot file, as a new store.
//!
//! The damaged one is only read, and never opened: sled rewrites its files when it opens, and takes damage in its log
//! for an end. So its log is read without it ([`crate::sled_log`]), each block is held against its own checksum, and
//! every whole record of the journal is applied again, in order of seq. Nothing is guessed: what may be missing or older
//! than it was is named.

mod blocks;
mod copy;
mod folder;
mod journal;
mod pieces;
mod published;
mod runs;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, ErrorCode, Result};
use crate::options::Options;
use crate::progress::Progress;
use crate::restore::{Building, require_empty};
use crate::store::Store;

/// What damage means for the new store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing of it was needed: all rows are there.
    None,
    /// Rows that are there may be older than they were, or have been deleted since.
    Older,
    /// Rows are missing.
    Missing,
}

/// One thing that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// File inside the damaged folder; empty for a snapshot file itself.
    pub file: String,
    /// The stretch of it that is damaged, where that is known: first byte and length.
    pub bytes: Option<(u64, u64)>,
    /// Name of the namespace it concerns; none where it may be any.
    pub namespace: Option<String>,
    /// Rows it concerns: inclusive start, and exclusive end, none up to the last.
    pub keys: (Vec<u8>, Option<Vec<u8>>),
    /// What it means.
    pub effect: Effect,
    /// For people.
    pub what: String,
}

/// What `repair` has made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// The namespaces of the new store, with the rows each was given, by name.
    pub namespaces: Vec<(String, u64)>,
    /// Commits of the journal that were applied.
    pub commits: u64,
    /// What could not be read; empty where nothing was wrong.
    pub lost: Vec<Lost>,
}

impl RepairReport {
    /// Whether every row is there as it was.
    pub fn is_whole(&self) -> bool {
        self.lost.iter().all(|lost| lost.effect == Effect::None)
    }
}

impl Lost {
    /// Damage whose rows are not known.
    fn anywhere(file: impl Into<String>, effect: Effect, what: impl Into<String>) -> Self {
        let (file, what) = (file.into(), what.into());
        Self { file, bytes: None, namespace: None, keys: (Vec::new(), None), effect, what }
    }

    fn at(self, bytes: &std::ops::Range<usize>) -> Self {
        Self { bytes: Some((bytes.start as u64, bytes.len() as u64)), ..self }
    }
}

impl Store {
    /// Makes a new store at `to`, which must be empty or missing, of all that can be read of a damaged store or
    /// snapshot file at `from`, which is never changed. The folder gets its name when all is in it; until then, and after a
    /// failure, there is nothing. `progress` counts blocks and commits of the journal.
    ///
    /// # Errors
    /// `NOT_A_STORE` for what holds nothing of a store, `LOCKED` for one that is open, `FORMAT_TOO_NEW`, `EXISTS` for a
    /// `to` that holds anything, `INVALID_ARGUMENT` for one inside `from`, `ABORTED`, `DISK_FULL`, `PERMISSION_DENIED`,
    /// `IO_FAILED`. Damage is no error.
    pub fn repair(
        from: &Path,
        to: &Path,
        options: &Options,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<RepairReport> {
        options.validate()?;
        let source = from.canonicalize().map_err(|error| match error.kind() {
            ErrorKind::NotFound => not_a_store(from),
            _ => Error::io(format!("repairing {}", from.display()), error),
        })?;
        require_empty(to)?;
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let inside = parent.ancestors().find_map(|folder| folder.canonicalize().ok());
        if source.is_dir() && inside.is_some_and(|folder| folder.starts_with(&source)) {
            let what = format!("{} lies inside {}; choose another folder", to.display(), from.display());
            return Err(Error::new(ErrorCode::InvalidArgument, what));
        }
        let damaged = if source.is_dir() { folder::read(&source)? } else { published::read(&source)? };
        fs::create_dir_all(parent).map_err(|error| Error::io(format!("creating {}", parent.display()), error))?;
        let building = Building::create(to, "repairing")?;
        let report = copy::write(damaged, building.path(), options, progress)?;
        building.name(to, parent)?;
        Ok(report)
    }
}

fn not_a_store(path: &Path) -> Error {
    let what = format!("{} holds nothing of a store; name a store's folder or a published file", path.display());
    Error::new(ErrorCode::NotAStore, what)
}
