//! The operations in which calls fail: what a store is before, what is done while calls are counted.

use sledstore_engine::Durability;

use super::effect::{Effect, Step};

/// What an operation begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// No folder.
    Nothing,
    /// The sample, closed.
    Closed,
    /// The sample, left by a killed process that wrote on.
    Unclosed,
}

/// What is done while calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The store is opened.
    Open,
    /// Its steps are carried out.
    Steps,
    /// All rows are read, in a store just opened.
    Read,
    /// A checkpoint, the steps, another one.
    Checkpoint,
    /// `compact`.
    Compact,
    /// `verify`.
    Verify,
    /// A file is published, and replaced.
    Publish,
    /// A file is written and read back.
    Backup,
    /// A published file is opened, read, verified and closed.
    OpenSnapshot,
    /// A published file becomes a store.
    Restore,
    /// The store is closed.
    Close,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// How it is chosen.
    pub name: &'static str,
    /// What it begins with.
    pub beginning: Beginning,
    /// What happens to the store before calls are counted.
    pub before: &'static [Effect],
    /// What is done while they are.
    pub call: Call,
    /// The steps that are part of that.
    pub during: &'static [Effect],
    /// The level of the steps.
    pub level: Durability,
}

impl Operation {
    const fn on_closed(name: &'static str, call: Call, before: &'static [Effect], during: &'static [Effect]) -> Self {
        Self { name, beginning: Beginning::Closed, before, call, during, level: Full }
    }

    const fn steps(name: &'static str, level: Durability, during: &'static [Effect]) -> Self {
        Self { name, beginning: Beginning::Closed, before: &[], call: Call::Steps, during, level }
    }

    /// All its steps, numbered, those before the call first.
    pub fn all_steps(&self) -> Vec<Step> {
        let effects = self.before.iter().chain(self.during).enumerate();
        effects.map(|(number, &effect)| Step { number: number as u32, effect, level: self.level }).collect()
    }

    /// By its name.
    pub fn find(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }
}

use Durability::{Full, None as Unwaited, Os};
use Effect::{
    Batch, Bulk, Chunked, Create, Drop, Fold, Index, Large, Nodes, Put, Rename, Streamed, Transaction, Vectors,
};

const MIXED: &[Effect] = &[Put, Batch, Chunked, Streamed, Transaction, Bulk, Bulk, Nodes, Vectors];

/// Every operation.
pub const OPERATIONS: &[Operation] = &[
    Operation { beginning: Beginning::Nothing, ..Operation::on_closed("open-new", Call::Open, &[], &[]) },
    Operation::on_closed("open-closed", Call::Open, &[], &[]),
    Operation { beginning: Beginning::Unclosed, ..Operation::on_closed("open-unclosed", Call::Open, &[], &[]) },
    Operation::steps("commit-full", Full, &[Put, Put, Put]),
    Operation::steps("commit-os", Os, &[Put, Put, Put]),
    Operation::steps("commit-none", Unwaited, &[Put, Put, Put]),
    Operation::steps("batch", Full, &[Batch, Batch]),
    Operation::steps("transaction", Full, &[Transaction, Transaction]),
    Operation::steps("large", Full, &[Large, Streamed, Chunked]),
    Operation::steps("bulk", Os, &[Bulk, Bulk, Put]),
    Operation::steps("catalogue", Full, &[Create, Rename, Drop]),
    Operation::steps("graph", Full, &[Nodes, Index, Nodes]),
    Operation::steps("vectors", Full, &[Vectors, Vectors]),
    Operation::steps("fold", Full, &[Fold]),
    Operation::on_closed("checkpoint", Call::Checkpoint, MIXED, &[Drop, Large, Transaction, Batch]),
    Operation::on_closed("compact", Call::Compact, MIXED, &[]),
    Operation::on_closed("read", Call::Read, &[], &[]),
    Operation::on_closed("verify", Call::Verify, MIXED, &[]),
    Operation::on_closed("publish", Call::Publish, MIXED, &[]),
    Operation::on_closed("backup", Call::Backup, MIXED, &[]),
    Operation::on_closed("open-snapshot", Call::OpenSnapshot, &[], &[]),
    Operation::on_closed("restore", Call::Restore, &[], &[]),
    Operation::on_closed("close", Call::Close, MIXED, &[]),
];
