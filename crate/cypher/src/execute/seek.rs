//! What an index gives, in batches.

use std::collections::HashSet;
use std::ops::Bound;

use super::batch::{Batch, ROWS_MAX};
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, set};
use crate::evaluate::Expression;
use crate::plan::operator::{LabelTest, Name, Ordered, RelationshipSeek, Seek, Sought, SoughtNext, Source};
use crate::storage::{self, Covers, Next, Place};
use crate::value::Value;
use crate::value::compare::equals;
use crate::value::number::exact_integer;
use crate::value::order::order;

/// What is held of an id in a set.
const SEEN_BYTES: usize = 2 * size_of::<u64>();

/// What is found in one source, for a row.
#[derive(Default)]
struct Finding<'p> {
    place: Option<Place>,
    /// What is sought when the place is left: combinations of values that are equal to something.
    seek: Option<&'p Seek>,
    choices: Vec<Vec<Value>>,
    turns: Vec<usize>,
    next: NextValue,
    /// Those without a property of an order follow.
    nulls: Option<&'p Ordered>,
    /// Only those without this property are left.
    without: Option<Name>,
    held: usize,
}

/// What is sought of the property behind those that equal something.
#[derive(Default)]
enum NextValue {
    #[default]
    Plain,
    Range(Bound<Value>, Bound<Value>),
    Text(Value),
}

impl<'p> Finding<'p> {
    fn end(&mut self, cx: Cx<'_, '_>) {
        if self.held > 0 {
            cx.runtime.release(self.held);
        }
        *self = Self::default();
    }

    fn begin(&mut self, cx: Cx<'_, '_>, source: &'p Source, row: &[Value]) -> Result<()> {
        self.end(cx);
        match source {
            Source::All => self.everything(cx, Covers::Nodes, None),
            Source::Label(name) => self.everything(cx, Covers::Nodes, Some(*name)),
            Source::Seek(seek) => self.seek(cx, seek, row),
            Source::Ids(ids) => match present(cx, ids, row)? {
                Some(ids) => self.keep(cx, Place::of(ids)),
                None => self.everything(cx, Covers::Nodes, None),
            },
            Source::Union(_) => Ok(()),
        }
    }

    fn keep(&mut self, cx: Cx<'_, '_>, place: Place) -> Result<()> {
        self.held = self.held.saturating_add(place.bytes());
        cx.runtime.hold(place.bytes())?;
        self.place = Some(place);
        Ok(())
    }

    /// Goes over all with a label or type.
    fn everything(&mut self, cx: Cx<'_, '_>, covers: Covers, label: Option<Name>) -> Result<()> {
        let number = label.map(|name| cx.runtime.number(name)).transpose()?;
        if number != Some(None) {
            self.place = Some(Place::before_all(covers, number.flatten()));
        }
        Ok(())
    }

