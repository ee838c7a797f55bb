//! Procedures: what CALL runs.
//!
//! | module | holds |
//! |---|---|
//! | `signature` | what a procedure takes and gives, and its text |
//! | `registry` | the procedures that a query may call: built-in ones and those of the application |
//! | `builtin` | the table of built-in ones |
//! | `schema` | those that tell what a graph holds |
//! | `fulltext` | those that search full-text indexes |
//! | `vector` | the search for the nearest vectors |
//! | `algorithm` | those that run an algorithm over a graph |
//!
//! A procedure is a [`Signature`] and a [`Body`]. Called for a row, a body gives [`Rows`], which are pulled as many at a
//! time as the query takes; a query with a LIMIT pulls no more than it needs. A built-in one is an entry of the table in
//! `builtin`, its body a function:
//!
//! ```
//! use sledstore_cypher::procedure::{Invocation, Procedure, Registry, Rows, held, streamed};
//! use sledstore_cypher::storage::Result;
//! use sledstore_cypher::value::Value;
//!
//! // Few rows, made at once: their bytes count against the query's limit while they wait.
//! fn ends(arguments: &[Value], run: &mut Invocation<'_>) -> Result<Box<dyn Rows>> {
//!     held(arguments.iter().map(|end| vec![end.clone()]).collect(), run)
//! }
//!
//! // Any number of rows, made when they are asked for.
//! fn numbers(arguments: &[Value], _: &mut Invocation<'_>) -> Result<Box<dyn Rows>> {
//!     let &[Value::Integer(mut at), Value::Integer(last)] = arguments else { return Ok(streamed(|_, _| Ok(true))) };
//!     Ok(streamed(move |run, out| {
//!         while !out.is_full() {
//!             if at > last {
//!                 return Ok(true); // there are no more
//!             }
//!             run.proceed()?; // lets limits and the caller end it
//!             out.push([Value::Integer(at)]);
//!             at += 1;
//!         }
//!         Ok(false)
//!     }))
//! }
//!
//! let registry = Registry::default();
//! registry.add(Procedure::new("my.ends(a :: INTEGER, b = 9 :: INTEGER) :: (end :: INTEGER)", "Both.", ends)?)?;
//! registry.add(Procedure::new("my.numbers(a :: INTEGER, b :: INTEGER) :: (i :: INTEGER)", "All.", numbers)?)?;
//! # Ok::<(), sledstore_cypher::CypherError>(())
//! ```
//!
//! # What holds
//!
//! - C1 A body is given arguments of the types it declares, defaults where they were left out, and null only where it
//!   takes null; an integer for a FLOAT comes as a float.
//! - C2 What it gives is checked against its columns. In a column of type NODE or RELATIONSHIP an integer is an id: the
//!   entity is read if the query yields the column.
//! - C3 What it holds between two pulls it counts with [`Invocation::hold`]; that is given back when the call is over.
//! - C4 A body of [`Mode::Read`] cannot change the graph.

mod algorithm;
mod builtin;
mod fulltext;
mod registry;
mod schema;
mod signature;
mod vector;

use std::cell::{Cell, Ref};
use std::fmt;
use std::sync::Arc;

pub use registry::Registry;
pub(crate) use signature::fitting;
pub use signature::{Argument, Column, Mode, Signature};

use crate::error::CypherError;
use crate::execute::Batch;
use crate::storage::{Result, Storage};
use crate::value::Value;

/// A procedure; equal to another of the same signature.
#[derive(Clone)]
pub struct Procedure {
    /// What it takes and gives.
    pub signature: Signature,
    /// What it does, in a sentence.
    pub description: String,
    body: Arc<dyn Body>,
}

impl Procedure {
    /// A procedure with a signature as [`Signature::parse`] reads it.
    ///
    /// # Errors
    /// Those of a signature that is none.
    pub fn new(
        signature: &str,
        description: impl Into<String>,
        body: impl Body + 'static,
    ) -> std::result::Result<Self, CypherError> {
        Ok(Self { signature: Signature::parse(signature)?, description: description.into(), body: Arc::new(body) })
    }

    /// As [`Procedure::new`], with a signature that is made already; one that changes the graph says so in it.
    pub fn of(signature: Signature, description: impl Into<String>, body: impl Body + 'static) -> Self {
        Self { signature, description: description.into(), body: Arc::new(body) }
    }

    /// What runs when it is called.
    #[must_use]
    pub fn body(&self) -> &dyn Body {
        &*self.body
    }
}

impl PartialEq for Procedure {
    fn eq(&self, other: &Self) -> bool {
        self.signature == other.signature
    }
}

impl fmt::Debug for Procedure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.signature.fmt(f)
    }
}

/// The procedures that a query may call.
pub trait Procedures {
    /// The procedure of a name, exactly as written in the query.
    fn find(&self, name: &str) -> Option<Arc<Procedure>>;

    /// All there are, ordered by name.
    fn all(&self) -> Vec<Arc<Procedure>>;
}

/// No procedures.
impl Procedures for () {
    fn find(&self, _: &str) -> Option<Arc<Procedure>> {
        None
    }

    fn all(&self) -> Vec<Arc<Procedure>> {
        Vec::new()
    }
}

/// The rows of a call, or why there are none.
pub type Called = Result<Box<dyn Rows>>;

