//! What predicates say of the properties of an index, and how much it would give.

use super::operator::{self, SoughtNext};
use super::pattern::Work;
use super::usage::slots_of;
use super::{Planner, Result};
use crate::ir::{BinaryOp, CompareOp, Expr, ExprKind, Labels, Slot, Type};
use crate::storage::{Covers, Index, IndexKind};

/// Parts of an index that something is taken to give, where the storage cannot tell.
const PART_OF_VALUE: f64 = 0.01;
const PART_BETWEEN: f64 = 0.1;
const PART_ABOVE: f64 = 0.3;
const PART_OF_PREFIX: f64 = 0.1;
/// How many values a list is taken to have, where that is not written.
const VALUES_OF_LIST: f64 = 5.0;

/// What is sought in an index, as expressions.
#[derive(Clone)]
pub(super) struct Sought {
    index: u32,
    properties: Vec<String>,
    equal: Vec<Equal>,
    next: Next,
    /// Whether no two have what is sought.
    pub unique: bool,
    /// How many it is expected to give.
    pub rows: f64,
    /// Whether it depends on what was found before.
    pub reads_row: bool,
}

#[derive(Clone)]
enum Equal {
    Value(Expr),
    OneOf(Expr),
}

type Bound = Option<(Expr, bool)>;

#[derive(Clone)]
enum Next {
    Any,
    Range { low: Bound, high: Bound },
    Prefix(Expr),
}

/// What predicates say of one property; with each, whether it reads what was found before.
#[derive(Default)]
struct Told {
    equal: Option<(Equal, bool)>,
    prefix: Option<(Expr, bool)>,
    low: Bound,
    high: Bound,
    bounds_read: bool,
}

impl Planner<'_> {
    /// The index that gives least of what a slot may be, by its labels or type.
    pub(super) fn best_seek(&self, work: &Work<'_>, slot: Slot, covers: Covers, names: &[&str]) -> Option<Sought> {
        let mut best: Option<Sought> = None;
        for index in &self.indexes {
            let fits = index.label.as_ref().is_none_or(|label| names.contains(&label.as_str()));
            let can_be_sought = !matches!(index.kind, IndexKind::Fulltext | IndexKind::Exists);
            if index.covers != covers || !fits || !can_be_sought {
                continue;
            }
            let Some(sought) = self.sought(work, slot, index) else { continue };
            let is_better =
                |best: &Sought| sought.rows < best.rows || (sought.rows <= best.rows && sought.unique && !best.unique);
            if best.as_ref().is_none_or(is_better) {
                best = Some(sought);
            }
        }
        best
    }

    fn sought(&self, work: &Work<'_>, slot: Slot, index: &Index) -> Option<Sought> {
        let (mut equal, mut next, mut reads_row) = (Vec::new(), Next::Any, false);
        for property in &index.properties {
            let told = told(work, slot, property);
            if let Some((value, reads)) = told.equal {
                reads_row |= reads;
                equal.push(value);
                continue;
            }
            if let Some((prefix, reads)) = told.prefix {
                reads_row |= reads;
                next = Next::Prefix(prefix);
            } else if told.low.is_some() || told.high.is_some() {
                reads_row |= told.bounds_read;
                next = Next::Range { low: told.low, high: told.high };
            }
            break;
        }
        let used = equal.len() + usize::from(!matches!(next, Next::Any));
        if used == 0 {
            return None;
        }
        let single = equal.iter().all(|equal| matches!(equal, Equal::Value(_)));
        let whole = equal.len() == index.properties.len();
        let unique = whole && single && matches!(index.kind, IndexKind::Unique | IndexKind::Key);
        let rows = if unique { 1.0 } else { self.rows_of(index, &equal, &next) };
        let properties = index.properties.iter().take(used).cloned().collect();
        let rows = rows.min(self.covered(index));
        Some(Sought { index: index.id, properties, equal, next, unique, rows, reads_row })
    }

    /// How many nodes or relationships an index may have.
    fn covered(&self, index: &Index) -> f64 {
        match index.covers {
            Covers::Nodes => self.count_nodes(index.label.as_deref()),
            Covers::Relationships => {
                self.count_relationships(index.label.as_ref().map(|label| Labels::Name(label.clone())).as_ref())
            }
        }
    }

    fn rows_of(&self, index: &Index, equal: &[Equal], next: &Next) -> f64 {
        let all = self.covered(index);
        let mut rows = all;
        if !equal.is_empty() {
            let told = self.storage.entries_per_value(index.id, equal.len()).ok().flatten();
            let values: f64 = equal.iter().map(Equal::values).product();
            rows = told.unwrap_or_else(|| (all * PART_OF_VALUE).max(1.0)) * values;
        }
        rows * match next {
            Next::Any => 1.0,
            Next::Range { low: Some(_), high: Some(_) } => PART_BETWEEN,
            Next::Range { .. } => PART_ABOVE,
            Next::Prefix(_) => PART_OF_PREFIX,
        }
    }

    /// What is sought, ready to be run.
    pub(super) fn compiled(&mut self, sought: &Sought) -> Result<operator::Seek> {
        let mut equal = Vec::with_capacity(sought.equal.len());
        for value in &sought.equal {
            equal.push(match value {
                Equal::Value(value) => operator::Sought::Value(self.compile(value)?),
                Equal::OneOf(list) => operator::Sought::OneOf(self.compile(list)?),
            });
        }
        let mut bound =
            |bound: &Bound| bound.as_ref().map(|(expr, inclusive)| Ok((self.compile(expr)?, *inclusive))).transpose();
        let next = match &sought.next {
            Next::Any => SoughtNext::Any,
            Next::Range { low, high } => SoughtNext::Range { low: bound(low)?, high: bound(high)? },
            Next::Prefix(prefix) => SoughtNext::Prefix(self.compile(prefix)?),
        };
        Ok(operator::Seek { index: sought.index, equal, next, unique: sought.unique })
    }
}

