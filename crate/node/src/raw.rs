//! The hot calls as raw N-API functions (N1), and the only unsafe code of this crate.
//!
//! Every function takes integer handles and lengths, finds its environment in the `data` pointer, answers with an
//! integer (or a string), never throws and catches panics (N6). Bytes travel through buffers that JavaScript allocated
//! and registered once (N2): native code never makes a Buffer on these paths.
#![allow(unsafe_code)]

mod buffers;
mod call;

use std::cell::RefCell;
use std::ffi::{CStr, c_void};
use std::panic::catch_unwind;
use std::ptr;
use std::rc::Rc;

use napi::sys;
use sledstore_engine::{Error, ErrorCode, Result};

use crate::binding_fault::on_purpose;
use crate::hot::{self, Change, FAILED, Got, IN_FILE, MISSING, Mode, NEEDS_PAGE_IN, TOO_LONG, Viewed};
use crate::lifecycle::{self, Environment, Object};
use crate::page::{self, Page};

pub(crate) use buffers::Buffers;
use buffers::state;
use call::{Answer, Call, bad_argument};

/// Where the second key of a call (the end of a range) begins in the key buffer.
const END_KEY_AT: usize = 4_096;
/// Header of a stored value: codec, flags, schema version.
const VALUE_HEADER_BYTES: usize = 3;
/// First header byte of values that are UTF-8 text; `lib/codec.ts` names the same number.
const CODEC_UTF8: u8 = 1;
/// Reads the arguments, runs `body` in the call's environment and gives its answer to JavaScript.
///
/// SAFETY: `env` and `info` are those Node passed to the callback, whose data pointer [`install`] set.
#[inline]
unsafe fn enter<const N: usize, A: Into<Answer>>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    body: impl FnOnce(&Call<N>, &mut Environment) -> Result<A>,
) -> sys::napi_value {
    let mut arguments = [ptr::null_mut(); N];
    let (mut count, mut data) = (N, ptr::null_mut::<c_void>());
    // SAFETY: every place is valid; Node fills missing arguments with undefined.
    let status =
        unsafe { sys::napi_get_cb_info(env, info, &mut count, arguments.as_mut_ptr(), ptr::null_mut(), &mut data) };
    if status != sys::Status::napi_ok || data.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: `install` set the pointer from an `Rc` that is freed only when the environment ends, after all calls.
    let shared = unsafe { &*data.cast::<RefCell<Environment>>() };
    let Ok(mut environment) = shared.try_borrow_mut() else { return int(env, FAILED) };
    let environment = &mut *environment;
    environment.crossings += 1;
    let call = Call { env, arguments };
    match environment.guarded(|environment| body(&call, environment).map(Into::into)) {
        Ok(Answer::Int(number)) => int(env, number),
        Ok(Answer::Value(value)) => value,
        Err(error) => {
            environment.error = Some(error);
            int(env, FAILED)
        }
    }
}

#[inline]
fn int(env: sys::napi_env, number: i32) -> sys::napi_value {
    let mut value = ptr::null_mut();
    // SAFETY: `env` is live and `value` is a valid place.
    unsafe { sys::napi_create_int32(env, number, &mut value) };
    value
}

