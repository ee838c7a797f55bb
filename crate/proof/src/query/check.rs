//! What the graph of queries holds at a snapshot, held against what the steps make: by queries, by its counts, along its
//! edges, and through each index.

use std::collections::{BTreeMap, BTreeSet};

use sledstore_cypher::store::{Decoder, encode};
use sledstore_cypher::value::{Map, Value};
use sledstore_engine::{Durability, Read, Result, Snapshot};
use sledstore_graph::{EdgeId, Entity, IndexInfo, IndexKind, NodeId, Seek, TextSearch};

use super::content::{Content, GROUPS, Item, Link, Statement, VALUES, WORDS, or_null};
use super::schema::{BUILT, KEPT};
use super::{QueryLane, ROWS, builds};
use crate::work::contradiction;

/// What differs at a snapshot from the content after so many steps.
pub fn differences(lane: &QueryLane, snapshot: &Snapshot, content: &Content, steps: u64) -> Result<Vec<String>> {
    let differences = lane.graph.verify(snapshot)?;
    let mut check = Check { lane, snapshot, content, differences };
    check.beside(steps)?;
    check.items()?;
    check.links()?;
    check.counts()?;
    check.ways()?;
    check.predicates()?;
    for info in lane.graph.all_indexes(snapshot)?.iter().filter(|info| !info.is_building) {
        if info.spec.kind == IndexKind::Fulltext { check.texts(info)? } else { check.values(info)? }
    }
    Ok(check.differences)
}

struct Check<'a> {
    lane: &'a QueryLane,
    snapshot: &'a Snapshot,
    content: &'a Content,
    differences: Vec<String>,
}

/// That the indexes which were there when the graph was opened are those that may be, and whole: those it has from its
/// beginning on, those whose building a row tells of, and none that no step has built; of one that was being built nothing
/// stays.
pub fn indexes(lane: &QueryLane, snapshot: &Snapshot) -> Result<Vec<String>> {
    let is_there = |name: &str| lane.found.iter().any(|info| info.spec.name == name);
    let mut differences = Vec::new();
    for name in KEPT.map(|(name, _)| name).into_iter().chain(BUILT) {
        let is_built = !BUILT.contains(&name) || snapshot.contains(lane.rows, name.as_bytes())?;
        let builds = |number: u64| builds(lane.seed, number).is_some_and(|building| building.name == name);
        if is_built && !is_there(name) {
            differences.push(format!("index {name} is missing"));
        } else if !is_built && is_there(name) && !(0..=lane.steps).any(builds) {
            differences.push(format!("index {name} is there, which no step has built"));
        }
    }
    let building = lane.found.iter().filter(|info| info.is_building);
    differences.extend(building.map(|info| format!("index {} is being built by nobody", info.spec.name)));
    Ok(differences)
}

/// The numbers that items and links have, ascending.
fn sorted(numbers: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut numbers: Vec<i64> = numbers.into_iter().collect();
    numbers.sort_unstable();
    numbers
}

