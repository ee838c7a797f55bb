//! The writer mutex: one commit at a time, and nothing slow or foreign while it is held (E2).

use std::ops::{Deref, DerefMut};

use parking_lot::{Mutex, MutexGuard};

use crate::store::{Inner, Seq};

/// What only the holder of the writer mutex may touch.
pub(crate) struct Writer {
    /// E1: the seq of the next commit; dense.
    pub next_seq: Seq,
    pub key: Vec<u8>,
    pub range_end: Vec<u8>,
}

impl Writer {
    pub fn new(next_seq: Seq) -> Self {
        Self { next_seq, key: Vec::new(), range_end: Vec::new() }
    }
}

/// Guards a [`Writer`]; locked by [`Inner::lock_writer`] alone.
pub(crate) struct WriterMutex(Mutex<Writer>);

impl WriterMutex {
    pub fn new(writer: Writer) -> Self {
        Self(Mutex::new(writer))
    }

    /// Whether nobody holds it.
    #[cfg(test)]
    pub fn is_free(&self) -> bool {
        !self.0.is_locked()
    }
}

/// The held writer mutex. Its fields are dropped in their order: what a failure met meanwhile has left to do is done
/// when the mutex is free again.
pub(crate) struct WriterGuard<'a> {
    writer: MutexGuard<'a, Writer>,
    _after: AfterRelease<'a>,
}

struct AfterRelease<'a>(&'a Inner);

impl Inner {
    /// Takes the writer mutex (E2).
    pub fn lock_writer(&self) -> WriterGuard<'_> {
        let writer = self.writer.0.lock();
        held::enter();
        WriterGuard { writer, _after: AfterRelease(self) }
    }
}

impl Deref for WriterGuard<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for WriterGuard<'_> {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

impl Drop for AfterRelease<'_> {
    fn drop(&mut self) {
        held::leave();
        // Whoever catches a panic poisons the store and tells the listeners then.
        if self.0.poisoned.get().is_some() && !std::thread::panicking() {
            self.0.tell_listeners();
        }
    }
}

/// E2: called where I/O, sled or foreign code begins; the feature `invariants` makes it fail a thread that holds the
/// writer mutex.
#[inline]
pub(crate) fn assert_free(what: &str) {
    held::assert_free(what);
}

#[cfg(feature = "invariants")]
mod held {
    use std::cell::Cell;

    thread_local! {
        static HELD: Cell<bool> = const { Cell::new(false) };
    }

    pub fn enter() {
        HELD.set(true);
    }

    pub fn leave() {
        HELD.set(false);
    }

    pub fn assert_free(what: &str) {
        assert!(!HELD.get(), "E2: {what} under the writer mutex");
    }
}

#[cfg(not(feature = "invariants"))]
mod held {
    pub fn enter() {}
    pub fn leave() {}
    pub fn assert_free(_: &str) {}
}
