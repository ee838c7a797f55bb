//! A vector as it is stored: what its metric needs of its length, then its components in the index's element.
//!
//! | Element | Components | Before them |
//! |---|---|---|
//! | `f32` | `f32` as they were put | under cosine the vector's length, `f32` |
//! | `f16` | `u16`, the bits of a half | the same |
//! | `i8` | `u8`, the component and 128 | under cosine and L2 the sum of the squares, `u32` |
//! | `binary` | a bit each, the first one the highest of its byte | nothing |
//!
//! The length is kept, not a normalized copy: reading gives back exactly what was put, in one copy, and a search needs
//! one dot product and one division a row.

use std::borrow::Cow;

use sledstore_engine::{Error, ErrorCode, Result};
use sledstore_neighbor::{Coding, Parameters};

use crate::element::{Element, from_half, to_half};
use crate::metric::Metric;
use crate::simd::{COMPONENT_BYTES, component};

/// Most components of a vector: its row stays below what the engine streams.
pub const DIMENSIONS_MAX: usize = 16_000;

/// Above so many vectors there is a graph, however short they are.
pub const COMPARED_MAX: usize = 10_000;
/// Up to so many there is none, however long they are.
const COMPARED_MIN: usize = 256;
/// Above so many bytes of vectors there is a graph.
const COMPARED_BYTES_MAX: usize = 2 << 20;

const HEAD_BYTES: usize = 4;

/// What the rows of an index look like, and its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub dimensions: usize,
    pub metric: Metric,
    pub element: Element,
    pub coding: Coding,
}

/// A stored row, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    element: Element,
    head: [u8; HEAD_BYTES],
    pub components: &'a [u8],
}

impl Shape {
    /// Refuses what does not go together.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`.
    pub fn check_options(self) -> Result<()> {
        let Self { dimensions, metric, element, coding } = self;
        if !(1..=DIMENSIONS_MAX).contains(&dimensions) {
            return Err(invalid(format!("dimensions are 1 to {DIMENSIONS_MAX}, not {dimensions}")));
        }
        if (element == Element::Binary) != (metric == Metric::Hamming) {
            return Err(invalid(
                "the metric hamming and the element binary go together, and neither goes with another",
            ));
        }
        if element == Element::Binary && !dimensions.is_multiple_of(8) {
            return Err(invalid(format!("dimensions of a binary index are a multiple of 8, not {dimensions}")));
        }
        let parameters = self.parameters();
        // Bits are their own codes.
        let is_needless = element == Element::Binary && coding != Coding::Scalar8;
        match parameters.check() {
            Err(error) => Err(invalid(error.to_string())),
            Ok(()) if is_needless => Err(invalid("a binary index has no coding, for its vectors are short already")),
            Ok(()) => Ok(()),
        }
    }

    /// What graphs of this index are made with.
    pub fn parameters(self) -> Parameters {
        let metric = match self.metric {
            Metric::Cosine => sledstore_neighbor::Metric::Cosine,
            Metric::Dot => sledstore_neighbor::Metric::Dot,
            Metric::L2 => sledstore_neighbor::Metric::L2,
            Metric::Hamming => sledstore_neighbor::Metric::Hamming,
        };
        let mut parameters = Parameters::new(self.dimensions, metric);
        if metric != sledstore_neighbor::Metric::Hamming {
            parameters.coding = self.coding;
        }
        parameters
    }

    /// Whether codes tell so little that many more candidates have to be compared by their rows.
    pub fn has_coarse_codes(self) -> bool {
        self.coding != Coding::Scalar8
    }

    fn head_bytes(self) -> usize {
        match (self.metric, self.element) {
            (Metric::Cosine, _) | (Metric::L2, Element::I8) => HEAD_BYTES,
            _ => 0,
        }
    }

    /// Bytes of a row.
    pub fn row_bytes(self) -> usize {
        self.head_bytes() + self.element.bytes(self.dimensions)
    }

    /// Up to so many vectors all are compared. That takes time with their bytes, a walk through a graph with little of them.
    pub fn compared_max(self) -> usize {
        (COMPARED_BYTES_MAX / self.row_bytes()).clamp(COMPARED_MIN, COMPARED_MAX)
    }

    /// Refuses what cannot be stored, or compared with this metric; gives the components as they are stored, and under cosine the
    /// length of the vector.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming the component that is wrong.
    pub fn check(self, vector: &[f32]) -> Result<(Cow<'_, [f32]>, f64)> {
        if vector.len() != self.dimensions {
            return Err(invalid(format!(
                "the vector has {} dimensions; those of this index have {}",
                vector.len(),
                self.dimensions
            )));
        }
        let (is_good, needs): (fn(f32) -> bool, _) = match self.element {
            Element::F32 => (f32::is_finite, "a finite number in f32"),
            Element::F16 => (|x| from_half(to_half(x)).is_finite(), "a number that f16 can hold, up to ±65504"),
            Element::I8 => (|x| (-128.0..=127.0).contains(&x) && x.fract() == 0.0, "a whole number from -128 to 127"),
            Element::Binary => (|x| x == 0.0 || x == 1.0, "0 or 1"),
        };
        // Halves of what is no number may be anything.
        if let Some(at) = vector.iter().position(|&component| !component.is_finite() || !is_good(component)) {
            return Err(invalid(format!(
                "component {at} of the vector is {}; every component must be {needs}",
                vector[at]
            )));
        }
        let stored = match self.element {
            Element::F16 => Cow::Owned(vector.iter().map(|&component| from_half(to_half(component))).collect()),
            _ => Cow::Borrowed(vector),
        };
        if self.metric != Metric::Cosine {
            return Ok((stored, 0.0));
        }
        let norm = stored.iter().map(|&component| f64::from(component).powi(2)).sum::<f64>().sqrt();
        if !(norm as f32).is_normal() {
            return Err(invalid(if norm == 0.0 {
                format!(
                    "every component of the vector is 0 in {}; a vector without direction has no cosine",
                    self.element.name()
                )
            } else {
                format!("the vector has length {norm:e}, which f32 cannot hold; scale it, which changes no cosine")
            }));
        }
        Ok((stored, norm))
    }

