//! The decoders of what lies on disk, for a fuzzer (crate/proof): each target takes any bytes and panics when a decoder
//! breaks its word. Where a checksum guards a part, an input may ask that it be made right, for nothing that is only
//! checked by a checksum would be reached otherwise.

mod rows;
mod salvage;

pub use self::rows::{row_seeds, rows};
pub use self::salvage::{salvage, salvage_seeds};
pub use crate::block::fuzzing::{block, block_seeds};
pub use crate::journal::fuzzing::{journal, journal_seeds};
pub use crate::key::fuzzing::{key_seeds, keys};
pub use crate::snapshot_file::fuzzing::stamp_snapshot;
pub use crate::sorted_run::fuzzing::{run, run_seeds};
pub use crate::store_file::fuzzing::{small_file_seeds, small_files};

/// Set in the first byte of an input whose checksums are to be made right.
pub const STAMP: u8 = 1;
