//! Files and folders of one user: made for nobody else, and reached through no link.
//!
//! The modes are given when a file is made, so there is no moment at which it is open to others, and the process's umask,
//! which belongs to all its threads, is left alone. Windows has neither: there a folder's access list holds for what is
//! made in it.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// What may be done to a file, as a number of its mode: the owner reads and writes.
#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
/// The same of a folder.
#[cfg(unix)]
const FOLDER_MODE: u32 = 0o700;

/// Options to open a file with: one that is made is its owner's alone, and a symbolic link is an error.
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(FILE_MODE).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// Makes a folder that is its owner's alone; the folder above it must be there.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER_MODE);
    builder.create(path)
}

/// Makes a file that another library has created its owner's alone.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::symlink_metadata(path)?.permissions().mode() & 0o777 != FILE_MODE {
            fs::set_permissions(path, fs::Permissions::from_mode(FILE_MODE))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Whether every user of the system may write to it. Always false on Windows, whose access lists are not asked.
#[must_use]
pub fn is_writable_by_all(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::mode(metadata) & 0o002 != 0;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}
