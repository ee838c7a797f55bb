//! LOAD CSV: rows out of files, which lie in the folders that the caller allows.
//!
//! What rows and the record that is read take counts against the limit of memory (R2), and a batch ends with its bytes as
//! well as with its rows, so that long records do not pile up where there is no limit.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sledstore_sys::open_below;

use super::batch::Batch;
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, set};
use crate::csv::{Fault, Field, Reader, Stop};
use crate::error::{CypherError, Detail, Kind};
use crate::plan::operator::Load;
use crate::value::{Map, Value};

const READ_BYTES: usize = 64 << 10;
/// A batch that takes as much is passed on.
const BATCH_BYTES: usize = 256 << 10;

pub(super) struct Loading<'p> {
    plan: &'p Load,
    open: Option<Opened>,
    /// Bytes of the rows of the batch.
    given: usize,
}

/// A file that rows are read of.
struct Opened {
    path: PathBuf,
    reader: Reader<BufReader<File>>,
    headers: Option<Vec<Arc<str>>>,
    /// Bytes of the headers.
    kept: usize,
}

impl<'p> Loading<'p> {
    pub const fn new(plan: &'p Load) -> Self {
        Self { plan, open: None, given: 0 }
    }

    fn close(&mut self, cx: Cx<'_, '_>) {
        if let Some(opened) = self.open.take() {
            cx.runtime.release(opened.kept);
        }
    }
}

impl Rowwise for Loading<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.close(cx);
        let source = &self.plan.source;
        let opened = match cx.value(source, row)? {
            Value::String(name) => Opened::new(cx, &name, self.plan),
            other => {
                let message = format!("LOAD CSV takes the name of a file, not a {}", other.type_name());
                Err(CypherError::runtime(Kind::TypeError, Detail::InvalidArgumentType, message))
            }
        };
        self.open = Some(opened.map_err(|error| source.placed(error))?);
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        if out.is_empty() {
            cx.runtime.release(take(&mut self.given)); // who asks on has passed on what was given before
        }
        let Some(open) = &mut self.open else { return Ok(true) };
        while out.len() < most && self.given < BATCH_BYTES {
            let Some(value) = open.next(cx).map_err(|error| self.plan.source.placed(error))? else {
                self.close(cx);
                return Ok(true);
            };
            let bytes = value.bytes();
            cx.runtime.hold(bytes)?;
            self.given = self.given.saturating_add(bytes);
            set(out.push(row), self.plan.slot, value);
        }
        Ok(false)
    }

    fn is_full(&self) -> bool {
        self.given >= BATCH_BYTES
    }

    fn reset(&mut self, cx: Cx<'_, '_>) {
        self.close(cx);
        cx.runtime.release(take(&mut self.given));
    }
}

impl Opened {
    fn new(cx: Cx<'_, '_>, name: &str, plan: &Load) -> Result<Self> {
        let Allowed { folder, inside } = allowed(name, &cx.runtime.files)?;
        let path = folder.join(&inside);
        let file = open_below(&folder, &inside)
            .map_err(|error| refused(format!("the file {} cannot be read: {error}", path.display())))?;
        let reader = Reader::new(BufReader::with_capacity(READ_BYTES, file), plan.separator.unwrap_or(','));
        let mut opened = Self { path, reader, headers: None, kept: 0 };
        if plan.headers {
            opened.read_headers(cx)?;
        }
        Ok(opened)
    }

