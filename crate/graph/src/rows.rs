//! Reading rows in pages, so that nothing is looked up while a page is being filled.

use std::ops::ControlFlow;

use sledstore_engine::{KeyRange, NamespaceId, Read, Result, ScanOptions};

const PAGE_ROWS: usize = 512;
const PAGE_BYTES: usize = 64 << 10;

/// Calls `visit` with every row whose key begins with `prefix`, in key order. `visit` must not read the store.
pub(crate) fn visit_rows(
    reader: &impl Read,
    namespace: NamespaceId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    let mut scan = reader.scan(namespace, &KeyRange::prefix(prefix), ScanOptions::default())?;
    loop {
        let mut outcome = Ok(());
        let more = scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, value| {
            if outcome.is_ok() {
                outcome = visit(key, value);
            }
        })?;
        outcome?;
        if !more {
            return Ok(());
        }
    }
}

/// Calls `visit` with what `parse` makes of every key that begins with `prefix`, in key order, until it breaks.
/// `visit` may read the store.
pub(crate) fn visit_keys<T>(
    reader: &impl Read,
    namespace: NamespaceId,
    prefix: &[u8],
    limit: Option<u64>,
    parse: impl Fn(&[u8]) -> Result<T>,
    visit: impl FnMut(T) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let options = ScanOptions { limit, keys_only: true, ..ScanOptions::default() };
    visit_pages(reader, namespace, prefix, options, |key, _| parse(key), visit)
}

/// As [`visit_rows`], but `visit` may read the store.
pub(crate) fn visit_copies(
    reader: &impl Read,
    namespace: NamespaceId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let copy = |key: &[u8], value: &[u8]| Ok((key.to_vec(), value.to_vec()));
    visit_pages(reader, namespace, prefix, ScanOptions::default(), copy, |(key, value)| visit(&key, &value))
}

fn visit_pages<T>(
    reader: &impl Read,
    namespace: NamespaceId,
    prefix: &[u8],
    options: ScanOptions,
    parse: impl Fn(&[u8], &[u8]) -> Result<T>,
    mut visit: impl FnMut(T) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let mut scan = reader.scan(namespace, &KeyRange::prefix(prefix), options)?;
    let mut page = Vec::new();
    loop {
        let more = scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, value| page.push(parse(key, value)))?;
        for item in page.drain(..) {
            if visit(item?)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if !more {
            return Ok(ControlFlow::Continue(()));
        }
    }
}
