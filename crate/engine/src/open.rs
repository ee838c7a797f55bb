//! Opening: folder, lock, `STORE`, `CHECKPOINT`, journal, sled, catalogue (E10, E15, E19, E24). What can fail comes
//! before what changes the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};

use crate::admission::LargeBatches;
use crate::backend::{Backend, SledBackend, SledOptions};
use crate::backend_memory::MemoryBackend;
use crate::background::Background;
#[cfg(test)]
use crate::block_files::Index;
use crate::block_files::{BLOCKS_FOLDER, BlockFiles};
use crate::cache::BlockCache;
use crate::checkpoint::{Checkpoint, Run};
use crate::clock::Clock;
use crate::derived::DerivedSet;
use crate::disk::{Disk, RealDisk};
use crate::disk_use::DiskUse;
use crate::error::{Error, ErrorCode, Result};
use crate::folder;
use crate::journal::{Journal, SegmentInfo};
use crate::large::ValueId;
use crate::lock::StoreLock;
use crate::meta;
use crate::namespace::{Catalogue, CatalogueState, NamespaceId, decode_row, row};
use crate::options::{Compression, MemoryPlan, Options};
use crate::publish::RESTORED_NUMBER;
use crate::range::KeyRange;
use crate::reclaim::Reclaim;
use crate::replay::{Ending, Recovered, Replay};
use crate::scan::{Scan, ScanOptions};
use crate::snapshot::{PinKind, Readers};
use crate::snapshot_file::{SnapshotBackend, SnapshotFile};
use crate::sorted_run::{RUNS_FOLDER, RunFiles};
use crate::stats::Counters;
use crate::store::Inner;
use crate::store_file::{self, FORMAT_VERSION, Format};
use crate::tables::{Table, Tables};
use crate::writer::{Writer, WriterMutex};

/// Folder of the journal's segments inside the store's folder.
pub(crate) const JOURNAL_FOLDER: &str = "journal";
/// Folder of sled inside the store's folder.
pub(crate) const SLED_FOLDER: &str = "sled";

/// What a store was created with may only be asked for again.
fn check_fixed_options(place: &str, format: &Format, asked: &Options) -> Result<()> {
    match asked.compression {
        Some(compression) if compression != format.compression => Err(Error::new(
            ErrorCode::OptionsMismatch,
            format!(
                "the store at {place} was created with compression {}, not {}; leave the option out, or load the data \
                 into a new store",
                format.compression.name(),
                compression.name()
            ),
        )),
        _ => Ok(()),
    }
}

fn exists(folder: &Path) -> Error {
    Error::new(
        ErrorCode::Exists,
        format!("a store exists at {} already; leave errorIfExists out to open it", folder.display()),
    )
}

/// A path that is open already may only be opened with the same options.
pub(crate) fn check_same_options(inner: &Inner, asked: &Options) -> Result<()> {
    if asked.error_if_exists {
        return Err(exists(inner.folder.as_deref().unwrap_or(Path::new(""))));
    }
    check_fixed_options(&inner.place(), &inner.format, asked)?;
    let open = &inner.options;
    let differs = if open.durability != asked.durability {
        "durability"
    } else if open.memory_budget != asked.memory_budget {
        "memoryBudget"
    } else if (open.memtable_bytes, open.block_bytes) != (asked.memtable_bytes, asked.block_bytes) {
        "memtableBytes or blockBytes"
    } else {
        return Ok(());
    };
    Err(Error::new(
        ErrorCode::OptionsMismatch,
        format!("the store at {} is open in this process with another {differs}; open it with the same", inner.place()),
    ))
}

/// Opens a store that lives in memory.
pub(crate) fn open_memory(options: &Options) -> Result<Arc<Inner>> {
    let backend: Box<dyn Backend> = Box::new(MemoryBackend::new());
    let format = Format::new(new_store_id(), options.compression.unwrap_or(Compression::Lz4));
    assemble(options, Parts::new(format, backend))
}

/// Opens a published file as a store that is only read (E27).
pub(crate) fn open_snapshot(path: &Path, options: &Options) -> Result<Arc<Inner>> {
    let file = SnapshotFile::open(path)?;
    let header = *file.header();
    let applied = meta::Applied { seq: header.seq, number: RESTORED_NUMBER };
    let (number, hash, last_seq) = (applied.number, file.hash(), applied.seq);
    let recovered = Recovered { applied, number, hash, last_seq, ..Recovered::default() };
    let format = Format::new(header.store_id, header.compression);
    // E28: a moment keeps its own time.
    let options = &Options { clock: Clock::manual(header.created_ms), ..options.clone() };
    let (snapshot_file, backend) = (Some(path.to_path_buf()), Box::new(SnapshotBackend::new(file)));
    assemble(options, Parts { snapshot_file, recovered, ..Parts::new(format, backend) })
}

