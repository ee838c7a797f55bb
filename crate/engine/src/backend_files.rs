//! sled's files as they must be before sled opens them (E19): nothing unfinished, and nothing that cannot be read.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::backend::BLOBS_FOLDER;
use crate::error::{Error, Result};
use crate::options::SEGMENT_BYTES;

/// What sled writes to `conf`: the options every store has, and a checksum.
pub(crate) const CONF: &[u8] = b"segment_size: 2097152\nuse_compression: false\nversion: 0.34\n\x27\x9c\x3d\xb8";
/// What sled's settings and page table may have beyond the length of its log.
const WHOLE_FILE_BYTES_MAX: u64 = 1 << 20;
/// Checksum, lsn and stable lsn of a segment.
const SEGMENT_HEADER_BYTES: u64 = 20;
/// sled stores the lsn of a segment combined with this.
const LSN_MASK: u64 = 0x7fff_ffff_ffff_ffff;
/// What is read at a time.
const STEP_BYTES: u64 = 256 << 10;

/// A failure while sled writes a snapshot leaves a file that makes every later open fail; sled can do without it. `conf` it
/// writes in two pieces and never syncs, and refuses one that is torn for good; it tells nothing that is not known, so
/// sled may write it again.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("tidy {}", folder.display()), error);
    let mut removed = false;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_unfinished = name.starts_with("snap.") && name.ends_with(".generating")
            || name == "conf" && !is_whole_conf(&entry).map_err(failed)?;
        if is_unfinished {
            fs::remove_file(entry.path()).map_err(failed)?;
            removed = true;
        }
    }
    if removed {
        sledstore_sys::sync_folder(folder).map_err(failed)?;
    }
    Ok(())
}

fn is_whole_conf(entry: &fs::DirEntry) -> io::Result<bool> {
    Ok(entry.metadata()?.len() == CONF.len() as u64 && fs::read(entry.path())? == CONF)
}

/// `IO_FAILED` if a part of the log that sled will read cannot be read. sled takes such a part for the end of its log and
/// overwrites all that is behind it; so each is read here first, and whoever mends the disk finds the store as it was.
/// What sled reads next comes from the system's cache.
pub(crate) fn require_readable(folder: &Path) -> Result<()> {
    let path = folder.join("db");
    let fail = |error| Error::io(format!("reading {}", path.display()), error);
    let snapshot_lsn =
        newest_snapshot_lsn(folder).map_err(|error| Error::io(format!("list {}", folder.display()), error))?;
    let from = snapshot_lsn / SEGMENT_BYTES as u64 * SEGMENT_BYTES as u64;
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        file => file.map_err(fail)?,
    };
    let mut bytes = Vec::new();
    let length = file.metadata().map_err(fail)?.len();
    for at in (0..length).step_by(SEGMENT_BYTES) {
        let header = read_at(&mut file, at, SEGMENT_HEADER_BYTES, &mut bytes).map_err(fail)?;
        let lsn = header.get(4..12).and_then(|lsn| lsn.try_into().ok()).map(|lsn| u64::from_le_bytes(lsn) ^ LSN_MASK);
        // What the snapshot covers is not read; a number without a meaning costs a needless read.
        if lsn.is_some_and(|lsn| lsn >= from) {
            for step in (0..SEGMENT_BYTES as u64).step_by(STEP_BYTES as usize) {
                read_at(&mut file, at + step, STEP_BYTES, &mut bytes).map_err(fail)?;
            }
        }
    }
    Ok(())
}

/// Up to where the newest snapshot covers the log; its name tells.
fn newest_snapshot_lsn(folder: &Path) -> io::Result<u64> {
    let mut newest = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let lsn = name.to_str().and_then(|name| name.strip_prefix("snap."));
        newest = newest.max(lsn.and_then(|lsn| u64::from_str_radix(lsn, 16).ok()).unwrap_or(0));
    }
    Ok(newest)
}

/// Fewer bytes where the file ends.
fn read_at<'a>(file: &mut File, at: u64, length: u64, bytes: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
    bytes.clear();
    file.seek(SeekFrom::Start(at))?;
    file.take(length).read_to_end(bytes)?;
    Ok(bytes)
}

/// Makes sled's folder and what sled would make readable by others in it.
pub(crate) fn prepare_folder(folder: &Path) -> Result<()> {
    for folder in [folder, &folder.join(BLOBS_FOLDER)] {
        match sledstore_sys::create_private_folder(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(Error::io(format!("create {}", folder.display()), error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes the file that sled would make readable by others: it takes an empty one for none, and writes it.
pub(crate) fn prepare_conf(folder: &Path) -> Result<()> {
    let conf = folder.join("conf");
    let made = sledstore_sys::private_file().write(true).create(true).truncate(false).open(&conf);
    made.map(drop).map_err(|error| Error::io(format!("create {}", conf.display()), error))
}

/// Makes what sled has written, snapshots of its page table among it, its owner's alone.
pub(crate) fn make_files_private(folder: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("set the modes of {}", folder.display()), error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            match sledstore_sys::make_private(&entry.path()) {
                // sled replaces its snapshots; and what another user owns is left as that one wants it.
                Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
                    return Err(failed(error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Refuses files that sled reads as a whole and that are longer than it ever writes them: its few settings, and its page
/// table, which names places in its log in less than they take there.
pub(crate) fn limit_sizes(folder: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("read {}", folder.display()), error);
    let mut log_bytes = 0;
    let mut whole = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let bytes = entry.metadata().map_err(failed)?.len();
        match entry.file_name().to_str() {
            Some("db") => log_bytes = bytes,
            Some(name) if name == "conf" || name.starts_with("snap.") => whole.push((entry.path(), bytes)),
            _ => {}
        }
    }
    match whole.into_iter().find(|(_, bytes)| *bytes > log_bytes + WHOLE_FILE_BYTES_MAX) {
        Some((path, bytes)) => {
            Err(Error::corruption(path.display(), format!("it has {bytes} bytes, which is too many")))
        }
        None => Ok(()),
    }
}
