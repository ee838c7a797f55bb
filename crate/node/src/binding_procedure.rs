//! Procedures that JavaScript registers: queries call them on its thread.
//!
//! A request goes to the function given to `connectProcedures`: at once where the query runs on the JavaScript thread,
//! else by the way that answers of jobs take, while the query's own thread waits. Its bytes are an operation, the number
//! of the procedure or call, the number of the call or of rows wanted, and the arguments as a MessagePack list:
//!
//! | operation | first number | second number | answered |
//! |---|---|---|---|
//! | 0, begin | procedure | call | yes |
//! | 1, more | call | rows wanted | yes |
//! | 2, end | call | 0 | no |
//!
//! An answer is a status (0: there may be more rows, 1: there are none, 2: it failed), the number of rows, or of what was
//! thrown, in four bytes, and the values of the rows, or a message, in MessagePack.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::ThreadId;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, FunctionRef, Uint8ArraySlice, Unknown};
use napi_derive::napi;
use parking_lot::Mutex;
use sledstore_cypher::procedure::{Body, Invocation, Output, Procedure, Registry, Rows, Signature};
use sledstore_cypher::storage::Result as Ran;
use sledstore_cypher::store::{Decoder, encode};
use sledstore_cypher::value::Value;
use sledstore_cypher::{CypherError, Detail, Kind};
use sledstore_engine::{Error, ErrorCode, Result};

use crate::binding_store::with;
use crate::error::Code;
use crate::lifecycle::{self, Environment};
use crate::task::{Answer, Completion, Completions, Outcome, send};

/// How long a query's thread waits for JavaScript before it looks whether it is to end.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

const BEGIN: u8 = 0;
const MORE: u8 = 1;
const END: u8 = 2;
const DONE: u8 = 1;
const FAILED: u8 = 2;

/// The function that requests go to when a query runs on the JavaScript thread: a request's number and length.
pub(crate) type Serve = FunctionRef<FnArgs<(u32, f64)>, Unknown<'static>>;

/// A procedure as JavaScript asks for it to be registered.
#[napi(object)]
pub struct RegisteredProcedure {
    /// The name of the procedure, by which it is removed.
    pub name: String,
    /// The number that requests name it by.
    pub number: u32,
    /// The names of its columns.
    pub columns: Vec<String>,
}

/// Names the function that requests to procedures go to.
#[napi]
pub fn connect_procedures(
    env: Env,
    serve: Function<'_, FnArgs<(u32, f64)>, Unknown<'static>>,
) -> napi::Result<(), Code> {
    with(env, |environment| {
        let refused = |_| Error::new(ErrorCode::InvalidArgument, "requests go to a function");
        let serve = serve.create_ref().map_err(refused)?;
        environment.procedures.serve = Some((env, Rc::new(serve)));
        Ok(())
    })
}

/// Registers a procedure for the queries that this thread runs over graphs of a store.
#[napi]
pub fn register_procedure(
    env: Env,
    store: i32,
    signature: String,
    description: String,
) -> napi::Result<RegisteredProcedure, Code> {
    with(env, |environment| {
        static NUMBERS: AtomicU32 = AtomicU32::new(1);
        let store = environment.store(store)?.id;
        let refused = |error: CypherError| Error::new(ErrorCode::InvalidArgument, error.message);
        let signature = Signature::parse(&signature).map_err(refused)?;
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let registered = RegisteredProcedure {
            name: signature.name.clone(),
            number,
            columns: signature.columns.iter().map(|column| column.name.clone()).collect(),
        };
        let body = Caller {
            procedure: number,
            name: signature.name.clone(),
            columns: signature.columns.len(),
            port: Arc::new(Port {
                address: env.raw() as usize,
                thread: std::thread::current().id(),
                completions: environment.completions()?,
                ended: environment.procedures.ended.clone(),
            }),
        };
        environment.registry(store).add(Procedure::of(signature, description, body)).map_err(refused)?;
        Ok(registered)
    })
}

/// Removes a procedure; answers whether there was one.
#[napi]
pub fn remove_procedure(env: Env, store: i32, name: String) -> napi::Result<bool, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.id;
        Ok(environment.registry(store).remove(&name))
    })
}

