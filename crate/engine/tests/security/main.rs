//! What the store's folder lets other users of the system do, and what a hostile file may say.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test may panic

mod files_are_their_owners_alone;
mod folder_that_all_may_write_to;
mod hostile_files;
mod links_are_refused;
mod store;
