//! A raw call's arguments and answers.

use std::ffi::{CStr, c_void};
use std::ptr;
use std::sync::Arc;

use napi::sys;
use sledstore_engine::{Error, ErrorCode, Result, Stamps};
use sledstore_sys::PrivateFileMap;

use super::buffers::Region;
use crate::hot::MISSING;

/// One call's arguments.
pub(super) struct Call<const N: usize> {
    pub env: sys::napi_env,
    pub arguments: [sys::napi_value; N],
}

/// What a hot call gives back.
pub(super) enum Answer {
    Int(i32),
    Value(sys::napi_value),
}

impl From<i32> for Answer {
    fn from(number: i32) -> Self {
        Self::Int(number)
    }
}

impl<const N: usize> Call<N> {
    #[inline]
    pub fn int(&self, index: usize) -> Result<i32> {
        let mut number = 0;
        // SAFETY: `env` and the argument are live for the call, `number` is a valid place.
        let status = unsafe { sys::napi_get_value_int32(self.env, self.arguments[index], &mut number) };
        if status == sys::Status::napi_ok { Ok(number) } else { Err(bad_argument()) }
    }

    /// A whole number beyond 32 bits.
    pub fn whole(&self, index: usize) -> Result<u64> {
        let mut number = 0;
        // SAFETY: as in `int`.
        let status = unsafe { sys::napi_get_value_int64(self.env, self.arguments[index], &mut number) };
        if status != sys::Status::napi_ok {
            return Err(bad_argument());
        }
        u64::try_from(number).map_err(|_| bad_argument())
    }

    #[inline]
    pub fn length(&self, index: usize) -> Result<usize> {
        usize::try_from(self.int(index)?).map_err(|_| bad_argument())
    }

    /// The memory of a typed array argument, valid until the call returns.
    pub fn region(&self, index: usize) -> Result<Region> {
        self.array(index).map(|(region, _)| region)
    }

    /// The memory of a typed array argument that stays where it is for as long as the array lives. That of an
    /// `ArrayBuffer` can be transferred away or cut; that of a `SharedArrayBuffer` can do no more than grow.
    pub fn lasting_region(&self, index: usize) -> Result<Region> {
        let (region, buffer) = self.array(index)?;
        if self.is_plain(buffer)? && self.has(self.global()?, c"SharedArrayBuffer")? {
            return Err(Error::new(ErrorCode::InvalidArgument, "a registered array must have shared memory"));
        }
        Ok(region)
    }

    /// The memory of a typed array argument that no other thread writes to.
    pub fn private_region(&self, index: usize) -> Result<Region> {
        let (region, buffer) = self.array(index)?;
        if self.is_plain(buffer)? { Ok(region) } else { Err(bad_argument()) }
    }

    /// Whether it is an `ArrayBuffer` and not a `SharedArrayBuffer`. Runtimes that count both as the former differ in
    /// this: only the latter has a `growable`.
    fn is_plain(&self, buffer: sys::napi_value) -> Result<bool> {
        let mut is_array_buffer = false;
        // SAFETY: as in `int`.
        let status = unsafe { sys::napi_is_arraybuffer(self.env, buffer, &mut is_array_buffer) };
        if status != sys::Status::napi_ok {
            return Err(bad_argument());
        }
        Ok(is_array_buffer && !self.has(buffer, c"growable")?)
    }

    fn global(&self) -> Result<sys::napi_value> {
        let mut global = ptr::null_mut();
        // SAFETY: as in `int`.
        let status = unsafe { sys::napi_get_global(self.env, &mut global) };
        if status == sys::Status::napi_ok { Ok(global) } else { Err(bad_argument()) }
    }

    fn has(&self, object: sys::napi_value, name: &CStr) -> Result<bool> {
        let mut has = false;
        // SAFETY: as in `int`; the name is a C string.
        let status = unsafe { sys::napi_has_named_property(self.env, object, name.as_ptr(), &mut has) };
        if status == sys::Status::napi_ok { Ok(has) } else { Err(bad_argument()) }
    }

    /// A typed array argument's memory and its buffer.
    fn array(&self, index: usize) -> Result<(Region, sys::napi_value)> {
        let (mut kind, mut length, mut start, mut buffer) = (0, 0, ptr::null_mut(), ptr::null_mut());
        // SAFETY: as in `int`; results nobody asks for may be null.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.env,
                self.arguments[index],
                &mut kind,
                &mut length,
                &mut start,
                &mut buffer,
                ptr::null_mut(),
            )
        };
        let width = match kind {
            sys::TypedarrayType::uint8_array => 1,
            sys::TypedarrayType::int32_array => 4,
            _ => 0,
        };
        if status != sys::Status::napi_ok || width == 0 {
            return Err(bad_argument());
        }
        Ok((Region { start: start.cast(), length: length * width }, buffer))
    }

    /// An ArrayBuffer over this memory; -1 where the runtime allows none over foreign memory.
    pub fn array_buffer(&self, memory: Box<dyn Foreign>) -> Answer {
        let (start, bytes) = (memory.start(), memory.bytes());
        let owner = Box::into_raw(Box::new(memory));
        let mut value = ptr::null_mut();
        // SAFETY: the memory stays until `release` takes the box back, and takes what JavaScript may write at any time.
        let status = unsafe {
            sys::napi_create_external_arraybuffer(
                self.env,
                start.cast(),
                bytes,
                Some(release),
                owner.cast(),
                &mut value,
            )
        };
        if status == sys::Status::napi_ok {
            return Answer::Value(value);
        }
        // SAFETY: nobody has taken it over; `views` avoids the one refusal after which Node has.
        drop(unsafe { Box::from_raw(owner) });
        Answer::Int(MISSING)
    }

    pub fn string(&self, bytes: &[u8]) -> Result<Answer> {
        let mut value = ptr::null_mut();
        let create = if bytes.is_ascii() { sys::napi_create_string_latin1 } else { sys::napi_create_string_utf8 };
        // SAFETY: `bytes` is live for the call and its length is passed along.
        let status = unsafe { create(self.env, bytes.as_ptr().cast(), bytes.len() as isize, &mut value) };
        if status == sys::Status::napi_ok {
            Ok(Answer::Value(value))
        } else {
            Err(Error::new(ErrorCode::CodecFailed, "the stored text is longer than a JavaScript string can be"))
        }
    }
}

/// Memory of native code that JavaScript may look at, and write to as well: Rust takes no reference to plain bytes of it.
pub(super) trait Foreign {
    fn start(&self) -> *mut u8;
    fn bytes(&self) -> usize;
}

impl Foreign for PrivateFileMap {
    fn start(&self) -> *mut u8 {
        self.start()
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }
}

impl Foreign for Arc<Stamps> {
    fn start(&self) -> *mut u8 {
        self.words().as_ptr().cast_mut().cast()
    }

    fn bytes(&self) -> usize {
        size_of_val(self.words())
    }
}

unsafe extern "C" fn release(_env: sys::napi_env, _data: *mut c_void, owner: *mut c_void) {
    // SAFETY: the box made by `array_buffer`, handed back exactly once.
    drop(unsafe { Box::from_raw(owner.cast::<Box<dyn Foreign>>()) });
}

pub(super) fn bad_argument() -> Error {
    Error::new(ErrorCode::InvalidArgument, "a native call got an argument of the wrong type")
}
