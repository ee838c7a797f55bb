//! A deadline for each image. A check that hangs cannot be ended but with its process, so the process becomes another one
//! that goes on behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sledstore_proof::Outcome;

/// An image takes milliseconds, a recording a few seconds.
const DEADLINE: Duration = Duration::from_secs(120);

/// Watches over one seed after the other.
pub struct Watch {
    seed: Arc<AtomicU64>,
}

impl Watch {
    /// Seeds end before `end`; the rest is what the process was started with.
    pub fn start(folders: [&str; 2], end: u64, forget: Option<&str>) -> Self {
        let seed = Arc::new(AtomicU64::new(end));
        let watched = seed.clone();
        let folders = folders.map(str::to_owned);
        let forget = forget.map(str::to_owned);
        thread::spawn(move || {
            loop {
                let seed = watched.load(Ordering::SeqCst);
                thread::sleep(DEADLINE);
                if seed < end && watched.load(Ordering::SeqCst) == seed {
                    let notes = vec![format!("the image took more than {} s", DEADLINE.as_secs())];
                    let _ = Outcome { hung: 1, notes, ..Outcome::new(seed) }.print();
                    go_on(&folders, seed + 1, end, forget.as_deref());
                }
            }
        });
        Self { seed }
    }

    /// The time of a seed begins.
    pub fn begin(&self, seed: u64) {
        self.seed.store(seed, Ordering::SeqCst);
    }
}

/// Becomes a process that checks the seeds from `next` on; with none left it ends at once.
#[cfg(unix)]
fn go_on(folders: &[String; 2], next: u64, end: u64, forget: Option<&str>) {
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = std::process::Command::new(program);
    command.arg("check").args(folders).args([next.to_string(), (end - next).to_string()]).args(forget);
    let _ = std::os::unix::process::CommandExt::exec(&mut command);
}

/// Nothing is recorded elsewhere.
#[cfg(not(unix))]
fn go_on(_: &[String; 2], _: u64, _: u64, _: Option<&str>) {}
