//! Every system call of every operation fails once: a process with the shim of `shim/nth.c` preloaded runs one operation
//! while its n-th call of one kind fails, goes on, and tells what it saw; another process opens the store then.

mod cycle;
mod effect;
mod limit;
mod operation;
mod sample;
mod shim;
mod subject;

pub use cycle::{Cycle, Outcome, Supervisor};
pub use operation::OPERATIONS;
pub use shim::Fault;
pub use subject::run;

/// Leaves a store in `folder` as a killed process does, its journal ending in a torn write.
///
/// # Errors
/// What the system refuses.
pub fn leave_unclosed(folder: &std::path::Path) -> std::io::Result<()> {
    sample::leave_unclosed(folder)
}
