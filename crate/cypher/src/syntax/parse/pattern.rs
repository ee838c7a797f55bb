//! Patterns: their parts, the factors of a path, nodes and relationships.

use open_cypher::ast::{
    self, Node, NodePattern, PathFactor, PathFactorKind, PathPattern, PathPatternKind, PathSelector, PatternPartKind,
    Quantifier, QuantifierKind, RelationshipDirection, RelationshipPattern,
};
use open_cypher::{Keyword, TokenKind};

use super::{NONE, Parser, Result, is_name};
use crate::error::{CypherError, Detail, Kind};

impl Parser<'_> {
    pub(super) fn pattern(&mut self) -> Result<ast::Pattern> {
        let start = self.start();
        let mut parts = vec![self.pattern_part()?];
        while self.accept(TokenKind::Comma) {
            parts.push(self.pattern_part()?);
        }
        Ok(ast::Pattern { parts, span: self.span_from(start) })
    }

    pub(super) fn pattern_part(&mut self) -> Result<ast::PatternPart> {
        let start = self.start();
        let binding = self.binding()?;
        let selector = self.selector()?;
        let path = self.path()?;
        Ok(Node::new(PatternPartKind { binding, selector, path }, self.span_from(start)))
    }

    /// `name =`, if it is there.
    pub(super) fn binding(&mut self) -> Result<Option<ast::Name>> {
        if !is_name(self.kind()) || self.ahead(1) != TokenKind::Equal {
            return Ok(None);
        }
        let name = self.name("a variable")?;
        self.at += 1;
        Ok(Some(name))
    }

    fn selector(&mut self) -> Result<Option<Node<PathSelector>>> {
        let start = self.start();
        let word = match self.kind() {
            TokenKind::Keyword(word @ (Keyword::All | Keyword::Any | Keyword::Shortest)) => word,
            _ => return Ok(None),
        };
        self.at += 1;
        let selector = if word == Keyword::Shortest {
            let count = self.path_count()?;
            self.accept_path();
            let groups = self.accept_word(Keyword::Group) || self.accept_word(Keyword::Groups);
            if count.is_none() && !groups {
                return Err(self.expected("the number of paths"));
            }
            PathSelector::Shortest { count, groups }
        } else {
            let shortest = self.accept_word(Keyword::Shortest);
            let count = if word == Keyword::Any && !shortest { self.path_count()? } else { None };
            self.accept_path();
            match (word, shortest) {
                (Keyword::All, false) => PathSelector::All,
                (Keyword::All, true) => PathSelector::AllShortest,
                (_, true) => PathSelector::AnyShortest,
                (_, false) => PathSelector::Any { count },
            }
        };
        Ok(Some(Node::new(selector, self.span_from(start))))
    }

    fn accept_path(&mut self) {
        let _ = self.accept_word(Keyword::Path) || self.accept_word(Keyword::Paths);
    }

    /// An integer or a parameter as it is written, if one is there.
    fn path_count(&mut self) -> Result<Option<String>> {
        let first = self.at;
        if self.kind() == TokenKind::Integer {
            self.at += 1;
        } else if matches!(self.kind(), TokenKind::Parameter | TokenKind::Dollar) {
            self.parameter()?;
        } else {
            return Ok(None);
        }
        let span = self.span_from(self.source.span_of(first).start);
        Ok(span.text(self.source.text).map(str::to_owned))
    }

    fn path(&mut self) -> Result<PathPattern> {
        self.proceed()?;
        let start = self.start();
        if let TokenKind::Keyword(word @ (Keyword::ShortestPath | Keyword::AllShortestPaths)) = self.kind() {
            self.at += 1;
            self.need(TokenKind::LeftParen)?;
            let pattern = Box::new(self.simple_path(true)?);
            self.need(TokenKind::RightParen)?;
            let all = word == Keyword::AllShortestPaths;
            let factor = Node::new(PathFactorKind::LegacyShortest { all, pattern }, self.span_from(start));
            return Ok(Node::new(PathPatternKind { factors: vec![factor] }, self.span_from(start)));
        }
        let mut factors = Vec::new();
        loop {
            factors.push(match self.kind() {
                TokenKind::LeftParen if self.is_group() => self.group()?,
                TokenKind::LeftParen => self.node(false)?,
                TokenKind::Minus | TokenKind::LeftArrow | TokenKind::Less => self.relationship(false)?,
                _ if factors.is_empty() => return Err(self.expected("a node, such as `(n:Label)`")),
                _ => break,
            });
        }
        Ok(Node::new(PathPatternKind { factors }, self.span_from(start)))
    }

    /// Whether a parenthesis opens a path, and no node.
    fn is_group(&self) -> bool {
        match self.ahead(1) {
            TokenKind::LeftParen | TokenKind::Minus | TokenKind::LeftArrow | TokenKind::Less => true,
            TokenKind::Keyword(Keyword::ShortestPath | Keyword::AllShortestPaths)
                if self.ahead(2) == TokenKind::LeftParen =>
            {
                true
            }
            kind => is_name(kind) && self.ahead(2) == TokenKind::Equal,
        }
    }

    fn group(&mut self) -> Result<PathFactor> {
        let start = self.start();
        self.at += 1;
        let binding = self.binding()?;
        let pattern = Box::new(self.path()?);
        let where_clause = self.filter()?.map(Box::new);
        if !self.accept(TokenKind::RightParen) {
            return Err(self.expected("WHERE or `)`"));
        }
        let quantifier = self.quantifier_behind()?;
        let kind = match binding {
            Some(binding) => PathFactorKind::Subpath { binding, pattern, where_clause, quantifier },
            None => PathFactorKind::Parenthesized { pattern, where_clause, quantifier },
        };
        Ok(Node::new(kind, self.span_from(start)))
    }

    /// A path of nodes and relationships as expressions take it; `short` has one relationship.
    pub(super) fn simple_path(&mut self, short: bool) -> Result<PathPattern> {
        let start = self.start();
        let mut factors = vec![self.node(true)?];
        loop {
            factors.push(self.relationship(true)?);
            factors.push(self.node(true)?);
            let goes_on = matches!(self.kind(), TokenKind::Minus | TokenKind::LeftArrow)
                || (self.kind() == TokenKind::Less && self.ahead(1) == TokenKind::Minus);
            if short || !goes_on || self.relationship_end(self.at) == NONE {
                return Ok(Node::new(PathPatternKind { factors }, self.span_from(start)));
            }
        }
    }

    /// A path as a pattern.
    pub(super) fn simple_pattern(&mut self) -> Result<ast::Pattern> {
        let path = self.simple_path(false)?;
        let span = path.span;
        let part = Node::new(PatternPartKind { binding: None, selector: None, path }, span);
        Ok(ast::Pattern { parts: vec![part], span })
    }

    /// The token behind a node that begins here and what links it to the next one, or [`NONE`] if no next one follows.
    pub(super) fn is_path(&self, open: usize) -> bool {
        let close = self.closing(open);
        self.kind_at(open) == TokenKind::LeftParen && close != NONE && self.relationship_end(close + 1) != NONE
    }

    /// The parenthesis of the node behind a relationship, or [`NONE`].
    pub(super) fn relationship_end(&self, first: usize) -> usize {
        let mut at = match self.kind_at(first) {
            TokenKind::Minus | TokenKind::LeftArrow => first + 1,
            TokenKind::Less if self.kind_at(first + 1) == TokenKind::Minus => first + 2,
            _ => return NONE,
        };
        if self.kind_at(at) == TokenKind::LeftBracket {
            at = self.closing(at).saturating_add(1);
        }
        let end = match self.kind_at(at) {
            TokenKind::Minus if self.kind_at(at + 1) == TokenKind::Greater => at + 2,
            TokenKind::Minus | TokenKind::RightArrow => at + 1,
            _ => return NONE,
        };
        if self.kind_at(end) == TokenKind::LeftParen { end } else { NONE }
    }

    /// `(n:Label {key: value} WHERE …)`; in expressions without quantifiers and parameters.
    fn node(&mut self, simple: bool) -> Result<PathFactor> {
        let start = self.start();
        if !self.accept(TokenKind::LeftParen) {
            return Err(self.expected("a node, such as `(n:Label)`"));
        }
        let variable = self.element_name()?;
        let labels = match self.kind() {
            TokenKind::Colon | TokenKind::Keyword(Keyword::Is) => Some(self.labels(false)?),
            _ => None,
        };
        let (properties, where_clause) = self.element_predicate(simple)?;
        if !self.accept(TokenKind::RightParen) {
            let what = match (&variable, &labels, &properties) {
                (None, None, None) => "a variable, `:`, `{`, WHERE or `)`",
                (_, None, None) => "`:`, `{`, WHERE or `)`",
                (_, _, None) => "`:`, `|`, `&`, `{`, WHERE or `)`",
                _ => "`)`",
            };
            return Err(self.expected(what));
        }
        let pattern = NodePattern { variable, labels, properties, where_clause };
        let quantifier = if simple { None } else { self.quantifier_behind()? };
        let kind = match quantifier {
            Some(quantifier) => PathFactorKind::QuantifiedNode { pattern, quantifier },
            None => PathFactorKind::Node(pattern),
        };
        Ok(Node::new(kind, self.span_from(start)))
    }

    /// The variable of a node or a relationship. WHERE and IS name one where what they begin cannot follow.
    fn element_name(&mut self) -> Result<Option<ast::Name>> {
        let next = self.ahead(1);
        let ends = matches!(next, TokenKind::RightParen | TokenKind::RightBracket | TokenKind::Colon | TokenKind::Star);
        let named = match self.kind() {
            TokenKind::Keyword(Keyword::Where) => ends,
            TokenKind::Keyword(Keyword::Is) => {
                ends || matches!(next, TokenKind::LeftBrace | TokenKind::Parameter | TokenKind::Dollar)
            }
            kind => is_name(kind),
        };
        if named { self.name("a variable").map(Some) } else { Ok(None) }
    }

    #[allow(clippy::type_complexity)] // the properties or the predicate, of which there is one at most
    fn element_predicate(&mut self, simple: bool) -> Result<(Option<Box<ast::Expr>>, Option<Box<ast::Expr>>)> {
        let properties = match self.kind() {
            TokenKind::LeftBrace => self.map()?,
            TokenKind::Parameter | TokenKind::Dollar if !simple => self.parameter()?,
            _ => return Ok((None, self.filter()?.map(Box::new))),
        };
        Ok((Some(Box::new(properties)), None))
    }

    fn relationship(&mut self, simple: bool) -> Result<PathFactor> {
        let start = self.start();
        let left = if self.accept(TokenKind::LeftArrow) {
            true
        } else {
            let less = self.accept(TokenKind::Less);
            self.need(TokenKind::Minus)?;
            less
        };
        let mut pattern = RelationshipPattern {
            direction: Node::new(RelationshipDirection::Undirected, self.span_from(start)),
            variable: None,
            labels: None,
            legacy_quantifier: None,
            graph_quantifier: None,
            properties: None,
            where_clause: None,
        };
        if self.accept(TokenKind::LeftBracket) {
            self.relationship_detail(&mut pattern, simple)?;
        }
        let right = if self.accept(TokenKind::RightArrow) {
            true
        } else if self.accept(TokenKind::Minus) {
            self.accept(TokenKind::Greater)
        } else {
            return Err(self.expected("`-` or `->`"));
        };
        if !simple {
            pattern.graph_quantifier = self.quantifier_behind()?;
        }
        let direction = match (left, right) {
            (true, true) => RelationshipDirection::Both,
            (true, false) => RelationshipDirection::Left,
            (false, true) => RelationshipDirection::Right,
            (false, false) => RelationshipDirection::Undirected,
        };
        let span = self.span_from(start);
        pattern.direction = Node::new(direction, span);
        Ok(Node::new(PathFactorKind::Relationship(pattern), span))
    }

    /// What stands in the brackets of a relationship, and the closing one.
    fn relationship_detail(&mut self, pattern: &mut RelationshipPattern, simple: bool) -> Result<()> {
        pattern.variable = self.element_name()?;
        if matches!(self.kind(), TokenKind::Colon | TokenKind::Keyword(Keyword::Is)) {
            if self.ahead(2) == TokenKind::Colon && self.kind() == TokenKind::Colon && is_name(self.ahead(1)) {
                self.at += 2;
                return Err(self.expected("`|`, `*`, `{`, WHERE or `]`, as a relationship has one type"));
            }
            pattern.labels = Some(self.labels(true)?);
        }
        if self.kind() == TokenKind::Star {
            pattern.legacy_quantifier = Some(self.length()?);
        }
        (pattern.properties, pattern.where_clause) = self.element_predicate(simple)?;
        if self.accept(TokenKind::RightBracket) {
            return Ok(());
        }
        if matches!(
            self.kind(),
            TokenKind::DotDot | TokenKind::Minus | TokenKind::Star | TokenKind::Integer | TokenKind::Float
        ) {
            self.failure = Some(CypherError::compile(
                Kind::SyntaxError,
                Detail::InvalidRelationshipPattern,
                "a relationship of variable length is written `[:TYPE*1..3]`, with an asterisk and no negative bounds",
                Some(self.source.span_of(self.at)),
            ));
            return Err(super::Stop);
        }
        let what = match (&pattern.variable, &pattern.labels) {
            (None, None) => "a variable, `:`, `*`, `{`, WHERE or `]`",
            (_, None) => "`:`, `*`, `{`, WHERE or `]`",
            _ => "`|`, `*`, `{`, WHERE or `]`",
        };
        Err(self.expected(what))
    }

    /// `*`, `*2`, `*1..3`
    fn length(&mut self) -> Result<Quantifier> {
        let start = self.start();
        self.at += 1;
        let lower = self.bound();
        let kind = if self.accept(TokenKind::DotDot) {
            QuantifierKind::Range { lower, upper: self.bound() }
        } else {
            lower.map_or(QuantifierKind::ZeroOrMore, QuantifierKind::Fixed)
        };
        Ok(Quantifier { kind, span: self.span_from(start) })
    }

    fn bound(&mut self) -> Option<String> {
        let written = self.source.text_of(self.at);
        self.accept(TokenKind::Integer).then(|| written.to_owned())
    }

    /// `*`, `+`, `?`, `{2}`, `{1,3}`, if one is there.
    fn quantifier_behind(&mut self) -> Result<Option<Quantifier>> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Star => QuantifierKind::ZeroOrMore,
            TokenKind::Plus => QuantifierKind::OneOrMore,
            TokenKind::Question => QuantifierKind::Optional,
            TokenKind::LeftBrace => {
                self.at += 1;
                let lower = self.bound();
                let kind = match (self.accept(TokenKind::Comma), lower) {
                    (true, lower) => QuantifierKind::Range { lower, upper: self.bound() },
                    (false, Some(count)) => QuantifierKind::Fixed(count),
                    (false, None) => return Err(self.expected("an integer or `,`")),
                };
                if self.kind() != TokenKind::RightBrace {
                    return Err(self.expected("an integer or `}`"));
                }
                kind
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Quantifier { kind, span: self.span_from(start) }))
    }
}
