//! Damaged, missing and foreign files: a store opens with its data or says what is wrong, stays as it was, and is repaired.
//! What is random about it is the harness `rot`.
#![allow(clippy::unwrap_used)] // a test may panic

mod a_damaged_file_number_is_no_newer_format;
mod block_files_and_runs_are_named;
mod failed_open_changes_nothing;
mod fallen_back_sled_is_named;
mod foreign_folder_is_left_alone;
mod missing_journal_is_corruption;
mod repair_copies_a_sound_store;
mod repair_finds_blocks_without_sled;
mod repair_finds_one_wrong_bit;
mod repair_keeps_names_options_and_expiries;
mod repair_leaves_its_source_alone;
mod repair_names_what_is_lost;
mod repair_reads_snapshot_files;
mod repair_reads_sorted_runs;
mod sleds_panics_are_not_printed;
mod store;
