//! Bulk load: pages of sorted rows come from JavaScript, a thread feeds them to the engine.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Durability, Error, ErrorCode, NamespaceId, Result, Store};

use crate::binding_store::{job, with};
use crate::error::{Code, caught, stale};
use crate::hot;
use crate::lifecycle::{Environment, Object};
use crate::task::{Answer, Finish};

/// Pages that may wait between JavaScript and the engine.
const PAGES_WAITING: usize = 2;

/// A bulk load under way.
#[derive(Clone)]
pub(crate) struct BulkLoad {
    shared: Arc<Shared>,
    pages: Option<SyncSender<Message>>,
}

struct Shared {
    outcome: OnceLock<Result<u64>>,
    thread: parking_lot::Mutex<Option<std::thread::JoinHandle<()>>>,
}

enum Message {
    Page(Vec<u8>),
    End,
}

/// Feeds pages to the engine until the end; without [`Message::End`] the load was given up.
fn feed(store: &Store, namespace: NamespaceId, pages: &Receiver<Message>) -> Result<u64> {
    let mut load = store.bulk_load(namespace)?;
    loop {
        match pages.recv() {
            Ok(Message::Page(page)) => {
                let mut rest = page.as_slice();
                while let Some((key, value, next)) = split_row(rest) {
                    load.push(key, value)?;
                    rest = next;
                }
            }
            Ok(Message::End) => return load.finish(Durability::Full),
            Err(_) => return Err(Error::new(ErrorCode::Aborted, "the bulk load was given up before its end")),
        }
    }
}

/// The first row of a page: key length (u16), value length (u32), key, value; and what follows it.
fn split_row(page: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (key_length, rest) = page.split_first_chunk::<2>()?;
    let (value_length, rest) = rest.split_first_chunk::<4>()?;
    let (key, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*key_length)))?;
    let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*value_length) as usize)?;
    Some((key, value, rest))
}

impl BulkLoad {
    fn start(store: Store, namespace: NamespaceId) -> Result<Self> {
        let (pages, receiver) = sync_channel(PAGES_WAITING);
        let shared = Arc::new(Shared { outcome: OnceLock::new(), thread: parking_lot::Mutex::new(None) });
        let of_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("sledstore-bulk".into())
            .spawn(move || {
                // The receiver ends with this closure, so that a sender that waits for room is not left waiting.
                let _ = of_thread.outcome.set(caught(|| feed(&store, namespace, &receiver)));
            })
            .map_err(|error| Error::io("starting a thread", error))?;
        *shared.thread.lock() = Some(thread);
        Ok(Self { shared, pages: Some(pages) })
    }

    fn send(&self, message: Message) -> Result<()> {
        let sent = self.pages.as_ref().is_some_and(|pages| pages.send(message).is_ok());
        if sent { Ok(()) } else { self.outcome().map(|_| ()) }
    }

    /// Waits for the engine's answer.
    fn outcome(&self) -> Result<u64> {
        if let Some(thread) = self.shared.thread.lock().take() {
            let _ = thread.join();
        }
        self.shared.outcome.get().cloned().unwrap_or_else(|| Err(Error::internal("the bulk load gave no answer")))
    }
}

/// Begins a bulk load; gives its handle.
#[napi]
pub fn begin_bulk_load(env: Env, namespace: i32) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let entry = environment.namespace(namespace)?;
        let (store, id) = (entry.store.clone(), entry.id);
        let load = BulkLoad::start(store.engine.clone(), id)?;
        environment.insert(Object::BulkLoad(store, load))
    })
}

/// Hands a page of rows over; the job ends when there is room for another.
#[napi]
pub fn bulk_load_page(env: Env, load: i32, rows: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let load = of(environment, load)?;
        let page = rows.to_vec();
        environment.submit(move || {
            load.send(Message::Page(page))?;
            Ok(crate::task::answer(Answer::Nothing))
        })
    })
}

/// Ends a bulk load; the job's answer is the number of rows.
#[napi]
pub fn finish_bulk_load(env: Env, load: i32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let Some(Object::BulkLoad(store, load)) = environment.handles.remove(load) else {
            return Err(stale("bulk load"));
        };
        let store_id = store.id;
        environment.submit(move || {
            load.send(Message::End)?;
            let rows = load.outcome()?;
            Ok(Box::new(move |environment: &mut Environment| {
                let store = environment.store_by_id(store_id)?;
                hot::note(&store, store.engine.newest_seq());
                Ok(Answer::Number(rows as f64))
            }) as Finish)
        })
    })
}

fn of(environment: &Environment, handle: i32) -> Result<BulkLoad> {
    match environment.handles.get(handle) {
        Some(Object::BulkLoad(_, load)) => Ok(load.clone()),
        _ => Err(stale("bulk load")),
    }
}
