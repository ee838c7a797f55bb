//! Patterns as graphs: what is to be found, and what is to be created.

use std::collections::HashSet;

use super::{Expr, ExprKind, Slot, UnaryOp};

/// What a MATCH, a MERGE or a pattern in an expression is to find.
///
/// A match gives every slot of the pattern a value such that all predicates hold and, over the whole pattern, no
/// relationship stands for two of `relationships` (elements of variable length included), unless `mode` is `Walk`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern {
    /// Each node once, however often its variable is written.
    pub nodes: Vec<NodePattern>,
    /// In the order written.
    pub relationships: Vec<RelationshipPattern>,
    /// Parts in parentheses that repeat.
    pub repetitions: Vec<Repetition>,
    /// The paths that have a variable or a selector.
    pub paths: Vec<PathPattern>,
    /// What must be true of a match besides labels and types: property maps and inner WHERE of its elements, and the
    /// WHERE of the clause, each conjunct by itself.
    pub predicates: Vec<Expr>,
    /// What may repeat along a path.
    pub mode: PathMode,
}

impl Pattern {
    /// What must be true of a match, and of the paths among which is chosen.
    pub(crate) fn all_predicates(&self) -> impl Iterator<Item = &Expr> {
        self.predicates.iter().chain(self.paths.iter().flat_map(|path| &path.predicates))
    }
}

/// What a predicate says of the labels of a variable and of nothing else.
fn labels_of(predicate: &Expr) -> Option<(Slot, Labels)> {
    match &predicate.kind {
        ExprKind::HasLabels { of, labels } => Some((of.as_slot()?, labels.clone())),
        ExprKind::Unary { op: UnaryOp::Not, of } => {
            labels_of(of).map(|(slot, labels)| (slot, Labels::Not(Box::new(labels))))
        }
        ExprKind::Or(parts) => {
            let parts = parts.iter().map(labels_of).collect::<Option<Vec<_>>>()?;
            let (slot, _) = parts.first()?;
            let same = parts.iter().all(|(other, _)| other == slot);
            same.then(|| (*slot, Labels::Or(parts.iter().map(|(_, labels)| labels.clone()).collect())))
        }
        _ => None,
    }
}

impl Pattern {
    /// Adds a predicate of the clause. What it says of the labels of a node that the pattern finds, or of the type of a
    /// relationship, is as if it stood there; of what a path is chosen with it is not.
    pub(crate) fn require(&mut self, predicate: Expr) {
        let parts = match predicate.kind {
            ExprKind::And(parts) => parts,
            _ => vec![predicate],
        };
        for part in parts {
            if !self.takes_labels(&part) {
                self.predicates.push(part);
            }
        }
    }

    fn takes_labels(&mut self, predicate: &Expr) -> bool {
        let Some((slot, labels)) = labels_of(predicate) else { return false };
        if self.paths.iter().any(|path| !path.filtered && path.chosen_slots(self).contains(&slot)) {
            return false;
        }
        let nodes = self.nodes.iter_mut().filter(|node| !node.bound).map(|node| (node.slot, &mut node.labels));
        let relationships = self.relationships.iter_mut().filter(|found| !found.bound && found.length.is_none());
        let mut found = nodes.chain(relationships.map(|found| (found.slot, &mut found.types)));
        let Some((_, place)) = found.find(|(found, _)| *found == slot) else { return false };
        *place = Some(Labels::both(place.take(), labels));
        true
    }
}

/// A node of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePattern {
    /// Holds the node.
    pub slot: Slot,
    /// Whether the slot is filled before the pattern is matched. Its value may then be null, or no node at all when
    /// its type is `Any`: the first finds nothing, the second is an error.
    pub bound: bool,
    /// What labels it must have.
    pub labels: Option<Labels>,
}

