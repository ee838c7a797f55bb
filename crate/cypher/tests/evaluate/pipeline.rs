//! Runs bound queries of UNWIND, WITH and RETURN, with all of their subclauses, over rows in memory.

use std::collections::{HashMap, HashSet};

use sledstore_cypher::bind::{Statement, prepare};
use sledstore_cypher::evaluate::{Environment, Expression, Graph, Nested, Scope};
use sledstore_cypher::function::{Accumulator, find_aggregate};
use sledstore_cypher::ir::{Aggregate, Aggregation, Bound, Clause, Expr, Grouping, Projection, SortItem, Unwind};
use sledstore_cypher::value::Value;
use sledstore_cypher::value::order::{Key, order};
use sledstore_cypher::{CypherError, Detail, Kind};

use crate::common::context;

pub type Row = Vec<Value>;
/// Rows as they are given: each value with its column.
pub type Given = Vec<Vec<(String, Value)>>;

/// Why there are no rows.
#[derive(Debug)]
pub enum Stop {
    /// It has a clause or an expression that needs the graph.
    NeedsGraph(String),
    Failed(CypherError),
}

impl From<CypherError> for Stop {
    fn from(error: CypherError) -> Self {
        Self::Failed(error)
    }
}

type Result<T> = std::result::Result<T, Stop>;

pub fn bound(query: &str) -> std::result::Result<Box<Bound>, CypherError> {
    match prepare(query, &())? {
        Statement::Query(bound) => Ok(bound),
        Statement::Command(command) => panic!("{command:?} is no query"),
    }
}

/// Runs a query with parameters by name.
pub fn run(query: &str, parameters: &[(&str, Value)]) -> Result<Given> {
    let bound = bound(query)?;
    run_bound(&bound, parameters, &())
}

pub fn run_bound(bound: &Bound, parameters: &[(&str, Value)], graph: &dyn Graph) -> Result<Given> {
    bound.check_parameters(|name| parameters.iter().any(|(given, _)| *given == name))?;
    let value = |name: &String| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    let parameters: Vec<_> = bound.parameters.iter().map(|name| value(name).unwrap()).collect();
    let context = context();
    let environment = Environment { parameters: &parameters, context: &context, graph };
    let pipeline = Pipeline { environment: &environment, slots: bound.slots.len() };
    let mut given = Given::new();
    for part in &bound.query.parts {
        let mut rows = vec![vec![Value::Null; bound.slots.len()]];
        for clause in &part.clauses {
            rows = pipeline.clause(clause, rows)?;
        }
        for row in rows {
            let values = part.columns.iter().map(|slot| row[slot.index()].clone());
            given.push(bound.query.columns.iter().cloned().zip(values).collect());
        }
    }
    if bound.query.distinct {
        let mut seen = HashSet::new();
        given.retain(|row| seen.insert(row.iter().map(|(_, value)| Key(value.clone())).collect::<Vec<_>>()));
    }
    Ok(given)
}

/// The value of an expression as it stands in results.
pub fn shown(expression: &str, parameters: &[(&str, Value)]) -> String {
    match run(&format!("RETURN {expression} AS x"), parameters) {
        Ok(rows) => rows[0][0].1.to_string(),
        Err(stop) => panic!("{expression}: {stop:?}"),
    }
}

/// The error of an expression, which its text comes with.
pub fn refused(expression: &str, parameters: &[(&str, Value)]) -> (CypherError, String) {
    let query = format!("RETURN {expression} AS x");
    match run(&query, parameters) {
        Err(Stop::Failed(error)) => {
            let place = error.span.clone().map(|span| query[span].to_owned());
            (error, place.unwrap_or_default())
        }
        other => panic!("{expression}: {other:?}"),
    }
}

/// Plans nothing, and numbers what it is given.
#[derive(Default)]
pub struct Counted(usize);

impl Nested for Counted {
    fn pattern(
        &mut self,
        _: &sledstore_cypher::ir::Pattern,
        _: &sledstore_cypher::ir::PatternResult,
    ) -> std::result::Result<usize, CypherError> {
        self.0 += 1;
        Ok(self.0)
    }

    fn subquery(
        &mut self,
        _: sledstore_cypher::ir::SubqueryKind,
        _: &sledstore_cypher::ir::Subquery,
    ) -> std::result::Result<usize, CypherError> {
        self.0 += 1;
        Ok(self.0)
    }
}

struct Pipeline<'a> {
    environment: &'a Environment<'a>,
    slots: usize,
}

