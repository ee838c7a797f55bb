//! The preloaded shim as the process under test sees it: two files to open (see `shim/nth.c`).

use std::fmt;
use std::fs::{self, File};
use std::io;

/// Which call fails, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Kind of the call: `write`, `sync`, `rename`, ….
    pub kind: String,
    /// Name of an errno, or `SHORT`, `TORN`, `LIE`; `none` only counts.
    pub error: String,
    /// Which call of that kind, from 1.
    pub at: u64,
    /// Whether it is the only one (`once`), all of its kind after it fail, too (`on`), or all reads of its place (`place`).
    pub mode: String,
}

impl Fault {
    /// From the four words it is written as.
    pub fn parse(words: &[String]) -> Option<Self> {
        let [kind, error, at, mode] = words else { return None };
        Some(Self { kind: kind.clone(), error: error.clone(), at: at.parse().ok()?, mode: mode.clone() })
    }

    /// Whether the system call must look as if nothing had happened: std repeats it.
    pub fn is_benign(&self) -> bool {
        matches!(self.error.as_str(), "none" | "EINTR" | "SHORT")
    }

    /// From now on calls are counted, and one fails.
    pub fn arm(&self) {
        // It answers that there is no such file.
        let _ = File::open(format!("/sledstore-nth/arm/{}", self.words().join("/")));
    }

    /// The four words of [`Fault::parse`].
    pub fn words(&self) -> [String; 4] {
        [self.kind.clone(), self.error.clone(), self.at.to_string(), self.mode.clone()]
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(" "))
    }
}

/// Ends what [`Fault::arm`] began; gives how often each kind was called, and how often one failed.
///
/// # Errors
/// `NotFound` when the shim is not there.
pub fn disarm() -> io::Result<String> {
    fs::read_to_string("/sledstore-nth/disarm").map(|text| text.trim().to_owned())
}
