//! Clauses, one after the other.

use super::operator::{Apply, Call, Load, Operator, Pipeline, QueryPlan, StepPlan};
use super::{Planner, Result, barrier};
use crate::ir::{Clause, ExprKind, Foreach, Literal, Match, Pattern, Query, Span, SubqueryCall};
use crate::storage::Covers;

/// Rows that UNWIND and procedures are taken to give for one.
const ROWS_OF_LIST: f64 = 10.0;
/// Part of its documents that a search in a full-text index is taken to find.
const PART_FOUND: f64 = 0.1;
/// Rows that a file is taken to hold.
const ROWS_OF_FILE: f64 = 1_000.0;

impl Planner<'_> {
    pub(super) fn query(&mut self, query: &Query, rows: f64) -> Result<QueryPlan> {
        let mut parts = Vec::with_capacity(query.parts.len());
        for part in &query.parts {
            let mut steps = Vec::new();
            let mut rows = rows;
            self.clauses((&part.clauses, &part.places), &mut steps, &mut rows)?;
            parts.push((self.finished(steps, !part.columns.is_empty()), part.columns.clone()));
        }
        let union = (parts.len() > 1).then(|| {
            self.steps += 2;
            (self.steps - 2, self.steps - 1)
        });
        Ok(QueryPlan { parts, distinct: query.distinct, union })
    }

    /// Steps with the barriers they need.
    fn finished(&mut self, steps: Vec<StepPlan>, wanted: bool) -> Pipeline {
        Pipeline { steps: barrier::placed(self, steps, wanted) }
    }

    /// Clauses, with the place of each.
    fn clauses(
        &mut self,
        (clauses, places): (&[Clause], &[Span]),
        steps: &mut Vec<StepPlan>,
        rows: &mut f64,
    ) -> Result<()> {
        let outer = self.place;
        for (clause, place) in clauses.iter().zip(places) {
            (self.proceed)()?;
            self.place = Some(*place);
            match clause {
                Clause::Match(matching) => self.matching(matching, steps, rows)?,
                Clause::Unwind(unwind) => {
                    let list = self.compile(&unwind.list)?;
                    *rows *= ROWS_OF_LIST;
                    let details = format!("{} AS {}", self.written(&unwind.list), self.shown(unwind.slot));
                    steps.push(self.step(Operator::Unwind { list, slot: unwind.slot }, *rows, details));
                }
                Clause::Project(projection) => self.projection(projection, steps, rows)?,
                Clause::Create(creation) => {
                    let plan = self.creation(creation, false)?;
                    steps.push(self.step(Operator::Create(plan), *rows, String::new()));
                }
                Clause::Merge(merge) => {
                    let plan = self.merge(merge)?;
                    steps.push(self.step(Operator::Merge(plan), *rows, String::new()));
                }
                Clause::Set(items) => {
                    let items = self.set_items(items)?;
                    steps.push(self.step(Operator::Set(items), *rows, String::new()));
                }
                Clause::Remove(items) => {
                    let items = self.remove_items(items)?;
                    steps.push(self.step(Operator::Set(items), *rows, String::new()));
                }
                Clause::Delete(delete) => {
                    let values = self.compile_all(&delete.values)?;
                    let details = self.written_all(&delete.values, ", ");
                    let operator = Operator::Delete { values, detach: delete.detach, last: false };
                    steps.push(self.step(operator, *rows, details));
                }
                Clause::Call(call) => {
                    let operator = self.call(call)?;
                    let found = self.rows_of_search(call, operator.search);
                    *rows *= found.unwrap_or(ROWS_OF_LIST);
                    let details = match operator.search {
                        Some(_) => self.written_all(call.arguments.iter().take(2), " by "),
                        None => call.procedure.signature.name.clone(),
                    };
                    steps.push(self.step(Operator::Call(operator), *rows, details));
                }
                Clause::Subquery(call) => self.subquery_call(call, steps, rows)?,
                Clause::Foreach(foreach) => self.foreach(foreach, steps, *rows)?,
                Clause::LoadCsv(load) => {
                    let source = self.compile(&load.source)?;
                    *rows *= ROWS_OF_FILE;
                    let details = format!("{} AS {}", self.written(&load.source), self.shown(load.slot));
                    let load = Load { source, headers: load.headers, separator: load.separator, slot: load.slot };
                    steps.push(self.step(Operator::LoadCsv(load), *rows, details));
                }
            }
        }
        self.place = outer;
        Ok(())
    }

    fn matching(&mut self, matching: &Match, steps: &mut Vec<StepPlan>, rows: &mut f64) -> Result<()> {
        let (found, after) = self.pattern_steps(&matching.pattern, *rows)?;
        if matching.optional {
            let pipeline = Pipeline { steps: found };
            let slots = super::pattern::own_slots(&matching.pattern).into_iter().collect();
            *rows = after.max(*rows);
            let step = self.step(Operator::Optional { pipeline, slots }, *rows, String::new());
            steps.push(step);
        } else {
            self.note_present(&matching.pattern);
            *rows = after;
            steps.extend(found);
        }
        Ok(())
    }

    pub(super) fn nested_pattern(&mut self, pattern: &Pattern) -> Result<Pipeline> {
        let (steps, _) = self.pattern_steps(pattern, 1.0)?;
        Ok(Pipeline { steps })
    }

    fn call(&mut self, call: &crate::ir::Call) -> Result<Call> {
        let search = match call.procedure.signature.name.as_str() {
            "db.index.fulltext.queryNodes" => Some(Covers::Nodes),
            "db.index.fulltext.queryRelationships" => Some(Covers::Relationships),
            _ => None,
        };
        Ok(Call {
            search,
            most: Vec::new(),
            procedure: call.procedure.clone(),
            place: call.place,
            arguments: self.compile_all(&call.arguments)?,
            yields: call.yields.iter().map(|item| (item.result, item.slot)).collect(),
            filter: call.filter.as_ref().map(|filter| self.compile(filter)).transpose()?,
            optional: call.optional,
        })
    }

    /// How many rows a search is taken to find in a full-text index of a name that is written.
    fn rows_of_search(&self, call: &crate::ir::Call, search: Option<Covers>) -> Option<f64> {
        let name = search.and(call.arguments.first())?;
        let ExprKind::Literal(Literal::String(name)) = &name.kind else { return None };
        let index = self.indexes.iter().find(|index| index.texts.as_ref().is_some_and(|(known, _)| known == name))?;
        let documents = self.storage.entries(index.id).ok().flatten()?;
        Some((documents * PART_FOUND).max(1.0))
    }

    fn subquery_call(&mut self, call: &SubqueryCall, steps: &mut Vec<StepPlan>, rows: &mut f64) -> Result<()> {
        let query = self.query(&call.query.query, 1.0)?;
        let apply = Apply { query, columns: call.columns.clone(), optional: call.optional };
        steps.push(self.step(Operator::Apply(apply), *rows, String::new()));
        Ok(())
    }

    fn foreach(&mut self, foreach: &Foreach, steps: &mut Vec<StepPlan>, rows: f64) -> Result<()> {
        let list = self.compile(&foreach.list)?;
        let mut inner = Vec::new();
        self.clauses((&foreach.clauses, &foreach.places), &mut inner, &mut 1.0)?;
        let pipeline = self.finished(inner, false);
        let details = format!("{} IN {}", self.shown(foreach.slot), self.written(&foreach.list));
        steps.push(self.step(Operator::Foreach { slot: foreach.slot, list, pipeline }, rows, details));
        Ok(())
    }
}
