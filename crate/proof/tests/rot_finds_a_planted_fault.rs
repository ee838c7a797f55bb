//! The harness rot: what is held to be right is found, and one value in another's place is not.

use std::process::Command;

use serde_json::Value;

/// Runs a few cycles; gives how many found something wrong.
fn wrong(parameters: &[&str]) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_rot")).arg(folder.path()).args(parameters).output().expect("it runs");
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).expect("text");
    let cycles: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(cycles.len(), 6);
    cycles.iter().filter(|cycle| cycle["wrong"] != 0).count()
}

#[test]
fn a_swapped_value_is_found() {
    assert_eq!(wrong(&["7000", "6"]), 0);
    // A store that is refused and whose repair loses those very rows hides it.
    assert!(wrong(&["7000", "6", "--plant"]) >= 4);
}
