//! What a procedure takes and gives, as data and as text.
//!
//! `name(argument :: TYPE, other = default :: TYPE?) :: (column :: TYPE, …)`. A `?` behind a type lets null through; a
//! default is `null`, `true`, `false`, a number, a quoted string, `[]` or `{}`. `() :: ()` and `() :: VOID` give nothing.

use std::fmt;

use crate::error::{CypherError, Detail, Kind};
use crate::ir::Type;
use crate::value::{List, Map, Value};

/// Longest text of a signature, in bytes.
const TEXT_BYTES_MAX: usize = 16 << 10;
/// How deep the types of lists nest.
const LISTS_MAX: u32 = 8;

/// Whether a procedure changes the graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It does not.
    #[default]
    Read,
    /// It may: the query that calls it is one that writes.
    Write,
}

/// What a procedure takes in one place.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, by which a parameter is found where no arguments are written.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it is where it is left out; those behind it have one as well.
    pub default: Option<Value>,
}

impl PartialEq for Argument {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.ty, self.nullable) == (&other.name, &other.ty, other.nullable)
            && self.default.as_ref().map(Value::text) == other.default.as_ref().map(Value::text)
    }
}

/// What each row of a procedure holds in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be null.
    pub nullable: bool,
}

/// What a procedure is called, takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// As it is called, parts joined by dots.
    pub name: String,
    /// First to last.
    pub arguments: Vec<Argument>,
    /// First to last. A procedure without is run for what it does.
    pub columns: Vec<Column>,
    /// Whether it changes the graph.
    pub mode: Mode,
}

impl Signature {
    /// Reads the text of a signature, of a procedure that only reads.
    ///
    /// # Errors
    /// `ProcedureError` for a text that is none: the message says where it ends to be one.
    ///
    /// ```
    /// use sledstore_cypher::procedure::Signature;
    ///
    /// let signature = Signature::parse("my.near(of :: NODE, most = 10 :: INTEGER) :: (node :: NODE, score :: FLOAT?)")?;
    /// assert_eq!(signature.arguments.len(), 2);
    /// assert_eq!(signature.columns[1].name, "score");
    /// # Ok::<(), sledstore_cypher::CypherError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, CypherError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(refused(format!(
                "a signature has at most {TEXT_BYTES_MAX} bytes, and this one {}",
                text.len()
            )));
        }
        let mut reader = Reader { text, rest: text };
        let name = reader.name(true)?;
        let arguments = reader.fields(true)?;
        reader.expect("::")?;
        let columns = if reader.takes("VOID") { Vec::new() } else { reader.fields(false)? };
        if !reader.rest.trim().is_empty() {
            return Err(reader.wrong("nothing"));
        }
        let columns =
            columns.into_iter().map(|field| Column { name: field.name, ty: field.ty, nullable: field.nullable });
        Self { name, arguments, columns: columns.collect(), mode: Mode::Read }.checked()
    }

    /// The same, of a procedure that changes the graph.
    #[must_use]
    pub fn writing(self) -> Self {
        Self { mode: Mode::Write, ..self }
    }

    /// How many arguments must be written.
    #[must_use]
    pub fn required(&self) -> usize {
        self.arguments.iter().take_while(|argument| argument.default.is_none()).count()
    }

    fn checked(self) -> Result<Self, CypherError> {
        let arguments = self.arguments.iter().map(|argument| &argument.name);
        twice(&self.name, "argument", arguments)?;
        twice(&self.name, "column", self.columns.iter().map(|column| &column.name))?;
        let behind = self.arguments.iter().skip(self.required());
        if let Some(argument) = behind.into_iter().find(|argument| argument.default.is_none()) {
            let message = format!("{} of `{}` stands behind one with a default and has none", argument.name, self.name);
            return Err(refused(message));
        }
        for argument in &self.arguments {
            let Some(default) = &argument.default else { continue };
            if fitting(default.clone(), &argument.ty, true).is_none() {
                let message = format!("the default of {} in `{}` is no {}", argument.name, self.name, argument.ty);
                return Err(refused(message));
            }
        }
        Ok(self)
    }
}

fn twice<'n>(of: &str, what: &str, names: impl Iterator<Item = &'n String>) -> Result<(), CypherError> {
    let mut known = std::collections::HashSet::new();
    for name in names {
        if !known.insert(name) {
            return Err(refused(format!("`{of}` has two {what}s `{name}`")));
        }
    }
    Ok(())
}

pub(super) fn refused(message: impl Into<String>) -> CypherError {
    CypherError::runtime(Kind::ProcedureError, Detail::InvalidArgumentValue, message)
}

