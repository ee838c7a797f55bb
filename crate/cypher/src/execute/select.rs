//! The choice among the paths of a pattern between the same two ends.

use std::collections::HashMap;

use super::batch::{Batch, bytes_of};
use super::pipeline::{Pipeline, Result, Rowwise};
use super::runtime::{Cx, id_of, slot};
use crate::error::{CypherError, Detail, Kind};
use crate::plan::operator::{Piece, Select, Selection};
use crate::value::Value;

/// How many paths were chosen between two ends; they come shortest first.
pub(super) struct Chosen {
    count: u64,
    groups: bool,
    /// The number of paths or of lengths, and the last length.
    by_ends: HashMap<(u64, u64), (u64, u64)>,
}

impl Chosen {
    pub fn new(count: u64, groups: bool) -> Self {
        Self { count, groups, by_ends: HashMap::new() }
    }

    /// Whether a path is wanted that is not chosen yet.
    pub fn wants(&self, ends: (u64, u64), length: u64) -> bool {
        let known = self.by_ends.get(&ends);
        known.is_none_or(|(chosen, last)| *chosen < self.count || self.groups && *last == length)
    }

    /// Whether a path is one of those that are wanted.
    pub fn admits(&mut self, ends: (u64, u64), length: u64) -> bool {
        if !self.wants(ends, length) {
            return false;
        }
        let (chosen, last) = self.by_ends.entry(ends).or_insert((0, u64::MAX));
        if !(self.groups && *last == length) {
            *chosen += 1;
            *last = length;
        }
        true
    }

    /// Whether no path of this length or a greater one between the only two ends is wanted.
    pub fn is_complete(&self, length: u64) -> bool {
        self.by_ends.values().any(|(chosen, last)| *chosen == self.count && !(self.groups && *last == length))
    }
}

/// How many paths, or lengths of them, are wanted.
pub(super) fn wanted(cx: Cx<'_, '_>, selection: &Selection, row: &[Value]) -> Result<(u64, bool)> {
    let (count, groups) = match selection {
        Selection::Any(count) | Selection::Shortest(count) => (count, false),
        Selection::Groups(count) => (count, true),
    };
    match cx.value(count, row)? {
        Value::Integer(count) if count > 0 => Ok((count.cast_unsigned(), groups)),
        other => {
            let message = format!("a number of paths is a positive integer, not {other}");
            Err(CypherError::runtime(Kind::ArgumentError, Detail::NegativeIntegerArgument, message))
        }
    }
}

pub(super) struct Selecting<'p> {
    plan: &'p Select,
    pipeline: Pipeline<'p>,
    found: Batch,
    at: usize,
}

impl<'p> Selecting<'p> {
    pub fn new(plan: &'p Select) -> Self {
        Self { plan, pipeline: Pipeline::new(&plan.pipeline), found: Batch::default(), at: 0 }
    }
}

/// How many relationships pieces of a path have.
fn length(row: &[Value], pieces: &[Piece]) -> u64 {
    let count = |piece: &Piece| match (piece, slot(row, slot_of(*piece))) {
        (_, Value::List(list)) => list.values().iter().filter(|value| !matches!(value, Value::Node(_))).count() as u64,
        _ => 1,
    };
    pieces.iter().map(count).fold(0, u64::saturating_add)
}

const fn slot_of(piece: Piece) -> crate::ir::Slot {
    match piece {
        Piece::Relationships(slot) | Piece::Trace(slot) => slot,
    }
}

impl Rowwise for Selecting<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        let (count, groups) = wanted(cx, &self.plan.selection, row)?;
        self.pipeline.start(cx, row);
        let mut all: Vec<(u64, Vec<Value>)> = Vec::new();
        let mut held = 0_usize;
        while let Some(rows) = self.pipeline.next(cx)? {
            for row in rows.rows() {
                let bytes = bytes_of(row);
                held = held.saturating_add(bytes);
                cx.runtime.hold(bytes)?;
                all.push((length(row, &self.plan.pieces), row.to_vec()));
            }
        }
        all.sort_by_key(|(length, _)| *length);
        let mut chosen = Chosen::new(count, groups);
        self.found = Batch::new(row.len());
        self.at = 0;
        for (length, row) in all {
            let id = |of| id_of(slot(&row, of)).unwrap_or_default();
            if chosen.admits((id(self.plan.start), id(self.plan.end)), length) {
                self.found.push(&row);
            }
        }
        cx.runtime.release(held);
        Ok(())
    }

    fn more(&mut self, _: Cx<'_, '_>, _: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        while out.len() < most {
            if self.at >= self.found.len() {
                return Ok(true);
            }
            out.push(self.found.row(self.at));
            self.at += 1;
        }
        Ok(false)
    }
}
