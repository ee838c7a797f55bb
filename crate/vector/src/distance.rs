//! The distance of stored rows from one query.

use sledstore_engine::Result;

use crate::element::Element;
use crate::metric::Metric;
use crate::row::{Row, Shape};
use crate::simd::Kernel;

/// Bytes that kernels over bytes take at a time.
const BLOCK_BYTES: usize = 16;

/// A query, made ready for many rows.
pub(crate) struct Query {
    shape: Shape,
    kernel: Kernel,
    form: Form,
}

enum Form {
    /// Components as stored vectors have them; under cosine of length 1, so that no product can overflow.
    Floats(Vec<f32>),
    /// As rows have them, but for zeros behind the last, which add nothing.
    Bytes { bytes: Vec<u8>, kernel: sledstore_neighbor::Kernel, sum: i64, squares: f64 },
}

impl Query {
    /// # Errors
    /// `INVALID_ARGUMENT`, as for a vector that is put.
    pub fn new(shape: Shape, kernel: Kernel, vector: &[f32]) -> Result<Self> {
        let (stored, norm) = shape.check(vector)?;
        let form = match shape.element {
            Element::F32 | Element::F16 if shape.metric == Metric::Cosine => {
                Form::Floats(stored.iter().map(|&component| (f64::from(component) / norm) as f32).collect())
            }
            Element::F32 | Element::F16 => Form::Floats(stored.into_owned()),
            Element::I8 | Element::Binary => {
                let mut row = Vec::new();
                shape.encode(vector, &mut row)?;
                let mut bytes = shape.split(&row).map_or_else(Vec::new, |row| row.components.to_vec());
                let zero = if shape.element == Element::I8 { 128 } else { 0 };
                bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), zero);
                let sum = vector.iter().map(|&x| x as i64).sum();
                let squares = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
                Form::Bytes { bytes, kernel: sledstore_neighbor::Kernel::named(Some(kernel.name())), sum, squares }
            }
        };
        Ok(Self { shape, kernel, form })
    }

    /// The distance of a row; smaller is nearer, and never NaN for a row that [`Shape::encode`] made.
    pub fn distance(&self, row: &Row<'_>) -> f64 {
        match &self.form {
            Form::Floats(query) => self.of_floats(query, row),
            Form::Bytes { bytes, kernel, sum, squares } if self.shape.metric != Metric::Hamming => {
                let dot = in_blocks(row.components, bytes, |row, query| kernel.dot(row, query).into());
                self.of_whole((dot - 128 * sum) as f64, *squares, row.squares())
            }
            Form::Bytes { bytes, kernel, .. } => {
                in_blocks(row.components, bytes, |row, query| kernel.differing(row, query).into()) as f64
            }
        }
    }

    /// A distance as the graph has it, in the unit of [`Query::distance`].
    pub fn of_graph(&self, distance: f32) -> f64 {
        let distance = f64::from(distance);
        if self.shape.metric == Metric::L2 { distance.max(0.0).sqrt() } else { distance }
    }

    /// By a product and squares that are exact.
    fn of_whole(&self, dot: f64, squares: f64, of_row: f64) -> f64 {
        match self.shape.metric {
            Metric::Cosine => (1.0 - dot / (squares * of_row).sqrt()).clamp(0.0, 2.0),
            Metric::Dot => 0.0 - dot,
            _ => (squares + of_row - 2.0 * dot).max(0.0).sqrt(),
        }
    }

    fn of_floats(&self, query: &[f32], row: &Row<'_>) -> f64 {
        let kernel = self.kernel;
        let is_half = self.shape.element == Element::F16;
        let dot = || match is_half {
            true => kernel.dot_halves(query, row.components),
            false => kernel.dot(query, row.components),
        };
        match self.shape.metric {
            Metric::Cosine => {
                let dot = f64::from(dot());
                (1.0 - dot / f64::from(row.norm())).clamp(0.0, 2.0)
            }
            Metric::Dot => {
                let dot = dot();
                // Subtracted rather than negated, so that no distance is −0, which would sort before 0.
                0.0 - if dot.is_finite() { f64::from(dot) } else { exact(query, row, |a, b| a * b) }
            }
            _ => {
                let squared = match is_half {
                    true => kernel.squared_l2_halves(query, row.components),
                    false => kernel.squared_l2(query, row.components),
                };
                // Neither overflow nor underflow; the latter would make different vectors equal.
                let in_range = squared.is_normal();
                let squared = if in_range { f64::from(squared) } else { exact(query, row, |a, b| (a - b).powi(2)) };
                squared.sqrt()
            }
        }
    }
}

/// The sum in f64, for what f32 cannot hold.
#[cold]
fn exact(query: &[f32], row: &Row<'_>, term: fn(f64, f64) -> f64) -> f64 {
    let mut components = Vec::with_capacity(query.len());
    row.append_to(&mut components);
    query.iter().zip(components).map(|(&a, b)| term(a.into(), b.into())).sum()
}

/// The sum of what a kernel gives for whole blocks of a row and of a query, whose last one is filled up.
fn in_blocks(row: &[u8], query: &[u8], kernel: impl Fn(&[u8], &[u8]) -> i64) -> i64 {
    let (whole, rest) = row.split_at(row.len() - row.len() % BLOCK_BYTES);
    let (query, last) = query.split_at(whole.len());
    let sum = kernel(whole, query);
    if rest.is_empty() {
        return sum;
    }
    let mut block = [0; BLOCK_BYTES];
    block[..rest.len()].copy_from_slice(rest);
    sum + kernel(&block, last)
}
