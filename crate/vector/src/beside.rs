//! Pieces of work at once.

use sledstore_engine::{Error, Result};

/// Does both, the second one on a thread of its own where there can be one. Of two errors it gives the first one's.
pub(crate) fn beside<A, B: Send>(
    first: impl FnOnce() -> Result<A>,
    second: impl Fn() -> Result<B> + Sync,
) -> Result<(A, B)> {
    let (first, second) = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("sledstore-vectors".into()).spawn_scoped(scope, &second);
        let first = first();
        let panicked = |_| Err(Error::internal("a thread of a vector index has panicked"));
        (first, thread.map_or_else(|_| second(), |thread| thread.join().unwrap_or_else(panicked)))
    });
    Ok((first?, second?))
}

/// Does the same on as many threads as are of use, which divide the work among themselves. Of several errors it gives one.
pub(crate) fn on_threads(work: &(dyn Fn() -> Result<()> + Sync)) -> Result<()> {
    std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().name("sledstore-vectors".into()).spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..threads()).map_while(start).collect();
        let panicked = |_| Err(Error::internal("a thread of a vector index has panicked"));
        others.into_iter().fold(work(), |done, other| done.and(other.join().unwrap_or_else(panicked)))
    })
}

/// How many threads are of use.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
