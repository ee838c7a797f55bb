//! Which indexes and constraints a graph has; `build.rs` creates them.

use std::sync::Arc;

use sledstore_engine::{Error, ErrorCode, KeyRange, Read, Result, Write};

use crate::build::ended;
use crate::count::{CountChanges, Counted};
use crate::fulltext::{TextDefinition, TextOptions};
use crate::graph::Graph;
use crate::index::{Entity, Entry, IndexDefinition, IndexKind, Subject};
use crate::keys::{self, NameClass, damaged, push_id, take_id};
use crate::property::Properties;

/// How much of a value a message shows.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// Stands beside the number of a kind: values without a form have entries.
const HOLDS_OTHERS: u64 = 16;

/// One index of a graph over a property of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The label whose nodes it covers; `None` covers every node.
    pub label: Option<String>,
    /// The indexed property.
    pub property: String,
    /// Whether two covered nodes may not share a value.
    pub unique: bool,
}

/// An index or constraint as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSpec {
    /// What it is dropped by; when empty, a name is chosen.
    pub name: String,
    /// Whether nodes or edges are covered.
    pub entity: Entity,
    /// The label, or of edges the type; `None` covers all.
    pub label: Option<String>,
    /// The properties, in the order in which they are looked up; 1 to 16.
    pub properties: Vec<String>,
    /// What it does.
    pub kind: IndexKind,
}

/// An index or constraint as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexInfo {
    /// Its number, by which values are sought; never used again.
    pub id: u32,
    /// What it is.
    pub spec: IndexSpec,
    /// Whether it is still being built; then nothing can be sought in it, and its conditions hold for what changes.
    pub is_building: bool,
    /// Whether everything that has the first property is in it. Indexes that older versions made leave out maps, vectors,
    /// NaN and lists of these.
    pub is_complete: bool,
    /// What a full-text index has besides; its labels stand here.
    pub text: Option<TextOptions>,
}

impl From<&Index> for IndexSpec {
    fn from(index: &Index) -> Self {
        Self {
            label: index.label.clone(),
            properties: vec![index.property.clone()],
            kind: if index.unique { IndexKind::Unique } else { IndexKind::Range },
            ..Self::default()
        }
    }
}

/// Every index of a graph: one row, so that each writer's transaction reads it and meets a changed one as a conflict.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Schema {
    pub next_id: u32,
    pub indexes: Vec<IndexDefinition>,
}

