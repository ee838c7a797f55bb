//! Opening: lock, `STORE`, sled, `CHECKPOINT`, journal, catalogue (E10, E15, E19, E24).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};

use crate::backend::{Backend, SledBackend, SledOptions};
use crate::backend_memory::MemoryBackend;
use crate::background::Background;
use crate::batch::Operations;
use crate::cache::BlockCache;
use crate::checkpoint::{Checkpoint, Run};
use crate::commit::{self, Writer};
use crate::error::{Error, ErrorCode, Result};
use crate::journal::{self, Disk, Journal, Known, RealDisk};
use crate::large::ValueId;
use crate::lock::StoreLock;
use crate::meta::{self, Applied};
use crate::namespace::{Catalogue, CatalogueState, NamespaceId, decode_row, row};
use crate::options::{Compression, MemoryPlan, Options};
use crate::range::KeyRange;
use crate::scan::{Scan, ScanOptions};
use crate::snapshot::{PinKind, Readers};
use crate::stats::{Counters, Recovery};
use crate::store::{Inner, Seq};
use crate::store_file::{self, Format};
use crate::tables::{Table, Tables};

/// Folder of the journal's segments inside the store's folder.
pub(crate) const JOURNAL_FOLDER: &str = "journal";
/// Folder of sled inside the store's folder.
const SLED_FOLDER: &str = "sled";

/// Creates or checks the folder and gives its canonical path; changes nothing of a store that exists.
pub(crate) fn prepare_folder(folder: &Path, options: &Options) -> Result<PathBuf> {
    let fail = |error| Error::io(format!("opening {}", folder.display()), error);
    if !folder.exists() {
        if !options.create_if_missing {
            return Err(not_a_store(folder, "the folder does not exist"));
        }
        fs::create_dir_all(folder).map_err(fail)?;
    }
    if !folder.is_dir() {
        return Err(not_a_store(folder, "it is not a folder"));
    }
    folder.canonicalize().map_err(fail)
}

fn not_a_store(folder: &Path, why: &str) -> Error {
    Error::new(
        ErrorCode::NotAStore,
        format!("no store at {}: {why}; check the path, or allow createIfMissing", folder.display()),
    )
}

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

/// A path that is open already may only be opened with the same options.
pub(crate) fn check_same_options(inner: &Inner, asked: &Options) -> Result<()> {
    check_fixed_options(&inner.place(), &inner.format, asked)?;
    let open = &inner.options;
    let differs = if open.durability != asked.durability {
        "durability"
    } else if open.memory_budget != asked.memory_budget {
        "memoryBudget"
    } else if (open.memtable_bytes, open.block_bytes) != (asked.memtable_bytes, asked.block_bytes) {
        "memtableBytes or blockBytes"
    } else if asked.error_if_exists {
        "errorIfExists"
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
    let format = Format { store_id: new_store_id(), compression: options.compression.unwrap_or(Compression::Lz4) };
    let parts =
        Parts { folder: None, lock: None, format, backend, recovered: Recovered::default(), journal: Journal::none() };
    assemble(options, parts)
}

/// Opens or creates the store in a canonical folder.
pub(crate) fn open_folder(folder: &Path, options: &Options) -> Result<Arc<Inner>> {
    let lock = StoreLock::acquire(folder)?;
    let format = match store_file::read_format(folder)? {
        Some(_) if options.error_if_exists => {
            return Err(Error::new(
                ErrorCode::Exists,
                format!("a store exists at {} already; leave errorIfExists out to open it", folder.display()),
            ));
        }
        Some(format) => {
            check_fixed_options(&folder.display().to_string(), &format, options)?;
            format
        }
        None => create(folder, options)?,
    };
    let checkpoint_file = store_file::read_checkpoint(folder)?;
    let sled_folder = folder.join(SLED_FOLDER);
    if checkpoint_file.is_some() && !sled_folder.join("db").exists() {
        return Err(Error::corruption(
            sled_folder.display(),
            "its data file is gone, though a checkpoint was completed",
        ));
    }
    if options.has_small_budget() {
        sledstore_sys::keep_large_allocations_apart();
    }
    let plan = options.memory_plan();
    let backend: Box<dyn Backend> = Box::new(open_backend(folder, &plan)?);
    let opened = open_journal(Arc::new(RealDisk), folder, options, &format, &*backend, checkpoint_file);
    let (recovered, journal) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            // The error that stopped the open is the one to tell.
            let _ = backend.close();
            return Err(error);
        }
    };
    assemble(
        options,
        Parts { folder: Some(folder.to_path_buf()), lock: Some(lock), format, backend, recovered, journal },
    )
}

