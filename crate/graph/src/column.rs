//! One property of all nodes in memory, as it is at one seq: kept and let go as the edges are (`resident.rs`). Where few values
//! are shared by many nodes, each value is kept once, and of a node its number: a dictionary.
//!
//! The columns of a graph take an eighth of the size of the memory budget at most; one that has no room is not gathered.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use parking_lot::RwLock;
use sledstore_engine::{KeyRange, Loan, Read, Result, ScanOptions, Seq};

use crate::graph::Graph;
use crate::keys::{self, RowKind, damaged, trailing_id};
use crate::lookup::properties_of_node;
use crate::map_bytes::find_property;
use crate::model::NodeId;
use crate::resident::{Rent, Uses};
use crate::rows::visit_range;
use crate::unchanged::{Span, WatchedRows};

/// Part of the memory budget.
const COLUMNS_PART: u64 = 8;
/// Properties whose reads are counted.
const COLUMNS_MAX: usize = 64;

/// Most values of a dictionary.
const DICTIONARY_MAX: usize = 4_096;
/// Fewest nodes to a value of a dictionary.
const NODES_PER_VALUE: usize = 8;

/// The MessagePack of a property of every node that has it, at one seq.
pub struct ResidentColumn {
    span: Span,
    /// Where the value of a node begins, or the value of a number; that of the next one is where it ends.
    starts: Vec<u32>,
    values: Vec<u8>,
    /// Of a dictionary the number of each node's value, from 1 on; 0 where it has none.
    codes: Option<Vec<u16>>,
    uses: Uses,
    /// E17: what it takes of the memory budget.
    loan: Option<Loan>,
}

impl ResidentColumn {
    /// The property of a node; `None` where there is none. Beside it the number of the value, if it has one: values
    /// with the same number are the same.
    pub fn value(&self, node: NodeId) -> Option<(&[u8], Option<u16>)> {
        self.uses.add();
        let at = usize::try_from(node.0).ok()?;
        let Some(codes) = &self.codes else { return Some((self.span(at)?, None)) };
        let code = *codes.get(at)?;
        Some((self.span(usize::from(code).checked_sub(1)?)?, Some(code)))
    }

    fn span(&self, at: usize) -> Option<&[u8]> {
        let (start, end) = (*self.starts.get(at)?, *self.starts.get(at.checked_add(1)?)?);
        self.values.get(start as usize..end as usize).filter(|value| !value.is_empty())
    }

    fn bytes(&self) -> usize {
        let codes = self.codes.as_ref().map_or(0, |codes| codes.capacity() * size_of::<u16>());
        self.starts.capacity() * size_of::<u32>() + self.values.capacity() + codes
    }

    /// The same as a dictionary; `None` where too few nodes share a value.
    fn dictionary(&self) -> Option<(Vec<u32>, Vec<u8>, Vec<u16>)> {
        let nodes = self.starts.len().saturating_sub(1);
        let most = DICTIONARY_MAX.min(nodes / NODES_PER_VALUE);
        let mut known: HashMap<&[u8], u16> = HashMap::new();
        let (mut starts, mut values, mut codes) = (vec![0], Vec::new(), Vec::with_capacity(nodes));
        for node in 0..nodes {
            let Some(value) = self.span(node) else {
                codes.push(0);
                continue;
            };
            if let Some(code) = known.get(value) {
                codes.push(*code);
                continue;
            }
            if known.len() >= most {
                return None;
            }
            let code = u16::try_from(known.len() + 1).ok()?;
            known.insert(value, code);
            values.extend_from_slice(value);
            starts.push(u32::try_from(values.len()).ok()?);
            codes.push(code);
        }
        Some((starts, values, codes))
    }

