//! Faults of the environment, each set by the process under test itself when calls begin to count, and taken away after:
//! a full disk, a limit of files' sizes, of open files, of memory.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What one step of a limit is.
const FILE_BYTES: u64 = 48 << 10;
const MEMORY_BYTES: u64 = 256 << 10;
const FREE_BYTES: u64 = 24 << 10;
/// Name of the file that fills the disk; it stands beside the folder of the cycle.
const BALLAST: &str = "ballast";

/// What is taken away again.
pub enum Limit {
    /// A limit of the process, and what it was.
    Process(Resource, Rlimit),
    /// A file.
    Ballast(PathBuf),
}

impl Limit {
    /// Whether a kind of fault is one of these.
    pub fn is_one(kind: &str) -> bool {
        matches!(kind, "fsize" | "nofile" | "memory" | "space")
    }

    /// Leaves `steps` of what there is.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn set(kind: &str, steps: u64, folder: &Path) -> io::Result<Self> {
        match kind {
            "fsize" => Self::process(Resource::Fsize, steps * FILE_BYTES),
            "nofile" => Self::process(Resource::Nofile, open_files()? + steps - 1),
            "memory" => Self::process(Resource::As, mapped_bytes()? + steps * MEMORY_BYTES),
            "space" => fill(&folder.with_file_name(BALLAST), steps * FREE_BYTES),
            _ => Err(io::Error::other(format!("no limit {kind}"))),
        }
    }

    fn process(resource: Resource, most: u64) -> io::Result<Self> {
        let before = getrlimit(resource);
        setrlimit(resource, Rlimit { current: Some(most), maximum: before.maximum })?;
        Ok(Self::Process(resource, before))
    }

    /// Takes it away.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn lift(self) -> io::Result<()> {
        match self {
            Self::Process(resource, before) => Ok(setrlimit(resource, before)?),
            Self::Ballast(path) => fs::remove_file(path),
        }
    }
}

/// One more than the highest descriptor, for the system counts those below it, too.
fn open_files() -> io::Result<u64> {
    let mut most = 0;
    for entry in fs::read_dir("/proc/self/fd")? {
        most = most.max(entry?.file_name().to_string_lossy().parse::<u64>().unwrap_or(0));
    }
    Ok(most)
}

fn mapped_bytes() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages: Option<u64> = text.split(' ').next().and_then(|pages| pages.parse().ok());
    pages.map(|pages| pages * 4_096).ok_or_else(|| io::Error::other("no number in /proc/self/statm"))
}

/// Fills the disk but for so many bytes.
fn fill(path: &Path, free: u64) -> io::Result<Limit> {
    let mut file = File::create(path)?;
    let bytes = vec![1; 64 << 10];
    let mut length = 0;
    loop {
        match file.write(&bytes) {
            Ok(0) => break,
            Ok(written) => length += written as u64,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
            Err(error) => return Err(error),
        }
    }
    file.set_len(length.saturating_sub(free))?;
    Ok(Limit::Ballast(path.to_owned()))
}
