//! Which documents may hold a text somewhere in one of their strings: what CONTAINS, STARTS WITH and ENDS WITH need not look
//! beyond.
//!
//! A run of letters and digits stands in one word wherever the text stands, for no boundary of Unicode Standard Annex 29 lies
//! between two of them (WB5, WB8 to WB10). Where the text itself says that the run begins or ends there, by a sign that joins no
//! word or by standing at the end of the string, the word begins or ends with it; else it may be any part of one. Folding goes
//! letter by letter, so that what stands in a word stands folded in the folded word. Only what is surely a letter is taken
//! for one: another character ends a run and tells nothing.

use std::ops::{Bound, ControlFlow};

use sledstore_engine::{Error, ErrorCode, KeyRange, Read, Result, ScanOptions};

use super::TextDefinition;
use super::words::{WORD_BYTES_MAX, folded};
use crate::graph::Graph;
use crate::keys;
use crate::rows::visit_range;

/// Keys that are read at once of an index whose words are all looked at.
const KEYS_READ: usize = 128;
/// A word as long as this may have been cut.
const WORD_BYTES_CUT: usize = WORD_BYTES_MAX - 3;
/// Keys that are looked at for each match that would do.
const KEYS_FACTOR: usize = 4;

/// Where a text stands in a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// At its beginning.
    Start,
    /// At its end.
    End,
    /// Anywhere.
    Anywhere,
}

/// Letters and digits in a row, folded.
#[derive(Debug)]
struct Run {
    word: String,
    /// Whether the word that they stand in surely begins, and ends, with them.
    begins: bool,
    ends: bool,
}

impl Graph {
    /// The nodes or edges that may have a string in which `text` stands at `place`, ascending; others have none. `None` when
    /// the index of that number cannot tell, or they are more than `most`. `go_on` is asked now and then, and ends the search by
    /// answering false.
    ///
    /// Reads the postings of a word, of those that begin alike, or the words of the whole index, as long as these are not many
    /// more than `most`.
    ///
    /// # Errors
    /// `ABORTED` when it was ended.
    pub fn texts_with(
        &self,
        reader: &impl Read,
        index: u32,
        (text, place): (&str, TextPlace),
        most: usize,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Vec<u64>>> {
        let schema = self.schema(reader)?;
        let found = schema.texts().find(|(known, _)| known.id == index && known.building.is_none());
        let Some(run) = found.and_then(|(_, options)| best_run(text, place, options)) else { return Ok(None) };
        let before = keys::postings_prefix(index).len();
        let mut range = KeyRange::prefix(&match (run.begins, run.ends) {
            (true, true) => keys::word_prefix(index, &run.word),
            (true, false) => keys::words_prefix(index, &run.word),
            _ => keys::postings_prefix(index),
        });
        let (mut ids, mut left) = (Vec::new(), most.saturating_mul(KEYS_FACTOR));
        let options = ScanOptions { keys_only: true, limit: Some(KEYS_READ as u64), ..ScanOptions::default() };
        loop {
            if !go_on() {
                return Err(Error::new(ErrorCode::Aborted, "the search was ended"));
            }
            // The first and the last word that was met.
            let (mut read, mut first, mut last) = (0, Vec::new(), Vec::new());
            visit_range(reader, self.namespace(), &range, options, |key, _| {
                let word = keys::posting_word(key, before);
                if run.begins || run.stands_in(word) {
                    ids.push(keys::posting_id(key, before)?);
                }
                if read == 0 {
                    first.extend_from_slice(word);
                }
                read += 1;
                last.clear();
                last.extend_from_slice(key);
                Ok(ControlFlow::Continue(()))
            })?;
            left = left.saturating_sub(read);
            if ids.len() > most || left == 0 {
                return Ok(None);
            }
            if read < KEYS_READ {
                break;
            }
            let word = keys::posting_word(&last, before);
            // Of a word that does not fit the other postings are passed over.
            range.start = match KeyRange::prefix(&last[..before + word.len() + 1]).end {
                Bound::Excluded(end) if word == first && !run.begins && !run.stands_in(word) => Bound::Included(end),
                _ => Bound::Excluded(last),
            };
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(Some(ids))
    }
}

impl Run {
    /// Whether a word may be the one that the run stands in.
    fn stands_in(&self, word: &[u8]) -> bool {
        let part = self.word.as_bytes();
        let stands = if self.ends { word.ends_with(part) } else { word.windows(part.len()).any(|other| other == part) };
        stands || word.len() >= WORD_BYTES_CUT
    }

    /// Whether it may stand in a word that is in no index.
    fn may_be_stopped(&self, options: &TextDefinition) -> bool {
        options.stop_words.iter().any(|word| match (self.begins, self.ends) {
            (true, true) => *word == self.word,
            (true, false) => word.starts_with(&self.word),
            _ => self.stands_in(word.as_bytes()),
        })
    }

    /// How few words there are that it stands in, about.
    fn rank(&self) -> (bool, bool, usize) {
        (self.begins, self.ends, self.word.len())
    }
}

fn best_run(text: &str, place: TextPlace, options: &TextDefinition) -> Option<Run> {
    let mut best: Option<Run> = None;
    let mut rest = text;
    while let Some(start) = rest.find(is_letter) {
        let from = text.len() - rest.len() + start;
        let length = text[from..].find(|letter| !is_letter(letter)).unwrap_or(text.len() - from);
        let (before, after) = (&text[..from], &text[from + length..]);
        let begins = before.chars().next_back().map_or(place == TextPlace::Start, ends_words);
        let ends = after.chars().next().map_or(place == TextPlace::End, ends_words);
        let run = Run { word: folded(&text[from..from + length]), begins, ends };
        // Of a longer one a word may hold a part.
        let is_known = run.begins || run.word.len() < WORD_BYTES_CUT;
        if is_known && !run.may_be_stopped(options) && best.as_ref().is_none_or(|best| best.rank() < run.rank()) {
            best = Some(run);
        }
        rest = after;
    }
    best
}

/// Whether it is surely a letter or digit that no boundary parts from another one.
fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || letter.is_alphabetic()
            && matches!(letter, '\u{c0}'..='\u{24f}' | '\u{391}'..='\u{3ce}' | '\u{400}'..='\u{481}')
}

/// Whether no word goes over it: a sign that stands between letters of one is none of these.
fn ends_words(letter: char) -> bool {
    letter.is_ascii_whitespace()
        || letter.is_ascii_punctuation() && !matches!(letter, '_' | '.' | ':' | ';' | ',' | '\'' | '"')
}
