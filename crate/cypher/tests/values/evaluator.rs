//! As much of the language as scenarios of values and functions need: nodes without relationships, rows of bindings,
//! expressions without patterns. Anything else is `Stop::Unsupported`.

use std::collections::BTreeMap;
use std::sync::Arc;

use open_cypher::ast::{
    BinaryOperator, ClauseKind, Expr, ExprKind, FunctionInvocation, IsPredicate, LabelExpression, LabelExpressionKind,
    LiteralKind, NodePattern, ParameterName, PathFactorKind, Pattern, ProjectionClause, ProjectionItemKind, QueryKind,
    SetQuantifier, SortDirection, StatementKind, UnaryOperator,
};
use sledstore_cypher::CypherError;
use sledstore_cypher::function::{Accumulator, find, find_aggregate};
use sledstore_cypher::value::order::{Key, order};
use sledstore_cypher::value::{Map, Node, Value, arithmetic, compare, component};

use crate::common::context;

pub type Row = BTreeMap<String, Value>;

/// Why there is no value.
#[derive(Debug)]
pub enum Stop {
    Unsupported(String),
    Failed(CypherError),
}

impl From<CypherError> for Stop {
    fn from(error: CypherError) -> Self {
        Self::Failed(error)
    }
}

pub type Result<T> = std::result::Result<T, Stop>;

fn unsupported<T>(what: impl std::fmt::Debug) -> Result<T> {
    Err(Stop::Unsupported(format!("{what:?}").chars().take(60).collect()))
}

/// The nodes that were created, and the parameters of the query.
#[derive(Default)]
pub struct Evaluator {
    pub nodes: Vec<Arc<Node>>,
    pub parameters: Row,
}

impl Evaluator {
    /// The rows that a query returns, each value with its column.
    pub fn run(&mut self, query: &str) -> Result<Vec<Vec<(String, Value)>>> {
        let Ok(parsed) = open_cypher::parse(query) else { return unsupported("a syntax error") };
        let [statement] = parsed.program.statements.as_slice() else { return unsupported("several statements") };
        let StatementKind::Query(statement) = &statement.kind else { return unsupported(statement) };
        let QueryKind::Regular(regular) = &statement.query.kind else { return unsupported("an error") };
        if !regular.unions.is_empty() {
            return unsupported("UNION");
        }
        let mut rows = vec![Row::new()];
        for clause in &regular.head.kind.clauses {
            match &clause.kind {
                ClauseKind::Create(create) => self.create(&create.pattern, &rows)?,
                ClauseKind::Match(matching) if !matching.optional => {
                    rows = self.matched(&matching.pattern, &rows)?;
                    rows = self.filtered(rows, matching.where_clause.as_ref())?;
                }
                ClauseKind::Unwind(unwind) => {
                    let name = &unwind.variable.kind.text;
                    let mut unwound = Vec::new();
                    for row in &rows {
                        match self.value(&unwind.expression, row)? {
                            Value::Null => {}
                            Value::List(list) => unwound.extend(list.values().iter().map(|value| {
                                let mut row = row.clone();
                                row.insert(name.clone(), value.clone());
                                row
                            })),
                            other => unwound.push(row.clone().into_iter().chain([(name.clone(), other)]).collect()),
                        }
                    }
                    rows = unwound;
                }
                ClauseKind::With(with) => {
                    let projected = self.projected(&with.projection, &rows, query)?;
                    rows = projected.into_iter().map(|row| row.into_iter().collect()).collect();
                    rows = self.filtered(rows, with.where_clause.as_ref())?;
                }
                ClauseKind::Return(returned) => return self.projected(&returned.projection, &rows, query),
                other => return unsupported(other),
            }
        }
        Ok(Vec::new())
    }

    fn create(&mut self, pattern: &Pattern, rows: &[Row]) -> Result<()> {
        for row in rows {
            for node in nodes(pattern)? {
                let labels = labels(node.labels.as_ref())?.into_iter().map(Arc::from).collect();
                let properties = match &node.properties {
                    None => Map::empty(),
                    Some(properties) => match self.value(properties, row)? {
                        Value::Map(map) => {
                            Map::new(map.entries().iter().filter(|(_, value)| !value.is_null()).cloned())?
                        }
                        _ => return unsupported("properties"),
                    },
                };
                self.nodes.push(Arc::new(Node { id: self.nodes.len() as u64, labels, properties }));
            }
        }
        Ok(())
    }