/// Opens or creates the store in a canonical folder.
pub(crate) fn open_folder(path: &Path, options: &Options) -> Result<Arc<Inner>> {
    folder::check_access(path, options)?;
    folder::check(path, options)?;
    let lock = StoreLock::acquire(path)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let format = match store_file::read_format(path)? {
        Some(_) if options.error_if_exists => return Err(exists(path)),
        Some(format) => {
            check_fixed_options(&path.display().to_string(), &format, options)?;
            format
        }
        None => {
            folder::check(path, options)?;
            folder::create(&*disk, path, options.compression.unwrap_or(Compression::Lz4), SegmentInfo::FIRST)?
        }
    };
    let checkpoint_file = store_file::read_checkpoint(path)?;
    let sled_folder = path.join(SLED_FOLDER);
    if checkpoint_file.is_some() && !folder::exists(&sled_folder.join("db"))? {
        return Err(Error::corruption(
            sled_folder.display(),
            "its data file is gone, though a checkpoint was completed",
        ));
    }
    if options.has_small_budget() {
        sledstore_sys::keep_large_allocations_apart();
    }
    let run_files = RunFiles::new(disk.clone(), path.join(RUNS_FOLDER), format.store_id);
    let runs = run_files.load()?;
    let mut replay = Replay::read(disk, path.join(JOURNAL_FOLDER), format.store_id, checkpoint_file, runs)?;
    replay.require_segment()?;
    let plan = options.memory_plan();
    let backend: Box<dyn Backend> = Box::new(replay.while_settling(|| open_backend(path, &plan))?);
    let (recovered, ending) = replay.join(&*backend, &sled_folder)?;
    let ending = Some(ending);
    let folder = Some(path.to_path_buf());
    let (lock, run_files) = (Some(lock), Some(run_files));
    assemble(options, Parts { folder, lock, recovered, ending, run_files, ..Parts::new(format, backend) })
}

/// Opens a store over a disk and a backend that tests make fail; only `CHECKPOINT` lies in `folder`.
#[cfg(test)]
pub(crate) fn open_over(
    folder: &Path,
    options: &Options,
    format: Format,
    disk: Arc<dyn Disk>,
    index: Box<dyn Index>,
) -> Result<Arc<Inner>> {
    let checkpoint_file = store_file::read_checkpoint(folder)?;
    let backend = Box::new(BlockFiles::open(index, disk.clone(), folder.join(BLOCKS_FOLDER))?);
    let run_files = RunFiles::new(disk.clone(), folder.join(RUNS_FOLDER), format.store_id);
    let runs = run_files.load()?;
    let replay = Replay::read(disk, folder.join(JOURNAL_FOLDER), format.store_id, checkpoint_file, runs)?;
    let (recovered, ending) = replay.join(&*backend, &folder.join(SLED_FOLDER))?;
    let (ending, run_files) = (Some(ending), Some(run_files));
    let folder = Some(folder.to_path_buf());
    assemble(options, Parts { folder, recovered, ending, run_files, ..Parts::new(format, backend) })
}

/// Opens sled in the store's folder.
pub(crate) fn open_sled(folder: &Path, plan: &MemoryPlan) -> Result<SledBackend> {
    SledBackend::open(&folder.join(SLED_FOLDER), SledOptions::new(plan.sled_cache_bytes))
}

/// Opens sled and the block files in the store's folder.
pub(crate) fn open_backend(folder: &Path, plan: &MemoryPlan) -> Result<BlockFiles> {
    BlockFiles::open(Box::new(open_sled(folder, plan)?), Arc::new(RealDisk), folder.join(BLOCKS_FOLDER))
}

pub(crate) fn new_store_id() -> u128 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let part = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos()));
        u128::from(hasher.finish())
    };
    part() << 64 | part()
}

struct Parts {
    folder: Option<PathBuf>,
    snapshot_file: Option<PathBuf>,
    lock: Option<StoreLock>,
    format: Format,
    backend: Box<dyn Backend>,
    recovered: Recovered,
    run_files: Option<RunFiles>,
    /// Where the journal on disk goes on; none for a store in memory.
    ending: Option<Ending>,
}

impl Parts {
    fn new(format: Format, backend: Box<dyn Backend>) -> Self {
        let recovered = Recovered::default();
        let (folder, snapshot_file, lock) = (None, None, None);
        Self { folder, snapshot_file, lock, format, backend, recovered, run_files: None, ending: None }
    }
}

