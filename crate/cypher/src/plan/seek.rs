//! What predicates say of the properties of an index, and how much it would give.

use std::collections::HashSet;

use sledstore_graph::TextPlace;

use super::operator::{self, SoughtNext};
use super::pattern::Work;
use super::usage::slots_of;
use super::{Planner, Result};
use crate::ir::{BinaryOp, CompareOp, Expr, ExprKind, Labels, Slot, Type};
use crate::storage::{Covers, Index, IndexKind, NameKind};

/// Parts of an index that something is taken to give, where the storage cannot tell.
const PART_OF_VALUE: f64 = 0.01;
const PART_BETWEEN: f64 = 0.1;
const PART_ABOVE: f64 = 0.3;
const PART_OF_PREFIX: f64 = 0.1;
const PART_OF_TEXT: f64 = 0.1;
/// Where more than this part has a property, those that have it are not sought for that; where more than this part may have a
/// text, all are gone over.
const PART_SOUGHT: f64 = 0.5;
/// How many values a list is taken to have, where that is not written.
const VALUES_OF_LIST: f64 = 5.0;

/// What is sought in an index, as expressions.
#[derive(Clone)]
pub(super) struct Sought {
    index: u32,
    covers: Covers,
    label: Option<String>,
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
    Text(TextPlace, Expr, usize),
}

/// Predicates, and what is found before where they are looked at.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    predicates: &'a [(Vec<Slot>, &'a Expr)],
    filled: &'a HashSet<Slot>,
}

impl Work<'_> {
    pub fn said(&self) -> Said<'_> {
        Said { predicates: &self.predicates, filled: &self.filled }
    }
}

/// What predicates say of one property; with each, whether it reads what was found before.
#[derive(Default)]
struct Told {
    equal: Option<(Equal, bool)>,
    prefix: Option<(Expr, bool)>,
    text: Option<(TextPlace, Expr, bool)>,
    low: Bound,
    high: Bound,
    bounds_read: bool,
    /// Whether it is there.
    present: bool,
}

impl Planner<'_> {
    /// The index that gives least of what a slot may be, by its labels or type.
    pub(super) fn best_seek(&self, said: Said<'_>, slot: Slot, covers: Covers, names: &[&str]) -> Option<Sought> {
        let mut best: Option<Sought> = None;
        for index in self.indexes.iter().filter(|index| index.covers == covers && index.kind != IndexKind::Exists) {
            let fits = index.label.as_ref().is_none_or(|label| names.contains(&label.as_str()));
            let sought = match &index.texts {
                Some((_, labels)) => labels
                    .iter()
                    .find(|label| names.contains(&label.as_str()))
                    .and_then(|label| self.sought_text(said, slot, index, label)),
                None if fits && index.kind != IndexKind::Fulltext => self.sought(said, slot, index),
                None => None,
            };
            let Some(sought) = sought else { continue };
            let is_better =
                |best: &Sought| sought.rows < best.rows || (sought.rows <= best.rows && sought.unique && !best.unique);
            if best.as_ref().is_none_or(is_better) {
                best = Some(sought);
            }
        }
        best
    }

    /// What a full-text index may narrow, of what has one of its labels.
    fn sought_text(&self, said: Said<'_>, slot: Slot, index: &Index, label: &str) -> Option<Sought> {
        let all = self.covered(index.covers, Some(label));
        let rows = self.storage.entries(index.id).ok().flatten().unwrap_or(all).min(all) * PART_OF_TEXT;
        index.properties.iter().find_map(|property| {
            let (place, text, reads_row) = told(said, slot, Subject::Property(property)).text?;
            Some(Sought {
                index: index.id,
                covers: index.covers,
                label: Some(label.to_owned()),
                properties: vec![property.clone()],
                equal: Vec::new(),
                next: Next::Text(place, text, (all * PART_SOUGHT) as usize),
                unique: false,
                rows,
                reads_row,
            })
        })
    }

    fn sought(&self, said: Said<'_>, slot: Slot, index: &Index) -> Option<Sought> {
        let (mut equal, mut next, mut reads_row, mut present) = (Vec::new(), Next::Any, false, false);
        for property in &index.properties {
            let told = told(said, slot, Subject::Property(property));
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
            } else {
                present = told.present && equal.is_empty() && index.is_complete;
            }
            break;
        }
        let used = equal.len() + usize::from(present || !matches!(next, Next::Any));
        if used == 0 {
            return None;
        }
        let single = equal.iter().all(|equal| matches!(equal, Equal::Value(_)));
        let whole = equal.len() == index.properties.len();
        let unique = whole && single && matches!(index.kind, IndexKind::Unique | IndexKind::Key);
        let all = self.covered(index.covers, index.label.as_deref());
        let rows = match unique {
            true => 1.0,
            false if present => self.storage.entries(index.id).ok().flatten().unwrap_or(all),
            false => self.rows_of(index, &equal, &next),
        };
        if present && rows > all * PART_SOUGHT {
            return None;
        }
        let properties = index.properties.iter().take(used).cloned().collect();
        let (covers, label, rows) = (index.covers, index.label.clone(), rows.min(all));
        Some(Sought { index: index.id, covers, label, properties, equal, next, unique, rows, reads_row })
    }

    /// How many nodes or relationships an index with a label or type may have.
    fn covered(&self, covers: Covers, label: Option<&str>) -> f64 {
        match covers {
            Covers::Nodes => self.count_nodes(label),
            Covers::Relationships => {
                self.count_relationships(label.map(|label| Labels::Name(label.to_owned())).as_ref())
            }
        }
    }

    fn rows_of(&self, index: &Index, equal: &[Equal], next: &Next) -> f64 {
        let all = self.covered(index.covers, index.label.as_deref());
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
            Next::Text(..) => PART_OF_TEXT,
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
            Next::Text(place, text, most) => SoughtNext::Text(*place, self.compile(text)?, *most),
        };
        let kind = if sought.covers == Covers::Nodes { NameKind::Label } else { NameKind::Type };
        let label = sought.label.as_ref().map(|label| self.name(kind, label));
        let Sought { index, covers, unique, .. } = *sought;
        Ok(operator::Seek { index, covers, label, equal, next, unique, order: None })
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

