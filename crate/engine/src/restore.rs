//! `backup` and `restore`: a snapshot file that was read back after it was written, and a store made from one.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::backend::Backend;
use crate::disk::RealDisk;
use crate::error::{Error, ErrorCode, Result};
use crate::folder;
use crate::journal::SegmentInfo;
use crate::lock;
use crate::open;
use crate::options::Options;
use crate::progress::Progress;
use crate::publish::{PublishOptions, Published, RESTORED_NUMBER};
use crate::snapshot_file::{Header, SnapshotFile};
use crate::store::Store;
use crate::store_file::{self, CheckpointFile};

/// How the name of a store ends until all is in it.
const RESTORING: &str = ".restoring";
/// Bytes written to sled between two times its buffers are emptied (E15).
const FLUSH_EVERY_BYTES: usize = 8 << 20;
/// Entries between two calls of `progress`.
const PROGRESS_ENTRIES: usize = 64;

impl Store {
    /// As [`Store::publish`], to a file that must not be there yet, and that is read back before it gets its name: it holds
    /// what it should when this returns, and there is none after a failure.
    ///
    /// # Errors
    /// `EXISTS`; as [`Store::publish`].
    pub fn backup(&self, file: &Path, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Published> {
        if folder::exists(file)? {
            let what = format!("{} is there already; name a new file, or use publish to replace it", file.display());
            return Err(Error::new(ErrorCode::Exists, what));
        }
        self.write_snapshot_file(file, &PublishOptions::default(), true, progress)
    }

    /// Makes a store in a new or empty folder from a file that [`Store::publish`] or [`Store::backup`] has written, which is
    /// read and checked as a whole first. The folder gets its name when all is in it; until then, and after a failure,
    /// there is nothing. The new store has an id of its own. `progress` counts entries, twice over.
    ///
    /// # Errors
    /// `EXISTS` for a folder that holds anything, `CORRUPTION` or `NOT_A_STORE` for the file, `ABORTED`, `DISK_FULL`,
    /// `PERMISSION_DENIED`, `IO_FAILED`.
    pub fn restore(
        file: &Path,
        folder: &Path,
        options: &Options,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<()> {
        options.validate()?;
        let source = SnapshotFile::open(file)?;
        require_empty(folder)?;
        let total = 2 * source.len() as u64;
        let mut tell = |done: usize| {
            let done = done as u64;
            if !done.is_multiple_of(PROGRESS_ENTRIES as u64) && done != total || progress(Progress { done, total }) {
                return Ok(());
            }
            Err(Error::new(ErrorCode::Aborted, "restoring was ended; nothing is left of it"))
        };
        tell(0)?;
        source.verify(&mut |done| tell(done))?;
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        folder::create_all(parent).map_err(|error| failed(parent, error))?;
        remove_leftovers(folder);
        let building = Building::create(folder, "restoring")?;
        building.fill(&source, options, &mut |done| tell(source.len() + done))?;
        building.name(folder, parent)
    }
}

/// Refuses a folder that holds anything.
pub(crate) fn require_empty(folder: &Path) -> Result<()> {
    let taken = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) if error.kind() == ErrorKind::NotADirectory => true,
        Err(error) => return Err(failed(folder, error)),
    };
    if !taken {
        return Ok(());
    }
    let what = format!("{} is not an empty folder; name a new one", folder.display());
    Err(Error::new(ErrorCode::Exists, what))
}

/// The store under another name; removed when it is dropped unnamed.
pub(crate) struct Building(PathBuf);

impl Building {
    /// Makes a folder beside the one it is to be; `doing` is part of its name.
    pub fn create(folder: &Path, doing: &str) -> Result<Self> {
        let mut name = folder.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.{doing}", folder::unique()));
        let path = folder.with_file_name(name);
        sledstore_sys::create_private_folder(&path).map_err(|error| failed(&path, error))?;
        Ok(Self(path))
    }

    fn fill(&self, source: &SnapshotFile, options: &Options, step: &mut dyn FnMut(usize) -> Result<()>) -> Result<()> {
        let lock = lock::StoreLock::acquire(&self.0)?;
        let backend = open::open_backend(&self.0, &options.memory_plan())?;
        let inserted = insert_all(&backend, source, step);
        let closed = inserted.and_then(|()| backend.reclaim()).and_then(|()| backend.flush());
        closed.and(backend.close())?;
        let Header { seq: applied, epoch, compression, .. } = *source.header();
        let hash = source.hash();
        store_file::write_checkpoint(&self.0, &CheckpointFile { applied, number: RESTORED_NUMBER, hash })?;
        // E1: ids that carry an epoch, as those of streamed values do, are in the file; none may be given again.
        let epoch = u32::try_from(epoch + 1).map_err(|_| Error::internal("there are no epochs left"))?;
        folder::create(&RealDisk, &self.0, compression, SegmentInfo { epoch, first_seq: applied + 1 })?;
        drop(lock);
        Ok(())
    }

    /// Where it is until it has its name.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it its name, in `parent`.
    pub fn name(self, folder: &Path, parent: &Path) -> Result<()> {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(folder, error)),
            _ => {}
        }
        fs::rename(&self.0, folder).map_err(|error| failed(folder, error))?;
        sledstore_sys::sync_folder(parent).map_err(|error| {
            // Back to where it goes from.
            let _ = fs::rename(folder, &self.0);
            failed(parent, error)
        })
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        // Once it has its name there is nothing here; what cannot be removed goes when the next one begins.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes what was left of stores to come at `folder`: those that nobody has locked.
fn remove_leftovers(folder: &Path) {
    for leftover in folder::siblings(folder, &[RESTORING]) {
        if lock::StoreLock::acquire(&leftover).is_ok() {
            let _ = fs::remove_dir_all(&leftover);
        }
    }
}

fn insert_all(backend: &dyn Backend, source: &SnapshotFile, step: &mut dyn FnMut(usize) -> Result<()>) -> Result<()> {
    let mut bytes = 0;
    for index in 0..source.len() {
        let (key, value) = source.stored(index)?;
        backend.insert(key, &value)?;
        bytes += key.len() + value.len();
        if bytes >= FLUSH_EVERY_BYTES {
            backend.flush_buffers()?;
            bytes = 0;
        }
        step(index + 1)?;
    }
    Ok(())
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io(format!("restoring to {}", path.display()), error)
}
