//! Options of a store, durability levels, and every limit as a named constant.

use crate::backend::SledOptions;
use crate::block_files;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode, Result};

/// Largest encoded user key, in bytes (E14).
pub const KEY_BYTES_MAX: usize = 1_536;
/// Largest key of a row inside a block: an encoded history key of the longest user key.
pub const ROW_KEY_BYTES_MAX: usize = 1_592;
/// Largest value, in bytes.
pub const VALUE_BYTES_MAX: u64 = 256 << 20;
/// Values above this travel as part records and chunks and are never whole in memory (E16).
pub const VALUE_STREAMED_ABOVE: usize = 64 << 10;
/// Values above this are stored as chunks behind a manifest row, so that no sled entry becomes a blob (E16).
pub const VALUE_INLINE_BYTES_MAX: usize = 4 << 10;
/// Bytes of one stored chunk of a large value (E16).
pub const CHUNK_BYTES: usize = 16_000;
/// sled's segment size, fixed for life.
pub const SEGMENT_BYTES: usize = 2 << 20;
/// Largest sled entry (key and value) that can never become a blob (E16).
pub const ENTRY_BYTES_MAX: usize = SEGMENT_BYTES / 4 / 27;
/// Target size of a block's rows before compression.
pub const BLOCK_BYTES: usize = 4 << 10;
/// Longest namespace name, in bytes of UTF-8.
pub const NAMESPACE_NAME_BYTES_MAX: usize = 512;
/// Smallest accepted memory budget, in bytes: sled's share on a large store, and something for the rest.
pub const MEMORY_BUDGET_MIN: u64 = 24 << 20;

/// A named memory budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// 24 MiB: a small part of another program.
    Embedded,
    /// 48 MiB.
    Mobile,
    /// 128 MiB: the default.
    Desktop,
    /// 1 GiB.
    Server,
}

impl Profile {
    /// Every profile with its name.
    pub const ALL: [(&'static str, Profile); 4] = [
        ("embedded", Profile::Embedded),
        ("mobile", Profile::Mobile),
        ("desktop", Profile::Desktop),
        ("server", Profile::Server),
    ];

    /// Its budget in bytes.
    pub const fn memory_budget(self) -> u64 {
        match self {
            Profile::Embedded => 24 << 20,
            Profile::Mobile => 48 << 20,
            Profile::Desktop => 128 << 20,
            Profile::Server => 1 << 30,
        }
    }
}

/// When a write is answered (E4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Durability {
    /// At once; written within 100 ms and at exit.
    None = 0,
    /// When the kernel has it: survives a killed process, not a power cut.
    Os = 1,
    /// After fdatasync: survives a power cut.
    Full = 2,
}

/// Compression of blocks at rest; fixed when the store is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Compression {
    /// Rows as they are.
    None = 0,
    /// LZ4 block format.
    Lz4 = 1,
    /// DEFLATE: a third less on disk than LZ4, and ten times as long to decompress (about 15 µs a block).
    Deflate = 2,
}

impl Compression {
    /// Its name in options and in the store's folder.
    pub const fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Lz4 => "lz4",
            Compression::Deflate => "deflate",
        }
    }

    const ALL: [Self; 3] = [Compression::None, Compression::Lz4, Compression::Deflate];

    /// The compression with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The compression with a number, which is its discriminant.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|known| *known as u8 == number)
    }
}

/// How a store is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Create the store when the folder holds none.
    pub create_if_missing: bool,
    /// Refuse to open a store that exists already.
    pub error_if_exists: bool,
    /// Open a store although every user of the system may write to its folder.
    pub allow_insecure_folder: bool,
    /// Level used when a call names none.
    pub durability: Durability,
    /// Bytes for memtables, caches, sled and journal buffers together.
    pub memory_budget: u64,
    /// Compression of the store; `None` keeps that of an existing one and gives LZ4 to a new one.
    pub compression: Option<Compression>,
    /// Bytes of one memtable; `None` derives it from the budget.
    pub memtable_bytes: Option<usize>,
    /// Target bytes of a block before compression; `None` derives it from the budget.
    pub block_bytes: Option<usize>,
    /// What expiry is judged by (E28); a manual one is for tests.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            create_if_missing: true,
            error_if_exists: false,
            allow_insecure_folder: false,
            durability: Durability::Full,
            memory_budget: Profile::Desktop.memory_budget(),
            compression: None,
            memtable_bytes: None,
            block_bytes: None,
            clock: Clock::system(),
        }
    }
}

/// How the memory budget is divided; the parts sum to at most the budget (E17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// Target bytes of a block before compression.
    pub block_bytes: usize,
    /// Size at which a memtable is frozen.
    pub memtable_bytes: usize,
    /// All memtables that may be held, those for validation aside.
    pub memtables_bytes: usize,
    /// The block cache while memtables wait for their checkpoint.
    pub block_cache_bytes: usize,
    /// The block cache while none waits: it has the room that they do not need then.
    pub block_cache_bytes_max: usize,
    /// Whether the cache keeps blocks in use decoded, too: decoding 1 KiB costs about 50 ns a read, and a decoded
    /// block takes one and a half times the room of a compressed one.
    pub keeps_plain_blocks: bool,
    /// Fences and filters of sorted runs: about 2.5 bytes a row.
    pub runs_bytes: usize,
    /// sled's own page cache, part of `sled_bytes`.
    pub sled_cache_bytes: usize,
    /// All that sled may come to hold.
    pub sled_bytes: usize,
    /// Journal buffers.
    pub journal_buffer_bytes: usize,
    /// Drained memtables kept for the validation of open transactions (E5).
    pub validation_bytes: usize,
    /// What the block cache may have to leave to what is derived of rows.
    pub derived_bytes: usize,
    /// What is derived of rows with the memtables' room that it may have besides.
    pub derived_bytes_max: usize,
}

