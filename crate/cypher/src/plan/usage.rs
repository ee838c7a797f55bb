//! Which slots are read as what they are. A node or relationship that only takes part in a pattern is an id, and one of
//! which only properties are read is an id beside slots for these.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{
    Aggregate, Bound, Clause, CreatedElement, Creation, Expr, ExprKind, Pattern, PatternResult, Projection, Query,
    RemoveItem, SetItem, Slot,
};

/// By slot.
pub(super) struct Usage {
    whole: Vec<bool>,
    /// The properties that are read.
    keys: BTreeMap<Slot, Vec<String>>,
    /// What a pattern finds: a step for each row of it can read properties.
    found: BTreeMap<Slot, EntityKind>,
    /// What steps give ids to. Any other slot holds what an expression gave, be it a number.
    given: BTreeSet<Slot>,
}

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntityKind {
    Node,
    Relationship,
}

impl Usage {
    pub fn of(bound: &Bound) -> Self {
        let mut usage = Self {
            whole: vec![false; bound.slots.len()],
            keys: BTreeMap::new(),
            found: BTreeMap::new(),
            given: BTreeSet::new(),
        };
        usage.query(&bound.query);
        for at in 0..bound.slots.len() {
            let slot = Slot(u32::try_from(at).unwrap_or(u32::MAX));
            if !usage.given.contains(&slot) {
                usage.mark(slot);
            }
        }
        let read: Vec<Slot> = usage.keys.keys().copied().collect();
        for slot in read {
            // Where the graph changes, so may what was read.
            if bound.query.writes || !usage.found.contains_key(&slot) {
                usage.mark(slot);
            }
        }
        usage
    }

    /// The entities of which only properties are read, with these.
    pub fn properties(&self) -> impl Iterator<Item = (Slot, EntityKind, &[String])> {
        let read = self.keys.iter().filter(|(slot, _)| !self.is_whole(**slot));
        read.filter_map(|(slot, keys)| Some((*slot, *self.found.get(slot)?, keys.as_slice())))
    }

    /// Slots that no variable has are whole.
    pub fn is_whole(&self, slot: Slot) -> bool {
        self.whole.get(slot.index()).copied().unwrap_or(true)
    }

    fn mark(&mut self, slot: Slot) {
        if let Some(whole) = self.whole.get_mut(slot.index()) {
            *whole = true;
        }
    }