    /// Begins a seek. Null equals nothing and lies nowhere. What no list is where one is needed is told by the predicate, as
    /// soon as it sees a row.
    fn seek(&mut self, cx: Cx<'_, '_>, seek: &'p Seek, row: &[Value]) -> Result<()> {
        if let ([Sought::Value(value)], SoughtNext::Any, None) = (seek.equal.as_slice(), &seek.next, &seek.order) {
            let value = cx.value(value, row)?;
            if value.is_null() {
                return Ok(());
            }
            return match cx.runtime.seek(seek.index, storage::Seek::equal(&[value]))? {
                Some(place) => self.keep(cx, place),
                None => self.everything(cx, seek.covers, seek.label),
            };
        }
        self.next = match &seek.next {
            SoughtNext::Any | SoughtNext::Formed => NextValue::Plain,
            SoughtNext::Range { low, high } => {
                NextValue::Range(bound(cx, low.as_ref(), row)?, bound(cx, high.as_ref(), row)?)
            }
            SoughtNext::Prefix(text) | SoughtNext::Text(_, text, _) => match cx.value(text, row)? {
                text @ Value::String(_) => NextValue::Text(text),
                _ => return Ok(()),
            },
        };
        if let NextValue::Range(low, high) = &self.next
            && (is_null(low) || is_null(high))
        {
            return Ok(());
        }
        for sought in &seek.equal {
            let mut values = match sought {
                Sought::Value(value) => vec![cx.value(value, row)?],
                Sought::OneOf(list) => match cx.value(list, row)? {
                    Value::List(list) => list.values().to_vec(),
                    Value::Null => Vec::new(),
                    _ => return self.everything(cx, seek.covers, seek.label),
                },
            };
            values.retain(|value| !value.is_null());
            if values.is_empty() {
                return Ok(());
            }
            if values.len() > 1 {
                // Values that differ have no entry in common.
                values.sort_by(order);
                values.dedup_by(|a, b| equals(a, b) == Some(true));
                if values.iter().any(|value| !has_form(value)) {
                    return self.everything(cx, seek.covers, seek.label);
                }
            }
            let bytes = values.iter().map(Value::bytes).fold(0, usize::saturating_add);
            self.held = self.held.saturating_add(bytes);
            cx.runtime.hold(bytes)?;
            self.choices.push(values);
        }
        self.turns = vec![0; self.choices.len()];
        self.seek = Some(seek);
        match &seek.order {
            None => self.combination(cx),
            Some(ordered) => self.ordered(cx, seek, ordered),
        }
    }

    /// Where the next combination of values begins.
    fn combination(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let Some(seek) = self.seek else { return Ok(()) };
        let found = self.opened(cx, seek, None)?;
        let turned = self.turns.iter_mut().zip(&self.choices).rev().any(|(turn, values)| {
            *turn += 1;
            let turned = *turn < values.len();
            *turn = if turned { *turn } else { 0 };
            turned
        });
        if !turned || found.is_none() {
            self.seek = None;
        }
        match found {
            Some(place) => self.keep(cx, place),
            None => self.everything(cx, seek.covers, seek.label),
        }
    }

    /// The place of the combination at hand, or of what stands in for it.
    fn opened(&self, cx: Cx<'_, '_>, seek: &Seek, instead: Option<Next<'_>>) -> Result<Option<Place>> {
        let chosen = self.choices.iter().zip(&self.turns).filter_map(|(values, turn)| values.get(*turn).cloned());
        let equal: Vec<Value> = chosen.collect();
        let next = match (&self.next, &seek.next) {
            (_, SoughtNext::Formed) => Next::Formed,
            (NextValue::Range(low, high), _) => Next::Range(low.as_ref(), high.as_ref()),
            (NextValue::Text(Value::String(text)), SoughtNext::Text(place, _, most)) => Next::Text(*place, text, *most),
            (NextValue::Text(Value::String(text)), _) => Next::Prefix(text),
            _ => Next::Any,
        };
        let reverse = seek.order.as_ref().is_some_and(|ordered| ordered.descending);
        cx.runtime.seek(seek.index, storage::Seek { equal: &equal, next: instead.unwrap_or(next), reverse })
    }

    /// In the order of a property. Where values have none in the index, all are sorted.
    fn ordered(&mut self, cx: Cx<'_, '_>, seek: &'p Seek, ordered: &'p Ordered) -> Result<()> {
        let mut place = self.opened(cx, seek, None)?;
        if place.is_some() && matches!(seek.next, SoughtNext::Formed) {
            let mut others = Vec::new();
            if let Some(mut other) = self.opened(cx, seek, Some(Next::Other))? {
                cx.runtime.read(|storage| storage.advance(&mut other, 1, &mut others))?;
            }
            place = place.filter(|_| others.is_empty());
        }
        if let Some(place) = place {
            self.nulls = Some(ordered).filter(|ordered| ordered.nulls);
            return self.keep(cx, place);
        }
        self.everything(cx, seek.covers, seek.label)?;
        let (mut all, mut ids) = (Vec::new(), Vec::new());
        while let Some(place) = &mut self.place {
            ids.clear();
            let more = cx.runtime.read(|storage| storage.advance(place, ROWS_MAX, &mut ids))?;
            let values = properties(cx, ordered.property, &ids)?;
            let bytes = values.iter().map(Value::bytes).fold(0, usize::saturating_add);
            self.held = self.held.saturating_add(bytes);
            cx.runtime.hold(bytes)?;
            cx.runtime.check_limits()?;
            all.extend(values.into_iter().zip(ids.iter().copied()));
            if !more {
                self.place = None;
            }
        }
        all.sort_by(|(a, _), (b, _)| if ordered.descending { order(b, a) } else { order(a, b) });
        self.seek = None;
        self.keep(cx, Place::of(all.into_iter().map(|(_, id)| id).collect()))
    }

