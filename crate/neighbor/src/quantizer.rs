//! From vectors to codes, and queries against codes.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};
use crate::fineness::is_fine;
use crate::parameters::{Coding, Metric, Parameters};
use crate::product::Product;
use crate::query::{Form as QueryForm, Query};
use crate::scalar::{Scalar, f32_at};

/// Vectors up to here are kept as they are under [`Coding::Scalar8`], longer ones where bytes are too coarse.
const EXACT_DIMENSIONS_MAX: usize = 8;
/// What of a sample is kept while the quantizer is made: vectors, and components of all of them.
const SAMPLE_MAX: usize = 10_000;
const SAMPLE_COMPONENTS_MAX: usize = 8 << 20;

/// Turns vectors into codes of one length. Made once of a sample, and part of what the graph means: codes of one quantizer
/// are nothing to another.
#[derive(Debug)]
pub struct Quantizer {
    dimensions: usize,
    metric: Metric,
    form: Form,
    encoded: AtomicU64,
    clamped: AtomicU64,
}

#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// Components as they are; under the dot product with one more, as [`Scalar`] has it.
    Exact {
        length_squared: f32,
    },
    Scalar(Scalar),
    /// Bits: a component above its dimension's number is a one.
    Binary {
        thresholds: Vec<f32>,
    },
    Product(Product),
}

/// How far the vectors that were encoded differ from the sample the quantizer was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Components encoded since the quantizer was made or read.
    pub components: u64,
    /// Those of them that were outside the range, and so were moved to its end; all of a vector that is far outside, and of
    /// one that is longer than the sample's longest, under the dot product. Above some percent a new quantizer,
    /// and with it a new graph, gives better answers.
    pub clamped: u64,
}

impl Quantizer {
    /// Makes one that fits a sample; of an empty one, one that works but fits nothing. Vectors behind the first 10,000,
    /// or the first 8 Mi components, are not looked at, so the caller's sample should be drawn, not the first ones.
    ///
    /// # Errors
    /// [`Error::Argument`] when the parameters are not good, or a vector has not their dimensions.
    pub fn train(parameters: &Parameters, sample: &mut dyn Iterator<Item = &[f32]>) -> Result<Self> {
        parameters.check()?;
        let Parameters { dimensions, metric, .. } = *parameters;
        let mut kept: Vec<f32> = Vec::new();
        if metric != Metric::Hamming {
            for vector in sample.take(SAMPLE_MAX.min(SAMPLE_COMPONENTS_MAX / dimensions)) {
                check_dimensions(vector, dimensions)?;
                let factor = if metric == Metric::Cosine { inverse_length(vector) } else { 1.0 };
                kept.extend(vector.iter().map(|x| x * factor));
            }
        }
        let is_dot = metric == Metric::Dot;
        let form = match parameters.coding {
            Coding::Scalar8 => {
                let scalar = Scalar::train(&kept, dimensions, is_dot);
                if dimensions > EXACT_DIMENSIONS_MAX && is_fine(&scalar, &kept, metric) {
                    Form::Scalar(scalar)
                } else {
                    Form::Exact { length_squared: if is_dot { scalar.length_squared.max(1e-30) } else { 0.0 } }
                }
            }
            Coding::Binary if metric == Metric::Hamming => Form::Binary { thresholds: vec![0.5; dimensions] },
            Coding::Binary => Form::Binary { thresholds: means(&kept, dimensions) },
            Coding::Product { parts } => Form::Product(Product::train(&kept, dimensions, parts, parameters.seed)),
        };
        Ok(Self { dimensions, metric, form, encoded: AtomicU64::new(0), clamped: AtomicU64::new(0) })
    }

    /// Bytes of a code.
    pub fn code_bytes(&self) -> usize {
        match &self.form {
            Form::Exact { length_squared } => 4 * (self.dimensions + usize::from(*length_squared > 0.0)),
            Form::Scalar(scalar) => scalar.code_bytes(),
            Form::Binary { .. } => self.dimensions.div_ceil(64) * 8,
            Form::Product(product) => product.parts,
        }
    }

    /// Adds a vector's code. Under cosine the vector need not have length 1.
    ///
    /// # Errors
    /// [`Error::Argument`] when the vector has not the dimensions.
    pub fn encode(&self, vector: &[f32], code: &mut Vec<u8>) -> Result<()> {
        check_dimensions(vector, self.dimensions)?;
        let unit;
        let vector = if self.metric == Metric::Cosine {
            unit = normalized(vector);
            &unit
        } else {
            vector
        };
        let clamped = match &self.form {
            Form::Exact { length_squared } => {
                code.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
                if *length_squared > 0.0 {
                    let squared: f32 = vector.iter().map(|x| x * x).sum();
                    code.extend_from_slice(&(length_squared - squared).max(0.0).sqrt().to_le_bytes());
                }
                0
            }
            Form::Scalar(scalar) => scalar.encode(vector, code),
            Form::Binary { thresholds } => {
                let start = code.len();
                code.resize(start + self.code_bytes(), 0);
                for (at, _) in vector.iter().zip(thresholds).enumerate().filter(|(_, (x, threshold))| x > threshold) {
                    code[start + at / 8] |= 1 << (at % 8);
                }
                0
            }
            Form::Product(product) => {
                product.encode(vector, code);
                0
            }
        };
        // What is longer than all were is drawn in as a whole.
        let is_too_long = self.length_squared_max().is_some_and(|max| vector.iter().map(|x| x * x).sum::<f32>() > max);
        let clamped = if is_too_long { self.dimensions as u64 } else { clamped };
        self.encoded.fetch_add(self.dimensions as u64, Ordering::Relaxed);
        self.clamped.fetch_add(clamped, Ordering::Relaxed);
        Ok(())
    }

