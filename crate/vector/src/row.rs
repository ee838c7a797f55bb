//! A vector as it is stored: its components as they were put, and under cosine their length before them.
//!
//! The length is kept, not a normalized copy: reading gives back exactly what was put, in one copy, and a search needs
//! one dot product and one division a row.

use sledstore_engine::{Error, ErrorCode, Result};

use crate::metric::Metric;
use crate::simd::{COMPONENT_BYTES, component};

/// Most components of a vector: its row stays below what the engine streams.
pub const DIMENSIONS_MAX: usize = 16_000;

/// What the rows of an index look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub dimensions: usize,
    pub metric: Metric,
}

/// A stored row, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// The length of the vector; 1 where the metric needs none.
    pub norm: f32,
    /// The components, little-endian.
    pub components: &'a [u8],
}

impl Shape {
    fn norm_bytes(self) -> usize {
        if self.metric == Metric::Cosine { COMPONENT_BYTES } else { 0 }
    }

    /// Bytes of a row.
    pub fn row_bytes(self) -> usize {
        self.norm_bytes() + self.dimensions * COMPONENT_BYTES
    }

    /// Refuses what cannot be compared with this metric; gives the length of the vector.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the component that is wrong.
    pub fn check(self, vector: &[f32]) -> Result<f64> {
        if vector.len() != self.dimensions {
            return Err(invalid(format!(
                "the vector has {} dimensions; those of this index have {}",
                vector.len(),
                self.dimensions
            )));
        }
        if let Some(at) = vector.iter().position(|component| !component.is_finite()) {
            return Err(invalid(format!(
                "component {at} of the vector is {}; every component must be a finite number in f32",
                vector[at]
            )));
        }
        let norm = vector.iter().map(|&component| f64::from(component).powi(2)).sum::<f64>().sqrt();
        if self.metric == Metric::Cosine && !(norm as f32).is_normal() {
            return Err(invalid(if norm == 0.0 {
                "every component of the vector is 0; a vector without direction has no cosine".to_owned()
            } else {
                format!("the vector has length {norm:e}, which f32 cannot hold; scale it, which changes no cosine")
            }));
        }
        Ok(norm)
    }

    /// Appends the row of a vector.
    ///
    /// # Errors
    /// As [`Shape::check`].
    pub fn encode(self, vector: &[f32], row: &mut Vec<u8>) -> Result<()> {
        let norm = self.check(vector)?;
        if self.metric == Metric::Cosine {
            row.extend_from_slice(&(norm as f32).to_le_bytes());
        }
        row.extend(vector.iter().flat_map(|component| component.to_le_bytes()));
        Ok(())
    }

    /// Takes a stored row apart; `None` when it is not of this shape.
    pub fn split(self, row: &[u8]) -> Option<Row<'_>> {
        if row.len() != self.row_bytes() {
            return None;
        }
        match row.split_first_chunk::<COMPONENT_BYTES>() {
            Some((norm, components)) if self.metric == Metric::Cosine => {
                Some(Row { norm: component(norm), components })
            }
            _ => Some(Row { norm: 1.0, components: row }),
        }
    }

    /// The error for a stored row that is not of this shape.
    pub fn damaged(self, place: &str, row: &[u8]) -> Error {
        Error::corruption(place, format!("a vector's row has {} bytes, not {}", row.len(), self.row_bytes()))
    }
}

impl Row<'_> {
    /// The components as numbers.
    pub fn iter(&self) -> impl Iterator<Item = f32> {
        self.components.as_chunks::<COMPONENT_BYTES>().0.iter().map(component)
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
}
