//! What the proof harnesses share: a workload that says what is acknowledged, the oracle that hears it, and the check of
//! what a store holds after a crash.
//!
//! A workload has lanes ([`Lane`]). A lane is one writer: its step `n` follows from the seed, the lane and `n`, and its commit
//! also writes how many steps are done into the namespace `progress`. So a store that holds `n` steps of a lane has exactly
//! one right content, which [`check`] finds out by taking the same `n` steps in memory. What was acknowledged says how
//! many steps there must be at least, what was begun how many there may be ([`Oracle`]).
//!
//! The lines of a workload, each written in one piece before or after what it tells:
//!
//! | line | meaning |
//! |---|---|
//! | `phase open`, `writing`, `checkpoint`, `close`, `closed` | what the process is about to do |
//! | `begin LANE N` | step N is about to be handed to the store |
//! | `building LANE N` | step N builds an index while it is committed |
//! | `done LANE N LEVEL SEQ` | step N, and all before it, is acknowledged at a level (`none`, `os`, `full`) |
//! | `because TEXT` | what the error of the next line says |
//! | `failed LANE N CODE` | step N was answered by an error; it may be there or not |
//! | `wrong TEXT` | the store gave a wrong answer |
#![deny(unsafe_code)]

mod aftermath;
mod check;
pub mod concurrent;
mod content;
mod folder;
pub mod fuzz;
mod graph;
pub mod history;
mod lane;
pub mod live;
pub mod model;
pub mod nth;
mod oracle;
mod outcome;
mod plan;
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub mod power;
mod progress;
mod query;
mod rot;
mod rows;
mod spaces;
mod vectors;
mod victim;
mod work;
mod workload;

pub use aftermath::{Aftermath, Checker, Failure, Fault};
pub use check::{Found, check, open_and_check};
pub use content::Content;
pub use folder::copy_folder;
pub use lane::Lane;
pub use oracle::{Oracle, Survives};
pub use outcome::Outcome;
pub use plan::{ENDS_PER_STORE, Plan};
pub use query::beside;
pub use rot::Rot;
pub use victim::{Said, Victim, Waited};
pub use workload::{Report, Workload, level_from_name, level_name};
