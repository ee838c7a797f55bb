//! Plays a script under one tuning.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{Options, Store};

use super::actor::{Actor, Stopped};
use super::tuning::{Opened, Tuning};
use crate::lane::Lane;
use crate::work::{self, Work};

const ROUNDS: u64 = 10;
/// Steps of an actor in one round.
const STEPS: usize = 40;
/// Steps of a lane in one round.
const LANE_STEPS: u64 = 3;
const LANES: [Lane; 4] = [Lane::Graph, Lane::Vector, Lane::Large, Lane::Space];

/// The answers of a run.
pub struct Played {
    /// A digest of each; `None` where the run had lost its snapshot.
    pub answers: Vec<Option<u64>>,
}

impl Played {
    /// The first answer that two runs give differently.
    pub fn difference(&self, other: &Self) -> Option<usize> {
        let differ = |(one, other): (&Option<u64>, &Option<u64>)| one.is_some() && other.is_some() && one != other;
        if self.answers.len() != other.answers.len() {
            return Some(self.answers.len().min(other.answers.len()));
        }
        self.answers.iter().zip(&other.answers).position(differ)
    }
}

/// Plays the script of a seed; the answers, or what is wrong.
///
/// # Errors
/// The first wrong answer, for people.
pub fn play(seed: u64, tuning: &Tuning) -> Result<Played, Stopped> {
    play_meddled(seed, tuning, &|_, _| Ok(()))
}

/// As [`play`], but somebody is let at the store after each round, told its number.
///
/// # Errors
/// As [`play`].
pub fn play_meddled(
    seed: u64,
    tuning: &Tuning,
    meddle: &dyn Fn(&Store, u64) -> sledstore_engine::Result<()>,
) -> Result<Played, Stopped> {
    let opened = tuning.open().map_err(|error| format!("opening: {error}"))?;
    let actors = [0, 1].map(|name| Actor::new(seed, name, &opened.clock, tuning.durability));
    let lanes = Vec::new();
    let script = SmallRng::seed_from_u64(!seed);
    let between = SmallRng::seed_from_u64(!tuning.seed);
    let mut stage = Stage { seed, tuning, opened, actors, lanes, steps: 0, script, between };
    stage.open().map_err(|error| error.to_string())?;
    for round in 0..ROUNDS {
        stage.round().map_err(|what| format!("in round {round}: {what}"))?;
        meddle(&stage.opened.store, round).map_err(text)?;
        stage.interlude().map_err(|what| format!("after round {round}: {what}"))?;
    }
    stage.end().map_err(|what| format!("at the end: {what}"))?;
    Ok(Played { answers: stage.actors.into_iter().flat_map(|actor| actor.answers).collect() })
}

struct Stage<'a> {
    seed: u64,
    tuning: &'a Tuning,
    opened: Opened,
    actors: [Actor; 2],
    lanes: Vec<(Lane, Box<dyn Work>)>,
    /// Steps that each lane has taken.
    steps: u64,
    script: SmallRng,
    between: SmallRng,
}

fn text(error: sledstore_engine::Error) -> Stopped {
    error.to_string()
}