    /// Appends the row of a vector.
    ///
    /// # Errors
    /// As [`Shape::check`].
    pub fn encode(self, vector: &[f32], row: &mut Vec<u8>) -> Result<()> {
        let (stored, norm) = self.check(vector)?;
        self.append(&stored, norm, row);
        Ok(())
    }

    /// Appends the row of components that were stored before, and under cosine of the length of their vector.
    pub fn append(self, stored: &[f32], norm: f64, row: &mut Vec<u8>) {
        if self.head_bytes() > 0 {
            let squared: i32 =
                if self.element == Element::I8 { stored.iter().map(|&x| x as i32 * x as i32).sum() } else { 0 };
            let head = if self.element == Element::I8 { squared.to_le_bytes() } else { (norm as f32).to_le_bytes() };
            row.extend_from_slice(&head);
        }
        match self.element {
            Element::F32 => {
                let start = row.len();
                row.resize(start + size_of_val(stored), 0);
                let places = row[start..].as_chunks_mut::<COMPONENT_BYTES>().0;
                places.iter_mut().zip(stored).for_each(|(place, component)| *place = component.to_le_bytes());
            }
            Element::F16 => row.extend(stored.iter().flat_map(|&component| to_half(component).to_le_bytes())),
            Element::I8 => row.extend(stored.iter().map(|&component| (component as i16 + 128) as u8)),
            Element::Binary => row.extend(stored.chunks(8).map(|bits| {
                bits.iter().enumerate().fold(0, |byte, (at, &bit)| byte | u8::from(bit != 0.0) << (7 - at))
            })),
        }
    }

    /// Appends the row of components that were stored before, from little-endian floats; not under cosine, where that is not all.
    pub fn append_floats(self, floats: &[u8], row: &mut Vec<u8>) {
        if self.element == Element::F32 {
            row.extend_from_slice(floats);
        } else {
            let stored: Vec<f32> = floats.as_chunks::<COMPONENT_BYTES>().0.iter().map(component).collect();
            self.append(&stored, 0.0, row);
        }
    }

    /// Takes a stored row apart; `None` when it is not of this shape.
    pub fn split(self, row: &[u8]) -> Option<Row<'_>> {
        if row.len() != self.row_bytes() {
            return None;
        }
        let (head, components) = row.split_at(self.head_bytes());
        Some(Row { element: self.element, head: head.try_into().unwrap_or_default(), components })
    }

    /// The error for a stored row that is not of this shape.
    pub fn damaged(self, place: &str, row: &[u8]) -> Error {
        Error::corruption(place, format!("a vector's row has {} bytes, not {}", row.len(), self.row_bytes()))
    }
}

/// Components as they cross over: as they are stored, but of halves `f32`, and whole numbers as `i8`.
impl Element {
    /// Bytes of so many components on their way.
    pub(crate) fn bytes_crossing(self, dimensions: usize) -> usize {
        if self == Self::F16 { Self::F32.bytes(dimensions) } else { self.bytes(dimensions) }
    }

    /// Appends components that came over as numbers.
    pub(crate) fn append_crossed(self, components: &[u8], vector: &mut Vec<f32>) {
        match self {
            Self::I8 => vector.extend(components.iter().map(|&byte| f32::from(byte as i8))),
            Self::Binary => Row { element: self, head: [0; HEAD_BYTES], components }.append_to(vector),
            _ => Row { element: Self::F32, head: [0; HEAD_BYTES], components }.append_to(vector),
        }
    }
}

impl Row<'_> {
    /// Appends the components as they cross over.
    pub fn append_crossing(&self, bytes: &mut Vec<u8>) {
        match self.element {
            Element::F32 | Element::Binary => bytes.extend_from_slice(self.components),
            Element::I8 => bytes.extend(self.components.iter().map(|byte| byte ^ 0x80)),
            Element::F16 => {
                let halves = self.components.as_chunks::<2>().0.iter();
                bytes.extend(halves.flat_map(|half| from_half(u16::from_le_bytes(*half)).to_le_bytes()));
            }
        }
    }

    /// The length of a vector of floats, where the metric needs one.
    pub fn norm(&self) -> f32 {
        f32::from_le_bytes(self.head)
    }

    /// The sum of the squares of whole numbers, where the metric needs it.
    pub fn squares(&self) -> f64 {
        u32::from_le_bytes(self.head).into()
    }

    /// Appends the components as numbers.
    pub fn append_to(&self, vector: &mut Vec<f32>) {
        let bytes = self.components;
        match self.element {
            Element::F32 => vector.extend(bytes.as_chunks::<COMPONENT_BYTES>().0.iter().map(component)),
            Element::F16 => {
                vector.extend(bytes.as_chunks::<2>().0.iter().map(|half| from_half(u16::from_le_bytes(*half))));
            }
            Element::I8 => vector.extend(bytes.iter().map(|&byte| f32::from(byte) - 128.0)),
            Element::Binary => {
                vector.extend(bytes.iter().flat_map(|&byte| (0..8).rev().map(move |bit| f32::from(byte >> bit & 1))));
            }
        }
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
}
