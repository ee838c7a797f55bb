//! Aggregations: what many rows give together.
//!
//! Nulls are passed over. Integers are summed exactly and must fit only in the end; floats are summed with a
//! compensation for what rounding loses (A. Neumaier, 1974); deviations go by the running mean of B. P. Welford (1962).
//! DISTINCT is the caller's: it updates with values it has not seen.

use super::{out_of_range, wrong};
use crate::error::CypherError;
use crate::value::arithmetic::{as_float, overflow};
use crate::value::duration::Duration;
use crate::value::order::order;
use crate::value::{Value, check_bytes};

/// An aggregation by name.
pub struct Aggregate {
    /// Its name as the language spells it.
    pub name: &'static str,
    /// The fewest arguments it takes; `count(*)` is `count` without any.
    pub arguments_min: usize,
    /// The most arguments it takes.
    pub arguments_max: usize,
    start: fn() -> State,
}

const AGGREGATES: &[Aggregate] = &[
    Aggregate::new("count", (0, 1), || State::Count(0)),
    Aggregate::new("collect", (1, 1), || State::Collect { values: Vec::new(), bytes: 0 }),
    Aggregate::new("sum", (1, 1), || State::Sum(Sum::default())),
    Aggregate::new("avg", (1, 1), || State::Average(Sum::default())),
    Aggregate::new("min", (1, 1), || State::Min(None)),
    Aggregate::new("max", (1, 1), || State::Max(None)),
    Aggregate::new("stDev", (1, 1), || State::Deviation { sample: true, spread: Spread::default() }),
    Aggregate::new("stDevP", (1, 1), || State::Deviation { sample: false, spread: Spread::default() }),
    Aggregate::new("percentileDisc", (2, 2), || State::Percentile { between: false, at: None, values: Vec::new() }),
    Aggregate::new("percentileCont", (2, 2), || State::Percentile { between: true, at: None, values: Vec::new() }),
];

/// The aggregation with a name in lower case.
pub fn find_aggregate(name: &str) -> Option<&'static Aggregate> {
    AGGREGATES.iter().find(|aggregate| aggregate.name.to_ascii_lowercase() == name)
}

impl Aggregate {
    const fn new(name: &'static str, arguments: (usize, usize), start: fn() -> State) -> Self {
        Self { name, arguments_min: arguments.0, arguments_max: arguments.1, start }
    }

    /// An accumulator that has seen no row.
    pub fn start(&self) -> Accumulator {
        Accumulator { name: self.name, state: (self.start)() }
    }
}

/// What an aggregation knows of the rows of one group.
#[derive(Clone, Debug)]
pub struct Accumulator {
    name: &'static str,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Count(i64),
    Collect { values: Vec<Value>, bytes: usize },
    Sum(Sum),
    Average(Sum),
    Min(Option<Value>),
    Max(Option<Value>),
    Deviation { sample: bool, spread: Spread },
    Percentile { between: bool, at: Option<f64>, values: Vec<Value> },
}

impl Accumulator {
    /// Takes in a row's arguments.
    pub fn update(&mut self, arguments: &[Value]) -> Result<(), CypherError> {
        if let (State::Percentile { at, .. }, [_, percentile]) = (&mut self.state, arguments) {
            *at = Some(checked_percentile(self.name, percentile)?);
        }
        let value = match arguments.first() {
            Some(Value::Null) => return Ok(()),
            other => other,
        };
        match (&mut self.state, value) {
            (State::Count(count), _) => *count = count.saturating_add(1),
            (State::Collect { values, bytes }, Some(value)) => {
                *bytes = bytes.saturating_add(value.bytes());
                check_bytes(*bytes)?;
                values.push(value.clone());
            }
            (State::Sum(sum) | State::Average(sum), Some(value)) => {
                sum.add(value)?.ok_or_else(|| wrong(self.name, arguments))?;
            }
            (State::Min(least), Some(value)) => {
                if least.as_ref().is_none_or(|least| order(value, least).is_lt()) {
                    *least = Some(value.clone());
                }
            }
            (State::Max(most), Some(value)) => {
                if most.as_ref().is_none_or(|most| order(value, most).is_gt()) {
                    *most = Some(value.clone());
                }
            }
            (State::Deviation { spread, .. }, Some(value)) => {
                spread.add(as_float(value).ok_or_else(|| wrong(self.name, arguments))?);
            }
            (State::Percentile { values, .. }, Some(value)) => {
                as_float(value).ok_or_else(|| wrong(self.name, arguments))?;
                check_bytes((values.len() + 1).saturating_mul(size_of::<Value>()))?;
                values.push(value.clone());
            }
            (_, None) => return Err(wrong(self.name, arguments)),
        }
        Ok(())
    }

    /// The value for the rows seen.
    pub fn finish(self) -> Result<Value, CypherError> {
        Ok(match self.state {
            State::Count(count) => Value::Integer(count),
            State::Collect { values, .. } => Value::list(values)?,
            State::Sum(sum) => sum.total()?,
            State::Average(sum) => sum.mean()?,
            State::Min(value) | State::Max(value) => value.unwrap_or(Value::Null),
            State::Deviation { sample, spread } => Value::Float(spread.deviation(sample)),
            State::Percentile { between, at, values } => percentile(between, at.unwrap_or(0.0), values),
        })
    }