/// Opens a store over a disk and a backend that tests make fail; only `CHECKPOINT` lies in `folder`.
#[cfg(test)]
pub(crate) fn open_over(
    folder: &Path,
    options: &Options,
    format: Format,
    disk: Arc<dyn Disk>,
    backend: Box<dyn Backend>,
) -> Result<Arc<Inner>> {
    let checkpoint_file = store_file::read_checkpoint(folder)?;
    let (recovered, journal) = open_journal(disk, folder, options, &format, &*backend, checkpoint_file)?;
    assemble(options, Parts { folder: Some(folder.to_path_buf()), lock: None, format, backend, recovered, journal })
}

/// Opens sled in the store's folder.
pub(crate) fn open_backend(folder: &Path, plan: &MemoryPlan) -> Result<SledBackend> {
    SledBackend::open(&folder.join(SLED_FOLDER), SledOptions::new(plan.sled_cache_bytes, plan.block_bytes))
}

/// Makes an empty folder a store.
fn create(folder: &Path, options: &Options) -> Result<Format> {
    if !options.create_if_missing {
        return Err(not_a_store(folder, "the folder holds none"));
    }
    let fail = |error| Error::io(format!("reading {}", folder.display()), error);
    for entry in fs::read_dir(folder).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        // An open that was cut off before `STORE` was there leaves these.
        let leftover = name == crate::lock::FILE_NAME
            || name == format!("{}.tmp", store_file::STORE_FILE).as_str()
            || (name == JOURNAL_FOLDER && is_empty(&folder.join(JOURNAL_FOLDER)));
        if !leftover {
            return Err(not_a_store(folder, "the folder holds other files and no STORE file"));
        }
    }
    let format = Format { store_id: new_store_id(), compression: options.compression.unwrap_or(Compression::Lz4) };
    let journal = folder.join(JOURNAL_FOLDER);
    fs::create_dir_all(&journal).map_err(|error| Error::io(format!("creating {}", journal.display()), error))?;
    store_file::write_format(folder, &format)?;
    Ok(format)
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn new_store_id() -> u128 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let part = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos()));
        u128::from(hasher.finish())
    };
    part() << 64 | part()
}

/// What the journal and the blocks gave back.
#[derive(Default)]
struct Recovered {
    applied: Applied,
    redo_until: Seq,
    recount: bool,
    hash: u64,
    last_seq: Seq,
    epoch: u64,
    tables: Vec<Arc<Table>>,
    report: Recovery,
}

fn open_journal(
    disk: Arc<dyn Disk>,
    folder: &Path,
    options: &Options,
    format: &Format,
    backend: &dyn Backend,
    checkpoint_file: Option<store_file::CheckpointFile>,
) -> Result<(Recovered, Journal)> {
    let began = Instant::now();
    let applied = meta::read_applied(backend)?.unwrap_or_default();
    let pending = meta::read_pending(backend)?;
    let completed = checkpoint_file.unwrap_or_default();
    let journal_folder = folder.join(JOURNAL_FOLDER);
    let mut replay = Replay::default();
    let mut writer = Writer::new(0);
    // E15: sled may have fallen back behind `CHECKPOINT`; everything it lost must then be in the journal.
    let known = pending.seq.max(completed.applied);
    let store_id = format.store_id;
    let known_seqs = Known { store_id, applied_seq: applied.seq, pending_seq: known };
    let found = journal::recover(&*disk, &journal_folder, &known_seqs, &mut |event| replay.take(&mut writer, event))?;
    let mut tables = replay.tables;
    tables.retain(|table| !table.memtable.is_empty());
    let last_seq = found.last_seq.max(applied.seq);
    if last_seq < completed.applied {
        return Err(Error::corruption(
            folder.display(),
            format!(
                "the blocks hold everything up to seq {}, the last checkpoint was at {}",
                last_seq, completed.applied
            ),
        ));
    }
    let mut start = found.start(store_id, options.memory_plan().journal_buffer_bytes)?;
    start.next_seq = last_seq + 1;
    let epoch = u64::from(start.epoch);
    let journal = Journal::create(disk, &journal_folder, start)?;
    // E14: an interrupted checkpoint may have moved rows between blocks without applying any seq.
    let recount = pending != applied || applied.number != completed.number;
    let report = Recovery {
        records: found.records,
        cut_bytes: found.cut.as_ref().map_or(0, |cut| cut.bytes),
        cut_file: found.cut.as_ref().map(|cut| cut.file.display().to_string()),
        fell_back: applied.seq < completed.applied,
        milliseconds: began.elapsed().as_secs_f64() * 1e3,
    };
    let (redo_until, hash) = (if recount { known } else { 0 }, completed.hash);
    Ok((Recovered { applied, redo_until, recount, hash, last_seq, epoch, tables, report }, journal))
}