/// What a procedure does.
pub trait Body: Send + Sync {
    /// Begins a call with the arguments of a row. One that gives no rows does all it does here.
    ///
    /// # Errors
    /// Those of the procedure, and of the storage.
    fn call(&self, arguments: &[Value], run: &mut Invocation<'_>) -> Result<Box<dyn Rows>>;
}

impl<F> Body for F
where
    F: Fn(&[Value], &mut Invocation<'_>) -> Result<Box<dyn Rows>> + Send + Sync,
{
    fn call(&self, arguments: &[Value], run: &mut Invocation<'_>) -> Result<Box<dyn Rows>> {
        self(arguments, run)
    }
}

/// The rows of a call. It is dropped when the query wants no more of them.
pub trait Rows {
    /// Pushes rows until `out` is full; gives whether there are no more. It may push none and be asked again.
    ///
    /// # Errors
    /// Those of the procedure, and of the storage.
    fn pull(&mut self, run: &mut Invocation<'_>, out: &mut Output) -> Result<bool>;
}

struct Streamed<F>(F);

impl<F: FnMut(&mut Invocation<'_>, &mut Output) -> Result<bool>> Rows for Streamed<F> {
    fn pull(&mut self, run: &mut Invocation<'_>, out: &mut Output) -> Result<bool> {
        self.0(run, out)
    }
}

/// Rows that a function gives, called as [`Rows::pull`] is.
pub fn streamed<F>(pull: F) -> Box<dyn Rows>
where
    F: FnMut(&mut Invocation<'_>, &mut Output) -> Result<bool> + 'static,
{
    Box::new(Streamed(pull))
}

/// Rows that are there already.
///
/// # Errors
/// That of the limit of memory, which their bytes count against.
pub fn held(rows: Vec<Vec<Value>>, run: &mut Invocation<'_>) -> Result<Box<dyn Rows>> {
    run.hold(rows.iter().flatten().map(Value::bytes).fold(0, usize::saturating_add))?;
    let mut rows = rows.into_iter();
    Ok(streamed(move |_, out| {
        while !out.is_full() {
            let Some(row) = rows.next() else { return Ok(true) };
            out.push(row);
        }
        Ok(rows.len() == 0)
    }))
}

/// Where rows are pushed.
#[derive(Debug)]
pub struct Output {
    pub(crate) rows: Batch,
    most: usize,
}

impl Output {
    pub(crate) fn new(width: usize, most: usize) -> Self {
        Self { rows: Batch::new(width), most }
    }

    /// Appends a row: a value for each column.
    pub fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        self.rows.push_values(row);
    }

    /// Whether no more are wanted now; more than that are taken all the same.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.rows.len() >= self.most
    }

    /// How many are wanted still.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.most.saturating_sub(self.rows.len())
    }
}

/// The query that calls.
pub(crate) trait Host {
    fn storage(&self) -> Ref<'_, dyn Storage + '_>;
    fn change(&self, change: &mut dyn FnMut(&mut dyn Storage) -> Result<()>) -> Result<()>;
    fn procedures(&self) -> &dyn Procedures;
    fn proceed(&self) -> Result<()>;
    fn check(&self) -> Result<()>;
    fn hold(&self, bytes: usize) -> Result<()>;
    fn release(&self, bytes: usize);
}

/// What a body is given beside its arguments, for the call and for each pull.
pub struct Invocation<'a> {
    host: &'a dyn Host,
    mode: Mode,
    held: Cell<usize>,
}

impl<'a> Invocation<'a> {
    pub(crate) const fn new(host: &'a dyn Host, mode: Mode) -> Self {
        Self { host, mode, held: Cell::new(0) }
    }

    /// Bytes that were counted through it.
    pub(crate) const fn held(&self) -> usize {
        self.held.get()
    }

    /// The graph at the moment of the query, with what it wrote so far. Let go of it before [`Invocation::write`].
    ///
    /// [`Storage::stored`] gives the graph of the store itself.
    #[must_use]
    pub fn storage(&self) -> Ref<'_, dyn Storage + '_> {
        self.host.storage()
    }

    /// Changes the graph. What is changed is counted among what the query did.
    ///
    /// # Errors
    /// Those of the storage; of a procedure of [`Mode::Read`], that it may not.
    pub fn write<T>(&mut self, write: impl FnOnce(&mut dyn Storage) -> Result<T>) -> Result<T> {
        if self.mode == Mode::Read {
            return Err(signature::refused("a procedure that only reads has changed something").into());
        }
        let (mut write, mut result) = (Some(write), None);
        self.host.change(&mut |storage| {
            result = write.take().map(|write| write(storage)).transpose()?;
            Ok(())
        })?;
        result.ok_or_else(|| signature::refused("the change was not made").into())
    }

    /// The procedures that the query may call.
    #[must_use]
    pub fn procedures(&self) -> &'a dyn Procedures {
        self.host.procedures()
    }

    /// To be called for every row, node or edge that is looked at: fails when the query is to end. Cheap.
    ///
    /// # Errors
    /// The limit of time, and that the caller ended the query.
    pub fn proceed(&self) -> Result<()> {
        self.host.proceed()
    }

    /// As [`Invocation::proceed`], looking at the clock each time: for what takes long, or waits.
    ///
    /// # Errors
    /// As [`Invocation::proceed`].
    pub fn check(&self) -> Result<()> {
        self.host.check()
    }

    /// Counts bytes that are held until the call is over.
    ///
    /// # Errors
    /// The limit of memory.
    pub fn hold(&self, bytes: usize) -> Result<()> {
        self.held.set(self.held.get().saturating_add(bytes));
        self.host.hold(bytes)
    }

    /// Gives back some of what was counted, before the call is over.
    pub fn release(&self, bytes: usize) {
        let bytes = bytes.min(self.held.get());
        self.held.set(self.held.get() - bytes);
        self.host.release(bytes);
    }
}