impl Schema {
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        push_id(&mut value, u64::from(self.next_id));
        for index in &self.indexes {
            push_id(&mut value, u64::from(index.id));
            let others = if index.holds_others { HOLDS_OTHERS } else { 0 };
            push_id(&mut value, kind_number(index.entity, index.kind) | others);
            // Labels and types count from one, so zero stands for "any".
            push_id(&mut value, u64::from(index.label.unwrap_or(0)));
            // Zero for an index that is whole, else one more than the epoch.
            push_id(&mut value, index.building.map_or(0, |epoch| epoch + 1));
            push_text(&mut value, &index.name);
            push_id(&mut value, index.properties.len() as u64);
            index.properties.iter().for_each(|property| push_text(&mut value, property));
            if let Some(text) = &index.text {
                text.push(&mut value);
            }
        }
        value
    }

    pub fn parse(value: &[u8]) -> Result<Self> {
        Self::parse_parts(value).ok_or_else(|| damaged("the row of indexes"))
    }

    fn parse_parts(mut value: &[u8]) -> Option<Self> {
        let next_id = u32::try_from(take_id(&mut value)?).ok()?;
        let mut indexes = Vec::new();
        while !value.is_empty() {
            let id = u32::try_from(take_id(&mut value)?).ok()?;
            let number = take_id(&mut value)?;
            let holds_others = number & HOLDS_OTHERS != 0;
            let (entity, kind) = kind_of(number & !HOLDS_OTHERS)?;
            let label = u32::try_from(take_id(&mut value)?).ok().filter(|&label| label != 0);
            let building = take_id(&mut value)?.checked_sub(1);
            let name = take_text(&mut value)?;
            let properties = (0..take_id(&mut value)?).map(|_| take_text(&mut value)).collect::<Option<Vec<_>>>()?;
            let text = if kind == IndexKind::Fulltext { Some(TextDefinition::take(&mut value)?) } else { None };
            indexes.push(IndexDefinition { id, name, entity, label, properties, kind, building, holds_others, text });
        }
        Some(Self { next_id, indexes })
    }

    /// The one that does the same kind of thing for the same properties: an index with entries, or a condition alone.
    pub fn find(
        &self,
        entity: Entity,
        label: Option<u32>,
        properties: &[String],
        has_entries: bool,
    ) -> Option<&IndexDefinition> {
        self.indexes.iter().find(|index| {
            index.entity == entity
                && index.label == label
                && index.properties == properties
                && index.kind.has_entries() == has_entries
                && index.text.is_none()
        })
    }

    /// The full-text index over the same texts.
    pub fn find_text(&self, entity: Entity, labels: &[u32], properties: &[String]) -> Option<&IndexDefinition> {
        let same = |text: &TextDefinition| text.labels == labels;
        let mut texts = self.indexes.iter().filter(|index| index.text.as_ref().is_some_and(same));
        texts.find(|index| index.entity == entity && index.properties == properties)
    }

    /// The full-text indexes, those that are being built included.
    pub fn texts(&self) -> impl Iterator<Item = (&IndexDefinition, &TextDefinition)> {
        self.indexes.iter().filter_map(|index| Some((index, index.text.as_ref()?)))
    }

    /// The index of a build that runs; an error when somebody has dropped it.
    pub fn by_id(&self, id: u32) -> Result<&IndexDefinition> {
        self.indexes.iter().find(|index| index.id == id).ok_or_else(dropped)
    }

    /// As [`Schema::by_id`].
    pub fn by_id_mut(&mut self, id: u32) -> Result<&mut IndexDefinition> {
        self.indexes.iter_mut().find(|index| index.id == id).ok_or_else(dropped)
    }

    /// The indexes that are whole.
    pub fn whole(&self) -> impl Iterator<Item = &IndexDefinition> {
        self.indexes.iter().filter(|index| index.building.is_none())
    }

    /// Whether anything looks at the properties of nodes.
    pub fn covers_nodes(&self) -> bool {
        self.indexes.iter().any(|index| index.entity == Entity::Node)
    }

    /// Whether anything looks at the properties of edges.
    pub fn covers_edges(&self) -> bool {
        self.indexes.iter().any(|index| index.entity == Entity::Edge)
    }

    /// The entries a node or edge has in all indexes, those that are being built included.
    pub fn entries(&self, subject: &Subject<'_>) -> Result<Vec<Entry<'_>>> {
        let mut entries = Vec::new();
        for index in self.indexes.iter().filter(|index| index.covers(subject)) {
            entries.extend(index.entry(subject)?);
        }
        Ok(entries)
    }

    /// The first condition that a node or edge does not meet, and the property that it lacks.
    pub fn missing(&self, subject: &Subject<'_>) -> Option<(&IndexDefinition, &str)> {
        let covering = self.indexes.iter().filter(|index| index.covers(subject));
        covering.filter_map(|index| index.missing(subject.properties).map(|property| (index, property))).next()
    }
}

pub(crate) fn push_text(value: &mut Vec<u8>, text: &str) {
    push_id(value, text.len() as u64);
    value.extend_from_slice(text.as_bytes());
}

pub(crate) fn take_text(value: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(take_id(value)?).ok()?;
    let (text, rest) = value.split_at_checked(length)?;
    *value = rest;
    Some(str::from_utf8(text).ok()?.to_owned())
}

fn kind_of(number: u64) -> Option<(Entity, IndexKind)> {
    let kinds = [IndexKind::Range, IndexKind::Unique, IndexKind::Exists, IndexKind::Key, IndexKind::Fulltext];
    let mut all = kinds.into_iter().flat_map(|kind| [(Entity::Node, kind), (Entity::Edge, kind)]);
    all.find(|&(entity, kind)| kind_number(entity, kind) == number)
}

fn kind_number(entity: Entity, kind: IndexKind) -> u64 {
    match kind {
        IndexKind::Fulltext => 8 + entity as u64,
        _ => 4 * entity as u64 + kind as u64,
    }
}

fn dropped() -> Error {
    ended("was given up, for the index was dropped meanwhile")
}