    /// Bytes that it holds beside itself.
    pub fn bytes(&self) -> usize {
        match &self.state {
            State::Collect { bytes, .. } => *bytes,
            State::Percentile { values, .. } => values.len().saturating_mul(size_of::<Value>()),
            State::Min(Some(value)) | State::Max(Some(value)) => value.bytes(),
            _ => 0,
        }
    }
}

/// A sum of numbers, or of durations.
#[derive(Clone, Debug, Default)]
struct Sum {
    count: i64,
    integers: i128,
    floats: Option<Floats>,
    durations: Option<Duration>,
}

/// A sum of floats, what rounding lost of it, and the sum of the floats by 2^64, which does not overflow.
#[derive(Clone, Debug, Default)]
struct Floats {
    sum: f64,
    lost: f64,
    scaled: f64,
}

const SCALE: f64 = 18_446_744_073_709_551_616.0;

impl Sum {
    /// `None` where the value does not go with those before.
    fn add(&mut self, value: &Value) -> Result<Option<()>, CypherError> {
        let was_numbers = self.durations.is_none() && self.count > 0;
        match value {
            Value::Duration(duration) if !was_numbers => {
                self.durations = Some(self.durations.unwrap_or_default().plus(duration)?);
            }
            Value::Integer(integer) if self.durations.is_none() => self.integers += i128::from(*integer),
            Value::Float(float) if self.durations.is_none() => self.floats.get_or_insert_default().add(*float),
            _ => return Ok(None),
        }
        self.count = self.count.saturating_add(1);
        Ok(Some(()))
    }

    fn total(&self) -> Result<Value, CypherError> {
        match (&self.durations, &self.floats) {
            (Some(duration), _) => Ok((*duration).into()),
            (None, Some(floats)) => Ok(Value::Float(floats.total(self.integers as f64))),
            (None, None) => i64::try_from(self.integers).map(Value::Integer).map_err(|_| overflow("sum")),
        }
    }

    fn mean(&self) -> Result<Value, CypherError> {
        if self.count == 0 {
            return Ok(Value::Null);
        }
        let (count, integers) = (self.count as f64, self.integers as f64);
        match (&self.durations, &self.floats) {
            (Some(duration), _) => Ok(duration.divided(self.count)?.into()),
            (None, Some(floats)) => {
                let total = floats.total(integers);
                // Where the sum alone overflowed, the mean does not.
                let overflowed = total.is_infinite() && floats.scaled.is_finite();
                let mean = if overflowed { (floats.scaled + integers / SCALE) / count * SCALE } else { total / count };
                Ok(Value::Float(mean))
            }
            (None, None) => Ok(Value::Float(integers / count)),
        }
    }
}

impl Floats {
    fn add(&mut self, float: f64) {
        let sum = self.sum + float;
        let (larger, smaller) = if self.sum.abs() >= float.abs() { (self.sum, float) } else { (float, self.sum) };
        self.lost += (larger - sum) + smaller;
        self.sum = sum;
        self.scaled += float / SCALE;
    }

    fn total(&self, integers: f64) -> f64 {
        let mut floats = self.clone();
        floats.add(integers);
        // Beyond infinity there is nothing to compensate, and the difference would be NaN.
        if floats.sum.is_finite() { floats.sum + floats.lost } else { floats.sum }
    }
}

/// A running mean, and the squares of the distances from it.
#[derive(Clone, Debug, Default)]
struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, number: f64) {
        self.count += 1.0;
        let before = number - self.mean;
        self.mean += before / self.count;
        self.squares += before * (number - self.mean);
    }

    fn deviation(&self, sample: bool) -> f64 {
        let divisor = if sample { self.count - 1.0 } else { self.count };
        if divisor < 1.0 { 0.0 } else { (self.squares / divisor).sqrt() }
    }
}

fn checked_percentile(name: &str, percentile: &Value) -> Result<f64, CypherError> {
    let at = as_float(percentile).ok_or_else(|| wrong(name, std::slice::from_ref(percentile)))?;
    if (0.0..=1.0).contains(&at) { Ok(at) } else { Err(out_of_range(format!("{name} takes 0.0 to 1.0, not {at:?}"))) }
}

/// The value below which `at` of the values lie, or the point between two where it falls.
fn percentile(between: bool, at: f64, mut values: Vec<Value>) -> Value {
    values.sort_by(order);
    let last = values.len().saturating_sub(1);
    let get = |place: usize| values.get(place.min(last));
    if !between {
        let place = (at * values.len() as f64).ceil() as usize;
        return get(place.saturating_sub(1)).cloned().unwrap_or(Value::Null);
    }
    let place = at * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    match (get(below).and_then(as_float), get(above).and_then(as_float)) {
        (Some(low), Some(high)) if below != above => {
            let weight = place - place.floor();
            Value::Float(low * (1.0 - weight) + high * weight)
        }
        (Some(only), _) => Value::Float(only),
        _ => Value::Null,
    }
}
