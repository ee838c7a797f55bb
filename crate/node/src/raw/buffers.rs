//! The buffers that JavaScript registers once, and what of them a call may touch (N2).

use std::ptr;

use napi::sys;
use sledstore_engine::{Error, ErrorCode, Result};

/// Answers of a call beside its integer, as words of the state array.
pub(super) mod state {
    pub const LENGTH: usize = 0;
    pub const SCAN: usize = 1;
    pub const BYTES: usize = 2;
    pub const FINISHED: usize = 3;
    pub const PLACE: usize = 4;
    pub const HASH: usize = 5;
    pub const STAMP: usize = 6;
    pub const ASCII: usize = 7;
}

/// Memory that JavaScript owns; of an array that is registered, it stays for as long as the environment lives.
#[derive(Clone, Copy)]
pub(super) struct Region {
    pub start: *mut u8,
    pub length: usize,
}

impl Default for Region {
    fn default() -> Self {
        Self { start: ptr::null_mut(), length: 0 }
    }
}

impl Region {
    /// SAFETY: the caller picks `'a` no longer than the running call, during which JavaScript neither runs nor frees
    /// the region, and holds no exclusive slice that overlaps.
    pub unsafe fn slice<'a>(self, at: usize, length: usize) -> Result<&'a [u8]> {
        if at.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(out_of_buffer());
        }
        if length == 0 {
            return Ok(&[]);
        }
        // SAFETY: the bounds were checked against the registered length just above.
        Ok(unsafe { std::slice::from_raw_parts(self.start.add(at), length) })
    }

    /// SAFETY: as for [`Region::slice`], and no other slice of this region is alive.
    pub unsafe fn all_mut<'a>(self) -> &'a mut [u8] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: JavaScript registered exactly this many bytes.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }

    pub fn overlaps(self, other: Region) -> bool {
        let (a, b) = (self.start as usize, other.start as usize);
        a < b + other.length && b < a + self.length
    }
}

/// N2: the key buffer (start and end key side by side), the value buffer and the state words of an environment.
#[derive(Default)]
pub(crate) struct Buffers {
    pub(super) key: Region,
    pub(super) value: Region,
    /// Values on their way in; apart from `value`, for encoding one may run JavaScript that reads others.
    pub(super) write: Region,
    pub(super) state: Region,
    /// References that keep the four arrays alive whatever JavaScript forgets.
    pub(super) references: [Option<sys::napi_ref>; 4],
}

impl Buffers {
    /// A key's hash and stamp.
    pub fn tell_stamp(&self, hash: u32, stamp: u32) {
        self.set_state(state::HASH, hash.cast_signed());
        self.set_state(state::STAMP, stamp.cast_signed());
    }

    pub(super) fn set_state(&self, word: usize, number: i32) {
        if (word + 1) * size_of::<i32>() <= self.state.length {
            // SAFETY: the word lies inside the registered Int32Array; nothing else reads it during this call.
            unsafe { self.state.start.cast::<i32>().add(word).write_unaligned(number) };
        }
    }
}

fn out_of_buffer() -> Error {
    Error::new(ErrorCode::InvalidArgument, "a length lies outside the registered buffer")
}
