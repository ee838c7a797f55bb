//! Lists, and expressions with variables of their own.

use std::borrow::Cow;

use super::compile::{Comprehension, Quantifier, Reduce};
use super::{Expression, Local, Result, Scope, mismatch};
use crate::ir::Quantified;
use crate::meter::Growing;
use crate::value::{List, Value};

pub(super) fn list(values: &[Expression], scope: Scope<'_>) -> Result<Value> {
    let mut growing = Growing::new(scope.meter());
    for value in values {
        growing.push(value.value(scope)?)?;
    }
    growing.list()
}

/// The elements to go through; `None` for null.
fn elements<'a>(list: &'a Expression, scope: Scope<'a>) -> Result<Option<List>> {
    match list.get(scope)? {
        Cow::Borrowed(Value::List(list)) => Ok(Some(list.clone())),
        Cow::Owned(Value::List(list)) => Ok(Some(list)),
        value if value.is_null() => Ok(None),
        other => Err(list.placed(mismatch("a list", &other))),
    }
}

pub(super) fn comprehension(comprehension: &Comprehension, scope: Scope<'_>) -> Result<Value> {
    let Some(list) = elements(&comprehension.list, scope)? else { return Ok(Value::Null) };
    let mut growing = Growing::new(scope.meter());
    for value in list.values() {
        scope.environment.graph.proceed()?;
        let local = Local { slot: comprehension.slot, value, outer: scope.locals };
        let inner = Scope { locals: Some(&local), ..scope };
        if let Some(filter) = &comprehension.filter
            && !filter.is_true(inner)?
        {
            continue;
        }
        growing.push(match &comprehension.map {
            Some(map) => map.value(inner)?,
            None => value.clone(),
        })?;
    }
    growing.list()
}

/// Ends at the element that decides. Null decides nothing, but keeps the rest from being certain.
pub(super) fn quantifier(quantifier: &Quantifier, scope: Scope<'_>) -> Result<Option<bool>> {
    let Some(list) = elements(&quantifier.list, scope)? else { return Ok(None) };
    let (mut found, mut unknown) = (false, false);
    for value in list.values() {
        scope.environment.graph.proceed()?;
        let local = Local { slot: quantifier.slot, value, outer: scope.locals };
        let truth = quantifier.predicate.truth(Scope { locals: Some(&local), ..scope })?;
        match (quantifier.kind, truth) {
            (_, None) => unknown = true,
            (Quantified::All, Some(false)) | (Quantified::None, Some(true)) => return Ok(Some(false)),
            (Quantified::Any, Some(true)) => return Ok(Some(true)),
            (Quantified::Single, Some(true)) if found => return Ok(Some(false)),
            (Quantified::Single, Some(true)) => found = true,
            (_, Some(_)) => {}
        }
    }
    Ok(match quantifier.kind {
        _ if unknown => None,
        Quantified::All | Quantified::None => Some(true),
        Quantified::Any => Some(false),
        Quantified::Single => Some(found),
    })
}

pub(super) fn reduce(reduce: &Reduce, scope: Scope<'_>) -> Result<Value> {
    let Some(list) = elements(&reduce.list, scope)? else { return Ok(Value::Null) };
    let made = scope.meter().made();
    let mut accumulated = reduce.initial.value(scope)?;
    let mut counted = scope.meter().made();
    for value in list.values() {
        scope.environment.graph.proceed()?;
        let accumulator = Local { slot: reduce.accumulator, value: &accumulated, outer: scope.locals };
        let element = Local { slot: reduce.slot, value, outer: Some(&accumulator) };
        accumulated = reduce.step.value(Scope { locals: Some(&element), ..scope })?;
        if scope.meter().made() != counted {
            scope.meter().settle(made, accumulated.bytes())?;
            counted = scope.meter().made();
        }
    }
    Ok(accumulated)
}
