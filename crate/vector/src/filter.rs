//! Which vectors a search is about, by their attributes.

use sledstore_engine::{Error, Result};

use crate::attribute_rank::{Rank, Value};
use crate::attributes::{self, Reader, Token};
use crate::row::invalid;

/// Nested no deeper, so that reading one cannot overflow the stack.
const NESTING_MAX: usize = 32;

/// Conditions on attributes.
///
/// A map of names: each attribute must equal its value, or pass all the tests of a map of them: `gt`, `gte`, `lt`, `lte`
/// (numbers, texts, dates), `in` (a list of values) and `startsWith` (a text). Under `$and` and `$or` stand lists of such
/// maps, under `$not` one. An attribute that is not there passes no test, not even of null.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    condition: Condition,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Attribute(Vec<u8>, Test),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    In(Vec<Value>),
    Below { than: Value, or_equal: bool },
    Above { than: Value, or_equal: bool },
    StartsWith(Vec<u8>),
}

impl Default for Filter {
    /// Lets everything through.
    fn default() -> Self {
        Self { condition: Condition::All(Vec::new()) }
    }
}

impl Filter {
    /// The filter that a MessagePack map stands for.
    ///
    /// ```
    /// use sledstore_vector::Filter;
    ///
    /// let nouns = Filter::parse(b"\x81\xa3pos\xa1n")?; // { pos: 'n' }
    /// assert!(nouns.matches(b"\x82\xa3pos\xa1n\xa3len\x05").unwrap());
    /// assert!(!nouns.matches(b"\x81\xa3pos\xa1v").unwrap());
    /// let long = Filter::parse(b"\x81\xa3len\x81\xa3gte\x05")?; // { len: { gte: 5 } }
    /// assert!(long.matches(b"\x81\xa3len\x06").unwrap());
    /// # Ok::<(), sledstore_engine::Error>(())
    /// ```
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for bytes that are no such map, an unknown operator, a list or map as value, and NaN.
    pub fn parse(map: &[u8]) -> Result<Self> {
        attributes::check(map, &|_, _| Ok(()))?;
        Ok(Self { condition: all(&mut Reader::new(map), 0)? })
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        matches!(&self.condition, Condition::All(conditions) if conditions.is_empty())
    }

    /// Whether attributes pass; those of a vector without any are empty. `None` when they are damaged.
    pub fn matches(&self, attributes: &[u8]) -> Option<bool> {
        self.condition.holds(attributes)
    }

    pub(crate) fn condition(&self) -> &Condition {
        &self.condition
    }

    /// The attributes it asks about, each once.
    pub(crate) fn names(&self) -> Vec<&[u8]> {
        let mut names = Vec::new();
        self.condition.gather_names(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Condition {
    fn gather_names<'a>(&'a self, names: &mut Vec<&'a [u8]>) {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().for_each(|condition| condition.gather_names(names));
            }
            Self::Not(condition) => condition.gather_names(names),
            Self::Attribute(name, _) => names.push(name),
        }
    }

    pub fn holds(&self, attributes: &[u8]) -> Option<bool> {
        let every = |conditions: &[Self], wanted: bool| {
            for condition in conditions {
                if condition.holds(attributes)? != wanted {
                    return Some(!wanted);
                }
            }
            Some(wanted)
        };
        match self {
            Self::All(conditions) => every(conditions, true),
            Self::Any(conditions) => every(conditions, false),
            Self::Not(condition) => condition.holds(attributes).map(|holds| !holds),
            Self::Attribute(..) if attributes.is_empty() => Some(false),
            Self::Attribute(name, test) => match attributes::find(attributes, name)? {
                Some(mut place) => place.next().map(|token| test.passes(token)),
                None => Some(false),
            },
        }
    }
}

impl Test {
    fn passes(&self, token: Token<'_>) -> bool {
        let Some(rank) = Rank::of(token) else { return false };
        match self {
            Self::In(values) => values.iter().any(|value| value.rank() == rank),
            Self::Below { than, or_equal } => {
                let than = than.rank();
                rank.kind() == than.kind() && (rank < than || *or_equal && rank == than)
            }
            Self::Above { than, or_equal } => {
                let than = than.rank();
                rank.kind() == than.kind() && (rank > than || *or_equal && rank == than)
            }
            Self::StartsWith(prefix) => rank.starts_with(prefix),
        }
    }
}

/// The conditions of a map, which all must hold.
fn all(reader: &mut Reader<'_>, depth: usize) -> Result<Condition> {
    let Some(Token::Map(count)) = reader.next() else {
        return Err(invalid("a filter is an object of attributes and conditions"));
    };
    if depth > NESTING_MAX {
        return Err(invalid(format!("a filter is nested more than {NESTING_MAX} deep")));
    }
    let mut conditions = Vec::new();
    for _ in 0..count {
        let Some(Token::Text(name)) = reader.next() else { return Err(cut_short()) };
        match name {
            b"$not" => conditions.push(Condition::Not(Box::new(all(reader, depth + 1)?))),
            b"$and" | b"$or" => {
                let Some(Token::List(count)) = reader.next() else {
                    return Err(invalid("$and and $or take a list of filters"));
                };
                let several = (0..count).map(|_| all(reader, depth + 1)).collect::<Result<_>>()?;
                conditions.push(if name == b"$and" { Condition::All(several) } else { Condition::Any(several) });
            }
            _ => tests(name, reader, &mut conditions)?,
        }
    }
    Ok(Condition::All(conditions))
}

/// What is asked of one attribute.
fn tests(name: &[u8], reader: &mut Reader<'_>, conditions: &mut Vec<Condition>) -> Result<()> {
    let shown = || String::from_utf8_lossy(name);
    let no_value =
        || invalid(format!("the filter on \"{}\" is not null, a boolean, a number, a text, bytes or a date", shown()));
    let mut push = |test| conditions.push(Condition::Attribute(name.to_vec(), test));
    let count = match reader.next().ok_or_else(cut_short)? {
        Token::Map(0) => return Err(no_value()),
        Token::Map(count) => count,
        token => {
            push(Test::In(vec![Value::of(token).ok_or_else(no_value)?]));
            return Ok(());
        }
    };
    for _ in 0..count {
        let (Some(Token::Text(operator)), Some(token)) = (reader.next(), reader.next()) else {
            return Err(cut_short());
        };
        let unordered = || {
            invalid(format!(
                "the filter on \"{}\" compares with what has no order: take a number, a text or a date",
                shown()
            ))
        };
        let than = || Value::of(token).filter(Value::has_order).ok_or_else(unordered);
        push(match operator {
            b"gt" | b"gte" => Test::Above { than: than()?, or_equal: operator == b"gte" },
            b"lt" | b"lte" => Test::Below { than: than()?, or_equal: operator == b"lte" },
            b"startsWith" => match token {
                Token::Text(prefix) => Test::StartsWith(prefix.to_vec()),
                _ => return Err(invalid(format!("the filter on \"{}\": startsWith takes a text", shown()))),
            },
            b"in" => {
                let Token::List(count) = token else {
                    return Err(invalid(format!("the filter on \"{}\": in takes a list of values", shown())));
                };
                let values = (0..count).map(|_| reader.next().and_then(Value::of).ok_or_else(no_value));
                Test::In(values.collect::<Result<_>>()?)
            }
            other => {
                let other = String::from_utf8_lossy(other);
                return Err(invalid(format!(
                    "the filter on \"{}\" has no operator \"{other}\"; there are gt, gte, lt, lte, in and startsWith",
                    shown()
                )));
            }
        });
    }
    Ok(())
}

fn cut_short() -> Error {
    invalid("a filter ends too early")
}
