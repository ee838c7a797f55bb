//! Bulk load: pages of sorted rows come from JavaScript, a thread feeds them to the engine.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Error, ErrorCode, NamespaceId, Result, Store};

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

type Row = (Vec<u8>, Vec<u8>);

/// The rows of the pages in order. Without [`Message::End`] the load was given up, which is an error, so that the
/// engine keeps nothing of it.
struct Rows {
    pages: Receiver<Message>,
    rows: VecDeque<Row>,
    ended: bool,
}

impl Iterator for Rows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.pages.recv() {
                Ok(Message::Page(page)) => unpack(&page, &mut self.rows),
                Ok(Message::End) => self.ended = true,
                Err(_) => {
                    self.ended = true;
                    return Some(Err(Error::new(ErrorCode::Aborted, "the bulk load was given up before its end")));
                }
            }
        }
    }
}

/// Rows of a page: key length (u16), value length (u32), key, value.
fn unpack(page: &[u8], rows: &mut VecDeque<Row>) {
    let mut rest = page;
    while let [k0, k1, v0, v1, v2, v3, tail @ ..] = rest {
        let key = usize::from(u16::from_le_bytes([*k0, *k1]));
        let value = u32::from_le_bytes([*v0, *v1, *v2, *v3]) as usize;
        let Some((row, next)) = tail.split_at_checked(key + value) else { return };
        rows.push_back((row[..key].to_vec(), row[key..].to_vec()));
        rest = next;
    }
}

impl BulkLoad {
    fn start(store: Store, namespace: NamespaceId) -> Result<Self> {
        let (pages, receiver) = sync_channel(PAGES_WAITING);
        let shared = Arc::new(Shared { outcome: OnceLock::new(), thread: parking_lot::Mutex::new(None) });
        let of_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("sledstore-bulk".into())
            .spawn(move || {
                let rows = Rows { pages: receiver, rows: VecDeque::new(), ended: false };
                let _ = of_thread.outcome.set(caught(|| bulk_load(&store, namespace, rows)));
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
                hot::note(&store, store.engine.visible_seq());
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

/// Stands in for the engine's bulk load.
fn bulk_load(store: &Store, namespace: NamespaceId, rows: impl Iterator<Item = Result<Row>>) -> Result<u64> {
    let (mut count, mut last) = (0, None::<Vec<u8>>);
    let mut batch = sledstore_engine::Batch::new();
    for row in rows {
        let (key, value) = row?;
        if last.as_ref().is_some_and(|last| *last >= key) {
            return Err(Error::new(
                ErrorCode::NotSorted,
                "a key of the bulk load is not above the one before it; sort them",
            ));
        }
        batch.put(namespace, &key, &value)?;
        last = Some(key);
        count += 1;
        if batch.as_bytes().len() > 256 << 10 {
            store.apply(&batch)?;
            batch.reset();
        }
    }
    store.apply(&batch)?;
    store.flush()?;
    Ok(count)
}
