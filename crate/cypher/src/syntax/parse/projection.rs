//! WITH and RETURN.

use open_cypher::ast::{
    self, ClauseKind, Node, OrderBy, ProjectionClause, ProjectionItemKind, ReturnClause, SetQuantifier, SortDirection,
    SortItem, WithClause,
};
use open_cypher::{Keyword, TokenKind};

use super::expression::begins_operand;
use super::{Parser, Result, begins_clause};

impl Parser<'_> {
    pub(super) fn with(&mut self) -> Result<ClauseKind> {
        self.at += 1;
        let projection = self.projection()?;
        let where_clause = self.filter()?;
        Ok(ClauseKind::With(WithClause { projection, where_clause }))
    }

    pub(super) fn returning(&mut self) -> Result<ClauseKind> {
        self.at += 1;
        Ok(ClauseKind::Return(ReturnClause { projection: self.projection()? }))
    }

    fn projection(&mut self) -> Result<ProjectionClause> {
        let start = self.start();
        let quantifier = self.quantifier();
        let mut items = Vec::new();
        if self.kind() == TokenKind::Star {
            let start = self.start();
            self.at += 1;
            items.push(Node::new(ProjectionItemKind::Wildcard, self.span_from(start)));
        } else {
            items.push(self.projection_item()?);
        }
        while self.accept(TokenKind::Comma) {
            items.push(self.projection_item()?);
        }
        let order_by = if self.is(Keyword::Order) { Some(self.order_by()?) } else { None };
        let offset = self.count_behind(Keyword::Offset)?;
        let skip = if offset.is_none() { self.count_behind(Keyword::Skip)? } else { None };
        let limit = self.count_behind(Keyword::Limit)?;
        Ok(ProjectionClause { quantifier, items, order_by, offset, skip, limit, span: self.span_from(start) })
    }

    fn projection_item(&mut self) -> Result<ast::ProjectionItem> {
        let start = self.start();
        let expression = self.expression()?;
        let alias = if self.accept_word(Keyword::As) { Some(self.name("a name")?) } else { None };
        Ok(Node::new(ProjectionItemKind::Expression { expression, alias }, self.span_from(start)))
    }

    /// DISTINCT or ALL, if it does not name a variable or a function: an item stands behind it. ALL is seldom written, so
    /// that what may be an operator or an index behind it is one.
    pub(super) fn quantifier(&mut self) -> Option<Node<SetQuantifier>> {
        let quantifier = match self.kind() {
            TokenKind::Keyword(Keyword::Distinct) => SetQuantifier::Distinct,
            TokenKind::Keyword(Keyword::All) => SetQuantifier::All,
            _ => return None,
        };
        let precedes = match self.ahead(1) {
            TokenKind::Star => !self.begins_surely(self.at + 2),
            TokenKind::Keyword(word) if quantifier == SetQuantifier::Distinct => !ends_item(word),
            kind if quantifier == SetQuantifier::Distinct => begins_operand(kind),
            _ => self.begins_surely(self.at + 1),
        };
        if !precedes {
            return None;
        }
        let start = self.start();
        self.at += 1;
        Some(Node::new(quantifier, self.span_from(start)))
    }

    fn order_by(&mut self) -> Result<OrderBy> {
        let first = self.start();
        self.at += 1;
        self.need_word(Keyword::By)?;
        let mut items = Vec::new();
        loop {
            let start = self.start();
            let expression = self.expression()?;
            let direction = match self.kind() {
                TokenKind::Keyword(Keyword::Asc | Keyword::Ascending) => Some(SortDirection::Ascending),
                TokenKind::Keyword(Keyword::Desc | Keyword::Descending) => Some(SortDirection::Descending),
                _ => None,
            };
            let place = self.start();
            self.at += usize::from(direction.is_some());
            let direction = direction.map(|direction| Node::new(direction, self.span_from(place)));
            items.push(SortItem { expression, direction, nulls: None, span: self.span_from(start) });
            if !self.accept(TokenKind::Comma) {
                return Ok(OrderBy { items, span: self.span_from(first) });
            }
        }
    }

    fn count_behind(&mut self, word: Keyword) -> Result<Option<ast::Expr>> {
        if self.accept_word(word) { self.expression().map(Some) } else { Ok(None) }
    }
}

/// Whether a word follows an item of a projection.
fn ends_item(word: Keyword) -> bool {
    begins_clause(word)
        || matches!(
            word,
            Keyword::As
                | Keyword::Order
                | Keyword::Offset
                | Keyword::Skip
                | Keyword::Limit
                | Keyword::Where
                | Keyword::Union
        )
}