    fn matched(&self, pattern: &Pattern, rows: &[Row]) -> Result<Vec<Row>> {
        let mut rows = rows.to_vec();
        for node in nodes(pattern)? {
            let (wanted, Some(variable)) = (labels(node.labels.as_ref())?, &node.variable) else {
                return unsupported("a node without a name");
            };
            if node.properties.is_some() || rows.iter().any(|row| row.contains_key(&variable.kind.text)) {
                return unsupported("a node with properties");
            }
            let fitting = |node: &&Arc<Node>| wanted.iter().all(|label| node.labels.iter().any(|l| **l == **label));
            let mut matched = Vec::new();
            for row in &rows {
                for node in self.nodes.iter().filter(fitting) {
                    let mut row = row.clone();
                    row.insert(variable.kind.text.clone(), Value::Node(node.clone()));
                    matched.push(row);
                }
            }
            rows = matched;
        }
        Ok(rows)
    }

    fn filtered(&self, rows: Vec<Row>, condition: Option<&Expr>) -> Result<Vec<Row>> {
        let Some(condition) = condition else { return Ok(rows) };
        let mut kept = Vec::new();
        for row in rows {
            if matches!(self.value(condition, &row)?, Value::Boolean(true)) {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    fn projected(&self, projection: &ProjectionClause, rows: &[Row], text: &str) -> Result<Vec<Vec<(String, Value)>>> {
        let distinct =
            projection.quantifier.as_ref().is_some_and(|quantifier| quantifier.kind == SetQuantifier::Distinct);
        if distinct || projection.skip.is_some() || projection.offset.is_some() {
            return unsupported("DISTINCT, SKIP or OFFSET");
        }
        let mut items = Vec::new();
        for item in &projection.items {
            let ProjectionItemKind::Expression { expression, alias } = &item.kind else { return unsupported("*") };
            let written = || expression.span.text(text).unwrap_or_default().to_owned();
            items.push((alias.as_ref().map_or_else(written, |alias| alias.kind.text.clone()), expression));
        }
        let mut projected = self.grouped(&items, rows)?;
        if let Some(sort) = &projection.order_by {
            let [sort] = sort.items.as_slice() else { return unsupported("several sort keys") };
            let mut keyed = Vec::new();
            for row in projected {
                keyed.push((self.value(&sort.expression, &row.iter().cloned().collect())?, row));
            }
            let down = sort.direction.as_ref().is_some_and(|direction| direction.kind == SortDirection::Descending);
            keyed.sort_by(|a, b| if down { order(&b.0, &a.0) } else { order(&a.0, &b.0) });
            projected = keyed.into_iter().map(|(_, row)| row).collect();
        }
        if let Some(limit) = &projection.limit {
            match self.value(limit, &Row::new())? {
                Value::Integer(limit) => projected.truncate(usize::try_from(limit).unwrap_or(0)),
                other => return unsupported(other),
            }
        }
        Ok(projected)
    }

    /// One row for each, or one for each group where an item is an aggregation.
    fn grouped(&self, items: &[(String, &Expr)], rows: &[Row]) -> Result<Vec<Vec<(String, Value)>>> {
        if !items.iter().any(|(_, item)| aggregation(item).is_some()) {
            let row = |row| items.iter().map(|(name, item)| Ok((name.clone(), self.value(item, row)?))).collect();
            return rows.iter().map(row).collect();
        }
        let keys: Vec<_> = items.iter().filter(|(_, item)| aggregation(item).is_none()).collect();
        let mut groups: BTreeMap<Vec<Key>, Vec<&Row>> = BTreeMap::new();
        if keys.is_empty() {
            groups.insert(Vec::new(), Vec::new());
        }
        for row in rows {
            let key: Result<Vec<_>> = keys.iter().map(|(_, item)| self.value(item, row).map(Key)).collect();
            groups.entry(key?).or_default().push(row);
        }
        let mut projected = Vec::new();
        for (key, rows) in groups {
            let mut key = key.into_iter();
            let value = |item: &Expr| match aggregation(item) {
                Some((call, start)) => self.aggregated(call, start, &rows),
                None => Ok(key.next().map_or(Value::Null, |Key(value)| value)),
            };
            let values: Result<Vec<_>> = items.iter().map(|(_, item)| *item).map(value).collect();
            projected.push(items.iter().map(|(name, _)| name.clone()).zip(values?).collect());
        }
        Ok(projected)
    }

    fn aggregated(&self, call: &FunctionInvocation, mut state: Accumulator, rows: &[&Row]) -> Result<Value> {
        let distinct = call.quantifier.as_ref().is_some_and(|quantifier| quantifier.kind == SetQuantifier::Distinct);
        let mut seen = std::collections::HashSet::new();
        for row in rows {
            let arguments = call.arguments.iter().filter(|argument| !matches!(argument.kind, ExprKind::Wildcard));
            let arguments: Result<Vec<_>> = arguments.map(|argument| self.value(argument, row)).collect();
            let arguments = arguments?;
            if !distinct || arguments.first().is_some_and(|value| seen.insert(Key(value.clone()))) {
                state.update(&arguments)?;
            }
        }
        Ok(state.finish()?)
    }

    /// The value of an expression.
    pub fn value(&self, expression: &Expr, row: &Row) -> Result<Value> {
        let values = |expressions: &[Expr]| expressions.iter().map(|e| self.value(e, row)).collect::<Result<Vec<_>>>();
        Ok(match &expression.kind {
            ExprKind::Literal(literal) => literal_value(&literal.kind)?,
            ExprKind::Parenthesized(inner) => self.value(inner, row)?,
            ExprKind::Variable(name) => match row.get(&name.kind.text) {
                Some(value) => value.clone(),
                None => return unsupported(&name.kind.text),
            },
            ExprKind::Parameter(parameter) => match &parameter.name {
                ParameterName::Named(name) => self.parameters.get(name).cloned().unwrap_or(Value::Null),
                other => return unsupported(other),
            },
            ExprKind::List(elements) => Value::list(values(elements)?)?,
            ExprKind::Map(entries) => {
                let entry = |entry: &open_cypher::ast::MapEntry| -> Result<_> {
                    Ok((entry.key.kind.text.clone(), self.value(&entry.value, row)?))
                };
                Value::Map(Map::new(entries.iter().map(entry).collect::<Result<Vec<_>>>()?)?)
            }
            ExprKind::Unary { operator, operand } => unary(operator.kind, &self.value(operand, row)?)?,
            ExprKind::Binary { left, operator, right } => {
                let value = binary(
                    operator.kind,
                    &self.value(last_compared(left, operator.kind), row)?,
                    &self.value(right, row)?,
                )?;
                // a < b < c holds when a < b does and b < c does.
                let chained = is_comparison(operator.kind) && chain(left).is_some();
                if chained { binary(BinaryOperator::And, &self.value(left, row)?, &value)? } else { value }
            }
            ExprKind::Is { expression, negated, predicate: IsPredicate::Null } => {
                Value::Boolean(self.value(expression, row)?.is_null() != *negated)
            }
            ExprKind::Property { expression, key } => property(&self.value(expression, row)?, &key.kind.text)?,
            ExprKind::Index { expression, index } => match (self.value(expression, row)?, self.value(index, row)?) {
                (Value::Null, _) | (_, Value::Null) => Value::Null,
                (Value::List(list), Value::Integer(place)) => list.at(place).cloned().unwrap_or(Value::Null),
                (Value::Map(map), Value::String(key)) => map.get(&key).cloned().unwrap_or(Value::Null),
                other => return unsupported(other),
            },
            ExprKind::Function(call) => {
                let name = function_name(call);
                let Some(function) = find(&name) else { return unsupported(name) };
                function.call(&context(), &values(&call.arguments)?)?
            }
            other => return unsupported(other),
        })
    }
}

fn function_name(call: &FunctionInvocation) -> String {
    let parts: Vec<_> = call.name.parts.iter().map(|part| part.kind.text.to_ascii_lowercase()).collect();
    parts.join(".")
}

/// A call of an aggregation, and its accumulator.
fn aggregation(expression: &Expr) -> Option<(&FunctionInvocation, Accumulator)> {
    let ExprKind::Function(call) = &expression.kind else { return None };
    find_aggregate(&function_name(call)).map(|aggregate| (call, aggregate.start()))
}

fn nodes(pattern: &Pattern) -> Result<Vec<&NodePattern>> {
    let node = |part: &'_ open_cypher::ast::PatternPart| match part.kind.path.kind.factors.as_slice() {
        [factor] if part.kind.binding.is_none() => Some(factor.clone()),
        _ => None,
    };
    let mut found = Vec::new();
    for part in &pattern.parts {
        if node(part).is_none() {
            return unsupported("a relationship");
        }
        match part.kind.path.kind.factors.first().map(|factor| &factor.kind) {
            Some(PathFactorKind::Node(node)) => found.push(node),
            other => return unsupported(other),
        }
    }
    Ok(found)
}

fn labels(expression: Option<&LabelExpression>) -> Result<Vec<&str>> {
    let Some(expression) = expression else { return Ok(Vec::new()) };
    match &expression.kind {
        LabelExpressionKind::Name(name) => Ok(vec![&name.kind.text]),
        LabelExpressionKind::Parenthesized(inner) => labels(Some(inner)),
        LabelExpressionKind::And(all) => {
            let all: Result<Vec<_>> = all.iter().map(|one| labels(Some(one))).collect();
            Ok(all?.concat())
        }
        other => unsupported(other),
    }
}

fn literal_value(literal: &LiteralKind) -> Result<Value> {
    Ok(match literal {
        LiteralKind::Null => Value::Null,
        LiteralKind::Boolean(boolean) => Value::Boolean(*boolean),
        LiteralKind::String(string) => (&*string.value).into(),
        LiteralKind::Float(float) => match float.text.parse() {
            Ok(float) => Value::Float(float),
            Err(_) => return unsupported(float),
        },
        LiteralKind::Integer(integer) => match integer.text.parse() {
            Ok(integer) => Value::Integer(integer),
            Err(_) => return unsupported(integer),
        },
        other => return unsupported(other),
    })
}

fn is_comparison(operator: BinaryOperator) -> bool {
    use BinaryOperator::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    [Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual].contains(&operator)
}

/// The right side of a comparison.
fn chain(expression: &Expr) -> Option<&Expr> {
    match &expression.kind {
        ExprKind::Binary { operator, right, .. } if is_comparison(operator.kind) => Some(right),
        _ => None,
    }
}

/// What an operator's left side is: where comparisons are chained, the value that the one before ended with.
fn last_compared(left: &Expr, operator: BinaryOperator) -> &Expr {
    chain(left).filter(|_| is_comparison(operator)).unwrap_or(left)
}

/// Logic of three values.
fn logic(operator: BinaryOperator, a: &Value, b: &Value) -> Result<Value> {
    let truth = |value: &Value| match value {
        Value::Null => Ok(None),
        Value::Boolean(truth) => Ok(Some(*truth)),
        other => unsupported(other),
    };
    let (a, b) = (truth(a)?, truth(b)?);
    let decided = |decisive: bool| if a == Some(decisive) || b == Some(decisive) { Some(decisive) } else { None };
    let both = a.zip(b);
    Ok(match operator {
        BinaryOperator::And => decided(false).or(both.map(|_| true)).into(),
        BinaryOperator::Or => decided(true).or(both.map(|_| false)).into(),
        _ => both.map(|(a, b)| a != b).into(),
    })
}

/// What `value.key` reads.
fn property(value: &Value, key: &str) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Map(map) => Ok(map.get(key).cloned().unwrap_or(Value::Null)),
        Value::Node(node) => Ok(node.properties.get(key).cloned().unwrap_or(Value::Null)),
        other => component(other, key)?.map_or_else(|| unsupported((other, key)), Ok),
    }
}

