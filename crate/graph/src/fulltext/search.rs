//! The matches of a query and their scores.
//!
//! Source of the score: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with
//! one added inside the logarithm, as Lucene does, so that a word that most documents have counts little and not
//! against them. A phrase or the beginning of a word is scored as one word.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use sledstore_engine::{Error, ErrorCode, KeyRange, Read, Result, ScanOptions};

use super::TextDefinition;
use super::posting::Posting;
use super::query::{Clause, Occur, parse};
use crate::count::Counted;
use crate::graph::Graph;
use crate::index::{Entity, IndexDefinition};
use crate::keys;
use crate::rows::visit_range;

/// Postings between two questions whether to go on.
const ASKED_AFTER: u32 = 1_024;
/// What a place in a text takes.
const PLACE_BYTES: usize = size_of::<u32>();

/// What an entry of a map takes by the id of a document, with the room that maps leave.
const fn entry_bytes<T>() -> usize {
    2 * size_of::<(u64, T)>()
}

/// What is looked for in a full-text index.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextSearch<'a> {
    /// The query: words, `+must`, `-not`, `"a phrase"`, `begin*`, `AND`, `OR` and `NOT`.
    pub query: &'a str,
    /// How many of the best matches are left out.
    pub skip: usize,
    /// How many are wanted behind these.
    pub limit: Option<usize>,
}

/// One match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextHit {
    /// The node or edge.
    pub id: u64,
    /// How well it matches: comparable with the other scores of the same search.
    pub score: f64,
}

/// A document that has what a clause looks for.
struct Match {
    id: u64,
    /// How many words it has.
    length: u32,
    frequency: u32,
}

/// What clauses have said of a document.
#[derive(Default)]
struct Sum {
    score: f64,
    musts: usize,
    excluded: bool,
}

impl Graph {
    /// The nodes or edges that match a query of the full-text index of that name, the best first, and those of one score
    /// by their ids. `go_on` is told now and then how many bytes are held, and ends the search by answering false.
    ///
    /// Reads all postings of the words, as `reader` sees them: a transaction meets whoever changes the index as a
    /// conflict.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such full-text index or it is still being built, `INVALID_ARGUMENT` for a query of
    /// more than 1024 words, `ABORTED` when it was ended.
    pub fn search_text(
        &self,
        reader: &impl Read,
        index: &str,
        search: &TextSearch<'_>,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(Entity, Vec<TextHit>)> {
        let schema = self.schema(reader)?;
        let found = schema.texts().find(|(known, _)| known.name == index && known.building.is_none());
        let (index, text) = found.ok_or_else(|| {
            let message = format!("graph \"{}\" has no full-text index \"{index}\" that is complete", self.name());
            Error::new(ErrorCode::NotFound, message)
        })?;
        let clauses = parse(search.query, text)?;
        if clauses.iter().all(|clause| clause.occur == Occur::MustNot) {
            return Ok((index.entity, Vec::new()));
        }
        let documents = self.count(reader, Counted::Documents(index.id))?;
        let words = self.count(reader, Counted::Words(index.id))?;
        let ranking = Ranking::of(text, documents, words);
        let mut finding = Finding { graph: self, reader, index, go_on, asked: 0, held: 0 };
        let mut sums: HashMap<u64, Sum> = HashMap::new();
        for clause in &clauses {
            let held = finding.held;
            let matches = finding.matches(clause)?;
            let weight = ranking.weight(matches.len() as u64);
            let known = sums.len();
            for found in matches {
                finding.proceed(0)?;
                let sum = sums.entry(found.id).or_default();
                sum.musts += usize::from(clause.occur == Occur::Must);
                sum.excluded |= clause.occur == Occur::MustNot;
                sum.score += weight * ranking.saturation(found.frequency, found.length);
            }
            finding.held = held + (sums.len() - known) * entry_bytes::<Sum>();
        }
        finding.held += sums.len() * size_of::<TextHit>();
        finding.ask()?;
        let musts = clauses.iter().filter(|clause| clause.occur == Occur::Must).count();
        let fit = sums.into_iter().filter(|(_, sum)| !sum.excluded && sum.musts == musts);
        let hits = fit.map(|(id, sum)| TextHit { id, score: sum.score }).collect();
        Ok((index.entity, best(hits, search.skip, search.limit)))
    }
}

/// The numbers of BM25.
struct Ranking {
    k1: f64,
    b: f64,
    documents: f64,
    average: f64,
}

impl Ranking {
    fn of(text: &TextDefinition, documents: u64, words: u64) -> Self {
        let (documents, words) = (documents as f64, words as f64);
        Self { k1: text.k1, b: text.b, documents, average: (words / documents.max(1.0)).max(1.0) }
    }

    /// The less documents have a word, the more it says.
    fn weight(&self, having: u64) -> f64 {
        let having = having as f64;
        (1.0 + ((self.documents - having).max(0.0) + 0.5) / (having + 0.5)).ln()
    }

    /// What a document gets of a word that stands in it so often.
    fn saturation(&self, frequency: u32, length: u32) -> f64 {
        let (frequency, length) = (f64::from(frequency), f64::from(length));
        let norm = self.k1 * (1.0 - self.b + self.b * length / self.average);
        frequency * (self.k1 + 1.0) / (frequency + norm)
    }
}

