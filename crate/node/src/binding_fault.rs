//! Panics on purpose, by which the tests see what becomes of one (N6). The package exports no way here.

use napi::Env;
use napi_derive::napi;
use sledstore_engine::Result;

use crate::binding_store::job;
use crate::error::Code;
use crate::lifecycle::Environment;
use crate::task::{Answer, Finish, Lent};

/// Panics in an ordinary call (0), in the work of a job (1), in its answer (2), or in a job that has a scan, whose
/// handle `object` is, with it (3). The raw twin is `panic` of `raw.rs`.
#[napi]
pub fn panic_on_purpose(env: Env, place: i32, object: i32) -> napi::Result<u32, Code> {
    job(env, |environment| match place {
        0 => on_purpose(),
        1 => environment.submit(on_purpose),
        2 => environment.submit(|| Ok(Box::new(|_: &mut Environment| on_purpose::<Answer>()) as Finish)),
        _ => environment.submit_with(object, "scan", |_: &mut Lent| on_purpose()),
    })
}

/// Unwinds as a panic does once its hook has printed it, so that the tests' output stays readable.
pub(crate) fn on_purpose<T>() -> Result<T> {
    std::panic::resume_unwind(Box::new("a panic on purpose"))
}
