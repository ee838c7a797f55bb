//! A text and its tokens.

use std::cell::Cell;
use std::ops::Range;

use open_cypher::{Keyword, Token, TokenKind};

use super::cap::BYTES_MAX;
use super::report;
use crate::error::{CypherError, Detail, Kind};

/// Fails when the work on a text is to end.
pub(crate) type Proceed<'t> = &'t dyn Fn() -> Result<(), CypherError>;

/// So often it is not asked whether work goes on, and then once.
const TICKS: u32 = 64;

/// A text and its tokens, without white space and comments.
pub(crate) struct Source<'t> {
    pub text: &'t str,
    pub tokens: Vec<Token>,
    proceed: Proceed<'t>,
    ticks: Cell<u32>,
}

impl<'t> Source<'t> {
    pub fn of(text: &'t str, proceed: Proceed<'t>) -> Result<Self, CypherError> {
        if text.len() > BYTES_MAX {
            return Err(CypherError::compile(
                Kind::SyntaxError,
                Detail::QueryTooDeep,
                format!("the text has {} bytes; {BYTES_MAX} are allowed: pass long values as parameters", text.len()),
                None,
            ));
        }
        let lexed = open_cypher::lex(text);
        if let Some(diagnostic) = lexed.diagnostics.first() {
            return Err(report::lexical(text, diagnostic));
        }
        proceed()?;
        let tokens = lexed.tokens.into_iter().filter(|token| !token.is_trivia()).collect();
        Ok(Self { text, tokens, proceed, ticks: Cell::new(0) })
    }

    /// To be called for each part of the text that is looked at.
    ///
    /// # Errors
    /// That the work is to end.
    pub fn proceed(&self) -> Result<(), CypherError> {
        self.ticks.set(self.ticks.get().wrapping_add(1));
        if self.ticks.get().is_multiple_of(TICKS) { (self.proceed)() } else { Ok(()) }
    }

    pub fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    pub fn text_of(&self, index: usize) -> &'t str {
        self.tokens.get(index).and_then(|token| token.text(self.text)).unwrap_or_default()
    }

    /// The bytes of a token, or the end of the text.
    pub fn span_of(&self, index: usize) -> Range<usize> {
        self.tokens.get(index).map_or(self.text.len()..self.text.len(), |token| token.span.range())
    }

    /// Whether a token is a word, as a keyword or a name, in any case.
    pub fn is_word(&self, index: usize, word: &str) -> bool {
        matches!(self.kind(index), Some(TokenKind::Identifier | TokenKind::Keyword(_)))
            && self.text_of(index).eq_ignore_ascii_case(word)
    }

    pub fn is_name(&self, index: usize) -> bool {
        matches!(self.kind(index), Some(TokenKind::Identifier | TokenKind::EscapedIdentifier | TokenKind::Keyword(_)))
    }

    /// Whether a token ends an operand, so that no other operand can follow it. A keyword that is used as a name
    /// ends one as well, but is not known to.
    pub fn ends_operand(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(TokenKind::Keyword(keyword)) => matches!(
                keyword,
                Keyword::True
                    | Keyword::False
                    | Keyword::Null
                    | Keyword::End
                    | Keyword::Nan
                    | Keyword::Inf
                    | Keyword::Infinity
            ),
            Some(kind) => matches!(
                kind,
                TokenKind::Identifier
                    | TokenKind::EscapedIdentifier
                    | TokenKind::Parameter
                    | TokenKind::Integer
                    | TokenKind::HexInteger
                    | TokenKind::OctalInteger
                    | TokenKind::Float
                    | TokenKind::String
                    | TokenKind::RightParen
                    | TokenKind::RightBracket
                    | TokenKind::RightBrace
            ),
            None => false,
        }
    }

    /// The first token that begins at a byte or behind it.
    pub fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.span.start < byte)
    }

    /// Whether two parts of the text hold the same tokens. Keywords may differ in case.
    pub fn same(&self, left: &Range<usize>, right: &Range<usize>) -> bool {
        let (mut at, mut other) = (self.token_at(left.start), self.token_at(right.start));
        loop {
            let inside =
                |index: usize, span: &Range<usize>| self.tokens.get(index).is_some_and(|t| t.span.end <= span.end);
            match (inside(at, left), inside(other, right)) {
                (true, true) => {
                    let same = match (self.kind(at), self.kind(other)) {
                        (Some(TokenKind::Keyword(a)), Some(TokenKind::Keyword(b))) => a == b,
                        _ => self.text_of(at) == self.text_of(other),
                    };
                    if !same {
                        return false;
                    }
                }
                (false, false) => return true,
                _ => return false,
            }
            (at, other) = (at + 1, other + 1);
        }
    }
}
