//! Queries over the graphs of a store.
//!
//! | module | holds |
//! |---|---|
//! | `graph` | the trait of `storage` over a graph and whoever reads or changes it |
//! | `access` | the two of them: a reader, and a transaction with what it changes |
//! | `decode`, `encode` | values as MessagePack, in properties, parameters and results |
//! | `error` | errors of the engine as the language has them |
//! | `cache` | plans by their texts |
//! | `request` | what is asked: a text, parameters and limits |
//! | `run` | a statement from its request to its rows, at one moment or in one commit |
//! | `rows` | results as MessagePack, in parts |
//! | `command` | commands of the schema |
//! | `typed` | what a statement wrote, held against the schema of a typed graph |
//!
//! # What holds
//!
//! - Q1 A statement that only reads sees one moment.
//! - Q2 A statement that changes something is one commit, or a part of the caller's transaction; of one that fails
//!   nothing stays, and a transaction in which one failed half way cannot be committed.
//! - Q3 A value comes out of a property as it went in, its type included.

mod access;
mod cache;
mod command;
mod decode;
mod encode;
mod error;
mod graph;
mod request;
mod rows;
mod run;
mod typed;

pub use access::{Access, InTransaction, ReadOnly, View, Viewed};
pub use cache::{Pin, Plans};
pub(crate) use command::describe as describe_index;
pub use decode::{Decoder, Undecodable};
pub use encode::encode;
pub use graph::GraphStorage;
pub use request::Request;
pub use run::{Session, Sink};
