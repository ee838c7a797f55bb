//! Checks that every slot is filled before it is read, and the other promises of the intermediate representation.

use std::collections::HashSet;

use sledstore_cypher::ir::{
    Bound, Clause, CreatedElement, Creation, Expr, ExprKind, PathElement, Pattern, PatternResult, Projection, Query,
    RemoveItem, Selector, SetItem, Slot, Subquery,
};

type Filled = HashSet<Slot>;
type Checked = Result<(), String>;

pub fn check(bound: &Bound) -> Checked {
    query(&bound.query, &Filled::new())
}

fn query(query: &Query, imports: &Filled) -> Checked {
    for part in &query.parts {
        let mut filled = imports.clone();
        clauses(&part.clauses, &mut filled, imports)?;
        if part.columns.len() != query.columns.len() {
            return Err(format!("{} slots for the columns {:?}", part.columns.len(), query.columns));
        }
        part.columns.iter().try_for_each(|slot| read(*slot, &filled, "a column"))?;
    }
    Ok(())
}

fn read(slot: Slot, filled: &Filled, what: &str) -> Checked {
    if filled.contains(&slot) { Ok(()) } else { Err(format!("{what} reads {slot:?}, which is not filled")) }
}

fn fill(slot: Slot, filled: &mut Filled, what: &str) -> Checked {
    if filled.insert(slot) { Ok(()) } else { Err(format!("{what} fills {slot:?} a second time")) }
}

fn clauses(clauses: &[Clause], filled: &mut Filled, imports: &Filled) -> Checked {
    for clause in clauses {
        match clause {
            Clause::Match(matching) => pattern(&matching.pattern, filled)?,
            Clause::Unwind(unwind) => {
                expr(&unwind.list, filled)?;
                fill(unwind.slot, filled, "UNWIND")?;
            }
            Clause::Project(projection) => project(projection, filled, imports)?,
            Clause::Create(creation) => created(creation, filled)?,
            Clause::Merge(merge) => {
                let mut alone = filled.clone();
                created(&merge.creation, &mut alone)?;
                pattern(&merge.pattern, filled)?;
                if let Some(slot) = alone.difference(filled).next() {
                    return Err(format!("MERGE creates {slot:?}, which it does not look for"));
                }
                set(&merge.on_create, filled)?;
                set(&merge.on_match, filled)?;
            }
            Clause::Set(items) => set(items, filled)?,
            Clause::Remove(items) => {
                for item in items {
                    match item {
                        RemoveItem::Property { target, .. } => expr(target, filled)?,
                        RemoveItem::Labels { target, .. } => read(*target, filled, "REMOVE")?,
                    }
                }
            }
            Clause::Delete(delete) => delete.values.iter().try_for_each(|value| expr(value, filled))?,
            Clause::Call(call) => {
                call.arguments.iter().try_for_each(|argument| expr(argument, filled))?;
                call.yields.iter().try_for_each(|item| fill(item.slot, filled, "YIELD"))?;
                call.filter.iter().try_for_each(|filter| expr(filter, filled))?;
            }
            Clause::Subquery(call) => {
                subquery(&call.query, filled)?;
                call.columns.iter().try_for_each(|slot| fill(*slot, filled, "CALL"))?;
            }
            Clause::Foreach(foreach) => {
                expr(&foreach.list, filled)?;
                let mut inner = filled.clone();
                fill(foreach.slot, &mut inner, "FOREACH")?;
                self::clauses(&foreach.clauses, &mut inner, imports)?;
            }
            Clause::LoadCsv(load) => {
                expr(&load.source, filled)?;
                fill(load.slot, filled, "LOAD CSV")?;
            }
        }
    }
    Ok(())
}

fn project(projection: &Projection, filled: &mut Filled, imports: &Filled) -> Checked {
    let mut visible = filled.clone();
    if let Some(grouping) = &projection.grouping {
        let mut grouped = imports.clone();
        for (slot, key) in &grouping.keys {
            expr(key, filled)?;
            grouped.insert(*slot);
        }
        for aggregate in &grouping.aggregates {
            aggregate.arguments.iter().try_for_each(|argument| expr(argument, filled))?;
            fill(aggregate.slot, &mut grouped, "an aggregate")?;
        }
        visible = grouped;
    }
    projection.items.iter().try_for_each(|item| expr(&item.value, &visible))?;
    let items: Filled = projection.items.iter().map(|item| item.slot).collect();
    if items.len() != projection.items.len() {
        return Err("two items share a slot".to_owned());
    }
    if projection.distinct {
        visible.clone_from(imports);
    }
    visible.extend(&items);
    projection.order.iter().try_for_each(|item| expr(&item.value, &visible))?;
    projection.filter.iter().try_for_each(|filter| expr(filter, &visible))?;
    let nothing = Filled::new();
    projection.skip.iter().chain(&projection.limit).try_for_each(|count| expr(count, &nothing))?;
    *filled = imports.union(&items).copied().collect();
    Ok(())
}

fn set(items: &[SetItem], filled: &Filled) -> Checked {
    for item in items {
        match item {
            SetItem::Property { target, value, .. } => {
                expr(target, filled)?;
                expr(value, filled)?;
            }
            SetItem::Replace { target, value } | SetItem::Add { target, value } => {
                read(*target, filled, "SET")?;
                expr(value, filled)?;
            }
            SetItem::Labels { target, .. } => read(*target, filled, "SET")?,
        }
    }
    Ok(())
}

