//! The store's `LOCK`: one process, and one handle in it, holds a store at a time (E26).

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::error::{Error, ErrorCode, Result};

/// Name of the file inside the store's folder.
pub(crate) const FILE_NAME: &str = "LOCK";

/// More than the digits of a process id and its line's end.
const PID_BYTES_MAX: u64 = 32;

/// A process that this one starts has its open files until it runs its program, and with them a lock that was given back
/// since. So a lock that bears the own process's name is tried again, after waits that double: 0.25 s in all.
const OWN_LOCK_TRIES: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(1);

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
        lock(folder, &mut file, File::try_lock)?;
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
    lock(folder, &mut file, File::try_lock_shared)?;
    Ok(Some(SharedLock { _file: file }))
}

fn lock(
    folder: &Path,
    file: &mut File,
    try_lock: impl Fn(&File) -> std::result::Result<(), TryLockError>,
) -> Result<()> {
    let mut tries = 0;
    loop {
        match try_lock(file) {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => {
                return Err(Error::io(format!("lock {}", folder.join(FILE_NAME).display()), error));
            }
            Err(TryLockError::WouldBlock) => {}
        }
        let holder = holder_of(file);
        if holder != Some(std::process::id()) || tries == OWN_LOCK_TRIES {
            return Err(held(folder, holder));
        }
        sleep(FIRST_WAIT * 2_u32.pow(tries));
        tries += 1;
    }
}

/// The process that wrote its name into the lock. Windows does not let a locked file be read; it then stays unnamed.
fn holder_of(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(PID_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn held(folder: &Path, holder: Option<u32>) -> Error {
    let (holder, step) = match holder {
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
