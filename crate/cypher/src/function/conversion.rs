//! From one type to another.
//!
//! `toInteger` and its like give null for text that is none and refuse types that are never one; the forms with `OrNull`
//! give null for both, and those with `List` convert each element as these do.

use super::{Context, Scalar, out_of_range, wrong};
use crate::error::CypherError;
use crate::meter::Growing;
use crate::value::Value;
use crate::value::arithmetic::has_text;
use crate::value::number::truncated;

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("toBoolean", (1, 1), |_, values| to("toBoolean", boolean, values)),
    Scalar::new("toBooleanOrNull", (1, 1), |_, values| Ok(or_null(boolean, values))),
    Scalar::new("toBooleanList", (1, 1), |context, values| each(context, "toBooleanList", boolean, values)),
    Scalar::new("toInteger", (1, 1), |_, values| to("toInteger", integer, values)),
    Scalar::new("toIntegerOrNull", (1, 1), |_, values| Ok(or_null(integer, values))),
    Scalar::new("toIntegerList", (1, 1), |context, values| each(context, "toIntegerList", integer, values)),
    Scalar::new("toFloat", (1, 1), |_, values| to("toFloat", float, values)),
    Scalar::new("toFloatOrNull", (1, 1), |_, values| Ok(or_null(float, values))),
    Scalar::new("toFloatList", (1, 1), |context, values| each(context, "toFloatList", float, values)),
    Scalar::new("toString", (1, 1), |_, values| to("toString", string, values)),
    Scalar::new("toStringOrNull", (1, 1), |_, values| Ok(or_null(string, values))),
    Scalar::new("toStringList", (1, 1), |context, values| each(context, "toStringList", string, values)),
];

/// A conversion; `None` for a type that it does not take.
type Conversion = fn(&Value) -> Option<Result<Value, CypherError>>;

fn to(name: &str, convert: Conversion, values: &[Value]) -> Result<Value, CypherError> {
    values.first().and_then(convert).unwrap_or_else(|| Err(wrong(name, values)))
}

fn or_null(convert: Conversion, values: &[Value]) -> Value {
    values.first().and_then(convert).and_then(Result::ok).unwrap_or(Value::Null)
}

fn each(context: &Context<'_>, name: &str, convert: Conversion, values: &[Value]) -> Result<Value, CypherError> {
    let [Value::List(list)] = values else { return Err(wrong(name, values)) };
    let mut converted = Growing::new(context.meter);
    for value in list.values() {
        context.meter.proceed()?;
        converted.push(or_null(convert, std::slice::from_ref(value)))?;
    }
    converted.list()
}

fn boolean(value: &Value) -> Option<Result<Value, CypherError>> {
    match value {
        Value::Boolean(_) => Some(Ok(value.clone())),
        Value::String(text) => {
            let text = text.trim();
            let yes = text.eq_ignore_ascii_case("true");
            Some(Ok(if yes || text.eq_ignore_ascii_case("false") { Value::Boolean(yes) } else { Value::Null }))
        }
        _ => None,
    }
}

fn integer(value: &Value) -> Option<Result<Value, CypherError>> {
    match value {
        Value::Integer(_) => Some(Ok(value.clone())),
        Value::Float(float) => Some(whole(*float)),
        Value::String(text) => {
            let text = text.trim();
            Some(match (text.parse::<i64>(), read_float(text)) {
                (Ok(integer), _) => Ok(Value::Integer(integer)),
                (_, Some(float)) if float.is_finite() => whole(float),
                _ => Ok(Value::Null),
            })
        }
        _ => None,
    }
}

fn whole(float: f64) -> Result<Value, CypherError> {
    let integer = truncated(float).map(Value::Integer);
    integer.ok_or_else(|| out_of_range(format!("{float:?} lies outside the integers of 64 bits")))
}

fn float(value: &Value) -> Option<Result<Value, CypherError>> {
    match value {
        Value::Float(_) => Some(Ok(value.clone())),
        Value::Integer(integer) => Some(Ok(Value::Float(*integer as f64))),
        Value::String(text) => Some(Ok(read_float(text.trim()).map_or(Value::Null, Value::Float))),
        _ => None,
    }
}

/// A float as the language writes it, or as `toString` does.
fn read_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        // Rust's parser also takes inf, infinity and nan.
        _ if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => text.parse().ok(),
        _ => None,
    }
}

fn string(value: &Value) -> Option<Result<Value, CypherError>> {
    match value {
        Value::String(_) => Some(Ok(value.clone())),
        other => has_text(other).then(|| Ok(other.text().into())),
    }
}
