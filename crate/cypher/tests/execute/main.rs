//! Queries run over a graph in memory, against the scenarios of the openCypher TCK and against what plans promise.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test's panic is its report, and it prints what it covers

mod cell;
mod kit;
mod memory;
mod scenario;
mod short;
mod skewed;
mod stored;

mod choices_are_among_fitting_paths;
mod counts_agree_with_rows;
mod distances_agree;
mod expressions_are_limited;
mod files_are_loaded;
mod groups_agree_with_rows;
mod kit_scenarios_pass;
mod language_beyond_the_kit;
mod limits_end_queries;
mod limits_hold_for_every_operator;
mod numbers_are_no_entities;
mod paths_are_chosen;
mod plans_follow_statistics;
mod subqueries_run_for_each_row;
mod writes_are_not_seen_early;
