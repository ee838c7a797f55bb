//! Points.

use super::{Scalar, wrong};
use crate::error::CypherError;
use crate::value::Value;
use crate::value::point::Point;

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("point", (1, 1), |_, values| match values {
        [Value::Map(map)] => Ok(Point::from_map(map)?.map_or(Value::Null, |point| Value::Point(point.into()))),
        [Value::Point(_)] => Ok(values.first().cloned().unwrap_or(Value::Null)),
        _ => Err(wrong("point", values)),
    }),
    Scalar::new("distance", (2, 2), |_, values| distance("distance", values)),
    Scalar::new("point.distance", (2, 2), |_, values| distance("point.distance", values)),
    Scalar::new("point.withinBBox", (3, 3), |_, values| match values {
        [Value::Point(point), Value::Point(lower), Value::Point(upper)] => Ok(point.within(lower, upper).into()),
        _ => Err(wrong("point.withinBBox", values)),
    }),
];

fn distance(name: &str, values: &[Value]) -> Result<Value, CypherError> {
    match values {
        [Value::Point(a), Value::Point(b)] => Ok(a.distance(b).map_or(Value::Null, Value::Float)),
        _ => Err(wrong(name, values)),
    }
}
