//! What the graph holds after some steps, and what a step changes.

use std::collections::BTreeMap;

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IteratorRandom;
use sledstore_cypher::value::{Map, Value};
use sledstore_engine::Result;

use super::of_cypher;

pub const WORDS: [&str; 8] = ["amber", "brook", "cedar", "delta", "ember", "frost", "grove", "haven"];
pub const GROUPS: i64 = 4;
pub const VALUES: i64 = 6;
/// What `Raise` leaves as it is.
const VALUE_MAX: i64 = VALUES + 6;
/// Items from which on steps rather remove than add.
const ITEMS_MAX: usize = 40;

/// A node with the label `Item`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub group: i64,
    pub value: Option<i64>,
    pub title: Text,
    pub is_vip: bool,
}

/// An edge of type `LINKS`, of which there may be several between two items, or `ONE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub from: i64,
    pub to: i64,
    pub is_one: bool,
    pub weight: i64,
    pub note: Text,
}

/// A few of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(u32);

impl Text {
    fn draw(random: &mut SmallRng) -> Self {
        Self(random.random())
    }

    fn words(self) -> impl Iterator<Item = &'static str> {
        (0..=self.0 % 5).map(move |at| WORDS[(self.0 >> (3 * at + 8)) as usize % WORDS.len()])
    }

    pub fn has(self, word: &str) -> bool {
        self.words().any(|other| other == word)
    }

    pub fn value(self) -> Value {
        self.words().collect::<Vec<_>>().join(" ").into()
    }
}

/// What one statement does; items and links are told by the numbers they are given.
#[derive(Clone, Debug)]
pub enum Change {
    Create {
        items: Vec<(i64, Item)>,
    },
    Merge {
        item: i64,
        content: Item,
    },
    /// Adds one to the values of a group.
    Raise {
        group: i64,
    },
    SetVip {
        item: i64,
    },
    /// Takes the value, too.
    RemoveVip {
        item: i64,
    },
    Link {
        link: i64,
        content: Link,
    },
    MergeLink {
        link: i64,
        content: Link,
    },
    /// Changes what leaves an item.
    Weigh {
        from: i64,
        weight: i64,
        note: Text,
    },
    Unlink {
        link: i64,
    },
    Remove {
        item: i64,
    },
}

/// The items and links by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub items: BTreeMap<i64, Item>,
    pub links: BTreeMap<i64, Link>,
}

impl Content {
    /// A change of what there is; `number` is of nothing yet, nor are the three behind it.
    pub fn draw(&self, random: &mut SmallRng, number: i64) -> Change {
        let item = Item {
            group: random.random_range(0..GROUPS),
            value: random.random_ratio(4, 5).then(|| random.random_range(0..VALUES)),
            title: Text::draw(random),
            is_vip: random.random_ratio(1, 3),
        };
        let Some(some) = self.items.keys().copied().choose(random) else {
            return Change::Create { items: vec![(number, item)] };
        };
        let other = self.items.keys().copied().choose(random).unwrap_or(some);
        let (weight, note) = (random.random_range(0..VALUES), Text::draw(random));
        let link = |is_one| Link { from: some, to: other, is_one, weight, note };
        match random.random_range(0..100) {
            0..25 if self.items.len() < ITEMS_MAX => {
                let count = random.random_range(1..=3);
                Change::Create { items: (0..count).map(|at| (number + at, item)).collect() }
            }
            0..30 => Change::Merge { item: some, content: Item { is_vip: false, ..item } },
            30..35 => Change::Merge { item: number, content: Item { is_vip: false, ..item } },
            35..45 => Change::Raise { group: item.group },
            45..50 => Change::SetVip { item: some },
            50..55 => Change::RemoveVip { item: some },
            55..70 => Change::Link { link: number, content: link(false) },
            70..78 => Change::MergeLink { link: number, content: link(true) },
            78..85 => Change::Weigh { from: some, weight, note },
            85..92 => match self.links.iter().filter(|(_, link)| !link.is_one).choose(random) {
                Some((&link, _)) => Change::Unlink { link },
                None => Change::Raise { group: item.group },
            },
            _ => Change::Remove { item: some },
        }
    }

