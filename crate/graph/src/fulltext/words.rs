//! A text's words: where they begin and end by Unicode Standard Annex 29, as they are compared.

use std::collections::BTreeMap;

use rmpv::ValueRef;
use unicode_segmentation::UnicodeSegmentation;

use super::TextDefinition;
use crate::property::Properties;

/// Longest word, in bytes; of a longer one the beginning stands for all of it.
pub(super) const WORD_BYTES_MAX: usize = 256;
/// Places between two texts of a document, which no phrase reaches over.
const TEXT_GAP: u32 = 100;

/// Calls `visit` with each word of a text, folded.
pub(crate) fn for_each_word(text: &str, mut visit: impl FnMut(String)) {
    for word in text.unicode_words() {
        let word = folded(word);
        if !word.is_empty() {
            visit(word);
        }
    }
}

/// A word without its case, and with one form of the apostrophe. A letter and its capital, in all their forms, become
/// the same; letters with accents stay what they are.
pub(super) fn folded(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for letter in word.chars() {
        match letter {
            '\0' | '\u{ad}' => {}
            '\u{2019}' => folded.push('\''),
            letter if letter.is_ascii() => folded.push(letter.to_ascii_lowercase()),
            letter => folded.extend(letter.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    let mut end = folded.len().min(WORD_BYTES_MAX);
    while !folded.is_char_boundary(end) {
        end -= 1;
    }
    folded.truncate(end);
    folded
}

/// The words of a node or edge, and their places, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    /// How many there are, stop words left out.
    pub length: u32,
    pub words: BTreeMap<String, Vec<u32>>,
}

impl Document {
    /// What stands in the strings of some properties, and in the strings of their lists.
    pub fn of(text: &TextDefinition, names: &[String], properties: &Properties<'_>) -> Self {
        let mut reading = Reading { text, document: Self::default(), place: 0 };
        for value in names.iter().filter_map(|name| properties.get(name)) {
            match value {
                ValueRef::Array(items) => items.iter().for_each(|item| reading.value(item)),
                value => reading.value(value),
            }
        }
        reading.document
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

struct Reading<'a> {
    text: &'a TextDefinition,
    document: Document,
    place: u32,
}

impl Reading<'_> {
    fn value(&mut self, value: &ValueRef<'_>) {
        let ValueRef::String(text) = value else { return };
        for_each_word(text.as_str().unwrap_or_default(), |word| {
            self.place = self.place.saturating_add(1);
            if !self.text.is_stop_word(&word) {
                self.document.length = self.document.length.saturating_add(1);
                self.document.words.entry(word).or_default().push(self.place);
            }
        });
        self.place = self.place.saturating_add(TEXT_GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push(word));
        words
    }

    #[test]
    fn words_end_where_unicode_says() {
        assert_eq!(
            words("The quick, brown fox’s (3.5) e-mail\tcan't!"),
            ["the", "quick", "brown", "fox's", "3.5", "e", "mail", "can't"]
        );
        assert_eq!(words("東京へ"), ["東", "京", "へ"]);
        assert_eq!(words(" \u{0}--- \u{1F600} ..."), Vec::<String>::new());
    }

    #[test]
    fn case_is_folded() {
        assert_eq!(
            words("STRASSE Straße ΟΔΟΣ οδος İ Ǆ ǆ ﬁn"),
            ["strasse", "strasse", "οδοσ", "οδοσ", "i\u{307}", "ǆ", "ǆ", "fin"]
        );
        assert_eq!(words("co\u{ad}operate Café"), ["cooperate", "café"]);
    }

    #[test]
    fn a_long_word_is_cut_between_letters() {
        let word = &words(&"ü".repeat(1_000))[0];
        assert_eq!(word.len(), WORD_BYTES_MAX);
        assert_eq!(words(&"字".repeat(3)).len(), 3);
    }
}
