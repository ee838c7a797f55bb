//! Where an error is, for people.

use std::fmt;

use crate::error::CypherError;

/// A place of a text, counted from one. Columns are characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Counted by line feeds.
    pub line: usize,
    /// In the line.
    pub column: usize,
}

impl Position {
    /// The place of a byte; of the character it belongs to.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text[..floor_boundary(text, byte)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self { line: 1 + before.matches('\n').count(), column: 1 + before[line_start..].chars().count() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// How many characters before and behind the place of a long line are shown.
const CONTEXT: usize = 60;

impl CypherError {
    /// Where it is in the query's text.
    #[must_use]
    pub fn position(&self, text: &str) -> Option<Position> {
        self.span.as_ref().map(|span| Position::of(text, span.start))
    }

    /// The error with its line of the query and a caret below the place; of a long line, what stands around the place.
    #[must_use]
    pub fn render(&self, text: &str) -> String {
        let Some(span) = &self.span else { return self.to_string() };
        let start = floor_boundary(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
        let end = floor_boundary(text, span.end).clamp(start, line_end);

        let before: Vec<char> = text[line_start..start].chars().collect();
        let cut = before.len().saturating_sub(CONTEXT);
        let shown: String = before[cut..].iter().collect();
        let marked: String = text[start..end].chars().take(2 * CONTEXT).collect();
        let rest: String = text[start + marked.len()..line_end].chars().take(CONTEXT).collect();
        let (opening, closing) =
            (if cut > 0 { "…" } else { "" }, if start + marked.len() + rest.len() < line_end { "…" } else { "" });

        let position = Position::of(text, start);
        let margin = " ".repeat(position.line.to_string().len());
        let blank: String = opening.chars().chain(shown.chars()).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let carets = "^".repeat(marked.chars().count().max(1));
        format!(
            "{self}\n{margin}--> {position}\n{margin} |\n{} | {opening}{shown}{marked}{rest}{closing}\n{margin} | {blank}{carets}",
            position.line
        )
    }
}

fn floor_boundary(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
