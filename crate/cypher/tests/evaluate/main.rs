//! Expressions of bound queries, against the scenarios of the openCypher TCK and against what the language says.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test's panic is its report, and it prints what it covers

#[path = "../values/cells.rs"]
mod cells;
#[path = "../values/common.rs"]
#[allow(dead_code)] // shared with the tests of values
mod common;
#[path = "../values/evaluator.rs"]
#[allow(dead_code)] // only cells are read with it here
mod evaluator;
#[path = "../values/kit.rs"]
mod kit;

mod pipeline;

mod entities_are_read;
mod errors_have_their_place;
mod functions_are_in_both_tables;
mod functions_have_their_values;
mod kit_rows_are_computed;
mod loops_end;
mod operators_take_what_they_say;
mod scalars_allocate_nothing;
mod truth_has_three_values;
mod variables_are_their_own;
