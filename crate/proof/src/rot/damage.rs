//! What is done to a file.

use std::fs;
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::rngs::SmallRng;

use super::sample::{Left, Sample};

/// Draws that change nothing before one is given up for good.
const DRAWS_MAX: usize = 100;

#[derive(Clone, Debug)]
pub struct Damage {
    /// Inside the store's folder; empty for a published file.
    pub file: PathBuf,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// One bit is another.
    Flip { at: usize, bit: u8 },
    /// A sector, or several in a row, is zeros.
    Zero { at: usize, length: usize },
    /// The end is cut off.
    Cut { length: usize },
    /// The file is gone.
    Delete,
}

impl Damage {
    /// One that changes something.
    pub fn draw(random: &mut SmallRng, sample: &Sample) -> Option<Self> {
        (0..DRAWS_MAX).find_map(|_| {
            let file = draw_file(random, sample)?;
            let bytes = fs::read(inside(&sample.path, &file)).ok()?;
            let what = draw_what(random, &file, &bytes)?;
            let damage = Self { file, what };
            (damage.changed(&bytes).as_ref() != Some(&bytes)).then_some(damage)
        })
    }

    fn changed(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = bytes.to_vec();
        match self.what {
            What::Flip { at, bit } => bytes[at] ^= 1 << bit,
            What::Zero { at, length } => {
                let end = bytes.len().min(at + length);
                bytes[at..end].fill(0);
            }
            What::Cut { length } => bytes.truncate(length),
            What::Delete => return None,
        }
        Some(bytes)
    }

    /// Damages a copy.
    pub fn apply(&self, copy: &Path) -> std::io::Result<()> {
        let path = inside(copy, &self.file);
        match self.changed(&fs::read(&path)?) {
            Some(bytes) => fs::write(path, bytes),
            None => fs::remove_file(path),
        }
    }

    /// Whether the file holds no rows, so that all of them can be had without it.
    pub fn is_beside_the_rows(&self) -> bool {
        let name = self.file.to_string_lossy();
        ["STORE", "CHECKPOINT", "LOCK", "sled/conf"].contains(&&*name) || name.starts_with("sled/snap")
    }

    /// Whether it is in a segment of the journal.
    pub fn is_in_journal(&self) -> bool {
        self.file.starts_with("journal")
    }

    /// The kind of the file, for counting.
    pub fn file_kind(&self) -> &'static str {
        match self.file.to_str().unwrap_or_default() {
            "" => "published",
            "STORE" => "STORE",
            "CHECKPOINT" => "CHECKPOINT",
            "LOCK" => "LOCK",
            "sled/db" => "sled/db",
            "sled/conf" => "sled/conf",
            name if name.starts_with("sled/snap") => "sled/snap",
            name if name.starts_with("journal") => "journal",
            name if name.starts_with("blocks") => "blocks",
            name if name.starts_with("runs") => "runs",
            _ => "other",
        }
    }
}

/// A file of a folder, or the file itself.
pub fn inside(path: &Path, file: &Path) -> PathBuf {
    if file.as_os_str().is_empty() { path.to_path_buf() } else { path.join(file) }
}

/// Files that are many or large are hit most, and each kind is.
fn draw_file(random: &mut SmallRng, sample: &Sample) -> Option<PathBuf> {
    if sample.left == Left::Published {
        return Some(PathBuf::new());
    }
    let kind = match random.random_range(0..100) {
        0..5 => "STORE",
        5..11 => "CHECKPOINT",
        11..12 => "LOCK",
        12..30 => "journal",
        30..52 => "sled/db",
        52..55 => "sled/conf",
        55..60 => "sled/",
        60..82 => "blocks/",
        _ => "runs/",
    };
    let of_kind: Vec<_> = sample.files.iter().filter(|name| name.to_string_lossy().starts_with(kind)).collect();
    (!of_kind.is_empty()).then(|| of_kind[random.random_range(0..of_kind.len())].clone())
}

fn draw_what(random: &mut SmallRng, file: &Path, bytes: &[u8]) -> Option<What> {
    // What was never written holds nothing to damage.
    let used = bytes.iter().rposition(|&byte| byte != 0)? + 1;
    // Heads and ends are small and matter most.
    let at = match random.random_range(0..10) {
        0 => random.random_range(0..used.min(160)),
        1 => used - 1 - random.random_range(0..used.min(160)),
        _ => random.random_range(0..used),
    };
    Some(match random.random_range(0..20) {
        0..10 => What::Flip { at, bit: random.random_range(0..8) },
        10..14 => What::Zero { at: at / 512 * 512, length: 512 },
        14..18 => What::Zero { at: at / 4_096 * 4_096, length: 4_096 },
        18 => What::Cut { length: at },
        // A missing LOCK is no damage, and a missing file nothing to repair.
        _ if file == Path::new("LOCK") || file.as_os_str().is_empty() => return None,
        _ => What::Delete,
    })
}