/// What of an entity predicates are about.
#[derive(Clone, Copy)]
enum Subject<'s> {
    Property(&'s str),
    Id,
}

impl Planner<'_> {
    /// The ids that a node may have, by `id(n) = …` or `id(n) IN …`.
    pub(super) fn sought_ids(said: Said<'_>, slot: Slot) -> Option<SoughtIds> {
        let (ids, reads_row) = told(said, slot, Subject::Id).equal?;
        Some(SoughtIds { rows: ids.values(), ids, reads_row })
    }

    pub(super) fn compiled_ids(&mut self, sought: &SoughtIds) -> Result<operator::Sought> {
        Ok(match &sought.ids {
            Equal::Value(value) => operator::Sought::Value(self.compile(value)?),
            Equal::OneOf(list) => operator::Sought::OneOf(self.compile(list)?),
        })
    }
}

/// A part of what several seeks find together.
#[derive(Clone)]
pub(super) enum Branch {
    Seek(Sought),
    Ids(SoughtIds),
    /// All that have a label, and how many these are.
    Label(String, f64),
}

impl Branch {
    const fn of(&self) -> (f64, bool) {
        match self {
            Self::Label(_, rows) => (*rows, false),
            Self::Seek(Sought { rows, reads_row, .. }) | Self::Ids(SoughtIds { rows, reads_row, .. }) => {
                (*rows, *reads_row)
            }
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Seek(sought) => sought.text(),
            Self::Ids(_) => "id".to_owned(),
            Self::Label(name, _) => name.clone(),
        }
    }
}

/// What fits one of several alternatives, each of which is sought.
#[derive(Clone)]
pub(super) struct Union {
    pub branches: Vec<Branch>,
    pub rows: f64,
    pub reads_row: bool,
}

