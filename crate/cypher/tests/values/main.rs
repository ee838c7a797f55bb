//! Values and functions, against the scenarios of the openCypher TCK and against what must hold of any value.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test's panic is its report, and it prints what it covers

mod cells;
mod common;
mod evaluator;
mod kit;

mod aggregates_of_many_rows;
mod arithmetic_has_limits;
mod functions_take_what_they_say;
mod kit_scenarios_pass;
mod points_have_distances;
mod relations_agree;
mod temporals_read_back;