/// The journal's records on their way into memtables.
#[derive(Default)]
struct Replay {
    /// One memtable a segment, so that a repeated checkpoint merges what the interrupted one did.
    tables: Vec<Arc<Table>>,
    segment: String,
}

impl Replay {
    fn take(&mut self, writer: &mut Writer, event: journal::Event<'_>) -> Result<()> {
        let record = match event {
            journal::Event::Segment(segment) => {
                self.segment = segment.file_name();
                self.tables.push(Arc::new(Table::new()));
                return Ok(());
            }
            journal::Event::Record(record) => record,
        };
        let Some(table) = self.tables.last() else {
            return Err(Error::internal("a journal record came before its segment"));
        };
        let mut operations = Operations::of(record.payload);
        for operation in operations.by_ref() {
            commit::insert(table, writer, record.seq, &operation)?;
        }
        if operations.is_complete() {
            return Ok(());
        }
        Err(Error::corruption(&self.segment, format!("the record of seq {} cannot be read", record.seq)))
    }
}

struct Parts {
    folder: Option<PathBuf>,
    lock: Option<StoreLock>,
    format: Format,
    backend: Box<dyn Backend>,
    recovered: Recovered,
    journal: Journal,
}

fn assemble(options: &Options, parts: Parts) -> Result<Arc<Inner>> {
    let Parts { folder, lock, format, backend, recovered, journal } = parts;
    let plan = options.memory_plan();
    let has_history = !meta::namespaces_with_blocks(&*backend, crate::key::SPACE_HISTORY)?.is_empty();
    let run = Run {
        number: recovered.applied.number,
        hash: recovered.hash,
        redo_until: recovered.redo_until,
        recount: recovered.recount,
        trim_to: recovered.applied.seq,
        has_history,
    };
    let sizes = meta::read_sizes(&*backend)?;
    let inner = Arc::new(Inner {
        folder,
        options: options.clone(),
        plan,
        format,
        epoch: recovered.epoch,
        backend,
        cache: BlockCache::new(plan.block_cache_bytes, plan.keeps_plain_blocks),
        journal,
        writer: Mutex::new(Writer::new(recovered.last_seq + 1)),
        visible: AtomicU64::new(recovered.last_seq),
        tables: ArcSwap::from_pointee(Tables::new(Table::new(), recovered.tables)),
        readers: Readers::new(),
        catalogue: Catalogue::new(CatalogueState::default()),
        catalogue_changes: Mutex::new(()),
        checkpoint: Checkpoint::new(recovered.applied.seq, run, sizes),
        background: Background::new(),
        room: Mutex::new(()),
        room_made: Condvar::new(),
        poisoned: OnceLock::new(),
        error_listeners: Mutex::default(),
        next_value_number: AtomicU32::new(0),
        status: AtomicU8::new(0),
        counters: Counters::default(),
        recovery: recovered.report,
        lock: Mutex::new(lock),
    });
    load_catalogue(&inner)?;
    Background::start(&inner)?;
    inner.background.wake_checkpoint();
    Ok(inner)
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
