//! Unions, parts and the order of clauses.

use open_cypher::ast::{self, ClauseKind, QueryKind, UnionOperator};

use super::scope::Layer;
use super::{Binder, Result};
use crate::error::Detail;
use crate::ir::{Clause, Match, Part, Query, Slot, Type, Unwind};
use crate::syntax::CLAUSES_MAX;

/// Where a query stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the statement.
    Statement,
    /// In `CALL { … }`.
    Call,
    /// In `COLLECT { … }`.
    Collect,
    /// In `EXISTS { … }` or `COUNT { … }`, where the rows are all that is asked for.
    Rows,
}

impl<'a> Binder<'a> {
    pub(super) fn query(&mut self, query: &'a ast::Query, place: Place) -> Result<Query> {
        let QueryKind::Regular(regular) = &query.kind else {
            return Err(self.unexpected("the text is no query", query.span));
        };
        let outer_writes = std::mem::replace(&mut self.writes, false);
        let distinct = self.union_kind(regular)?;
        let (first, columns) = self.part(&regular.head, place)?;
        let mut parts = vec![first];
        for branch in &regular.unions {
            self.layers.pop();
            self.layers.push(Layer::default());
            let (mut part, names) = self.part(&branch.query, place)?;
            part.columns = self.reorder(&columns, &names, &part.columns, branch.query.span)?;
            parts.push(part);
        }
        let writes = self.writes;
        self.writes |= outer_writes;
        Ok(Query { parts, distinct, columns, writes })
    }

    fn union_kind(&self, regular: &ast::RegularQuery) -> Result<bool> {
        let all = |branch: &ast::UnionBranch| branch.operator.kind == UnionOperator::All;
        let Some(first) = regular.unions.first() else { return Ok(false) };
        match regular.unions.iter().find(|branch| all(branch) != all(first)) {
            None => Ok(!all(first)),
            Some(other) => Err(self.error(
                Detail::InvalidClauseComposition,
                "UNION and UNION ALL cannot be mixed; put one of them into CALL { … }",
                other.operator.span,
            )),
        }
    }

    fn reorder(
        &self,
        columns: &[String],
        names: &[String],
        slots: &[Slot],
        span: open_cypher::Span,
    ) -> Result<Vec<Slot>> {
        let found: Option<Vec<Slot>> = columns
            .iter()
            .map(|column| names.iter().position(|name| name == column).and_then(|at| slots.get(at).copied()))
            .collect();
        match found {
            Some(slots) if names.len() == columns.len() => Ok(slots),
            _ => Err(self.error(
                Detail::DifferentColumnsInUnion,
                format!(
                    "the queries of a UNION return the same columns; the first returns {}, this one {}",
                    list(columns),
                    list(names)
                ),
                span,
            )),
        }
    }

    /// A part and the names of its columns.
    fn part(&mut self, query: &'a ast::SingleQuery, place: Place) -> Result<(Part, Vec<String>)> {
        let clauses = &query.kind.clauses;
        if place == Place::Statement
            && let [clause] = clauses.as_slice()
            && let ClauseKind::Call(call) = &clause.kind
            && !call.optional
            && matches!(call.target, ast::CallTarget::Procedure { .. })
        {
            return self.standalone_call(call, clause.span);
        }
        let (mut bound, mut places) = (Vec::with_capacity(clauses.len()), Vec::with_capacity(clauses.len()));
        let mut columns = (Vec::new(), Vec::new());
        for clause in clauses {
            if let ClauseKind::Return(clause) = &clause.kind {
                let projection = self.project(&clause.projection, None, false)?;
                columns = projection.items.iter().map(|item| (item.slot, item.name.clone())).unzip();
                bound.push(Clause::Project(projection));
            } else {
                push_clause(&mut bound, self.clause(clause)?);
            }
            places.resize(bound.len(), self.span(clause.span));
            self.count_clauses(&bound, clause)?;
        }
        self.clauses += bound.len();
        if let (Some(last), Some(written)) = (bound.last(), clauses.last()) {
            self.check_end(last, written, place)?;
        }
        Ok((Part { clauses: bound, places, columns: columns.0 }, columns.1))
    }

    /// Each clause is a step of the plan, which may be as deep as there are steps.
    pub(super) fn count_clauses(&mut self, bound: &[Clause], last: &ast::Clause) -> Result<()> {
        if self.clauses + bound.len() <= CLAUSES_MAX {
            return Ok(());
        }
        let message = format!("a statement has at most {CLAUSES_MAX} clauses; do the same to many things by UNWIND");
        Err(self.error(Detail::QueryTooDeep, message, last.span))
    }

