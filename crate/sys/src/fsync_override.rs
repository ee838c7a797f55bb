//! On Linux sled makes its writes durable with `sync_file_range`, which promises no durability; only where the kernel
//! answers `ENOSYS` does it fall back to a real fsync. So this crate defines a `sync_file_range` of its own that always
//! answers `ENOSYS` (E20).
//!
//! The symbol is written in assembly because it must be *hidden*: a hidden symbol is bound when the binary is linked,
//! whereas an exported one in a loaded library (an addon) loses against libc's, which the host process has already bound.

/// True if sled's `sync_file_range` is the one of this crate, or if the platform needs none (sled fsyncs there).
///
/// Whoever opens sled must call this first and refuse to go on otherwise. The call is also what keeps the override in
/// the linked binary.
#[must_use]
pub fn fsync_override_active() -> bool {
    imp::active()
}

#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64",
        target_arch = "loongarch64"
    )
))]
mod imp {
    use std::hint::black_box;

    type SyncFileRange = unsafe extern "C" fn(libc::c_int, libc::off64_t, libc::off64_t, libc::c_uint) -> libc::c_int;

    /// Written once per instruction set: they differ only in the word for a jump to `refuse`.
    macro_rules! define_override {
        ($jump:literal) => {
            std::arch::global_asm!(
                ".pushsection .text.sync_file_range, \"ax\", %progbits",
                ".balign 16",
                ".globl sync_file_range",
                ".hidden sync_file_range",
                ".type sync_file_range, %function",
                // A second name that no libc has: a reference to it can only be satisfied by this object file, so the
                // linker takes it in even where libc's symbol would have done.
                ".globl sledstore_fsync_override",
                ".hidden sledstore_fsync_override",
                "sledstore_fsync_override:",
                "sync_file_range:",
                $jump,
                ".size sync_file_range, . - sync_file_range",
                ".popsection",
                refuse = sym refuse,
            );
        };
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
    define_override!("jmp {refuse}");
    #[cfg(any(target_arch = "aarch64", target_arch = "arm", target_arch = "loongarch64"))]
    define_override!("b {refuse}");
    #[cfg(target_arch = "riscv64")]
    define_override!("tail {refuse}");

    unsafe extern "C" {
        /// The override under its second name; only its address is used.
        static sledstore_fsync_override: u8;
    }

    /// What the kernel answers where the call does not exist.
    extern "C" fn refuse() -> libc::c_int {
        // SAFETY: `__errno_location` returns a valid pointer to this thread's errno.
        unsafe { *libc::__errno_location() = libc::ENOSYS };
        -1
    }

    pub(super) fn active() -> bool {
        black_box(&raw const sledstore_fsync_override);
        // The pointer is hidden from the optimizer so that it asks what the linker really bound.
        let bound: SyncFileRange = black_box(libc::sync_file_range);
        // SAFETY: no file has descriptor -1, so even libc's function does nothing but fail with EBADF.
        let answer = unsafe { bound(-1, 0, 0, 0) };
        answer == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS)
    }
}

#[cfg(all(
    target_os = "linux",
    not(any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64",
        target_arch = "loongarch64"
    ))
))]
mod imp {
    pub(super) fn active() -> bool {
        false
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    pub(super) fn active() -> bool {
        true
    }
}
