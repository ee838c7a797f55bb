//! Truth of three values, comparisons and CASE.
//!
//! AND ends at the first false, OR at the first true: what stands behind is not computed, and cannot fail. Null decides
//! nothing, so the operands behind it are computed.

use std::borrow::Cow;

use super::compile::Branch;
use super::{Expression, NULL, Result, Scope};
use crate::ir::CompareOp;
use crate::value::{Value, compare};

pub(super) fn and(operands: &[Expression], scope: Scope<'_>) -> Result<Option<bool>> {
    until(false, operands, scope)
}

pub(super) fn or(operands: &[Expression], scope: Scope<'_>) -> Result<Option<bool>> {
    until(true, operands, scope)
}

/// The decisive truth where an operand has it, else null where one is null, else the opposite.
fn until(decisive: bool, operands: &[Expression], scope: Scope<'_>) -> Result<Option<bool>> {
    let mut result = Some(!decisive);
    for operand in operands {
        match operand.truth(scope)? {
            Some(truth) if truth == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => result = None,
        }
    }
    Ok(result)
}

pub(super) fn xor(operands: &[Expression], scope: Scope<'_>) -> Result<Option<bool>> {
    let mut result = Some(false);
    for operand in operands {
        let truth = operand.truth(scope)?;
        result = result.zip(truth).map(|(left, right)| left != right);
    }
    Ok(result)
}

/// A chain of comparisons: each pair of neighbors must compare. It ends at the first pair that does not.
pub(super) fn compare(first: &Expression, rest: &[(CompareOp, Expression)], scope: Scope<'_>) -> Result<Option<bool>> {
    let mut left = first.get(scope)?;
    let mut result = Some(true);
    for (op, right) in rest {
        let right = right.get(scope)?;
        scope.meter().work(&left)?;
        scope.meter().work(&right)?;
        match holds(*op, &left, &right) {
            Some(false) => return Ok(Some(false)),
            Some(true) => {}
            None => result = None,
        }
        left = right;
    }
    Ok(result)
}

fn holds(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    match op {
        CompareOp::Equal => compare::equals(left, right),
        CompareOp::NotEqual => compare::equals(left, right).map(|equal| !equal),
        CompareOp::Less => compare::less(left, right),
        CompareOp::LessEqual => compare::less_or_equal(left, right),
        CompareOp::Greater => compare::less(right, left),
        CompareOp::GreaterEqual => compare::less_or_equal(right, left),
    }
}

pub(super) fn case<'a>(
    operand: Option<&'a Expression>,
    branches: &'a [Branch],
    otherwise: Option<&'a Expression>,
    scope: Scope<'a>,
) -> Result<Cow<'a, Value>> {
    let operand = operand.map(|operand| operand.get(scope)).transpose()?;
    for branch in branches {
        for when in &branch.when {
            let taken = match &operand {
                Some(operand) => {
                    scope.meter().work(operand)?;
                    compare::equals(operand, &*when.get(scope)?) == Some(true)
                }
                None => when.is_true(scope)?,
            };
            if taken {
                return branch.then.get(scope);
            }
        }
    }
    otherwise.map_or(Ok(Cow::Borrowed(&NULL)), |otherwise| otherwise.get(scope))
}
