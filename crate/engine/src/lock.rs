//! The store's `LOCK`: one process, and one handle in it, holds a store at a time (E26).

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use crate::error::{Error, ErrorCode, Result};

/// Name of the file inside the store's folder.
pub(crate) const FILE_NAME: &str = "LOCK";

/// More than the digits of a process id and its line's end.
const PID_BYTES_MAX: u64 = 32;

/// Held as long as it lives. The kernel frees the lock of a dead process, so a file left behind means nothing, and it
/// is never deleted: a second process could hold the deleted file while a third locks a new one.
#[derive(Debug)]
pub(crate) struct StoreLock {
    _file: File,
}

impl StoreLock {
    /// Locks the store in `folder`, which must exist. Errors: `LOCKED`, naming the holder; `IO_FAILED`,
    /// `PERMISSION_DENIED`.
    pub(crate) fn acquire(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        let failed = |error| Error::io(format!("lock {}", path.display()), error);
        let open = sledstore_sys::private_file().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(folder, &mut file)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // For people and for the error above; nothing is decided by it, so it need not be durable.
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// Keeps others from opening a store as long as it lives.
#[derive(Debug)]
pub(crate) struct SharedLock {
    _file: File,
}

/// Locks the store in `folder` for reading, and changes nothing; none where it has no such file. Errors: as
/// [`StoreLock::acquire`].
pub(crate) fn share(folder: &Path) -> Result<Option<SharedLock>> {
    let path = folder.join(FILE_NAME);
    let failed = |error| Error::io(format!("lock {}", path.display()), error);
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed)?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(SharedLock { _file: file })),
        Err(TryLockError::WouldBlock) => Err(held(folder, &mut file)),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn held(folder: &Path, file: &mut File) -> Error {
    let mut text = String::new();
    // Windows does not let a locked file be read; the holder then stays unnamed.
    let pid = file.take(PID_BYTES_MAX).read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok());
    let (holder, step) = match pid {
        // An engine shares its stores, so this is another one: a second version, or a second copy in another folder.
        Some(pid) if pid == std::process::id() => {
            (format!("this process ({pid}) through another copy of SledStore"), "use one copy (npm ls sledstore)")
        }
        Some(pid) if sledstore_sys::process_exists(pid) => (format!("process {pid}"), "wait until it ends"),
        Some(pid) => (format!("process {pid} of another container or host"), "wait until it ends"),
        None => ("another process".to_owned(), "wait until it ends"),
    };
    let place = folder.display();
    Error::new(ErrorCode::Locked, format!("store at {place} is locked by {holder}; close it there, or {step}"))
}
