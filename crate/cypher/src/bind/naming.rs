//! The names of a text over a typed graph: noted while it is bound, held against the schema behind that, so that what the
//! language refuses comes first.
//!
//! Of a variable the labels count that its patterns give it; a test of labels, or one that is set, adds to these. A
//! property must be one of a label that is known so; of a variable without, one that any label has. What is no node and no
//! relationship for certain, and what is reached by `[…]`, is not looked at.

use std::collections::HashMap;
use std::ops::Range;

use open_cypher::TokenKind;
use open_cypher::ast::{self, ExprKind as Ast, LabelExpressionKind, LiteralKind, Name};
use sledstore_analysis::Algorithm;

use super::Binder;
use crate::error::{CypherError, Detail, Kind};
use crate::ir::{Expr, Slot, Type};
use crate::syntax::{Command, Entity, Source};
use crate::vocabulary::{Described, Vocabulary, proposal};

/// What the names of a text are held against.
pub(super) struct Naming<'v> {
    vocabulary: &'v Vocabulary,
    used: Vec<Used>,
    known: HashMap<Slot, Known>,
    /// Slots that hold what another one does.
    same: HashMap<Slot, Slot>,
}

/// What is known of the labels or types of a variable.
#[derive(Default)]
struct Known {
    /// It has one of these, for a pattern says so.
    given: Vec<String>,
    /// It may have these as well.
    added: Vec<String>,
}

struct Used {
    name: String,
    place: Range<usize>,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Label,
    Type,
    /// A label or a type, of what may be both.
    Either,
    /// A property of a node, or of a relationship, in a slot where it is in one.
    Property {
        edges: bool,
        of: Option<Slot>,
    },
}

impl<'v> Naming<'v> {
    pub fn new(vocabulary: &'v Vocabulary) -> Self {
        Self { vocabulary, used: Vec::new(), known: HashMap::new(), same: HashMap::new() }
    }

    /// The first name of the text that the schema does not have.
    pub fn check(self) -> Result<(), CypherError> {
        let wrong = self.used.iter().filter_map(|used| Some((used.place.start, self.check_one(used).err()?)));
        wrong.min_by_key(|(start, _)| *start).map_or(Ok(()), |(_, error)| Err(error))
    }

    fn check_one(&self, used: &Used) -> Result<(), CypherError> {
        let all = |edges: bool| self.vocabulary.all(edges).iter().collect::<Vec<_>>();
        match used.what {
            What::Label => self.check_name(used, "label", &all(false)),
            What::Type => self.check_name(used, "edge type", &all(true)),
            What::Either => self.check_name(used, "label or edge type", &[all(false), all(true)].concat()),
            What::Property { edges, of } => {
                let labels = of.map(|slot| self.labels(slot)).unwrap_or_default();
                let mut holding = all(edges);
                // One that is unknown itself comes earlier in the text, or later, and is told as such.
                if !labels.is_empty() {
                    holding.retain(|described| labels.contains(&described.name.as_str()));
                }
                if holding.iter().any(|described| described.has(&used.name)) {
                    return Ok(());
                }
                let names: Vec<&str> = holding.iter().flat_map(|described| described.names()).collect();
                let of = match (labels.is_empty(), edges) {
                    (true, true) => "any edge".to_owned(),
                    (true, false) => "any node".to_owned(),
                    (false, true) => format!("edges of type `{}`", labels.join("` or `")),
                    (false, false) => format!("nodes with label `{}`", labels.join("` or `")),
                };
                Err(unknown(used, &format!("property `{}` is not in the schema for {of}", used.name), &names))
            }
        }
    }

    fn check_name(&self, used: &Used, what: &str, all: &[&Described]) -> Result<(), CypherError> {
        if all.iter().any(|described| described.name == used.name) {
            return Ok(());
        }
        let names: Vec<&str> = all.iter().map(|described| described.name.as_str()).collect();
        Err(unknown(used, &format!("{what} `{}` is not in the schema of the graph", used.name), &names))
    }

    /// The labels or types that a slot may have; none where nothing is known.
    fn labels(&self, slot: Slot) -> Vec<&str> {
        let (mut given, mut added) = (Vec::new(), Vec::new());
        let mut next = Some(slot);
        while let Some(slot) = next {
            if let Some(known) = self.known.get(&slot) {
                given.extend(known.given.iter().map(String::as_str));
                added.extend(known.added.iter().map(String::as_str));
            }
            // A slot is made behind the one it is the same as.
            next = self.same.get(&slot).copied().filter(|other| *other < slot);
        }
        if !given.is_empty() {
            given.append(&mut added);
        }
        given
    }
}

fn unknown(used: &Used, what: &str, names: &[&str]) -> CypherError {
    let message = format!(
        "{what}: {}; correct the name, or add it to the schema that the graph is opened with",
        proposal(&used.name, names)
    );
    CypherError::compile(Kind::SemanticError, Detail::NotInSchema, message, Some(used.place.clone()))
}

impl<'a> Binder<'a> {
    fn note(&mut self, name: &Name, what: What) {
        // What the parser says of a name behind `|` begins with that.
        let at = self.source.token_at(self.place(name.span).start);
        let place = self.source.span_of(if self.source.is_name(at) { at } else { at + 1 });
        if let Some(naming) = &mut self.naming {
            naming.used.push(Used { name: name.kind.text.clone(), place, what });
        }
    }

