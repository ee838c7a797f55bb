//! Files of a folder that is allowed, and of no other, whoever exchanges names meanwhile.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens a file to read it, by a path inside of a folder that leads through no link. A link in it, a folder, a pipe or a
/// device is an error, be it there before or put there meanwhile.
///
/// On Unix each folder is opened from the one above it, without following links, so that nobody can lead the path
/// elsewhere between a check and the open. Windows has no such calls in std: there the path is resolved once more after
/// the open, and must still be itself.
pub fn open_below(folder: &Path, inside: &Path) -> io::Result<File> {
    let file = open(folder, inside)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"))
}

#[cfg(unix)]
fn open(folder: &Path, inside: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    use std::path::Component;

    // Without a writer, a pipe would hold the thread.
    let read = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    // A folder that may be searched, but not listed, is a way as well.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let way = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let way = read | OFlags::DIRECTORY;
    let mut at = openat(CWD, folder, way, Mode::empty())?;
    let mut names = inside.components().peekable();
    while let Some(name) = names.next() {
        let Component::Normal(name) = name else { break };
        if names.peek().is_none() {
            return Ok(openat(&at, name, read | OFlags::NOFOLLOW, Mode::empty())?.into());
        }
        at = openat(&at, name, way | OFlags::NOFOLLOW, Mode::empty())?;
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"))
}

#[cfg(not(unix))]
fn open(folder: &Path, inside: &Path) -> io::Result<File> {
    let path = folder.join(inside);
    let file = File::open(&path)?;
    if path.canonicalize()? == path {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it became a link"))
}
