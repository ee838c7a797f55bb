//! The distance of stored rows from one query.

use sledstore_engine::Result;

use crate::metric::Metric;
use crate::row::{Row, Shape};
use crate::simd::Kernel;

/// A query, made ready for many rows.
pub(crate) struct Query {
    shape: Shape,
    kernel: Kernel,
    /// Under cosine of length 1, so that no product can overflow.
    components: Vec<f32>,
}

impl Query {
    /// # Errors
    /// `INVALID_ARGUMENT`, as for a vector that is put.
    pub fn new(shape: Shape, kernel: Kernel, vector: &[f32]) -> Result<Self> {
        let norm = shape.check(vector)?;
        let components = match shape.metric {
            Metric::Cosine => vector.iter().map(|&component| (f64::from(component) / norm) as f32).collect(),
            Metric::Dot | Metric::L2 => vector.to_vec(),
        };
        Ok(Self { shape, kernel, components })
    }

    /// The distance of a row; smaller is nearer, and never NaN for a row that [`Shape::encode`] made.
    pub fn distance(&self, row: &Row<'_>) -> f64 {
        match self.shape.metric {
            Metric::Cosine => {
                let dot = f64::from(self.kernel.dot(&self.components, row.components));
                (1.0 - dot / f64::from(row.norm)).clamp(0.0, 2.0)
            }
            Metric::Dot => {
                let dot = self.kernel.dot(&self.components, row.components);
                // Subtracted rather than negated, so that no distance is −0, which would sort before 0.
                0.0 - if dot.is_finite() { f64::from(dot) } else { self.exact(row, |a, b| a * b) }
            }
            Metric::L2 => {
                let squared = self.kernel.squared_l2(&self.components, row.components);
                // Neither overflow nor underflow; the latter would make different vectors equal.
                let in_range = squared.is_normal();
                let squared = if in_range { f64::from(squared) } else { self.exact(row, |a, b| (a - b).powi(2)) };
                squared.sqrt()
            }
        }
    }

    /// A distance as the graph has it, in the unit of [`Query::distance`].
    pub fn of_graph(&self, distance: f32) -> f64 {
        let distance = f64::from(distance);
        if self.shape.metric == Metric::L2 { distance.max(0.0).sqrt() } else { distance }
    }

    /// The sum in f64, for what f32 cannot hold.
    #[cold]
    fn exact(&self, row: &Row<'_>, term: impl Fn(f64, f64) -> f64) -> f64 {
        self.components.iter().zip(row.iter()).map(|(&a, b)| term(f64::from(a), f64::from(b))).sum()
    }
}