impl Stage<'_> {
    /// Takes handles of a store that was opened (anew).
    fn open(&mut self) -> sledstore_engine::Result<()> {
        self.actors.iter_mut().try_for_each(|actor| actor.open(&self.opened.store))?;
        self.lanes.clear();
        for lane in LANES {
            let mut work = work::begin(&self.opened.store, lane, self.seed)?;
            (0..self.steps).for_each(|number| work.replay(number));
            self.lanes.push((lane, work));
        }
        Ok(())
    }

    /// A round of both actors and all lanes; time goes on before it, and stands meanwhile.
    fn round(&mut self) -> Result<(), Stopped> {
        let forward = match self.script.random_range(0..10) {
            0 => 7_200_000, // past all that rows live
            _ => self.script.random_range(0..1_500),
        };
        self.opened.clock.set(self.opened.clock.now_ms() + forward);
        let store = &self.opened.store;
        let [one, other] = &mut self.actors;
        let lanes = &mut self.lanes;
        let steps = self.steps..self.steps + LANE_STEPS;
        let mut lanes_in_turn = || {
            let mut take = |(lane, work): &mut (Lane, Box<dyn Work>)| {
                steps.clone().try_for_each(|number| work.perform(store, number, self.tuning.durability).map(drop))?;
                let differences = work.differences(store)?;
                Ok(differences.first().map(|first| format!("lane {}: {first}", lane.name())))
            };
            let taken: sledstore_engine::Result<Vec<_>> = lanes.iter_mut().map(&mut take).collect();
            taken.map_err(text)?.into_iter().flatten().next().map_or(Ok(()), Err)
        };
        if self.tuning.two_threads {
            std::thread::scope(|scope| {
                let side = scope.spawn(|| other.steps(store, STEPS));
                let here = one.steps(store, STEPS).and_then(|()| lanes_in_turn());
                here.and(side.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })?;
        } else {
            for _ in 0..STEPS / 4 {
                one.steps(store, 4)?;
                other.steps(store, 4)?;
            }
            lanes_in_turn()?;
        }
        self.steps += LANE_STEPS;
        Ok(())
    }

    /// What no answer may tell of.
    fn interlude(&mut self) -> Result<(), Stopped> {
        match self.between.random_range(0..8) {
            0 | 1 => self.opened.store.checkpoint().map_err(text),
            2 => self.opened.store.compact(&mut |_| true).map_err(text),
            3 | 4 if self.tuning.on_disk => self.reopen(),
            5 => self.publish(),
            6 => self.verify(),
            _ => Ok(()),
        }
    }

    fn reopen(&mut self) -> Result<(), Stopped> {
        self.actors.iter_mut().for_each(Actor::close);
        self.lanes.clear();
        self.opened.store.close().map_err(text)?;
        let options = self.tuning.options(&self.opened.clock);
        self.opened.store = Store::open(&self.opened.folder.path().join("store"), &options).map_err(text)?;
        self.open().map_err(text)
    }

    /// A file that is published now holds what the store holds now.
    fn publish(&mut self) -> Result<(), Stopped> {
        let path = self.opened.folder.path().join("published");
        self.opened.store.publish(&path, &mut |_| true).map_err(text)?;
        let file = Store::open_snapshot(&path, &Options::default()).map_err(text)?;
        let time_ms = self.opened.clock.now_ms();
        self.actors.iter().try_for_each(|actor| actor.compare_all(&file, time_ms))?;
        if let Some(finding) = file.verify(&mut |_| true).map_err(text)?.findings.first() {
            return Err(format!("verify of a published file: {finding}"));
        }
        file.close().map_err(text)
    }

    fn verify(&mut self) -> Result<(), Stopped> {
        let report = self.opened.store.verify(&mut |_| true).map_err(text)?;
        report.findings.first().map_or(Ok(()), |finding| Err(format!("verify: {finding}")))
    }

    /// When nobody reads, only rows that live are left in the blocks, and the whole is sound.
    fn end(&mut self) -> Result<(), Stopped> {
        if self.tuning.on_disk {
            self.reopen()?;
        }
        self.actors.iter_mut().for_each(Actor::close);
        let time_ms = self.opened.clock.now_ms();
        self.actors.iter().try_for_each(|actor| actor.compare_all(&self.opened.store, time_ms))?;
        self.opened.store.compact(&mut |_| true).map_err(text)?;
        for (namespace, live) in self.actors.iter().flat_map(Actor::live_rows) {
            let (rows, _) = self.opened.store.approximate_size(namespace);
            if rows != live {
                return Err(format!("{rows} rows in the blocks of namespace {}, {live} live", namespace.get()));
            }
        }
        self.verify()?;
        self.opened.store.close().map_err(text)
    }
}
