//! Results in parts, each MessagePack, one value after the other.
//!
//! The names of the columns, or null behind the first part; how many rows there are; their values, row after row; and
//! in the last part what the statement did, a list: eight counters as `Effects` has them, and null or the plan, a list
//! of lists: depth, operator, details, expected rows, and of a profile rows and nanoseconds, else null twice. In a part
//! that others follow null stands for all of it.

use super::encode::{encode, push_id, push_list_head, push_text};
use crate::execute::{Counters, Effects};
use crate::plan::Plan;
use crate::value::Value;

/// One part of a result, while it is made.
#[derive(Debug, Default)]
pub(super) struct Part {
    bytes: Vec<u8>,
    /// Where the number of rows stands.
    count_at: usize,
    rows: u32,
}

impl Part {
    /// A part that begins with the names of the columns, if it is the first.
    pub fn new(columns: Option<&[String]>) -> Self {
        let mut bytes = Vec::new();
        match columns {
            Some(columns) => {
                push_list_head(columns.len(), &mut bytes);
                columns.iter().for_each(|column| push_text(column, &mut bytes));
            }
            None => bytes.push(0xc0),
        }
        let count_at = bytes.len().saturating_add(1);
        bytes.extend_from_slice(&[0xce, 0, 0, 0, 0]);
        Self { bytes, count_at, rows: 0 }
    }

    pub fn push_row<'v>(&mut self, row: impl IntoIterator<Item = &'v Value>) {
        row.into_iter().for_each(|value| encode(value, &mut self.bytes));
        self.rows = self.rows.saturating_add(1);
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of a part that another follows.
    pub fn unfinished(mut self) -> Vec<u8> {
        self.close();
        self.bytes.push(0xc0);
        self.bytes
    }

    /// The bytes of the last part.
    pub fn last(mut self, effects: &Effects, plan: Option<(&Plan, &[Counters])>) -> Vec<u8> {
        self.close();
        let bytes = &mut self.bytes;
        push_list_head(9, bytes);
        for count in [
            effects.nodes_created,
            effects.nodes_deleted,
            effects.relationships_created,
            effects.relationships_deleted,
            effects.properties_set,
            effects.properties_removed,
            effects.labels_added,
            effects.labels_removed,
        ] {
            push_id(count, bytes);
        }
        match plan {
            Some((plan, counters)) => push_plan(plan, counters, bytes),
            None => bytes.push(0xc0),
        }
        self.bytes
    }

    fn close(&mut self) {
        if let Some(place) = self.bytes.get_mut(self.count_at..self.count_at.saturating_add(4)) {
            place.copy_from_slice(&self.rows.to_be_bytes());
        }
    }
}

fn push_plan(plan: &Plan, counters: &[Counters], bytes: &mut Vec<u8>) {
    let steps = plan.describe();
    push_list_head(steps.len(), bytes);
    for step in steps {
        push_list_head(6, bytes);
        push_id(step.depth as u64, bytes);
        push_text(step.name, bytes);
        push_text(&step.details, bytes);
        encode(&Value::Float(step.rows), bytes);
        match counters.get(step.id) {
            Some(counted) => {
                push_id(counted.rows, bytes);
                push_id(u64::try_from(counted.time.as_nanos()).unwrap_or(u64::MAX), bytes);
            }
            None => bytes.extend_from_slice(&[0xc0, 0xc0]),
        }
    }
}
