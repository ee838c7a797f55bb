//! From the journal and the blocks to a store's state at open (E10, E15). Nothing is changed on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::backend::Backend;
use crate::batch::Operations;
use crate::commit;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::journal::{self, Journal, Known};
use crate::meta::{self, Applied};
use crate::sorted_run::{self, SortedRun};
use crate::stats::Recovery;
use crate::store::Seq;
use crate::store_file::CheckpointFile;
use crate::tables::Table;
use crate::writer::Writer;

/// The journal's records in memtables. It is read before sled is opened, for sled rewrites its files when it opens, and
/// a journal that is damaged or may not be read must not come to that.
pub(crate) struct Replay {
    disk: Arc<dyn Disk>,
    journal_folder: PathBuf,
    store_id: u128,
    completed: Option<CheckpointFile>,
    /// Records up to this seq were left out.
    applied: Seq,
    found: journal::Recovered,
    /// Every run whose file is there, oldest first.
    runs: Vec<Arc<SortedRun>>,
    /// One memtable a segment, so that a repeated checkpoint merges what the interrupted one did.
    tables: Vec<Arc<Table>>,
    /// All that was found is durable.
    is_settled: bool,
    milliseconds: f64,
}

/// What the journal and the blocks gave back.
#[derive(Default)]
pub(crate) struct Recovered {
    pub applied: Applied,
    /// Number of the last checkpoint there ever was. Of a sled that fell back it is `CHECKPOINT`'s: was it given twice,
    /// an old `CHECKPOINT` could pass for that of the new one.
    pub number: u64,
    pub redo_until: Seq,
    pub recount: bool,
    pub hash: u64,
    pub last_seq: Seq,
    pub tables: Vec<Arc<Table>>,
    /// Runs that hold what the blocks lack.
    pub runs: Vec<Arc<SortedRun>>,
    pub next_run: u32,
    /// Runs that the blocks hold already.
    pub folded_runs: Vec<u32>,
    pub report: Recovery,
}

impl Replay {
    /// Reads what neither the last completed checkpoint nor the runs hold; without a checkpoint, everything there is.
    pub fn read(
        disk: Arc<dyn Disk>,
        journal_folder: PathBuf,
        store_id: u128,
        completed: Option<CheckpointFile>,
        runs: Vec<Arc<SortedRun>>,
    ) -> Result<Self> {
        let applied = match completed {
            Some(completed) => completed.applied,
            None => journal::oldest_seq(&*disk, &journal_folder)?.unwrap_or(1).saturating_sub(1),
        };
        let (found, tables, milliseconds) = (journal::Recovered::default(), Vec::new(), 0.0);
        let is_settled = false;
        let mut replay =
            Self { disk, journal_folder, store_id, completed, applied, found, runs, tables, is_settled, milliseconds };
        replay.read_from(applied, completed.map_or(0, |completed| completed.applied))?;
        Ok(replay)
    }

    fn read_from(&mut self, applied: Seq, pending: Seq) -> Result<()> {
        let began = Instant::now();
        // The journal goes on where the runs end; of what they hold it may have a part.
        let held = runs_end(&self.runs, applied);
        let known = Known { store_id: self.store_id, applied_seq: held, pending_seq: pending.max(held) };
        let mut sink = Sink { tables: Vec::new(), segment: String::new(), writer: Writer::new(0) };
        self.found = journal::recover(&*self.disk, &self.journal_folder, &known, &mut |event| sink.take(event))?;
        self.tables = sink.tables;
        self.tables.retain(|table| !table.memtable.is_empty());
        self.applied = applied;
        self.milliseconds += began.elapsed().as_secs_f64() * 1e3;
        Ok(())
    }

    /// E12: a store that was created has a segment, always.
    pub fn require_segment(&self) -> Result<()> {
        if self.found.segments.is_empty() {
            return Err(Error::corruption(self.journal_folder.display(), "the journal is gone"));
        }
        Ok(())
    }

    /// Opens what holds the blocks, and meanwhile makes durable what was found (E12), for both wait for the disk.
    pub fn while_settling<B>(&mut self, open: impl FnOnce() -> Result<B>) -> Result<B> {
        let (disk, folder, found) = (&*self.disk, &self.journal_folder, &self.found);
        if found.is_to_change() {
            return open();
        }
        let (opened, settled) = std::thread::scope(|scope| {
            let settling = std::thread::Builder::new().spawn_scoped(scope, || found.settle(disk, folder));
            (open(), settling.ok().and_then(|settling| settling.join().ok()))
        });
        let opened = opened?;
        // A sync that failed is never tried again (E11); one that was not begun is made up for later.
        self.is_settled = settled.transpose()?.is_some();
        Ok(opened)
    }

