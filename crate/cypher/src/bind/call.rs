//! CALL of procedures and subqueries, LOAD CSV, and subqueries in expressions.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use open_cypher::ast::{self, ExprKind as Ast, ProjectionItemKind, SubqueryExpressionKind};

use super::query::Place;
use super::scope::Layer;
use super::{Aggregates, Binder, Result};
use crate::error::{CypherError, Detail, Kind};
use crate::ir::{
    Call, Clause, Expr, ExprKind, Item, LoadCsv, Part, Projection, Slot, Subquery, SubqueryCall, SubqueryKind, Type,
    Yield,
};
use crate::procedure::{Argument, Mode, Procedure, Signature};

impl<'a> Binder<'a> {
    pub(super) fn call(&mut self, clause: &'a ast::CallClause) -> Result<Clause> {
        let ast::CallTarget::Procedure { name, arguments } = &clause.target else {
            return Err(self.unexpected("a procedure is called by its name", self.call_span(clause)));
        };
        let procedure = self.procedure(name)?;
        let signature = &procedure.signature;
        let Some(arguments) = arguments else {
            let message = "a procedure that is called inside a query is given its arguments in parentheses";
            return Err(self.error(Detail::InvalidArgumentPassingMode, message, name.span));
        };
        let arguments = self.call_arguments(signature, arguments, name.span)?;
        let mut yields = Vec::new();
        let mut filter = None;
        match &clause.yield_clause {
            Some(written) => {
                yields = self.yields(signature, written)?;
                filter = written.where_clause.as_ref().map(|filter| self.predicate(filter)).transpose()?;
            }
            None if signature.columns.is_empty() => {}
            None => {
                // Its results have no name that could be read; the rows are kept.
                for (at, column) in signature.columns.iter().enumerate() {
                    yields.push(Yield { result: at, slot: self.new_slot(None, column.ty.clone()) });
                }
            }
        }
        let place = self.span(name.span);
        Ok(Clause::Call(Call { procedure, place, arguments, yields, filter, optional: clause.optional }))
    }

    /// A call that is the whole statement: its results are the columns, and parameters may stand for its arguments.
    pub(super) fn standalone_call(
        &mut self,
        clause: &'a ast::CallClause,
        span: open_cypher::Span,
    ) -> Result<(Part, Vec<String>)> {
        let ast::CallTarget::Procedure { name, arguments } = &clause.target else {
            return Err(self.unexpected("a procedure is called by its name", span));
        };
        let procedure = self.procedure(name)?;
        let signature = &procedure.signature;
        let place = self.span(name.span);
        let arguments = match arguments {
            Some(arguments) => self.call_arguments(signature, arguments, name.span)?,
            None => {
                // What has a default takes it: parameters stand for what must be given.
                let required = signature.arguments.iter().take(signature.required());
                let parameter = |argument: &Argument| Expr {
                    kind: self.parameter_named(&argument.name, place),
                    ty: Type::Any,
                    span: place,
                };
                required.map(parameter).collect()
            }
        };
        let written = clause.yield_clause.as_ref().filter(|yields| !yields.all);
        let yields = match written {
            Some(written) => self.yields(signature, written)?,
            None => self.yield_all(signature),
        };
        let filter = written.and_then(|yields| yields.where_clause.as_ref()).map(|f| self.predicate(f)).transpose()?;
        let slots: Vec<Slot> = yields.iter().map(|item| item.slot).collect();
        let names: Vec<String> = slots.iter().filter_map(|slot| self.slots.get(slot.index())?.name.clone()).collect();
        let call = Call { procedure, place, arguments, yields, filter, optional: false };
        let mut clauses = vec![Clause::Call(call)];
        if !slots.is_empty() {
            let place = self.span(span);
            let items = slots.iter().zip(&names);
            let items = items
                .map(|(&slot, name)| Item { slot, value: self.slot_expr(slot, place), name: name.clone() })
                .collect();
            clauses.push(Clause::Project(Projection {
                items,
                grouping: None,
                distinct: false,
                order: Vec::new(),
                skip: None,
                limit: None,
                filter: None,
            }));
        }
        let places = vec![self.span(span); clauses.len()];
        Ok((Part { clauses, places, columns: slots }, names))
    }

    fn call_span(&self, clause: &ast::CallClause) -> open_cypher::Span {
        match &clause.target {
            ast::CallTarget::Procedure { name, .. } => name.span,
            ast::CallTarget::Subquery { query, .. } => query.span,
            _ => open_cypher::Span::empty(0),
        }
    }

