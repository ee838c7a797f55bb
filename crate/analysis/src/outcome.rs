//! What an algorithm gives: rows, by columns, and a few numbers about all of them.

use sledstore_algorithm::{Csr, NONE, Path};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Ids of nodes.
    Node,
    /// Ids of edges.
    Edge,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Float,
    /// Lists of ids of nodes.
    Nodes,
    /// Lists of ids of edges.
    Edges,
}

impl ColumnKind {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Edge => "edge",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Nodes => "nodes",
            Self::Edges => "edges",
        }
    }
}

/// A column of every row.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSpec {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Ids and whole numbers.
    Whole(Vec<u64>),
    /// Numbers.
    Floats(Vec<f64>),
    /// Lists of ids: where each ends, and all of them.
    Lists {
        /// Ends in `ids`.
        ends: Vec<usize>,
        /// One list behind the other.
        ids: Vec<u64>,
    },
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// An id or a whole number.
    Whole(u64),
    /// A number.
    Float(f64),
    /// Ids.
    List(&'a [u64]),
}

impl Column {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(values) => values.len(),
            Self::Floats(values) => values.len(),
            Self::Lists { ends, .. } => ends.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<Cell<'_>> {
        match self {
            Self::Whole(values) => values.get(row).map(|&value| Cell::Whole(value)),
            Self::Floats(values) => values.get(row).map(|&value| Cell::Float(value)),
            Self::Lists { ends, ids } => {
                let start = if row == 0 { 0 } else { *ends.get(row - 1)? };
                ids.get(start..*ends.get(row)?).map(Cell::List)
            }
        }
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Whole(values) => 8 * values.capacity(),
            Self::Floats(values) => 8 * values.capacity(),
            Self::Lists { ends, ids } => 8 * (ends.capacity() + ids.capacity()),
        }
    }

    fn lists() -> Self {
        Self::Lists { ends: Vec::new(), ids: Vec::new() }
    }

    fn push_list(&mut self, list: impl Iterator<Item = u64>) {
        if let Self::Lists { ends, ids } = self {
            ids.extend(list);
            ends.push(ids.len());
        }
    }
}

/// Rows, column by column in the order of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The columns, all of one length.
    pub columns: Vec<Column>,
}

impl Batch {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// Nodes that a table by number has a value for, with it.
    pub(crate) fn by_node<T>(
        csr: &Csr,
        nodes: impl Iterator<Item = u32>,
        value: impl Fn(u32) -> T,
        column: impl FnOnce(Vec<T>) -> Column,
    ) -> Self {
        let (ids, values) = nodes.map(|node| (csr.id_of(node), value(node))).unzip();
        Self { columns: vec![Column::Whole(ids), column(values)] }
    }

    /// Paths: nodes, edges, cost.
    pub(crate) fn of_paths(csr: &Csr, paths: impl IntoIterator<Item = Path>) -> Self {
        let (mut nodes, mut edges, mut costs) = (Column::lists(), Column::lists(), Vec::new());
        for path in paths {
            nodes.push_list(path.nodes.iter().map(|&node| csr.id_of(node)));
            edges.push_list(path.edges.iter().map(|&edge| csr.edge_id_of(edge)));
            costs.push(path.cost);
        }
        Self { columns: vec![nodes, edges, Column::Floats(costs)] }
    }

    /// Lists of nodes.
    pub(crate) fn of_walks<'w>(csr: &Csr, walks: impl Iterator<Item = &'w [u32]>) -> Self {
        let mut nodes = Column::lists();
        walks.for_each(|walk| nodes.push_list(walk.iter().map(|&node| csr.id_of(node))));
        Self { columns: vec![nodes] }
    }

    /// Edges with their ends, in the order of `edges`; `more` are further columns.
    pub(crate) fn of_edges(csr: &Csr, edges: &[u32], more: Vec<Column>) -> Self {
        // Where each edge is among those that are asked for.
        let mut places = vec![NONE; csr.edge_bound()];
        edges.iter().enumerate().for_each(|(at, &edge)| places[edge as usize] = at as u32);
        let mut ends = vec![(0, 0); edges.len()];
        let view = csr.view();
        for node in view.nodes() {
            for next in view.neighbors(node) {
                if let Some(end) = ends.get_mut(places[next.edge as usize] as usize) {
                    *end = (csr.id_of(node), csr.id_of(next.node));
                }
            }
        }
        let (sources, targets) = ends.into_iter().unzip();
        let ids = edges.iter().map(|&edge| csr.edge_id_of(edge)).collect();
        let mut columns = vec![Column::Whole(ids), Column::Whole(sources), Column::Whole(targets)];
        columns.extend(more);
        Self { columns }
    }
}

/// Makes the next rows, at most so many; none when there are no more.
pub type Next = Box<dyn FnMut(usize) -> Option<Batch> + Send>;

/// The rows of an outcome.
pub enum Rows {
    /// All of them.
    Whole(Batch),
    /// Made when they are asked for, since there may be very many.
    Lazy(Next),
}

/// What an algorithm gave.
pub struct Outcome {
    /// Rows with the columns of the table.
    pub rows: Rows,
    /// Numbers about all rows, by name.
    pub summary: Vec<(&'static str, f64)>,
}

impl Outcome {
    pub(crate) fn whole(batch: Batch) -> Self {
        Self { rows: Rows::Whole(batch), summary: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: f64) -> Self {
        self.summary.push((name, value));
        self
    }
}
