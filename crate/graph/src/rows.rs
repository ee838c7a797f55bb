//! Reading rows in pages, so that nothing is looked up while a page is being filled.

use std::ops::ControlFlow;

use sledstore_engine::{KeyRange, NamespaceId, Read, Result, Scan, ScanOptions};

pub(crate) const PAGE_ROWS: usize = 512;
pub(crate) const PAGE_BYTES: usize = 64 << 10;

/// Calls `visit` with every row whose key begins with `prefix`, in key order. `visit` must not read the store.
pub(crate) fn visit_rows(
    reader: &impl Read,
    namespace: NamespaceId,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    visit_range(reader, namespace, &KeyRange::prefix(prefix), ScanOptions::default(), |key, value| {
        visit(key, value).map(|()| ControlFlow::Continue(()))
    })
}

/// Calls `visit` with every row of a range, until it breaks. `visit` must not read the store.
pub(crate) fn visit_range(
    reader: &impl Read,
    namespace: NamespaceId,
    range: &KeyRange,
    options: ScanOptions,
    mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>>,
) -> Result<()> {
    visit_scanned(reader.scan(namespace, range, options)?, &mut visit)
}

/// Takes a key and its value.
type Visit<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>>;

/// One function for all readers and callers keeps the addon small.
fn visit_scanned(mut scan: Scan, visit: Visit<'_>) -> Result<()> {
    loop {
        let mut outcome = Ok(ControlFlow::Continue(()));
        let more = scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |key, value| {
            if matches!(outcome, Ok(ControlFlow::Continue(()))) {
                outcome = visit(key, value);
            }
        })?;
        if outcome?.is_break() || !more {
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

/// As [`visit_keys`], with what `parse` makes of key and value.
pub(crate) fn visit_pages<T>(
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
