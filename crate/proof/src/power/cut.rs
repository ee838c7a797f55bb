//! The system call that ends a file system as a power cut does.

use std::fs::File;
use std::path::Path;

use rustix::ioctl::{Setter, ioctl, opcode};

/// `_IOR('X', 125, __u32)`: shuts down XFS, ext4 and others.
const SHUTDOWN: rustix::ioctl::Opcode = opcode::read::<u32>(b'X', 125);
/// Nothing more goes to the device, not even the log.
const WITHOUT_LOG_FLUSH: u32 = 2;

/// Lets nothing that was not synced reach the device of the file system mounted here.
///
/// # Errors
/// When the file system does not know the call, or this user may not.
pub fn cut(mounted: &Path) -> std::io::Result<()> {
    let folder = File::open(mounted)?;
    // SAFETY: the call reads one u32, which the setter holds and passes by its address, and writes nothing.
    unsafe { ioctl(&folder, Setter::<SHUTDOWN, u32>::new(WITHOUT_LOG_FLUSH))? };
    Ok(())
}
