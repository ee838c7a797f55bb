//! A file is opened below a folder through names alone: no link, no pipe and nothing outside.
#![allow(clippy::unwrap_used)] // a test's panic is its report
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::Path;

use sledstore_sys::open_below;

fn content(folder: &Path, inside: &str) -> Option<String> {
    let mut text = String::new();
    open_below(folder, Path::new(inside)).ok()?.read_to_string(&mut text).unwrap();
    Some(text)
}

#[test]
fn names_lead_in_and_links_nowhere() {
    let home = tempfile::tempdir().unwrap();
    let (folder, other) = (home.path().join("in"), home.path().join("out"));
    fs::create_dir_all(folder.join("deep/er")).unwrap();
    fs::create_dir(&other).unwrap();
    fs::write(folder.join("a.csv"), "a").unwrap();
    fs::write(folder.join("deep/er/b.csv"), "b").unwrap();
    fs::write(other.join("secret.csv"), "secret").unwrap();
    assert_eq!(content(&folder, "a.csv").as_deref(), Some("a"));
    assert_eq!(content(&folder, "deep/er/b.csv").as_deref(), Some("b"));

    symlink(other.join("secret.csv"), folder.join("last.csv")).unwrap();
    symlink(&other, folder.join("way")).unwrap();
    symlink(folder.join("a.csv"), folder.join("own.csv")).unwrap();
    let absolute = other.join("secret.csv");
    for inside in ["last.csv", "way/secret.csv", "own.csv", "../out/secret.csv", "deep/../a.csv", "deep", "", "none"] {
        assert_eq!(content(&folder, inside), None, "{inside}");
    }
    assert_eq!(content(&folder, absolute.to_str().unwrap()), None);
}

#[test]
fn a_pipe_holds_nobody() {
    let home = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo").arg(home.path().join("pipe.csv")).status().unwrap();
    assert!(made.success());
    assert_eq!(content(home.path(), "pipe.csv"), None);
}