/// A relationship of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationshipPattern {
    /// Holds the relationship; of variable length, the list of them from `from` to `to`.
    pub slot: Slot,
    /// Whether the slot is filled before the pattern is matched.
    pub bound: bool,
    /// Index into [`Pattern::nodes`] of the node written before it.
    pub from: usize,
    /// Index into [`Pattern::nodes`] of the node written behind it.
    pub to: usize,
    /// As seen from `from`.
    pub direction: Direction,
    /// What type it must have.
    pub types: Option<Labels>,
    /// Of variable length; `None` is exactly one relationship, and no list.
    pub length: Option<Length>,
}

/// How many relationships in a row stand for one of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Length {
    /// The least; 0 lets both ends be the same node.
    pub min: u64,
    /// The most; `None` is without limit.
    pub max: Option<u64>,
    /// Holds each relationship while `each` is computed.
    pub element: Slot,
    /// What must be true of each relationship.
    pub each: Vec<Expr>,
}

/// A part of a path in parentheses with a quantifier: `((a)-[r]->(b) WHERE …){1,3}`.
///
/// Its first and last node coincide with `from` and `to` of the pattern around it, and from one round to the next the
/// last node is the first of the next round.
#[derive(Clone, Debug, PartialEq)]
pub struct Repetition {
    /// Index into the outer pattern's nodes of the node before it.
    pub from: usize,
    /// Index into the outer pattern's nodes of the node behind it.
    pub to: usize,
    /// The least number of rounds.
    pub min: u64,
    /// The most; `None` is without limit.
    pub max: Option<u64>,
    /// What one round matches.
    pub pattern: Pattern,
    /// Index into `pattern.nodes` of a round's first node.
    pub first: usize,
    /// Index into `pattern.nodes` of a round's last node.
    pub last: usize,
    /// The relationships of a round, and repetitions inside it, in the order of the path.
    pub elements: Vec<PathElement>,
    /// The slot of each named element of a round, and the slot of the list of its values over all rounds.
    pub groups: Vec<(Slot, Slot)>,
}

/// A path of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct PathPattern {
    /// Holds the path, where it has a variable.
    pub slot: Option<Slot>,
    /// Index into [`Pattern::nodes`] of its first node.
    pub start: usize,
    /// What follows, one after the other; each leads to the node that the next begins with.
    pub elements: Vec<PathElement>,
    /// Which of the paths between the same two ends are meant.
    pub selector: Selector,
    /// Where only some are meant: what is written inside of it, which says among which paths the choice is made.
    pub predicates: Vec<Expr>,
    /// Whether what the pattern's predicates say of the path is about that choice as well, as it is of
    /// `shortestPath(…)`; of other selectors it is about what was chosen.
    pub filtered: bool,
}

impl PathPattern {
    /// The slots that a choice among paths fills: the path's own, and those of what lies between its ends.
    pub(crate) fn chosen_slots(&self, pattern: &Pattern) -> HashSet<Slot> {
        let mut slots = HashSet::new();
        if self.selector == Selector::All || self.elements.is_empty() {
            return slots;
        }
        slots.extend(self.slot);
        let mut at = self.start;
        for element in &self.elements {
            let node = match element {
                PathElement::Relationship(at) => pattern.relationships.get(*at).map(|found| {
                    slots.insert(found.slot);
                    found.to
                }),
                PathElement::Repetition(at) => pattern.repetitions.get(*at).map(|found| {
                    slots.extend(found.groups.iter().map(|(_, list)| *list));
                    found.to
                }),
            };
            at = node.unwrap_or(at);
            slots.extend(pattern.nodes.get(at).map(|node| node.slot));
        }
        // A path may pass where it begins or ends.
        for end in [self.start, at] {
            if let Some(end) = pattern.nodes.get(end) {
                slots.remove(&end.slot);
            }
        }
        slots
    }
}

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathElement {
    /// An index into [`Pattern::relationships`].
    Relationship(usize),
    /// An index into [`Pattern::repetitions`].
    Repetition(usize),
}

