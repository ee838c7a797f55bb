//! One cached block: its stored form, its plain form, or both.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::fences::Fenced;
use super::heat::BlockHeat;
use crate::block::{Block, RowRef, Scratch, Visit, Walk, stored_header};
use crate::error::Result;
use crate::key::KEY_HEAD_BYTES;

/// Set by every hit, taken away by the hand that drops plain forms.
pub(super) const RECENT_PLAIN: u8 = 1;
/// Set by every hit, taken away by the hand that drops whole blocks.
pub(super) const RECENT_WHOLE: u8 = 2;

/// What an allocation costs beside its bytes, rounding included.
const ALLOCATION_BYTES: usize = 16;
/// Head and pointer in a leaf, with the slack of its vectors and its share of leaf and directory.
const PLACE_BYTES: usize = 32;

thread_local! {
    // E17: one decoding buffer a thread; taken out while in use, so that a nested use gets a fresh one.
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// A block in the cache; immutable but for its mark of recent use. Its checksum was checked before it came in.
pub(crate) struct CachedBlock {
    sled_key: SmallBytes,
    low: SmallBytes,
    /// The compressed form; blocks that are stored uncompressed keep only their plain form.
    stored: Option<Arc<[u8]>>,
    /// The decoded form; always there when `stored` is not.
    plain: Option<Block>,
    /// Bytes that the plain form takes or would take.
    plain_bytes: u32,
    /// The pin epoch it belongs to; zero is none.
    pin_epoch: u64,
    recent: AtomicU8,
    /// Whether a read of one row decodes a part of it.
    is_grouped: bool,
    heat: BlockHeat,
}

impl CachedBlock {
    /// A block that no cache holds, for a reader whose page-in was refused.
    pub fn detached(sled_key: &[u8], stored: &[u8], floor: &[u8]) -> Result<Arc<Self>> {
        crate::block::verify_stored(sled_key, stored)?;
        Self::new(sled_key, stored, floor, 0).map(Arc::new)
    }

    /// Takes a stored block whose checksum has been checked, or that was encoded just now.
    pub(super) fn new(sled_key: &[u8], stored: &[u8], floor: &[u8], pin_epoch: u64) -> Result<Self> {
        let header = stored_header(sled_key, stored)?;
        let plain = if header.is_compressed() { None } else { Some(Block::decode_verified(sled_key, stored)?) };
        Ok(Self {
            sled_key: SmallBytes::new(sled_key),
            low: SmallBytes::new(header.block.low.max(floor)),
            stored: header.is_compressed().then(|| stored.into()),
            plain,
            // A block decodes to little more than 64 KB.
            plain_bytes: (header.decoded_bytes(sled_key) - size_of::<Block>() + ALLOCATION_BYTES) as u32,
            pin_epoch,
            recent: AtomicU8::new(0),
            is_grouped: header.is_grouped(),
            heat: BlockHeat::default(),
        })
    }

    /// The same block with its plain form as well.
    pub(super) fn promoted(&self) -> Result<Self> {
        let plain = match &self.stored {
            Some(stored) => Some(Block::decode_verified(&self.sled_key, stored)?),
            None => None,
        };
        Ok(self.with_plain(plain))
    }

    /// The same block without its plain form; only for one that [`CachedBlock::is_demotable`].
    pub(super) fn demoted(&self) -> Self {
        debug_assert!(self.is_demotable());
        self.with_plain(None)
    }

    fn with_plain(&self, plain: Option<Block>) -> Self {
        Self {
            sled_key: self.sled_key.clone(),
            low: self.low.clone(),
            stored: self.stored.clone(),
            plain,
            plain_bytes: self.plain_bytes,
            pin_epoch: self.pin_epoch,
            recent: AtomicU8::new(self.recent.load(Ordering::Relaxed)),
            is_grouped: self.is_grouped,
            heat: BlockHeat::default(),
        }
    }

    /// Calls `f` with the decoded block: the plain form if there is one, else decoded into this thread's scratch
    /// (about a microsecond).
    pub fn with_block<R>(&self, f: impl FnOnce(&Block) -> R) -> Result<R> {
        if let Some(plain) = &self.plain {
            return Ok(f(plain));
        }
        with_scratch(|scratch| scratch.decode_verified(&self.sled_key, self.stored()).map(f))
    }

    /// Gives the row of a key to `f`, if the block has it: from the plain form, else by decoding no more than is needed.
    pub fn find(&self, key: &[u8], f: &mut dyn FnMut(&RowRef<'_>)) -> Result<()> {
        if let Some(plain) = &self.plain {
            if let Ok(index) = plain.search(key) {
                f(&plain.row(index));
            }
            return Ok(());
        }
        with_scratch(|scratch| {
            if let Some(row) = scratch.find(&self.sled_key, self.stored(), key)? {
                f(&row);
            }
            Ok(())
        })
    }

    /// Calls `visit` with one row after the other until it breaks: from the plain form, else by decoding no more than is
    /// needed. After an error some rows were visited.
    pub fn walk(&self, from: Walk<'_>, visit: Visit<'_>) -> Result<()> {
        if let Some(plain) = &self.plain {
            plain.walk(from, visit);
            return Ok(());
        }
        with_scratch(|scratch| scratch.walk(&self.sled_key, self.stored(), from, visit))
    }

    fn stored(&self) -> &[u8] {
        self.stored.as_deref().unwrap_or_default()
    }

    /// The key of its sled entry.
    pub fn sled_key(&self) -> &[u8] {
        &self.sled_key
    }

    /// Inclusive lower bound of the keys it answers for.
    pub fn low(&self) -> &[u8] {
        &self.low
    }

    /// Exclusive upper bound; `None` for the last block.
    pub fn fence(&self) -> Option<&[u8]> {
        match self.sled_key[KEY_HEAD_BYTES..].split_first() {
            Some((0, fence)) => Some(fence),
            _ => None,
        }
    }

    /// Whether [`CachedBlock::with_block`] needs no decoding.
    pub fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    /// How often rows of it are read, if that takes less than decoding all of it.
    pub(super) fn heat(&self) -> Option<&BlockHeat> {
        self.is_grouped.then_some(&self.heat)
    }

    /// Whether its plain form can be dropped while the block stays.
    pub(super) fn is_demotable(&self) -> bool {
        self.plain.is_some() && self.stored.is_some()
    }

    pub(super) fn is_pinned(&self, epoch: u64) -> bool {
        self.pin_epoch == epoch
    }

    /// Marks a use; true when it was used before and neither hand has passed since.
    pub(super) fn touch(&self) -> bool {
        const BOTH: u8 = RECENT_PLAIN | RECENT_WHOLE;
        let before = self.recent.load(Ordering::Relaxed);
        if before != BOTH {
            self.recent.store(BOTH, Ordering::Relaxed);
        }
        before & RECENT_PLAIN != 0
    }

    /// Whether it was used since a hand came by.
    pub(super) fn is_recent(&self) -> bool {
        self.recent.load(Ordering::Relaxed) != 0
    }

    /// Takes a mark of recent use away; true when there was one.
    pub(super) fn take_recent(&self, mark: u8) -> bool {
        self.recent.fetch_and(!mark, Ordering::Relaxed) & mark != 0
    }

    /// Passes the marks of recent use on to what replaces it.
    pub(super) fn inherit_recent(&self, from: &Self) {
        self.recent.store(from.recent.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// What a plain form would add to [`CachedBlock::memory_bytes`].
    pub(super) fn plain_bytes(&self) -> usize {
        self.plain_bytes as usize
    }

    /// Everything it holds: keys, forms, and its place in the cache.
    pub fn memory_bytes(&self) -> usize {
        let stored = self.stored.as_ref().map_or(0, |stored| stored.len() + 2 * size_of::<usize>() + ALLOCATION_BYTES);
        let plain = if self.plain.is_some() { self.plain_bytes() } else { 0 };
        let own = size_of::<Self>() + 2 * size_of::<usize>() + ALLOCATION_BYTES;
        PLACE_BYTES + own + self.sled_key.heap_bytes() + self.low.heap_bytes() + stored + plain
    }
}

/// Lends this thread's scratch.
fn with_scratch<R>(f: impl FnOnce(&mut Scratch) -> R) -> R {
    let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let result = f(&mut scratch);
    // While the thread ends there is no slot to give it back to.
    let _ = SCRATCH.try_with(|slot| slot.set(Some(scratch)));
    result
}

impl Fenced for Arc<CachedBlock> {
    fn fence(&self) -> Option<&[u8]> {
        CachedBlock::fence(self)
    }
}

const INLINE_BYTES: usize = 22;

/// Bytes that are usually few: fences are separators, so they stand beside what they bound and cost no cache miss.
#[derive(Clone)]
pub(super) enum SmallBytes {
    Inline { length: u8, bytes: [u8; INLINE_BYTES] },
    Heap(Box<[u8]>),
}

impl SmallBytes {
    pub fn new(from: &[u8]) -> Self {
        let mut bytes = [0; INLINE_BYTES];
        match bytes.get_mut(..from.len()) {
            Some(inline) => {
                inline.copy_from_slice(from);
                Self::Inline { length: from.len() as u8, bytes } // at most INLINE_BYTES
            }
            None => Self::Heap(from.into()),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Inline { .. } => 0,
            Self::Heap(bytes) => bytes.len() + ALLOCATION_BYTES,
        }
    }
}

impl Deref for SmallBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Self::Heap(bytes) => bytes,
        }
    }
}
