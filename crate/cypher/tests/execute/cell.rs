//! Values as the kit writes them in tables.

use sledstore_cypher::value::order::equivalent;
use sledstore_cypher::value::{Map, Node, Relationship, Value};

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Value(Scalar),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
    Node(NodeCell),
    Relationship(RelationshipCell),
    /// A node, then each relationship with whether it points forward, and the node behind it.
    Path(NodeCell, Vec<(bool, RelationshipCell, NodeCell)>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(String),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeCell {
    labels: Vec<String>,
    properties: Vec<(String, Cell)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationshipCell {
    kind: String,
    properties: Vec<(String, Cell)>,
}

struct Reader<'t> {
    rest: &'t str,
}

impl Cell {
    pub fn read(text: &str) -> Self {
        let mut reader = Reader { rest: text };
        let cell = reader.cell();
        assert!(reader.rest.trim().is_empty(), "the cell {text} goes on with {}", reader.rest);
        cell
    }

    /// As a parameter or as what a procedure gives.
    pub fn value(&self) -> Value {
        match self {
            Self::Value(Scalar::Null) => Value::Null,
            Self::Value(Scalar::Boolean(value)) => Value::Boolean(*value),
            Self::Value(Scalar::Integer(value)) => Value::Integer(*value),
            Self::Value(Scalar::Float(value)) => Value::Float(*value),
            Self::Value(Scalar::String(value)) => Value::string(value.as_str()),
            Self::List(cells) => Value::list(cells.iter().map(Self::value).collect()).unwrap(),
            Self::Map(entries) => {
                let entries = entries.iter().map(|(key, cell)| (key.as_str(), cell.value()));
                Value::Map(Map::new(entries).unwrap())
            }
            other => panic!("{other:?} is no parameter"),
        }
    }

    /// Whether a value is what the cell says; `bags` leaves the order of elements of lists open.
    pub fn fits(&self, value: &Value, bags: bool) -> bool {
        match (self, value) {
            (Self::Value(scalar), value) => scalar.fits(value),
            (Self::List(cells), Value::List(list)) if bags => {
                let mut left: Vec<_> = list.values().iter().collect();
                cells.len() == left.len()
                    && cells.iter().all(|cell| {
                        let found = left.iter().position(|value| cell.fits(value, bags));
                        found.is_some_and(|at| {
                            left.remove(at);
                            true
                        })
                    })
            }
            (Self::List(cells), Value::List(list)) => {
                cells.len() == list.len() && cells.iter().zip(list.values()).all(|(cell, value)| cell.fits(value, bags))
            }
            (Self::Map(entries), Value::Map(map)) => has_properties(entries, map, bags),
            (Self::Node(cell), Value::Node(node)) => cell.fits(node),
            (Self::Relationship(cell), Value::Relationship(relationship)) => cell.fits(relationship),
            (Self::Path(start, steps), Value::Path(path)) => {
                let mut from = path.start.id;
                start.fits(&path.start)
                    && steps.len() == path.steps.len()
                    && steps.iter().zip(&path.steps).all(|((forward, relationship, node), step)| {
                        let (first, last) = (step.relationship.start, step.relationship.end);
                        let ends = if *forward { (first, last) } else { (last, first) };
                        let fits = ends == (from, step.node.id);
                        from = step.node.id;
                        fits && relationship.fits(&step.relationship) && node.fits(&step.node)
                    })
            }
            _ => false,
        }
    }
}

impl Scalar {
    fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Boolean(a), Value::Boolean(b)) => a == b,
            (Self::Integer(a), Value::Integer(b)) => a == b,
            (Self::Float(a), Value::Float(b)) => {
                equivalent(&Value::Float(*a), &Value::Float(*b)) || (a - b).abs() <= a.abs() * 1e-15
            }
            (Self::String(a), Value::String(b)) => **a == **b,
            (
                Self::String(text),
                Value::Date(_)
                | Value::LocalTime(_)
                | Value::Time(_)
                | Value::LocalDateTime(_)
                | Value::DateTime(_)
                | Value::Duration(_),
            ) => value.to_string() == format!("'{text}'"),
            _ => false,
        }
    }
}

