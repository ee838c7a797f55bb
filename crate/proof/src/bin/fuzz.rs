//! libFuzzer over one target, named by `SLEDSTORE_FUZZ_TARGET`; its options and corpus are libFuzzer's own. With
//! `SLEDSTORE_FUZZ_SEEDS` the target's seeds are written into that folder first.
//!
//! It is guided by what the code does when it was compiled with `crate/proof/rustc-with-coverage.sh`.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use sledstore_proof::fuzz::{self, Target};

fn target() -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("SLEDSTORE_FUZZ_TARGET").unwrap_or_default();
        let names: Vec<_> = fuzz::TARGETS.iter().map(|target| target.name).collect();
        fuzz::target(&name).unwrap_or_else(|| panic!("SLEDSTORE_FUZZ_TARGET is none of {names:?}"))
    })
}

fn write_seeds() {
    let Ok(folder) = std::env::var("SLEDSTORE_FUZZ_SEEDS") else { return };
    for (number, seed) in (target().seeds)().iter().enumerate() {
        let path = Path::new(&folder).join(format!("seed-{number:03}"));
        fs::write(&path, seed).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

fuzz_target!(init: write_seeds(), |input: &[u8]| (target().run)(input));
