//! Operands: names, calls, and what stands between brackets or words.

use open_cypher::ast::{
    self, BinaryOperator, CaseAlternative, CaseExpression, ExprKind, FunctionInvocation, ListComprehension, MapEntry,
    MatchClause, Node, PatternComprehension, QualifiedName, QuantifiedPredicate, QuantifiedPredicateKind, QueryKind,
    ReduceExpression, RegularQuery, SingleQueryKind, SubqueryExpression, SubqueryExpressionKind,
};
use open_cypher::{Keyword, TokenKind};

use super::{NONE, Parser, Result, is_name};

impl Parser<'_> {
    pub(super) fn atom(&mut self) -> Result<ast::Expr> {
        match self.kind() {
            TokenKind::Integer
            | TokenKind::HexInteger
            | TokenKind::OctalInteger
            | TokenKind::Float
            | TokenKind::String => Ok(self.literal_expression()),
            TokenKind::Parameter | TokenKind::Dollar => self.parameter(),
            TokenKind::LeftBracket => self.list(),
            TokenKind::LeftBrace => self.map(),
            TokenKind::LeftParen => self.parenthesized(),
            TokenKind::Keyword(word) => self.word(word),
            TokenKind::Identifier | TokenKind::EscapedIdentifier => self.named(),
            _ => Err(self.expected("an expression")),
        }
    }

    fn word(&mut self, word: Keyword) -> Result<ast::Expr> {
        let next = self.ahead(1);
        let behind = (self.ahead(2), self.ahead(3));
        match word {
            Keyword::True | Keyword::False | Keyword::Null | Keyword::Inf | Keyword::Infinity | Keyword::Nan
                if next != TokenKind::LeftParen && !self.is_qualified() =>
            {
                return Ok(self.literal_expression());
            }
            Keyword::Case if self.is_case() => return self.case(),
            Keyword::Reduce if next == TokenKind::LeftParen && is_name(behind.0) && behind.1 == TokenKind::Equal => {
                return self.reduce();
            }
            Keyword::All | Keyword::Any | Keyword::None | Keyword::Single
                if next == TokenKind::LeftParen && is_name(behind.0) && behind.1 == TokenKind::Keyword(Keyword::In) =>
            {
                return self.quantified(word);
            }
            Keyword::Exists | Keyword::Count | Keyword::Collect
                if next == TokenKind::LeftBrace && !self.is_projection(self.at + 2) =>
            {
                return self.subquery(word);
            }
            _ => {}
        }
        let index = self.at;
        let named = self.named()?;
        if matches!(named.kind, ExprKind::Variable(_)) && super::expression::joins(word) {
            self.word = index;
        }
        Ok(named)
    }

    /// Whether braces hold the items of a map projection, and no query.
    fn is_projection(&self, first: usize) -> bool {
        match self.kind_at(first) {
            TokenKind::Dot | TokenKind::RightBrace => true,
            kind => {
                is_name(kind)
                    && matches!(self.kind_at(first + 1), TokenKind::Comma | TokenKind::RightBrace | TokenKind::Colon)
            }
        }
    }

    /// Whether names with dots between them are that of a function, whose parenthesis follows.
    fn is_qualified(&self) -> bool {
        let mut at = self.at;
        while self.kind_at(at + 1) == TokenKind::Dot && is_name(self.kind_at(at + 2)) {
            at += 2;
        }
        at > self.at && self.kind_at(at + 1) == TokenKind::LeftParen
    }

    /// A variable, or a function.
    fn named(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        let word = self.kind();
        let name = if self.ahead(1) == TokenKind::Dot && self.is_qualified() {
            self.qualified_name("a function")?
        } else {
            let name = self.name("a variable")?;
            let span = name.span;
            if self.kind() != TokenKind::LeftParen {
                return Ok(Node::new(ExprKind::Variable(name), span));
            }
            QualifiedName { parts: vec![name], span }
        };
        let single = name.parts.len() == 1;
        self.at += 1;
        let mut quantifier = None;
        let mut arguments = Vec::new();
        let shortest = single
            && matches!(word, TokenKind::Keyword(Keyword::ShortestPath | Keyword::AllShortestPaths))
            && self.kind() == TokenKind::LeftParen;
        let counted = single
            && word == TokenKind::Keyword(Keyword::Count)
            && self.kind() == TokenKind::Star
            && self.ahead(1) == TokenKind::RightParen;
        if counted {
            let start = self.start();
            self.at += 1;
            arguments.push(Node::new(ExprKind::Wildcard, self.span_from(start)));
        } else if shortest && self.is_path(self.at) {
            arguments.push(self.short_pattern()?);
        } else {
            quantifier = self.quantifier();
            if quantifier.is_some() || self.kind() != TokenKind::RightParen {
                arguments.push(self.expression()?);
                while self.accept(TokenKind::Comma) {
                    arguments.push(self.expression()?);
                }
            }
        }
        if !self.accept(TokenKind::RightParen) {
            return Err(self.expected("an operator, `,` or `)`"));
        }
        Ok(Node::new(ExprKind::Function(FunctionInvocation { name, quantifier, arguments }), self.span_from(start)))
    }

    /// What `shortestPath(…)` takes.
    fn short_pattern(&mut self) -> Result<ast::Expr> {
        let path = self.simple_path(true)?;
        let span = path.span;
        let part = Node::new(ast::PatternPartKind { binding: None, selector: None, path }, span);
        Ok(Node::new(ExprKind::Pattern(ast::Pattern { parts: vec![part], span }), span))
    }

    fn parenthesized(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        if self.is_path(self.at) {
            return Err(self.refuse("a pattern stands alone here, between AND, OR, XOR and NOT", self.at));
        }
        self.at += 1;
        let expression = Box::new(self.expression()?);
        if !self.accept(TokenKind::RightParen) {
            return Err(self.expected("an operator or `)`"));
        }
        Ok(Node::new(ExprKind::Parenthesized(expression), self.span_from(start)))
    }

    /// A list, or a comprehension.
    fn list(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        let open = self.at;
        if self.is_pattern_comprehension() {
            return self.pattern_comprehension();
        }
        self.at += 1;
        if self.accept(TokenKind::RightBracket) {
            return Ok(Node::new(ExprKind::List(Vec::new()), self.span_from(start)));
        }
        let around = self.bar;
        if is_name(self.kind()) && self.ahead(1) == TokenKind::Keyword(Keyword::In) {
            self.bar = self.projecting(self.at, self.closing(open));
        }
        let first = self.expression()?;
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Where) | TokenKind::Pipe => {
                let (variable, list) = match split(first) {
                    Ok(source) => source,
                    Err(_) => return Err(self.expected("an operator, `,` or `]`; a comprehension begins `[x IN list`")),
                };
                let predicate = self.filter()?.map(Box::new);
                self.bar = NONE;
                let projection = if self.accept(TokenKind::Pipe) { Some(Box::new(self.expression()?)) } else { None };
                ExprKind::ListComprehension(ListComprehension { variable, list, predicate, projection })
            }
            TokenKind::Comma => {
                let mut values = vec![first];
                while self.accept(TokenKind::Comma) {
                    values.push(self.expression()?);
                }
                ExprKind::List(values)
            }
            _ => match split(first) {
                Ok((variable, list)) => {
                    ExprKind::ListComprehension(ListComprehension { variable, list, predicate: None, projection: None })
                }
                Err(first) => ExprKind::List(vec![first]),
            },
        };
        self.bar = around;
        if !self.accept(TokenKind::RightBracket) {
            let what = match &kind {
                ExprKind::List(_) => "an operator, `,` or `]`",
                ExprKind::ListComprehension(ListComprehension { projection: None, .. }) => {
                    "an operator, WHERE, `|` or `]`"
                }
                _ => "an operator or `]`",
            };
            return Err(self.expected(what));
        }
        Ok(Node::new(kind, self.span_from(start)))
    }

    /// Whether `[` is followed by a path of two nodes at least, and behind it by WHERE or a bar.
    fn is_pattern_comprehension(&self) -> bool {
        let named = is_name(self.ahead(1)) && self.ahead(2) == TokenKind::Equal;
        let mut open = self.at + if named { 3 } else { 1 };
        if !self.is_path(open) {
            return false;
        }
        loop {
            let behind = self.closing(open).saturating_add(1);
            open = self.relationship_end(behind);
            if open == NONE {
                return matches!(self.kind_at(behind), TokenKind::Pipe | TokenKind::Keyword(Keyword::Where));
            }
        }
    }

    fn pattern_comprehension(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        let close = self.closing(self.at);
        self.at += 1;
        let bar = self.projecting(self.at, close);
        let around = std::mem::replace(&mut self.bar, bar);
        let binding = self.binding()?;
        let pattern = self.simple_pattern()?;
        let predicate = self.filter()?.map(Box::new);
        self.bar = NONE;
        if !self.accept(TokenKind::Pipe) {
            return Err(self.expected("an operator or `|`"));
        }
        let projection = Box::new(self.expression()?);
        self.bar = around;
        if !self.accept(TokenKind::RightBracket) {
            return Err(self.expected("an operator or `]`"));
        }
        let kind = ExprKind::PatternComprehension(PatternComprehension { binding, pattern, predicate, projection });
        Ok(Node::new(kind, self.span_from(start)))
    }

    pub(super) fn map(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        self.need(TokenKind::LeftBrace)?;
        let mut entries = Vec::new();
        if !self.accept(TokenKind::RightBrace) {
            loop {
                let start = self.start();
                let key = self.name("a key or `}`")?;
                self.need(TokenKind::Colon)?;
                let value = self.expression()?;
                entries.push(MapEntry { key, value, span: self.span_from(start) });
                if self.accept(TokenKind::RightBrace) {
                    break;
                }
                if !self.accept(TokenKind::Comma) {
                    return Err(self.expected("an operator, `,` or `}`"));
                }
            }
        }
        Ok(Node::new(ExprKind::Map(entries), self.span_from(start)))
    }

    fn case(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        self.at += 1;
        let operand = if self.is(Keyword::When) { None } else { Some(Box::new(self.expression()?)) };
        let mut alternatives = Vec::new();
        while self.is(Keyword::When) {
            let start = self.start();
            self.at += 1;
            let mut when = vec![self.expression()?];
            while self.accept(TokenKind::Comma) {
                when.push(self.expression()?);
            }
            if !self.accept_word(Keyword::Then) {
                return Err(self.expected("an operator or THEN"));
            }
            let then = self.expression()?;
            alternatives.push(CaseAlternative { when, then, span: self.span_from(start) });
        }
        if alternatives.is_empty() {
            return Err(self.expected("an operator or WHEN"));
        }
        let otherwise = self.accept_word(Keyword::Else);
        let else_expression = if otherwise { Some(Box::new(self.expression()?)) } else { None };
        if !self.accept_word(Keyword::End) {
            return Err(self.expected(if otherwise { "an operator or END" } else { "an operator, WHEN, ELSE or END" }));
        }
        let kind = ExprKind::Case(CaseExpression { operand, alternatives, else_expression });
        Ok(Node::new(kind, self.span_from(start)))
    }

    /// `reduce(sum = 0, x IN list | sum + x)`
    fn reduce(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        let close = self.closing(self.at + 1);
        self.at += 2;
        let bar = self.projecting(self.at, close);
        let around = std::mem::replace(&mut self.bar, bar);
        let accumulator = self.name("a variable")?;
        self.need(TokenKind::Equal)?;
        let initial = Box::new(self.expression()?);
        self.need(TokenKind::Comma)?;
        let variable = self.name("a variable")?;
        self.need_word(Keyword::In)?;
        let list = Box::new(self.expression()?);
        self.bar = NONE;
        if !self.accept(TokenKind::Pipe) {
            return Err(self.expected("an operator or `|`"));
        }
        let expression = Box::new(self.expression()?);
        self.bar = around;
        if !self.accept(TokenKind::RightParen) {
            return Err(self.expected("an operator or `)`"));
        }
        let kind = ExprKind::Reduce(ReduceExpression { accumulator, initial, variable, list, expression });
        Ok(Node::new(kind, self.span_from(start)))
    }

    /// `all(x IN list WHERE predicate)`
    fn quantified(&mut self, word: Keyword) -> Result<ast::Expr> {
        let start = self.start();
        let kind = match word {
            Keyword::All => QuantifiedPredicateKind::All,
            Keyword::Any => QuantifiedPredicateKind::Any,
            Keyword::None => QuantifiedPredicateKind::None,
            _ => QuantifiedPredicateKind::Single,
        };
        self.at += 1;
        let kind = Node::new(kind, self.span_from(start));
        self.at += 1;
        let variable = self.name("a variable")?;
        self.need_word(Keyword::In)?;
        let list = Box::new(self.expression()?);
        if !self.accept_word(Keyword::Where) {
            return Err(self.expected("an operator or WHERE"));
        }
        let predicate = Box::new(self.expression()?);
        if !self.accept(TokenKind::RightParen) {
            return Err(self.expected("an operator or `)`"));
        }
        let kind = ExprKind::QuantifiedPredicate(QuantifiedPredicate { kind, variable, list, predicate });
        Ok(Node::new(kind, self.span_from(start)))
    }

    /// `EXISTS { … }`, `COUNT { … }` and `COLLECT { … }` of a query, or of a pattern alone.
    fn subquery(&mut self, word: Keyword) -> Result<ast::Expr> {
        let start = self.start();
        let kind = match word {
            Keyword::Exists => SubqueryExpressionKind::Exists,
            Keyword::Count => SubqueryExpressionKind::Count,
            _ => SubqueryExpressionKind::Collect,
        };
        self.at += 1;
        let kind = Node::new(kind, self.span_from(start));
        let open = self.at;
        self.at += 1;
        let query = if self.begins_query() {
            self.query_in_braces(open)?
        } else {
            let pattern = self.pattern()?;
            let where_clause = self.filter()?;
            self.follows = if where_clause.is_some() { "an operator or " } else { "`,`, WHERE or " };
            self.close_query(open)?;
            matching(pattern, where_clause)
        };
        let kind = ExprKind::Subquery(SubqueryExpression { kind, query: Box::new(query) });
        Ok(Node::new(kind, self.span_from(start)))
    }
}

/// A pattern as the query that finds it.
fn matching(pattern: ast::Pattern, where_clause: Option<ast::Expr>) -> ast::Query {
    let span = pattern.span;
    let clause = MatchClause { optional: false, mode: None, pattern, hints: Vec::new(), where_clause };
    let clauses = vec![Node::new(ast::ClauseKind::Match(clause), span)];
    let head = Node::new(SingleQueryKind { clauses }, span);
    Node::new(QueryKind::Regular(RegularQuery { head, unions: Vec::new() }), span)
}

/// `variable IN list` in its two parts, or the expression as it was.
fn split(expression: ast::Expr) -> std::result::Result<(ast::Name, Box<ast::Expr>), ast::Expr> {
    match expression.kind {
        ExprKind::Binary { left, operator, right } if operator.kind == BinaryOperator::In => match left.kind {
            ExprKind::Variable(variable) => Ok((variable, right)),
            kind => {
                let left = Box::new(Node::new(kind, left.span));
                Err(Node::new(ExprKind::Binary { left, operator, right }, expression.span))
            }
        },
        kind => Err(Node::new(kind, expression.span)),
    }
}
