//! What a change does to the rows of full-text indexes.

use sledstore_engine::{Read, Result, Write};

use super::TextDefinition;
use super::posting::posting_value;
use super::words::Document;
use crate::count::{CountChanges, Counted};
use crate::graph::Graph;
use crate::index::{IndexDefinition, Subject};
use crate::keys::{self, push_id};
use crate::schema::Schema;

/// Keeps the full-text indexes right when a node or edge comes, changes or goes.
pub(crate) fn update_texts(
    graph: &Graph,
    tx: &mut (impl Read + Write),
    schema: &Schema,
    old: Option<&Subject<'_>>,
    new: Option<&Subject<'_>>,
    counts: &mut CountChanges,
) -> Result<()> {
    for (index, text) in schema.texts() {
        let old = old.filter(|subject| index.covers(subject));
        let new = new.filter(|subject| index.covers(subject));
        let same = |name: &String| old.map(|old| old.properties.get(name)) == new.map(|new| new.properties.get(name));
        let Some(subject) = new.or(old).filter(|_| !index.properties.iter().all(same)) else { continue };
        let read = |subject: Option<&Subject<'_>>| {
            subject.map(|subject| Document::of(text, &index.properties, subject.properties)).unwrap_or_default()
        };
        let (mut before, after) = (read(old), read(new));
        // Of an index that is being built, what was there before may not be in it yet.
        if !before.is_empty() && !tx.contains(graph.namespace(), &keys::document(index.id, subject.id))? {
            before = Document::default();
        }
        replace(graph, tx, index.id, subject.id, &before, &after)?;
        count(counts, index.id, &before, &after);
    }
    Ok(())
}

/// Adds what was there before a full-text index, unless it is in it.
pub(crate) fn add_document(
    graph: &Graph,
    tx: &mut (impl Read + Write),
    (index, text): (&IndexDefinition, &TextDefinition),
    subject: &Subject<'_>,
    counts: &mut CountChanges,
) -> Result<()> {
    if tx.contains(graph.namespace(), &keys::document(index.id, subject.id))? {
        return Ok(());
    }
    let (none, document) = (Document::default(), Document::of(text, &index.properties, subject.properties));
    replace(graph, tx, index.id, subject.id, &none, &document)?;
    count(counts, index.id, &none, &document);
    Ok(())
}

fn replace(graph: &Graph, tx: &mut impl Write, index: u32, id: u64, old: &Document, new: &Document) -> Result<()> {
    let namespace = graph.namespace();
    for word in old.words.keys().filter(|word| !new.words.contains_key(*word)) {
        tx.delete(namespace, &keys::posting(index, word, id))?;
    }
    for (word, places) in &new.words {
        // Each posting knows how many words there are.
        if old.length != new.length || old.words.get(word) != Some(places) {
            tx.put(namespace, &keys::posting(index, word, id), &posting_value(new.length, places))?;
        }
    }
    if old.length == new.length {
        return Ok(());
    }
    let key = keys::document(index, id);
    if new.is_empty() {
        return tx.delete(namespace, &key);
    }
    let mut value = Vec::new();
    push_id(&mut value, u64::from(new.length));
    tx.put(namespace, &key, &value)
}

fn count(counts: &mut CountChanges, index: u32, old: &Document, new: &Document) {
    let present = |document: &Document| i64::from(!document.is_empty());
    counts.add(Counted::Documents(index), present(new) - present(old));
    counts.add(Counted::Words(index), i64::from(new.length) - i64::from(old.length));
}
