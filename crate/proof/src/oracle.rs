//! What was begun and acknowledged, and so what there must be.

use std::collections::BTreeMap;

use sledstore_engine::{Durability, Seq};

use crate::lane::Lane;
use crate::workload::level_from_name;

/// What a store came through, and with it which acknowledgements bind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survives {
    /// A killed process: what the kernel had is there.
    Kill,
    /// A power cut: what was synced is there.
    PowerCut,
}

impl Survives {
    fn least_level(self) -> Durability {
        match self {
            Self::Kill => Durability::Os,
            Self::PowerCut => Durability::Full,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Promise {
    /// One above the highest step that was handed to the store.
    begun: u64,
    /// One above the highest step acknowledged at each level or a stronger one.
    done: [u64; 3],
    /// Where the commits of the newest process stand.
    seqs: Vec<(u64, Seq)>,
}

/// Hears the lines of a workload, one process after the other.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    promises: BTreeMap<Lane, Promise>,
    wrong: Vec<String>,
    failures: Vec<String>,
    phase: String,
    acknowledged: u64,
}

impl Oracle {
    /// Hears a line; what is none of the workload's is passed over.
    pub fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.trim_end().split(' ').collect();
        match words[..] {
            ["phase", phase] => self.phase = phase.to_owned(),
            ["begin", lane, number] => {
                let (Some(lane), Ok(number)) = (Lane::from_name(lane), number.parse::<u64>()) else { return };
                let promise = self.promises.entry(lane).or_default();
                promise.begun = promise.begun.max(number + 1);
            }
            ["done", lane, number, level, seq] => {
                let (Some(lane), Ok(number), Some(level)) =
                    (Lane::from_name(lane), number.parse::<u64>(), level_from_name(level))
                else {
                    return;
                };
                self.acknowledged += 1;
                let promise = self.promises.entry(lane).or_default();
                for done in &mut promise.done[..=level as usize] {
                    *done = (*done).max(number + 1);
                }
                if let Ok(seq) = seq.parse() {
                    promise.seqs.push((number, seq));
                }
            }
            ["failed", ..] => self.failures.push(line.to_owned()),
            ["wrong", ..] => self.wrong.push(line.to_owned()),
            _ => {}
        }
    }

    /// Hears many lines.
    pub fn hear_all(&mut self, lines: &str) {
        lines.lines().for_each(|line| self.hear(line));
    }

    /// A new process begins: what it says of its phase and acknowledgements counts from here.
    pub fn next_process(&mut self) {
        self.phase = "start".to_owned();
        self.acknowledged = 0;
        self.wrong.clear();
        self.failures.clear();
        for promise in self.promises.values_mut() {
            promise.seqs.clear();
        }
    }

    /// The phase that was said last.
    pub fn phase(&self) -> &str {
        &self.phase
    }

    /// How many steps the newest process acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Wrong answers that the newest process met.
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }

    /// Errors that the newest process met.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// How many steps of a lane there must be.
    pub fn least(&self, lane: Lane, survives: Survives) -> u64 {
        self.promises.get(&lane).map_or(0, |promise| promise.done[survives.least_level() as usize])
    }

    /// How many steps of a lane there may be.
    pub fn most(&self, lane: Lane) -> u64 {
        self.promises.get(&lane).map_or(0, |promise| promise.begun)
    }

    /// Steps that are missing although a later commit of the same process is there: commits come through in their order.
    pub fn holes(&self, found: &BTreeMap<Lane, u64>) -> Vec<String> {
        let there = |lane: &Lane, number: u64| found.get(lane).is_some_and(|count| number < *count);
        let all = || {
            self.promises
                .iter()
                .flat_map(|(lane, promise)| promise.seqs.iter().map(move |(number, seq)| (lane, *number, *seq)))
        };
        let newest = all().filter(|(lane, number, _)| there(lane, *number)).map(|(.., seq)| seq).max().unwrap_or(0);
        all()
            .filter(|(lane, number, seq)| !there(lane, *number) && *seq < newest)
            .map(|(lane, number, seq)| {
                format!("step {number} of {} (seq {seq}) is missing, seq {newest} is there", lane.name())
            })
            .collect()
    }

    /// What was found is what the store is held to from now on.
    pub fn settle(&mut self, found: &BTreeMap<Lane, u64>) {
        for (&lane, &count) in found {
            let promise = self.promises.entry(lane).or_default();
            *promise = Promise { begun: count, done: [count; 3], seqs: Vec::new() };
        }
    }
}
