//! What an index was declared to have as attributes: what vectors may be given, and what filters may ask about.
//!
//! Without a declaration vectors may have any, and a filter on one that none has lets nothing pass. What was declared stays:
//! opening the index with more adds them, and holds for what is put and asked from then on.

use sledstore_engine::{Error, ErrorCode, Result};

use crate::attribute_rank::Rank;
use crate::attributes::Token;
use crate::filter::{Condition, Test};
use crate::row::invalid;

/// Attributes that are declared, at most.
pub(crate) const ATTRIBUTES_MAX: usize = 200;

/// What the values of a declared attribute are, beside null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AttributeKind {
    /// Anything, lists and maps too.
    Any = 0,
    /// True and false.
    Boolean = 1,
    /// Integers and floats.
    Number = 2,
    /// Texts.
    String = 3,
    /// Moments.
    Date = 4,
    /// Bytes.
    Bytes = 5,
}

impl AttributeKind {
    const ALL: [Self; 6] = [Self::Any, Self::Boolean, Self::Number, Self::String, Self::Date, Self::Bytes];

    /// Its name: `any`, `boolean`, `number`, `string`, `date` or `bytes`.
    pub const fn name(self) -> &'static str {
        ["any", "boolean", "number", "string", "date", "bytes"][self as usize]
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    fn admits(self, rank: Option<Rank<'_>>) -> bool {
        match rank {
            _ if self == Self::Any => true,
            None => false,
            Some(Rank::Null) => true,
            // The other extensions of MessagePack are values of their own.
            Some(Rank::Opaque(bytes)) => self == Self::Bytes && matches!(bytes, [0xc4..=0xc6, ..]),
            Some(rank) => rank.kind() == self as u8,
        }
    }
}

/// The declared attributes, in the order in which they were; none for an index that takes any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared(pub Vec<(String, AttributeKind)>);

impl Declared {
    /// Refuses names that could not be kept.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`.
    pub fn check(&self) -> Result<()> {
        let is_good = |name: &str| (1..=usize::from(u8::MAX)).contains(&name.len()) && !name.starts_with('$');
        if self.0.len() <= ATTRIBUTES_MAX && self.0.iter().all(|(name, _)| is_good(name)) {
            return Ok(());
        }
        Err(invalid(format!(
            "up to {ATTRIBUTES_MAX} attributes can be declared, with names of 1 to 255 bytes that do not begin with $"
        )))
    }

    /// Adds those that are new.
    ///
    /// # Errors
    /// `NAMESPACE_MISMATCH` for one that is of another kind here, `INVALID_ARGUMENT` for too many.
    pub fn add(&mut self, index: &str, others: &Self) -> Result<()> {
        for (name, wanted) in &others.0 {
            match self.kind(name.as_bytes()) {
                Some(kind) if kind == *wanted => {}
                Some(kind) => {
                    let (has, wanted) = (kind.name(), wanted.name());
                    return Err(Error::new(
                        ErrorCode::NamespaceMismatch,
                        format!(
                            "the attribute \"{name}\" of vector index \"{index}\" was declared as {has}, and is as \
                             {wanted} now; open it with {has}, or give the other one another name"
                        ),
                    ));
                }
                None => self.0.push((name.clone(), *wanted)),
            }
        }
        self.check()
    }

    fn kind(&self, name: &[u8]) -> Option<AttributeKind> {
        self.0.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, kind)| *kind)
    }

    /// Refuses a value of an attribute; `token` is where it begins.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`.
    pub fn admit(&self, index: &str, name: &[u8], token: Token<'_>) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        // NaN has no rank, and is a number.
        let rank = if let Token::Float(_) = token { Some(Rank::Number(0, 0)) } else { Rank::of(token) };
        self.admit_rank(index, name, rank)
    }

    /// Refuses conditions on what no vector can have.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`.
    pub fn admit_filter(&self, index: &str, condition: &Condition) -> Result<()> {
        match condition {
            _ if self.0.is_empty() => Ok(()),
            Condition::All(several) | Condition::Any(several) => {
                several.iter().try_for_each(|one| self.admit_filter(index, one))
            }
            Condition::Not(one) => self.admit_filter(index, one),
            Condition::Attribute(name, Test::In(values)) => {
                self.kind(name).map_or_else(|| self.admit_rank(index, name, None), |_| Ok(()))?;
                values.iter().try_for_each(|value| self.admit_rank(index, name, Some(value.rank())))
            }
            Condition::Attribute(name, Test::Below { than, .. } | Test::Above { than, .. }) => {
                self.admit_rank(index, name, Some(than.rank()))
            }
            Condition::Attribute(name, Test::StartsWith(prefix)) => {
                self.admit_rank(index, name, Some(Rank::Text(prefix)))
            }
        }
    }

    fn admit_rank(&self, index: &str, name: &[u8], rank: Option<Rank<'_>>) -> Result<()> {
        let shown = || String::from_utf8_lossy(name);
        let Some(kind) = self.kind(name) else {
            let shown = shown();
            let names: Vec<_> = self.0.iter().map(|(name, _)| name.as_str()).collect();
            let names = names.join(", ");
            return Err(invalid(format!(
                "vector index \"{index}\" has no attribute \"{shown}\"; those that were declared are {names}"
            )));
        };
        if kind.admits(rank) {
            return Ok(());
        }
        let (kind, shown) = (kind.name(), shown());
        Err(invalid(format!(
            "the attribute \"{shown}\" of vector index \"{index}\" was declared as {kind}, and has no other values"
        )))
    }
}
