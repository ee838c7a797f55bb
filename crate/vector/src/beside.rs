//! Two pieces of work at once.

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

/// How many threads are of use.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
