//! Crash images: a workload is recorded as the system saw it, and what a power cut may have left of it is built again and
//! again, opened with the real engine and held against what was acknowledged.
//!
//! `images check RECORDINGS SCRATCH SEED CYCLES [FORGET]` builds and checks one image a seed, and prints a line of JSON for
//! each. A thousand seeds share a recording, which stays in RECORDINGS, so that each of them can be asked again. FORGET
//! plants a fault: the syncs of the files under that path are left out. `images work …` is the process that is recorded.
#![forbid(unsafe_code)]

mod disk;
mod plan;
mod recording;
mod trace;
mod watch;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use sledstore_proof::Outcome;

use disk::Builder;
use plan::{Image, Plan};
use recording::{Part, Recording};
use watch::Watch;

/// Images of one recording.
const IMAGES: u64 = 1_000;

/// The exit code of a run that cannot go on, for a reason that is none of the store's.
const CANNOT_GO_ON: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["work", folder, seed, draw] => work(folder, seed, draw),
        ["check", recordings, scratch, seed, cycles] => check([recordings, scratch], seed, cycles, None),
        ["check", recordings, scratch, seed, cycles, forget] => {
            check([recordings, scratch], seed, cycles, Some(forget))
        }
        _ => Err("images check RECORDINGS SCRATCH SEED CYCLES [FORGET]".into()),
    };
    done.map_or_else(
        |error| {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("images: {error}\n").as_bytes());
            ExitCode::from(CANNOT_GO_ON)
        },
        |()| ExitCode::SUCCESS,
    )
}

fn work(folder: &str, seed: &str, draw: &str) -> Result<(), Box<dyn Error>> {
    recording::work(Path::new(folder), seed.parse()?, draw.parse()?);
    Ok(())
}

fn check(folders: [&str; 2], seed: &str, cycles: &str, forget: Option<&str>) -> Result<(), Box<dyn Error>> {
    let [recordings, scratch] = folders.map(PathBuf::from);
    let (first, cycles): (u64, u64) = (seed.parse()?, cycles.parse()?);
    let watch = Watch::start(folders, first + cycles, forget);
    let mut open: Option<Open> = None;
    for seed in first..first + cycles {
        watch.begin(seed);
        if open.as_ref().is_none_or(|open| open.recording.seed != seed / IMAGES) {
            open = Some(Open::new(seed / IMAGES, &recordings, forget));
        }
        if let Some(open) = &mut open {
            open.check(seed, &scratch)?.print()?;
        }
    }
    Ok(())
}

/// A recording, and the images of it.
struct Open {
    recording: Recording,
    /// By part: every image that leaves out little, shuffled.
    images: Vec<Vec<Image>>,
}

impl Open {
    fn new(seed: u64, recordings: &Path, forget: Option<&str>) -> Self {
        let mut recording = Recording::open(seed, &recordings.join(format!("recording-{seed}")));
        if let Some(path) = forget {
            recording.parts.iter_mut().for_each(|part| part.disk.forget_syncs(path));
        }
        let mut random = StdRng::seed_from_u64(seed);
        let of = |part: &Part| {
            let mut images = Plan::new(&part.disk).all();
            images.shuffle(&mut random);
            images
        };
        let images = recording.parts.iter().map(of).collect();
        Self { recording, images }
    }

    /// An image, and whether it is one of those of which all are built. They are every other one, until there are no more.
    fn image(&self, seed: u64) -> Option<(&Part, Image, bool)> {
        let count = self.recording.parts.len() as u64;
        let (at, turn) = (seed.checked_rem(count)? as usize, seed % IMAGES / count);
        let part = &self.recording.parts[at];
        match self.images[at].get(turn as usize / 2).filter(|_| turn % 2 == 0) {
            Some(image) => Some((part, image.clone(), true)),
            None => Some((part, Plan::new(&part.disk).sampled(seed)?, false)),
        }
    }

    fn check(&mut self, seed: u64, scratch: &Path) -> Result<Outcome, Box<dyn Error>> {
        let mut outcome = Outcome::new(seed);
        let failure = self.recording.failure.take();
        let Some((part, image, is_of_all)) = self.image(seed) else {
            outcome.wrong += 1;
            outcome.notes.push(failure.unwrap_or_else(|| "nothing was recorded".to_owned()));
            return Ok(outcome);
        };
        // A workload that was kept from its work is a finding of its own, told once.
        outcome.wrong += u64::from(failure.is_some());
        outcome.notes.extend(failure);
        let folder = scratch.join(format!("image-{seed}"));
        fs::create_dir_all(&folder)?;
        Builder::new(&part.disk).build(image.point, &image, &folder)?;
        let found = self.recording.check(part, image.point, &folder);
        fs::remove_dir_all(&folder)?;
        if !found.is_clean() {
            outcome.notes.push(image.describe(&part.disk));
        }
        outcome.add(&found);
        outcome.count(if is_of_all { "of all" } else { "sampled" }, 1);
        Ok(outcome)
    }
}