/// Which paths between the same two ends are meant. A count is an integer or a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Selector {
    /// Every one.
    All,
    /// As many as counted, whichever.
    Any(Expr),
    /// As many as counted, shortest first; `shortestPath(…)` and `ANY SHORTEST` count 1.
    Shortest(Expr),
    /// Those of as many lengths as counted, shortest first; `allShortestPaths(…)` and `ALL SHORTEST` count 1.
    ShortestGroups(Expr),
}

/// What may repeat along a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathMode {
    /// Nodes, but no relationship: the default.
    #[default]
    Trail,
    /// Everything.
    Walk,
    /// No node but the first, as the last one.
    Simple,
    /// Nothing.
    Acyclic,
}

/// Which way a relationship points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the node before it to the node behind it.
    Out,
    /// From the node behind it to the node before it.
    In,
    /// Either way.
    Both,
}

/// What labels a node must have, or what type a relationship.
#[derive(Clone, Debug, PartialEq)]
pub enum Labels {
    /// This one.
    Name(String),
    /// At least one.
    Any,
    /// Not these.
    Not(Box<Self>),
    /// All of these.
    And(Vec<Self>),
    /// One of these.
    Or(Vec<Self>),
}

impl Labels {
    /// The names, when one of several is asked for and nothing else.
    #[must_use]
    pub fn alternatives(&self) -> Option<Vec<&str>> {
        match self {
            Self::Name(name) => Some(vec![name]),
            Self::Or(parts) => {
                parts.iter().map(Self::alternatives).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
            }
            _ => None,
        }
    }

    /// The names that are asked for, whatever else is.
    #[must_use]
    pub fn required(&self) -> Vec<&str> {
        match self {
            Self::Name(name) => vec![name],
            Self::And(parts) => parts.iter().flat_map(Self::required).collect(),
            _ => Vec::new(),
        }
    }

    /// Where one of several names is asked for, whatever else is: these.
    pub(crate) fn choices(&self) -> Vec<Vec<&str>> {
        match self {
            Self::And(parts) => parts.iter().flat_map(Self::choices).collect(),
            Self::Or(_) => self.alternatives().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// What both ask for.
    pub(crate) fn both(left: Option<Self>, right: Self) -> Self {
        match (left, right) {
            (None, right) => right,
            (Some(Self::And(mut all)), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Some(Self::And(mut all)), right) => {
                all.push(right);
                Self::And(all)
            }
            (Some(left), Self::And(mut all)) => {
                all.insert(0, left);
                Self::And(all)
            }
            (Some(left), right) => Self::And(vec![left, right]),
        }
    }

    /// The names, when all of several are asked for and nothing else.
    #[must_use]
    pub fn conjunction(&self) -> Option<Vec<&str>> {
        match self {
            Self::Name(name) => Some(vec![name]),
            Self::And(parts) => {
                parts.iter().map(Self::conjunction).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
            }
            _ => None,
        }
    }
}

/// What a CREATE, or a MERGE that finds nothing, creates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Creation {
    /// In the order in which they are to be created: a relationship comes behind its ends.
    pub elements: Vec<CreatedElement>,
    /// The paths that have a variable.
    pub paths: Vec<CreatedPath>,
}

/// One thing to create.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatedElement {
    /// A node.
    Node {
        /// Is given the node.
        slot: Slot,
        /// Without doubles.
        labels: Vec<String>,
        /// A map, as [`ExprKind::Map`](super::ExprKind::Map) or as a parameter.
        properties: Option<Expr>,
    },
    /// A relationship.
    Relationship {
        /// Is given the relationship.
        slot: Slot,
        /// Its source; null is an error.
        source: Slot,
        /// Its target; null is an error.
        target: Slot,
        /// Its type.
        kind: String,
        /// A map, as [`ExprKind::Map`](super::ExprKind::Map) or as a parameter.
        properties: Option<Expr>,
    },
}

/// A path of what is created.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedPath {
    /// Is given the path.
    pub slot: Slot,
    /// Its first node.
    pub start: Slot,
    /// Each relationship with the node behind it.
    pub steps: Vec<(Slot, Slot)>,
}
