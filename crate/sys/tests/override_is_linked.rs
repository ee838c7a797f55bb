//! The override binds in an ordinary binary, and sled's way of calling it answers ENOSYS.
#![allow(clippy::unwrap_used)] // a test fails by panicking

#[test]
fn override_is_active() {
    assert!(sledstore_sys::fsync_override_active());
}

#[cfg(target_os = "linux")]
#[test]
fn a_valid_descriptor_is_refused_too() {
    use std::os::fd::AsRawFd;
    assert!(sledstore_sys::fsync_override_active());
    let file = tempfile::tempfile().unwrap();
    // SAFETY: the descriptor is open for the length of the call.
    let answer = unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, libc::SYNC_FILE_RANGE_WRITE) };
    assert_eq!(answer, -1);
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::ENOSYS));
}