fn has_properties(entries: &[(String, Cell)], map: &Map, bags: bool) -> bool {
    entries.len() == map.len()
        && entries.iter().all(|(key, cell)| map.get(key).is_some_and(|value| cell.fits(value, bags)))
}

impl NodeCell {
    fn fits(&self, node: &Node) -> bool {
        self.labels.len() == node.labels.len()
            && self.labels.iter().all(|label| node.labels.iter().any(|other| **other == **label))
            && has_properties(&self.properties, &node.properties, false)
    }
}

impl RelationshipCell {
    fn fits(&self, relationship: &Relationship) -> bool {
        *self.kind == *relationship.kind && has_properties(&self.properties, &relationship.properties, false)
    }
}

impl Reader<'_> {
    fn takes(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, text: &str) {
        assert!(self.takes(text), "{text} is expected before {}", self.rest);
    }

    fn cell(&mut self) -> Cell {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with("[:") {
            return Cell::Relationship(self.relationship());
        }
        if self.rest.starts_with('(') {
            return Cell::Node(self.node());
        }
        if self.takes("<") {
            return self.path();
        }
        if self.takes("[") {
            let mut cells = Vec::new();
            while !self.takes("]") {
                cells.push(self.cell());
                self.takes(",");
            }
            return Cell::List(cells);
        }
        if self.rest.starts_with('{') {
            return Cell::Map(self.map());
        }
        if self.takes("'") {
            return Cell::Value(Scalar::String(self.string()));
        }
        self.scalar()
    }

    fn string(&mut self) -> String {
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' => {
                    self.rest = &self.rest[at + 1..];
                    return text;
                }
                '\\' => match characters.next().unwrap().1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        panic!("a string has no end: {}", self.rest)
    }

    fn scalar(&mut self) -> Cell {
        let end = self.rest.find([',', ']', '}', ')', '>', ' ']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Cell::Value(match word {
            "null" => Scalar::Null,
            "true" => Scalar::Boolean(true),
            "false" => Scalar::Boolean(false),
            "NaN" => Scalar::Float(f64::NAN),
            "Inf" => Scalar::Float(f64::INFINITY),
            "-Inf" => Scalar::Float(f64::NEG_INFINITY),
            _ => match word.parse() {
                Ok(integer) => Scalar::Integer(integer),
                Err(_) => Scalar::Float(word.parse().unwrap_or_else(|_| panic!("no value: {word}"))),
            },
        })
    }

    fn name(&mut self) -> String {
        let end = self.rest.find([':', ' ', '{', ')', ']']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name.trim_matches('`').to_owned()
    }

    fn map(&mut self) -> Vec<(String, Cell)> {
        self.expect("{");
        let mut entries = Vec::new();
        while !self.takes("}") {
            self.rest = self.rest.trim_start();
            let key = self.name();
            self.expect(":");
            entries.push((key, self.cell()));
            self.takes(",");
        }
        entries
    }

    fn properties(&mut self) -> Vec<(String, Cell)> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('{') { self.map() } else { Vec::new() }
    }

    fn node(&mut self) -> NodeCell {
        self.expect("(");
        let mut labels = Vec::new();
        while self.takes(":") {
            labels.push(self.name());
        }
        let properties = self.properties();
        self.expect(")");
        NodeCell { labels, properties }
    }

    fn relationship(&mut self) -> RelationshipCell {
        self.expect("[:");
        let kind = self.name();
        let properties = self.properties();
        self.expect("]");
        RelationshipCell { kind, properties }
    }

    fn path(&mut self) -> Cell {
        let start = self.node();
        let mut steps = Vec::new();
        while !self.takes(">") {
            let forward = !self.takes("<");
            self.expect("-");
            let relationship = self.relationship();
            self.expect("-");
            if forward {
                self.expect(">");
            }
            steps.push((forward, relationship, self.node()));
        }
        Cell::Path(start, steps)
    }
}
