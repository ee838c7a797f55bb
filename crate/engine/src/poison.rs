//! The first failure ends all writing, and everybody who asked is told of it (E11).

use std::sync::atomic::Ordering;

use crate::error::{Error, ErrorCode};
use crate::store::{Inner, Store};
use crate::writer::{self, Writer};

pub(crate) type ErrorListener = Box<dyn FnOnce(&Error) + Send>;

/// The error every write gets once the store is poisoned.
pub(crate) fn storage_failed(cause: &Error) -> Error {
    Error::new(
        ErrorCode::StorageFailed,
        format!(
            "the store stopped writing after a failure: {}; close it, mend the cause and open it again",
            cause.what()
        ),
    )
    .with_source(cause.clone())
}

impl Inner {
    /// E11: the first failure ends all writing; reads go on up to what is durable. For callers that do not hold the
    /// writer mutex.
    pub fn poison(&self, cause: Error) -> Error {
        let error = self.stop_writing(cause);
        self.tell_listeners();
        error
    }

    /// As [`Inner::poison`], by the holder of the writer mutex: listeners are told when that is free again (E2).
    pub fn poison_locked(&self, _writer: &Writer, cause: Error) -> Error {
        self.stop_writing(cause)
    }

    /// The first half of [`Inner::poison`], for who holds something that a listener may want: the second half is to
    /// follow.
    pub fn stop_writing(&self, cause: Error) -> Error {
        if cause.code() == ErrorCode::Closed {
            return cause;
        }
        let first = self.poisoned.set(cause.clone()).is_ok();
        self.hide_undurable();
        if first {
            self.room_made.notify_all();
        }
        storage_failed(self.poisoned.get().unwrap_or(&cause))
    }

    /// Each listener is taken out by one thread, so it runs once; one that comes after the failure runs at once.
    pub fn tell_listeners(&self) {
        let Some(cause) = self.poisoned.get() else { return };
        let listeners = std::mem::take(&mut *self.error_listeners.lock());
        for listener in listeners {
            writer::assert_free("an error listener");
            listener(&storage_failed(cause));
        }
    }

    pub fn hide_undurable(&self) {
        self.visible.fetch_min(self.journal.durable_seq().max(self.checkpoint.applied()), Ordering::SeqCst);
        self.derived.stamps.change_all();
    }
}

impl Store {
    /// Ends all writing after a failure met outside the engine, such as a caught panic (N6).
    pub fn poison(&self, cause: Error) {
        let _ = self.inner.poison(cause);
    }

    /// Calls `listener` once, when the store is poisoned; at once if it is already.
    pub fn on_error(&self, listener: impl FnOnce(&Error) + Send + 'static) {
        let mut listeners = self.inner.error_listeners.lock();
        // Looked at under the lock that `tell_listeners` takes after the failure is set: one of the two sees the other.
        match self.inner.poisoned.get() {
            None => listeners.push(Box::new(listener)),
            Some(cause) => {
                drop(listeners);
                listener(&storage_failed(cause));
            }
        }
    }
}
