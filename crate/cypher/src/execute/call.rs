//! CALL of procedures.

use super::batch::Batch;
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, set};
use crate::plan::operator::Call;
use crate::value::Value;

pub(super) struct Calling<'p> {
    plan: &'p Call,
    rows: Vec<Vec<Value>>,
    at: usize,
    found: bool,
}

impl<'p> Calling<'p> {
    pub const fn new(plan: &'p Call) -> Self {
        Self { plan, rows: Vec::new(), at: 0, found: false }
    }
}

impl Rowwise for Calling<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.at = 0;
        self.found = false;
        let arguments = self.plan.arguments.iter().map(|argument| cx.value(argument, row));
        let arguments = arguments.collect::<Result<Vec<_>>>()?;
        let (procedures, name) = (cx.runtime.procedures, self.plan.procedure.as_str());
        self.rows = cx.runtime.read(|storage| procedures.call(name, &arguments, storage))?;
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        if self.plan.yields.is_empty() {
            out.push(row);
            return Ok(true);
        }
        while out.len() < most {
            let Some(result) = self.rows.get(self.at) else {
                if self.plan.optional && !self.found {
                    let made = out.push(row);
                    self.plan.yields.iter().for_each(|(_, slot)| set(made, *slot, Value::Null));
                }
                return Ok(true);
            };
            self.at += 1;
            let made = out.push(row);
            for (place, slot) in &self.plan.yields {
                set(made, *slot, result.get(*place).cloned().unwrap_or(Value::Null));
            }
            let keep = match &self.plan.filter {
                Some(filter) => filter.is_true(cx.scope(made))?,
                None => true,
            };
            if keep {
                self.found = true;
            } else {
                out.truncate(out.len().saturating_sub(1));
            }
        }
        Ok(false)
    }
}
