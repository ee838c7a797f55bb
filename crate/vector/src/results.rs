//! Answers of searches through the graph that were asked for lately, and how often what is kept was of use.
//!
//! An answer is of the vectors there are at some seqs: the same fold, and the same changes beside it ([`Moment`]). The first
//! commit that changes the index makes another moment, and what is kept of the old one goes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sledstore_engine::{Loan, Seq, Store};

use crate::resident::Shared;

/// Bytes of questions and answers, at most; a part of what the memory budget lends.
const BYTES_MAX: usize = 4 << 20;
const LENT_PART: usize = 32;
/// Of a single one, so that no answer drives out all others.
const ENTRY_PART: usize = 16;
/// What a table needs for an entry, about.
const ENTRY_BYTES: usize = 96;

/// What vectors there are: generation and fold of the graph, and from which seq on nothing else was pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub generation: u32,
    pub fold: Seq,
    pub from: Seq,
}

type Answers = HashMap<Box<[u8]>, Box<[u8]>>;

/// Answers by their questions, for one moment.
#[derive(Default)]
pub(crate) struct Results {
    kept: Mutex<Kept>,
    counts: [AtomicU64; 4],
}

#[derive(Default)]
struct Kept {
    moment: Option<Moment>,
    answers: Answers,
    /// Those that were there when the others had become too many; they go when that happens again.
    older: Answers,
    bytes: usize,
    loan: Option<Loan>,
}

/// How often what vector indexes keep in memory was of use, since they were opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Vectors that a search through a graph compared, and found in memory.
    pub row_hits: u64,
    /// Those that it read from the store.
    pub row_misses: u64,
    /// Searches whose answer was kept.
    pub result_hits: u64,
    /// Those that had to be made, where answers are kept.
    pub result_misses: u64,
}

impl CacheCounts {
    /// Of all vector indexes that were opened in a store.
    pub fn of(store: &Store) -> Self {
        let mut sum = [0; 4];
        for shared in store.all_derived::<Shared>() {
            sum.iter_mut().zip(&shared.results.counts).for_each(|(sum, count)| *sum += count.load(Ordering::Relaxed));
        }
        let [row_hits, row_misses, result_hits, result_misses] = sum;
        Self { row_hits, row_misses, result_hits, result_misses }
    }
}

impl Results {
    /// Counts vectors that a search compared.
    pub fn count_rows(&self, hits: u64, misses: u64) {
        self.counts[0].fetch_add(hits, Ordering::Relaxed);
        self.counts[1].fetch_add(misses, Ordering::Relaxed);
    }

    /// The answer of a question at a moment, if it is kept.
    pub fn get(&self, moment: Moment, question: &[u8]) -> Option<Vec<u8>> {
        let mut kept = self.kept.lock();
        let found = if kept.moment == Some(moment) { kept.find(question) } else { None };
        drop(kept);
        self.counts[if found.is_some() { 2 } else { 3 }].fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Keeps an answer, where there is room and no later moment is known.
    pub fn insert(&self, store: &Store, moment: Moment, question: &[u8], answer: &[u8]) {
        let mut kept = self.kept.lock();
        if kept.moment.is_none_or(|known| known < moment) {
            *kept = Kept { moment: Some(moment), loan: kept.loan.take(), ..Kept::default() };
        }
        if kept.loan.is_none() {
            kept.loan = store.lend(BYTES_MAX.min(store.lent_bytes_max() / LENT_PART));
        }
        let room = kept.loan.as_ref().map_or(0, Loan::bytes) / 2;
        let bytes = question.len() + answer.len() + ENTRY_BYTES;
        if kept.moment != Some(moment) || bytes > room / ENTRY_PART {
            return;
        }
        if kept.bytes + bytes > room {
            kept.older = std::mem::take(&mut kept.answers);
            kept.bytes = 0;
        }
        if kept.answers.insert(question.into(), answer.into()).is_none() {
            kept.bytes += bytes;
        }
    }
}

impl Kept {
    fn find(&mut self, question: &[u8]) -> Option<Vec<u8>> {
        self.answers.get(question).or_else(|| self.older.get(question)).map(|answer| answer.to_vec())
    }
}
