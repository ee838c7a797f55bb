//! Labels of nodes and types of relationships: `:A:B`, `:A|B`, `:!(A&B)`, `IS A`.

use open_cypher::ast::{LabelExpression, LabelExpressionKind, Node};
use open_cypher::{Keyword, TokenKind};

use super::{NONE, Parser, Result, is_name};

impl Parser<'_> {
    /// Labels behind a colon or IS, which stands here. `colons` takes `:A|:B` as well.
    pub(super) fn labels(&mut self, colons: bool) -> Result<LabelExpression> {
        if self.accept_word(Keyword::Is) {
            return self.label_or();
        }
        self.need(TokenKind::Colon)?;
        let behind = (self.ahead(1), self.ahead(2));
        if !is_name(self.kind()) {
            return self.label_or();
        }
        if behind.0 == TokenKind::Colon {
            let start = self.start();
            let mut labels = vec![self.label_name()?];
            while self.accept(TokenKind::Colon) {
                labels.push(self.label_name()?);
            }
            return Ok(Node::new(LabelExpressionKind::And(labels), self.span_from(start)));
        }
        if colons && behind == (TokenKind::Pipe, TokenKind::Colon) {
            let start = self.start();
            let mut left = self.label_name()?;
            while self.kind() == TokenKind::Pipe && self.ahead(1) == TokenKind::Colon {
                self.at += 2;
                let both = vec![left, self.label_name()?];
                left = Node::new(LabelExpressionKind::Or(both), self.span_from(start));
            }
            return Ok(left);
        }
        self.label_or()
    }

    pub(super) fn label_or(&mut self) -> Result<LabelExpression> {
        let start = self.start();
        let mut left = self.label_and()?;
        while self.kind() == TokenKind::Pipe && self.at != self.bar {
            self.at += 1;
            let both = vec![left, self.label_and()?];
            left = Node::new(LabelExpressionKind::Or(both), self.span_from(start));
        }
        Ok(left)
    }

    fn label_and(&mut self) -> Result<LabelExpression> {
        let start = self.start();
        let mut left = self.label_not()?;
        while self.accept(TokenKind::Ampersand) {
            let both = vec![left, self.label_not()?];
            left = Node::new(LabelExpressionKind::And(both), self.span_from(start));
        }
        Ok(left)
    }

    fn label_not(&mut self) -> Result<LabelExpression> {
        let start = self.start();
        if self.accept(TokenKind::Bang) {
            let label = Box::new(self.label()?);
            return Ok(Node::new(LabelExpressionKind::Not(label), self.span_from(start)));
        }
        self.label()
    }

    fn label(&mut self) -> Result<LabelExpression> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Percent => {
                self.at += 1;
                LabelExpressionKind::Wildcard
            }
            TokenKind::LeftParen => {
                self.at += 1;
                let label = Box::new(self.label_or()?);
                if !self.accept(TokenKind::RightParen) {
                    return Err(self.expected("`|`, `&` or `)`"));
                }
                LabelExpressionKind::Parenthesized(label)
            }
            _ => return self.label_name(),
        };
        Ok(Node::new(kind, self.span_from(start)))
    }

    fn label_name(&mut self) -> Result<LabelExpression> {
        let name = self.name("a label")?;
        let span = name.span;
        Ok(Node::new(LabelExpressionKind::Name(name), span))
    }

    /// The bars between two tokens that stand in no bracket between them; up to the end of the text behind the last one.
    pub(super) fn bars(&self, from: usize, end: usize) -> impl Iterator<Item = usize> {
        let end = end.min(self.source.tokens.len());
        let mut at = from;
        std::iter::from_fn(move || {
            while at < end {
                let here = at;
                at += 1;
                match self.kind_at(here) {
                    TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => at = self.closing(here),
                    TokenKind::Pipe => return Some(here),
                    _ => {}
                }
            }
            None
        })
    }

    /// The bar before what a comprehension gives: the first that no label can follow, or the last.
    pub(super) fn projecting(&self, from: usize, end: usize) -> usize {
        let mut found = NONE;
        for bar in self.bars(from, end) {
            found = bar;
            let label = match self.kind_at(bar + 1) {
                TokenKind::Bang | TokenKind::Percent | TokenKind::LeftParen => true,
                kind if is_name(kind) => !matches!(
                    self.kind_at(bar + 2),
                    TokenKind::Colon
                        | TokenKind::Dot
                        | TokenKind::LeftParen
                        | TokenKind::LeftBracket
                        | TokenKind::LeftBrace
                ),
                _ => false,
            };
            if !label {
                break;
            }
        }
        found
    }
}