/// The value as one of a type: an integer becomes a float where one is asked for. `None` where it is none.
pub(crate) fn fitting(value: Value, ty: &Type, nullable: bool) -> Option<Value> {
    let fits = match (&value, ty) {
        (Value::Null, _) => nullable,
        (_, Type::Any)
        | (Value::Boolean(_), Type::Boolean)
        | (Value::Integer(_), Type::Integer | Type::Number)
        | (Value::Float(_), Type::Float | Type::Number)
        | (Value::String(_), Type::String)
        | (Value::Map(_), Type::Map)
        | (Value::Node(_), Type::Node)
        | (Value::Relationship(_), Type::Relationship)
        | (Value::Path(_), Type::Path)
        | (Value::Date(_), Type::Date)
        | (Value::Time(_), Type::Time)
        | (Value::LocalTime(_), Type::LocalTime)
        | (Value::DateTime(_), Type::DateTime)
        | (Value::LocalDateTime(_), Type::LocalDateTime)
        | (Value::Duration(_), Type::Duration)
        | (Value::Point(_), Type::Point) => true,
        (Value::Integer(integer), Type::Float) => return Some(Value::Float(*integer as f64)),
        (Value::List(list), Type::List(element)) => return fitting_list(value.clone(), list, element),
        _ => false,
    };
    fits.then_some(value)
}

