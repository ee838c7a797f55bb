//! Lists.

use super::{Scalar, count, out_of_range, wrong};
use crate::error::{CypherError, Detail, Kind};
use crate::value::{Value, check_bytes};

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("head", (1, 1), |_, values| match values {
        [Value::List(list)] => Ok(list.values().first().cloned().unwrap_or(Value::Null)),
        _ => Err(wrong("head", values)),
    }),
    Scalar::new("last", (1, 1), |_, values| match values {
        [Value::List(list)] => Ok(list.values().last().cloned().unwrap_or(Value::Null)),
        _ => Err(wrong("last", values)),
    }),
    Scalar::new("tail", (1, 1), |_, values| match values {
        [Value::List(list)] => list.slice(Some(1), None).map(Value::List),
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
    Scalar::new("reverse", (1, 1), |_, values| match values {
        [Value::List(list)] => Value::list(list.values().iter().rev().cloned().collect()),
        [Value::String(text)] => Ok(text.chars().rev().collect::<String>().into()),
        _ => Err(wrong("reverse", values)),
    }),
    Scalar::new("range", (2, 3), |_, values| range(values)),
];

/// The integers from the first to the second, both included, by steps of the third.
fn range(values: &[Value]) -> Result<Value, CypherError> {
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
    let length = if against { 0 } else { steps.unsigned_abs().saturating_add(1) };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    check_bytes(length.saturating_mul(size_of::<Value>()))?;
    let mut next = Some(start);
    let integers = std::iter::from_fn(|| {
        let integer = next?;
        next = integer.checked_add(step);
        Some(Value::Integer(integer))
    });
    Value::list(integers.take(length).collect())
}
