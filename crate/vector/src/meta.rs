//! The row that says what an index is. Integers are little-endian.
//!
//! | Format | Form |
//! |---|---|
//! | 1 | `1 ‖ metric u8 ‖ dimensions u32`: of `f32`, codes of bytes, no model |
//! | 2 | `2 ‖ metric u8 ‖ dimensions u32 ‖ element u8 ‖ coding u8 (1 bytes, 2 bits, 3 product) ‖ parts u32 ‖ model` |
//! | 3 | as 2, but `model length u16 ‖ model`, then for each declared attribute `kind u8 ‖ name length u8 ‖ name` |

use sledstore_engine::{Error, ErrorCode, Result};
use sledstore_neighbor::Coding;

use crate::declared::{AttributeKind, Declared};
use crate::element::Element;
use crate::metric::Metric;
use crate::record::take;
use crate::row::Shape;

/// Longest name of a model, in bytes.
pub(crate) const MODEL_BYTES_MAX: usize = 256;
const FORMAT: u8 = 3;
const FORMAT_UNDECLARED: u8 = 2;

/// What an index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    pub shape: Shape,
    /// Empty: none.
    pub model: String,
    pub declared: Declared,
}

impl Meta {
    pub fn encode(&self) -> Vec<u8> {
        let Shape { dimensions, metric, element, coding } = self.shape;
        let (coding, parts) = match coding {
            Coding::Scalar8 => (1, 0),
            Coding::Binary => (2, 0),
            Coding::Product { parts } => (3, parts as u32),
        };
        // Earlier versions open what they know.
        let is_declared = !self.declared.0.is_empty();
        let is_first = element == Element::F32 && coding == 1 && self.model.is_empty() && !is_declared;
        let format = if is_declared { FORMAT } else { FORMAT_UNDECLARED };
        let mut meta = vec![if is_first { 1 } else { format }, metric as u8];
        meta.extend_from_slice(&(dimensions as u32).to_le_bytes());
        if !is_first {
            meta.extend_from_slice(&[element as u8, coding]);
            meta.extend_from_slice(&parts.to_le_bytes());
            if is_declared {
                meta.extend_from_slice(&(self.model.len() as u16).to_le_bytes());
            }
            meta.extend_from_slice(self.model.as_bytes());
        }
        for (name, kind) in &self.declared.0 {
            meta.extend_from_slice(&[*kind as u8, name.len() as u8]);
            meta.extend_from_slice(name.as_bytes());
        }
        meta
    }

    /// # Errors
    /// `FORMAT_TOO_NEW`, `CORRUPTION`.
    pub fn decode(name: &str, meta: &[u8]) -> Result<Self> {
        if meta.first().is_some_and(|&format| format > FORMAT) {
            return Err(Error::new(
                ErrorCode::FormatTooNew,
                format!("vector index \"{name}\" was written by a newer version of SledStore; update the package"),
            ));
        }
        let decode = || {
            let (&[format, metric, a, b, c, d], rest) = meta.split_first_chunk()?;
            let dimensions = u32::from_le_bytes([a, b, c, d]) as usize;
            let (mut element, mut coding, mut model) = (Element::F32, Coding::Scalar8, "");
            let mut declared = Declared::default();
            match (format, rest.split_first_chunk()) {
                (1, None) if rest.is_empty() => {}
                (FORMAT_UNDECLARED | FORMAT, Some((&[of_element, of_coding, a, b, c, d], rest))) => {
                    element = Element::from_byte(of_element)?;
                    coding = match (of_coding, u32::from_le_bytes([a, b, c, d])) {
                        (1, 0) => Coding::Scalar8,
                        (2, 0) => Coding::Binary,
                        (3, parts) => Coding::Product { parts: parts as usize },
                        _ => return None,
                    };
                    let mut rest = rest;
                    let length =
                        if format == FORMAT { u16::from_le_bytes(take(&mut rest)?).into() } else { rest.len() };
                    let (name, mut rest) = rest.split_at_checked(length)?;
                    model = std::str::from_utf8(name).ok()?;
                    while !rest.is_empty() {
                        let [kind, length] = take(&mut rest)?;
                        let name;
                        (name, rest) = rest.split_at_checked(length.into())?;
                        let name = std::str::from_utf8(name).ok()?.to_owned();
                        declared.0.push((name, AttributeKind::from_byte(kind)?));
                    }
                }
                _ => return None,
            }
            let shape = Shape { dimensions, metric: Metric::from_byte(metric)?, element, coding };
            shape.check_options().ok().map(|()| Self { shape, model: model.to_owned(), declared })
        };
        decode().ok_or_else(|| {
            Error::corruption(format!("vector index \"{name}\""), "the row that tells what the index is, is damaged")
        })
    }

    /// What the index is from now on: as it is stored, with what is declared now. Refuses a stored one that differs from this,
    /// which is asked for.
    ///
    /// # Errors
    /// `NAMESPACE_MISMATCH`, and as [`Meta::decode`].
    pub fn settled(&self, name: &str, stored: &[u8]) -> Result<Self> {
        let mut stored = Self::decode(name, stored)?;
        let (have, want) = (stored.shape, self.shape);
        let is_same_model = self.model.is_empty() || self.model == stored.model;
        let (what, have, want) = if have.dimensions != want.dimensions {
            ("dimensions", have.dimensions.to_string(), want.dimensions.to_string())
        } else if have.metric != want.metric {
            ("metric", have.metric.to_string(), want.metric.to_string())
        } else if have.element != want.element {
            ("element", have.element.name().into(), want.element.name().into())
        } else if have.coding != want.coding {
            ("coding", named(have.coding), named(want.coding))
        } else if !is_same_model {
            let have = if stored.model.is_empty() { "none" } else { &stored.model };
            ("model", have.into(), self.model.clone())
        } else {
            stored.declared.add(name, &self.declared)?;
            return Ok(stored);
        };
        Err(Error::new(
            ErrorCode::NamespaceMismatch,
            format!(
                "vector index \"{name}\" was created with {what} {have}, and is opened with {want}; open it with {have}, \
                 or drop it first"
            ),
        ))
    }
}

fn named(coding: Coding) -> String {
    match coding {
        Coding::Scalar8 => "scalar8".into(),
        Coding::Binary => "binary".into(),
        Coding::Product { parts } => format!("product of {parts} parts"),
    }
}
