//! openCypher over SledStore's graphs.
//!
//! A query passes through the modules in this order: `syntax` makes the tree of the text, `bind` finds out what its names
//! and calls mean and refuses what the language refuses before it runs, then it is planned and executed. `value` holds what
//! expressions give, `function` what they call, `evaluate` computes them,
//! `procedure` what CALL runs. `plan` and `execute` see a graph through the trait
//! of `storage`, which `store` implements over the graphs of a store.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod bind;
mod csv;
mod error;
pub mod evaluate;
pub mod execute;
pub mod function;
pub mod ir;
mod meter;
pub mod plan;
pub mod procedure;
pub mod signature;
pub mod storage;
pub mod store;
pub mod syntax;
pub mod value;
mod vocabulary;

pub use error::{CypherError, Detail, Kind, Phase};
pub use meter::Meter;
pub use vocabulary::Vocabulary;
