//! From tokens to a tree: recursive descent, with precedence climbing for the operators.
//!
//! Which construct begins is known from the next token or two; where a word of the language may as well be a name, from
//! what follows it. Brackets are skipped by a table of those that close them, so nothing is read twice.
//!
//! The language is that of the grammar of openCypher 2024.3, as the crate `open-cypher` reads it, and what its tree has
//! types for besides: `CALL { … }`, OPTIONAL CALL, FOREACH and LOAD CSV. Words of the language name variables wherever
//! nothing else can stand in their place.

mod atom;
mod call;
mod clause;
mod expression;
mod label;
mod literal;
mod pattern;
mod projection;
mod update;

use open_cypher::ast::{self, Node, QueryKind, RegularQuery, SingleQueryKind, UnionBranch, UnionOperator};
use open_cypher::{Keyword, Span, TokenKind};

use super::{Source, report};
use crate::error::CypherError;

/// The parser has the error.
struct Stop;

type Result<T> = std::result::Result<T, Stop>;

/// No token.
const NONE: usize = usize::MAX;
/// The kind of a token behind the last one: the lexer's errors were given before.
const END: TokenKind = TokenKind::Invalid;

struct Parser<'s> {
    source: &'s Source<'s>,
    /// For each opening bracket, the token that closes it.
    closing: Vec<u32>,
    at: usize,
    /// The bar that ends the list or the predicate of a comprehension, and no label stands behind.
    bar: usize,
    /// The last word between operands or clauses that was taken for a variable.
    word: usize,
    /// What may stand behind the last clause.
    follows: &'static str,
    failure: Option<CypherError>,
}

/// Parses the tokens from `first` to the end, with or without a semicolon behind them.
pub(super) fn query(source: &Source<'_>, first: usize) -> std::result::Result<ast::Query, CypherError> {
    let mut parser =
        Parser { source, closing: closing(source), at: first, bar: NONE, word: NONE, follows: "", failure: None };
    let statement = parser.statement();
    let Parser { failure, .. } = parser;
    statement.map_err(|Stop| failure.unwrap_or_else(|| super::unexpected("the text is no query", 0..0)))
}

fn closing(source: &Source<'_>) -> Vec<u32> {
    let mut closing = vec![u32::MAX; source.tokens.len()];
    let mut open = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => open.push(index),
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                let closed = open.pop().and_then(|open| closing.get_mut(open));
                if let (Some(closed), Ok(index)) = (closed, u32::try_from(index)) {
                    *closed = index;
                }
            }
            _ => {}
        }
    }
    closing
}

