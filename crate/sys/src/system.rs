//! Questions to the operating system that std does not answer.

use std::fs::File;
use std::io;
use std::path::Path;

/// Bytes that this user can still write to the file system holding `path`, which must exist.
pub fn free_disk_bytes(path: &Path) -> io::Result<u64> {
    fs4::available_space(path)
}

/// Makes the file's content and length durable: `fdatasync` on Linux, `F_FULLFSYNC` on Apple's systems (std asks for it
/// by itself, so that the drive's cache is emptied too), `FlushFileBuffers` on Windows.
///
/// A failure must never be answered by a second try: the kernel reports a lost write once and forgets it.
pub fn full_sync(file: &File) -> io::Result<()> {
    file.sync_data()
}

/// Makes the names in a folder durable. Windows has no such call and does it with the file's own flush.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return File::open(path)?.sync_all();
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

/// Whether a process with this id is visible from here. A process of another container or host is not; where the
/// system cannot be asked, the answer is true.
#[must_use]
pub fn process_exists(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
        test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
    }
    #[cfg(not(unix))]
    {
        let _ = pid;
        true
    }
}

/// Gives memory that was freed, but is still kept by the C library's allocator, back to the system. It locks the whole
/// heap for some milliseconds: call it seldom, on a background thread. Does nothing but on Linux with glibc.
pub fn release_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim only touches memory that nobody has allocated, under the allocator's own locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Lets each allocation of 128 KiB or more go back to the system as soon as it is freed: glibc begins with this bound,
/// but raises it to the size of whatever is freed, and then small allocations settle between the large ones and keep
/// their pages. Holds for the whole process. Does nothing but on Linux with glibc.
pub fn keep_large_allocations_apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt sets a number of the allocator under the allocator's own lock.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 << 10);
    }
}

/// Runs `work` in a way that the threads it starts do not take its processor: on Linux a new thread of the usual policy
/// may run at once in place of the one that made it, and one of `SCHED_BATCH` waits its turn. Threads that are started
/// meanwhile keep that policy, with their full share of the processors. Does nothing elsewhere, for a thread of another
/// policy, and where the system refuses.
pub fn ahead_of_new_threads<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let _usual = BatchPolicy::begin();
        work()
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    work()
}

/// The kernel's numbers of the policies; libc does not name both for every system.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SCHED_OTHER: libc::c_int = 0;
#[cfg(any(target_os = "linux", target_os = "android"))]
const SCHED_BATCH: libc::c_int = 3;

/// The calling thread has `SCHED_BATCH` until this is dropped.
#[cfg(any(target_os = "linux", target_os = "android"))]
struct BatchPolicy;

#[cfg(any(target_os = "linux", target_os = "android"))]
impl BatchPolicy {
    fn begin() -> Option<Self> {
        // SAFETY: asks for the policy of the calling thread.
        let is_usual = unsafe { libc::syscall(libc::SYS_sched_getscheduler, 0) } == SCHED_OTHER.into();
        (is_usual && Self::set(SCHED_BATCH)).then_some(Self)
    }

    fn set(policy: libc::c_int) -> bool {
        // What the kernel calls sched_param: the priority, of which these policies have one alone.
        let priority: libc::c_int = 0;
        // SAFETY: sets the policy of the calling thread. By the system call, for musl's function only refuses.
        unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, policy, &raw const priority) == 0 }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Drop for BatchPolicy {
    fn drop(&mut self) {
        Self::set(SCHED_OTHER);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::thread;

    use super::*;

    fn policy() -> libc::c_int {
        // SAFETY: asks for the policy of the calling thread.
        unsafe { libc::syscall(libc::SYS_sched_getscheduler, 0) as libc::c_int }
    }

    #[test]
    fn threads_started_meanwhile_wait_their_turn_and_the_caller_is_as_before() {
        let before = policy();
        let started = ahead_of_new_threads(|| thread::spawn(policy));
        assert_eq!(policy(), before);
        if before == SCHED_OTHER {
            assert_eq!(started.join().ok(), Some(SCHED_BATCH));
        }
    }
}
