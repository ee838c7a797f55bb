//! What steps do to a store. Each changes what no other does, so that a reader sees of each one whether it took place.

use sledstore_engine::{Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Read, Result, Store, Write};
use sledstore_graph::{Direction, Graph, Index, NeighborFilter};

use super::sample::{self, DOOMED, NAMED, OTHER, ROWS, key, known, namespace, row_value, value};

/// Vectors of a fold.
const FOLDED: u32 = 60;

/// One change of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One row.
    Put,
    /// Rows of two namespaces come; of the sample's, one goes, and a range of two.
    Batch,
    /// A row takes the value another had, which goes.
    Transaction,
    /// A value above the streaming limit.
    Large,
    /// The same in pieces.
    Streamed,
    /// A value that the checkpoint will cut into chunks, in place of one of the sample's.
    Chunked,
    /// Many rows at once, enough to fill a memtable.
    Bulk,
    /// A new namespace.
    Create,
    /// Another name.
    Rename,
    /// Away with a namespace.
    Drop,
    /// Two nodes with an edge.
    Nodes,
    /// An index over the nodes.
    Index,
    /// Three vectors.
    Vectors,
    /// Vectors enough for a graph, which is built, and some more, which are folded into it.
    Fold,
}

/// An effect with its number, which says what it changes, and the level of its commits.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its place among the steps of an operation, below 30.
    pub number: u32,
    /// What it does.
    pub effect: Effect,
    /// When it is answered.
    pub level: Durability,
}

/// Whether a step took place, as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// All of it is there.
    Whole,
    /// Nothing of it is there.
    Absent,
    /// Some of it is there, or something that nobody wrote.
    Wrong(String),
}

/// One thing that a step changes.
enum Part {
    Done,
    Undone,
    Wrong(String),
}

impl Step {
    fn name(&self, part: u32) -> String {
        format!("step/{:02}/{part:04}", self.number)
    }

    /// The number of one of the sample's rows that are this step's own.
    fn row(&self, part: u32) -> u32 {
        4 * self.number + part
    }

    /// Carries it out; acknowledged when this returns.
    pub fn apply(&self, store: &Store) -> Result<()> {
        let rows = known(store, ROWS)?;
        let mut batch = Batch::new();
        match self.effect {
            Effect::Put => self.put(&mut batch, rows, 0, 120)?,
            Effect::Batch => {
                let other = known(store, OTHER)?;
                (0..5).try_for_each(|part| self.put(&mut batch, if part < 3 { rows } else { other }, part, 300))?;
                batch.delete(rows, &key(self.row(0)))?;
                let (start, end) = (key(self.row(1)), key(self.row(3)));
                let range = KeyRange { start: std::ops::Bound::Included(start), end: std::ops::Bound::Excluded(end) };
                batch.clear(rows, &range)?;
            }
            Effect::Transaction => return self.transact(store, rows),
            Effect::Large => self.put(&mut batch, rows, 0, 150_000)?,
            Effect::Streamed => {
                let mut writer = store.large_writer(rows)?;
                value(&self.name(0), 150_000).chunks(40_000).try_for_each(|piece| writer.write(piece))?;
                return store.finish_large(writer, self.name(0).as_bytes(), None, self.level).map(drop);
            }
            Effect::Chunked => batch.put(rows, &key(self.row(3)), &value(&self.name(0), 20_000))?,
            Effect::Bulk => {
                let mut load = store.bulk_load(rows)?;
                (0..600).try_for_each(|part| load.push(self.name(part).as_bytes(), &value(&self.name(part), 200)))?;
                return load.finish(self.level).map(drop);
            }
            Effect::Create => {
                let created = store.namespace(&self.name(0), &NamespaceOptions::default())?.id;
                self.put(&mut batch, created, 0, 120)?;
            }
            Effect::Rename => return store.rename_namespace(NAMED, &self.name(0)),
            Effect::Drop => return store.drop_namespace(DOOMED).map(drop),
            Effect::Nodes => return self.add_nodes(store, &sample::graph(store)?),
            Effect::Index => {
                let index = Index { label: None, property: "p".into(), unique: false };
                return sample::graph(store)?.create_index(&index, self.level, &mut |_, _| true).map(drop);
            }
            Effect::Vectors => {
                let vectors = sample::vectors(store)?;
                let mut put = |part| vectors.put(&mut batch, self.name(part).as_bytes(), &sample::vector(part), None);
                (0..3).try_for_each(&mut put)?;
            }
            Effect::Fold => {
                let vectors = sample::folded(store)?;
                for parts in [0..FOLDED / 2, FOLDED / 2..FOLDED] {
                    let mut batch = Batch::new();
                    let mut put =
                        |part| vectors.put(&mut batch, self.name(part).as_bytes(), &sample::vector(part), None);
                    parts.clone().try_for_each(&mut put)?;
                    store.commit(&batch, self.level)?;
                    vectors.compact()?;
                }
                return Ok(());
            }
        }
        store.commit(&batch, self.level).map(drop)
    }

    fn put(&self, batch: &mut Batch, namespace: NamespaceId, part: u32, length: usize) -> Result<()> {
        let name = self.name(part);
        batch.put(namespace, name.as_bytes(), &value(&name, length))
    }

    fn transact(&self, store: &Store, rows: NamespaceId) -> Result<()> {
        store.transact(self.level, |tx| {
            let moved = tx.get(rows, &key(self.row(0)))?.unwrap_or_default();
            tx.put(rows, self.name(0).as_bytes(), &moved)?;
            tx.delete(rows, &key(self.row(0)))
        })
    }