    /// Labels, or types, that are written for what a slot holds; `certain` where a pattern says that it has one of them.
    pub(super) fn note_labels(&mut self, written: &ast::LabelExpression, what: What, of: Option<(Slot, bool)>) {
        if self.naming.is_none() {
            return;
        }
        self.note_each(written, what);
        let Some((slot, certain)) = of else { return };
        let names = names_of(written).unwrap_or_default();
        if let Some(naming) = &mut self.naming {
            let known = naming.known.entry(slot).or_default();
            let names = names.into_iter().map(str::to_owned);
            if certain { known.given.extend(names) } else { known.added.extend(names) }
        }
    }

    fn note_each(&mut self, written: &ast::LabelExpression, what: What) {
        match &written.kind {
            LabelExpressionKind::Name(name) => self.note(name, what),
            LabelExpressionKind::Not(inner) | LabelExpressionKind::Parenthesized(inner) => self.note_each(inner, what),
            LabelExpressionKind::And(parts) | LabelExpressionKind::Or(parts) => {
                parts.iter().for_each(|part| self.note_each(part, what));
            }
            _ => {}
        }
    }

    /// A test of the labels of what an expression gives.
    pub(super) fn note_test(&mut self, of: &Expr, written: &ast::LabelExpression) {
        let what = match of.ty {
            Type::Node => What::Label,
            Type::Relationship => What::Type,
            _ => What::Either,
        };
        self.note_labels(written, what, of.as_slot().map(|slot| (slot, false)));
    }

    /// A property of what an expression gives.
    pub(super) fn note_property(&mut self, of: &Expr, key: &Name) {
        self.note_key(&of.ty, of.as_slot(), key);
    }

    fn note_key(&mut self, ty: &Type, of: Option<Slot>, key: &Name) {
        if matches!(ty, Type::Node | Type::Relationship) {
            self.note(key, What::Property { edges: *ty == Type::Relationship, of });
        }
    }

    /// The keys of a map that is written as the properties of what a slot holds.
    pub(super) fn note_map(&mut self, of: Slot, written: &ast::Expr) {
        if let (Ast::Map(entries), Some(_)) = (&written.kind, &self.naming) {
            let ty = self.type_of(of);
            entries.iter().for_each(|entry| self.note_key(&ty, Some(of), &entry.key));
        }
    }

    /// Names that are written among the options of an algorithm.
    pub(super) fn note_options(&mut self, procedure: &str, written: &ast::Expr) {
        let is_algorithm = Algorithm::find(procedure).is_some_and(|found| found.procedure == procedure);
        let (Ast::Map(entries), true) = (&written.kind, is_algorithm) else { return };
        for ast::MapEntry { key, value, .. } in entries {
            let what = match key.kind.text.as_str() {
                "labels" => What::Label,
                "types" => What::Type,
                "weight" => What::Property { edges: true, of: None },
                "x" | "y" | "longitude" | "latitude" => What::Property { edges: false, of: None },
                _ => continue,
            };
            let values = if let Ast::List(values) = &value.kind { values } else { std::slice::from_ref(value) };
            for value in values {
                let (Ast::Literal(literal), place) = (&value.kind, self.place(value.span)) else { continue };
                if let (LiteralKind::String(name), Some(naming)) = (&literal.kind, &mut self.naming) {
                    naming.used.push(Used { name: name.value.clone(), place, what });
                }
            }
        }
    }

    /// That a slot holds what another one does.
    pub(super) fn note_same(&mut self, slot: Slot, value: &Expr) {
        if let (Some(naming), Some(other)) = (&mut self.naming, value.as_slot())
            && other != slot
        {
            naming.same.insert(slot, other);
        }
    }
}

/// The names of which one is there, where that is certain.
fn names_of(written: &ast::LabelExpression) -> Option<Vec<&str>> {
    match &written.kind {
        LabelExpressionKind::Name(name) => Some(vec![&name.kind.text]),
        LabelExpressionKind::Parenthesized(inner) => names_of(inner),
        LabelExpressionKind::And(parts) => {
            let known: Vec<&str> = parts.iter().filter_map(names_of).flatten().collect();
            (!known.is_empty()).then_some(known)
        }
        LabelExpressionKind::Or(parts) => {
            parts.iter().map(names_of).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
        }
        _ => None,
    }
}

/// Holds the names of a command about indexes and constraints against a schema.
pub(super) fn check_command(
    source: &Source<'_>,
    command: &Command,
    vocabulary: &Vocabulary,
) -> Result<(), CypherError> {
    let (Command::CreateIndex { entity, properties, .. } | Command::CreateConstraint { entity, properties, .. }) =
        command
    else {
        return Ok(());
    };
    let (labels, edges) = match entity {
        Entity::Node(labels) => (labels, false),
        Entity::Relationship(types) => (types, true),
    };
    let mut naming = Naming::new(vocabulary);
    let slot = Slot(0);
    naming.known.insert(slot, Known { given: labels.clone(), added: Vec::new() });
    let what = if edges { What::Type } else { What::Label };
    let behind = |kinds: &[TokenKind], name: &str| {
        let is_it = |at: usize| source.text_of(at).trim_matches('`').replace("``", "`") == name;
        let at = (1..source.tokens.len()).find(|&at| {
            source.kind(at - 1).is_some_and(|kind| kinds.contains(&kind)) && source.is_name(at) && is_it(at)
        });
        source.span_of(at.unwrap_or(0))
    };
    for label in labels {
        let place = behind(&[TokenKind::Colon, TokenKind::Pipe], label);
        naming.used.push(Used { name: label.clone(), place, what });
    }
    for property in properties {
        let (place, what) = (behind(&[TokenKind::Dot], property), What::Property { edges, of: Some(slot) });
        naming.used.push(Used { name: property.clone(), place, what });
    }
    naming.check()
}