/// The only type that a relationship may have.
pub(super) fn only_type(types: Option<&Labels>) -> Option<&str> {
    match types.and_then(Labels::alternatives)?.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

impl Equal {
    /// How many values it stands for.
    fn values(&self) -> f64 {
        match self {
            Self::Value(_) => 1.0,
            Self::OneOf(Expr { kind: ExprKind::List(values), .. }) => values.len() as f64,
            Self::OneOf(_) => VALUES_OF_LIST,
        }
    }
}

impl Sought {
    /// The properties that are sought, for people.
    pub fn text(&self) -> String {
        self.properties.join(", ")
    }
}

fn told(work: &Work<'_>, slot: Slot, property: &str) -> Told {
    let mut told = Told::default();
    for (slots, predicate) in &work.predicates {
        if slots.iter().any(|other| *other != slot && !work.filled.contains(other)) {
            continue;
        }
        // What is another value each time is computed once, by the filter.
        if is_random(predicate) {
            continue;
        }
        let reads_row = slots.iter().any(|other| *other != slot);
        told.take(predicate, slot, property, reads_row);
    }
    told
}

fn is_random(expr: &Expr) -> bool {
    let mut random = matches!(expr.kind, ExprKind::Function { name: "rand" | "randomuuid", .. });
    expr.for_each_child(|child| random = random || is_random(child));
    random
}

impl Told {
    fn take(&mut self, predicate: &Expr, slot: Slot, property: &str, reads_row: bool) {
        match &predicate.kind {
            ExprKind::Compare { first, rest } => {
                let mut left = &**first;
                for (op, right) in rest {
                    if let Some((op, value)) = compared(slot, property, *op, left, right) {
                        self.compare(op, value, reads_row);
                    }
                    left = right;
                }
            }
            ExprKind::Binary { op: BinaryOp::StartsWith, left, right }
                if is_property(left, slot, property) && !reads(right, slot) =>
            {
                self.prefix = Some(((**right).clone(), reads_row));
            }
            ExprKind::Binary { op: BinaryOp::In, left, right }
                if is_property(left, slot, property) && !reads(right, slot) =>
            {
                self.one_of((**right).clone(), reads_row);
            }
            ExprKind::Or(parts) => {
                let values: Option<Vec<Expr>> = parts.iter().map(|part| equal_to(part, slot, property)).collect();
                if let Some(values) = values.filter(|values| !values.is_empty()) {
                    let kind = ExprKind::List(values);
                    self.one_of(Expr { kind, ty: Type::Any, span: predicate.span }, reads_row);
                }
            }
            _ => {}
        }
    }

    fn compare(&mut self, op: CompareOp, value: &Expr, reads_row: bool) {
        let bound = |inclusive| Some((value.clone(), inclusive));
        match op {
            CompareOp::Equal => self.equal = Some((Equal::Value(value.clone()), reads_row)),
            CompareOp::Greater => self.low = bound(false),
            CompareOp::GreaterEqual => self.low = bound(true),
            CompareOp::Less => self.high = bound(false),
            CompareOp::LessEqual => self.high = bound(true),
            CompareOp::NotEqual => return,
        }
        self.bounds_read |= reads_row && op != CompareOp::Equal;
    }

    fn one_of(&mut self, list: Expr, reads_row: bool) {
        if self.equal.is_none() {
            self.equal = Some((Equal::OneOf(list), reads_row));
        }
    }
}

/// What a property must equal, if a predicate says no more than that.
fn equal_to(predicate: &Expr, slot: Slot, property: &str) -> Option<Expr> {
    let ExprKind::Compare { first, rest } = &predicate.kind else { return None };
    let [(CompareOp::Equal, second)] = rest.as_slice() else { return None };
    compared(slot, property, CompareOp::Equal, first, second).map(|(_, value)| value.clone())
}

/// The comparison with the property on its left.
fn compared<'e>(
    slot: Slot,
    property: &str,
    op: CompareOp,
    first: &'e Expr,
    second: &'e Expr,
) -> Option<(CompareOp, &'e Expr)> {
    if is_property(first, slot, property) && !reads(second, slot) {
        return Some((op, second));
    }
    if !is_property(second, slot, property) || reads(first, slot) {
        return None;
    }
    let turned = match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessEqual => CompareOp::GreaterEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterEqual => CompareOp::LessEqual,
        same => same,
    };
    Some((turned, first))
}

fn is_property(expr: &Expr, slot: Slot, property: &str) -> bool {
    matches!(&expr.kind, ExprKind::Property { of, key } if of.as_slot() == Some(slot) && key == property)
}

fn reads(expr: &Expr, slot: Slot) -> bool {
    let mut slots = Vec::new();
    slots_of(expr, &mut slots);
    slots.contains(&slot)
}
