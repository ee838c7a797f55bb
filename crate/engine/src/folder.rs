//! The store's folder before it is a store: what may become one, and how (E26).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::backend::BLOBS_FOLDER;
use crate::backend_guard::require_free_space;
use crate::error::{Error, ErrorCode, Result};
use crate::journal::{Disk, Journal, SegmentInfo};
use crate::open::{JOURNAL_FOLDER, SLED_FOLDER, new_store_id};
use crate::options::{Compression, Options};
use crate::store_file::{self, CHECKPOINT_FILE, Format, STORE_FILE};

/// Creates or checks the folder and gives its canonical path; changes nothing of a store that exists.
pub(crate) fn prepare(folder: &Path, options: &Options) -> Result<PathBuf> {
    let fail = |error| Error::io(format!("opening {}", folder.display()), error);
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(not_a_store(folder, "it is not a folder", "check the path")),
        Err(error) if error.kind() == ErrorKind::NotFound && options.create_if_missing => {
            create_folder(folder).map_err(fail)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(not_a_store(folder, "the folder does not exist", "check the path, or allow createIfMissing"));
        }
        Err(error) => return Err(fail(error)),
    }
    folder.canonicalize().map_err(fail)
}

/// Those above it are made as any program makes them; the store's own is its owner's alone.
fn create_folder(folder: &Path) -> std::io::Result<()> {
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    match sledstore_sys::create_private_folder(folder) {
        // Another process has made it meanwhile.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// Whether every user of the system may write to the store's folder, or to one inside it.
pub(crate) fn is_insecure(folder: &Path) -> Result<bool> {
    for folder in folders_of(folder) {
        match fs::symlink_metadata(&folder) {
            Ok(metadata) if sledstore_sys::is_writable_by_all(&metadata) => return Ok(true),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io(format!("opening {}", folder.display()), error));
            }
            _ => {}
        }
    }
    Ok(false)
}

/// Refuses what would let somebody else decide what is opened: a folder that every user may write to, unless that is
/// allowed, and anything in it that is neither a file nor a folder. A link leads elsewhere, a pipe never answers.
pub(crate) fn check_access(folder: &Path, options: &Options) -> Result<()> {
    for folder in folders_of(folder) {
        let fail = |error| Error::io(format!("reading {}", folder.display()), error);
        let entries = match fs::read_dir(&folder) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            entries => entries.map_err(fail)?,
        };
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let kind = entry.file_type().map_err(fail)?;
            if !kind.is_file() && !kind.is_dir() {
                let what = if kind.is_symlink() { "a symbolic link" } else { "neither a file nor a folder" };
                let next = "put the file or folder itself there";
                return Err(insecure(format!("{} is {what}; {next}", entry.path().display())));
            }
        }
    }
    if options.allow_insecure_folder || !is_insecure(folder)? {
        return Ok(());
    }
    let next = "take that right away (chmod -R o-w), or open it with insecureFolder: 'warn'";
    Err(insecure(format!("every user of this system may write to the store at {}; {next}", folder.display())))
}

/// The store's folder and those in it, the outer ones first.
fn folders_of(folder: &Path) -> [PathBuf; 4] {
    let sled = folder.join(SLED_FOLDER);
    let blobs = sled.join(BLOBS_FOLDER);
    [folder.to_path_buf(), folder.join(JOURNAL_FOLDER), sled, blobs]
}

fn insecure(message: String) -> Error {
    Error::new(ErrorCode::InsecureFolder, message)
}

fn not_a_store(folder: &Path, why: &str, next: &str) -> Error {
    Error::new(ErrorCode::NotAStore, format!("no store at {}: {why}; {next}", folder.display()))
}

/// Refuses a folder that is no store and may not become one. Comes before the lock too, so that a folder of somebody
/// else is left alone.
pub(crate) fn check(folder: &Path, options: &Options) -> Result<()> {
    let store = folder.join(STORE_FILE);
    if exists(&store)? {
        return Ok(());
    }
    match check_empty(folder, options) {
        // Another process has made it a store meanwhile.
        Err(_) if exists(&store)? => Ok(()),
        checked => checked,
    }
}

fn check_empty(folder: &Path, options: &Options) -> Result<()> {
    let fail = |error| Error::io(format!("reading {}", folder.display()), error);
    let mut is_foreign = false;
    for entry in fs::read_dir(folder).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        let has_data = name == SLED_FOLDER
            || name == CHECKPOINT_FILE
            || (name == JOURNAL_FOLDER && !is_leftover(&folder.join(JOURNAL_FOLDER))?);
        if has_data {
            let why = "it holds a store's data and no STORE file";
            return Err(not_a_store(folder, why, "restore STORE, or the whole folder, from a copy"));
        }
        // An open that was cut off before `STORE` was there leaves these.
        is_foreign |=
            name != JOURNAL_FOLDER && name != crate::lock::FILE_NAME && name != format!("{STORE_FILE}.tmp").as_str();
    }
    if is_foreign {
        return Err(not_a_store(folder, "the folder holds other files and no STORE file", "choose an empty folder"));
    }
    if !options.create_if_missing {
        return Err(not_a_store(folder, "the folder is empty", "check the path, or allow createIfMissing"));
    }
    Ok(())
}

/// Whether a journal without a store is what [`create`] leaves when it is cut off.
fn is_leftover(journal: &Path) -> Result<bool> {
    let fail = |error| Error::io(format!("reading {}", journal.display()), error);
    for entry in fs::read_dir(journal).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let bytes = entry.metadata().map_err(fail)?.len();
        if !Journal::is_first_leftover(&entry.file_name().to_string_lossy(), bytes) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes a folder that [`check`] let pass a store, whose journal begins with `first`. `STORE` comes last: where it is,
/// there is a journal.
pub(crate) fn create(disk: &dyn Disk, folder: &Path, compression: Compression, first: SegmentInfo) -> Result<Format> {
    require_free_space(folder)?;
    let format = Format { store_id: new_store_id(), compression };
    Journal::create_first(disk, &folder.join(JOURNAL_FOLDER), format.store_id, first)?;
    store_file::write_format(folder, &format)?;
    Ok(format)
}

/// Whether there is such a file; what the system refuses to tell is no answer.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|error| Error::io(format!("looking for {}", path.display()), error))
}
