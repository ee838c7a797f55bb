//! What concurrent clients of a store did, and whether they could have done it one after the other.
//!
//! [`violation`] knows the seq of each commit, and so the one order that can be serial. It finds what contradicts it (E5, E6):
//!
//! - a transaction that did not read the state at its beginning, or, when it wrote, at its commit;
//! - a scan or read outside of transactions that fits no single state of its time;
//! - what began after something else had ended, and does not see it: so the order is that of real time, too.
//!
//! Real time is a count that is raised at every beginning and end, so no clock is trusted. Values are never written twice,
//! so that a value tells its version.

mod check;
mod client;
mod event;
mod timeline;

pub use check::violation;
pub use client::{Client, Fault, History};
pub use event::{Event, Rows};

use sledstore_engine::Seq;

/// What one client did, in its order.
#[derive(Clone, Debug)]
pub struct Record {
    /// The count before it began, and after it had ended.
    started: u64,
    ended: u64,
    /// Where it read, when it can tell.
    begun: Option<Seq>,
    /// Of one that wrote and was not refused.
    committed: Option<Seq>,
    events: Vec<Event>,
}
