//! The harness of crash images can fail: a store whose journal, sled's file or `CHECKPOINT` was never synced loses what
//! it has acknowledged, or does not open, and the same recording with its syncs does not.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test may panic

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The first image of a recording of two processes with some ten checkpoints each, and how many are built.
const SEED: u64 = 5_000;
const CYCLES: u64 = 60;

/// How many acknowledged steps are missing, and how many answers wrong, over some images of a recording. A store that does
/// not open counts as one wrong answer.
fn found(recordings: &Path, forget: Option<&str>) -> u64 {
    let scratch = tempfile::tempdir().unwrap();
    let mut images = Command::new(env!("CARGO_BIN_EXE_images"));
    images.arg("check").args([recordings, scratch.path()]);
    images.args([SEED.to_string(), CYCLES.to_string()]).args(forget);
    let output = images.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let outcomes: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(outcomes.len() as u64, CYCLES);
    let found = outcomes.iter().flat_map(|outcome| ["lost", "wrong"].map(|kind| outcome[kind].as_u64().unwrap())).sum();
    assert!(forget.is_some() || found == 0, "{text}");
    found
}

#[test]
fn of_the_journal_of_sled_and_of_the_checkpoint() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let recordings = tempfile::tempdir().unwrap();
    assert_eq!(found(recordings.path(), None), 0);
    for path in ["store/journal", "store/sled/db", "store/CHECKPOINT"] {
        assert!(found(recordings.path(), Some(path)) > 0, "{path} was never synced, and nothing is missing");
    }
}