    /// A query ends with RETURN or with a change.
    fn check_end(&self, last: &Clause, written: &ast::Clause, place: Place) -> Result<()> {
        let returns = matches!(written.kind, ClauseKind::Return(_));
        let message = match (place, last) {
            _ if returns => return Ok(()),
            (Place::Collect, _) => "COLLECT { … } ends with RETURN",
            (Place::Rows, Clause::Project(_)) => "the query ends with WITH; end it with RETURN",
            (Place::Rows, _) => return Ok(()),
            (_, Clause::Match(_) | Clause::Unwind(_) | Clause::Project(_) | Clause::LoadCsv(_)) => {
                "the query ends here without a result; end it with RETURN or with a change"
            }
            (_, Clause::Call(call)) if !call.yields.is_empty() => {
                "the query ends here without a result; end it with RETURN or with a change"
            }
            (_, Clause::Subquery(call)) if !call.columns.is_empty() => {
                "the query ends here without a result; end it with RETURN or with a change"
            }
            _ => return Ok(()),
        };
        Err(self.error(Detail::InvalidClauseComposition, message, written.span))
    }

    pub(super) fn clause(&mut self, clause: &'a ast::Clause) -> Result<Clause> {
        match &clause.kind {
            ClauseKind::Match(matching) => self.matching(matching),
            ClauseKind::Unwind(unwind) => self.unwind(unwind),
            ClauseKind::With(with) => {
                self.project(&with.projection, with.where_clause.as_ref(), true).map(Clause::Project)
            }
            ClauseKind::Create(create) => {
                self.check_write(clause)?;
                self.creation(&create.pattern).map(Clause::Create)
            }
            ClauseKind::Merge(merge) => {
                self.check_write(clause)?;
                self.merge(merge)
            }
            ClauseKind::Set(set) => {
                self.check_write(clause)?;
                self.set_items(&set.items).map(Clause::Set)
            }
            ClauseKind::Remove(remove) => {
                self.check_write(clause)?;
                self.remove(remove)
            }
            ClauseKind::Delete(delete) => {
                self.check_write(clause)?;
                self.delete(delete)
            }
            ClauseKind::Call(call) => match &call.target {
                ast::CallTarget::Subquery { scope, query, .. } => {
                    self.subquery_call(call.optional, scope.as_ref(), query, clause.span)
                }
                _ => self.call(call),
            },
            ClauseKind::Foreach(foreach) => {
                self.check_write(clause)?;
                self.foreach(foreach)
            }
            ClauseKind::LoadCsv(load) => self.load_csv(load),
            _ => Err(self.unexpected("this clause is no part of openCypher", clause.span)),
        }
    }

    pub(super) fn check_write(&mut self, clause: &ast::Clause) -> Result<()> {
        self.updates(clause.span)
    }

    /// Something in the text changes the graph.
    pub(super) fn updates(&mut self, span: open_cypher::Span) -> Result<()> {
        self.writes = true;
        self.write_place.get_or_insert(self.span(span));
        if self.read_only {
            let message = "a subquery in an expression changes nothing; use CALL { … } for changes";
            return Err(self.error(Detail::InvalidClauseComposition, message, span));
        }
        Ok(())
    }

    fn matching(&mut self, clause: &'a ast::MatchClause) -> Result<Clause> {
        let mut pattern = self.pattern(&clause.pattern, clause.mode.as_ref(), super::pattern::Purpose::Find)?;
        if let Some(filter) = &clause.where_clause {
            let filter = self.predicate(filter)?;
            pattern.require(filter);
        }
        Ok(Clause::Match(Match { optional: clause.optional, pattern }))
    }

    fn unwind(&mut self, clause: &'a ast::UnwindClause) -> Result<Clause> {
        let list = self.expr(&clause.expression)?;
        let slot = self.declare_new(&clause.variable, unwound(&list.ty))?;
        Ok(Clause::Unwind(Unwind { list, slot }))
    }
}

/// A CREATE behind a CREATE creates what one with both patterns would.
pub(super) fn push_clause(bound: &mut Vec<Clause>, clause: Clause) {
    match (bound.last_mut(), clause) {
        (Some(Clause::Create(creation)), Clause::Create(more)) => {
            creation.elements.extend(more.elements);
            creation.paths.extend(more.paths);
        }
        (_, clause) => bound.push(clause),
    }
}

/// The type of what UNWIND makes of a list, or of a value that is none.
pub(super) fn unwound(ty: &Type) -> Type {
    match ty {
        Type::List(element) => (**element).clone(),
        other => other.clone(),
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
