//! Numbers.

use std::f64::consts::{E, PI};

use super::{Scalar, Stability, round, wrong};
use crate::error::CypherError;
use crate::value::Value;
use crate::value::arithmetic::{as_float, overflow};

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("abs", (1, 1), |_, values| match values {
        [Value::Integer(integer)] => integer.checked_abs().map(Value::Integer).ok_or_else(|| overflow("abs")),
        _ => float("abs", values, f64::abs),
    }),
    Scalar::new("sign", (1, 1), |_, values| match values {
        [Value::Integer(integer)] => Ok(Value::Integer(integer.signum())),
        [Value::Float(float)] => Ok(Value::Integer(i64::from(*float > 0.0) - i64::from(*float < 0.0))),
        _ => Err(wrong("sign", values)),
    }),
    Scalar::new("ceil", (1, 1), |_, values| float("ceil", values, f64::ceil)),
    Scalar::new("ceiling", (1, 1), |_, values| float("ceiling", values, f64::ceil)),
    Scalar::new("floor", (1, 1), |_, values| float("floor", values, f64::floor)),
    Scalar::new("round", (1, 3), |_, values| round::round(values)),
    Scalar::new("isNaN", (1, 1), |_, values| match values {
        [Value::Integer(_)] => Ok(Value::Boolean(false)),
        [Value::Float(float)] => Ok(Value::Boolean(float.is_nan())),
        _ => Err(wrong("isNaN", values)),
    }),
    Scalar::new("rand", (0, 0), |_, _| Ok(Value::Float(rand::random()))).with(Stability::Never),
    Scalar::new("sqrt", (1, 1), |_, values| float("sqrt", values, f64::sqrt)),
    Scalar::new("exp", (1, 1), |_, values| float("exp", values, f64::exp)),
    Scalar::new("log", (1, 1), |_, values| float("log", values, f64::ln)),
    Scalar::new("ln", (1, 1), |_, values| float("ln", values, f64::ln)),
    Scalar::new("log10", (1, 1), |_, values| float("log10", values, f64::log10)),
    Scalar::new("e", (0, 0), |_, _| Ok(Value::Float(E))),
    Scalar::new("pi", (0, 0), |_, _| Ok(Value::Float(PI))),
    Scalar::new("sin", (1, 1), |_, values| float("sin", values, f64::sin)),
    Scalar::new("cos", (1, 1), |_, values| float("cos", values, f64::cos)),
    Scalar::new("tan", (1, 1), |_, values| float("tan", values, f64::tan)),
    Scalar::new("cot", (1, 1), |_, values| float("cot", values, |angle| 1.0 / angle.tan())),
    Scalar::new("asin", (1, 1), |_, values| float("asin", values, f64::asin)),
    Scalar::new("acos", (1, 1), |_, values| float("acos", values, f64::acos)),
    Scalar::new("atan", (1, 1), |_, values| float("atan", values, f64::atan)),
    Scalar::new("atan2", (2, 2), |_, values| match values {
        [y, x] => match (as_float(y), as_float(x)) {
            (Some(y), Some(x)) => Ok(Value::Float(y.atan2(x))),
            _ => Err(wrong("atan2", values)),
        },
        _ => Err(wrong("atan2", values)),
    }),
    Scalar::new("sinh", (1, 1), |_, values| float("sinh", values, f64::sinh)),
    Scalar::new("cosh", (1, 1), |_, values| float("cosh", values, f64::cosh)),
    Scalar::new("tanh", (1, 1), |_, values| float("tanh", values, f64::tanh)),
    Scalar::new("coth", (1, 1), |_, values| float("coth", values, |angle| 1.0 / angle.tanh())),
    Scalar::new("degrees", (1, 1), |_, values| float("degrees", values, f64::to_degrees)),
    Scalar::new("radians", (1, 1), |_, values| float("radians", values, f64::to_radians)),
    Scalar::new("haversin", (1, 1), |_, values| float("haversin", values, |angle| (angle / 2.0).sin().powi(2))),
];

fn float(name: &str, values: &[Value], function: fn(f64) -> f64) -> Result<Value, CypherError> {
    let number = values.first().and_then(as_float);
    number.map(|number| Value::Float(function(number))).ok_or_else(|| wrong(name, values))
}