/// Answers a request; gives whether anybody still waits for it.
#[napi]
pub fn answer_procedure(number: u32, answer: Uint8ArraySlice<'_>) -> bool {
    let waiting = waiting().lock().remove(&number);
    waiting.is_some_and(|sender| sender.send(answer.to_vec()).is_ok())
}

/// Who waits for answers, by the numbers of the requests.
fn waiting() -> &'static Mutex<HashMap<u32, Sender<Vec<u8>>>> {
    static WAITING: OnceLock<Mutex<HashMap<u32, Sender<Vec<u8>>>>> = OnceLock::new();
    WAITING.get_or_init(Mutex::default)
}

fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What an environment keeps for its procedures.
#[derive(Default)]
pub(crate) struct Procedures {
    /// Takes requests at once.
    pub serve: Option<(Env, Rc<Serve>)>,
    /// By store.
    registries: HashMap<u64, Arc<Registry>>,
    /// Whether the environment is gone, and nobody will answer.
    ended: Arc<AtomicBool>,
}

impl Procedures {
    /// The environment ends: nobody waits for it any longer.
    pub fn end(&mut self) {
        self.ended.store(true, Ordering::Release);
        // The reference goes with the environment, which is no place to give it back any more.
        std::mem::forget(self.serve.take());
    }

    /// A store is closed.
    pub fn forget(&mut self, store: u64) {
        self.registries.remove(&store);
    }
}

impl Environment {
    /// The procedures that queries of this environment may call over a store.
    pub fn registry(&mut self, store: u64) -> Arc<Registry> {
        self.procedures.registries.entry(store).or_default().clone()
    }
}

/// Runs what may call JavaScript, which may call the addon in turn: the environment is borrowed only to take what the
/// work needs, and to give its outcome.
pub(crate) fn unborrowed<P, T>(
    env: Env,
    take: impl FnOnce(&mut Environment) -> Result<P>,
    work: impl FnOnce(&mut P) -> Result<T>,
    give: impl FnOnce(&mut Environment, P, Outcome<T>) -> Result<f64>,
) -> napi::Result<f64, Code> {
    let mut taken = with(env, take)?;
    let outcome = Outcome::of(|| work(&mut taken));
    with(env, |environment| give(environment, taken, outcome))
}

/// The way to the JavaScript thread of an environment.
struct Port {
    address: usize,
    thread: ThreadId,
    completions: Arc<Completions>,
    ended: Arc<AtomicBool>,
}

impl Port {
    /// Sends a request and waits for its answer; meanwhile the query may be ended.
    fn ask(&self, request: Vec<u8>, run: &Invocation<'_>) -> Ran<Vec<u8>> {
        let (number, answer) = (next_number(), channel());
        let (sender, receiver) = answer;
        waiting().lock().insert(number, sender);
        let answer = self.send(number, request).and_then(|()| self.wait(&receiver, run));
        waiting().lock().remove(&number);
        answer
    }

    fn send(&self, number: u32, request: Vec<u8>) -> Ran<()> {
        let length = request.len() as f64;
        if std::thread::current().id() != self.thread {
            let finish = Box::new(move |environment: &mut Environment| {
                environment.parked = Some(request);
                Ok(Answer::Call(length, f64::from(number)))
            });
            send(&self.completions, Completion { job: 0, awaited: false, finish });
            return Ok(());
        }
        let serve = lifecycle::at(self.address, |environment| {
            environment.parked = Some(request);
            environment.procedures.serve.clone().ok_or_else(unserved)
        });
        let (env, serve) = serve.map_err(stored)?;
        // Handles of a call go with it: a query may make many.
        let called = env.run_in_scope(|| serve.borrow_back(&env)?.call((number, length).into()).map(drop));
        called.map_err(|error| stored(Error::internal(error.reason.clone())))
    }

