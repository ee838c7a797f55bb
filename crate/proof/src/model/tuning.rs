//! What may not change any answer.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_engine::{Clock, Compression, Durability, Options, Result, Store};
use tempfile::TempDir;

/// When time begins.
pub const START_MS: u64 = 1_700_000_000_000;

/// How a store is opened, and what happens to it between rounds.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// On disk, or in memory.
    pub on_disk: bool,
    /// Whether the two actors run side by side.
    pub two_threads: bool,
    /// Budget of the store.
    pub memory_budget: u64,
    /// Bytes of a memtable.
    pub memtable_bytes: usize,
    /// Bytes of a block.
    pub block_bytes: usize,
    /// Codec of blocks.
    pub compression: Compression,
    /// Level of every commit.
    pub durability: Durability,
    /// Draws what happens between rounds.
    pub seed: u64,
}

/// A store, and the folder that goes with it.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Its clock.
    pub clock: Clock,
    /// Where it lies, and what is published.
    pub folder: TempDir,
}

impl Tuning {
    /// The tuning of a number.
    pub fn draw(seed: u64, number: u64) -> Self {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number;
        let mut random = SmallRng::seed_from_u64(seed);
        let compressions = [Compression::None, Compression::Lz4, Compression::Deflate];
        // fsync costs milliseconds, so few runs pay for it.
        let levels = [Durability::None, Durability::None, Durability::Os, Durability::Os, Durability::Full];
        Self {
            on_disk: random.random_ratio(3, 4),
            two_threads: random.random(),
            memory_budget: [24 << 20, 48 << 20, 128 << 20][random.random_range(0..3)],
            memtable_bytes: 32 << random.random_range(10..15),
            block_bytes: 256 << random.random_range(1..6),
            compression: compressions[random.random_range(0..compressions.len())],
            durability: levels[random.random_range(0..levels.len())],
            seed,
        }
    }

    /// Its options.
    pub fn options(&self, clock: &Clock) -> Options {
        Options {
            clock: clock.clone(),
            durability: self.durability,
            memory_budget: self.memory_budget,
            memtable_bytes: Some(self.memtable_bytes),
            block_bytes: Some(self.block_bytes),
            compression: Some(self.compression),
            ..Options::default()
        }
    }

    /// A new store.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(&self) -> Result<Opened> {
        let clock = Clock::manual(START_MS);
        let folder = tempfile::tempdir()
            .map_err(|error| sledstore_engine::Error::io("making a folder for a store".to_owned(), error))?;
        let options = self.options(&clock);
        let store =
            if self.on_disk { Store::open(&folder.path().join("store"), &options)? } else { Store::memory(&options)? };
        Ok(Opened { store, clock, folder })
    }
}
