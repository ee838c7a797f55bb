//! One damaged file: what opens, reads, verify and repair make of it.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use sledstore_engine::{Error, ErrorCode, Options, Read, Result, Severity, Store};

use super::damage::{Damage, What};
use super::expected::{Kind, Rows, differences, namespaces, read_all};
use super::repaired;
use super::sample::{Left, Sample, Samples, copy};

/// What a trial found.
#[derive(Default)]
pub struct Found {
    lost: u64,
    wrong: u64,
    aborted: u64,
    notes: Vec<String>,
    counts: BTreeMap<String, u64>,
}

impl Found {
    pub fn wrong(&mut self, what: impl Into<String>) {
        self.wrong += 1;
        self.note(what);
    }

    pub fn note(&mut self, what: impl Into<String>) {
        if self.notes.len() < 8 {
            self.notes.push(what.into().chars().take(600).collect());
        }
    }

    pub fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    pub fn to_json(&self, seed: u64) -> serde_json::Value {
        let Self { lost, wrong, aborted, notes, counts } = self;
        let note = notes.join(" | ");
        json!({ "seed": seed, "cycles": 1, "lost": lost, "wrong": wrong, "aborted": aborted, "hung": 0, "note": note, "counts": counts })
    }
}

/// What an open and all reads came to.
enum Outcome {
    Right,
    /// The end of the journal was cut, and said to be.
    Cut,
    Refused,
    Failed,
}

pub fn run(samples: &mut Samples, work: &Path, seed: u64, is_planted: bool) -> Found {
    let mut found = Found::default();
    let mut random = SmallRng::seed_from_u64(seed);
    let left = Left::DRAWN[random.random_range(0..Left::DRAWN.len())];
    let sample = match samples.get(left, seed) {
        Ok(sample) => sample,
        Err(error) => {
            found.wrong(error);
            return found;
        }
    };
    let Some(damage) = Damage::draw(&mut random, sample) else {
        found.wrong(format!("nothing of {left:?} could be damaged"));
        return found;
    };
    let mut right = sample.rows.clone();
    if is_planted {
        plant(&mut right);
    }
    let done = catch_unwind(AssertUnwindSafe(|| try_one(sample, &right, &damage, work, &mut random, &mut found)));
    match done {
        Ok(Ok(())) => {}
        Ok(Err(error)) => found.wrong(format!("the harness itself: {error}")),
        Err(_) => {
            found.aborted += 1;
            found.note("it panics");
        }
    }
    found.count(&format!("damaged {}", damage.file_kind()));
    if found.lost + found.wrong + found.aborted > 0 {
        found.notes.insert(0, format!("{left:?}, {damage:?}"));
    }
    found
}

/// Swaps the values of two rows: the checker must see it.
fn plant(right: &mut Rows) {
    for rows in right.values_mut() {
        let mut values = rows.values_mut();
        if let (Some(first), Some(last)) = (values.next(), values.next_back())
            && first != last
        {
            std::mem::swap(first, last);
            return;
        }
    }
}

fn try_one(
    sample: &Sample,
    right: &Rows,
    damage: &Damage,
    work: &Path,
    random: &mut SmallRng,
    found: &mut Found,
) -> std::io::Result<()> {
    let _ = fs::remove_dir_all(work);
    fs::create_dir_all(work)?;
    let (store, damaged, to) = (work.join("store"), work.join("damaged"), work.join("repaired"));
    copy(&sample.path, &store)?;
    damage.apply(&store)?;
    copy(&store, &damaged)?;
    let outcome = open_and_read(sample, right, damage, &store, found);
    let share = match outcome {
        Outcome::Refused => 1.0,
        Outcome::Failed => 0.7,
        Outcome::Cut => 0.5,
        Outcome::Right => 0.15,
    };
    found.count(match outcome {
        Outcome::Right => "right",
        Outcome::Cut => "right up to a cut end",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed while it was read",
    });
    if random.random_bool(share) {
        repaired::check(sample, right, damage, &damaged, &to, found);
    }
    Ok(())
}

