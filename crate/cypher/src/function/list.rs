//! Lists.

use super::{Context, Scalar, count, out_of_range, wrong};
use crate::error::{CypherError, Detail, Kind};
use crate::value::Value;

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("head", (1, 1), |_, values| match values {
        [Value::List(list)] => Ok(list.values().first().cloned().unwrap_or(Value::Null)),
        _ => Err(wrong("head", values)),
    }),
    Scalar::new("last", (1, 1), |_, values| match values {
        [Value::List(list)] => Ok(list.values().last().cloned().unwrap_or(Value::Null)),
        _ => Err(wrong("last", values)),
    }),
    Scalar::new("tail", (1, 1), |context, values| match values {
        [Value::List(list)] => {
            context.meter.reserve(list.slice_bytes(Some(1), None))?;
            list.slice(Some(1), None).map(Value::List)
        }
        _ => Err(wrong("tail", values)),
    }),
    Scalar::new("size", (1, 1), |_, values| match values {
        [Value::List(list)] => Ok(count(list.len())),
        [Value::String(text)] => Ok(count(text.chars().count())),
        [Value::Bytes(bytes)] => Ok(count(bytes.len())),
        [Value::Vector(components)] => Ok(count(components.len())),
        _ => Err(wrong("size", values)),
    }),
    Scalar::new("isEmpty", (1, 1), |_, values| match values {
        [Value::List(list)] => Ok(Value::Boolean(list.is_empty())),
        [Value::Map(map)] => Ok(Value::Boolean(map.is_empty())),
        [Value::String(text)] => Ok(Value::Boolean(text.is_empty())),
        [Value::Bytes(bytes)] => Ok(Value::Boolean(bytes.is_empty())),
        [Value::Vector(components)] => Ok(Value::Boolean(components.is_empty())),
        _ => Err(wrong("isEmpty", values)),
    }),
    Scalar::new("reverse", (1, 1), |context, values| match values {
        [Value::List(list)] => {
            context.meter.reserve(size_of_val(list.values()))?;
            Value::list(list.values().iter().rev().cloned().collect())
        }
        [Value::String(text)] => {
            context.meter.reserve(text.len())?;
            let mut turned = String::with_capacity(text.len());
            for letter in text.chars().rev() {
                context.meter.proceed()?;
                turned.push(letter);
            }
            Ok(turned.into())
        }
        _ => Err(wrong("reverse", values)),
    }),
    Scalar::new("range", (2, 3), range),
];

/// The integers from the first to the second, both included, by steps of the third.
pub(crate) struct Integers {
    next: Option<i64>,
    step: i64,
    left: u128,
}

impl Integers {
    pub fn new(values: &[Value]) -> Result<Self, CypherError> {
        let (start, end, step) = match values {
            [Value::Integer(start), Value::Integer(end)] => (*start, *end, 1),
            [Value::Integer(start), Value::Integer(end), Value::Integer(step)] => (*start, *end, *step),
            _ => {
                let CypherError { message, .. } = wrong("range", values);
                return Err(CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentType, message));
            }
        };
        if step == 0 {
            return Err(out_of_range("the step of a range is not 0"));
        }
        let steps = (i128::from(end) - i128::from(start)) / i128::from(step);
        let against = (end > start) != (step > 0) && end != start;
        let left = if against { 0 } else { steps.unsigned_abs().saturating_add(1) };
        Ok(Self { next: Some(start), step, left })
    }
}

impl Iterator for Integers {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        let integer = self.next?;
        self.next = integer.checked_add(self.step);
        Some(Value::Integer(integer))
    }
}

fn range(context: &Context<'_>, values: &[Value]) -> Result<Value, CypherError> {
    let integers = Integers::new(values)?;
    let length = usize::try_from(integers.left).unwrap_or(usize::MAX);
    context.meter.reserve(length.saturating_mul(size_of::<Value>()))?;
    let mut made = Vec::with_capacity(length);
    for integer in integers {
        context.meter.proceed()?;
        made.push(integer);
    }
    Value::list(made)
}
