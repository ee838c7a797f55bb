//! Which crash images of a recording are built: all of them where they are few, and a sample by seed where they are
//! not.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::disk::{Change, Choice, Disk, Kept, ROOT, hash};
use crate::recording::STORE;

/// Up to this many unsynced changes at a point, every set of them is an image.
const EVERY_SET_MAX: usize = 4;
/// Up to this many units of a write, every torn beginning and every torn end of it is an image.
const EVERY_TEAR_MAX: usize = 8;
/// What the disk writes as one: a sector, or a page of the file system's cache.
const UNITS: [usize; 2] = [512, 4_096];

/// One crash: when, and what of the unsynced changes is there.
#[derive(Clone, Debug)]
pub struct Image {
    /// The cut comes before the step at this place.
    pub point: u32,
    unit: usize,
    is_length_first: bool,
    /// By step; the rest is lost.
    kept: BTreeMap<usize, Kept>,
}

impl Choice for Image {
    fn unit(&self) -> usize {
        self.unit
    }

    fn is_length_first(&self) -> bool {
        self.is_length_first
    }

    fn kept(&self, step: usize) -> Kept {
        self.kept.get(&step).copied().unwrap_or(Kept::Nothing)
    }
}

impl Image {
    fn new(point: u32, kept: impl IntoIterator<Item = usize>) -> Self {
        let kept = kept.into_iter().map(|step| (step, Kept::All)).collect();
        Self { point, unit: UNITS[0], is_length_first: false, kept }
    }

    /// What it keeps of how many unsynced changes, in a few words.
    pub fn describe(&self, disk: &Disk) -> String {
        let unsynced = disk.unsynced(self.point).len();
        let torn = self.kept.values().filter(|kept| !matches!(kept, Kept::All | Kept::Nothing)).count();
        let whole = self.kept.values().filter(|kept| **kept == Kept::All).count();
        let length = if self.is_length_first { ", lengths first" } else { "" };
        let (point, unit) = (self.point, self.unit);
        format!("cut at {point}: {whole} of {unsynced} unsynced changes whole, {torn} torn at {unit} bytes{length}")
    }
}

/// The images of one recording.
pub struct Plan<'a> {
    disk: &'a Disk,
    /// Places after which there is something new: a change that begins, or a line that was said.
    points: Vec<u32>,
    /// Without meaning for the store, and never synced: the process id in `LOCK`.
    ignored: Option<usize>,
}

impl<'a> Plan<'a> {
    pub fn new(disk: &'a Disk) -> Self {
        let changes = disk.steps.iter().filter(|step| !matches!(step.change, Change::Sync));
        let points = changes.map(|step| step.begin).chain(disk.said.iter().map(|(at, _)| *at));
        let points: BTreeSet<u32> = points.map(|at| at + 1).collect();
        Self {
            disk,
            points: points.into_iter().collect(),
            ignored: disk.find(ROOT, STORE).and_then(|store| disk.find(store, "LOCK")),
        }
    }

    fn unsynced(&self, point: u32) -> Vec<usize> {
        let mut steps = self.disk.unsynced(point);
        steps.retain(|&at| Some(self.disk.steps[at].node) != self.ignored);
        steps
    }

    /// Every image that leaves out little, keeps little, or tears the newest write.
    pub fn all(&self) -> Vec<Image> {
        let mut images = Vec::new();
        for &point in &self.points {
            let unsynced = self.unsynced(point);
            let newest = unsynced.last().copied().filter(|&at| self.disk.steps[at].begin + 1 == point);
            // Without what has just begun it is an image of the point before, unless something was said since.
            let mut sets = sets(&unsynced);
            sets.retain(|set| newest.is_none_or(|newest| set.contains(&newest)));
            images.extend(sets.into_iter().map(|set| Image::new(point, set)));
            if let Some(newest) = newest {
                self.tear(point, &unsynced, newest, &mut images);
            }
        }
        images
    }

    /// The newest write torn, over all that came before it and over nothing of it.
    fn tear(&self, point: u32, unsynced: &[usize], newest: usize, images: &mut Vec<Image>) {
        let Change::Write { offset, bytes } = &self.disk.steps[newest].change else { return };
        for unit in UNITS {
            let (first, end) = (*offset as usize / unit, (*offset as usize + bytes.len()).div_ceil(unit));
            let units = end - first;
            let tears: Vec<usize> =
                if units <= EVERY_TEAR_MAX { (1..units).collect() } else { vec![1, units / 2, units - 1] };
            for (at, kept) in tears.iter().flat_map(|&count| [Kept::First(count), Kept::Behind(count)]).enumerate() {
                for others in [unsynced, &[]] {
                    let mut image = Image::new(point, others.iter().copied());
                    image.kept.insert(newest, kept);
                    (image.unit, image.is_length_first) = (unit, at % 2 == 1);
                    images.push(image);
                }
            }
        }
    }

    /// An image by seed: any point, any part of what was not synced.
    pub fn sampled(&self, seed: u64) -> Option<Image> {
        let mut random = StdRng::seed_from_u64(seed);
        let point = *self.points.choose(&mut random)?;
        let unsynced = self.unsynced(point);
        let mut image = Image::new(point, []);
        (image.unit, image.is_length_first) = (*UNITS.choose(&mut random)?, random.random());
        let share = *[0.1, 0.5, 0.9].choose(&mut random)?;
        let torn_share = *[0.0, 0.2, 0.6].choose(&mut random)?;
        let by_file = random.random_bool(0.3).then(|| random.random::<u64>());
        // Most file systems write changes of names in their order; none need to.
        let names = unsynced.iter().filter(|&&at| self.disk.steps[at].change.is_of_names());
        let mut names_left = random.random_bool(0.5).then(|| random.random_range(0..=names.count()));
        for at in unsynced {
            let step = &self.disk.steps[at];
            let is_kept = match (&mut names_left, by_file) {
                (Some(left), _) if step.change.is_of_names() => {
                    let is_kept = *left > 0;
                    *left = left.saturating_sub(1);
                    is_kept
                }
                (_, Some(salt)) => hash(salt ^ step.node as u64) & 1 == 1,
                _ => random.random_bool(share),
            };
            let kept = if random.random_bool(torn_share) {
                self.torn(&step.change, image.unit, &mut random)
            } else {
                if is_kept { Kept::All } else { Kept::Nothing }
            };
            image.kept.insert(at, kept);
        }
        Some(image)
    }

    fn torn(&self, change: &Change, unit: usize, random: &mut StdRng) -> Kept {
        let Change::Write { bytes, .. } = change else { return Kept::All };
        let units = bytes.len().div_ceil(unit);
        match random.random_range(0..3) {
            0 => Kept::First(random.random_range(0..=units)),
            1 => Kept::Behind(random.random_range(0..=units)),
            _ => Kept::Mixed(random.random()),
        }
    }
}

/// Every set of a few steps; of many, all, none, all but one and only one of them.
fn sets(steps: &[usize]) -> Vec<Vec<usize>> {
    if steps.len() <= EVERY_SET_MAX {
        let of = |mask: usize| (0..steps.len()).filter(|at| mask >> at & 1 == 1).map(|at| steps[at]).collect();
        return (0..1 << steps.len()).map(of).collect();
    }
    let without = steps.iter().map(|left| steps.iter().copied().filter(|step| step != left).collect());
    let only = steps.iter().map(|&step| vec![step]);
    [steps.to_vec(), Vec::new()].into_iter().chain(without).chain(only).collect()
}
