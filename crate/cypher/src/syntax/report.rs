//! What the lexer and the parser complain about, in the language's terms.

use std::ops::Range;

use open_cypher::{Diagnostic, DiagnosticCode, TokenKind};

use super::Source;
use crate::error::{CypherError, Detail, Kind};

/// How many characters of a token are shown.
const SHOWN_MAX: usize = 40;

/// The error of a text that cannot be cut into tokens.
pub(super) fn lexical(text: &str, diagnostic: &Diagnostic) -> CypherError {
    let span = diagnostic.primary_span.range();
    let written = text.get(span.clone()).unwrap_or_default();
    let (detail, message) = match diagnostic.code {
        DiagnosticCode::UnterminatedString => (
            Detail::UnexpectedSyntax,
            "the text ends inside a string; close it with the quote that opened it".to_owned(),
        ),
        DiagnosticCode::UnterminatedIdentifier => {
            (Detail::UnexpectedSyntax, "the text ends inside a name in backticks; close it with a backtick".to_owned())
        }
        DiagnosticCode::UnterminatedComment => {
            (Detail::UnexpectedSyntax, "the text ends inside a comment; close it with */".to_owned())
        }
        DiagnosticCode::InvalidEscape => return invalid_escape(written, span),
        _ if written.is_ascii() => (Detail::UnexpectedSyntax, format!("`{written}` is no part of the language")),
        _ => (
            Detail::InvalidUnicodeCharacter,
            format!("`{written}` is no part of the language; a similar character of ASCII may be meant"),
        ),
    };
    CypherError::compile(Kind::SyntaxError, detail, message, Some(span))
}

/// Points at the escape itself, not at the whole string.
fn invalid_escape(written: &str, span: Range<usize>) -> CypherError {
    let mut characters = written.char_indices();
    while let Some((at, character)) = characters.next() {
        if character != '\\' {
            continue;
        }
        let Some((_, escaped)) = characters.next() else { break };
        let length = match escaped {
            'u' => 4,
            'U' => 6,
            '\\' | '\'' | '"' | '`' | 't' | 'b' | 'n' | 'r' | 'f' => continue,
            _ => {
                let place = span.start + at..span.start + at + 1 + escaped.len_utf8();
                let message = format!("`\\{escaped}` is no escape of the language; write `\\\\` for a backslash");
                return CypherError::compile(Kind::SyntaxError, Detail::UnexpectedSyntax, message, Some(place));
            }
        };
        let digits: String = written[at + 2..].chars().take(length).take_while(char::is_ascii_hexdigit).collect();
        let scalar = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
        if digits.len() < length || scalar.is_none() {
            let place = span.start + at..span.start + at + 2 + digits.len();
            let message = format!("`\\{escaped}` is followed by {length} hexadecimal digits of a Unicode character");
            return CypherError::compile(Kind::SyntaxError, Detail::InvalidUnicodeLiteral, message, Some(place));
        }
    }
    CypherError::compile(
        Kind::SyntaxError,
        Detail::InvalidUnicodeLiteral,
        "the string has an invalid escape",
        Some(span),
    )
}

/// The error of a token that cannot stand where it does, or of the end of the text.
pub(super) fn expected(source: &Source<'_>, index: usize, what: &str) -> CypherError {
    let span = source.span_of(index);
    let adjacent = index.checked_sub(1).filter(|&before| source.span_of(before).end == span.start);
    let continues = source.is_name(index) || is_number(source, index);
    let (detail, message) = if continues && adjacent.is_some_and(|before| is_number(source, before)) {
        let number = format!("{}{}", source.text_of(index - 1), source.text_of(index));
        (Detail::InvalidNumberLiteral, format!("`{number}` is no number"))
    } else if index < source.tokens.len() {
        let written = source.text_of(index);
        let shown: String = written.chars().take(SHOWN_MAX).collect();
        let rest = if shown.len() < written.len() { "…" } else { "" };
        (Detail::UnexpectedSyntax, format!("unexpected `{shown}{rest}`; expected {what}"))
    } else {
        (Detail::UnexpectedSyntax, format!("the text ends too early; expected {what}"))
    };
    CypherError::compile(Kind::SyntaxError, detail, message, Some(span))
}

fn is_number(source: &Source<'_>, index: usize) -> bool {
    matches!(
        source.kind(index),
        Some(TokenKind::Integer | TokenKind::HexInteger | TokenKind::OctalInteger | TokenKind::Float)
    )
}