    fn gather(graph: &Graph, reader: &impl Read, seq: Seq, name: &str, bytes_max: usize) -> Result<Option<Self>> {
        let (uses, loan) = (Uses::default(), None);
        let mut column = Self { span: Span::at(seq), starts: Vec::new(), values: Vec::new(), codes: None, uses, loan };
        let prefix = keys::kind_prefix(RowKind::Node);
        let mut fits = true;
        visit_range(reader, graph.namespace(), &KeyRange::prefix(&prefix), ScanOptions::default(), |key, row| {
            let properties = properties_of_node(row).ok_or_else(|| damaged("a node's row"))?;
            fits = match find_property(properties, name)? {
                Some(value) => column.push(trailing_id(key, &prefix)?, value, bytes_max),
                None => true,
            };
            Ok(if fits { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let Some(end) = u32::try_from(column.values.len()).ok().filter(|_| fits) else { return Ok(None) };
        column.starts.push(end);
        if let Some((starts, values, codes)) = column.dictionary() {
            (column.starts, column.values, column.codes) = (starts, values, Some(codes));
        }
        column.starts.shrink_to_fit();
        column.values.shrink_to_fit();
        column.loan = graph.store().lend(column.bytes());
        Ok(column.loan.is_some().then_some(column))
    }

    /// Nodes come in ascending order.
    fn push(&mut self, node: u64, value: &[u8], bytes_max: usize) -> bool {
        let (Ok(node), Ok(begin)) = (usize::try_from(node), u32::try_from(self.values.len())) else { return false };
        let starts = node.saturating_add(2).saturating_mul(size_of::<u32>());
        if starts.saturating_add(self.values.len()).saturating_add(value.len()) > bytes_max.min(u32::MAX as usize) {
            return false;
        }
        self.starts.resize(node + 1, begin);
        self.values.extend_from_slice(value);
        true
    }
}

/// What a graph keeps of properties.
pub(crate) struct Columns {
    known: RwLock<Vec<Arc<Known>>>,
    rows: WatchedRows,
}

impl Default for Columns {
    fn default() -> Self {
        Self { known: RwLock::default(), rows: WatchedRows::of(RowKind::Node) }
    }
}

struct Known {
    name: Box<str>,
    rent: Rent,
    column: RwLock<Option<Arc<ResidentColumn>>>,
}

impl Columns {
    fn find(&self, name: &str) -> Option<Arc<Known>> {
        let find = |known: &[Arc<Known>]| known.iter().find(|known| *known.name == *name).cloned();
        if let Some(known) = find(&self.known.read()) {
            return Some(known);
        }
        let mut all = self.known.write();
        if let Some(known) = find(&all) {
            return Some(known);
        }
        if all.len() >= COLUMNS_MAX {
            return None;
        }
        let known = Arc::new(Known { name: name.into(), rent: Rent::default(), column: RwLock::default() });
        all.push(known.clone());
        Some(known)
    }

    fn bytes(&self) -> usize {
        self.known.read().iter().map(|known| known.column.read().as_ref().map_or(0, |column| column.bytes())).sum()
    }
}

impl Graph {
    /// The property of all nodes in memory, if it is there for this reader by now; otherwise about `nodes` will be
    /// read one by one, or eight times as many in a row.
    pub fn resident_column(&self, reader: &impl Read, name: &str, nodes: u64) -> Result<Option<Arc<ResidentColumn>>> {
        let Some(seq) = self.seq_of(reader) else { return Ok(None) };
        let Some(known) = self.columns().find(name) else { return Ok(None) };
        let rows = &self.columns().rows;
        let stale = match known.column.read().as_ref() {
            Some(column) if column.span.reaches(seq, rows) => return Ok(Some(column.clone())),
            column => column.is_some_and(|column| column.span.ended_before(seq)),
        };
        if stale
            && let Some(column) =
                known.column.write().take_if(|column| column.span.ended_before(seq) && !column.span.reaches(seq, rows))
        {
            known.rent.let_go(&column.uses);
        }
        let gather = || {
            rows.begin(self)?;
            let room = self.part_of_budget(COLUMNS_PART).saturating_sub(self.columns().bytes());
            ResidentColumn::gather(self, reader, seq, name, room)
        };
        let gathered = known.rent.paid(nodes, || self.count_nodes(reader, None), gather)?.map(Arc::new);
        let gathered = gathered.filter(|_| self.seq_of(reader) == Some(seq));
        if let Some(column) = &gathered
            && let Some(before) = known.column.write().replace(column.clone())
        {
            known.rent.let_go(&before.uses);
        }
        Ok(gathered)
    }
}
