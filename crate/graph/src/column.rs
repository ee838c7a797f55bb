//! One property of all nodes in memory, as it is at one seq: kept and let go as the edges are (`resident.rs`).
//! The columns of a graph take an eighth of the size of the memory budget at most; one that has no room is not gathered.

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

/// Part of the memory budget.
const COLUMNS_PART: u64 = 8;
/// Properties whose reads are counted.
const COLUMNS_MAX: usize = 64;

/// The MessagePack of a property of every node that has it, at one seq.
pub struct ResidentColumn {
    seq: Seq,
    /// Where the value of a node begins; that of the next node is where it ends.
    starts: Vec<u32>,
    values: Vec<u8>,
    uses: Uses,
    /// E17: what it takes of the memory budget.
    loan: Option<Loan>,
}

impl ResidentColumn {
    /// The property of a node; `None` where there is none.
    pub fn value(&self, node: NodeId) -> Option<&[u8]> {
        self.uses.add();
        let at = usize::try_from(node.0).ok()?;
        let (start, end) = (*self.starts.get(at)?, *self.starts.get(at.checked_add(1)?)?);
        self.values.get(start as usize..end as usize).filter(|value| !value.is_empty())
    }

    fn bytes(&self) -> usize {
        self.starts.capacity() * size_of::<u32>() + self.values.capacity()
    }

    fn gather(graph: &Graph, reader: &impl Read, seq: Seq, name: &str, bytes_max: usize) -> Result<Option<Self>> {
        let mut column = Self { seq, starts: Vec::new(), values: Vec::new(), uses: Uses::default(), loan: None };
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
#[derive(Default)]
pub(crate) struct Columns {
    known: RwLock<Vec<Arc<Known>>>,
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
        let stale = match known.column.read().as_ref() {
            Some(column) if column.seq == seq => return Ok(Some(column.clone())),
            column => column.is_some_and(|column| column.seq < seq),
        };
        if stale && let Some(column) = known.column.write().take_if(|column| column.seq < seq) {
            known.rent.let_go(&column.uses);
        }
        let gather = || {
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
