//! Operators, by precedence climbing: an operator takes as its right operand what binds tighter than itself.
//!
//! | level | operators | |
//! |---|---|---|
//! | 1, 2, 3 | OR, XOR, AND | from left to right |
//! | 4 | NOT | before its operand |
//! | 5 | `=`, `<>`, `<`, `<=`, `>`, `>=` | from left to right |
//! | 6 | `=~`, IN, CONTAINS, STARTS WITH, ENDS WITH, IS, labels | one alone |
//! | 7, 8, 9, 10 | `\|\|`; `+`, `-`; `*`, `/`, `%`; `^` | from left to right |
//! | 11 | `+`, `-` | before their operand |
//! | 12 | `.key`, `[index]`, `{projection}` | behind their operand |

use open_cypher::ast::{
    self, BinaryOperator, ExprKind, IsPredicate, MapEntry, MapProjection, MapProjectionItemKind, Node, UnaryOperator,
};
use open_cypher::{Keyword, TokenKind};

use super::{END, Parser, Result, begins_clause, is_name};

const OR: u8 = 1;
const AND: u8 = 3;
const NOT: u8 = 4;
const COMPARISON: u8 = 5;
const TEST: u8 = 6;
const CONCATENATION: u8 = 7;
const POWER: u8 = 10;

/// Whether a token begins an operand; of words all may, as names.
pub(super) fn begins_operand(kind: TokenKind) -> bool {
    is_name(kind)
        || matches!(
            kind,
            TokenKind::Parameter
                | TokenKind::Dollar
                | TokenKind::Integer
                | TokenKind::HexInteger
                | TokenKind::OctalInteger
                | TokenKind::Float
                | TokenKind::String
                | TokenKind::LeftParen
                | TokenKind::LeftBracket
                | TokenKind::LeftBrace
                | TokenKind::Plus
                | TokenKind::Minus
        )
}

