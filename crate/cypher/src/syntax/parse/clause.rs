//! The clauses that read, and which clause begins.

use open_cypher::ast::{self, ClauseKind, MatchClause, Node, PathMode, UnwindClause};
use open_cypher::{Keyword, TokenKind};

use super::{Parser, Result, begins_clause};

impl Parser<'_> {
    /// The clause that begins here, if one does.
    pub(super) fn clause(&mut self) -> Result<Option<ast::Clause>> {
        self.proceed()?;
        let start = self.start();
        let (kind, follows) = match self.kind() {
            TokenKind::Keyword(word) => match word {
                Keyword::Match | Keyword::Optional => {
                    let optional = word == Keyword::Optional;
                    self.at += usize::from(optional);
                    if optional && self.is(Keyword::Call) {
                        (self.call(true)?, "YIELD, a clause or ")
                    } else {
                        (self.matching(optional)?, "`,`, WHERE, a clause or ")
                    }
                }
                Keyword::Unwind => (self.unwind()?, "a clause or "),
                Keyword::With => (self.with()?, "an operator, `,`, AS, WHERE, ORDER BY, SKIP, LIMIT, a clause or "),
                Keyword::Return => (self.returning()?, "an operator, `,`, AS, ORDER BY, SKIP, LIMIT, UNION or "),
                Keyword::Create => (self.create()?, "`,`, a clause or "),
                Keyword::Merge => (self.merge()?, "ON, a clause or "),
                Keyword::Set => (ClauseKind::Set(self.set()?), "an operator, `,`, a clause or "),
                Keyword::Remove => (self.remove()?, "`,`, a clause or "),
                Keyword::Delete | Keyword::Detach => (self.delete()?, "an operator, `,`, a clause or "),
                Keyword::Call => (self.call(false)?, "YIELD, a clause or "),
                _ => return Ok(None),
            },
            TokenKind::Identifier if self.is_foreach() => (self.foreach()?, "a clause or "),
            TokenKind::Identifier if self.is_load_csv() => (self.load_csv()?, "a clause or "),
            TokenKind::Identifier if self.source.is_word(self.at, "USE") => {
                let message =
                    "USE is not taken: a query runs on the graph it is given to; open the other graph by its name";
                return Err(self.refuse(message, self.at));
            }
            _ => return Ok(None),
        };
        self.follows = follows;
        Ok(Some(Node::new(kind, self.span_from(start))))
    }

    /// Whether a clause begins here, and no path with the name of one.
    pub(super) fn begins_query(&self) -> bool {
        match self.kind() {
            TokenKind::Keyword(word) => begins_clause(word) && self.ahead(1) != TokenKind::Equal,
            _ => self.is_foreach() || self.is_load_csv(),
        }
    }

    fn matching(&mut self, optional: bool) -> Result<ClauseKind> {
        if !self.accept_word(Keyword::Match) {
            return Err(self.expected("MATCH or CALL"));
        }
        let mode = self.path_mode();
        let pattern = self.pattern()?;
        let where_clause = self.filter()?;
        Ok(ClauseKind::Match(MatchClause { optional, mode, pattern, hints: Vec::new(), where_clause }))
    }

    fn path_mode(&mut self) -> Option<Node<PathMode>> {
        let mode = match self.kind() {
            TokenKind::Keyword(Keyword::Walk) => PathMode::Walk,
            TokenKind::Keyword(Keyword::Trail) => PathMode::Trail,
            TokenKind::Keyword(Keyword::Simple) => PathMode::Simple,
            TokenKind::Keyword(Keyword::Acyclic) => PathMode::Acyclic,
            _ => return None,
        };
        if self.ahead(1) == TokenKind::Equal {
            return None; // it names a path
        }
        let start = self.start();
        self.at += 1;
        Some(Node::new(mode, self.span_from(start)))
    }

    /// `WHERE predicate`, if it is there.
    pub(super) fn filter(&mut self) -> Result<Option<ast::Expr>> {
        if self.accept_word(Keyword::Where) { self.expression().map(Some) } else { Ok(None) }
    }

    fn unwind(&mut self) -> Result<ClauseKind> {
        self.at += 1;
        let expression = self.expression()?;
        if !self.accept_word(Keyword::As) {
            return Err(self.expected("an operator or AS"));
        }
        let variable = self.name("a variable")?;
        Ok(ClauseKind::Unwind(UnwindClause { expression, variable }))
    }
}
