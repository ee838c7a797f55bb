//! The clauses that change the graph.

use open_cypher::ast::{
    self, ClauseKind, CreateClause, DeleteClause, DeleteMode, ExprKind, ForeachClause, MergeAction, MergeClause,
    MergeTrigger, Node, RemoveClause, RemoveItemKind, SetClause, SetItemKind,
};
use open_cypher::{Keyword, TokenKind};

use super::{NONE, Parser, Result, is_name};

impl Parser<'_> {
    pub(super) fn create(&mut self) -> Result<ClauseKind> {
        self.at += 1;
        Ok(ClauseKind::Create(CreateClause { pattern: self.pattern()? }))
    }

    pub(super) fn merge(&mut self) -> Result<ClauseKind> {
        self.at += 1;
        let pattern = self.pattern_part()?;
        let mut actions = Vec::new();
        while self.is(Keyword::On) {
            let start = self.start();
            self.at += 1;
            let trigger = match self.kind() {
                TokenKind::Keyword(Keyword::Match) => MergeTrigger::Match,
                TokenKind::Keyword(Keyword::Create) => MergeTrigger::Create,
                _ => return Err(self.expected("MATCH or CREATE")),
            };
            let place = self.start();
            self.at += 1;
            let trigger = Node::new(trigger, self.span_from(place));
            if !self.is(Keyword::Set) {
                return Err(self.expected("SET"));
            }
            let set = self.set()?;
            actions.push(MergeAction { trigger, set, span: self.span_from(start) });
        }
        Ok(ClauseKind::Merge(MergeClause { pattern, actions }))
    }

    pub(super) fn set(&mut self) -> Result<SetClause> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let start = self.start();
            let kind = self.set_item()?;
            items.push(Node::new(kind, self.span_from(start)));
            if !self.accept(TokenKind::Comma) {
                return Ok(SetClause { items });
            }
        }
    }

    fn set_item(&mut self) -> Result<SetItemKind> {
        if self.is_labelled() {
            let target = self.name("a variable")?;
            return Ok(SetItemKind::Labels { target, labels: self.labels(false)? });
        }
        if is_name(self.kind()) && self.ahead(1) == TokenKind::PlusEqual {
            let target = self.name("a variable")?;
            self.at += 1;
            return Ok(SetItemKind::MergeProperties { target, value: self.expression()? });
        }
        let target = self.postfix()?;
        if !self.accept(TokenKind::Equal) {
            let what =
                if matches!(target.kind, ExprKind::Variable(_)) { "`.`, `=`, `+=` or `:`" } else { "`.` or `=`" };
            return Err(self.expected(what));
        }
        let value = self.expression()?;
        Ok(match target.kind {
            ExprKind::Variable(target) => SetItemKind::ReplaceProperties { target, value },
            _ => SetItemKind::Property { target, value },
        })
    }

    /// Whether a name stands here with labels behind it.
    fn is_labelled(&self) -> bool {
        is_name(self.kind()) && matches!(self.ahead(1), TokenKind::Colon | TokenKind::Keyword(Keyword::Is))
    }

    pub(super) fn remove(&mut self) -> Result<ClauseKind> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let start = self.start();
            let kind = if self.is_labelled() {
                let target = self.name("a variable")?;
                RemoveItemKind::Labels { target, labels: self.labels(false)? }
            } else {
                RemoveItemKind::Property(self.postfix()?)
            };
            items.push(Node::new(kind, self.span_from(start)));
            if !self.accept(TokenKind::Comma) {
                return Ok(ClauseKind::Remove(RemoveClause { items }));
            }
        }
    }

    pub(super) fn delete(&mut self) -> Result<ClauseKind> {
        let start = self.start();
        let mode = if self.accept_word(Keyword::Detach) { DeleteMode::Detach } else { DeleteMode::Normal };
        self.need_word(Keyword::Delete)?;
        let mut expressions = vec![self.expression()?];
        while self.accept(TokenKind::Comma) {
            expressions.push(self.expression()?);
        }
        let mode = Node::new(mode, self.span_from(start));
        Ok(ClauseKind::Delete(DeleteClause { mode, expressions }))
    }

    pub(super) fn is_foreach(&self) -> bool {
        self.source.is_word(self.at, "FOREACH") && self.ahead(1) == TokenKind::LeftParen
    }

    /// `FOREACH (variable IN list | clauses)`
    pub(super) fn foreach(&mut self) -> Result<ClauseKind> {
        let open = self.at + 1;
        let close = self.closing(open);
        if close == NONE {
            return Err(self.refuse("`(` is not closed", open));
        }
        self.at += 2;
        if !is_name(self.kind()) || self.ahead(1) != TokenKind::Keyword(Keyword::In) {
            return Err(self.refuse("FOREACH is written `FOREACH (x IN list | clauses)`", self.at));
        }
        let variable = self.name("a variable")?;
        self.at += 1;
        let bar = self.bars(self.at, close).find(|&bar| self.begins_update(bar + 1));
        let Some(bar) = bar else {
            return Err(self.refuse("FOREACH has updating clauses behind `|`", close));
        };
        let around = std::mem::replace(&mut self.bar, bar);
        let list = self.expression()?;
        self.bar = around;
        self.need(TokenKind::Pipe)?;
        let mut clauses: Vec<ast::Clause> = Vec::new();
        while let Some(clause) = self.clause()? {
            clauses.push(clause);
        }
        if !self.accept(TokenKind::RightParen) {
            let follows = self.follows;
            return Err(self.expected(&format!("{follows}`)`")));
        }
        Ok(ClauseKind::Foreach(ForeachClause { variable, list, clauses }))
    }

    fn begins_update(&self, index: usize) -> bool {
        ["CREATE", "MERGE", "SET", "REMOVE", "DELETE", "DETACH", "FOREACH", "CALL"]
            .iter()
            .any(|word| self.source.is_word(index, word))
    }
}
