//! Cycles of the harness `nth`: those with a planted fault, and those that once found something.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // a test may panic

mod planted_faults_are_found;
mod what_was_found_stays_mended;

use std::path::Path;
use std::process::Command;

use sledstore_proof::nth::{Cycle, Fault, Outcome, Supervisor};
use tempfile::TempDir;

struct Harness {
    supervisor: Supervisor,
    _folder: TempDir,
}

impl Harness {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let shim = folder.path().join("nth.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("shim/nth.c");
        let options = ["-std=gnu11", "-O2", "-shared", "-fPIC", "-o"];
        assert!(Command::new("cc").args(options).arg(&shim).arg(source).status().unwrap().success());
        let program = Path::new(env!("CARGO_BIN_EXE_nth"));
        let supervisor = Supervisor::new(&folder.path().join("work"), &shim, program, folder.path()).unwrap();
        Self { supervisor, _folder: folder }
    }

    /// Runs a cycle that is written as `OPERATION KIND ERROR N MODE`.
    fn run(&self, words: &str) -> Outcome {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let fault = Fault::parse(&words[1..]).unwrap();
        self.supervisor.run(&Cycle { operation: words[0].clone(), fault }).unwrap()
    }

    fn assert_clean(&self, cycles: &[&str]) {
        for cycle in cycles {
            let outcome = self.run(cycle);
            let found = (outcome.lost, outcome.wrong, outcome.aborted, outcome.hung);
            assert_eq!(found, (0, 0, false, false), "{cycle}: {:?}", outcome.notes);
        }
    }
}
