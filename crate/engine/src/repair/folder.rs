//! A damaged store's folder: what each of its files still says.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sledstore_sys::FileMap;

use super::{Effect, Lost, not_a_store};
use crate::error::{Error, ErrorCode, Result};
use crate::journal::Salvaged;
use crate::lock::{self, SharedLock};
use crate::open::{JOURNAL_FOLDER, SLED_FOLDER};
use crate::options::Compression;
use crate::sled_log::pages::Entries;
use crate::store_file::{self, CHECKPOINT_FILE, CheckpointFile, STORE_FILE};

/// All that is left of a store.
pub(super) struct Damaged {
    pub compression: Option<Compression>,
    pub completed: Option<CheckpointFile>,
    /// Name of the file that the blocks are in.
    pub blocks_file: String,
    pub blocks: Option<FileMap>,
    pub entries: Entries,
    /// None for a snapshot file, which has none.
    pub journal: Option<Salvaged>,
    pub lost: Vec<Lost>,
    /// Keeps others from opening it.
    pub lock: Option<SharedLock>,
}

pub(super) fn read(folder: &Path) -> Result<Damaged> {
    let has_something = [STORE_FILE, CHECKPOINT_FILE, JOURNAL_FOLDER, SLED_FOLDER];
    if !has_something.iter().any(|name| folder.join(name).exists()) {
        return Err(not_a_store(folder));
    }
    let lock = lock::share(folder)?;
    let mut lost = Vec::new();
    let format = tolerate(store_file::read_format(folder), STORE_FILE, &mut lost)?;
    if format.is_none() && lost.is_empty() {
        lost.push(Lost::anywhere(STORE_FILE, Effect::None, "it is missing"));
    }
    let completed = tolerate(store_file::read_checkpoint(folder), CHECKPOINT_FILE, &mut lost)?;
    let journal = Some(Salvaged::read(&folder.join(JOURNAL_FOLDER))?);
    let sled = folder.join(SLED_FOLDER);
    let blocks = map(&sled.join("db"))?;
    let snapshots = snapshots(&sled)?;
    let entries = blocks.as_deref().map_or_else(Entries::default, |file| Entries::read(file, &snapshots));
    if blocks.is_none() && completed.is_some_and(|completed| completed.number > 0) {
        lost.push(Lost::anywhere(
            super::blocks::BLOCKS_FILE,
            Effect::Missing,
            "the file of all blocks is gone or empty",
        ));
    }
    let blocks_file = super::blocks::BLOCKS_FILE.to_owned();
    let compression = format.map(|format| format.compression);
    Ok(Damaged { compression, completed, blocks_file, blocks, entries, journal, lost, lock })
}

/// Damage of a small file is noted, and it counts as missing.
fn tolerate<T>(read: Result<Option<T>>, file: &str, lost: &mut Vec<Lost>) -> Result<Option<T>> {
    match read {
        Err(error) if error.code() == ErrorCode::Corruption => {
            lost.push(Lost::anywhere(file, Effect::None, error.what()));
            Ok(None)
        }
        read => read,
    }
}

fn map(path: &Path) -> Result<Option<FileMap>> {
    let fail = |error| Error::io(format!("reading {}", path.display()), error);
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(fail)?,
    };
    let metadata = file.metadata().map_err(fail)?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(None);
    }
    FileMap::open(&file).map(Some).map_err(fail)
}

/// sled's snapshots of its page table, the newest last.
fn snapshots(sled: &Path) -> Result<Vec<Vec<u8>>> {
    let fail = |error| Error::io(format!("reading {}", sled.display()), error);
    let entries = match fs::read_dir(sled) {
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => return Ok(Vec::new()),
        entries => entries.map_err(fail)?,
    };
    let is_snapshot = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("snap.") && !name.ends_with(".generating")
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_snapshot).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).map_err(fail)).collect()
}
