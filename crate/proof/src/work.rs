//! What every lane can do.

use sledstore_engine::{Durability, Error, ErrorCode, Result, Seq, Store, Transaction};

use crate::graph::GraphLane;
use crate::lane::Lane;
use crate::query::QueryLane;
use crate::rows::RowLane;
use crate::spaces::SpaceLane;
use crate::vectors::VectorLane;

/// A lane's handles in a store, and its content after the steps taken so far.
pub trait Work: Send {
    /// Takes the next step in the store and, when it is acknowledged, in memory. `number` is the count of steps taken.
    fn perform(&mut self, store: &Store, number: u64, level: Durability) -> Result<Seq>;

    /// Takes the next step in memory alone.
    fn replay(&mut self, number: u64);

    /// Whether a step builds an index while it is committed.
    fn builds(&self, _number: u64) -> bool {
        false
    }

    /// What of the lane in the store differs from what is in memory.
    fn differences(&self, store: &Store) -> Result<Vec<String>>;
}

/// Makes what a lane needs in a store.
pub fn begin(store: &Store, lane: Lane, seed: u64) -> Result<Box<dyn Work>> {
    Ok(match lane {
        Lane::Line | Lane::Batch | Lane::Count | Lane::Large => Box::new(RowLane::begin(store, lane, seed)?),
        Lane::Space => Box::new(SpaceLane::begin(store, seed)?),
        Lane::Graph => Box::new(GraphLane::begin(store, seed)?),
        Lane::Vector => Box::new(VectorLane::begin(store, seed)?),
        Lane::Query => Box::new(QueryLane::begin(store, seed)?),
    })
}

/// Runs `f` in a transaction, again while it meets a conflict; gives the commit's seq.
pub fn transact(store: &Store, level: Durability, mut f: impl FnMut(&mut Transaction) -> Result<()>) -> Result<Seq> {
    loop {
        let mut transaction = store.begin()?;
        match f(&mut transaction).and_then(|()| transaction.commit(level)) {
            Err(error) if error.code() == ErrorCode::Conflict => {}
            outcome => return outcome,
        }
    }
}

/// The error of a read inside a step that contradicts what the lane itself has written.
pub fn contradiction(what: impl std::fmt::Display) -> Error {
    Error::internal(format!("the workload read what it has not written: {what}"))
}