fn fitting_list(value: Value, list: &List, element: &Type) -> Option<Value> {
    if *element == Type::Any {
        return Some(value);
    }
    let values = list.values().iter().map(|value| fitting(value.clone(), element, true));
    Value::list(values.collect::<Option<Vec<_>>>()?).ok()
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl Reader<'_> {
    fn wrong(&self, expected: &str) -> CypherError {
        let at = self.text.len().saturating_sub(self.rest.len());
        refused(format!("`{}` is no signature of a procedure: {expected} is expected behind byte {at}", self.text))
    }

    fn takes(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), CypherError> {
        if self.takes(token) { Ok(()) } else { Err(self.wrong(&format!("`{token}`"))) }
    }

    /// Letters, digits and underscores; parts joined by dots where they are allowed.
    fn name(&mut self, dots: bool) -> Result<String, CypherError> {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || (dots && c == '.'))).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end).unwrap_or_default();
        if name.split('.').any(|part| part.is_empty() || part.starts_with(|c: char| c.is_numeric())) {
            return Err(self.wrong("a name"));
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn fields(&mut self, defaults: bool) -> Result<Vec<Argument>, CypherError> {
        self.expect("(")?;
        let mut fields = Vec::new();
        if self.takes(")") {
            return Ok(fields);
        }
        loop {
            let name = self.name(false)?;
            let default = if defaults && self.takes("=") { Some(self.literal()?) } else { None };
            self.expect("::")?;
            let (ty, nullable) = self.nullable(LISTS_MAX)?;
            fields.push(Argument { name, ty, nullable: nullable || matches!(default, Some(Value::Null)), default });
            if self.takes(")") {
                return Ok(fields);
            }
            self.expect(",")?;
        }
    }

    fn nullable(&mut self, depth: u32) -> Result<(Type, bool), CypherError> {
        let ty = self.ty(depth)?;
        let nullable = self.takes("?") || ty == Type::Any;
        Ok((ty, nullable))
    }

    fn ty(&mut self, depth: u32) -> Result<Type, CypherError> {
        let name = self.name(false)?.to_ascii_uppercase();
        Ok(match name.as_str() {
            "ANY" => Type::Any,
            "BOOLEAN" => Type::Boolean,
            "INTEGER" => Type::Integer,
            "FLOAT" => Type::Float,
            "NUMBER" => Type::Number,
            "STRING" => Type::String,
            "MAP" => Type::Map,
            "NODE" => Type::Node,
            "RELATIONSHIP" => Type::Relationship,
            "PATH" => Type::Path,
            "DATE" => Type::Date,
            "TIME" => Type::Time,
            "LOCALTIME" => Type::LocalTime,
            "DATETIME" => Type::DateTime,
            "LOCALDATETIME" => Type::LocalDateTime,
            "LOCAL" if self.takes("TIME") => Type::LocalTime,
            "LOCAL" if self.takes("DATETIME") => Type::LocalDateTime,
            "DURATION" => Type::Duration,
            "POINT" => Type::Point,
            "LIST" => {
                let Some(depth) = depth.checked_sub(1) else { return Err(self.wrong("a type less deep")) };
                if self.takes("<") {
                    let (element, _) = self.nullable(depth)?;
                    self.expect(">")?;
                    Type::list_of(element)
                } else if self.takes("OF") {
                    Type::list_of(self.nullable(depth)?.0)
                } else {
                    Type::list()
                }
            }
            _ => return Err(self.wrong("a type")),
        })
    }

    fn literal(&mut self) -> Result<Value, CypherError> {
        for quote in ["'", "\""] {
            if self.takes(quote) {
                let Some((text, rest)) = self.rest.split_once(quote) else { return Err(self.wrong(quote)) };
                self.rest = rest;
                return Ok(Value::from(text));
            }
        }
        for (opening, closing) in [("[", "]"), ("{", "}")] {
            if self.takes(opening) {
                self.expect(closing)?;
                return if opening == "[" { Value::list(Vec::new()) } else { Ok(Value::Map(Map::empty())) };
            }
        }
        let text = self.rest.trim_start();
        let end = text.find(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ')')).unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).unwrap_or_default();
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            number => match (number.parse::<i64>(), number.parse::<f64>()) {
                (Ok(integer), _) => Value::Integer(integer),
                (_, Ok(float)) if float.is_finite() => Value::Float(float),
                _ => return Err(self.wrong("a default")),
            },
        };
        self.rest = rest;
        Ok(value)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |nullable: bool, ty: &Type| if nullable && *ty != Type::Any { "?" } else { "" };
        write!(f, "{}(", self.name)?;
        for (at, argument) in self.arguments.iter().enumerate() {
            let Argument { name, ty, nullable, default } = argument;
            write!(f, "{}{name}", if at > 0 { ", " } else { "" })?;
            match default {
                Some(Value::String(text)) => write!(f, " = '{text}'")?,
                Some(default) => write!(f, " = {}", default.text())?,
                None => {}
            }
            write!(f, " :: {ty}{}", mark(*nullable, ty))?;
        }
        f.write_str(") :: (")?;
        for (at, Column { name, ty, nullable }) in self.columns.iter().enumerate() {
            write!(f, "{}{name} :: {ty}{}", if at > 0 { ", " } else { "" }, mark(*nullable, ty))?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back() {
        for text in [
            "test.doNothing() :: ()",
            "test.my.proc(name :: STRING?, id :: INTEGER?) :: (city :: STRING?, country_code :: INTEGER?)",
            "a.b(most = 10 :: INTEGER, how = 'fast' :: STRING, options = {} :: MAP, of = [] :: LIST<NODE>) :: (n :: ANY)",
            "a(at :: LOCAL DATETIME, x = null :: FLOAT?, y = -1.5 :: FLOAT) :: (path :: PATH, all :: LIST<LIST<STRING>>?)",
        ] {
            assert_eq!(Signature::parse(text).unwrap().to_string(), text);
        }
        let signature = Signature::parse(" a ( b::LIST OF STRING? ) :: VOID ").unwrap();
        assert_eq!(signature.to_string(), "a(b :: LIST<STRING>) :: ()");
        assert_eq!(Signature::parse("a(b :: INTEGER, c = 1 :: INTEGER) :: ()").unwrap().required(), 1);
    }

    #[test]
    fn others_are_refused() {
        for text in [
            "",
            "a",
            "a()",
            "a(b) :: ()",
            "a(b :: TEXT) :: ()",
            "a(b :: STRING,) :: ()",
            "a..b() :: ()",
            "1a() :: ()",
            "a() :: () b",
            "a(b :: STRING, b :: STRING) :: ()",
            "a() :: (b :: STRING, b :: STRING)",
            "a(b = 1 :: INTEGER, c :: INTEGER) :: ()",
            "a(b = 'x' :: INTEGER) :: ()",
            "a(b = 'x :: STRING) :: ()",
            "a() :: (b = 1 :: INTEGER)",
        ] {
            let error = Signature::parse(text).unwrap_err();
            assert_eq!((error.kind, error.detail), (Kind::ProcedureError, Detail::InvalidArgumentValue), "{text}");
        }
        let deep = format!("a(b :: {}STRING{}) :: ()", "LIST<".repeat(3_000), ">".repeat(3_000));
        assert!(Signature::parse(&deep).is_err());
        assert!(Signature::parse(&format!("a{}() :: ()", "b".repeat(TEXT_BYTES_MAX))).is_err());
    }

    #[test]
    fn values_fit_types() {
        assert!(matches!(fitting(Value::Integer(2), &Type::Float, false), Some(Value::Float(2.0))));
        assert!(fitting(Value::Float(2.0), &Type::Integer, false).is_none());
        assert!(fitting(Value::Null, &Type::Integer, false).is_none());
        assert!(fitting(Value::Null, &Type::Integer, true).is_some());
        let list = Value::list(vec![Value::Integer(1), Value::Null]).unwrap();
        assert_eq!(fitting(list.clone(), &Type::list_of(Type::Float), false).unwrap().text(), "[1.0, null]");
        assert!(fitting(list, &Type::list_of(Type::String), false).is_none());
    }
}
