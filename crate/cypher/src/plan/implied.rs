//! What a query asks and a constraint says already: that a property is there.

use super::seek::only_type;
use crate::ir::{Bound, Clause, Expr, ExprKind, Labels, Pattern};
use crate::storage::{Covers, Index, IndexKind};

/// A query without the predicates of its MATCH clauses that constraints make true; `None` where it has none of these. In
/// one that changes the graph a property may be missing until it ends.
pub(super) fn simplified(bound: &Bound, indexes: &[Index]) -> Option<Bound> {
    let asks = |pattern: &Pattern| pattern.predicates.iter().any(|predicate| is_implied(indexes, pattern, predicate));
    let clauses = bound.query.parts.iter().flat_map(|part| &part.clauses);
    if bound.query.writes || !clauses.into_iter().any(|clause| matched(clause).is_some_and(asks)) {
        return None;
    }
    let mut bound = bound.clone();
    for clause in bound.query.parts.iter_mut().flat_map(|part| &mut part.clauses) {
        if let Clause::Match(matching) = clause {
            let mut predicates = std::mem::take(&mut matching.pattern.predicates);
            predicates.retain(|predicate| !is_implied(indexes, &matching.pattern, predicate));
            matching.pattern.predicates = predicates;
        }
    }
    Some(bound)
}

const fn matched(clause: &Clause) -> Option<&Pattern> {
    match clause {
        Clause::Match(matching) => Some(&matching.pattern),
        _ => None,
    }
}

/// Whether a constraint says that what has all these labels, or this type, has a property.
pub(super) fn is_required(indexes: &[Index], covers: Covers, names: &[&str], key: &str) -> bool {
    indexes.iter().any(|index| {
        let fits = index.label.as_ref().is_none_or(|label| names.contains(&label.as_str()));
        let requires = matches!(index.kind, IndexKind::Exists | IndexKind::Key);
        index.covers == covers && fits && requires && index.properties.iter().any(|property| property == key)
    })
}

fn is_implied(indexes: &[Index], pattern: &Pattern, predicate: &Expr) -> bool {
    let ExprKind::IsNull { of, negated: true } = &predicate.kind else { return false };
    let ExprKind::Property { of, key } = &of.kind else { return false };
    let Some(slot) = of.as_slot() else { return false };
    let required = |covers, names: &[&str]| is_required(indexes, covers, names, key);
    let mut nodes = pattern.nodes.iter().filter(|node| node.slot == slot);
    let mut relationships = pattern.relationships.iter().filter(|found| found.slot == slot && found.length.is_none());
    nodes.any(|node| {
        let names = node.labels.as_ref().map(Labels::required).unwrap_or_default();
        required(Covers::Nodes, &names)
    }) || relationships
        .any(|found| only_type(found.types.as_ref()).is_some_and(|name| required(Covers::Relationships, &[name])))
}