    fn wait(&self, receiver: &Receiver<Vec<u8>>, run: &Invocation<'_>) -> Ran<Vec<u8>> {
        if std::thread::current().id() == self.thread {
            return receiver.try_recv().map_err(|_| stored(unserved()));
        }
        loop {
            match receiver.recv_timeout(LOOKS_EVERY) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Timeout) => run.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(stored(unserved())),
            }
            if self.ended.load(Ordering::Acquire) {
                return Err(stored(Error::new(ErrorCode::Closed, "the thread of the procedure has ended")));
            }
        }
    }
}

fn unserved() -> Error {
    Error::internal("a procedure was not answered")
}

fn stored(error: Error) -> sledstore_cypher::storage::Failure {
    sledstore_cypher::storage::Failure::Storage(Box::new(error))
}

fn request(operation: u8, first: u32, second: u32) -> Vec<u8> {
    let mut bytes = vec![operation];
    bytes.extend_from_slice(&first.to_be_bytes());
    bytes.extend_from_slice(&second.to_be_bytes());
    bytes
}

/// The body of a procedure of JavaScript.
struct Caller {
    procedure: u32,
    name: String,
    columns: usize,
    port: Arc<Port>,
}

impl Body for Caller {
    fn call(&self, arguments: &[Value], run: &mut Invocation<'_>) -> Ran<Box<dyn Rows>> {
        let call = next_number();
        let mut begin = request(BEGIN, self.procedure, call);
        encode_arguments(arguments, &mut begin);
        let mut rows = Called {
            call,
            name: self.name.clone(),
            columns: self.columns,
            port: self.port.clone(),
            answer: Vec::new(),
            is_open: true,
        };
        rows.answer = self.port.ask(begin, run)?;
        // What failed has no rows: it is told now, and not when they are asked for.
        rows.check()?;
        Ok(Box::new(rows))
    }
}

fn encode_arguments(arguments: &[Value], into: &mut Vec<u8>) {
    into.push(0xdd);
    into.extend_from_slice(&u32::try_from(arguments.len()).unwrap_or(0).to_be_bytes());
    arguments.iter().for_each(|argument| encode(argument, into));
}

/// The rows of a call that JavaScript answers.
struct Called {
    call: u32,
    name: String,
    columns: usize,
    port: Arc<Port>,
    /// Came, and was not read.
    answer: Vec<u8>,
    /// Whether JavaScript knows of it.
    is_open: bool,
}

impl Called {
    /// Reads the head of an answer: the number of its rows.
    fn check(&mut self) -> Ran<u32> {
        let Some((head, _)) = self.answer.split_first_chunk::<5>() else { return Err(stored(unserved())) };
        let [status, number @ ..] = *head;
        let number = u32::from_be_bytes(number);
        self.is_open = status != DONE && status != FAILED;
        if status != FAILED {
            return Ok(number);
        }
        let message = match Decoder::only(self.answer.get(5..).unwrap_or_default()) {
            Ok(Value::String(text)) => text.to_string(),
            _ => String::new(),
        };
        let message = format!("`{}` failed: {message}", self.name);
        let error = CypherError::runtime(Kind::ProcedureError, Detail::ProcedureFailed, message);
        Err(CypherError { cause: Some(number), ..error }.into())
    }
}

impl Rows for Called {
    fn pull(&mut self, run: &mut Invocation<'_>, out: &mut Output) -> Ran<bool> {
        if self.answer.is_empty() {
            let wanted = u32::try_from(out.wanted()).unwrap_or(u32::MAX);
            self.answer = self.port.ask(request(MORE, self.call, wanted), run)?;
        }
        let rows = self.check()?;
        let bytes = std::mem::take(&mut self.answer);
        let mut decoder = Decoder::new(bytes.get(5..).unwrap_or_default());
        for _ in 0..rows {
            let row = (0..self.columns).map(|_| decoder.value());
            out.push(row.collect::<std::result::Result<Vec<_>, _>>()?);
        }
        Ok(!self.is_open)
    }
}

impl Drop for Called {
    fn drop(&mut self) {
        if self.is_open {
            // Nobody waits for it: what the iterator throws on its end is its own affair.
            let _ = self.port.send(next_number(), request(END, self.call, 0));
        }
    }
}