    /// Appends what is found next; answers whether there may be more.
    fn fill(&mut self, cx: Cx<'_, '_>, most: usize, ids: &mut Vec<u64>) -> Result<bool> {
        cx.proceed()?;
        let limit = most.clamp(1, ROWS_MAX);
        let Some(place) = &mut self.place else { return Ok(false) };
        let more = cx.runtime.read(|storage| storage.advance(place, limit, ids))?;
        if let Some(property) = self.without {
            let mut values = properties(cx, property, ids)?.into_iter();
            ids.retain(|_| values.next().is_none_or(|value| value.is_null()));
            cx.runtime.check_limits()?;
        }
        if more {
            return Ok(true);
        }
        self.place = None;
        match (self.nulls.take(), self.seek) {
            (Some(ordered), Some(seek)) if self.choices.is_empty() => {
                self.without = Some(ordered.property);
                self.everything(cx, seek.covers, seek.label)?;
            }
            (Some(_), Some(seek)) => self.place = self.opened(cx, seek, Some(Next::Missing))?,
            (None, Some(seek)) if seek.order.is_none() => self.combination(cx)?,
            _ => {}
        }
        Ok(self.place.is_some())
    }
}

/// What is found in sources, for a row.
pub(super) struct Finder<'p> {
    sources: &'p [Source],
    at: usize,
    finding: Finding<'p>,
    /// What others than the last source gave, where there are several.
    seen: HashSet<u64>,
}

impl<'p> Finder<'p> {
    pub fn new(source: &'p Source) -> Self {
        let sources = match source {
            Source::Union(sources) => sources.as_slice(),
            source => std::slice::from_ref(source),
        };
        Self { sources, at: 0, finding: Finding::default(), seen: HashSet::new() }
    }

    pub fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.end(cx);
        self.sources.first().map_or(Ok(()), |source| self.finding.begin(cx, source, row))
    }

    /// Where all sources are labels: which nodes the ones before gave, so that none need be remembered.
    fn before(&self) -> Option<LabelTest> {
        let name = |source: &Source| match source {
            Source::Label(name) => Some(LabelTest::Name(*name)),
            _ => None,
        };
        let mut names = self.sources.iter().map(name).collect::<Option<Vec<_>>>()?;
        names.truncate(self.at);
        Some(LabelTest::Or(names))
    }

    /// Appends what is found next; answers whether there may be more.
    pub fn fill(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, ids: &mut Vec<u64>) -> Result<bool> {
        let mut more = self.finding.fill(cx, most, ids)?;
        let last = self.at.saturating_add(1) >= self.sources.len();
        if self.sources.len() > 1 {
            match self.before() {
                Some(before) => {
                    let known = ids.iter().map(|id| cx.fits(*id, Some(&before))).collect::<Result<Vec<bool>>>()?;
                    let mut known = known.into_iter();
                    ids.retain(|_| !known.next().unwrap_or_default());
                }
                None => {
                    let known = self.seen.len();
                    ids.retain(|id| if last { !self.seen.contains(id) } else { self.seen.insert(*id) });
                    cx.runtime.hold(self.seen.len().saturating_sub(known).saturating_mul(SEEN_BYTES))?;
                }
            }
        }
        if !more && let Some(source) = self.sources.get(self.at.saturating_add(1)) {
            self.at = self.at.saturating_add(1);
            self.finding.begin(cx, source, row)?;
            more = true;
        }
        Ok(more)
    }

    pub fn end(&mut self, cx: Cx<'_, '_>) {
        self.finding.end(cx);
        cx.runtime.release(self.seen.len().saturating_mul(SEEN_BYTES));
        self.seen.clear();
        self.at = 0;
    }
}