    /// Holds it against the blocks. Only if they are not where the last completed checkpoint left them, the journal is
    /// read a second time.
    pub fn join(mut self, backend: &dyn Backend, sled_folder: &Path) -> Result<(Recovered, Ending)> {
        let applied = meta::read_applied(backend)?.unwrap_or_default();
        let pending = meta::read_pending(backend)?;
        let completed = self.completed.unwrap_or_default();
        // E15: sled may have fallen back behind `CHECKPOINT`; everything it lost must then be in the journal.
        let fell_back = applied.seq < completed.applied;
        let oldest = self.found.segments.first().map_or(0, |oldest| oldest.first_seq);
        if fell_back && oldest > runs_end(&self.runs, applied.seq) + 1 {
            let what = format!(
                "sled's files hold everything up to seq {}, the last checkpoint was at {}, and the journal starts at {oldest}",
                applied.seq, completed.applied
            );
            return Err(Error::corruption(sled_folder.display(), what));
        }
        let known = pending.seq.max(completed.applied);
        if applied.seq != self.applied {
            self.read_from(applied.seq, known)?;
        }
        let runs = sorted_run::chain(&self.runs, applied.seq);
        let held = runs_end(&self.runs, applied.seq);
        if known > held {
            self.found.check_reaches(&self.journal_folder, known)?;
        }
        let last_seq = self.found.last_seq.max(held);
        // E14: an interrupted checkpoint may have moved rows between blocks without applying any seq.
        let recount = pending != applied || applied.number != completed.number;
        let report = Recovery {
            records: self.found.records,
            cut_bytes: self.found.cut.as_ref().map_or(0, |cut| cut.bytes),
            cut_file: self.found.cut.as_ref().map(|cut| cut.file.display().to_string()),
            fell_back,
            milliseconds: self.milliseconds,
        };
        let (redo_until, hash) = (if recount { known } else { 0 }, completed.hash);
        let number = applied.number.max(completed.number);
        let next_run = self.runs.last().map_or(1, |last| last.number() + 1);
        let folded_runs = self.runs.iter().map(|run| run.number());
        let folded_runs = folded_runs.filter(|number| runs.iter().all(|run| run.number() != *number)).collect();
        let recovered = Recovered {
            applied,
            number,
            redo_until,
            recount,
            hash,
            last_seq,
            tables: self.tables,
            runs,
            next_run,
            folded_runs,
            report,
        };
        let (disk, folder, is_settled) = (self.disk, self.journal_folder, self.is_settled);
        let ending = Ending { disk, folder, store_id: self.store_id, found: self.found, is_settled };
        Ok((recovered, ending))
    }
}

/// The newest seq that the blocks and the runs above them hold.
fn runs_end(runs: &[Arc<SortedRun>], applied: Seq) -> Seq {
    sorted_run::chain(runs, applied).last().map_or(applied, |last| last.through())
}

/// Where the journal that was read ends, and the next one begins.
pub(crate) struct Ending {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    store_id: u128,
    found: journal::Recovered,
    is_settled: bool,
}

impl Ending {
    /// Cuts a torn end and links the segment of a new epoch: the first changes of a store that is opened, made when
    /// nothing can be wrong with it any more.
    pub fn begin(self, last_seq: Seq, buffer_bytes: usize) -> Result<(Journal, u64)> {
        if !self.is_settled {
            self.found.settle(&*self.disk, &self.folder)?;
        }
        let mut start = self.found.start(self.store_id, buffer_bytes)?;
        start.next_seq = last_seq + 1;
        let epoch = u64::from(start.epoch);
        Ok((Journal::create(self.disk, &self.folder, start)?, epoch))
    }
}

/// The journal's records on their way into memtables.
struct Sink {
    tables: Vec<Arc<Table>>,
    segment: String,
    writer: Writer,
}

impl Sink {
    fn take(&mut self, event: journal::Event<'_>) -> Result<()> {
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
            commit::insert(table, &mut self.writer, record.seq, &operation)?;
        }
        if operations.is_complete() {
            return Ok(());
        }
        Err(Error::corruption(&self.segment, format!("the record of seq {} cannot be read", record.seq)))
    }
}