fn assemble(options: &Options, parts: Parts) -> Result<Arc<Inner>> {
    let Parts { folder, snapshot_file, lock, format, backend, recovered, run_files, ending } = parts;
    let plan = options.memory_plan();
    let has_history = !meta::namespaces_with_blocks(&*backend, crate::key::SPACE_HISTORY)?.is_empty();
    let mut live = meta::read_live_bytes(&*backend)?;
    if recovered.applied == meta::Applied::default() {
        live.now = live.now.or(Some(0));
    }
    let run = Run::after(&recovered, live.now, has_history);
    let sizes = meta::read_sizes(&*backend)?;
    let reclaim = Reclaim::new(meta::read_expiries(&*backend)?);
    let mut inner = Arc::new(Inner {
        folder,
        snapshot_file,
        options: options.clone(),
        plan,
        format,
        epoch: 0,
        backend,
        cache: BlockCache::new(
            plan.block_cache_bytes_max,
            plan.keeps_plain_blocks || format.compression == Compression::Deflate,
        ),
        journal: Journal::none(),
        writer: WriterMutex::new(Writer::new(recovered.last_seq + 1)),
        visible: AtomicU64::new(recovered.last_seq),
        tables: ArcSwap::from_pointee(Tables::new(Table::new(), recovered.tables, recovered.runs)),
        readers: Readers::new(options.clock.clone()),
        catalogue: Catalogue::new(CatalogueState::default()),
        catalogue_changes: Mutex::new(()),
        checkpoint: Checkpoint::new(recovered.applied.seq, run, sizes, DiskUse::new(live), reclaim),
        run_files,
        background: Background::new(),
        large_batches: LargeBatches::default(),
        room: Mutex::new(()),
        room_made: Condvar::new(),
        poisoned: OnceLock::new(),
        error_listeners: Mutex::default(),
        next_value_number: AtomicU32::new(0),
        status: AtomicU8::new(0),
        counters: Counters::default(),
        derived: DerivedSet::default(),
        recovery: recovered.report,
        lock: Mutex::new(lock),
        #[cfg(test)]
        spills_always: std::sync::atomic::AtomicBool::new(false),
    });
    load_catalogue(&inner)?;
    // Only now that everything an open needs was read: a store that fails to open stays as it was.
    if let Some(ending) = ending {
        let inner =
            Arc::get_mut(&mut inner).ok_or_else(|| Error::internal("a scan of the catalogue is still there"))?;
        (inner.journal, inner.epoch) = ending.begin(recovered.last_seq, plan.journal_buffer_bytes)?;
        raise_format(inner)?;
    }
    Background::start(&inner)?;
    inner.background.wake_checkpoint();
    Ok(inner)
}

/// Before the first block of a later format is written.
fn raise_format(inner: &Inner) -> Result<()> {
    match &inner.folder {
        Some(folder) if inner.format.version < FORMAT_VERSION => store_file::write_format(folder, &inner.format),
        _ => Ok(()),
    }
}

/// Reads namespace 0: names, what is still to be reclaimed, large values whose manifest never came.
fn load_catalogue(inner: &Arc<Inner>) -> Result<()> {
    let mut state = CatalogueState::default();
    state.raise_next_id(1);
    let pin = inner.readers.pin(&inner.visible, PinKind::Snapshot);
    let visible = inner.visible.load(Ordering::SeqCst);
    let scan = Scan::new(inner, pin, NamespaceId::CATALOGUE, &KeyRange::all(), ScanOptions::default())?;
    for entry in scan {
        let (key, value) = entry?;
        let damaged = || Error::corruption("catalogue", "a row cannot be read");
        let (tag, rest) = key.split_at_checked(1).ok_or_else(damaged)?;
        match tag {
            row::NAMES => state.insert(Arc::new(decode_row(rest, &value)?)),
            row::NEXT_ID => state.raise_next_id(u32::from_le_bytes(value[..].try_into().map_err(|_| damaged())?)),
            row::DROPPED => {
                let id = u32::from_be_bytes(rest.try_into().map_err(|_| damaged())?);
                state.insert_dropped(NamespaceId::new(id), visible);
            }
            row::PENDING_VALUES => {
                let namespace = u32::from_le_bytes(value[..].try_into().map_err(|_| damaged())?);
                let id = ValueId::from_bytes(rest).ok_or_else(damaged)?;
                inner.checkpoint.abandon(NamespaceId::new(namespace), id, visible);
            }
            _ => return Err(damaged()),
        }
    }
    inner.catalogue.replace(state);
    Ok(())
}
