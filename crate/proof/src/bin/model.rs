//! Plays the scripts of some seeds and prints one line of JSON a seed: `model SEED CYCLES`.
#![forbid(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use sledstore_proof::{Outcome, model};

fn main() -> ExitCode {
    let words: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let [seed, cycles] = words[..] else { return ExitCode::from(3) };
    for seed in seed..seed + cycles {
        let outcome = catch_unwind(AssertUnwindSafe(|| model::cycle(seed))).unwrap_or_else(|_| {
            let notes = vec!["a panic; it stands on standard error".to_owned()];
            Outcome { aborted: 1, notes, ..Outcome::new(seed) }
        });
        if outcome.print().is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