fn best(mut hits: Vec<TextHit>, skip: usize, limit: Option<usize>) -> Vec<TextHit> {
    let order = |a: &TextHit, b: &TextHit| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id));
    let wanted = limit.map_or(usize::MAX, |limit| skip.saturating_add(limit));
    if wanted < hits.len() {
        hits.select_nth_unstable_by(wanted, order);
        hits.truncate(wanted);
    }
    hits.sort_unstable_by(order);
    hits.drain(..skip.min(hits.len()));
    hits
}

/// Reads postings.
struct Finding<'a, R> {
    graph: &'a Graph,
    reader: &'a R,
    index: &'a IndexDefinition,
    go_on: &'a mut dyn FnMut(usize) -> bool,
    asked: u32,
    /// Bytes of what was found and is kept.
    held: usize,
}

impl<R: Read> Finding<'_, R> {
    /// The documents that have what a clause looks for, each once.
    fn matches(&mut self, clause: &Clause) -> Result<Vec<Match>> {
        let Some(((_, last), before)) = clause.words.split_last() else { return Ok(Vec::new()) };
        if !before.is_empty() {
            return self.phrase(clause);
        }
        if !clause.prefix {
            let mut matches = Vec::new();
            self.postings(last, false, |id, posting| {
                matches.push(Match { id, length: posting.length, frequency: posting.frequency()? });
                Ok(size_of::<Match>())
            })?;
            return Ok(matches);
        }
        let mut found: HashMap<u64, Match> = HashMap::new();
        self.postings(last, true, |id, posting| {
            let known = found.len();
            let entry = found.entry(id).or_insert(Match { id, length: posting.length, frequency: 0 });
            entry.frequency = entry.frequency.saturating_add(posting.frequency()?);
            Ok((found.len() - known) * entry_bytes::<Match>())
        })?;
        Ok(found.into_values().collect())
    }

    fn phrase(&mut self, clause: &Clause) -> Result<Vec<Match>> {
        let mut words = clause.words.iter();
        let Some((first_place, first)) = words.next() else { return Ok(Vec::new()) };
        // Where the phrase may begin, by document.
        let mut begins: BTreeMap<u64, (u32, Vec<u32>)> = BTreeMap::new();
        let base = self.held;
        self.postings(first, false, |id, posting| {
            let mut places = Vec::new();
            posting.each_place(|place| places.push(place))?;
            let bytes = entry_bytes::<(u32, Vec<u32>)>() + places.len() * PLACE_BYTES;
            begins.insert(id, (posting.length, places));
            Ok(bytes)
        })?;
        for (at, (place, word)) in words.enumerate() {
            let distance = place - first_place;
            let prefix = clause.prefix && at + 2 == clause.words.len();
            let mut left: BTreeMap<u64, (u32, Vec<u32>)> = BTreeMap::new();
            let begins_bytes = self.held - base;
            self.postings(word, prefix, |id, posting| {
                let Some((length, places)) = begins.get(&id) else { return Ok(0) };
                let known = left.len();
                let (_, kept) = left.entry(id).or_insert((*length, Vec::new()));
                let before = kept.len();
                posting.each_place(|place| {
                    if let Some(begin) = place.checked_sub(distance).filter(|begin| places.binary_search(begin).is_ok())
                    {
                        kept.push(begin);
                    }
                })?;
                let places = (kept.len() - before) * PLACE_BYTES;
                Ok((left.len() - known) * entry_bytes::<(u32, Vec<u32>)>() + places)
            })?;
            self.held -= begins_bytes;
            for (_, kept) in left.values_mut() {
                // Several words that begin alike come one after the other.
                kept.sort_unstable();
                kept.dedup();
            }
            left.retain(|_, (_, kept)| !kept.is_empty());
            begins = left;
        }
        let matches = begins.into_iter().map(|(id, (length, places))| {
            let frequency = u32::try_from(places.len()).unwrap_or(u32::MAX);
            Match { id, length, frequency }
        });
        Ok(matches.collect())
    }

    /// Calls `visit`, which tells how many bytes it kept, with the postings of a word, or of all that begin so.
    fn postings(
        &mut self,
        word: &str,
        prefix: bool,
        mut visit: impl FnMut(u64, Posting<'_>) -> Result<usize>,
    ) -> Result<()> {
        let before = keys::postings_prefix(self.index.id).len();
        let start =
            if prefix { keys::words_prefix(self.index.id, word) } else { keys::word_prefix(self.index.id, word) };
        let range = KeyRange::prefix(&start);
        visit_range(self.reader, self.graph.namespace(), &range, ScanOptions::default(), |key, value| {
            let kept = visit(keys::posting_id(key, before)?, Posting::parse(value)?)?;
            self.proceed(kept)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// To be called for whatever is looked at, with the bytes that are kept of it.
    fn proceed(&mut self, kept: usize) -> Result<()> {
        self.held += kept;
        self.asked += 1;
        if self.asked < ASKED_AFTER { Ok(()) } else { self.ask() }
    }

    fn ask(&mut self) -> Result<()> {
        self.asked = 0;
        if (self.go_on)(self.held) { Ok(()) } else { Err(Error::new(ErrorCode::Aborted, "the search was ended")) }
    }
}