    fn add_nodes(&self, store: &Store, graph: &Graph) -> Result<()> {
        let label = self.name(0);
        store.transact(self.level, |tx| {
            let from = graph.add_node(tx, &[&label], &sample::property("from"))?;
            let to = graph.add_node(tx, &[&label], &sample::property("to"))?;
            graph.add_edge(tx, "STEP", from, to, &sample::property("edge")).map(drop)
        })
    }

    /// Whether a failure in its middle may leave a part of it: it is several commits.
    fn is_many(&self) -> bool {
        matches!(self.effect, Effect::Bulk | Effect::Create | Effect::Fold)
    }

    /// What a reader sees of it.
    ///
    /// # Errors
    /// What reading meets.
    pub fn state(&self, store: &Store) -> Result<State> {
        let parts = self.parts(store)?;
        let done = parts.iter().filter(|part| matches!(part, Part::Done)).count();
        let undone = parts.iter().filter(|part| matches!(part, Part::Undone)).count();
        let wrong = parts.iter().find_map(|part| if let Part::Wrong(what) = part { Some(what.clone()) } else { None });
        Ok(match wrong {
            Some(what) => State::Wrong(what),
            None if undone == 0 => State::Whole,
            None if done == 0 || self.is_many() => State::Absent,
            None => State::Wrong(format!("step {} is half there: {done} parts of {}", self.number, parts.len())),
        })
    }

    fn parts(&self, store: &Store) -> Result<Vec<Part>> {
        let rows = known(store, ROWS)?;
        let new = |namespace, part, length| {
            let name = self.name(part);
            part_of(store, namespace, name.as_bytes(), None, Some(&value(&name, length)))
        };
        let gone = |part| {
            let row = self.row(part);
            part_of(store, rows, &key(row), Some(&row_value(row)), None)
        };
        Ok(match self.effect {
            Effect::Put => vec![new(rows, 0, 120)?],
            Effect::Batch => {
                let other = known(store, OTHER)?;
                let come = (0..5).map(|part| new(if part < 3 { rows } else { other }, part, 300));
                come.chain((0..3).map(gone)).collect::<Result<_>>()?
            }
            Effect::Transaction => {
                let moved = row_value(self.row(0));
                vec![part_of(store, rows, self.name(0).as_bytes(), None, Some(&moved))?, gone(0)?]
            }
            Effect::Large | Effect::Streamed => vec![new(rows, 0, 150_000)?],
            Effect::Chunked => {
                let (row, after) = (self.row(3), value(&self.name(0), 20_000));
                vec![part_of(store, rows, &key(row), Some(&row_value(row)), Some(&after))?]
            }
            Effect::Bulk => (0..600).map(|part| new(rows, part, 200)).collect::<Result<_>>()?,
            Effect::Create => match namespace(store, &self.name(0)) {
                Some(created) => vec![new(created, 0, 120)?],
                None => vec![Part::Undone],
            },
            Effect::Rename => vec![change(namespace(store, NAMED), namespace(store, &self.name(0)))],
            Effect::Drop => vec![if namespace(store, DOOMED).is_none() { Part::Done } else { Part::Undone }],
            Effect::Nodes => self.node_parts(store)?,
            Effect::Index => {
                let indexes = sample::graph(store)?.indexes(store)?;
                vec![if indexes.iter().any(|index| index.label.is_none()) { Part::Done } else { Part::Undone }]
            }
            Effect::Vectors | Effect::Fold => {
                let is_fold = self.effect == Effect::Fold;
                let vectors = if is_fold { sample::folded(store)? } else { sample::vectors(store)? };
                let part = |part| {
                    let found = vectors.get(store, self.name(part).as_bytes())?;
                    Ok(is(found.map(|found| found.vector), None, Some(sample::vector(part).to_vec()), "a vector"))
                };
                (0..if is_fold { FOLDED } else { 3 }).map(part).collect::<Result<_>>()?
            }
        })
    }

    fn node_parts(&self, store: &Store) -> Result<Vec<Part>> {
        let graph = sample::graph(store)?;
        let nodes = graph.nodes_by_label(store, &self.name(0))?;
        let Some(&first) = nodes.first() else { return Ok(vec![Part::Undone]) };
        let filter = NeighborFilter { direction: Direction::Out, ..NeighborFilter::default() };
        let edges = graph.neighbors(store, first, &filter)?.len();
        let whole = nodes.len() == 2 && edges == 1;
        let what = format!("step {} has {} nodes and {edges} edges", self.number, nodes.len());
        Ok(vec![if whole { Part::Done } else { Part::Wrong(what) }])
    }
}

fn change<T>(before: Option<T>, after: Option<T>) -> Part {
    match (before, after) {
        (Some(_), None) => Part::Undone,
        (None, Some(_)) => Part::Done,
        _ => Part::Wrong("a renamed namespace has both names, or none".into()),
    }
}

fn is<T: PartialEq>(found: Option<T>, before: Option<T>, after: Option<T>, what: &str) -> Part {
    if found == after {
        Part::Done
    } else if found == before {
        Part::Undone
    } else {
        Part::Wrong(format!("{what} has a value that nobody gave it"))
    }
}

fn part_of(
    store: &Store,
    namespace: NamespaceId,
    key: &[u8],
    before: Option<&[u8]>,
    after: Option<&[u8]>,
) -> Result<Part> {
    let found = store.get(namespace, key)?;
    Ok(is(found.as_deref(), before, after, &String::from_utf8_lossy(key)))
}