/// A part of the memtables' room that stays theirs whatever is derived of rows.
const MEMTABLE_KEPT_PART: usize = 8;
/// A part of the budget that stays the block cache's.
const CACHE_KEPT_PART: usize = 24;

impl MemoryPlan {
    /// The smallest memtables while much is lent.
    fn memtable_bytes_min(&self) -> usize {
        (self.memtable_bytes / MEMTABLE_KEPT_PART).max(64 << 10).min(self.memtable_bytes)
    }

    /// The plan while so much is lent to what is derived of rows, which it is lent out of the block cache's share: beyond
    /// [`MemoryPlan::derived_bytes`], memtables give theirs room, the more is lent.
    pub(crate) fn lending(mut self, lent: usize) -> Self {
        let (over, most) = (lent.saturating_sub(self.derived_bytes), self.derived_bytes_max - self.derived_bytes);
        if over == 0 || most == 0 {
            return self;
        }
        let given = (self.memtable_bytes - self.memtable_bytes_min()) as u128 * over.min(most) as u128 / most as u128;
        let given = given as usize;
        self.memtable_bytes -= given;
        self.memtables_bytes -= given * 15 / 4;
        self.validation_bytes -= given;
        self.runs_bytes -= given / 4;
        self.block_cache_bytes += given * 15 / 4 + given + given / 4;
        // Of the memtables' room the cache has what is not the active one's, while none is frozen.
        self.block_cache_bytes_max += given / 4 + given * 5 / 4;
        self
    }
}

impl Options {
    /// Checks the options against each other.
    pub fn validate(&self) -> Result<()> {
        if self.memory_budget < MEMORY_BUDGET_MIN {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("memoryBudget is {} bytes; it must be at least {MEMORY_BUDGET_MIN}", self.memory_budget),
            ));
        }
        if let Some(bytes) = self.block_bytes.filter(|bytes| !(256..=BLOCK_BYTES * 2).contains(bytes)) {
            let message = format!("tuning.blockBytes is {bytes}; it must lie between 256 and 8,192");
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        Ok(())
    }

    /// Whether memory is short from the beginning.
    pub(crate) fn has_small_budget(&self) -> bool {
        self.memory_budget <= 64 << 20
    }

    /// Divides the budget among its consumers.
    pub fn memory_plan(&self) -> MemoryPlan {
        let budget = usize::try_from(self.memory_budget).unwrap_or(usize::MAX);
        let memtable_bytes = self.memtable_bytes.unwrap_or((budget / 8).clamp(256 << 10, 64 << 20));
        let sled_cache_bytes = (budget / 16).clamp(256 << 10, 64 << 20);
        // sled keeps a few leaves of 16 blocks in each of its 256 shards, so small budgets want small blocks.
        let block_bytes = self.block_bytes.unwrap_or(match budget >> 20 {
            0..40 => BLOCK_BYTES / 4,
            40..96 => BLOCK_BYTES / 2,
            _ => BLOCK_BYTES,
        });
        let sled_bytes = SledOptions::new(sled_cache_bytes).memory_bytes_max() + block_files::MEMORY_BYTES_MAX;
        // A small budget gives more to the block cache: a quarter fewer writes a second, three times the reads.
        let memtables_share = if budget >> 20 < 40 { 16 } else { 9 };
        let memtable_bytes = memtable_bytes.min((budget - sled_bytes.min(budget)) / memtables_share).max(64 << 10);
        // E18: the active one, two frozen, half of one by which asynchronous writes may overshoot, and a quarter because
        // each grows by an eighth at a time.
        let memtables_bytes = 3 * memtable_bytes + memtable_bytes / 2 + memtable_bytes / 4;
        let active_bytes_max = memtable_bytes + memtable_bytes / 4;
        let journal_buffer_bytes = (budget / 64).clamp(64 << 10, 4 << 20);
        let validation_bytes = memtable_bytes;
        let runs_bytes = memtable_bytes / 4;
        let spent = runs_bytes + memtables_bytes + sled_bytes + journal_buffer_bytes + validation_bytes;
        let block_cache_bytes = budget.saturating_sub(spent).max(256 << 10);
        let block_cache_bytes_max = block_cache_bytes + memtables_bytes + validation_bytes - active_bytes_max;
        let mut plan = MemoryPlan {
            block_bytes,
            memtable_bytes,
            memtables_bytes,
            block_cache_bytes,
            block_cache_bytes_max,
            runs_bytes,
            keeps_plain_blocks: block_bytes > BLOCK_BYTES / 4,
            sled_cache_bytes,
            sled_bytes,
            journal_buffer_bytes,
            validation_bytes,
            derived_bytes: block_cache_bytes / 4 * 3,
            derived_bytes_max: 0,
        };
        let given = 5 * (memtable_bytes - plan.memtable_bytes_min());
        plan.derived_bytes_max =
            (block_cache_bytes + given).saturating_sub(budget / CACHE_KEPT_PART).max(plan.derived_bytes);
        plan
    }

    /// Largest batch or transaction, in bytes of journal payload: half the memory budget, but never more than a
    /// memtable can take while two frozen ones wait.
    pub fn batch_bytes_max(&self) -> usize {
        usize::try_from(self.memory_budget / 2).unwrap_or(usize::MAX)
    }
}
