//! CALL of procedures and of subqueries, and LOAD CSV.

use open_cypher::ast::{
    self, CallClause, CallTarget, ClauseKind, ExprKind, LiteralKind, LoadCsvClause, Node, ProjectionItemKind,
    QueryKind, RegularQuery, SingleQueryKind, SubqueryScope, YieldClause,
};
use open_cypher::{Keyword, TokenKind};

use super::{END, NONE, Parser, Result, Stop, is_name};
use crate::error::{CypherError, Detail, Kind};

impl Parser<'_> {
    /// A call of a procedure without parentheses or with `YIELD *`, either of which only a whole statement may have.
    pub(super) fn standalone_call(&mut self) -> Result<Option<ast::Query>> {
        let mut behind = self.at + 1;
        if !self.is(Keyword::Call) || !is_name(self.kind_at(behind)) {
            return Ok(None);
        }
        while self.kind_at(behind + 1) == TokenKind::Dot && is_name(self.kind_at(behind + 2)) {
            behind += 2;
        }
        behind += 1;
        let implicit = self.kind_at(behind) != TokenKind::LeftParen;
        if !implicit {
            behind = self.closing(behind).saturating_add(1);
            let yields_all = self.kind_at(behind) == TokenKind::Keyword(Keyword::Yield)
                && self.kind_at(behind.saturating_add(1)) == TokenKind::Star;
            if !yields_all {
                return Ok(None);
            }
        }
        let start = self.start();
        self.at += 1;
        let name = self.qualified_name("a procedure")?;
        let arguments = if implicit { None } else { Some(self.arguments()?) };
        let yield_clause = if self.is(Keyword::Yield) { Some(self.yields(true)?) } else { None };
        if implicit && !matches!(self.kind(), TokenKind::Semicolon | END) {
            return Err(self.implicit(behind));
        }
        let target = CallTarget::Procedure { name, arguments };
        let span = self.span_from(start);
        let clause = Node::new(ClauseKind::Call(CallClause { optional: false, target, yield_clause }), span);
        let head = Node::new(SingleQueryKind { clauses: vec![clause] }, span);
        Ok(Some(Node::new(QueryKind::Regular(RegularQuery { head, unions: Vec::new() }), span)))
    }

    #[cold]
    fn implicit(&mut self, behind: usize) -> Stop {
        self.failure = Some(CypherError::compile(
            Kind::SyntaxError,
            Detail::InvalidArgumentPassingMode,
            "a procedure that is called inside a query is given its arguments in parentheses",
            Some(self.source.span_of(behind)),
        ));
        Stop
    }

    pub(super) fn call(&mut self, optional: bool) -> Result<ClauseKind> {
        self.at += 1;
        if matches!(self.kind(), TokenKind::LeftParen | TokenKind::LeftBrace) {
            let target = self.subquery_call()?;
            return Ok(ClauseKind::Call(CallClause { optional, target, yield_clause: None }));
        }
        let name = self.qualified_name("a procedure, `(` or `{`")?;
        if self.kind() != TokenKind::LeftParen {
            return Err(self.implicit(self.at));
        }
        let arguments = Some(self.arguments()?);
        let yield_clause = if self.is(Keyword::Yield) { Some(self.yields(false)?) } else { None };
        let target = CallTarget::Procedure { name, arguments };
        Ok(ClauseKind::Call(CallClause { optional, target, yield_clause }))
    }

    /// `(a, b)`
    fn arguments(&mut self) -> Result<Vec<ast::Expr>> {
        self.need(TokenKind::LeftParen)?;
        let mut arguments = Vec::new();
        if self.accept(TokenKind::RightParen) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.accept(TokenKind::RightParen) {
                return Ok(arguments);
            }
            if !self.accept(TokenKind::Comma) {
                return Err(self.expected("an operator, `,` or `)`"));
            }
        }
    }

    fn yields(&mut self, alone: bool) -> Result<YieldClause> {
        let start = self.start();
        self.at += 1;
        if alone && self.accept(TokenKind::Star) {
            let span = self.span_from(start);
            return Ok(YieldClause { all: true, items: Vec::new(), where_clause: None, span });
        }
        let mut items = Vec::new();
        loop {
            let start = self.start();
            let field = self.name("a result of the procedure")?;
            let span = field.span;
            let expression = Node::new(ExprKind::Variable(field), span);
            let alias = if self.accept_word(Keyword::As) { Some(self.name("a variable")?) } else { None };
            items.push(Node::new(ProjectionItemKind::Expression { expression, alias }, self.span_from(start)));
            if !self.accept(TokenKind::Comma) {
                break;
            }
        }
        let where_clause = if alone { None } else { self.filter()? };
        Ok(YieldClause { all: false, items, where_clause, span: self.span_from(start) })
    }

    /// `(a, b) { … }`, where what is imported may be left out.
    fn subquery_call(&mut self) -> Result<CallTarget> {
        let scope = if self.kind() == TokenKind::LeftParen { Some(self.scope()?) } else { None };
        let open = self.at;
        if !self.accept(TokenKind::LeftBrace) {
            return Err(self.expected("`{`"));
        }
        if self.closing(open) == NONE {
            return Err(self.refuse("`{` is not closed", open));
        }
        let query = Box::new(self.query_in_braces(open)?);
        if self.is(Keyword::In) {
            let message =
                "CALL … IN TRANSACTIONS is not taken: a query is one transaction; run one query for each batch";
            return Err(self.refuse(message, self.at));
        }
        if self.is(Keyword::Yield) {
            return Err(self.refuse("YIELD belongs to the call of a procedure", self.at));
        }
        Ok(CallTarget::Subquery { scope, query, in_transactions: None })
    }

    fn scope(&mut self) -> Result<SubqueryScope> {
        let start = self.start();
        self.at += 1;
        let import_all = self.accept(TokenKind::Star);
        let mut variables = Vec::new();
        if !import_all && self.kind() != TokenKind::RightParen {
            loop {
                let next = self.ahead(1);
                if !is_name(self.kind()) || !matches!(next, TokenKind::Comma | TokenKind::RightParen) {
                    let message = "the parentheses of CALL hold the variables that it imports, separated by commas";
                    return Err(self.refuse(message, self.at));
                }
                variables.push(self.name("a variable")?);
                if !self.accept(TokenKind::Comma) {
                    break;
                }
            }
        }
        self.need(TokenKind::RightParen)?;
        Ok(SubqueryScope { import_all, variables, span: self.span_from(start) })
    }

    pub(super) fn is_load_csv(&self) -> bool {
        self.source.is_word(self.at, "LOAD") && self.source.is_word(self.at + 1, "CSV")
    }

    /// `LOAD CSV [WITH HEADERS] FROM source AS line [FIELDTERMINATOR ',']`
    pub(super) fn load_csv(&mut self) -> Result<ClauseKind> {
        let written = "LOAD CSV is written `LOAD CSV [WITH HEADERS] FROM source AS line [FIELDTERMINATOR ',']`";
        self.at += 2;
        let with_headers = self.accept_word(Keyword::With);
        if with_headers && !self.source.is_word(self.at, "HEADERS") {
            return Err(self.refuse(written, self.at));
        }
        self.at += usize::from(with_headers);
        if !self.source.is_word(self.at, "FROM") {
            return Err(self.refuse(written, self.at));
        }
        self.at += 1;
        let source = self.expression()?;
        if !self.accept_word(Keyword::As) {
            return Err(self.refuse("LOAD CSV names its lines: `AS line`", self.at));
        }
        let variable = self.name("a variable")?;
        let mut field_terminator = None;
        if self.source.is_word(self.at, "FIELDTERMINATOR") {
            self.at += 1;
            if self.kind() != TokenKind::String {
                return Err(self.refuse("FIELDTERMINATOR is followed by a string of one character", self.at));
            }
            let literal = self.literal();
            if let LiteralKind::String(string) = literal.kind {
                field_terminator = Some(Node::new(string, literal.span));
            }
        }
        Ok(ClauseKind::LoadCsv(LoadCsvClause { with_headers, source, variable, field_terminator }))
    }
}