impl Check<'_> {
    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, what: impl std::fmt::Display, found: &T, expected: &T) {
        if found != expected {
            self.differences.push(format!("{what}: {found:?} where {expected:?} is"));
        }
    }

    /// The rows that steps wrote in the same transactions.
    fn beside(&mut self, steps: u64) -> Result<()> {
        for place in 0..ROWS {
            let newest = (0..steps).rev().find(|number| number % ROWS == place);
            let expected = newest.map(|newest| self.lane.row(newest).to_vec());
            let found = self.snapshot.get(self.lane.rows, &place.to_be_bytes())?;
            self.expect(format_args!("row {place}"), &found, &expected);
        }
        Ok(())
    }

    fn items(&mut self) -> Result<()> {
        let row = |(&number, item): (&i64, &Item)| {
            let Item { group, value, title, is_vip } = *item;
            vec![number.into(), group.into(), or_null(value), title.value(), is_vip.into()]
        };
        let expected = self.content.items.iter().map(row).collect();
        self.rows("MATCH (n:Item) RETURN n.u, n.group, n.value, n.title, n:Vip ORDER BY n.u", Vec::new(), expected)
    }

    fn links(&mut self) -> Result<()> {
        let row = |(&number, link): (&i64, &Link)| {
            let kind = if link.is_one { "ONE" } else { "LINKS" };
            vec![number.into(), link.from.into(), link.to.into(), kind.into(), link.weight.into(), link.note.value()]
        };
        let expected = self.content.links.iter().map(row).collect();
        let text = "MATCH (a)-[r]->(b) RETURN r.u, a.u, b.u, type(r), r.w, r.note ORDER BY r.u";
        self.rows(text, Vec::new(), expected)
    }

    fn counts(&mut self) -> Result<()> {
        let content = self.content;
        let vips = content.items.values().filter(|item| item.is_vip).count();
        let ones = content.links.values().filter(|link| link.is_one).count();
        let counted = [
            ("MATCH (n) RETURN count(*)", content.items.len()),
            ("MATCH (n:Item) RETURN count(n)", content.items.len()),
            ("MATCH (n:Vip) RETURN count(*)", vips),
            ("MATCH ()-[r]->() RETURN count(r)", content.links.len()),
            ("MATCH ()-[r:ONE]->() RETURN count(*)", ones),
        ];
        for (text, count) in counted {
            self.rows(text, Vec::new(), vec![vec![Value::Integer(count as i64)]])?;
        }
        Ok(())
    }

    /// What is found along edges, by queries that keep adjacency in memory and by one that does not.
    fn ways(&mut self) -> Result<()> {
        let links = &self.content.links;
        let leaving = |item: i64| links.iter().filter(move |(_, link)| link.from == item);
        let twos = links.iter().map(|(number, link)| leaving(link.to).filter(|(other, _)| *other != number).count());
        let twos = twos.sum::<usize>();
        let ends = links.values().map(|link| if link.from == link.to { 1 } else { 2 }).sum();
        for (text, count) in [
            ("MATCH (a:Item)-->(b:Item)-->(c:Item) RETURN count(*)", twos),
            ("MATCH (a:Item)-[*2..2]->() RETURN count(*)", twos),
            ("MATCH (a:Item)--(b) RETURN count(*)", ends),
            ("CALL algo.components() YIELD component RETURN count(DISTINCT component)", self.components()),
        ] {
            self.rows(text, Vec::new(), vec![vec![Value::Integer(count as i64)]])?;
        }
        Ok(())
    }

    fn components(&self) -> usize {
        let mut of: BTreeMap<i64, i64> = self.content.items.keys().map(|&item| (item, item)).collect();
        for link in self.content.links.values() {
            let (one, other) = (of[&link.from], of[&link.to]);
            of.values_mut().filter(|component| **component == other).for_each(|component| *component = one);
        }
        of.values().collect::<BTreeSet<_>>().len()
    }

    /// Queries whose plans may go through an index or not.
    fn predicates(&mut self) -> Result<()> {
        let content = self.content;
        for group in 0..GROUPS {
            let fits = |item: &Item| item.group == group && item.value.is_some_and(|value| value >= VALUES / 2);
            let fitting = content.items.iter().filter(|(_, item)| fits(item));
            let expected = fitting.map(|(&number, _)| vec![number.into()]).collect();
            let text = "MATCH (n:Item {group: $group}) WHERE n.value >= $least RETURN n.u ORDER BY n.u";
            self.rows(text, vec![("group", group.into()), ("least", (VALUES / 2).into())], expected)?;
        }
        for weight in 0..VALUES {
            let fitting = content.links.iter().filter(|(_, link)| !link.is_one && link.weight == weight);
            let expected = fitting.map(|(&number, _)| vec![number.into()]).collect();
            let text = "MATCH ()-[r:LINKS {w: $w}]->() RETURN r.u ORDER BY r.u";
            self.rows(text, vec![("w", weight.into())], expected)?;
        }
        let text = "CALL db.index.fulltext.queryNodes('item_title', $word) YIELD node RETURN node.u ORDER BY node.u";
        let fitting = content.items.iter().filter(|(_, item)| item.title.has(WORDS[0]));
        let expected = fitting.map(|(&number, _)| vec![number.into()]).collect();
        self.rows(text, vec![("word", WORDS[0].into())], expected)
    }

    /// What a query answers.
    fn rows(
        &mut self,
        text: &'static str,
        parameters: Vec<(&'static str, Value)>,
        expected: Vec<Vec<Value>>,
    ) -> Result<()> {
        let statement: Statement = (text, parameters);
        let parts = self.lane.run(&statement, Some(self.snapshot), Durability::None)?;
        let found = decode(&parts).ok_or_else(|| contradiction("the bytes are no result"))?;
        // Values have no equality of their own but the language's, in which null is unknown.
        let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
        if found != expected {
            self.differences.push(format!("{text} {:?}: {found} where {expected} is", statement.1));
        }
        Ok(())
    }

    /// The items or links that an index covers, with their properties.
    fn covered(&self, info: &IndexInfo) -> BTreeMap<i64, Vec<(&'static str, Value)>> {
        let labels = info.text.as_ref().map_or_else(|| info.spec.label.as_slice(), |text| text.labels.as_slice());
        let is_of_vips = labels.iter().all(|label| label == "Vip");
        let content = self.content;
        match info.spec.entity {
            Entity::Node => {
                let covered = content.items.iter().filter(|(_, item)| item.is_vip || !is_of_vips);
                covered.map(|(&number, item)| (number, item.properties(number))).collect()
            }
            Entity::Edge => {
                let covered = content.links.iter().filter(|(_, link)| !link.is_one);
                covered.map(|(&number, link)| (number, link.properties(number))).collect()
            }
        }
    }

    /// Each value that the first property of an index has, sought in it.
    fn values(&mut self, info: &IndexInfo) -> Result<()> {
        let property = &info.spec.properties[0];
        let mut holders: BTreeMap<Vec<u8>, Vec<i64>> = BTreeMap::new();
        for (number, properties) in self.covered(info) {
            let Some((_, value)) = properties.iter().find(|(name, _)| name == property) else { continue };
            let mut bytes = Vec::new();
            encode(value, &mut bytes);
            holders.entry(bytes).or_default().push(number);
        }
        for (value, expected) in holders {
            let seek = Seek { equal: &[&value], ..Seek::default() };
            let cursor = self.lane.graph.seek(self.snapshot, info.id, &seek)?;
            let mut cursor = cursor.ok_or_else(|| contradiction("a value that no index can have"))?;
            let mut ids = Vec::new();
            while cursor.next_batch(&self.lane.graph, self.snapshot, 7, &mut ids)? {}
            let found = sorted(self.numbers(info.spec.entity, ids)?);
            self.expect(format_args!("{value:02x?} in index {}", info.spec.name), &found, &expected);
        }
        Ok(())
    }

    /// Each word, looked for in a full-text index.
    fn texts(&mut self, info: &IndexInfo) -> Result<()> {
        let covered = self.covered(info);
        for word in WORDS {
            let has = |(_, value): &(&str, Value)| match value {
                Value::String(text) => text.split(' ').any(|other| other == word),
                _ => false,
            };
            let fitting = covered.iter().filter(|(_, properties)| properties.iter().any(has));
            let expected: Vec<i64> = fitting.map(|(&number, _)| number).collect();
            let search = TextSearch { query: word, ..TextSearch::default() };
            let (entity, hits) = self.lane.graph.search_text(self.snapshot, &info.spec.name, &search, &mut |_| true)?;
            let found = sorted(self.numbers(entity, hits.into_iter().map(|hit| hit.id))?);
            self.expect(format_args!("{word} in index {}", info.spec.name), &found, &expected);
        }
        Ok(())
    }

    /// The numbers of nodes or edges.
    fn numbers(&self, entity: Entity, ids: impl IntoIterator<Item = u64>) -> Result<Vec<i64>> {
        let graph = &self.lane.graph;
        let number = |id| {
            let properties = match entity {
                Entity::Node => graph.node(self.snapshot, NodeId(id))?.map(|node| node.properties),
                Entity::Edge => graph.edge(self.snapshot, EdgeId(id))?.map(|edge| edge.properties),
            };
            let number = match properties.map(|properties| Decoder::only(&properties)) {
                Some(Ok(Value::Map(map))) => integer(&map, "u"),
                _ => None,
            };
            number.ok_or_else(|| contradiction(format_args!("an index has {id}, which has no number")))
        };
        ids.into_iter().map(number).collect()
    }
}

fn integer(map: &Map, name: &str) -> Option<i64> {
    match map.get(name)? {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

/// The rows of a result in parts: names of columns, number of rows, values, what follows the last row.
pub fn decode(parts: &[Vec<u8>]) -> Option<Vec<Vec<Value>>> {
    let (mut rows, mut columns) = (Vec::new(), 0);
    for part in parts {
        let mut decoder = Decoder::new(part);
        if let Value::List(names) = decoder.value().ok()? {
            columns = names.values().len();
        }
        let Value::Integer(count) = decoder.value().ok()? else { return None };
        for _ in 0..count {
            rows.push((0..columns).map(|_| decoder.value().ok()).collect::<Option<Vec<_>>>()?);
        }
    }
    Some(rows)
}
