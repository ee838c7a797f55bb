//! When a process is ended, and at which level it writes: it follows from a seed.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::Durability;

use crate::victim::Said;
use crate::workload::level_name;

/// A store lives through so many ends: those whose seeds have the same quotient by this number.
pub const ENDS_PER_STORE: u64 = 20;

/// The longest that a moment is waited for inside a phase.
const PHASE_MAX: Duration = Duration::from_millis(40);

/// The end of one process.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The phase it is ended in.
    pub phase: &'static str,
    /// Acknowledgements that come before.
    pub acknowledged: u64,
    /// The moment in the phase, as a part of how long it took the last time.
    pub moment: f64,
    /// The level of its writes; each draws its own when none is given.
    pub level: Option<Durability>,
}

impl Plan {
    /// The plan of a seed.
    pub fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        // What a process does by itself is writing most of the time; the short phases are aimed at.
        let phases = ["open", "open", "writing", "checkpoint", "checkpoint", "close", "close"];
        let levels = [None, Some(Durability::None), Some(Durability::Os), Some(Durability::Full)];
        Self {
            phase: phases[random.random_range(0..phases.len())],
            acknowledged: random.random_range(5..60),
            moment: random.random_range(0.0..1.1),
            level: levels[random.random_range(0..levels.len())],
        }
    }

    /// Whether the phase is reached, with enough before it.
    pub fn is_reached(&self, said: &Said) -> bool {
        said.phase == self.phase && (self.phase == "open" || said.acknowledged >= self.acknowledged)
    }

    /// How long to wait from then on, when phases took so long before.
    pub fn delay(&self, durations: &BTreeMap<String, Duration>) -> Duration {
        let usual = durations.get(self.phase).copied().unwrap_or(Duration::from_millis(5));
        usual.min(PHASE_MAX).mul_f64(self.moment)
    }

    /// After how many acknowledgements the process closes its store.
    pub fn steps_max(&self) -> u64 {
        if self.phase == "close" { self.acknowledged } else { u64::MAX }
    }

    /// The name of the level.
    pub fn level_name(&self) -> &'static str {
        self.level.map_or("mixed", level_name)
    }
}
