//! A graph's edges and labels in memory, as they are at one seq, for whoever follows many edges at that seq.
//!
//! They are gathered by one scan. For the first time that is done once reads without them have cost a sixteenth of what the scan
//! costs, for most processes that read a graph go on reading it. Where commits ended their use, they are gathered again once
//! reads without them have cost about what the scan costs: whoever reads much then pays at most twice what the better choice
//! would have cost (Anna R. Karlin et al., "Competitive snoopy caching", Algorithmica 3, 1988). Where their use ended
//! before it had paid off, more must be read first.
//!
//! G8 What is in memory is of one seq, and is given to readers of that seq, and of later ones up to which no commit has changed
//! a row that it was gathered of; a transaction, which sees its own writes and records what it reads, is never given any.
//!
//! Edges take an eighth of the memory budget at most, the labels of a graph a sixty-fourth, both lent by the engine (E17). What
//! a newer reader cannot use is let go by it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use sledstore_engine::{KeyRange, Loan, Read, Result, ScanOptions, Seq, Status};

use crate::adjacency::Tail;
use crate::expand::Adjacent;
use crate::graph::Graph;
use crate::keys::{self, Adjacency, RowKind, trailing_id};
use crate::model::{Direction, EdgeId, NodeId};
use crate::rows::{visit_keys, visit_range};
use crate::unchanged::{Span, WatchedRows};

/// Rows that a scan reads while one read by key or prefix is made.
const ROWS_PER_READ: u64 = 8;
/// A node's edges are a scan of their own, which costs about two reads by key.
const READS_PER_SCAN: u64 = 2;
/// Reads after which it is looked whether to gather.
const READS_CHECKED: u64 = 256;
/// How much more must be read, at most, before what did not pay off is gathered again.
const PATIENCE_MAX: u64 = 256;
/// How much less must be read before something is gathered for the first time.
const EAGERNESS: u64 = 16;

/// Parts of the memory budget.
const EDGES_PART: u64 = 8;
const LABELS_PART: u64 = 64;

/// An edge as seen from the node it is kept under.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    edge_type: u32,
    neighbor: u32,
    edge: u32,
}

/// The edges of a graph at one seq.
pub struct ResidentEdges {
    span: Span,
    /// Where the edges of a node begin: those that leave node n at 2 n, those that enter it at 2 n + 1.
    starts: Vec<u32>,
    kept: Vec<Kept>,
    /// The type of all edges, where it is the same.
    only_type: Option<u32>,
    has_loops: bool,
    uses: Uses,
    /// E17: what it takes of the memory budget.
    loan: Option<Loan>,
}

/// Which edges of a node are meant: of any type, or of one of several.
#[derive(Clone, Copy)]
pub struct Side<'t> {
    /// Which way they go.
    pub direction: Direction,
    /// The numbers of their types.
    pub types: Option<&'t [u32]>,
}

/// About how many reads something has answered: those of threads at once may count once.
#[derive(Default)]
pub(crate) struct Uses(AtomicU64);