impl Parser<'_> {
    fn kind_at(&self, index: usize) -> TokenKind {
        self.source.tokens.get(index).map_or(END, |token| token.kind)
    }

    fn kind(&self) -> TokenKind {
        self.kind_at(self.at)
    }

    fn ahead(&self, tokens: usize) -> TokenKind {
        self.kind_at(self.at + tokens)
    }

    fn is(&self, word: Keyword) -> bool {
        self.kind() == TokenKind::Keyword(word)
    }

    /// Where the next token begins, in bytes.
    fn start(&self) -> usize {
        self.source.span_of(self.at).start
    }

    /// From a byte to the end of the token before.
    fn span_from(&self, start: usize) -> Span {
        let end = self.at.checked_sub(1).map_or(0, |before| self.source.span_of(before).end);
        Span { start, end: end.max(start) }
    }

    /// The bracket that closes one, or [`NONE`].
    fn closing(&self, open: usize) -> usize {
        self.closing
            .get(open)
            .and_then(|&closing| usize::try_from(closing).ok())
            .map_or(NONE, |closing| if closing < self.closing.len() { closing } else { NONE })
    }

    fn accept(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    fn accept_word(&mut self, word: Keyword) -> bool {
        self.accept(TokenKind::Keyword(word))
    }

    fn need(&mut self, kind: TokenKind) -> Result<()> {
        if self.accept(kind) { Ok(()) } else { Err(self.expected(kind.display_name())) }
    }

    fn need_word(&mut self, word: Keyword) -> Result<()> {
        self.need(TokenKind::Keyword(word))
    }

    /// Fails when the work on the text is to end.
    fn proceed(&mut self) -> Result<()> {
        self.source.proceed().map_err(|error| {
            self.failure = Some(error);
            Stop
        })
    }

    /// Refuses the next token.
    #[cold]
    fn expected(&mut self, what: &str) -> Stop {
        // `RETURN 1 + AS x`: a word was taken for a variable, and is what is wrong.
        let (index, what) = match self.at.checked_sub(1) {
            Some(before) if before == self.word => (before, "an expression"),
            _ => (self.at, what),
        };
        self.failure = Some(report::expected(self.source, index, what));
        Stop
    }

    /// Refuses a token for another reason.
    #[cold]
    fn refuse(&mut self, message: &str, index: usize) -> Stop {
        self.failure = Some(super::unexpected(message, self.source.span_of(index)));
        Stop
    }

    /// A query with its semicolon, up to the end of the text.
    fn statement(&mut self) -> Result<ast::Query> {
        let query = match self.standalone_call()? {
            Some(query) => query,
            None => self.query()?,
        };
        let ended = self.accept(TokenKind::Semicolon);
        if self.kind() != END {
            if ended {
                return Err(self.refuse("a statement ends with its semicolon; run what follows by itself", self.at));
            }
            let follows = self.follows;
            return Err(self.expected(&format!("{follows}the end")));
        }
        Ok(query)
    }

    fn query(&mut self) -> Result<ast::Query> {
        let start = self.start();
        let head = self.single_query()?;
        let mut unions = Vec::new();
        while self.is(Keyword::Union) {
            let start = self.start();
            self.at += 1;
            let operator = if self.accept_word(Keyword::All) {
                UnionOperator::All
            } else if self.accept_word(Keyword::Distinct) {
                UnionOperator::Distinct
            } else {
                UnionOperator::Default
            };
            let operator = Node::new(operator, self.span_from(start));
            unions.push(UnionBranch { operator, query: self.single_query()? });
        }
        Ok(Node::new(QueryKind::Regular(RegularQuery { head, unions }), self.span_from(start)))
    }

    fn single_query(&mut self) -> Result<ast::SingleQuery> {
        let start = self.start();
        let mut clauses = Vec::new();
        while let Some(clause) = self.clause()? {
            let returns = matches!(clause.kind, ast::ClauseKind::Return(_));
            clauses.push(clause);
            if returns {
                break;
            }
        }
        if clauses.is_empty() {
            return Err(self.expected("a clause, such as MATCH, CREATE or RETURN"));
        }
        Ok(Node::new(SingleQueryKind { clauses }, self.span_from(start)))
    }

    /// A query and the brace that closes it.
    fn query_in_braces(&mut self, open: usize) -> Result<ast::Query> {
        if self.kind() == TokenKind::RightBrace {
            return Err(self.refuse("a query is missing inside of this", open));
        }
        let query = self.query()?;
        self.close_query(open)?;
        Ok(query)
    }

    fn close_query(&mut self, open: usize) -> Result<()> {
        match self.kind() {
            TokenKind::RightBrace => {
                self.at += 1;
                Ok(())
            }
            END => Err(self.refuse("`{` is not closed", open)),
            TokenKind::Semicolon => {
                Err(self.refuse("a semicolon ends the statement, inside of it there is none", self.at))
            }
            _ => {
                let follows = self.follows;
                Err(self.expected(&format!("{follows}`}}`")))
            }
        }
    }
}

/// Whether a token may be a name.
fn is_name(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Identifier | TokenKind::EscapedIdentifier | TokenKind::Keyword(_))
}

/// Whether a word begins a clause.
pub(super) fn begins_clause(word: Keyword) -> bool {
    matches!(
        word,
        Keyword::Match
            | Keyword::Optional
            | Keyword::Unwind
            | Keyword::With
            | Keyword::Return
            | Keyword::Create
            | Keyword::Merge
            | Keyword::Set
            | Keyword::Remove
            | Keyword::Delete
            | Keyword::Detach
            | Keyword::Call
    )
}