impl Pipeline<'_> {
    fn scope<'s>(&'s self, row: &'s [Value]) -> Scope<'s> {
        Scope::new(row, self.environment)
    }

    fn clause(&self, clause: &Clause, rows: Vec<Row>) -> Result<Vec<Row>> {
        match clause {
            Clause::Unwind(unwind) => self.unwound(unwind, &rows),
            Clause::Project(projection) => self.projected(projection, rows),
            other => Err(Stop::NeedsGraph(format!("{other:?}").chars().take(20).collect())),
        }
    }

    fn unwound(&self, unwind: &Unwind, rows: &[Row]) -> Result<Vec<Row>> {
        let list = compiled(&unwind.list)?;
        let mut unwound = Vec::new();
        for row in rows {
            let values = match list.value(self.scope(row))? {
                Value::Null => continue,
                Value::List(list) => list.values().to_vec(),
                other => vec![other],
            };
            unwound.extend(values.into_iter().map(|value| {
                let mut row = row.clone();
                row[unwind.slot.index()] = value;
                row
            }));
        }
        Ok(unwound)
    }

    fn projected(&self, projection: &Projection, rows: Vec<Row>) -> Result<Vec<Row>> {
        let rows = match &projection.grouping {
            Some(grouping) => self.grouped(grouping, &rows)?,
            None => rows,
        };
        let items: Vec<_> =
            projection.items.iter().map(|item| Ok((item.slot, compiled(&item.value)?))).collect::<Result<_>>()?;
        let mut projected = Vec::new();
        let mut seen = HashSet::new();
        for mut row in rows {
            let values = items.iter().map(|(_, value)| value.value(self.scope(&row)));
            let values: Vec<_> = values.collect::<std::result::Result<_, _>>()?;
            if projection.distinct && !seen.insert(values.iter().cloned().map(Key).collect::<Vec<_>>()) {
                continue;
            }
            for ((slot, _), value) in items.iter().zip(values) {
                row[slot.index()] = value;
            }
            projected.push(row);
        }
        let mut projected = self.sorted(&projection.order, projected)?;
        if let Some(skip) = &projection.skip {
            let count = self.count(skip)?.min(projected.len());
            projected.drain(..count);
        }
        if let Some(limit) = &projection.limit {
            projected.truncate(self.count(limit)?);
        }
        let Some(filter) = &projection.filter else { return Ok(projected) };
        let filter = compiled(filter)?;
        let mut kept = Vec::new();
        for row in projected {
            if filter.is_true(self.scope(&row))? {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    fn sorted(&self, order_by: &[SortItem], rows: Vec<Row>) -> Result<Vec<Row>> {
        let keys: Vec<_> = order_by.iter().map(|item| compiled(&item.value)).collect::<Result<_>>()?;
        let mut keyed: Vec<(Vec<Value>, Row)> = Vec::new();
        for row in rows {
            let values = keys.iter().map(|key| key.value(self.scope(&row)));
            keyed.push((values.collect::<std::result::Result<_, _>>()?, row));
        }
        keyed.sort_by(|(left, _), (right, _)| {
            let pairs = left.iter().zip(right).zip(order_by);
            let orders = pairs.map(
                |((left, right), item)| {
                    if item.descending { order(right, left) } else { order(left, right) }
                },
            );
            orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    fn grouped(&self, grouping: &Grouping, rows: &[Row]) -> Result<Vec<Row>> {
        let keys: Vec<_> =
            grouping.keys.iter().map(|(slot, key)| Ok((*slot, compiled(key)?))).collect::<Result<_>>()?;
        let mut groups: Vec<(Vec<Key>, Vec<&Row>)> = Vec::new();
        let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
        if keys.is_empty() {
            groups.push((Vec::new(), rows.iter().collect()));
        } else {
            for row in rows {
                let key = keys.iter().map(|(_, key)| key.value(self.scope(row)).map(Key));
                let key: Vec<_> = key.collect::<std::result::Result<_, _>>()?;
                let place = *places.entry(key.clone()).or_insert(groups.len());
                if place == groups.len() {
                    groups.push((key, Vec::new()));
                }
                groups[place].1.push(row);
            }
        }
        let mut grouped = Vec::new();
        for (key, rows) in groups {
            let mut made = vec![Value::Null; self.slots];
            for ((slot, _), Key(value)) in keys.iter().zip(key) {
                made[slot.index()] = value;
            }
            for aggregation in &grouping.aggregates {
                made[aggregation.slot.index()] = self.aggregated(aggregation, &rows)?;
            }
            grouped.push(made);
        }
        Ok(grouped)
    }

    fn aggregated(&self, aggregation: &Aggregation, rows: &[&Row]) -> Result<Value> {
        let arguments: Vec<_> = aggregation.arguments.iter().map(compiled).collect::<Result<_>>()?;
        let mut state = accumulator(aggregation.function);
        let mut seen = HashSet::new();
        for row in rows {
            let values = arguments.iter().map(|argument| argument.value(self.scope(row)));
            let values: Vec<_> = values.collect::<std::result::Result<_, _>>()?;
            if !aggregation.distinct || values.first().is_none_or(|value| seen.insert(Key(value.clone()))) {
                state.update(&values)?;
            }
        }
        Ok(state.finish()?)
    }

    fn count(&self, count: &Expr) -> Result<usize> {
        let refused = |detail| {
            let error = CypherError::runtime(Kind::SyntaxError, detail, "SKIP and LIMIT take a number of rows");
            Err(Stop::Failed(error))
        };
        match compiled(count)?.value(self.scope(&[]))? {
            Value::Integer(count) => match usize::try_from(count) {
                Ok(count) => Ok(count),
                Err(_) => refused(Detail::NegativeIntegerArgument),
            },
            _ => refused(Detail::InvalidArgumentType),
        }
    }
}

fn compiled(expr: &Expr) -> Result<Expression> {
    let mut nested = Counted::default();
    let expression = Expression::compile(expr, &mut nested)?;
    if nested.0 == 0 { Ok(expression) } else { Err(Stop::NeedsGraph("a pattern or subquery".to_owned())) }
}

fn accumulator(function: Aggregate) -> Accumulator {
    let name = match function {
        Aggregate::CountRows | Aggregate::Count => "count",
        Aggregate::Sum => "sum",
        Aggregate::Avg => "avg",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::Collect => "collect",
        Aggregate::StDev => "stdev",
        Aggregate::StDevP => "stdevp",
        Aggregate::PercentileCont => "percentilecont",
        Aggregate::PercentileDisc => "percentiledisc",
    };
    find_aggregate(name).unwrap().start()
}
