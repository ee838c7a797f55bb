//! Values of a published file where they lie, for readers that map it themselves (E27).

use std::ops::Range;

use sledstore_sys::PrivateFileMap;

use crate::error::Result;
use crate::namespace::NamespaceId;
use crate::store::Store;

/// A value that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located<R> {
    /// What was made of it.
    Value(R),
    /// The bytes of the published file that are the value.
    InFile(Range<usize>),
}

impl Store {
    /// As `get_with`, but for a large value that lies in one piece in the published file this store is: that is only located.
    /// It was compared with its checksum by then.
    ///
    /// # Errors
    /// As `get_with`.
    pub fn get_or_locate<R>(
        &self,
        namespace: NamespaceId,
        key: &[u8],
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<Located<R>>> {
        self.check_open()?;
        let guard = self.inner.readers.enter(&self.inner.visible);
        self.inner.read_or_locate(namespace, key, guard.moment(), f)
    }

    /// A map of the published file that this store is, in which what is written stays; it outlives the store. Nothing for
    /// a store that is none.
    ///
    /// # Errors
    /// `IO_FAILED` when the system refuses, `CLOSED`.
    pub fn map_privately(&self) -> Result<Option<PrivateFileMap>> {
        self.check_open()?;
        self.inner.backend.map_privately()
    }
}