impl Entity {
    /// What its indexes narrow it by.
    pub(crate) fn name_class(self) -> NameClass {
        match self {
            Self::Node => NameClass::Label,
            Self::Edge => NameClass::EdgeType,
        }
    }

    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Edge => "edge",
        }
    }
}

impl Graph {
    /// The indexes there are over one property of nodes; [`all_indexes`](Self::all_indexes) lists the others, too.
    pub fn indexes(&self, reader: &impl Read) -> Result<Vec<Index>> {
        let schema = self.schema(reader)?;
        let mut shown = Vec::new();
        for index in schema.whole().filter(|index| index.entity == Entity::Node && index.kind.has_entries()) {
            let [property] = index.properties.as_slice() else { continue };
            let label = index.label.map(|label| self.label_name(reader, label)).transpose()?;
            shown.push(Index { label, property: property.clone(), unique: index.kind.is_unique() });
        }
        Ok(shown)
    }

    /// Every index and constraint, those that are being built included.
    pub fn all_indexes(&self, reader: &impl Read) -> Result<Vec<IndexInfo>> {
        let schema = self.schema(reader)?;
        let shown = schema.indexes.iter().map(|index| {
            let label = index.label.map(|label| self.covered_name(reader, index.entity, label)).transpose()?;
            let IndexDefinition { entity, kind, .. } = *index;
            let text = index.text.as_ref().map(|text| self.text_options(reader, entity, text)).transpose()?;
            let (name, properties) = (index.name.clone(), index.properties.clone());
            let spec = IndexSpec { name, entity, label, properties, kind };
            let (is_building, is_complete) = (index.building.is_some(), index.holds_others);
            Ok(IndexInfo { id: index.id, spec, is_building, is_complete, text })
        });
        shown.collect()
    }

    /// Drops an index over a property of nodes and its entries as part of `tx`; answers whether there was one.
    pub fn drop_index(&self, tx: &mut (impl Read + Write), label: Option<&str>, property: &str) -> Result<bool> {
        let label = match label {
            Some(name) => match self.find_name(tx, NameClass::Label, name)? {
                Some(label) => Some(label),
                None => return Ok(false),
            },
            None => None,
        };
        let schema = self.schema(tx)?;
        match schema.find(Entity::Node, label, &[property.to_owned()], true) {
            Some(index) => self.remove_index(tx, &schema, index).map(|()| true),
            None => Ok(false),
        }
    }

    /// Drops the index or constraint of that name and its entries as part of `tx`; answers whether there was one. One
    /// that is being built ends with `ABORTED`.
    pub fn drop_named_index(&self, tx: &mut (impl Read + Write), name: &str) -> Result<bool> {
        let schema = self.schema(tx)?;
        match schema.indexes.iter().find(|index| index.name == name) {
            Some(index) => self.remove_index(tx, &schema, index).map(|()| true),
            None => Ok(false),
        }
    }

    /// Takes an index out of the graph, with its entries.
    pub(crate) fn remove_index(
        &self,
        tx: &mut (impl Read + Write),
        schema: &Schema,
        index: &IndexDefinition,
    ) -> Result<()> {
        let mut schema = schema.clone();
        schema.indexes.retain(|other| other.id != index.id);
        tx.put(self.namespace(), &keys::schema(), &schema.encode())?;
        if index.text.is_some() {
            return self.remove_texts(tx, index.id);
        }
        if !index.kind.has_entries() {
            return Ok(());
        }
        tx.clear(self.namespace(), &KeyRange::prefix(&keys::index_prefix(index.id, index.kind.is_unique())))
    }

    fn remove_texts(&self, tx: &mut (impl Read + Write), index: u32) -> Result<()> {
        let mut counts = CountChanges::default();
        for counted in [Counted::Documents(index), Counted::Words(index)] {
            let count = self.count(tx, counted)?;
            counts.add(counted, 0_i64.saturating_sub_unsigned(count));
        }
        self.write_count_changes(tx, &counts)?;
        tx.clear(self.namespace(), &KeyRange::prefix(&keys::postings_prefix(index)))?;
        tx.clear(self.namespace(), &KeyRange::prefix(&keys::documents_prefix(index)))
    }

