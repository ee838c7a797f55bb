//! Among which paths a choice is made. What is asked of every relationship or node of a path is tested at each step of
//! the search, its length bounds the search, and the rest is asked of whole paths, in the order of their lengths.

use std::collections::HashSet;

use super::operator::{Among, Path, Variable};
use super::pattern::{Predicates, Work};
use super::seek::reads;
use super::usage::slots_of;
use super::{Planner, Result};
use crate::ir::{CompareOp, Expr, ExprKind, PathElement, Pattern, Quantified, Slot, Type, UnaryOp};

/// The predicates of a pattern, and those about each of its paths that say among which ones the choice is made. One about
/// several paths is about the last of them, so that each waits for those before it alone.
pub(super) fn split<'p>(pattern: &'p Pattern, own: &HashSet<Slot>) -> (Predicates<'p>, Vec<Predicates<'p>>) {
    let inner: Vec<_> = pattern.paths.iter().map(|path| path.chosen_slots(pattern)).collect();
    let mut left = Vec::new();
    let mut choices = vec![Vec::new(); inner.len()];
    let written = pattern.predicates.len();
    for (place, predicate) in pattern.all_predicates().enumerate() {
        let mut slots = Vec::new();
        slots_of(predicate, &mut slots);
        slots.retain(|slot| own.contains(slot));
        let is_about = |at: &usize| {
            (place >= written || pattern.paths[*at].filtered) && slots.iter().any(|slot| inner[*at].contains(slot))
        };
        match (0..inner.len()).rev().find(is_about) {
            Some(at) => choices[at].push((slots, predicate)),
            None => left.push((slots, predicate)),
        }
    }
    (left, choices)
}

/// What a predicate says of the ways between two nodes.
enum Says<'e> {
    Relationships(Slot, &'e Expr, bool),
    Nodes(Slot, &'e Expr, bool),
    Length(CompareOp, &'e Expr),
    Whole,
}

impl Work<'_> {
    /// Whether all is found that a choice among paths depends on, besides the ends.
    pub fn may_choose(&self, path: usize) -> bool {
        let pattern = self.pattern;
        let mut may = pattern.paths[path].chosen_slots(pattern);
        let ends =
            [Some(pattern.paths[path].start), self.end_of(pattern.paths[path].start, &pattern.paths[path].elements)];
        may.extend(ends.into_iter().flatten().map(|end| pattern.nodes[end].slot));
        let mut read = self.choices[path].iter().flat_map(|(slots, _)| slots);
        read.all(|slot| may.contains(slot) || self.filled.contains(slot))
    }

    /// Whether ways are gone through by their lengths, so that both ends are better known before.
    pub fn goes_by_length(&self, path: usize) -> bool {
        self.choices[path]
            .iter()
            .any(|(_, predicate)| !matches!(self.says(path, predicate), Says::Relationships(..) | Says::Nodes(..)))
    }

    fn is_known(&self, expr: &Expr) -> bool {
        let mut slots = Vec::new();
        slots_of(expr, &mut slots);
        slots.iter().all(|slot| !self.own.contains(slot) || self.filled.contains(slot))
    }

    fn says<'e>(&self, path: usize, predicate: &'e Expr) -> Says<'e> {
        let path = &self.pattern.paths[path];
        let found = match path.elements.as_slice() {
            [PathElement::Relationship(at)] => &self.pattern.relationships[*at],
            _ => return Says::Whole,
        };
        if found.length.is_none() && path.slot.is_none_or(|path| !reads(predicate, path)) {
            // One relationship is a way of its own.
            return Says::Relationships(found.slot, predicate, false);
        }
        let of_path = |expr: &Expr, names: &[&str]| match &expr.kind {
            ExprKind::Function { name, arguments } => {
                names.contains(name) && path.slot.is_some() && arguments.first().and_then(Expr::as_slot) == path.slot
            }
            _ => false,
        };
        let is_list = |expr: &Expr| {
            of_path(expr, &["relationships", "rels"]) || found.length.is_some() && expr.as_slot() == Some(found.slot)
        };
        let is_length = |expr: &Expr| match &expr.kind {
            ExprKind::Function { name: "size", arguments } => arguments.first().is_some_and(is_list),
            _ => of_path(expr, &["length"]),
        };
        let (quantifier, negated) = match &predicate.kind {
            ExprKind::Unary { op: UnaryOp::Not, of } => (&of.kind, true),
            kind => (kind, false),
        };
        match quantifier {
            ExprKind::Quantifier { kind, slot, list, predicate } if self.is_known(predicate) => {
                let never = match (kind, negated) {
                    (Quantified::All, false) => false,
                    (Quantified::None, false) | (Quantified::Any, true) => true,
                    _ => return Says::Whole,
                };
                if is_list(list) {
                    Says::Relationships(*slot, predicate, never)
                } else if of_path(list, &["nodes"]) {
                    Says::Nodes(*slot, predicate, never)
                } else {
                    Says::Whole
                }
            }
            ExprKind::Compare { first, rest } if !negated => match rest.as_slice() {
                [(CompareOp::NotEqual, _)] => Says::Whole,
                [(op, second)] if is_length(first) && self.is_known(second) => Says::Length(*op, second),
                [(op, second)] if is_length(second) && self.is_known(first) => Says::Length(op.turned(), first),
                _ => Says::Whole,
            },
            _ => Says::Whole,
        }
    }
}

impl Planner<'_> {
    /// Among which ways of one relationship, or several in a row, the choice is made; and that for people.
    pub(super) fn among(&mut self, work: &Work<'_>, at: usize, walk: &mut Variable) -> Result<(Among, String)> {
        let path = &work.pattern.paths[at];
        let mut among = Among::default();
        let (mut steps, mut whole) = (Vec::new(), Vec::new());
        for (_, predicate) in &work.choices[at] {
            match work.says(at, predicate) {
                Says::Relationships(slot, of, never) => {
                    walk.each.push((slot, self.compile(&asked(of, never))?));
                    steps.push(*predicate);
                }
                Says::Nodes(slot, of, never) => {
                    among.nodes.push((slot, self.compile(&asked(of, never))?));
                    steps.push(*predicate);
                }
                Says::Length(op, than) => {
                    among.lengths.push((op, self.compile(than)?));
                    whole.push(*predicate);
                }
                Says::Whole => {
                    among.whole.push(self.compile(predicate)?);
                    whole.push(*predicate);
                    if let Some(slot) = path.slot.filter(|slot| reads(predicate, *slot)) {
                        let (start, pieces) = (work.pattern.nodes[path.start].slot, work.pieces(&path.elements));
                        among.path = Some(Path { slot, start, pieces });
                    }
                }
            }
        }
        let mut details = String::new();
        for (what, predicates) in [(" where each step: ", steps), (" where the path: ", whole)] {
            if !predicates.is_empty() {
                details.push_str(what);
                details.push_str(&self.written_all(predicates, " AND "));
            }
        }
        Ok((among, details))
    }
}

fn asked(predicate: &Expr, never: bool) -> Expr {
    if !never {
        return predicate.clone();
    }
    let kind = ExprKind::Unary { op: UnaryOp::Not, of: Box::new(predicate.clone()) };
    Expr { kind, ty: Type::Boolean, span: predicate.span }
}