fn created(creation: &Creation, filled: &mut Filled) -> Checked {
    for element in &creation.elements {
        let (slot, properties) = match element {
            CreatedElement::Node { slot, properties, .. } => (slot, properties),
            CreatedElement::Relationship { slot, source, target, properties, .. } => {
                read(*source, filled, "a relationship")?;
                read(*target, filled, "a relationship")?;
                (slot, properties)
            }
        };
        properties.iter().try_for_each(|properties| expr(properties, filled))?;
        fill(*slot, filled, "CREATE")?;
    }
    for path in &creation.paths {
        read(path.start, filled, "a path")?;
        for (relationship, node) in &path.steps {
            read(*relationship, filled, "a path")?;
            read(*node, filled, "a path")?;
        }
        fill(path.slot, filled, "a path")?;
    }
    Ok(())
}

/// Fills what the pattern fills.
fn pattern(pattern: &Pattern, filled: &mut Filled) -> Checked {
    for (slot, bound) in
        pattern.nodes.iter().map(|n| (n.slot, n.bound)).chain(pattern.relationships.iter().map(|r| (r.slot, r.bound)))
    {
        if bound { read(slot, filled, "a pattern")? } else { fill(slot, filled, "a pattern")? }
    }
    for repetition in &pattern.repetitions {
        let mut inner = filled.clone();
        self::pattern(&repetition.pattern, &mut inner)?;
        repetition.groups.iter().try_for_each(|(slot, _)| read(*slot, &inner, "a group"))?;
        repetition.groups.iter().try_for_each(|(_, list)| fill(*list, filled, "a group"))?;
        walk(&repetition.pattern, repetition.first, &repetition.elements, repetition.last)?;
    }
    for path in &pattern.paths {
        path.slot.iter().try_for_each(|slot| fill(*slot, filled, "a path"))?;
        let end = path.elements.last().map_or(path.start, |element| ends(pattern, *element).1);
        walk(pattern, path.start, &path.elements, end)?;
        match &path.selector {
            Selector::All => {}
            Selector::Any(count) | Selector::Shortest(count) | Selector::ShortestGroups(count) => expr(count, filled)?,
        }
    }
    for relationship in &pattern.relationships {
        if let Some(length) = &relationship.length {
            let mut inner = filled.clone();
            fill(length.element, &mut inner, "a length")?;
            length.each.iter().try_for_each(|predicate| expr(predicate, &inner))?;
        }
    }
    if pattern.predicates.iter().any(|predicate| matches!(predicate.kind, ExprKind::And(_))) {
        return Err("a predicate of a pattern is a conjunction".to_owned());
    }
    pattern.predicates.iter().try_for_each(|predicate| expr(predicate, filled))
}

fn ends(pattern: &Pattern, element: PathElement) -> (usize, usize) {
    match element {
        PathElement::Relationship(at) => (pattern.relationships[at].from, pattern.relationships[at].to),
        PathElement::Repetition(at) => (pattern.repetitions[at].from, pattern.repetitions[at].to),
    }
}

fn walk(pattern: &Pattern, start: usize, elements: &[PathElement], end: usize) -> Checked {
    let mut at = start;
    for element in elements {
        let (from, to) = ends(pattern, *element);
        if from != at {
            return Err("a path leaves from where it is not".to_owned());
        }
        at = to;
    }
    if at == end && at < pattern.nodes.len() { Ok(()) } else { Err("a path ends elsewhere".to_owned()) }
}

fn subquery(subquery: &Subquery, filled: &Filled) -> Checked {
    subquery.imports.iter().try_for_each(|slot| read(*slot, filled, "a subquery"))?;
    query(&subquery.query, &subquery.imports.iter().copied().collect())
}

fn expr(expression: &Expr, filled: &Filled) -> Checked {
    let mut inner = filled.clone();
    match &expression.kind {
        ExprKind::Slot(slot) => read(*slot, filled, "an expression")?,
        ExprKind::Subquery { query, .. } => subquery(query, filled)?,
        ExprKind::And(parts) if parts.iter().any(|part| matches!(part.kind, ExprKind::And(_))) => {
            return Err("a conjunction holds a conjunction".to_owned());
        }
        ExprKind::ListComprehension { slot, list, .. } | ExprKind::Quantifier { slot, list, .. } => {
            expr(list, filled)?;
            fill(*slot, &mut inner, "a comprehension")?;
        }
        ExprKind::Reduce { accumulator, slot, list, initial, .. } => {
            expr(initial, filled)?;
            expr(list, filled)?;
            fill(*accumulator, &mut inner, "reduce")?;
            fill(*slot, &mut inner, "reduce")?;
        }
        ExprKind::Pattern { pattern, result } => {
            self::pattern(pattern, &mut inner)?;
            if *result == PatternResult::Exists && inner.is_empty() {
                return Err("a pattern without elements".to_owned());
            }
        }
        _ => {}
    }
    let mut checked = Ok(());
    expression.for_each_child(|child| {
        if checked.is_ok() {
            checked = expr(child, &inner);
        }
    });
    checked
}
