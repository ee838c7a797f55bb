//! What is looked for, out of the text of a query. Every text is one: what has no meaning is a separator.
//!
//! | written | finds |
//! |---|---|
//! | `red car` | documents with one of the words; those with both come first |
//! | `+red car`, `red AND car` | documents that have `red`; both |
//! | `-red`, `NOT red` | none that has `red` |
//! | `"red car"` | the words side by side, in this order |
//! | `re*` | words that begin so |
//!
//! `OR` between words changes nothing. A word in which several stand, as `e-mail`, is looked for as a phrase.

use sledstore_engine::Result;

use super::TextDefinition;
use super::words::for_each_word;
use crate::property::invalid;

/// Most words of a query: each has all its postings read.
const WORDS_MAX: usize = 1_024;

/// Whether documents must have what a clause looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occur {
    Should,
    Must,
    MustNot,
}

/// A word or a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub occur: Occur,
    /// Each with its place; never empty.
    pub words: Vec<(u32, String)>,
    /// Whether the last word is the beginning of one.
    pub prefix: bool,
}

/// Reads a query.
pub(super) fn parse(query: &str, text: &TextDefinition) -> Result<Vec<Clause>> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut rest = query.trim_start();
    // What AND and NOT say of the clause that follows.
    let (mut follows_and, mut follows_not) = (false, false);
    let mut count = 0;
    while let Some(first) = rest.chars().next() {
        let sign = matches!(first, '+' | '-').then_some(first);
        let unsigned = rest.trim_start_matches(['+', '-']);
        let (content, quoted, after) = take_part(unsigned);
        rest = after.trim_start();
        match content {
            "AND" if !quoted && sign.is_none() => {
                if let Some(before) = clauses.last_mut().filter(|before| before.occur == Occur::Should) {
                    before.occur = Occur::Must;
                }
                follows_and = true;
                continue;
            }
            "OR" if !quoted && sign.is_none() => continue,
            "NOT" if !quoted && sign.is_none() => {
                follows_not = true;
                continue;
            }
            _ => {}
        }
        let occur = match sign {
            Some('-') => Occur::MustNot,
            _ if follows_not => Occur::MustNot,
            Some(_) => Occur::Must,
            None if follows_and => Occur::Must,
            None => Occur::Should,
        };
        (follows_and, follows_not) = (false, false);
        let prefix = !quoted && content.ends_with('*');
        let words = words_of(content, prefix, text);
        count += words.len();
        if count > WORDS_MAX {
            return Err(invalid(format!("a full-text query has at most {WORDS_MAX} words")));
        }
        if !words.is_empty() {
            clauses.push(Clause { occur, words, prefix });
        }
    }
    Ok(clauses)
}

/// A phrase without its quotes, or what stands before the next space; whether it was quoted; and what follows. A phrase
/// that is not closed ends with the query.
fn take_part(text: &str) -> (&str, bool, &str) {
    if let Some(inner) = text.strip_prefix('"') {
        let (phrase, after) = inner.split_once('"').unwrap_or((inner, ""));
        return (phrase, true, after);
    }
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(text.len());
    let (part, after) = text.split_at(end);
    (part, false, after)
}

/// The words of a clause with their places. Stop words only take their place, but the beginning of a word is none.
fn words_of(content: &str, prefix: bool, text: &TextDefinition) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for_each_word(content, |word| all.push(word));
    let last = all.len().saturating_sub(1);
    let placed = (0_u32..).zip(all).enumerate();
    let kept = placed.filter(|(at, (_, word))| (prefix && *at == last) || !text.is_stop_word(word));
    kept.map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> String {
        let text = TextDefinition { labels: vec![1], k1: 1.2, b: 0.75, stop_words: vec!["the".into()] };
        let clauses = parse(query, &text).unwrap_or_default();
        let show = |clause: &Clause| {
            let sign = match clause.occur {
                Occur::Should => "",
                Occur::Must => "+",
                Occur::MustNot => "-",
            };
            let words: Vec<_> = clause.words.iter().map(|(place, word)| format!("{word}@{place}")).collect();
            format!("{sign}{}{}", words.join("_"), if clause.prefix { "*" } else { "" })
        };
        clauses.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries_are_read() {
        for (query, wanted) in [
            ("Red car", "red@0 car@0"),
            ("+red -car", "+red@0 -car@0"),
            ("red AND car OR boat", "+red@0 +car@0 boat@0"),
            ("red AND NOT car", "+red@0 -car@0"),
            ("NOT +red", "-red@0"),
            ("red OR car", "red@0 car@0"),
            ("and or \"NOT\"", "and@0 or@0 not@0"),
            ("+\"in the red car\"", "+in@0_red@2_car@3"),
            ("e-mail Re* the*", "e@0_mail@1 re@0* the@0*"),
            ("the +the -the AND", ""),
            ("\"not closed", "not@0_closed@1"),
            ("red\"car\"", "red@0 car@0"),
            ("+ - -- * \"\" \u{0} (red) title:car", "red@0 title:car@0"),
            ("", ""),
        ] {
            assert_eq!(read(query), wanted, "{query}");
        }
    }

    #[test]
    fn a_query_of_many_words_is_refused() {
        let text = TextDefinition { labels: vec![1], k1: 1.2, b: 0.75, stop_words: Vec::new() };
        assert!(parse(&"word ".repeat(WORDS_MAX), &text).is_ok());
        assert!(parse(&"word ".repeat(WORDS_MAX + 1), &text).is_err());
    }
}
