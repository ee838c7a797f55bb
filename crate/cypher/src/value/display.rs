//! Values as text: as `toString` gives them, and as they stand in results.

use std::fmt::{self, Write};

use super::number::float_text;
use super::{Map, Node, Path, Relationship, Value};

impl Value {
    /// The text of a value that has one of its own, without quotes; of any other what [`Display`](fmt::Display) writes.
    pub fn text(&self) -> String {
        match self {
            Self::String(text) => text.as_ref().to_owned(),
            Self::Float(float) => float_text(*float),
            Self::Date(date) => date.to_string(),
            Self::LocalTime(time) => time.to_string(),
            Self::Time(time) => time.to_string(),
            Self::LocalDateTime(datetime) => datetime.to_string(),
            Self::DateTime(datetime) => datetime.to_string(),
            Self::Duration(duration) => duration.to_string(),
            other => other.to_string(),
        }
    }
}

/// The notation of the openCypher TCK: strings, dates, times and durations in single quotes, `{k: v}`, `[v, v]`,
/// `(:Label {k: v})`, `[:TYPE {k: v}]`, `<(:A)-[:T]->(:B)>`. Negative zero is written as zero.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Float(float) if float.is_infinite() => f.write_str(if *float > 0.0 { "Inf" } else { "-Inf" }),
            Self::Float(float) => f.write_str(&float_text(*float + 0.0)),
            Self::String(text) => quoted(text, f),
            Self::List(list) => {
                f.write_char('[')?;
                separated(list.values(), f, |value, f| write!(f, "{value}"))?;
                f.write_char(']')
            }
            Self::Map(map) => write_map(map, f),
            Self::Node(node) => write_node(node, f),
            Self::Relationship(relationship) => write_relationship(relationship, f),
            Self::Path(path) => write_path(path, f),
            Self::Point(point) => write!(f, "{point}"),
            Self::Bytes(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Vector(components) => {
                f.write_str("vector([")?;
                separated(components, f, |component, f| write!(f, "{component:?}"))?;
                f.write_str("])")
            }
            other => write!(f, "'{}'", other.text()),
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('\'')?;
    for letter in text.chars() {
        match letter {
            '\'' => f.write_str("\\'")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('\'')
}

/// Calls `write` for each, with a comma between.
fn separated<T>(
    items: &[T],
    f: &mut fmt::Formatter<'_>,
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            f.write_str(", ")?;
        }
        write(item, f)?;
    }
    Ok(())
}

fn write_map(map: &Map, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('{')?;
    separated(map.entries(), f, |(key, value), f| write!(f, "{key}: {value}"))?;
    f.write_char('}')
}

fn write_node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('(')?;
    node.labels.iter().try_for_each(|label| write!(f, ":{label}"))?;
    if !node.properties.is_empty() {
        if !node.labels.is_empty() {
            f.write_char(' ')?;
        }
        write_map(&node.properties, f)?;
    }
    f.write_char(')')
}

fn write_relationship(relationship: &Relationship, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "[:{}", relationship.kind)?;
    if !relationship.properties.is_empty() {
        f.write_char(' ')?;
        write_map(&relationship.properties, f)?;
    }
    f.write_char(']')
}

fn write_path(path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('<')?;
    write_node(&path.start, f)?;
    let mut at = path.start.id;
    for step in &path.steps {
        let along = step.relationship.start == at;
        f.write_str(if along { "-" } else { "<-" })?;
        write_relationship(&step.relationship, f)?;
        f.write_str(if along { "->" } else { "-" })?;
        write_node(&step.node, f)?;
        at = step.node.id;
    }
    f.write_char('>')
}
