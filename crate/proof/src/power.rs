//! A file system of its own in a file, whose power can be cut.

mod cut;

use std::ffi::CString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

pub use cut::cut;

/// A file system in an image, mounted or not.
///
/// The process should have a mount namespace of its own: then the kernel unmounts it and frees the loop device however the
/// process ends.
pub struct FileSystem {
    kind: String,
    folder: PathBuf,
    device: PathBuf,
    /// Keeps the loop device, which frees itself once nobody has it open.
    _device: File,
}

impl FileSystem {
    /// Puts a loop device before an image for a file system of this kind, to be mounted on a folder.
    ///
    /// # Errors
    /// When there is no free loop device, or this user may have none.
    pub fn new(kind: &str, image: &Path, folder: &Path) -> std::io::Result<Self> {
        let device = losetup(&["--find".as_ref(), "--show".as_ref(), image.as_ref()])?;
        let device = PathBuf::from(device.trim());
        let open = File::open(&device)?;
        // It is in use, so this only says that it goes with its last user.
        losetup(&["--detach".as_ref(), device.as_os_str()])?;
        std::fs::create_dir_all(folder)?;
        Ok(Self { kind: kind.to_owned(), folder: folder.to_owned(), device, _device: open })
    }

    /// Makes it anew, which a life of cuts needs: what they leak in it is never given back.
    ///
    /// # Errors
    /// When there is no program that makes such a file system.
    pub fn format(&self) -> std::io::Result<()> {
        let force = if self.kind == "ext4" { "-F" } else { "-f" };
        run(Command::new(format!("mkfs.{}", self.kind)).args(["-q", force]).arg(&self.device)).map(drop)
    }

    /// Does what a machine does when it starts again: recovers the log and mends what the cut has left. ext4 is shut down while
    /// its block maps are on their way, whose checksums are wrong then; XFS needs nothing. Gives what it says of what it mended.
    ///
    /// # Errors
    /// When it cannot be mended.
    pub fn mend(&self) -> std::io::Result<Option<String>> {
        const NOTHING: i32 = 0;
        const MENDED: i32 = 1;
        if self.kind != "ext4" {
            return Ok(None);
        }
        let output = Command::new("e2fsck").args(["-f", "-y"]).arg(&self.device).output()?;
        match output.status.code() {
            Some(NOTHING) => Ok(None),
            Some(MENDED) => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
            _ => Err(std::io::Error::other(String::from_utf8_lossy(&output.stdout).into_owned())),
        }
    }

    /// Mounts it, which recovers its log.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn mount(&self, options: &str) -> std::io::Result<()> {
        let options = CString::new(options)?;
        mount(&self.device, &self.folder, self.kind.as_str(), MountFlags::NOATIME, options.as_c_str())?;
        Ok(())
    }

    /// Unmounts it.
    ///
    /// # Errors
    /// When somebody still has a file of it open.
    pub fn unmount(&self) -> std::io::Result<()> {
        unmount(&self.folder, UnmountFlags::empty())?;
        Ok(())
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn losetup(arguments: &[&std::ffi::OsStr]) -> std::io::Result<String> {
    run(Command::new("losetup").args(arguments))
}

fn run(command: &mut Command) -> std::io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}
