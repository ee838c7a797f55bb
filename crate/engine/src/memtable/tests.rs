//! Behavior of the memtable, checked against an ordered map of the standard library.

mod bytes_are_counted;
mod changes_are_found;
mod limits_are_errors;
mod model;
mod node_keys;
mod page_bounds;
mod random_operations;
mod range_tombstones_by_seq;
mod readers_beside_a_writer;
