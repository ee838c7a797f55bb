//! `rot FOLDER SEED CYCLES [--plant]`: damaged files, a line of JSON each; see [`sledstore_proof::Rot`].

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sledstore_proof::Rot;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers = || Some((words.get(1)?.parse::<u64>().ok()?, words.get(2)?.parse::<u64>().ok()?));
    let Some((seed, cycles)) = numbers() else { return ExitCode::from(2) };
    // What panics is caught and counted; its text would only stand between the lines.
    std::panic::set_hook(Box::new(|_| {}));
    let mut rot = Rot::new(Path::new(&words[0]), words.iter().any(|word| word == "--plant"));
    for seed in seed..seed.saturating_add(cycles) {
        if writeln!(std::io::stdout(), "{}", rot.cycle(seed)).is_err() {
            return ExitCode::FAILURE; // nobody hears it
        }
    }
    ExitCode::SUCCESS
}
