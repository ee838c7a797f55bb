//! What one cycle of a harness brought to light, as a line of JSON.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::{Value, json};

use crate::check::Found;

/// The outcome of one cycle.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The cycle's seed.
    pub seed: u64,
    /// Acknowledged steps that are missing.
    pub lost: u64,
    /// Wrong answers.
    pub wrong: u64,
    /// Processes that ended by themselves.
    pub aborted: u64,
    /// Waits that passed their deadline.
    pub hung: u64,
    /// What it was, for people.
    pub notes: Vec<String>,
    /// What is counted over all cycles, such as the phase it was killed in.
    pub counts: BTreeMap<String, u64>,
}

impl Outcome {
    /// Of a cycle that has found nothing yet.
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.lost + self.wrong + self.aborted + self.hung == 0
    }

    /// Takes over what a check found.
    pub fn add(&mut self, found: &Found) {
        self.lost += found.lost;
        self.wrong += found.wrong;
        self.notes.extend(found.notes.iter().cloned());
    }

    /// Counts something that happened in this cycle.
    pub fn count(&mut self, what: impl Into<String>, times: u64) {
        *self.counts.entry(what.into()).or_default() += times;
    }

    fn to_json(&self) -> Value {
        json!({
            "seed": self.seed, "cycles": 1, "lost": self.lost, "wrong": self.wrong,
            "aborted": self.aborted, "hung": self.hung, "counts": self.counts,
            "note": self.notes.join("; "),
        })
    }

    /// Writes the line to standard output, for the harness that started this process.
    ///
    /// # Errors
    /// When nobody reads it any more.
    pub fn print(&self) -> std::io::Result<()> {
        let mut output = std::io::stdout().lock();
        output.write_all(format!("{}\n", self.to_json()).as_bytes())?;
        output.flush()
    }
}