/// Declares a raw function: its number of arguments and its body.
macro_rules! hot {
    ($(#[$doc:meta])* $name:ident / $count:literal, |$call:ident, $environment:ident| $body:block) => {
        $(#[$doc])*
        unsafe extern "C" fn $name(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
            #[inline]
            fn body($call: &Call<$count>, $environment: &mut Environment) -> Result<impl Into<Answer> + use<>> $body
            // SAFETY: Node calls this with its own environment and call info.
            unsafe { enter(env, info, body) }
        }
    };
}

hot!(
    /// `get(namespace, keyLength, reader)` → the value's length in the value buffer | -1 | -2 (parked) | -3.
    get / 3, |call, environment| {
        let (namespace, length, reader) = (call.int(0)?, call.length(1)?, call.int(2)?);
        let buffers = &environment.buffers;
        // SAFETY: the value buffer overlaps no other (checked by `register`); both slices end with this call.
        let (key, out) = unsafe { (buffers.key.slice(0, length)?, buffers.value.all_mut()) };
        let got = hot::get(environment, namespace, reader, key, out)?;
        Ok(answer_got(environment, &got))
    }
);

hot!(
    /// `getView(namespace, keyLength)` → as `get` from the newest state, or -5 when the value lies in the published file: the
    /// state words tell its place and length, as unsigned numbers.
    get_view / 2, |call, environment| {
        let (namespace, length) = (call.int(0)?, call.length(1)?);
        let buffers = &environment.buffers;
        // SAFETY: as for `get`.
        let (key, out) = unsafe { (buffers.key.slice(0, length)?, buffers.value.all_mut()) };
        Ok(match hot::get_view(environment, namespace, key, out)? {
            Viewed::Got(got) => answer_got(environment, &got),
            Viewed::InFile { place, length } => {
                environment.buffers.set_state(state::PLACE, place.cast_signed());
                environment.buffers.set_state(state::LENGTH, length.cast_signed());
                IN_FILE
            }
        })
    }
);

hot!(
    /// `views(store)` → an ArrayBuffer over the published file that the store is | -1 where there can be none | -3. What
    /// JavaScript writes to it stays in it, and it outlives the store.
    views / 1, |call, environment| {
        let store = environment.store(call.int(0)?)?;
        // Places are 32 bits; and Node 20 unmaps what is longer than its longest buffer itself, then refuses it.
        Ok(match store.engine.map_privately()?.filter(|map| u32::try_from(map.bytes()).is_ok()) {
            Some(map) => call.array_buffer(Box::new(map)),
            None => Answer::Int(MISSING),
        })
    }
);

hot!(
    /// `stamps(namespace)` → an ArrayBuffer over the stamps of the namespace's keys, words of 32 bits; a key's is that of its hash's
    /// remainder by their number | -1 where the runtime allows none over foreign memory | -3. It outlives the store.
    stamps / 1, |call, environment| {
        let stamps = environment.namespace(call.int(0)?)?.stamps()?.clone();
        Ok(call.array_buffer(Box::new(stamps)))
    }
);

hot!(
    /// `getCached(namespace, keyLength, reader)` → as `get`, or -4 when the answer is on disk.
    get_cached / 3, |call, environment| {
        let (namespace, length, reader) = (call.int(0)?, call.length(1)?, call.int(2)?);
        let buffers = &environment.buffers;
        // SAFETY: as for `get`.
        let (key, out) = unsafe { (buffers.key.slice(0, length)?, buffers.value.all_mut()) };
        Ok(match hot::get_cached(environment, namespace, reader, key, out)? {
            Some(got) => answer_got(environment, &got),
            None => NEEDS_PAGE_IN,
        })
    }
);

fn answer_got(environment: &Environment, got: &Got) -> i32 {
    match *got {
        Got::Copied(length) => length,
        Got::Missing => MISSING,
        Got::Parked(length) => {
            environment.buffers.set_state(state::LENGTH, length);
            TOO_LONG
        }
    }
}

hot!(
    /// `getString(namespace, keyLength, reader)` → the text | -1 | -2 (parked, not plain text) | -3.
    get_string / 3, |call, environment| {
        let (namespace, length, reader) = (call.int(0)?, call.length(1)?, call.int(2)?);
        // SAFETY: nothing writes to the key buffer during this call.
        let key = unsafe { environment.buffers.key.slice(0, length)? };
        let found = hot::read(environment, namespace, reader, key, |value| match value {
            [CODEC_UTF8, 0, 0..0x80, ..] => call.string(&value[VALUE_HEADER_BYTES..]).map(Ok),
            other => Ok(Err(other.to_vec())),
        })?;
        match found.transpose()? {
            None => Ok(Answer::Int(MISSING)),
            Some(Ok(text)) => Ok(text),
            Some(Err(value)) => {
                environment.buffers.set_state(state::LENGTH, value.len() as i32);
                environment.parked = Some(value);
                Ok(Answer::Int(TOO_LONG))
            }
        }
    }
);

hot!(
    /// `has(namespace, keyLength, reader)` → 1 | 0 | -3.
    has / 3, |call, environment| {
        let (namespace, length, reader) = (call.int(0)?, call.length(1)?, call.int(2)?);
        // SAFETY: nothing writes to the key buffer during this call.
        let key = unsafe { environment.buffers.key.slice(0, length)? };
        hot::has(environment, namespace, reader, key).map(i32::from)
    }
);

hot!(
    /// `put(namespace, keyLength, valueLength, mode)` → 0 | 1 (hold the answer) | -3; see [`Mode::of`].
    put / 4, |call, environment| {
        let (namespace, key_length, value_length) = (call.int(0)?, call.length(1)?, call.length(2)?);
        let mode = Mode::of(call.int(3)?)?;
        let buffers = &environment.buffers;
        // SAFETY: nothing writes to either buffer during this call.
        let (key, value) = unsafe { (buffers.key.slice(0, key_length)?, buffers.write.slice(0, value_length)?) };
        hot::write(environment, namespace, key, Change::Put(value), mode)
    }
);

hot!(
    /// `putExpiring(namespace, keyLength, valueLength, mode, ttlMs)` → as `put`.
    put_expiring / 5, |call, environment| {
        let (namespace, key_length, value_length) = (call.int(0)?, call.length(1)?, call.length(2)?);
        let (mode, ttl_ms) = (Mode::of(call.int(3)?)?, call.whole(4)?);
        let buffers = &environment.buffers;
        // SAFETY: as for `put`.
        let (key, value) = unsafe { (buffers.key.slice(0, key_length)?, buffers.write.slice(0, value_length)?) };
        hot::write(environment, namespace, key, Change::PutExpiring(value, ttl_ms), mode)
    }
);

hot!(
    /// `del(namespace, keyLength, mode)` → as `put`.
    del / 3, |call, environment| {
        let (namespace, length) = (call.int(0)?, call.length(1)?);
        let mode = Mode::of(call.int(2)?)?;
        // SAFETY: nothing writes to the key buffer during this call.
        let key = unsafe { environment.buffers.key.slice(0, length)? };
        hot::write(environment, namespace, key, Change::Delete, mode)
    }
);

hot!(
    /// `commit(store, batch, length, mode)` → as `put`; the batch holds encoded operations.
    commit / 4, |call, environment| {
        let (store, length, mode) = (call.int(0)?, call.length(2)?, Mode::of(call.int(3)?)?);
        // SAFETY: nothing writes to the batch's array during this call.
        let bytes = unsafe { call.private_region(1)?.slice(0, length)? };
        hot::commit(environment, store, bytes, mode)
    }
);

hot!(
    /// `sync(store, level)` → the job that ends when every commit made here is durable | 0 when they are | -3.
    sync / 2, |call, environment| {
        let (store, level) = (call.int(0)?, hot::level(call.int(1)?)?);
        let job = environment.request_sync(store, level)?;
        keep_alive(call.env, environment);
        Ok(job as i32)
    }
);

hot!(
    /// `take(target)` → the parked value's length, once | -2 when the target is too short | -3.
    take / 1, |call, environment| {
        let Some(parked) = environment.parked.take() else {
            return Err(Error::new(ErrorCode::InvalidArgument, "there is no parked value"));
        };
        // SAFETY: the target is a private array of the caller; the slice ends with this call.
        let target = unsafe { call.region(0)?.all_mut() };
        match target.get_mut(..parked.len()) {
            Some(target) => {
                target.copy_from_slice(&parked);
                Ok(i32::try_from(parked.len()).unwrap_or(i32::MAX))
            }
            None => {
                environment.parked = Some(parked);
                Ok(TOO_LONG)
            }
        }
    }
);

hot!(
    /// `scan(namespace, reader, startLength, endLength, flags, page, maxRows)` → rows in the page | -3.
    /// The state words tell the scan's handle (0 when it is finished), the bytes used or needed, the end, and whether all keys and
    /// values are ASCII.
    scan / 7, |call, environment| {
        let (namespace, reader, flags) = (call.int(0)?, call.int(1)?, call.int(4)?);
        let key = environment.buffers.key;
        // SAFETY: nothing writes to the key buffer during this call.
        let (start, end) = unsafe { (key.slice(0, call.length(2)?)?, key.slice(END_KEY_AT, call.length(3)?)?) };
        let range = page::range_of(start, end, flags);
        let mut scan = hot::begin_scan(environment, namespace, reader, &range, flags, None)?;
        // SAFETY: the page is a private array of the caller; the slice ends with this call.
        let filled = scan.parts.fill(unsafe { call.region(5)?.all_mut() }, call.length(6)?)?;
        let handle = if filled.finished { 0 } else { environment.insert(Object::Scan(Box::new(scan)))? };
        Ok(answer_page(environment, handle, filled))
    }
);

hot!(
    /// `scanNext(scan, page, maxRows)` → rows in the page | -3; the state words as for `scan`.
    scan_next / 3, |call, environment| {
        let handle = call.int(0)?;
        // SAFETY: as for `scan`.
        let page = hot::next_page(environment, handle, unsafe { call.region(1)?.all_mut() }, call.length(2)?)?;
        Ok(answer_page(environment, if page.finished { 0 } else { handle }, page))
    }
);

fn answer_page(environment: &Environment, handle: i32, page: Page) -> i32 {
    let buffers = &environment.buffers;
    buffers.set_state(state::SCAN, handle);
    buffers.set_state(state::LENGTH, page.needed as i32);
    buffers.set_state(state::BYTES, page.bytes as i32);
    buffers.set_state(state::FINISHED, i32::from(page.finished));
    buffers.set_state(state::ASCII, i32::from(page.is_ascii));
    page.rows as i32
}

hot!(
    /// `seek(scan, keyLength)` → 0 | -3.
    seek / 2, |call, environment| {
        let (handle, length) = (call.int(0)?, call.length(1)?);
        // SAFETY: nothing writes to the key buffer during this call.
        let key = unsafe { environment.buffers.key.slice(0, length)? };
        hot::seek(environment, handle, key).map(|()| 0)
    }
);

hot!(
    /// `release(handle)` → 0; a stale handle is no error.
    release / 1, |call, environment| {
        hot::release(environment, call.int(0)?);
        Ok(0)
    }
);

hot!(
    /// `register(keys, values, writes, state)` → 0 | -3; again when one of them has been replaced.
    register / 4, |call, environment| {
        let [key, value] = [call.lasting_region(0)?, call.lasting_region(1)?];
        let [write, state] = [call.lasting_region(2)?, call.lasting_region(3)?];
        let others = [key, write, state];
        if key.length < 2 * END_KEY_AT || others.iter().any(|other| other.overlaps(value) || value.length == 0) {
            return Err(bad_argument());
        }
        let mut references = [None; 4];
        for (index, reference) in references.iter_mut().enumerate() {
            let mut made = ptr::null_mut();
            // SAFETY: the argument is a live object; the reference is deleted below or ends with the environment.
            let status = unsafe { sys::napi_create_reference(call.env, call.arguments[index], 1, &mut made) };
            if status == sys::Status::napi_ok {
                *reference = Some(made);
            }
        }
        let old = std::mem::replace(&mut environment.buffers, Buffers { key, value, write, state, references });
        for reference in old.references.into_iter().flatten() {
            // SAFETY: made by this function in the same environment and forgotten here.
            unsafe { sys::napi_delete_reference(call.env, reference) };
        }
        Ok(0)
    }
);

hot!(
    /// `panic()` → -3; what any of these does when its body panics, for the tests (N6).
    panic / 0, |_call, _environment| { on_purpose::<i32>() }
);

const FUNCTIONS: [(&CStr, sys::napi_callback); 19] = [
    (c"register", Some(register)),
    (c"get", Some(get)),
    (c"getCached", Some(get_cached)),
    (c"getView", Some(get_view)),
    (c"views", Some(views)),
    (c"stamps", Some(stamps)),
    (c"getString", Some(get_string)),
    (c"has", Some(has)),
    (c"put", Some(put)),
    (c"putExpiring", Some(put_expiring)),
    (c"del", Some(del)),
    (c"commit", Some(commit)),
    (c"sync", Some(sync)),
    (c"take", Some(take)),
    (c"scan", Some(scan)),
    (c"scanNext", Some(scan_next)),
    (c"seek", Some(seek)),
    (c"release", Some(release)),
    (c"panic", Some(panic)),
];

/// Puts the raw functions into `exports` and ties the environment's state to its life.
pub(crate) fn install(env: sys::napi_env, exports: sys::napi_value) -> napi::Result<()> {
    let data = Rc::into_raw(lifecycle::create(env as usize)).cast_mut().cast::<c_void>();
    let hook = Box::into_raw(Box::new(EndOfEnvironment { env: env as usize, data }));
    // SAFETY: `hook` lives until the hook runs, which happens once, on this thread, after the last JavaScript call.
    napi::check_status!(unsafe { sys::napi_add_env_cleanup_hook(env, Some(end_of_environment), hook.cast()) })?;
    for (name, function) in FUNCTIONS {
        let mut value = ptr::null_mut();
        // SAFETY: `name` is a C string of known length and `data` lives as long as the environment.
        napi::check_status!(unsafe {
            sys::napi_create_function(env, name.as_ptr(), name.count_bytes() as isize, function, data, &mut value)
        })?;
        // SAFETY: `exports` and `value` are live objects of this environment.
        napi::check_status!(unsafe { sys::napi_set_named_property(env, exports, name.as_ptr(), value) })?;
    }
    Ok(())
}

struct EndOfEnvironment {
    env: usize,
    data: *mut c_void,
}

unsafe extern "C" fn end_of_environment(hook: *mut c_void) {
    // SAFETY: the box made by `install`, handed back exactly once.
    let EndOfEnvironment { env, data } = *unsafe { Box::from_raw(hook.cast::<EndOfEnvironment>()) };
    // A panic must not cross into Node.
    let _ = catch_unwind(|| lifecycle::end(env));
    // SAFETY: the pointer came from `Rc::into_raw` and no function that carries it can be called any more.
    drop(unsafe { Rc::from_raw(data.cast::<RefCell<Environment>>()) });
}

/// Lets the event loop live while, and only while, some job's answer is still to come.
pub(crate) fn keep_alive(env: sys::napi_env, environment: &Environment) {
    let Some(completions) = &environment.completions else { return };
    // SAFETY: called on the environment's own thread with its own thread-safe function, which `completions` keeps.
    unsafe {
        if environment.outstanding > 0 {
            sys::napi_ref_threadsafe_function(env, completions.raw());
        } else {
            sys::napi_unref_threadsafe_function(env, completions.raw());
        }
    }
}