impl Planner<'_> {
    /// The alternatives of a predicate that give least, where each can be sought.
    pub(super) fn best_union(&self, work: &Work<'_>, slot: Slot, names: &[&str]) -> Option<Union> {
        let mut best: Option<Union> = None;
        for (_, predicate) in &work.predicates {
            let ExprKind::Or(parts) = &predicate.kind else { continue };
            // Values of one property are sought as a list.
            let is_list = |of| parts.iter().all(|part| equal_to(part, slot, of).is_some());
            let mut properties = self.indexes.iter().flat_map(|index| &index.properties);
            if is_list(Subject::Id) || properties.any(|property| is_list(Subject::Property(property))) {
                continue;
            }
            let branch = |part: &Expr| {
                let of = |part| {
                    let mut slots = Vec::new();
                    slots_of(part, &mut slots);
                    slots.retain(|slot| work.own.contains(slot));
                    (slots, part)
                };
                let predicates: Vec<_> = match &part.kind {
                    ExprKind::And(parts) => parts.iter().map(of).collect(),
                    _ => vec![of(part)],
                };
                let said = Said { predicates: &predicates, filled: &work.filled };
                let ids = Self::sought_ids(said, slot).map(Branch::Ids);
                ids.or_else(|| self.best_seek(said, slot, Covers::Nodes, names).map(Branch::Seek))
            };
            let Some(branches) = parts.iter().map(branch).collect::<Option<Vec<_>>>() else { continue };
            let union = Union::of(branches);
            if best.as_ref().is_none_or(|best| union.rows < best.rows) {
                best = Some(union);
            }
        }
        best
    }

    /// What has one of several labels: out of an index for each, or all that have the label.
    pub(super) fn union_of_labels(&self, said: Said<'_>, slot: Slot, names: &[&str]) -> Union {
        let branch = |name: &&str| {
            let all = self.count_nodes(Some(name));
            let sought = self.best_seek(said, slot, Covers::Nodes, &[name]).filter(|sought| sought.rows < all);
            sought.map_or_else(|| Branch::Label((*name).to_owned(), all), Branch::Seek)
        };
        Union::of(names.iter().map(branch).collect())
    }
}

impl Union {
    fn of(branches: Vec<Branch>) -> Self {
        let rows = branches.iter().map(|branch| branch.of().0).sum();
        let reads_row = branches.iter().any(|branch| branch.of().1);
        Self { branches, rows, reads_row }
    }
}

/// Ids that are sought, as an expression.
#[derive(Clone)]
pub(super) struct SoughtIds {
    ids: Equal,
    /// How many nodes it is expected to give.
    pub rows: f64,
    /// Whether it depends on what was found before.
    pub reads_row: bool,
}

fn told(said: Said<'_>, slot: Slot, property: Subject<'_>) -> Told {
    let mut told = Told::default();
    for (slots, predicate) in said.predicates {
        if slots.iter().any(|other| *other != slot && !said.filled.contains(other)) {
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
    fn take(&mut self, predicate: &Expr, slot: Slot, property: Subject<'_>, reads_row: bool) {
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
            ExprKind::Binary { op, left, right }
                if text_place(*op).is_some() && is_property(left, slot, property) && !reads(right, slot) =>
            {
                if *op == BinaryOp::StartsWith {
                    self.prefix = Some(((**right).clone(), reads_row));
                }
                self.text = text_place(*op).map(|place| (place, (**right).clone(), reads_row));
            }
            ExprKind::IsNull { of, negated: true } if is_property(of, slot, property) => self.present = true,
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

/// Where a text stands, by the operator.
const fn text_place(op: BinaryOp) -> Option<TextPlace> {
    match op {
        BinaryOp::StartsWith => Some(TextPlace::Start),
        BinaryOp::EndsWith => Some(TextPlace::End),
        BinaryOp::Contains => Some(TextPlace::Anywhere),
        _ => None,
    }
}

/// What a property must equal, if a predicate says no more than that.
fn equal_to(predicate: &Expr, slot: Slot, property: Subject<'_>) -> Option<Expr> {
    let ExprKind::Compare { first, rest } = &predicate.kind else { return None };
    let [(CompareOp::Equal, second)] = rest.as_slice() else { return None };
    compared(slot, property, CompareOp::Equal, first, second).map(|(_, value)| value.clone())
}

/// The comparison with the property on its left.
fn compared<'e>(
    slot: Slot,
    property: Subject<'_>,
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
    Some((op.turned(), first))
}

fn is_property(expr: &Expr, slot: Slot, property: Subject<'_>) -> bool {
    match (&expr.kind, property) {
        (ExprKind::Property { of, key }, Subject::Property(name)) => of.as_slot() == Some(slot) && key == name,
        (ExprKind::Function { name: "id", arguments }, Subject::Id) => {
            matches!(arguments.as_slice(), [of] if of.as_slot() == Some(slot))
        }
        _ => false,
    }
}

pub(super) fn reads(expr: &Expr, slot: Slot) -> bool {
    let mut slots = Vec::new();
    slots_of(expr, &mut slots);
    slots.contains(&slot)
}
