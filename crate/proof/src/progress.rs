//! How many steps of each lane a store holds: a row that is part of each step's commit.

use sledstore_engine::{Error, NamespaceId, NamespaceOptions, Read, Result, Store, Write};

use crate::lane::Lane;

/// The namespace of these rows.
pub const NAMESPACE: &str = "progress";

/// The rows of one lane's steps.
#[derive(Clone, Copy)]
pub struct Progress {
    namespace: NamespaceId,
    lane: Lane,
}

impl Progress {
    /// Makes the namespace if there is none.
    pub fn open(store: &Store, lane: Lane) -> Result<Self> {
        Ok(Self { namespace: store.namespace(NAMESPACE, &NamespaceOptions::default())?.id, lane })
    }

    /// How many steps are done.
    pub fn read(&self, reader: &impl Read) -> Result<u64> {
        let Some(value) = reader.get(self.namespace, self.lane.name().as_bytes())? else { return Ok(0) };
        let bytes = value.try_into().map_err(|_| Error::corruption("progress", "a row is not a number"))?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// Step `number` is done by the commit this is part of.
    pub fn write(&self, writer: &mut impl Write, number: u64) -> Result<()> {
        writer.put(self.namespace, self.lane.name().as_bytes(), &(number + 1).to_be_bytes())
    }
}
