//! The unsafe the engine needs, and nothing else: the fsync override and a few calls of the operating system.

mod below;
mod file_map;
mod fsync_override;
mod pages;
mod private_files;
mod system;

pub use below::open_below;
pub use file_map::{FileMap, PrivateFileMap};
pub use fsync_override::fsync_override_active;
pub use pages::Pages;
pub use private_files::{create_private_folder, is_writable_by_all, make_private, private_file};
pub use system::{
    ahead_of_new_threads, free_disk_bytes, full_sync, keep_large_allocations_apart, process_exists,
    release_freed_memory, sync_folder,
};
