//! Which of the journal's commits are applied again, and what is missing among them.

use super::{Effect, Lost};
use crate::journal::Salvaged;
use crate::open::JOURNAL_FOLDER;

/// The commits to apply, as a position among those found, and what is not there.
pub(super) struct Plan {
    pub first: usize,
    pub lost: Vec<Lost>,
    /// Whether a commit is missing whose rows are in no block.
    pub lacks_commits: bool,
}

/// Every commit from the last missing one on is applied, whatever the blocks have: together they end where the store
/// did. Of those before it, the ones that no block has yet.
pub(super) fn plan(journal: &Salvaged, applied: Option<u64>, has_blocks: bool) -> Plan {
    let records = &journal.records;
    // Without a word from the blocks, what was before the oldest segment is taken to be in them.
    let oldest = journal.first_seq().unwrap_or(1).saturating_sub(1);
    let applied = applied.unwrap_or(if has_blocks { oldest } else { 0 });
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
    let mut lost = Vec::new();
    let lacks_commits = !gaps.is_empty() || (journal.lacks_newest && !records.is_empty());
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
