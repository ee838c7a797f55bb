//! Which runs and which of the journal's commits are applied again, and what is missing among them.

use super::blocks::SLED_FILE;
use super::{Effect, Lost};
use crate::journal::Salvaged;
use crate::open::JOURNAL_FOLDER;
use crate::order::sort_sometimes;
use crate::sorted_run::RUNS_FOLDER;
use crate::sorted_run::salvage::SalvagedRun;

/// What is applied over the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A commit, by its position among those found.
    Commit(usize),
    /// A run, by its position: it has the newest version of each of its keys, up to the seq it ends with.
    Run(usize),
}

/// What to apply, in this order, and what is not there.
#[derive(Default)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    pub lost: Vec<Lost>,
    /// Whether a commit is missing whose rows are in no block.
    pub lacks_commits: bool,
}

/// Seqs above the first number up to the second, all of which a commit or a run has.
type Held = (u64, u64);

/// Every commit from the last missing one on is applied, whatever the blocks have: together they end where the store
/// did. Of those before it, the ones that no block has yet. A run counts as its commits.
pub(super) fn plan(journal: &Salvaged, runs: &[SalvagedRun], applied: Option<u64>) -> Plan {
    let records = &journal.records;
    let mut lost = Vec::new();
    // Without a word from the blocks, what was before the oldest segment is taken to be in them, and said to be doubtful.
    let oldest_run = runs.iter().filter_map(|run| run.after).min();
    let oldest = journal.first_seq().unwrap_or(1).saturating_sub(1);
    let oldest = oldest_run.map_or(oldest, |after| after.min(oldest));
    if applied.is_none() && oldest > 0 {
        let what = format!("whether the blocks have all commits up to {oldest} cannot be read");
        lost.push(Lost::anywhere(SLED_FILE, Effect::Older, what));
    }
    if journal.first_seq().is_none() {
        let what = format!("it is gone, with what came after commit {}", applied.unwrap_or(0));
        lost.push(Lost::anywhere(JOURNAL_FOLDER, Effect::Older, what));
    }
    let applied = applied.unwrap_or(oldest);
    let span = |run: &SalvagedRun| Some((run.after?, run.through?));
    // What a run lacks is named by its rows.
    let is_wanted = |run: &SalvagedRun| run.is_whole() || run.through.is_none_or(|through| through > applied);
    let of_runs = runs.iter().filter(|run| is_wanted(run)).filter_map(span);
    let held = joined(of_runs.chain(records.iter().map(|record| (record.seq - 1, record.seq))).collect());
    let mut last = applied;
    let mut gaps = Vec::new();
    for &(after, through) in held.iter().filter(|(_, through)| *through > applied) {
        if after > last {
            gaps.push((last + 1, after));
        }
        last = through;
    }
    if journal.durable > last {
        gaps.push((last + 1, journal.durable));
    }
    // Those that blocks have may be applied again, so that they count where a block does not.
    let whole = held.iter().find(|(after, through)| gaps.is_empty() && *after <= applied && *through >= applied);
    let start = whole.map_or(applied, |(after, _)| *after);
    let lacks_commits = !lost.is_empty() || !gaps.is_empty() || (journal.lacks_newest && !records.is_empty());
    lost.extend(bad_stretches(journal, &gaps, last));
    let journal_from = journal.first_seq().unwrap_or(u64::MAX);
    for (from, to) in gaps {
        let what = format!("commits {from} to {to} are missing");
        let folder = if to < journal_from && !runs.is_empty() { RUNS_FOLDER } else { JOURNAL_FOLDER };
        lost.push(Lost::anywhere(folder, Effect::Older, what));
    }
    if journal.lacks_newest {
        let what = format!("the segment behind commit {last} is missing");
        lost.push(Lost::anywhere(JOURNAL_FOLDER, Effect::Older, what));
    }
    Plan { steps: steps(journal, runs, start, applied), lost, lacks_commits }
}

/// Spans that touch or overlap as one, ascending.
fn joined(mut spans: Vec<Held>) -> Vec<Held> {
    spans.sort_unstable();
    let mut joined: Vec<Held> = Vec::new();
    for (after, through) in spans {
        match joined.last_mut().filter(|last| after <= last.1) {
            Some(last) => last.1 = last.1.max(through),
            None => joined.push((after, through)),
        }
    }
    joined
}

/// A run comes behind the commits that it stands for: over what is left of them, its rows are the newer ones.
fn steps(journal: &Salvaged, runs: &[SalvagedRun], start: u64, applied: u64) -> Vec<Step> {
    let commits = journal.records.iter().enumerate().filter(|(_, record)| record.seq > start);
    let mut steps: Vec<_> = commits.map(|(at, record)| ((record.seq, 0), Step::Commit(at))).collect();
    for (at, run) in runs.iter().enumerate() {
        // Of one whose seqs are not known no row has a seq either; then there is none to lose.
        let through = run.through.unwrap_or_default();
        let is_later = through > applied || (through > start && run.is_whole());
        if is_later && run.after.is_none_or(|after| after >= start || through > applied) {
            steps.push(((through, 1), Step::Run(at)));
        }
    }
    sort_sometimes(&mut steps, |a, b| a.0.cmp(&b.0));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Whether the journal has every commit that a run stands for.
pub(super) fn has_all_of(journal: &Salvaged, run: &SalvagedRun) -> bool {
    let Some((after, through)) = run.after.zip(run.through) else { return false };
    let position = |seq: u64| journal.records.partition_point(|record| record.seq <= seq);
    (position(through) - position(after)) as u64 == through.saturating_sub(after)
}

fn bad_stretches(journal: &Salvaged, gaps: &[(u64, u64)], last: u64) -> Vec<Lost> {
    let mut lost = Vec::new();
    for bad in &journal.bad {
        let from = bad.seqs.0 + 1;
        let in_gap = gaps.iter().any(|&(first, to)| first <= bad.seqs.1.unwrap_or(u64::MAX) && from <= to);
        // Nothing says that what follows the last commit ever was one.
        let is_end = bad.seqs.1.is_none() && bad.seqs.0 >= last;
        let effect = if in_gap || is_end { Effect::Older } else { Effect::None };
        let what = if is_end { "what the journal ends with cannot be read" } else { "no commit can be read here" };
        lost.push(Lost::anywhere(format!("{JOURNAL_FOLDER}/{}", bad.file), effect, what).at(&bad.bytes));
    }
    lost
}