    fn read_headers(&mut self, cx: Cx<'_, '_>) -> Result<()> {
        let fields = self.record(cx)?.unwrap_or_default();
        // In their order, and as a set while they are compared.
        self.kept = fields.iter().map(|name| 2 * size_of::<Arc<str>>() + name.as_deref().map_or(0, str::len)).sum();
        cx.runtime.hold(self.kept)?;
        let mut headers: Vec<Arc<str>> = Vec::with_capacity(fields.len());
        let mut seen = HashSet::with_capacity(fields.len());
        for (at, field) in fields.into_iter().enumerate() {
            cx.proceed()?;
            let name = field.filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| self.fault(&format!("field {} of the header has no name", at + 1)))?;
            if !seen.insert(name.clone()) {
                return Err(self.fault(&format!("the header has two fields named {name}")));
            }
            headers.push(name);
        }
        self.headers = Some(headers);
        Ok(())
    }

    /// The next line as a value.
    fn next(&mut self, cx: Cx<'_, '_>) -> Result<Option<Value>> {
        let Some(fields) = self.record(cx)? else { return Ok(None) };
        let value = |field: Field| field.map_or(Value::Null, Value::String);
        let Some(headers) = &self.headers else {
            return Value::list(fields.into_iter().map(value).collect()).map(Some);
        };
        if fields.len() != headers.len() {
            let message = format!("the line has {} fields, and the header {}", fields.len(), headers.len());
            return Err(self.fault(&message));
        }
        let entries = headers.iter().cloned().zip(fields.into_iter().map(value));
        Map::new(entries).map(|map| Some(Value::Map(map)))
    }

    /// The next record; what it takes is held while it is read.
    fn record(&mut self, cx: Cx<'_, '_>) -> Result<Option<Vec<Field>>> {
        let mut held = 0;
        let record = self.reader.record(&mut |taken| {
            cx.proceed()?;
            cx.runtime.release(held);
            held = taken;
            cx.runtime.hold(taken)
        });
        cx.runtime.release(held);
        record.map_err(|stop| match stop {
            Stop::Fault(fault) => faulty(&self.path, &fault),
            Stop::Ended(error) => error,
        })
    }

    /// A fault of the record that was read last.
    fn fault(&self, message: &str) -> CypherError {
        faulty(&self.path, &Fault { line: self.reader.line(), column: 1, message: message.to_owned() })
    }
}

fn faulty(path: &Path, Fault { line, column, message }: &Fault) -> CypherError {
    refused(format!("{}, line {line}, column {column}: {message}", path.display()))
}

fn refused(message: String) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::FileNotLoaded, message)
}

/// A file of a folder that is allowed: the folder, and the way in it, through no link.
struct Allowed {
    folder: PathBuf,
    inside: PathBuf,
}

/// The file of a name, links resolved, if it lies in one of the folders. A name that is no absolute path, or a `file:`
/// URL, is looked for in each of them. Of what lies outside, nothing is told, not even whether it is there.
fn allowed(name: &str, folders: &[PathBuf]) -> Result<Allowed> {
    if folders.is_empty() {
        let message = "LOAD CSV may read no files here; name the folders it may read with the option `allowFiles`";
        return Err(refused(message.to_owned()));
    }
    let url = name.strip_prefix("file://").map(decoded).transpose()?;
    if url.is_none() && name.contains("://") {
        return Err(refused(format!("LOAD CSV reads files of this machine alone, not {name}")));
    }
    let path = PathBuf::from(url.as_deref().unwrap_or(name));
    let below = path.strip_prefix("/").unwrap_or(&path);
    let relative = path.is_relative() || url.is_some();
    let candidates = std::iter::once(path.clone()).filter(|path| path.is_absolute());
    let in_folders = folders.iter().filter(|_| relative).map(|folder| folder.join(below));
    let roots: Vec<_> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    for found in candidates.chain(in_folders).filter_map(|candidate| candidate.canonicalize().ok()) {
        for folder in &roots {
            if let Ok(inside) = found.strip_prefix(folder) {
                return Ok(Allowed { folder: folder.clone(), inside: inside.to_owned() });
            }
        }
    }
    Err(refused(format!("there is no file {name} in the folders that LOAD CSV may read; `allowFiles` names them")))
}

/// The path of a URL behind `file://`.
fn decoded(path: &str) -> Result<String> {
    let invalid = || refused(format!("file://{path} is no URL of a file"));
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let value = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(value.ok_or_else(invalid)?);
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}
