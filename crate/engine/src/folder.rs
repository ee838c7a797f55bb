//! The store's folder before it is a store: what may become one, and how (E26).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::backend::BLOBS_FOLDER;
use crate::backend_guard::require_free_space;
use crate::block_files::BLOCKS_FOLDER;
use crate::disk::Disk;
use crate::error::{Error, ErrorCode, Result};
use crate::journal::{Journal, SegmentInfo};
use crate::open::{JOURNAL_FOLDER, SLED_FOLDER, new_store_id};
use crate::options::{Compression, Options};
use crate::sorted_run::RUNS_FOLDER;
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

/// Creates a folder and those above it that are missing; their names are durable.
pub(crate) fn create_all(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(folder)?;
    missing.into_iter().filter(|path| path.file_name().is_some()).try_for_each(sync_name)
}

/// Makes a folder's name durable: no sync of what is in it does.
fn sync_name(folder: &Path) -> io::Result<()> {
    let Some(parent) = folder.parent() else { return Ok(()) };
    match sledstore_sys::sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }) {
        // Who may not list a folder cannot sync it.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

/// Those above it are made as any program makes them; the store's own is its owner's alone.
fn create_folder(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_all(parent)?;
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
fn folders_of(folder: &Path) -> [PathBuf; 6] {
    let sled = folder.join(SLED_FOLDER);
    let blobs = sled.join(BLOBS_FOLDER);
    let [journal, blocks, runs] = [JOURNAL_FOLDER, BLOCKS_FOLDER, RUNS_FOLDER].map(|name| folder.join(name));
    [folder.to_path_buf(), journal, blocks, runs, sled, blobs]
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
            || name == BLOCKS_FOLDER
            || name == RUNS_FOLDER
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
    // Whoever created it may have been killed before it had synced the name.
    sync_name(folder).map_err(|error| Error::io(format!("syncing the folder of {}", folder.display()), error))?;
    let format = Format::new(new_store_id(), compression);
    Journal::create_first(disk, &folder.join(JOURNAL_FOLDER), format.store_id, first)?;
    store_file::write_format(folder, &format)?;
    Ok(format)
}

/// Whether there is such a file; what the system refuses to tell is no answer.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|error| Error::io(format!("looking for {}", path.display()), error))
}

/// Names files of this process apart that stand beside another one for a while.
pub(crate) fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What stands beside `path` under its name, a dot, a text of [`unique`] and one of the endings; nothing where the folder
/// cannot be read.
pub(crate) fn siblings(path: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else { return Vec::new() };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let prefix = format!("{}.", name.to_string_lossy());
    let entries = fs::read_dir(parent).into_iter().flatten().map_while(std::result::Result::ok);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_one = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let unique = name.strip_prefix(&prefix).and_then(|rest| endings.iter().find_map(|end| rest.strip_suffix(end)));
        unique.and_then(|unique| unique.split_once('-')).is_some_and(|(id, number)| is_number(id) && is_number(number))
    };
    entries.filter(is_one).map(|entry| entry.path()).collect()
}
