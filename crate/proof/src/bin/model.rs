//! Plays the scripts of some seeds and prints one line of JSON a seed: `model SEED CYCLES`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout)] // what the harness reads

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use serde_json::json;
use sledstore_proof::model;

fn main() -> ExitCode {
    let words: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let [seed, cycles] = words[..] else {
        println!("usage: model SEED CYCLES");
        return ExitCode::from(2);
    };
    for seed in seed..seed + cycles {
        let outcome = catch_unwind(AssertUnwindSafe(|| model::cycle(seed)));
        let line = match outcome {
            Ok(outcome) => json!({
                "seed": seed,
                "wrong": outcome.wrong,
                "aborted": 0,
                "answers": outcome.answers,
                "transactions": outcome.transactions,
                "note": outcome.notes.join("; "),
            }),
            Err(_) => json!({ "seed": seed, "wrong": 0, "aborted": 1, "note": "a panic" }),
        };
        println!("{line}");
    }
    ExitCode::SUCCESS
}
