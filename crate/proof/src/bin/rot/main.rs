//! Harness rot: damages one file of a store and looks at what opens, reads, verify and repair make of it. A line of JSON a
//! damaged file.
//!
//! `rot FOLDER SEED CYCLES [--plant]`: the folder is empty and best in memory; `--plant` swaps two values of what is held
//! to be right, so that a run must find something.
#![allow(clippy::print_stdout)] // it is a program

mod damage;
mod expected;
mod repaired;
mod sample;
mod trial;

use std::path::PathBuf;

use sample::Samples;

fn main() {
    let mut words = std::env::args().skip(1);
    let mut next = || words.next().unwrap_or_default();
    let (folder, seed, cycles) = (PathBuf::from(next()), next(), next());
    let is_planted = next() == "--plant";
    let (Ok(seed), Ok(cycles)) = (seed.parse::<u64>(), cycles.parse::<u64>()) else {
        eprintln!("rot FOLDER SEED CYCLES [--plant]");
        std::process::exit(2);
    };
    // What panics is caught and counted; its text would only stand between the lines.
    std::panic::set_hook(Box::new(|_| {}));
    let mut samples = Samples::new(&folder);
    for seed in seed..seed.saturating_add(cycles) {
        let found = trial::run(&mut samples, &folder.join("work"), seed, is_planted);
        println!("{}", found.to_json(seed));
    }
}
