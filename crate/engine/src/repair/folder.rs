//! A damaged store's folder: what each of its files still says.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use sledstore_sys::FileMap;

use super::blocks::{SLED_FILE, Source};
use super::{Effect, Lost, not_a_store};
use crate::block_files::BLOCKS_FOLDER;
use crate::block_files::salvage::SalvagedFiles;
use crate::error::{Error, ErrorCode, Result};
use crate::journal::Salvaged;
use crate::lock::{self, SharedLock};
use crate::open::{JOURNAL_FOLDER, SLED_FOLDER};
use crate::options::Compression;
use crate::sled_log::pages::Entries;
use crate::sorted_run::RUNS_FOLDER;
use crate::sorted_run::salvage::SalvagedRun;
use crate::store_file::{self, CHECKPOINT_FILE, CheckpointFile, STORE_FILE};

/// All that is left of a store.
pub(super) struct Damaged {
    pub compression: Option<Compression>,
    /// The highest there was; none where nothing tells it.
    pub epoch: Option<u32>,
    pub completed: Option<CheckpointFile>,
    pub source: Source,
    /// Oldest first.
    pub runs: Vec<SalvagedRun>,
    /// None for a snapshot file, which has none.
    pub journal: Option<Salvaged>,
    pub lost: Vec<Lost>,
    /// Keeps others from opening it.
    pub lock: Option<SharedLock>,
}

pub(super) fn read(folder: &Path) -> Result<Damaged> {
    let has_something = [STORE_FILE, CHECKPOINT_FILE, JOURNAL_FOLDER, SLED_FOLDER, BLOCKS_FOLDER, RUNS_FOLDER];
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
    let journal = Salvaged::read(&folder.join(JOURNAL_FOLDER))?;
    let epoch = journal.epoch_max();
    let sled = folder.join(SLED_FOLDER);
    let file = map(&sled.join("db"))?;
    let snapshots = snapshots(&sled)?;
    let mut block_files = SalvagedFiles::default();
    for name in names(&folder.join(BLOCKS_FOLDER))? {
        block_files.add(&name, || map(&folder.join(BLOCKS_FOLDER).join(&name)))?;
    }
    let key_of = |stored: &[u8]| block_files.key_of(stored);
    let entries = file.as_deref().map_or_else(Entries::default, |file| Entries::read(file, &snapshots, &key_of));
    let mut runs = Vec::new();
    for name in names(&folder.join(RUNS_FOLDER))? {
        if let Some(file) = map(&folder.join(RUNS_FOLDER).join(&name))? {
            runs.extend(SalvagedRun::read(&name, &file));
        }
    }
    let compression = format.map(|format| format.compression);
    let source = Source { name: SLED_FILE.to_owned(), file, entries, block_files };
    Ok(Damaged { compression, epoch, completed, source, runs, journal: Some(journal), lost, lock })
}

/// Names in a folder, ascending; none where there is no such folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    let fail = |error| Error::io(format!("reading {}", folder.display()), error);
    let entries = match fs::read_dir(folder) {
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => return Ok(Vec::new()),
        entries => entries.map_err(fail)?,
    };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    Ok(names)
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
    let is_snapshot = |name: &String| name.starts_with("snap.") && !name.ends_with(".generating");
    let paths = names(sled)?.into_iter().filter(is_snapshot).map(|name| sled.join(name));
    paths.map(|path| fs::read(&path).map_err(|error| Error::io(format!("reading {}", path.display()), error))).collect()
}