/// Whether a word stands between operands, or behind one.
pub(super) fn joins(word: Keyword) -> bool {
    begins_clause(word)
        || matches!(
            word,
            Keyword::And
                | Keyword::Or
                | Keyword::Xor
                | Keyword::In
                | Keyword::Is
                | Keyword::Contains
                | Keyword::Starts
                | Keyword::Ends
                | Keyword::As
                | Keyword::When
                | Keyword::Then
                | Keyword::Else
                | Keyword::End
                | Keyword::Where
                | Keyword::Order
                | Keyword::By
                | Keyword::Asc
                | Keyword::Ascending
                | Keyword::Desc
                | Keyword::Descending
                | Keyword::Skip
                | Keyword::Offset
                | Keyword::Limit
                | Keyword::Union
                | Keyword::On
                | Keyword::Yield
        )
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<ast::Expr> {
        self.climb(OR)
    }

    /// Operators of this level and of those that bind tighter.
    fn climb(&mut self, least: u8) -> Result<ast::Expr> {
        self.proceed()?;
        let start = self.start();
        // The highest level that may follow: what binds tighter belongs to the operand before, or nowhere.
        let mut most = POWER;
        let mut left = if least <= NOT && self.is(Keyword::Not) && self.is_negation() {
            most = AND;
            self.negation()?
        } else if least <= NOT && self.is_path(self.at) {
            most = AND;
            let pattern = self.simple_pattern()?;
            Node::new(ExprKind::Pattern(pattern), self.span_from(start))
        } else {
            self.operand()?
        };
        while let Some((level, operator)) = self.operator()
            && level >= least
            && level <= most
        {
            let place = self.start();
            let kind = match operator {
                Some(operator) => {
                    self.at +=
                        if matches!(operator, BinaryOperator::StartsWith | BinaryOperator::EndsWith) { 2 } else { 1 };
                    let operator = Node::new(operator, self.span_from(place));
                    let right = Box::new(self.climb(level + 1)?);
                    ExprKind::Binary { left: Box::new(left), operator, right }
                }
                None => {
                    let (negated, predicate) = self.test()?;
                    ExprKind::Is { expression: Box::new(left), negated, predicate }
                }
            };
            left = Node::new(kind, self.span_from(start));
            most = if level == TEST { COMPARISON } else { level };
        }
        Ok(left)
    }

    /// The operator that stands here and its level; none of [`TEST`] is IS or the colon of labels.
    fn operator(&self) -> Option<(u8, Option<BinaryOperator>)> {
        let with = self.ahead(1) == TokenKind::Keyword(Keyword::With);
        let (level, operator) = match self.kind() {
            TokenKind::Keyword(word) => match word {
                Keyword::Or => (OR, BinaryOperator::Or),
                Keyword::Xor => (OR + 1, BinaryOperator::Xor),
                Keyword::And => (AND, BinaryOperator::And),
                Keyword::In => (TEST, BinaryOperator::In),
                Keyword::Contains => (TEST, BinaryOperator::Contains),
                Keyword::Starts if with => (TEST, BinaryOperator::StartsWith),
                Keyword::Ends if with => (TEST, BinaryOperator::EndsWith),
                Keyword::Is => return Some((TEST, None)),
                _ => return None,
            },
            TokenKind::Colon => return Some((TEST, None)),
            TokenKind::RegexMatch => (TEST, BinaryOperator::RegexMatch),
            TokenKind::Equal => (COMPARISON, BinaryOperator::Equal),
            TokenKind::NotEqual => (COMPARISON, BinaryOperator::NotEqual),
            TokenKind::Less => (COMPARISON, BinaryOperator::Less),
            TokenKind::LessEqual => (COMPARISON, BinaryOperator::LessEqual),
            TokenKind::Greater => (COMPARISON, BinaryOperator::Greater),
            TokenKind::GreaterEqual => (COMPARISON, BinaryOperator::GreaterEqual),
            TokenKind::DoublePipe => (CONCATENATION, BinaryOperator::Concat),
            TokenKind::Plus => (CONCATENATION + 1, BinaryOperator::Add),
            TokenKind::Minus => (CONCATENATION + 1, BinaryOperator::Subtract),
            TokenKind::Star => (CONCATENATION + 2, BinaryOperator::Multiply),
            TokenKind::Slash => (CONCATENATION + 2, BinaryOperator::Divide),
            TokenKind::Percent => (CONCATENATION + 2, BinaryOperator::Remainder),
            TokenKind::Caret => (POWER, BinaryOperator::Power),
            _ => return None,
        };
        Some((level, Some(operator)))
    }

    /// Whether NOT has an operand, and is no name.
    fn is_negation(&self) -> bool {
        match self.ahead(1) {
            TokenKind::Keyword(word) if joins(word) => {
                !self.begins_surely(self.at + 2)
                    && !matches!(self.ahead(2), TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace)
            }
            TokenKind::LeftParen if self.ahead(2) == TokenKind::RightParen => self.is_path(self.at + 1),
            kind => begins_operand(kind),
        }
    }

    /// Whether a token begins an operand and is neither an operator behind one nor a word that joins.
    pub(super) fn begins_surely(&self, index: usize) -> bool {
        match self.kind_at(index) {
            TokenKind::Keyword(word) => !joins(word),
            TokenKind::Plus | TokenKind::Minus => false,
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => false,
            kind => begins_operand(kind),
        }
    }

    fn negation(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        self.at += 1;
        let operator = Node::new(UnaryOperator::Not, self.span_from(start));
        let operand = Box::new(self.climb(NOT)?);
        Ok(Node::new(ExprKind::Unary { operator, operand }, self.span_from(start)))
    }

    /// `IS NULL`, `IS NOT NULL`, `IS Label` or `:Label`.
    fn test(&mut self) -> Result<(bool, IsPredicate)> {
        if self.is(Keyword::Is) {
            let negated = self.ahead(1) == TokenKind::Keyword(Keyword::Not);
            let null = if negated { 2 } else { 1 };
            let label = matches!(self.ahead(null + 1), TokenKind::Pipe | TokenKind::Ampersand)
                && !negated
                && self.at + null + 1 != self.bar;
            if self.ahead(null) == TokenKind::Keyword(Keyword::Null) && !label {
                self.at += null + 1;
                return Ok((negated, IsPredicate::Null));
            }
            let labelled = is_name(self.ahead(1))
                || matches!(self.ahead(1), TokenKind::Bang | TokenKind::Percent | TokenKind::LeftParen);
            if !labelled || negated {
                self.at += null;
                return Err(self.expected(if negated { "NULL" } else { "NULL, NOT NULL or a label" }));
            }
        }
        Ok((false, IsPredicate::Label(self.labels(true)?)))
    }

    fn operand(&mut self) -> Result<ast::Expr> {
        let operator = match self.kind() {
            TokenKind::Plus => UnaryOperator::Plus,
            TokenKind::Minus => UnaryOperator::Minus,
            _ => return self.postfix(),
        };
        let start = self.start();
        self.at += 1;
        let operator = Node::new(operator, self.span_from(start));
        let operand = Box::new(self.operand()?);
        Ok(Node::new(ExprKind::Unary { operator, operand }, self.span_from(start)))
    }

    /// An operand and what stands behind it: `.key`, `[index]`, `[from..to]`, `{.key}`.
    pub(super) fn postfix(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        let mut expression = self.atom()?;
        loop {
            let kind = match self.kind() {
                TokenKind::Dot => {
                    self.at += 1;
                    let key = self.name("a name of a property")?;
                    ExprKind::Property { expression: Box::new(expression), key }
                }
                TokenKind::LeftBracket => {
                    self.at += 1;
                    self.index(expression)?
                }
                TokenKind::LeftBrace => {
                    self.at += 1;
                    let items = self.map_projection()?;
                    ExprKind::MapProjection(MapProjection { base: Box::new(expression), items })
                }
                _ => return Ok(expression),
            };
            expression = Node::new(kind, self.span_from(start));
        }
    }

    fn index(&mut self, of: ast::Expr) -> Result<ExprKind> {
        let expression = Box::new(of);
        let lower = if self.kind() == TokenKind::DotDot { None } else { Some(Box::new(self.expression()?)) };
        if self.accept(TokenKind::DotDot) {
            let upper = if self.kind() == TokenKind::RightBracket { None } else { Some(Box::new(self.expression()?)) };
            if !self.accept(TokenKind::RightBracket) {
                return Err(self.expected("an operator or `]`"));
            }
            return Ok(ExprKind::Slice { expression, lower, upper });
        }
        match lower {
            Some(index) if self.accept(TokenKind::RightBracket) => Ok(ExprKind::Index { expression, index }),
            _ => Err(self.expected("an operator, `..` or `]`")),
        }
    }

    fn map_projection(&mut self) -> Result<Vec<ast::MapProjectionItem>> {
        let mut items = Vec::new();
        if self.accept(TokenKind::RightBrace) {
            return Ok(items);
        }
        loop {
            let start = self.start();
            let kind = if self.accept(TokenKind::Dot) {
                if self.accept(TokenKind::Star) {
                    MapProjectionItemKind::AllProperties
                } else {
                    MapProjectionItemKind::Property(self.name("a name of a property or `*`")?)
                }
            } else {
                let key = self.name("`.` or a name")?;
                if self.accept(TokenKind::Colon) {
                    let value = self.expression()?;
                    MapProjectionItemKind::Entry(MapEntry { key, value, span: self.span_from(start) })
                } else {
                    MapProjectionItemKind::Variable(key)
                }
            };
            items.push(Node::new(kind, self.span_from(start)));
            if self.accept(TokenKind::RightBrace) {
                return Ok(items);
            }
            if !self.accept(TokenKind::Comma) {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    /// Whether CASE begins here, and no name: a WHEN follows before the operand could end.
    pub(super) fn is_case(&self) -> bool {
        if self.ahead(1) == TokenKind::Keyword(Keyword::When) || self.begins_surely(self.at + 1) {
            return true;
        }
        let (mut at, mut depth) = (self.at + 1, 0_usize);
        loop {
            match self.kind_at(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => at = self.closing(at),
                TokenKind::RightParen
                | TokenKind::RightBracket
                | TokenKind::RightBrace
                | TokenKind::Comma
                | TokenKind::Pipe
                | TokenKind::Semicolon
                | END
                | TokenKind::Keyword(Keyword::As | Keyword::Return | Keyword::Then | Keyword::Else) => return false,
                TokenKind::Keyword(Keyword::When) if depth == 0 => return true,
                TokenKind::Keyword(Keyword::Case) => depth += 1,
                TokenKind::Keyword(Keyword::End) => depth = depth.saturating_sub(1),
                _ => {}
            }
            at = at.saturating_add(1);
        }
    }
}