    /// Appends the components that a code stands for, as little-endian floats; false where it holds none, as under cosine,
    /// where a code is one of a direction, and where it has not [`Self::code_bytes`]. They are the vector's own, up to the sign of a zero, where [`Self::is_exact`] says so.
    pub fn restore(&self, code: &[u8], floats: &mut Vec<u8>) -> bool {
        match &self.form {
            _ if self.metric == Metric::Cosine || code.len() != self.code_bytes() => return false,
            Form::Exact { .. } => floats.extend_from_slice(&code[..self.dimensions * 4]),
            Form::Scalar(scalar) => scalar.restore(code, floats),
            Form::Binary { .. } if self.metric == Metric::Hamming => {
                floats
                    .extend((0..self.dimensions).flat_map(|at| f32::from(code[at / 8] >> (at % 8) & 1).to_le_bytes()));
            }
            _ => return false,
        }
        true
    }

    /// Whether a vector's code has lost nothing of it.
    pub fn is_exact(&self, vector: &[f32], code: &[u8]) -> bool {
        let mut floats = Vec::with_capacity(vector.len() * 4);
        let are_same = |(bytes, x): (&[u8; 4], &f32)| f32::from_le_bytes(*bytes) == *x;
        self.restore(code, &mut floats) && floats.as_chunks().0.iter().zip(vector).all(are_same)
    }

    /// Adds the code of a vector of bits, of which bit `d` is `bits[d / 8] >> (d % 8) & 1`; bits behind the last dimension
    /// are not looked at.
    ///
    /// # Errors
    /// [`Error::Argument`] when the coding is not binary, or there are not ⌈dimensions / 8⌉ bytes.
    pub fn encode_bits(&self, bits: &[u8], code: &mut Vec<u8>) -> Result<()> {
        if !matches!(self.form, Form::Binary { .. }) || bits.len() != self.dimensions.div_ceil(8) {
            return Err(Error::Argument { name: "bits", needs: "a bit for each dimension, for a binary coding" });
        }
        let start = code.len();
        code.extend_from_slice(bits);
        if !self.dimensions.is_multiple_of(8) {
            code[start + bits.len() - 1] &= (1 << (self.dimensions % 8)) - 1;
        }
        code.resize(start + self.code_bytes(), 0);
        Ok(())
    }

    /// A query by a vector. Distances are those of [`Metric`], as far as codes tell; under [`Coding::Binary`] the number of
    /// bits that differ.
    ///
    /// # Errors
    /// [`Error::Argument`] when the vector has not the dimensions.
    pub fn query(&self, vector: &[f32]) -> Result<Query> {
        check_dimensions(vector, self.dimensions)?;
        let unit;
        let (vector, factor) = if self.metric == Metric::Cosine {
            unit = normalized(vector);
            (&unit[..], 0.5)
        } else {
            (vector, 1.0)
        };
        let is_dot = self.metric == Metric::Dot;
        let form = match &self.form {
            Form::Exact { .. } => QueryForm::Exact { vector: vector.to_vec(), is_dot, factor },
            Form::Scalar(scalar) if is_dot => QueryForm::Scalar(scalar.by_dot(vector)),
            Form::Scalar(scalar) => QueryForm::Scalar(scalar.by_distance(vector, factor)),
            Form::Binary { .. } => {
                let mut code = Vec::new();
                self.encode(vector, &mut code)?;
                QueryForm::Bits(code)
            }
            Form::Product(product) => QueryForm::Table(product.query(vector, is_dot, factor)),
        };
        Ok(Query::new(form))
    }

    /// A query by a code of this quantizer, which need not be a slot's.
    ///
    /// # Errors
    /// [`Error::Argument`] when the code has not [`Self::code_bytes`].
    pub fn query_of_bits(&self, bits: &[u8]) -> Result<Query> {
        let mut code = Vec::new();
        self.encode_bits(bits, &mut code)?;
        Ok(Query::new(QueryForm::Bits(code)))
    }

