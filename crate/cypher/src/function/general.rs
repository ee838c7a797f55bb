//! Nulls, types and identifiers.

use super::{Scalar, Stability, wrong};
use crate::value::{Value, compare};

pub(super) const TABLE: &[Scalar] = &[
    Scalar::new("coalesce", (1, usize::MAX), |_, values| {
        Ok(values.iter().find(|value| !value.is_null()).cloned().unwrap_or(Value::Null))
    })
    .seeing_nulls(),
    Scalar::new("nullIf", (2, 2), |_, values| {
        let [a, b] = values else { return Err(wrong("nullIf", values)) };
        Ok(if compare::equals(a, b) == Some(true) { Value::Null } else { a.clone() })
    })
    .seeing_nulls(),
    Scalar::new("exists", (1, 1), |_, values| Ok(Value::Boolean(!values.iter().any(Value::is_null)))).seeing_nulls(),
    Scalar::new("valueType", (1, 1), |_, values| match values {
        [value] => Ok(value.type_name().into()),
        _ => Err(wrong("valueType", values)),
    })
    .seeing_nulls(),
    Scalar::new("randomUUID", (0, 0), |_, _| Ok(uuid(rand::random()).into())).with(Stability::Never),
    Scalar::new("timestamp", (0, 0), |context, _| {
        let milliseconds = context.clock.statement.nanoseconds().div_euclid(1_000_000);
        Ok(Value::Integer(i64::try_from(milliseconds).unwrap_or(i64::MAX)))
    })
    .with(Stability::Statement),
];

/// A random UUID, version 4 of RFC 9562.
fn uuid(random: u128) -> String {
    let bits = random & !(0xf000 << 64) & !(0xc000 << 48) | (0x4000 << 64) | (0x8000 << 48);
    let hex = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn a_uuid_says_its_version() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