    fn procedure(&mut self, name: &ast::QualifiedName) -> Result<Arc<Procedure>> {
        let parts: Vec<&str> = name.parts.iter().map(|part| part.kind.text.as_str()).collect();
        let joined = parts.join(".");
        let Some(procedure) = self.procedures.find(&joined) else {
            return Err(CypherError::compile(
                Kind::ProcedureError,
                Detail::ProcedureNotFound,
                format!("there is no procedure `{joined}`; CALL db.procedures() gives those that there are"),
                Some(self.place(name.span)),
            ));
        };
        if procedure.signature.mode == Mode::Write {
            self.updates(name.span)?;
        }
        Ok(procedure)
    }

    fn call_arguments(
        &mut self,
        signature: &Signature,
        arguments: &'a [ast::Expr],
        span: open_cypher::Span,
    ) -> Result<Vec<Expr>> {
        let (least, most) = (signature.required(), signature.arguments.len());
        if !(least..=most).contains(&arguments.len()) {
            let count = if least == most { most.to_string() } else { format!("{least} to {most}") };
            let message = format!("`{}` takes {count} arguments and is given {}", signature.name, arguments.len());
            return Err(self.error(Detail::InvalidNumberOfArguments, message, span));
        }
        let mut bound = Vec::with_capacity(arguments.len());
        for (argument, Argument { name, ty, .. }) in arguments.iter().zip(&signature.arguments) {
            let value = self.expr(argument)?;
            self.note_options(&signature.name, argument);
            // An integer goes where a float is declared.
            let fits = value.ty.may_be(ty) || (value.ty.is_numeric() && *ty == Type::Float);
            if !fits {
                let message =
                    format!("`{}` takes {name} of type {ty}, and this is of type {}", signature.name, value.ty);
                return Err(self.error(Detail::InvalidArgumentType, message, argument.span));
            }
            bound.push(value);
        }
        Ok(bound)
    }

    fn yields(&mut self, signature: &Signature, written: &ast::YieldClause) -> Result<Vec<Yield>> {
        if written.all {
            return Ok(self.yield_all(signature));
        }
        let mut yields = Vec::with_capacity(written.items.len());
        for item in &written.items {
            let ProjectionItemKind::Expression { expression: ast::Node { kind: Ast::Variable(field), .. }, alias } =
                &item.kind
            else {
                return Err(self.unexpected("YIELD names results of the procedure", item.span));
            };
            let known = signature.columns.iter().enumerate().find(|(_, column)| column.name == field.kind.text);
            let Some((result, ty)) = known.map(|(at, column)| (at, column.ty.clone())) else {
                let message = format!("`{}` has no result `{}`", signature.name, field.kind.text);
                return Err(self.error(Detail::UndefinedVariable, message, field.span));
            };
            let slot = self.declare_new(alias.as_ref().unwrap_or(field), ty)?;
            yields.push(Yield { result, slot });
        }
        Ok(yields)
    }

    fn yield_all(&mut self, signature: &Signature) -> Vec<Yield> {
        let columns = signature.columns.iter().enumerate();
        columns.map(|(result, column)| Yield { result, slot: self.declare(&column.name, column.ty.clone()) }).collect()
    }

    pub(super) fn subquery_call(
        &mut self,
        optional: bool,
        scope: Option<&'a ast::SubqueryScope>,
        body: &'a ast::Query,
        span: open_cypher::Span,
    ) -> Result<Clause> {
        let mut base = Layer::opaque();
        match scope {
            Some(scope) if scope.import_all => {
                self.visible().into_iter().for_each(|(name, slot)| base.insert(&name, slot));
            }
            Some(scope) => {
                for name in &scope.variables {
                    let written = &name.kind.text;
                    let Some(slot) = self.lookup(written) else {
                        let message = format!("`{written}` is not defined");
                        return Err(self.error(Detail::UndefinedVariable, message, name.span));
                    };
                    base.insert(written, slot);
                }
            }
            None => self.importing(body).into_iter().for_each(|(name, slot)| base.insert(&name, slot)),
        }
        self.layers.push(base);
        let result = self.isolated(|binder| binder.query(body, Place::Call));
        self.layers.pop();
        let (query, imports) = result?;
        let mut columns = Vec::with_capacity(query.columns.len());
        let slots = query.parts.first().map(|part| part.columns.clone()).unwrap_or_default();
        for (name, slot) in query.columns.iter().zip(slots) {
            if self.lookup(name).is_some() {
                let message = format!("the subquery returns `{name}`, which is bound outside of it; rename it by AS");
                return Err(self.error(Detail::VariableAlreadyBound, message, span));
            }
            let ty = self.type_of(slot);
            columns.push(self.declare(name, ty));
        }
        Ok(Clause::Subquery(SubqueryCall { query: Subquery { query, imports }, columns, optional }))
    }