    fn text_options(&self, reader: &impl Read, entity: Entity, text: &TextDefinition) -> Result<TextOptions> {
        let labels =
            text.labels.iter().map(|&label| self.covered_name(reader, entity, label)).collect::<Result<_>>()?;
        let TextDefinition { k1, b, ref stop_words, .. } = *text;
        Ok(TextOptions { labels, k1, b, stop_words: stop_words.clone() })
    }

    /// Names the constraint and the values, out of `properties`, that two nodes or edges would share.
    pub(crate) fn unique_violation(
        &self,
        reader: &impl Read,
        index: &IndexDefinition,
        properties: &Properties<'_>,
    ) -> Error {
        let covered = match self.covered(reader, index) {
            Ok(covered) => covered,
            Err(error) => return error,
        };
        let values = index.properties.iter().map(|name| properties.get(name).map(ToString::to_string));
        let shown: String =
            values.flatten().collect::<Vec<_>>().join(", ").chars().take(SHOWN_CHARACTERS_MAX).collect();
        let noun = index.entity.noun();
        Error::new(
            ErrorCode::UniqueViolation,
            format!(
                "graph \"{}\": unique index {covered} has a {noun} with {shown} already; update that {noun}, or choose \
                 another value",
                self.name()
            ),
        )
    }

    /// Names the constraint, and what lacks its property.
    pub(crate) fn missing_violation(
        &self,
        reader: &impl Read,
        subject: &Subject<'_>,
        index: &IndexDefinition,
        property: &str,
    ) -> Error {
        let covered = match self.covered(reader, index) {
            Ok(covered) => covered,
            Err(error) => return error,
        };
        Error::new(
            ErrorCode::SchemaInvalid,
            format!(
                "graph \"{}\": constraint \"{}\" on {covered} asks for property \"{property}\", and {} {} has none; set it \
                 in the same change",
                self.name(),
                index.name,
                index.entity.noun(),
                subject.id
            ),
        )
    }

    /// What an index covers, as messages give it: `:Label {a, b}`.
    fn covered(&self, reader: &impl Read, index: &IndexDefinition) -> Result<String> {
        let label = index.label.map(|label| self.covered_name(reader, index.entity, label)).transpose()?;
        let label = label.map(|label| format!(":{label} ")).unwrap_or_default();
        Ok(format!("{label}{{{}}}", index.properties.join(", ")))
    }

    fn covered_name(&self, reader: &impl Read, entity: Entity, id: u32) -> Result<String> {
        match entity {
            Entity::Node => self.label_name(reader, id),
            Entity::Edge => Ok(self.edge_type_name(reader, id)?.to_string()),
        }
    }

    /// The indexes as `reader` sees them; parsed once for each state of their row.
    pub(crate) fn schema(&self, reader: &impl Read) -> Result<Arc<Schema>> {
        let cached = self.cached_schema();
        let parsed = reader.get_with(self.namespace(), &keys::schema(), |bytes| match &cached {
            Some((known, schema)) if **known == *bytes => Ok(schema.clone()),
            _ => {
                let schema = Arc::new(Schema::parse(bytes)?);
                self.cache_schema(bytes, &schema);
                Ok(schema)
            }
        })?;
        Ok(parsed.transpose()?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_round_trips() {
        let schema = Schema {
            next_id: 3,
            indexes: vec![
                IndexDefinition { id: 1, name: "a".into(), properties: vec!["größe".into()], ..Default::default() },
                IndexDefinition {
                    id: 2,
                    name: String::new(),
                    entity: Entity::Edge,
                    label: Some(7),
                    properties: vec![String::new(), "b".into()],
                    kind: IndexKind::Key,
                    building: Some(9),
                    holds_others: true,
                    text: None,
                },
                IndexDefinition {
                    id: 3,
                    entity: Entity::Edge,
                    properties: vec!["title".into()],
                    kind: IndexKind::Fulltext,
                    text: Some(TextDefinition { labels: vec![1, 9], k1: 1.5, b: 0.25, stop_words: vec!["the".into()] }),
                    ..Default::default()
                },
            ],
        };
        assert_eq!(Schema::parse(&schema.encode()).ok(), Some(schema.clone()));
        assert!(Schema::parse(&schema.encode()[..5]).is_err());
    }
}
