//! Parts of a pattern that are found once and put beside every row: all of their rows, or those with equal keys.

use std::collections::HashMap;

use super::batch::Batch;
use super::pipeline::{Pipeline, Result, Rowwise};
use super::runtime::{Cx, set, slot};
use crate::evaluate::Expression;
use crate::plan::operator::Join;
use crate::value::Value;
use crate::value::order::Key;

pub(super) struct Joining<'p> {
    plan: &'p Join,
    pipeline: Pipeline<'p>,
    built: bool,
    rows: Batch,
    places: HashMap<Vec<Key>, Vec<usize>>,
    /// The key of the row at hand.
    key: Option<Vec<Key>>,
    at: usize,
    held: usize,
}

impl<'p> Joining<'p> {
    pub fn new(plan: &'p Join) -> Self {
        Self {
            plan,
            pipeline: Pipeline::new(&plan.pipeline),
            built: false,
            rows: Batch::default(),
            places: HashMap::new(),
            key: None,
            at: 0,
            held: 0,
        }
    }

    fn build(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.built = true;
        self.rows = Batch::new(self.plan.slots.len());
        self.places.clear();
        self.pipeline.start(cx, row);
        while let Some(rows) = self.pipeline.next(cx)? {
            for found in rows.rows() {
                cx.proceed()?;
                if !self.plan.keys.is_empty() {
                    let keys = self.plan.keys.iter().map(|(_, key)| key);
                    let Some(key) = key(cx, keys, found)? else { continue };
                    self.places.entry(key).or_default().push(self.rows.len());
                }
                let values = self.plan.slots.iter().map(|of| slot(found, *of).clone());
                self.rows.push_values(values);
            }
            let bytes = rows.bytes();
            self.held = self.held.saturating_add(bytes);
            cx.runtime.hold(bytes)?;
        }
        Ok(())
    }
}

/// The values of a row; `None` where one is null, which equals nothing.
fn key<'e>(cx: Cx<'_, '_>, keys: impl Iterator<Item = &'e Expression>, row: &[Value]) -> Result<Option<Vec<Key>>> {
    let mut values = Vec::new();
    for key in keys {
        let key = cx.key(key, row)?;
        if key.0.is_null() {
            return Ok(None);
        }
        values.push(key);
    }
    Ok(Some(values))
}

impl Rowwise for Joining<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        if !self.built {
            self.build(cx, row)?;
        }
        self.at = 0;
        self.key = key(cx, self.plan.keys.iter().map(|(key, _)| key), row)?;
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let Some(key) = &self.key else { return Ok(true) };
        let places =
            if self.plan.keys.is_empty() { None } else { Some(self.places.get(key).map_or(&[][..], Vec::as_slice)) };
        while out.len() < most {
            let place = match places {
                None if self.at < self.rows.len() => self.at,
                None => return Ok(true),
                Some(places) => match places.get(self.at) {
                    Some(place) => *place,
                    None => return Ok(true),
                },
            };
            self.at += 1;
            cx.proceed()?;
            let made = out.push(row);
            for (slot, value) in self.plan.slots.iter().zip(self.rows.row(place)) {
                set(made, *slot, value.clone());
            }
        }
        Ok(false)
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.built = false;
        cx.runtime.release(std::mem::take(&mut self.held));
    }
}