    /// The variables that the WITHs at the beginning of a subquery's parts import: those that are no more than variables.
    fn importing(&self, body: &ast::Query) -> Vec<(String, Slot)> {
        let ast::QueryKind::Regular(regular) = &body.kind else { return Vec::new() };
        let mut imported = Vec::new();
        let mut known = HashSet::new();
        for part in std::iter::once(&regular.head).chain(regular.unions.iter().map(|branch| &branch.query)) {
            let Some(ast::ClauseKind::With(with)) = part.kind.clauses.first().map(|clause| &clause.kind) else {
                continue;
            };
            for item in &with.projection.items {
                let names = match &item.kind {
                    ProjectionItemKind::Wildcard => self.visible(),
                    ProjectionItemKind::Expression {
                        expression: ast::Node { kind: Ast::Variable(name), .. },
                        alias: None,
                    } => {
                        let found = self.lookup(&name.kind.text);
                        found.map(|slot| (name.kind.text.clone(), slot)).into_iter().collect()
                    }
                    _ => Vec::new(),
                };
                imported.extend(names.into_iter().filter(|(name, _)| known.insert(name.clone())));
            }
        }
        imported
    }

    /// Binds a query with clauses, aggregates and imports of its own; gives the outer slots it reads as well.
    fn isolated<T>(&mut self, bind: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, Vec<Slot>)> {
        let aggregates = std::mem::replace(&mut self.aggregates, Aggregates::Refused);
        let sorting = self.sorting.take();
        self.captures.push((self.next_slot(), BTreeSet::new()));
        let result = self.with_layer(Layer::default(), bind);
        let imports = self.captures.pop().map(|(_, found)| found).unwrap_or_default();
        self.sorting = sorting;
        self.aggregates = aggregates;
        Ok((result?, imports.into_iter().collect()))
    }

    pub(super) fn subquery_expr(
        &mut self,
        subquery: &'a ast::SubqueryExpression,
        span: open_cypher::Span,
    ) -> Result<Expr> {
        if self.constant.is_some() {
            let message = "a subquery cannot stand here: the same number must hold for all rows";
            return Err(self.error(Detail::NonConstantExpression, message, span));
        }
        let (kind, place) = match subquery.kind.kind {
            SubqueryExpressionKind::Exists => (SubqueryKind::Exists, Place::Rows),
            SubqueryExpressionKind::Count => (SubqueryKind::Count, Place::Rows),
            _ => (SubqueryKind::Collect, Place::Collect),
        };
        let outer = std::mem::replace(&mut self.read_only, true);
        let bound = self.isolated(|binder| binder.query(&subquery.query, place));
        self.read_only = outer;
        let (query, imports) = bound?;
        let ty = match kind {
            SubqueryKind::Exists => Type::Boolean,
            SubqueryKind::Count => Type::Integer,
            SubqueryKind::Collect => {
                let slot = query.parts.first().and_then(|part| part.columns.first().copied());
                let (Some(slot), [_]) = (slot, query.columns.as_slice()) else {
                    let message = "COLLECT { … } returns exactly one column";
                    return Err(self.error(Detail::InvalidClauseComposition, message, span));
                };
                Type::list_of(self.type_of(slot))
            }
        };
        let query = Box::new(Subquery { query, imports });
        Ok(Expr { kind: ExprKind::Subquery { kind, query }, ty, span: self.span(span) })
    }

    pub(super) fn load_csv(&mut self, written: &'a ast::LoadCsvClause) -> Result<Clause> {
        let source = self.expr(&written.source)?;
        if !source.ty.may_be(&Type::String) {
            let message = format!("LOAD CSV takes the name of a file, and this is of type {}", source.ty);
            return Err(self.error(Detail::InvalidArgumentType, message, written.source.span));
        }
        let separator = match &written.field_terminator {
            None => None,
            Some(terminator) => {
                let mut characters = terminator.kind.value.chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) if !['"', '\r', '\n'].contains(&character) => Some(character),
                    _ => {
                        let message =
                            "FIELDTERMINATOR is a string of one character, and neither a double quote nor a line end";
                        return Err(self.error(Detail::InvalidArgumentValue, message, terminator.span));
                    }
                }
            }
        };
        let headers = written.with_headers;
        let slot =
            self.declare_new(&written.variable, if headers { Type::Map } else { Type::list_of(Type::String) })?;
        Ok(Clause::LoadCsv(LoadCsv { source, headers, separator, slot }))
    }
}