    fn query(&mut self, query: &Query) {
        for part in &query.parts {
            part.columns.iter().for_each(|slot| self.mark(*slot));
            self.clauses(&part.clauses);
        }
    }

    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            match clause {
                Clause::Match(matching) => self.pattern(&matching.pattern),
                Clause::Unwind(unwind) => self.expr(&unwind.list),
                Clause::Project(projection) => self.projection(projection),
                Clause::Create(creation) => self.creation(creation),
                Clause::Merge(merge) => {
                    self.pattern(&merge.pattern);
                    self.creation(&merge.creation);
                    self.set(&merge.on_match);
                    self.set(&merge.on_create);
                }
                Clause::Set(items) => self.set(items),
                Clause::Remove(items) => {
                    for item in items {
                        match item {
                            RemoveItem::Property { target, .. } => self.expr(target),
                            RemoveItem::Labels { target, .. } => self.mark(*target),
                        }
                    }
                }
                Clause::Delete(delete) => delete.values.iter().for_each(|value| self.expr(value)),
                Clause::Call(call) => call.arguments.iter().chain(&call.filter).for_each(|expr| self.expr(expr)),
                Clause::Subquery(call) => self.query(&call.query.query),
                Clause::Foreach(foreach) => {
                    self.expr(&foreach.list);
                    self.clauses(&foreach.clauses);
                }
                Clause::LoadCsv(load) => self.expr(&load.source),
            }
        }
    }

    fn projection(&mut self, projection: &Projection) {
        for (slot, key) in projection.grouping.iter().flat_map(|grouping| &grouping.keys) {
            self.passed(*slot, key);
        }
        for aggregation in projection.grouping.iter().flat_map(|grouping| &grouping.aggregates) {
            // Whether there is one, and which, an id says as well.
            let counted = matches!(aggregation.function, Aggregate::Count | Aggregate::CountRows);
            for argument in &aggregation.arguments {
                if !(counted && argument.as_slot().is_some()) {
                    self.expr(argument);
                }
            }
        }
        for item in &projection.items {
            self.passed(item.slot, &item.value);
        }
        projection.order.iter().for_each(|item| self.expr(&item.value));
        projection.filter.iter().for_each(|filter| self.expr(filter));
    }

    /// A variable that is passed on under its name is not read.
    fn passed(&mut self, slot: Slot, value: &Expr) {
        if value.as_slot() != Some(slot) {
            self.expr(value);
        }
    }

    fn set(&mut self, items: &[SetItem]) {
        for item in items {
            match item {
                SetItem::Property { target, value, .. } => {
                    self.expr(target);
                    self.expr(value);
                }
                SetItem::Replace { target, value } | SetItem::Add { target, value } => {
                    self.mark(*target);
                    self.expr(value);
                }
                SetItem::Labels { target, .. } => self.mark(*target),
            }
        }
    }

    fn creation(&mut self, creation: &Creation) {
        for element in &creation.elements {
            let (CreatedElement::Node { slot, properties, .. } | CreatedElement::Relationship { slot, properties, .. }) =
                element;
            self.given.insert(*slot);
            properties.iter().for_each(|properties| self.expr(properties));
        }
        for path in &creation.paths {
            self.mark(path.start);
            for (relationship, node) in &path.steps {
                self.mark(*relationship);
                self.mark(*node);
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let nodes = pattern.nodes.iter().filter(|node| !node.bound).map(|node| (node.slot, EntityKind::Node));
        self.given.extend(nodes.clone().map(|(slot, _)| slot));
        self.given.extend(pattern.relationships.iter().filter(|found| !found.bound).map(|found| found.slot));
        let relationships = pattern.relationships.iter().filter(|found| !found.bound && found.length.is_none());
        self.found.extend(nodes.chain(relationships.map(|found| (found.slot, EntityKind::Relationship))));
        pattern.all_predicates().for_each(|predicate| self.expr(predicate));
        for length in pattern.relationships.iter().filter_map(|relationship| relationship.length.as_ref()) {
            length.each.iter().for_each(|predicate| self.expr(predicate));
        }
        for repetition in &pattern.repetitions {
            self.pattern(&repetition.pattern);
            let inner = &repetition.pattern;
            let nodes = inner.nodes.iter().map(|node| node.slot);
            nodes
                .chain(inner.relationships.iter().map(|relationship| relationship.slot))
                .for_each(|slot| self.mark(slot));
        }
        if !pattern.paths.is_empty() {
            let nodes = pattern.nodes.iter().map(|node| node.slot);
            nodes
                .chain(pattern.relationships.iter().map(|relationship| relationship.slot))
                .for_each(|slot| self.mark(slot));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Slot(slot) => self.mark(*slot),
            ExprKind::Property { of, key } if of.as_slot().is_some() => {
                let keys = of.as_slot().map(|slot| self.keys.entry(slot).or_default());
                if let Some(keys) = keys.filter(|keys| !keys.contains(key)) {
                    keys.push(key.clone());
                }
            }
            ExprKind::Subquery { query, .. } => self.query(&query.query),
            ExprKind::Pattern { pattern, result } => {
                self.pattern(pattern);
                if let PatternResult::Each(value) | PatternResult::First(value) = result {
                    self.expr(value);
                }
            }
            _ => expr.for_each_child(|child| self.expr(child)),
        }
    }
}

/// The slots that an expression reads, those of its own variables included.
pub(super) fn slots_of(expr: &Expr, into: &mut Vec<Slot>) {
    match &expr.kind {
        ExprKind::Slot(slot) => into.push(*slot),
        ExprKind::Subquery { query, .. } => into.extend(&query.imports),
        ExprKind::Pattern { pattern, .. } => {
            slots_of_pattern(pattern, into);
            expr.for_each_child(|child| slots_of(child, into));
        }
        _ => expr.for_each_child(|child| slots_of(child, into)),
    }
}

fn slots_of_pattern(pattern: &Pattern, into: &mut Vec<Slot>) {
    into.extend(pattern.nodes.iter().map(|node| node.slot));
    into.extend(pattern.relationships.iter().map(|relationship| relationship.slot));
    pattern.all_predicates().for_each(|predicate| slots_of(predicate, into));
    for length in pattern.relationships.iter().filter_map(|relationship| relationship.length.as_ref()) {
        length.each.iter().for_each(|predicate| slots_of(predicate, into));
    }
    pattern.repetitions.iter().for_each(|repetition| slots_of_pattern(&repetition.pattern, into));
}
