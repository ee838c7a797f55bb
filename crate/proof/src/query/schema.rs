//! The indexes and constraints of the graph: those it has from its beginning on, and those that come and go.

use sledstore_engine::Result;
use sledstore_graph::{Entity, Graph, IndexKind, IndexSpec, Progress, TextOptions};

use crate::work::contradiction;
use sledstore_engine::Durability;

/// Made by the first process, with their names.
pub const KEPT: [(&str, &str); 5] = [
    ("item_u", "CREATE CONSTRAINT item_u IF NOT EXISTS FOR (n:Item) REQUIRE n.u IS UNIQUE"),
    ("item_group", "CREATE INDEX item_group IF NOT EXISTS FOR (n:Item) ON (n.group, n.value)"),
    ("item_title", "CREATE FULLTEXT INDEX item_title IF NOT EXISTS FOR (n:Item) ON EACH [n.title]"),
    ("link_u", "CREATE CONSTRAINT link_u IF NOT EXISTS FOR ()-[r:LINKS]-() REQUIRE r.u IS UNIQUE"),
    ("link_w", "CREATE INDEX link_w IF NOT EXISTS FOR ()-[r:LINKS]-() ON (r.w)"),
];

/// Dropped and built by steps.
pub const BUILT: [&str; 4] = ["item_value", "vip_u", "vip_title", "link_note"];

/// Builds one of those that come and go.
pub fn build(graph: &Graph, name: &str, level: Durability, progress: Progress<'_>) -> Result<()> {
    let (entity, label, property, kind) = match name {
        "item_value" => (Entity::Node, "Item", "value", IndexKind::Range),
        "vip_u" => (Entity::Node, "Vip", "u", IndexKind::Unique),
        "vip_title" => (Entity::Node, "Vip", "title", IndexKind::Fulltext),
        _ => (Entity::Edge, "LINKS", "note", IndexKind::Fulltext),
    };
    let spec = IndexSpec { name: name.to_owned(), entity, label: None, properties: vec![property.to_owned()], kind };
    let label = label.to_owned();
    let is_new = if kind == IndexKind::Fulltext {
        let options = TextOptions { labels: vec![label], ..TextOptions::default() };
        graph.build_text_index(&spec, &options, level, progress)?
    } else {
        graph.build_index(&IndexSpec { label: Some(label), ..spec }, level, progress)?
    };
    if is_new { Ok(()) } else { Err(contradiction(format_args!("index {name} is there after it was dropped"))) }
}
