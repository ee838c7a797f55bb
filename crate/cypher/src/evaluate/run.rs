//! What each form of the tree gives.

use std::borrow::Cow;

use super::compile::Op;
use super::{Expression, NULL, Result, Scope, access, collection, logic, operator};
use crate::function::Scalar;
use crate::ir::UnaryOp;
use crate::value::{Map, Value, arithmetic};

impl Op {
    /// Large arms are functions of their own, which keeps this frame small: it stands on the stack once for each level.
    pub(super) fn run<'a>(&'a self, scope: Scope<'a>) -> Result<Cow<'a, Value>> {
        Ok(match self {
            Self::Constant(value) => Cow::Borrowed(value),
            Self::Parameter(number) => Cow::Borrowed(scope.environment.parameters.get(*number).unwrap_or(&NULL)),
            Self::Slot(slot) => Cow::Borrowed(scope.of_row(*slot)),
            Self::Local(out) => Cow::Borrowed(scope.local(*out)),
            Self::Property { of, key } => return access::property(of.get(scope)?, key, scope),
            Self::Index { of, index } => return access::index(of, index, scope),
            Self::Coalesce(values) => return coalesce(values, scope),
            Self::Case { operand, branches, otherwise } => {
                return logic::case(operand.as_deref(), branches, otherwise.as_deref(), scope);
            }
            Self::And(operands) => Cow::Owned(logic::and(operands, scope)?.into()),
            Self::Or(operands) => Cow::Owned(logic::or(operands, scope)?.into()),
            Self::Xor(operands) => Cow::Owned(logic::xor(operands, scope)?.into()),
            Self::Compare { first, rest } => Cow::Owned(logic::compare(first, rest, scope)?.into()),
            Self::Function { function, arguments, reads_entity } => {
                Cow::Owned(call(function, arguments, *reads_entity, scope)?)
            }
            Self::Nested(number) => Cow::Owned(scope.environment.graph.nested(*number, scope)?),
            other => Cow::Owned(other.compute(scope)?),
        })
    }

    /// The forms that always make a value of their own.
    fn compute(&self, scope: Scope<'_>) -> Result<Value> {
        match self {
            Self::Slice { of, from, to } => access::slice(of, from.as_deref(), to.as_deref(), scope),
            Self::List(values) => collection::list(values, scope),
            Self::Map(entries) => {
                let entries: Result<Vec<_>> =
                    entries.iter().map(|(key, value)| Ok((key.clone(), value.value(scope)?))).collect();
                Map::new(entries?).map(Value::Map)
            }
            Self::MapProjection { of, items } => access::map_projection(of, items, scope),
            Self::Unary { op: UnaryOp::Not, of } => Ok(of.truth(scope)?.map(|truth| !truth).into()),
            Self::Unary { op: UnaryOp::Minus, of } => arithmetic::negate(&*of.get(scope)?),
            Self::Unary { op: UnaryOp::Plus, of } => arithmetic::plus(&*of.get(scope)?),
            Self::Binary { op, left, right } => {
                operator::binary(*op, &*left.get(scope)?, &*right.get(scope)?, scope.meter())
            }
            Self::Matches { text, pattern, regex } => {
                let text = text.get(scope)?;
                scope.meter().work(&text)?;
                regex.matches(&text, &*pattern.get(scope)?)
            }
            Self::IsNull { of, negated } => Ok(Value::Boolean(of.get(scope)?.is_null() != *negated)),
            Self::HasLabels { of, labels } => access::has_labels(&*of.get(scope)?, labels, scope),
            Self::Comprehension(comprehension) => collection::comprehension(comprehension, scope),
            Self::Quantifier(quantifier) => Ok(collection::quantifier(quantifier, scope)?.into()),
            Self::Reduce(reduce) => collection::reduce(reduce, scope),
            // What `run` takes itself.
            other => other.run(scope).map(Cow::into_owned),
        }
    }
}

/// The first that is not null; those behind it are not computed.
fn coalesce<'a>(values: &'a [Expression], scope: Scope<'a>) -> Result<Cow<'a, Value>> {
    for value in values {
        let value = value.get(scope)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Cow::Borrowed(&NULL))
}

/// Calls a function; as many arguments as most functions have stand on the stack.
#[inline(never)]
fn call(function: &Scalar, arguments: &[Expression], reads_entity: bool, scope: Scope<'_>) -> Result<Value> {
    let context = scope.environment.context;
    match arguments {
        [] => function.call(context, &[]),
        [only] => {
            let value = only.value(scope)?;
            scope.meter().work(&value)?;
            if reads_entity && matches!(value, Value::Node(_) | Value::Relationship(_)) {
                scope.environment.graph.check_entity(&value)?;
            }
            function.call(context, &[value])
        }
        [first, second] => {
            let values = [first.value(scope)?, second.value(scope)?];
            values.iter().try_for_each(|value| scope.meter().work(value))?;
            function.call(context, &values)
        }
        _ => {
            let values = arguments.iter().map(|argument| argument.value(scope)).collect::<Result<Vec<_>>>()?;
            values.iter().try_for_each(|value| scope.meter().work(value))?;
            function.call(context, &values)
        }
    }
}
