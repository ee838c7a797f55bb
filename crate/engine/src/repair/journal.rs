//! Which of the journal's commits are applied again, and what is missing among them.

use super::blocks::BLOCKS_FILE;
use super::{Effect, Lost};
use crate::journal::Salvaged;
use crate::open::JOURNAL_FOLDER;

/// The commits to apply, as a position among those found, and what is not there.
#[derive(Default)]
pub(super) struct Plan {
    pub first: usize,
    pub lost: Vec<Lost>,
    /// Whether a commit is missing whose rows are in no block.
    pub lacks_commits: bool,
}

/// Every commit from the last missing one on is applied, whatever the blocks have: together they end where the store
/// did. Of those before it, the ones that no block has yet.
pub(super) fn plan(journal: &Salvaged, applied: Option<u64>) -> Plan {
    let records = &journal.records;
    let mut lost = Vec::new();
    // Without a word from the blocks, what was before the oldest segment is taken to be in them, and said to be doubtful.
    let oldest = journal.first_seq().unwrap_or(1).saturating_sub(1);
    if applied.is_none() && oldest > 0 {
        let what = format!("whether the blocks have all commits up to {oldest} cannot be read");
        lost.push(Lost::anywhere(BLOCKS_FILE, Effect::Older, what));
    }
    if journal.first_seq().is_none() {
        let what = format!("it is gone, with what came after commit {}", applied.unwrap_or(0));
        lost.push(Lost::anywhere(JOURNAL_FOLDER, Effect::Older, what));
    }
    let applied = applied.unwrap_or(oldest);
    let mut expected = applied + 1;
    let mut first = records.partition_point(|record| record.seq <= applied);
    let mut gaps = Vec::new();
    for record in &records[first..] {
        if record.seq > expected {
            gaps.push((expected, record.seq - 1));
        }
        expected = record.seq + 1;
    }
    if journal.durable >= expected {
        gaps.push((expected, journal.durable));
    }
    if gaps.is_empty() {
        // Those that blocks have may be applied again, so that they count where a block does not.
        while first > 0 && records[first - 1].seq + 1 == records.get(first).map_or(expected, |record| record.seq) {
            first -= 1;
        }
    }
    let last = expected - 1;
    let lacks_commits = !lost.is_empty() || !gaps.is_empty() || (journal.lacks_newest && !records.is_empty());
    for bad in &journal.bad {
        let from = bad.seqs.0 + 1;
        let in_gap = gaps.iter().any(|&(first, to)| first <= bad.seqs.1.unwrap_or(u64::MAX) && from <= to);
        // Nothing says that what follows the last commit ever was one.
        let is_end = bad.seqs.1.is_none() && bad.seqs.0 >= last;
        let effect = if in_gap || is_end { Effect::Older } else { Effect::None };
        let what = if is_end { "what the journal ends with cannot be read" } else { "no commit can be read here" };
        lost.push(Lost::anywhere(format!("{JOURNAL_FOLDER}/{}", bad.file), effect, what).at(&bad.bytes));
    }
    for (from, to) in gaps {
        let what = format!("commits {from} to {to} are missing");
        lost.push(Lost::anywhere(JOURNAL_FOLDER, Effect::Older, what));
    }
    if journal.lacks_newest {
        lost.push(Lost::anywhere(
            JOURNAL_FOLDER,
            Effect::Older,
            format!("the segment behind commit {last} is missing"),
        ));
    }
    Plan { first, lost, lacks_commits }
}
