//! What the lexer and the parser complain about, in the language's terms.

use std::ops::Range;

use open_cypher::{Diagnostic, DiagnosticCode, ParseErrors, TokenKind};

use super::Source;
use crate::error::{CypherError, Detail, Kind};

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

/// The error of a fragment that begins at `base` of the source.
pub(super) fn syntactic(source: &Source<'_>, base: usize, errors: &ParseErrors) -> CypherError {
    let reported = errors.diagnostics().iter().find(|diagnostic| diagnostic.is_error() && names_token(diagnostic));
    let Some(diagnostic) = reported.or_else(|| errors.diagnostics().first()) else {
        return super::unexpected("the text is no query", base..base);
    };
    let span = diagnostic.primary_span.start + base..diagnostic.primary_span.end + base;
    let index = source.token_at(span.start);
    let (detail, message) = explain(source, index, &diagnostic.message);
    CypherError::compile(Kind::SyntaxError, detail, message, Some(span))
}

/// Brackets that do not match are a consequence; the token at which the grammar gave up says more.
fn names_token(diagnostic: &Diagnostic) -> bool {
    !matches!(diagnostic.code, DiagnosticCode::UnclosedDelimiter | DiagnosticCode::MismatchedDelimiter)
}

fn explain(source: &Source<'_>, index: usize, message: &str) -> (Detail, String) {
    let adjacent = index.checked_sub(1).filter(|&before| source.span_of(before).end == source.span_of(index).start);
    let continues = source.is_name(index) || is_number(source, index);
    if continues && adjacent.is_some_and(|before| is_number(source, before)) {
        let number = format!("{}{}", source.text_of(index - 1), source.text_of(index));
        return (Detail::InvalidNumberLiteral, format!("`{number}` is no number"));
    }
    if is_implicit_call(source, index) {
        return (
            Detail::InvalidArgumentPassingMode,
            "a procedure that is called inside a query is given its arguments in parentheses".to_owned(),
        );
    }
    if is_relationship_length(source, index) {
        return (
            Detail::InvalidRelationshipPattern,
            "a relationship of variable length is written `[:TYPE*1..3]`, with an asterisk and no negative bounds"
                .to_owned(),
        );
    }
    let what = if index < source.tokens.len() {
        format!("unexpected `{}`", source.text_of(index))
    } else {
        "the text ends too early".to_owned()
    };
    if source.kind(index) == Some(TokenKind::Colon) && index.checked_sub(1).is_some_and(|before| source.is_name(before))
    {
        return (
            Detail::UnexpectedSyntax,
            format!("{what}; a test of labels is not taken here: compute it in a WITH before"),
        );
    }
    match message.split_once("; expected ") {
        Some((_, expected)) if !expected.is_empty() && expected.len() < 120 => {
            (Detail::UnexpectedSyntax, format!("{what}; expected {expected}"))
        }
        _ => (Detail::UnexpectedSyntax, what),
    }
}

fn is_number(source: &Source<'_>, index: usize) -> bool {
    matches!(
        source.kind(index),
        Some(TokenKind::Integer | TokenKind::HexInteger | TokenKind::OctalInteger | TokenKind::Float)
    )
}

/// Whether `CALL name.of.procedure` without parentheses stands before a token.
fn is_implicit_call(source: &Source<'_>, index: usize) -> bool {
    let Some(mut at) = index.checked_sub(1) else { return false };
    if !source.is_name(at) {
        return false;
    }
    while at >= 2 && source.kind(at - 1) == Some(TokenKind::Dot) && source.is_name(at - 2) {
        at -= 2;
    }
    at >= 1 && source.is_word(at - 1, "CALL") && source.kind(index) != Some(TokenKind::LeftParen)
}

/// Whether a token stands inside the brackets of a relationship, where only a length can be meant.
fn is_relationship_length(source: &Source<'_>, index: usize) -> bool {
    if !matches!(
        source.kind(index),
        Some(TokenKind::DotDot | TokenKind::Minus | TokenKind::Star | TokenKind::Integer | TokenKind::Float)
    ) {
        return false;
    }
    let mut depth = 0usize;
    for at in (0..index).rev() {
        match source.kind(at) {
            Some(TokenKind::RightBracket | TokenKind::RightParen | TokenKind::RightBrace) => depth += 1,
            Some(TokenKind::LeftBracket) if depth == 0 => {
                return at.checked_sub(1).is_some_and(|before| {
                    matches!(source.kind(before), Some(TokenKind::Minus | TokenKind::LeftArrow))
                });
            }
            Some(TokenKind::LeftBracket | TokenKind::LeftParen | TokenKind::LeftBrace) => {
                let Some(outer) = depth.checked_sub(1) else { return false };
                depth = outer;
            }
            _ => {}
        }
    }
    false
}
