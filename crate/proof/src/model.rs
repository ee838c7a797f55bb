//! The same steps under other options give the same answers.
//!
//! A script is some rounds of two actors ([`actor`]), each with namespaces of its own, and of lanes of the workload for
//! graph, vectors, large values and namespaces that come and go. All of it follows from the seed. How the store is
//! opened, whether the actors share a thread, and what happens to the store between rounds (checkpoints, compaction,
//! reopening, publishing) is drawn apart from it ([`tuning`]). Every answer is held against a plain map, and those of one run
//! against those of another.

mod actor;
mod play;
mod tuning;
mod view;

pub use play::{Played, play, play_meddled};
pub use tuning::Tuning;

use crate::concurrent::Concurrent;
use crate::history;
use crate::outcome::Outcome;

/// Plays the script of a seed under two tunings, and a concurrent history.
pub fn cycle(seed: u64) -> Outcome {
    let mut outcome = Outcome::new(seed);
    let tunings = [0, 1].map(|number| Tuning::draw(seed, number));
    let played = tunings.each_ref().map(|tuning| play(seed, tuning));
    for (played, tuning) in played.iter().zip(&tunings) {
        match played {
            Ok(played) => outcome.count("answers", played.answers.len() as u64),
            Err(what) => wrong(&mut outcome, format!("{what}; under {tuning:?}")),
        }
    }
    if let [Ok(one), Ok(other)] = &played
        && let Some(at) = one.difference(other)
    {
        let (one, other) = (&tunings[0], &tunings[1]);
        wrong(&mut outcome, format!("answer {at} is another one under {one:?} than under {other:?}"));
    }
    match concurrent(seed, &tunings[0]) {
        Ok((transactions, violation)) => {
            outcome.count("transactions", transactions);
            if let Some(what) = violation {
                wrong(&mut outcome, format!("a concurrent history: {what}"));
            }
        }
        Err(error) => wrong(&mut outcome, format!("a concurrent history: {error}")),
    }
    outcome
}

fn wrong(outcome: &mut Outcome, what: String) {
    outcome.wrong += 1;
    outcome.notes.push(what);
}

fn concurrent(seed: u64, tuning: &Tuning) -> sledstore_engine::Result<(u64, Option<String>)> {
    let opened = tuning.open()?;
    let ran = Concurrent { seed, threads: 2 + seed % 3, steps: 300, fault: None }.run(&opened.store)?;
    let violation = history::violation(&ran.history);
    let findings = opened.store.verify(&mut |_| true)?.findings;
    opened.store.close()?;
    Ok((ran.history.len() as u64, violation.or_else(|| findings.first().map(|finding| format!("verify: {finding}")))))
}
