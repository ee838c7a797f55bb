//! Full-text indexes: they find nodes or edges by the words of some of their properties, the best matches first.
//!
//! A document is what a node or edge says in the indexed properties: its strings, and the strings of its lists.
//! For each of its words it has a row of kind 16, a posting, which tells how many words the document has and where the
//! word stands among them; a row of kind 17 tells that it is in the index. How many documents and words there are is
//! counted as nodes are (`count.rs`), so that two writers do not meet, and read at the same moment as the postings.
//!
//! | file | holds |
//! |---|---|
//! | `words` | a text's words, and the document that they make |
//! | `posting` | the rows |
//! | `update` | what a change does to them |
//! | `query` | what is looked for, out of a text |
//! | `search` | the matches and their scores |
//! | `narrow` | what may hold a part of a text |

mod narrow;
mod posting;
mod query;
mod search;
mod update;
mod words;

use sledstore_engine::Result;

use crate::keys::{push_id, take_id};
use crate::property::invalid;
use crate::schema::{push_text, take_text};

pub use narrow::TextPlace;
pub(crate) use posting::{document_words, posting_value};
pub use search::{TextHit, TextSearch};
pub(crate) use update::{add_document, update_texts};
pub(crate) use words::Document;

/// Most labels or types of one full-text index, and most of its stop words.
const LABELS_MAX: usize = 64;
const STOP_WORDS_MAX: usize = 10_000;

/// What a full-text index is besides its properties.
#[derive(Clone, Debug, PartialEq)]
pub struct TextOptions {
    /// Nodes with one of these labels, or edges of one of these types, are in it.
    pub labels: Vec<String>,
    /// How much a word's further occurrences add to the score; 0 for nothing.
    pub k1: f64,
    /// How much long documents are held back: 0 for not at all, 1 for as much as they are longer than the average.
    pub b: f64,
    /// Words that are not found.
    pub stop_words: Vec<String>,
}

impl Default for TextOptions {
    /// The constants that are usual for BM25, and no stop words.
    fn default() -> Self {
        Self { labels: Vec::new(), k1: 1.2, b: 0.75, stop_words: Vec::new() }
    }
}

impl TextOptions {
    pub(crate) fn check(&self) -> Result<()> {
        let Self { labels, k1, b, stop_words } = self;
        if labels.is_empty() || labels.len() > LABELS_MAX {
            return Err(invalid(format!(
                "a full-text index has 1 to {LABELS_MAX} labels or types; this one has {}",
                labels.len()
            )));
        }
        if !(0.0..=1_000.0).contains(k1) {
            return Err(invalid(format!("k1 of a full-text index is a number from 0 to 1000, not {k1}")));
        }
        if !(0.0..=1.0).contains(b) {
            return Err(invalid(format!("b of a full-text index is a number from 0 to 1, not {b}")));
        }
        if stop_words.len() > STOP_WORDS_MAX {
            return Err(invalid(format!("a full-text index has at most {STOP_WORDS_MAX} stop words")));
        }
        Ok(())
    }

    /// As it is stored, with the numbers of the labels.
    pub(crate) fn definition(&self, mut labels: Vec<u32>) -> TextDefinition {
        labels.sort_unstable();
        labels.dedup();
        let mut stop_words = Vec::new();
        for text in &self.stop_words {
            words::for_each_word(text, |word| stop_words.push(word));
        }
        stop_words.sort_unstable();
        stop_words.dedup();
        TextDefinition { labels, k1: self.k1, b: self.b, stop_words }
    }
}

/// What a stored full-text index is besides its properties.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextDefinition {
    /// Ascending.
    pub labels: Vec<u32>,
    pub k1: f64,
    pub b: f64,
    /// As they are compared, ascending.
    pub stop_words: Vec<String>,
}

impl TextDefinition {
    pub fn is_stop_word(&self, word: &str) -> bool {
        self.stop_words.binary_search_by(|other| other.as_str().cmp(word)).is_ok()
    }

    /// Appends the stored form: number of labels, labels, k1, b, number of stop words, stop words.
    pub fn push(&self, value: &mut Vec<u8>) {
        push_id(value, self.labels.len() as u64);
        self.labels.iter().for_each(|&label| push_id(value, u64::from(label)));
        push_id(value, self.k1.to_bits());
        push_id(value, self.b.to_bits());
        push_id(value, self.stop_words.len() as u64);
        self.stop_words.iter().for_each(|word| push_text(value, word));
    }

    pub fn take(value: &mut &[u8]) -> Option<Self> {
        let labels = (0..take_id(value)?).map(|_| u32::try_from(take_id(value)?).ok()).collect::<Option<Vec<_>>>()?;
        let (k1, b) = (f64::from_bits(take_id(value)?), f64::from_bits(take_id(value)?));
        let stop_words = (0..take_id(value)?).map(|_| take_text(value)).collect::<Option<Vec<_>>>()?;
        Some(Self { labels, k1, b, stop_words })
    }
}