/// Values of a property, one for each node.
pub(super) fn properties(cx: Cx<'_, '_>, property: Name, nodes: &[u64]) -> Result<Vec<Value>> {
    let mut values = Vec::with_capacity(nodes.len());
    if let Some(number) = cx.runtime.number(property)? {
        cx.runtime.read(|storage| storage.properties_of_nodes(nodes, &[number], &mut values))?;
    }
    values.resize(nodes.len(), Value::Null);
    Ok(values)
}

/// Whether an index has a place for a value.
fn has_form(value: &Value) -> bool {
    match value {
        Value::Map(_) | Value::Vector(_) => false,
        Value::Float(float) => !float.is_nan(),
        Value::List(list) => {
            list.values().iter().all(|value| !matches!(value, Value::List(_) | Value::Null) && has_form(value))
        }
        _ => true,
    }
}

/// The nodes that have an id a row seeks, each once; `None` for what should be a list and is none.
fn present(cx: Cx<'_, '_>, sought: &Sought, row: &[Value]) -> Result<Option<Vec<u64>>> {
    let value;
    let values = match sought {
        Sought::Value(one) => {
            value = cx.value(one, row)?;
            std::slice::from_ref(&value)
        }
        Sought::OneOf(list) => {
            value = cx.value(list, row)?;
            match &value {
                Value::List(list) => list.values(),
                Value::Null => &[],
                _ => return Ok(None),
            }
        }
    };
    let mut ids = Vec::with_capacity(values.len());
    for value in values {
        cx.proceed()?;
        let integer = match value {
            Value::Integer(integer) => Some(*integer),
            Value::Float(float) => exact_integer(*float),
            _ => None,
        };
        let Some(id) = integer.and_then(|integer| u64::try_from(integer).ok()) else { continue };
        if cx.runtime.read(|storage| storage.has_node(id))? {
            ids.push(id);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(ids))
}

fn bound(cx: Cx<'_, '_>, bound: Option<&(Expression, bool)>, row: &[Value]) -> Result<Bound<Value>> {
    match bound {
        None => Ok(Bound::Unbounded),
        Some((value, true)) => cx.value(value, row).map(Bound::Included),
        Some((value, false)) => cx.value(value, row).map(Bound::Excluded),
    }
}

fn is_null(bound: &Bound<Value>) -> bool {
    matches!(bound, Bound::Included(value) | Bound::Excluded(value) if value.is_null())
}

/// Relationships out of an index.
pub(super) struct SeekingRelationships<'p> {
    plan: &'p RelationshipSeek,
    finding: Finding<'p>,
    ids: Vec<u64>,
    at: usize,
}

impl<'p> SeekingRelationships<'p> {
    pub fn new(plan: &'p RelationshipSeek) -> Self {
        Self { plan, finding: Finding::default(), ids: Vec::new(), at: 0 }
    }
}

impl Rowwise for SeekingRelationships<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.reset(cx);
        self.finding.seek(cx, &self.plan.seek, row)
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let target = self.plan.relationship;
        while out.len() < most {
            let Some(&id) = self.ids.get(self.at) else {
                self.ids.clear();
                self.at = 0;
                if !self.finding.fill(cx, most, &mut self.ids)? && self.ids.is_empty() {
                    return Ok(true);
                }
                continue;
            };
            self.at += 1;
            cx.proceed()?;
            let relationship = cx.relationship(target, id)?;
            set(out.push(row), target.slot, relationship);
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.finding.end(cx);
        self.ids.clear();
        self.at = 0;
    }
}
