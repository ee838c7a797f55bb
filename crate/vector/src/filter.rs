//! Which vectors a search is about: those whose attributes equal given values.

use sledstore_engine::Result;

use crate::attributes::{self, Reader, Token};
use crate::row::invalid;

/// A value to compare with. Numbers are equal when they stand for the same number, whatever their encoding.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Vec<u8>),
    Opaque(Vec<u8>),
}

/// Attributes and the values they must all have.
///
/// An attribute that is not there equals nothing, not even null. Lists and maps cannot be compared with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<(Vec<u8>, Value)>,
}

impl Filter {
    /// The filter that a MessagePack map of names and values stands for.
    ///
    /// ```
    /// use sledstore_vector::Filter;
    ///
    /// let nouns = Filter::parse(b"\x81\xa3pos\xa1n")?; // { pos: 'n' }
    /// assert!(nouns.matches(b"\x82\xa3pos\xa1n\xa3len\x05").unwrap());
    /// assert!(!nouns.matches(b"\x81\xa3pos\xa1v").unwrap());
    /// # Ok::<(), sledstore_engine::Error>(())
    /// ```
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for bytes that are no such map, for a list or a map as value, and for NaN.
    pub fn parse(map: &[u8]) -> Result<Self> {
        attributes::check(map)?;
        let mut reader = Reader::new(map);
        let mut conditions = Vec::new();
        reader.next();
        while let Some(Token::Text(name)) = reader.next() {
            let value = reader.next().and_then(value).ok_or_else(|| {
                let name = String::from_utf8_lossy(name);
                invalid(format!("the filter on \"{name}\" is not null, a boolean, a number, a text, bytes or a date"))
            })?;
            conditions.push((name.to_vec(), value));
        }
        Ok(Self { conditions })
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether the attributes have all the values; `None` when they are damaged.
    pub fn matches(&self, attributes: &[u8]) -> Option<bool> {
        for (name, wanted) in &self.conditions {
            let Some(mut place) = attributes::find(attributes, name)? else { return Some(false) };
            if !wanted.equals(&place.next()?) {
                return Some(false);
            }
        }
        Some(true)
    }
}

fn value(token: Token<'_>) -> Option<Value> {
    Some(match token {
        Token::Null => Value::Null,
        Token::Bool(value) => Value::Bool(value),
        Token::Int(value) => Value::Int(value),
        Token::Float(value) if value.is_nan() => return None,
        Token::Float(value) => Value::Float(value),
        Token::Text(text) => Value::Text(text.to_vec()),
        Token::Opaque(bytes) => Value::Opaque(bytes.to_vec()),
        Token::List(_) | Token::Map(_) => return None,
    })
}

impl Value {
    fn equals(&self, token: &Token<'_>) -> bool {
        match (self, token) {
            (Self::Null, Token::Null) => true,
            (Self::Bool(wanted), Token::Bool(value)) => wanted == value,
            (Self::Int(wanted), Token::Int(value)) => wanted == value,
            (Self::Float(wanted), Token::Float(value)) => wanted == value,
            (Self::Int(int), Token::Float(float)) | (Self::Float(float), Token::Int(int)) => same_number(*int, *float),
            (Self::Text(wanted), Token::Text(value)) => wanted == value,
            (Self::Opaque(wanted), Token::Opaque(value)) => wanted == value,
            _ => false,
        }
    }
}

/// Integers of MessagePack have at most 64 bits, so a float beyond those is none of them.
fn same_number(int: i128, float: f64) -> bool {
    float.fract() == 0.0 && float.abs() < 2e19 && float as i128 == int
}
