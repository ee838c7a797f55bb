//! A query, made ready for many codes.

use crate::product::by_table;
use crate::quantizer::Quantizer;
use crate::scalar::ScalarQuery;
use crate::simd::Kernel;

/// What is compared with codes; made by [`Quantizer::query`].
#[derive(Clone, Debug)]
pub struct Query {
    kernel: Kernel,
    form: Form,
}

#[derive(Clone, Debug)]
pub(crate) enum Form {
    Exact {
        vector: Vec<f32>,
        is_dot: bool,
        factor: f32,
    },
    Scalar(ScalarQuery),
    Bits(Vec<u8>),
    /// 256 distances for each part.
    Table(Vec<f32>),
    /// What a product code stands for.
    Decoded(Vec<f32>),
}

impl Query {
    pub(crate) fn new(form: Form) -> Self {
        Self { kernel: Kernel::chosen(), form }
    }

    /// One that asks for nothing yet.
    pub(crate) fn empty() -> Self {
        Self::new(Form::Bits(Vec::new()))
    }

    pub(crate) fn form_mut(&mut self) -> &mut Form {
        &mut self.form
    }

    /// The distance of a code of the same quantizer.
    #[inline]
    pub(crate) fn distance(&self, quantizer: &Quantizer, code: &[u8]) -> f32 {
        match &self.form {
            Form::Scalar(query) => query.distance(self.kernel, code),
            Form::Bits(bits) => self.kernel.differing(&code[..bits.len()], bits) as f32,
            Form::Exact { vector, is_dot, factor } => {
                // Behind a code's components there may be one that the query has not.
                let code = &code[..vector.len() * 4];
                if *is_dot { -self.kernel.products(code, vector) } else { self.kernel.squares(code, vector) * factor }
            }
            Form::Table(distances) => by_table(distances, code),
            Form::Decoded(vector) => quantizer.product().map_or(0.0, |product| product.distance(vector, code)),
        }
    }
}