    pub fn apply(&mut self, change: &Change) {
        match *change {
            Change::Create { ref items } => self.items.extend(items.iter().copied()),
            Change::Merge { item, content: Item { value, title, .. } } if self.items.contains_key(&item) => {
                self.items.entry(item).and_modify(|item| (item.value, item.title) = (value, title));
            }
            Change::Merge { item, content } => drop(self.items.insert(item, content)),
            Change::Raise { group } => {
                let items = self.items.values_mut().filter(|item| item.group == group);
                let values = items.filter_map(|item| item.value.as_mut());
                values.filter(|value| **value < VALUE_MAX).for_each(|value| *value += 1);
            }
            Change::SetVip { item } => drop(self.items.entry(item).and_modify(|item| item.is_vip = true)),
            Change::RemoveVip { item } => {
                self.items.entry(item).and_modify(|item| (item.is_vip, item.value) = (false, None));
            }
            Change::Link { link, content } => drop(self.links.insert(link, content)),
            Change::MergeLink { link, content } => {
                let same = |link: &&mut Link| (link.is_one, link.from, link.to) == (true, content.from, content.to);
                match self.links.values_mut().find(same) {
                    Some(known) => known.weight += 1,
                    None => drop(self.links.insert(link, content)),
                }
            }
            Change::Weigh { from, weight, note } => {
                let links = self.links.values_mut().filter(|link| link.from == from && !link.is_one);
                links.for_each(|link| (link.weight, link.note) = (weight, note));
            }
            Change::Unlink { link } => drop(self.links.remove(&link)),
            Change::Remove { item } => {
                self.items.remove(&item);
                self.links.retain(|_, link| link.from != item && link.to != item);
            }
        }
    }
}

impl Item {
    /// Its properties, but for those it does not have.
    pub fn properties(&self, number: i64) -> Vec<(&'static str, Value)> {
        let Self { group, value, title, .. } = *self;
        let all = [("u", number.into()), ("group", group.into()), ("value", or_null(value)), ("title", title.value())];
        all.into_iter().filter(|(_, value): &(_, Value)| !value.is_null()).collect()
    }
}

impl Link {
    /// Its properties.
    pub fn properties(&self, number: i64) -> Vec<(&'static str, Value)> {
        vec![("u", number.into()), ("w", self.weight.into()), ("note", self.note.value())]
    }
}

pub fn or_null(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::Integer)
}

/// A statement's text, and its parameters.
pub type Statement = (&'static str, Vec<(&'static str, Value)>);

impl Change {
    /// The statement that makes the change.
    pub fn statement(&self) -> Result<Statement> {
        Ok(match *self {
            Self::Create { ref items } => {
                let row = |(number, item): &(i64, Item)| {
                    let vips = Value::list(if item.is_vip { vec![true.into()] } else { Vec::new() })?;
                    let entries = item.properties(*number).into_iter().chain([("vips", vips)]);
                    Ok(Value::Map(Map::new(entries)?))
                };
                let rows = items.iter().map(row).collect::<std::result::Result<_, _>>().and_then(Value::list);
                let text = "UNWIND $rows AS row \
                    CREATE (n:Item {u: row.u, group: row.group, value: row.value, title: row.title}) \
                    FOREACH (vip IN row.vips | SET n:Vip)";
                (text, vec![("rows", rows.map_err(of_cypher)?)])
            }
            Self::Merge { item, content: Item { group, value, title, .. } } => (
                "MERGE (n:Item {u: $u}) ON CREATE SET n.group = $group SET n.value = $value, n.title = $title",
                vec![("u", item.into()), ("group", group.into()), ("value", or_null(value)), ("title", title.value())],
            ),
            Self::Raise { group } => (
                "MATCH (n:Item) WHERE n.group = $group AND n.value < $most SET n.value = n.value + 1",
                vec![("group", group.into()), ("most", VALUE_MAX.into())],
            ),
            Self::SetVip { item } => ("MATCH (n:Item {u: $u}) SET n:Vip", vec![("u", item.into())]),
            Self::RemoveVip { item } => ("MATCH (n:Item {u: $u}) REMOVE n:Vip, n.value", vec![("u", item.into())]),
            Self::Link { link, content } => (
                "MATCH (a:Item {u: $from}), (b:Item {u: $to}) CREATE (a)-[:LINKS {u: $u, w: $w, note: $note}]->(b)",
                content.parameters(link),
            ),
            Self::MergeLink { link, content } => (
                "MATCH (a:Item {u: $from}), (b:Item {u: $to}) MERGE (a)-[r:ONE]->(b) \
                 ON CREATE SET r = {u: $u, w: $w, note: $note} ON MATCH SET r.w = r.w + 1",
                content.parameters(link),
            ),
            Self::Weigh { from, weight, note } => (
                "MATCH (:Item {u: $from})-[r:LINKS]->() SET r += {w: $w, note: $note}",
                vec![("from", from.into()), ("w", weight.into()), ("note", note.value())],
            ),
            Self::Unlink { link } => ("MATCH ()-[r:LINKS {u: $u}]->() DELETE r", vec![("u", link.into())]),
            Self::Remove { item } => ("MATCH (n:Item {u: $u}) DETACH DELETE n", vec![("u", item.into())]),
        })
    }
}

impl Link {
    fn parameters(&self, number: i64) -> Vec<(&'static str, Value)> {
        let ends = [("from", self.from.into()), ("to", self.to.into())];
        self.properties(number).into_iter().chain(ends).collect()
    }
}