fn open_and_read(sample: &Sample, right: &Rows, damage: &Damage, path: &Path, found: &mut Found) -> Outcome {
    let options = Options { create_if_missing: false, ..sample.options.clone() };
    let opened = match sample.left {
        Left::Published => Store::open_snapshot(path, &options),
        _ => Store::open(path, &options),
    };
    let store = match opened {
        Ok(store) => store,
        Err(error) => {
            let is_missing = matches!(damage.what, What::Delete) || sample.left == Left::Published;
            let is_allowed = error.code() == ErrorCode::Corruption
                || (error.code() == ErrorCode::NotAStore && is_missing)
                || (error.code() == ErrorCode::IoFailed && is_missing);
            if !is_allowed || !names_place(&error, path) {
                found.wrong(format!("opening: {error}"));
            }
            return Outcome::Refused;
        }
    };
    let outcome = read(sample, right, damage, &store, found);
    if let Err(error) = store.close() {
        check_error("closing", &error, found);
        if matches!(outcome, Outcome::Right) && sample.left.is_clean() {
            found.count("failed while it closed");
        }
    }
    outcome
}

fn read(sample: &Sample, right: &Rows, damage: &Damage, store: &Store, found: &mut Found) -> Outcome {
    let there = read_all(store);
    for error in &there.errors {
        check_error("scanning", error, found);
    }
    let cut = store.stats().recovery.cut_bytes;
    // What the newest segment of a killed store held at its end is known to nobody else.
    let may_be_cut = cut > 0 && damage.is_in_journal() && !sample.left.is_clean();
    let mut is_cut = false;
    for difference in differences(right, &there.rows) {
        let is_after_error = there.cut.iter().any(|name| name == difference.namespace);
        if difference.kind == Kind::Missing && is_after_error {
            continue;
        }
        if may_be_cut {
            is_cut = true;
            continue;
        }
        found.wrong(format!("{:?}: {} \"{}\"", difference.kind, difference.namespace, difference.key.escape_ascii()));
    }
    let mut failed = !there.errors.is_empty();
    if !is_cut {
        failed |= get_all(store, right, found);
    }
    check_verify(store, failed, found);
    match (failed, is_cut) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Cut,
        (false, false) => Outcome::Right,
    }
}

/// Asks for each row by its key; gives whether any could not be read.
fn get_all(store: &Store, right: &Rows, found: &mut Found) -> bool {
    let mut failed = false;
    let ids: BTreeMap<_, _> = namespaces(store).into_iter().collect();
    for (name, rows) in right {
        let Some(&id) = ids.get(name) else { continue };
        for (key, value) in rows {
            let got: Result<Option<bool>> = store.get_with(id, key, |found| found == value.as_slice());
            match got {
                Ok(Some(true)) => {}
                Ok(Some(false)) => found.wrong(format!("get gives another value: {name} \"{}\"", key.escape_ascii())),
                Ok(None) => found.wrong(format!("get finds nothing: {name} \"{}\"", key.escape_ascii())),
                Err(error) => {
                    failed = true;
                    check_error("get", &error, found);
                }
            }
        }
    }
    failed
}

/// What a read meets, verify names.
fn check_verify(store: &Store, failed: bool, found: &mut Found) {
    match store.verify(&mut |_| true) {
        Err(error) => check_error("verify", &error, found),
        Ok(report) => {
            let damages = report.findings.iter().filter(|finding| finding.severity == Severity::Damage).count();
            if failed && damages == 0 {
                found.wrong("a read met damage and verify does not");
            }
            if damages > 0 {
                found.count("named by verify");
            }
        }
    }
}

/// Damage is `CORRUPTION`, or what a store that met it answers afterwards.
fn check_error(what: &str, error: &Error, found: &mut Found) {
    let is_allowed = matches!(error.code(), ErrorCode::Corruption | ErrorCode::StorageFailed);
    if !is_allowed {
        found.wrong(format!("{what}: {error}"));
    }
}

/// Whether an error says where the damage is.
fn names_place(error: &Error, path: &Path) -> bool {
    let folder = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let message = error.message();
    let names = [
        path.display().to_string(),
        folder.display().to_string(),
        "block ".into(),
        "catalogue".into(),
        "meta row".into(),
    ];
    names.iter().any(|name| message.contains(name.as_str()))
}
