//! Reads away from the JavaScript thread, and those that need more than a hot call.

use napi::Env;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use sledstore_engine::{Error, ErrorCode, NamespaceId, Read, Result, ScanOptions};

use crate::binding_store::{job, with};
use crate::error::{Code, stale};
use crate::hot;
use crate::lifecycle::{Environment, Object};
use crate::page::{self, ScanParts, scan_flag};
use crate::reader::Source;
use crate::task::{Answer, Finish, Lent, answer};

/// Who reads which namespace, as a job can take it along.
fn source_of(environment: &Environment, namespace: i32, reader: i32) -> Result<(Source, NamespaceId)> {
    let entry = environment.namespace(namespace)?;
    Ok((Source::of(environment, &entry.store, reader)?, entry.id))
}

/// The job's answer is the value, or nothing.
#[napi]
pub fn get_async(env: Env, namespace: i32, reader: i32, key: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (source, id) = source_of(environment, namespace, reader)?;
        let key = key.to_vec();
        environment.submit(move || Ok(answer(source.get(id, &key)?.map_or(Answer::Nothing, Answer::Bytes))))
    })
}

/// `keys`: each a length (u16) and its bytes. The answer: for each a length plus one (u32; 0 when missing) and the
/// value. All are read at one moment.
#[napi]
pub fn get_many_async(env: Env, namespace: i32, reader: i32, keys: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (source, id) = source_of(environment, namespace, reader)?;
        let keys = keys.to_vec();
        environment.submit(move || {
            let snapshot = source.snapshot()?;
            let mut values = Vec::new();
            let mut rest = keys.as_slice();
            while let Some((length, tail)) = rest.split_first_chunk::<2>() {
                let cut = || Error::new(ErrorCode::InvalidArgument, "packed keys are cut");
                let (key, tail) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length))).ok_or_else(cut)?;
                rest = tail;
                let value = snapshot.get(id, key)?;
                values.extend_from_slice(&value.as_ref().map_or(0, |value| value.len() as u32 + 1).to_le_bytes());
                values.extend_from_slice(value.as_deref().unwrap_or_default());
            }
            Ok(answer(Answer::Bytes(values)))
        })
    })
}

/// Opens a scan without reading anything yet; gives its handle.
#[napi]
pub fn begin_scan(
    env: Env,
    namespace: i32,
    reader: i32,
    start: Uint8ArraySlice<'_>,
    end: Uint8ArraySlice<'_>,
    flags: i32,
    limit: f64,
) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let range = page::range_of(&start, &end, flags);
        let limit = if limit >= 0.0 { Some(limit as u64) } else { None };
        let scan = hot::begin_scan(environment, namespace, reader, &range, flags, limit)?;
        environment.insert(Object::Scan(Box::new(scan)))
    })
}

/// The job's answer is a page: rows (u32), bits (u8): 1 for the last page, 2 where all keys and values are ASCII; then the rows as in `scan`.
#[napi]
pub fn scan_page_async(env: Env, scan: i32, max_rows: u32, max_bytes: u32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        environment.submit_with(scan, "scan", move |lent| match lent {
            Lent::Scan(parts) => page_of(parts, max_rows as usize, max_bytes as usize).map(Answer::Bytes),
            _ => Err(stale("scan")),
        })
    })
}

const PAGE_HEADER_BYTES: usize = 5;
/// Bit of a page's last header byte; the lowest tells the last page.
const ASCII: u8 = 2;

fn page_of(parts: &mut ScanParts, max_rows: usize, max_bytes: usize) -> Result<Vec<u8>> {
    let mut page = vec![0; PAGE_HEADER_BYTES + max_bytes];
    let mut filled = parts.fill(&mut page[PAGE_HEADER_BYTES..], max_rows)?;
    while filled.rows == 0 && filled.needed > 0 {
        page.resize(PAGE_HEADER_BYTES + filled.needed, 0);
        filled = parts.fill(&mut page[PAGE_HEADER_BYTES..], max_rows)?;
    }
    page.truncate(PAGE_HEADER_BYTES + filled.bytes);
    page[..4].copy_from_slice(&(filled.rows as u32).to_le_bytes());
    page[4] = u8::from(filled.finished) | if filled.is_ascii { ASCII } else { 0 };
    Ok(page)
}

fn keys_only() -> ScanOptions {
    ScanOptions { keys_only: true, ..ScanOptions::default() }
}

/// Counts the keys of a range.
#[napi]
pub fn count(
    env: Env,
    namespace: i32,
    reader: i32,
    start: Uint8ArraySlice<'_>,
    end: Uint8ArraySlice<'_>,
    flags: i32,
) -> napi::Result<f64, Code> {
    with(env, |environment| {
        let range = page::range_of(&start, &end, flags);
        let mut scan = hot::begin_scan(environment, namespace, reader, &range, flags | scan_flag::NO_VALUES, None)?
            .parts
            .into_scan();
        Ok(scan.count_rows()? as f64)
    })
}

/// As `count`; the job's answer is the number.
#[napi]
pub fn count_async(
    env: Env,
    namespace: i32,
    reader: i32,
    start: Uint8ArraySlice<'_>,
    end: Uint8ArraySlice<'_>,
    flags: i32,
) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let (source, id) = source_of(environment, namespace, reader)?;
        let range = page::range_of(&start, &end, flags);
        environment.submit(move || {
            let rows = source.scan(id, &range, keys_only())?.count_rows()?;
            Ok(answer(Answer::Number(rows as f64)))
        })
    })
}

/// Opens a large value for reading; the job's answer is a handle, or 0 when the value is missing or small.
#[napi]
pub fn open_value_reader(env: Env, namespace: i32, key: Uint8ArraySlice<'_>) -> napi::Result<u32, Code> {
    job(env, |environment| {
        let id = environment.namespace(namespace)?.id;
        let store = environment.namespace(namespace)?.store.clone();
        let (engine, key, store_id) = (store.engine.clone(), key.to_vec(), store.id);
        environment.submit(move || {
            let reader = engine.large_reader(id, &key)?;
            Ok(Box::new(move |environment: &mut Environment| {
                let Some(reader) = reader else { return Ok(Answer::Number(0.0)) };
                let store = environment.store_by_id(store_id)?;
                environment
                    .insert(Object::ValueReader(store, Box::new(reader)))
                    .map(|handle| Answer::Number(f64::from(handle)))
            }) as Finish)
        })
    })
}

/// The job's answer is the next part of a large value, or nothing at its end.
#[napi]
pub fn read_value_part(env: Env, reader: i32, max_bytes: u32) -> napi::Result<u32, Code> {
    job(env, |environment| {
        environment.submit_with(reader, "value reader", move |lent| {
            let Lent::ValueReader(reader) = lent else { return Err(stale("value reader")) };
            let mut part = Vec::new();
            while part.len() < max_bytes as usize && reader.next_chunk(&mut part)? {}
            Ok(if part.is_empty() { Answer::Nothing } else { Answer::Bytes(part) })
        })
    })
}