impl Uses {
    pub fn add(&self) {
        self.0.store(self.get().wrapping_add(1), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl ResidentEdges {
    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.starts.capacity() * size_of::<u32>() + self.kept.capacity() * size_of::<Kept>()
    }

    /// Calls `visit` with the edges that [`Graph::adjacent`] gives of a node, by direction, type, neighbor and edge.
    pub fn visit(
        &self,
        node: NodeId,
        direction: Direction,
        types: Option<&[u32]>,
        mut visit: impl FnMut(Adjacent) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for &(side, turned) in sides(direction) {
            for kept in self.side(node, side) {
                let adjacent = Adjacent {
                    edge: EdgeId(kept.edge.into()),
                    neighbor: NodeId(kept.neighbor.into()),
                    edge_type: kept.edge_type,
                    direction: side,
                };
                let repeats = turned && adjacent.neighbor == node;
                if !repeats && types.is_none_or(|types| types.contains(&kept.edge_type)) {
                    visit(adjacent)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// How many edges [`visit`](Self::visit) goes over.
    pub fn degree(&self, node: NodeId, direction: Direction, types: Option<&[u32]>) -> u64 {
        if direction != Direction::Both {
            let edges = self.side(node, direction);
            let Some(types) = types else { return edges.len() as u64 };
            // Edges lie by type, and those of nodes that are asked one after the other are seldom in a cache.
            let ends = || Some((edges.first()?.edge_type, edges.last()?.edge_type));
            let same = |(first, last)| (first == last).then_some(first);
            if let Some(only) = self.only_type.or_else(|| ends().and_then(same)) {
                return if types.contains(&only) { edges.len() as u64 } else { 0 };
            }
        }
        let mut degree = 0;
        let _ = self.visit(node, direction, types, |_| {
            degree += 1;
            ControlFlow::Continue(())
        });
        degree
    }

    /// How many pairs of an edge of `left` and one of `right` nodes have, all nodes together; with `distinct` the two are
    /// not the same edge.
    pub fn pairs(&self, nodes: &[u64], left: Side<'_>, right: Side<'_>, distinct: bool) -> u64 {
        let is_either = |side: Side<'_>| side.direction == Direction::Both;
        // From opposite sides nothing but a loop is seen twice.
        let shares = self.has_loops || left.direction == right.direction || is_either(left) || is_either(right);
        let of_node = |&node: &u64| {
            let node = NodeId(node);
            let lefts = self.degree(node, left.direction, left.types);
            let pairs = match lefts {
                0 => 0,
                _ => lefts.saturating_mul(self.degree(node, right.direction, right.types)),
            };
            if pairs > 0 && distinct && shares { pairs.saturating_sub(self.shared(node, left, right)) } else { pairs }
        };
        nodes.iter().map(of_node).fold(0, u64::saturating_add)
    }

    /// How many edges of a node are among both.
    fn shared(&self, node: NodeId, left: Side<'_>, right: Side<'_>) -> u64 {
        let mut shared = 0;
        let _ = self.visit(node, left.direction, left.types, |found| {
            let has_direction =
                right.direction == Direction::Both || found.direction == right.direction || found.neighbor == node;
            shared += u64::from(has_direction && right.types.is_none_or(|types| types.contains(&found.edge_type)));
            ControlFlow::Continue(())
        });
        shared
    }

    fn side(&self, node: NodeId, direction: Direction) -> &[Kept] {
        self.uses.add();
        let place = usize::try_from(node.0).ok().and_then(|node| place(node, direction));
        let bound = |at: usize| self.starts.get(at).map(|start| *start as usize);
        let range = place.and_then(|place| Some(bound(place)?..bound(place + 1)?));
        range.and_then(|range| self.kept.get(range)).unwrap_or_default()
    }

    /// `None` when that takes more than `bytes_max`, or ids that do not fit.
    fn gather(graph: &Graph, reader: &impl Read, seq: Seq, bytes_max: usize) -> Result<Option<Self>> {
        let (span, uses) = (Span::at(seq), Uses::default());
        let (starts, kept) = (Vec::new(), Vec::new());
        let mut edges = Self { span, starts, kept, only_type: None, has_loops: false, uses, loan: None };
        let mut fits = true;
        let all = KeyRange::prefix(&keys::kind_prefix(RowKind::Adjacency));
        visit_range(reader, graph.namespace(), &all, ScanOptions::default(), |key, value| {
            let head = Adjacency::parse(key)?;
            fits = edges.push(&head, bytes_max);
            for row in Tail::parse(head, value)? {
                fits = fits && edges.push(&row?, bytes_max);
            }
            Ok(if fits { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        if !fits {
            return Ok(None);
        }
        edges.finish();
        edges.loan = graph.store().lend(edges.bytes());
        Ok(edges.loan.is_some().then_some(edges))
    }

    /// Rows come by node and direction.
    fn push(&mut self, row: &Adjacency, bytes_max: usize) -> bool {
        let place = usize::try_from(row.node.0).ok().and_then(|node| place(node, row.direction));
        let (Some(place), Ok(neighbor), Ok(edge)) = (place, u32::try_from(row.neighbor.0), u32::try_from(row.edge.0))
        else {
            return false;
        };
        let starts = place.saturating_add(4).saturating_mul(size_of::<u32>());
        let kept = (self.kept.len() + 1) * size_of::<Kept>();
        let (Ok(end), true) = (u32::try_from(self.kept.len()), starts.saturating_add(kept) <= bytes_max) else {
            return false;
        };
        while self.starts.len() <= place {
            self.starts.push(end);
        }
        self.kept.push(Kept { edge_type: row.edge_type, neighbor, edge });
        true
    }

    fn finish(&mut self) {
        let end = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
        self.starts.push(end);
        self.starts.shrink_to_fit();
        self.kept.shrink_to_fit();
        for (place, bounds) in self.starts.windows(2).enumerate() {
            let Some(edges) = self.kept.get_mut(bounds[0] as usize..bounds[1] as usize) else { continue };
            self.has_loops |= edges.iter().any(|kept| kept.neighbor as usize == place / 2);
            // Rows of several edges overlap with those of one.
            if !edges.is_sorted() {
                edges.sort_unstable();
            }
        }
        let first = self.kept.first().map(|kept| kept.edge_type);
        self.only_type = first.filter(|only| self.kept.iter().all(|kept| kept.edge_type == *only));
    }
}

fn place(node: usize, direction: Direction) -> Option<usize> {
    node.checked_mul(2)?.checked_add(usize::from(direction == Direction::In))
}

/// The sides that a direction looks at, each with whether a loop was met before.
const fn sides(direction: Direction) -> &'static [(Direction, bool)] {
    match direction {
        Direction::Out => &[(Direction::Out, false)],
        Direction::In => &[(Direction::In, false)],
        Direction::Both => &[(Direction::Out, false), (Direction::In, true)],
    }
}

/// The nodes that have a label at one seq.
pub struct ResidentLabel {
    span: Span,
    bits: Vec<u64>,
    uses: Uses,
    _loan: Loan,
}

impl ResidentLabel {
    /// Whether a node has it.
    pub fn contains(&self, node: NodeId) -> bool {
        self.uses.add();
        let word = usize::try_from(node.0 / 64).ok().and_then(|at| self.bits.get(at));
        word.is_some_and(|word| word >> (node.0 % 64) & 1 == 1)
    }

    /// Appends at most `limit` nodes that have it, ascending and behind `after`.
    pub fn append(&self, after: Option<NodeId>, limit: usize, into: &mut Vec<u64>) {
        self.uses.0.fetch_add(limit as u64 / ROWS_PER_READ, Ordering::Relaxed);
        let first = after.map_or(Some(0), |after| after.0.checked_add(1));
        let Some(first) = first.filter(|first| *first / 64 < self.bits.len() as u64) else { return };
        let (mut left, begin) = (limit, (first / 64) as usize);
        for (at, word) in self.bits.iter().enumerate().skip(begin) {
            let mut word = if at == begin { word & (u64::MAX << (first % 64)) } else { *word };
            while word != 0 {
                if left == 0 {
                    return;
                }
                into.push(at as u64 * 64 + u64::from(word.trailing_zeros()));
                word &= word - 1;
                left -= 1;
            }
        }
    }

    fn gather(graph: &Graph, reader: &impl Read, seq: Seq, label: u32, bytes_max: usize) -> Result<Option<Self>> {
        let mut bits = Vec::new();
        let prefix = keys::label_prefix(label);
        let parse = |key: &[u8]| trailing_id(key, &prefix);
        let flow = visit_keys(reader, graph.namespace(), &prefix, None, parse, |id| {
            let Some(at) = usize::try_from(id / 64).ok().filter(|at| *at < bytes_max / size_of::<u64>()) else {
                return Ok(ControlFlow::Break(()));
            };
            if bits.len() <= at {
                bits.resize(at + 1, 0_u64);
            }
            bits[at] |= 1 << (id % 64);
            Ok(ControlFlow::Continue(()))
        })?;
        if flow.is_break() {
            return Ok(None);
        }
        let loan = graph.store().lend(bits.capacity() * size_of::<u64>());
        Ok(loan.map(|loan| Self { span: Span::at(seq), bits, uses: Uses::default(), _loan: loan }))
    }
}

/// When to gather.
pub(crate) struct Rent {
    reads: AtomicU64,
    /// What was gathered last has answered so many when it was let go.
    uses: AtomicU64,
    patience: AtomicU64,
    /// Whether it was tried to gather.
    tried: AtomicBool,
    gathering: Mutex<()>,
}

impl Default for Rent {
    fn default() -> Self {
        Self {
            reads: AtomicU64::new(0),
            uses: AtomicU64::new(u64::MAX),
            patience: AtomicU64::new(1),
            tried: AtomicBool::new(false),
            gathering: Mutex::default(),
        }
    }
}

impl Rent {
    pub fn let_go(&self, uses: &Uses) {
        self.uses.store(uses.get(), Ordering::Relaxed);
    }

    /// Counts what is read, and gathers when as much was read as that costs, `rows` being what it goes over.
    pub fn paid<T>(
        &self,
        count: u64,
        rows: impl FnOnce() -> Result<u64>,
        gather: impl FnOnce() -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let before = self.reads.fetch_add(count, Ordering::Relaxed);
        let reads = before.saturating_add(count);
        if before / READS_CHECKED == reads / READS_CHECKED {
            return Ok(None);
        }
        let Some(_alone) = self.gathering.try_lock() else { return Ok(None) };
        let patience = self.patience.load(Ordering::Relaxed);
        let was_tried = self.tried.load(Ordering::Relaxed);
        let needed = if was_tried { rows()?.saturating_mul(patience) } else { rows()? / EAGERNESS };
        if reads.saturating_mul(ROWS_PER_READ) < needed {
            return Ok(None);
        }
        self.tried.store(true, Ordering::Relaxed);
        let gathered = gather()?;
        let uses = self.uses.load(Ordering::Relaxed);
        self.reads.store(0, Ordering::Relaxed);
        let next = match &gathered {
            None => PATIENCE_MAX,
            Some(_) if uses.saturating_mul(2) < reads => (patience * 2).min(PATIENCE_MAX),
            Some(_) => 1,
        };
        self.patience.store(next, Ordering::Relaxed);
        Ok(gathered)
    }
}

/// What a graph keeps in memory.
pub(crate) struct Resident {
    edges: RwLock<Option<Arc<ResidentEdges>>>,
    edges_rent: Rent,
    edges_rows: WatchedRows,
    labels: RwLock<Vec<(u32, Arc<ResidentLabel>)>>,
    labels_rent: Rent,
    labels_rows: WatchedRows,
}

impl Default for Resident {
    fn default() -> Self {
        Self {
            edges: RwLock::default(),
            edges_rent: Rent::default(),
            edges_rows: WatchedRows::of(RowKind::Adjacency),
            labels: RwLock::default(),
            labels_rent: Rent::default(),
            labels_rows: WatchedRows::of(RowKind::Label),
        }
    }
}

impl Graph {
    /// The edges in memory, if they are there for this reader by now. Asked once for each read that would do without.
    pub fn resident_edges(&self, reader: &impl Read) -> Result<Option<Arc<ResidentEdges>>> {
        let Some(seq) = self.seq_of(reader) else { return Ok(None) };
        let resident = self.resident();
        let rows = &resident.edges_rows;
        let stale = match resident.edges.read().as_ref() {
            Some(edges) if edges.span.reaches(seq, rows) => return Ok(Some(edges.clone())),
            edges => edges.is_some_and(|edges| edges.span.ended_before(seq)),
        };
        if stale
            && let Some(edges) =
                resident.edges.write().take_if(|edges| edges.span.ended_before(seq) && !edges.span.reaches(seq, rows))
        {
            resident.edges_rent.let_go(&edges.uses);
            rows.forget(seq);
        }
        let count = || Ok(self.count_nodes(reader, None)?.saturating_add(self.count_edges(reader)?));
        let gather = || {
            rows.begin(self)?;
            ResidentEdges::gather(self, reader, seq, self.part_of_budget(EDGES_PART))
        };
        let gathered = resident.edges_rent.paid(READS_PER_SCAN, count, gather)?.map(Arc::new);
        // A store goes on while it is scanned; a snapshot stays.
        let gathered = gathered.filter(|_| self.seq_of(reader) == Some(seq));
        if let Some(edges) = &gathered
            && let Some(before) = resident.edges.write().replace(edges.clone())
        {
            resident.edges_rent.let_go(&before.uses);
        }
        Ok(gathered)
    }

    /// The nodes with the label of that number in memory, if they are there for this reader by now; otherwise about `nodes`
    /// will be looked at one by one, or eight times as many in a row.
    pub fn resident_label(&self, reader: &impl Read, label: u32, nodes: u64) -> Result<Option<Arc<ResidentLabel>>> {
        let Some(seq) = self.seq_of(reader) else { return Ok(None) };
        let resident = self.resident();
        let rows = &resident.labels_rows;
        let known = resident.labels.read().iter().find(|(other, _)| *other == label).map(|(_, nodes)| nodes.clone());
        match known {
            Some(nodes) if nodes.span.reaches(seq, rows) => return Ok(Some(nodes)),
            Some(nodes) if nodes.span.ended_before(seq) => {
                resident.labels_rent.let_go(&nodes.uses);
                // The others have not ended if no row was changed of theirs either.
                resident
                    .labels
                    .write()
                    .retain(|(_, nodes)| nodes.span.reaches(seq, rows) || !nodes.span.ended_before(seq));
                rows.forget(seq);
            }
            _ => {}
        }
        let held: usize = resident.labels.read().iter().map(|(_, nodes)| nodes.bits.len() * size_of::<u64>()).sum();
        let room = self.part_of_budget(LABELS_PART).saturating_sub(held);
        let count = || self.count_label(reader, label);
        let gather = || {
            rows.begin(self)?;
            ResidentLabel::gather(self, reader, seq, label, room)
        };
        let gathered = resident.labels_rent.paid(nodes, count, gather)?.map(Arc::new);
        let gathered = gathered.filter(|_| self.seq_of(reader) == Some(seq));
        if let Some(nodes) = &gathered {
            let mut labels = resident.labels.write();
            labels.retain(|(other, _)| *other != label);
            labels.push((label, nodes.clone()));
        }
        Ok(gathered)
    }

    /// The seq of all that a reader sees.
    pub(crate) fn seq_of(&self, reader: &impl Read) -> Option<Seq> {
        reader.seq_seen().filter(|_| self.store().status() == Status::Open)
    }

    pub(crate) fn part_of_budget(&self, part: u64) -> usize {
        usize::try_from(self.store().options().memory_budget / part).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Rent;

    const ROWS: u64 = 80_000;

    /// How often it is gathered in so many reads.
    fn gathered(rent: &Rent, reads: u64, fits: bool) -> usize {
        let mut times = 0;
        for _ in 0..reads {
            let gather = || {
                times += 1;
                Ok(fits.then_some(()))
            };
            rent.paid(1, || Ok(ROWS), gather).unwrap();
        }
        times
    }

    #[test]
    fn the_first_time_is_early_and_what_has_no_room_is_not_tried_soon_again() {
        assert_eq!(gathered(&Rent::default(), 500, true), 0);
        assert_eq!(gathered(&Rent::default(), 1_000, true), 1);
        let rent = Rent::default();
        assert_eq!(
            gathered(&rent, 1_000, true) + gathered(&rent, 8_000, true),
            1,
            "later as much as it costs is read first"
        );
        assert_eq!(gathered(&rent, 4_000, true), 1);
        assert_eq!(gathered(&Rent::default(), 1_000_000, false), 1);
    }
}
