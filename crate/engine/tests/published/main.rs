//! Published snapshots, backups and stores restored from them (E27).
#![allow(clippy::unwrap_used)] // a test may panic

mod a_backup_restores_to_the_same_store;
mod damage_is_named;
mod failures_leave_nothing;
mod it_holds_one_moment;
mod it_is_only_read;
mod large_values_lie_in_one_piece;
mod leftovers_are_removed;
mod right_checksums_are_not_trusted;
mod sample;