fn unary(operator: UnaryOperator, value: &Value) -> Result<Value> {
    match (operator, value) {
        (UnaryOperator::Minus, value) => Ok(arithmetic::negate(value)?),
        (UnaryOperator::Plus, value) => Ok(arithmetic::plus(value)?),
        (UnaryOperator::Not, Value::Boolean(value)) => Ok(Value::Boolean(!value)),
        (UnaryOperator::Not, Value::Null) => Ok(Value::Null),
        other => unsupported(other),
    }
}

fn binary(operator: BinaryOperator, a: &Value, b: &Value) -> Result<Value> {
    let opposite = |answer: Option<bool>| answer.map(|answer| !answer);
    let value = match operator {
        BinaryOperator::Add => arithmetic::add(a, b)?,
        BinaryOperator::Subtract => arithmetic::subtract(a, b)?,
        BinaryOperator::Multiply => arithmetic::multiply(a, b)?,
        BinaryOperator::Divide => arithmetic::divide(a, b)?,
        BinaryOperator::Remainder => arithmetic::remainder(a, b)?,
        BinaryOperator::Power => arithmetic::power(a, b)?,
        BinaryOperator::Equal => compare::equals(a, b).into(),
        BinaryOperator::NotEqual => opposite(compare::equals(a, b)).into(),
        BinaryOperator::Less => compare::less(a, b).into(),
        BinaryOperator::LessEqual => compare::less_or_equal(a, b).into(),
        BinaryOperator::Greater => compare::less(b, a).into(),
        BinaryOperator::GreaterEqual => compare::less_or_equal(b, a).into(),
        BinaryOperator::In => match b {
            Value::List(list) => compare::is_in(a, list).into(),
            Value::Null => Value::Null,
            other => return unsupported(other),
        },
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor => logic(operator, a, b)?,
        other => return unsupported(other),
    };
    Ok(value)
}
