//! The harness `kill` finds nothing in a sound engine, and finds that a journal has lost its end.

use std::process::Command;

use serde_json::Value;

/// Kills as many processes as a store lives through; gives what was reported.
fn kills(options: &[&str]) -> Vec<Value> {
    let (folder, scratch) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_kill"));
    command.arg("run").args([folder.path(), scratch.path()]).args(["1", "19"]).args(options);
    let output = command.output().expect("kill");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().expect("JSON")).collect()
}

fn sum(outcomes: &[Value], kind: &str) -> u64 {
    outcomes.iter().map(|outcome| outcome[kind].as_u64().expect("a number")).sum()
}

#[test]
fn nothing_in_a_sound_engine() {
    let outcomes = kills(&[]);
    let seeds: Vec<_> = outcomes.iter().map(|outcome| outcome["seed"].as_u64()).collect();
    assert_eq!(seeds, (1..20).map(Some).collect::<Vec<_>>());
    for kind in ["lost", "wrong", "aborted", "hung"] {
        assert_eq!(sum(&outcomes, kind), 0, "{kind}: {outcomes:?}");
    }
}

#[test]
fn that_journals_lose_their_end() {
    assert!(sum(&kills(&["--cut-journal"]), "lost") > 0);
}