    /// Makes `query` ask for what is near to a code, in the distances that links are chosen by.
    pub(crate) fn query_of_code(&self, code: &[u8], query: &mut Query) {
        match (&self.form, query.form_mut()) {
            (Form::Scalar(scalar), QueryForm::Scalar(query)) => scalar.by_code(code, query),
            (Form::Scalar(scalar), form) => {
                let mut made = Default::default();
                scalar.by_code(code, &mut made);
                *form = QueryForm::Scalar(made);
            }
            (Form::Exact { .. }, form) => {
                let vector = code.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
                *form = QueryForm::Exact { vector, is_dot: false, factor: 1.0 };
            }
            (Form::Binary { .. }, form) => *form = QueryForm::Bits(code.to_vec()),
            (Form::Product(product), form) => {
                let mut vector = Vec::new();
                product.decode(code, &mut vector);
                *form = QueryForm::Decoded(vector);
            }
        }
    }

    /// What vectors are brought to under the dot product.
    fn length_squared_max(&self) -> Option<f32> {
        let max = match &self.form {
            Form::Exact { length_squared } => *length_squared,
            Form::Scalar(scalar) => scalar.length_squared,
            _ => 0.0,
        };
        (max > 0.0).then_some(max)
    }

    pub(crate) fn product(&self) -> Option<&Product> {
        match &self.form {
            Form::Product(product) => Some(product),
            _ => None,
        }
    }

    /// What was encoded since the quantizer was made or read, and what of it the quantizer does not fit.
    pub fn drift(&self) -> Drift {
        Drift { components: self.encoded.load(Ordering::Relaxed), clamped: self.clamped.load(Ordering::Relaxed) }
    }

    /// Counts on from what was counted before.
    pub fn count_from(&self, drift: Drift) {
        self.encoded.store(drift.components, Ordering::Relaxed);
        self.clamped.store(drift.clamped, Ordering::Relaxed);
    }

    /// How it is written down: little-endian numbers after a byte for the form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (tag, floats): (u8, Vec<f32>) = match &self.form {
            Form::Exact { length_squared } => (0, vec![*length_squared]),
            Form::Scalar(scalar) => (1, [&[scalar.step, scalar.length_squared], &scalar.middle[..]].concat()),
            Form::Binary { thresholds } => (2, thresholds.clone()),
            Form::Product(product) => (3, product.centroids.clone()),
        };
        let mut bytes = vec![tag];
        bytes.extend(floats.iter().flat_map(|x| x.to_le_bytes()));
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote, for a graph of the same parameters.
    ///
    /// # Errors
    /// [`Error::Argument`] when the parameters are not good; [`Error::DamagedQuantizer`] when the bytes are of another
    /// form or length, or hold what is no finite number.
    pub fn from_bytes(parameters: &Parameters, bytes: &[u8]) -> Result<Self> {
        parameters.check()?;
        let Parameters { dimensions, metric, .. } = *parameters;
        let damaged = |what| Err(Error::DamagedQuantizer { what });
        let Some((tag, bytes)) = bytes.split_first() else {
            return damaged("it is empty");
        };
        let count = bytes.len() / 4;
        let floats: Vec<f32> = (0..count).map(|at| f32_at(bytes, at * 4)).collect();
        if !bytes.len().is_multiple_of(4) || floats.iter().any(|x| !x.is_finite()) {
            return damaged("it holds what is no finite number");
        }
        let is_dot = metric == Metric::Dot;
        let form = match (tag, parameters.coding) {
            (0, Coding::Scalar8) if count == 1 && (floats[0] > 0.0) == is_dot => {
                Form::Exact { length_squared: floats[0] }
            }
            (1, Coding::Scalar8) if dimensions > EXACT_DIMENSIONS_MAX && count == dimensions + 2 => {
                let (step, length_squared) = (floats[0], floats[1]);
                if step <= 0.0 || length_squared < 0.0 || (length_squared > 0.0 && !is_dot) {
                    return damaged("its step or its length is below zero");
                }
                Form::Scalar(Scalar { middle: floats[2..].to_vec(), step, length_squared })
            }
            (2, Coding::Binary) if count == dimensions => Form::Binary { thresholds: floats },
            (3, Coding::Product { parts }) if count == 256 * dimensions => {
                Form::Product(Product { dimensions, parts, centroids: floats })
            }
            _ => return damaged("it is of other parameters"),
        };
        Ok(Self { dimensions, metric, form, encoded: AtomicU64::new(0), clamped: AtomicU64::new(0) })
    }
}

fn check_dimensions(vector: &[f32], dimensions: usize) -> Result<()> {
    if vector.len() == dimensions {
        return Ok(());
    }
    Err(Error::Argument { name: "vector", needs: "of the graph's dimensions" })
}

fn inverse_length(vector: &[f32]) -> f32 {
    let squared: f64 = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    if squared > 0.0 { (1.0 / squared.sqrt()) as f32 } else { 0.0 }
}

fn normalized(vector: &[f32]) -> Vec<f32> {
    let squared: f64 = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    let factor = if squared > 0.0 { 1.0 / squared.sqrt() } else { 0.0 };
    vector.iter().map(|&x| (f64::from(x) * factor) as f32).collect()
}

fn means(sample: &[f32], dimensions: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; dimensions];
    for vector in sample.chunks_exact(dimensions) {
        sums.iter_mut().zip(vector).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    let count = (sample.len() / dimensions).max(1) as f64;
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}
