//! Damaged, missing and foreign files: a store opens with its data or says what is wrong, and stays as it was.
#![allow(clippy::unwrap_used)] // a test may panic

mod campaign;
mod failed_open_changes_nothing;
mod fallen_back_sled_is_named;
mod foreign_folder_is_left_alone;
mod missing_journal_is_corruption;
mod sleds_panics_are_not_printed;
mod store;
