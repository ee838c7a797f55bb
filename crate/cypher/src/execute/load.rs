//! LOAD CSV: rows out of files, which lie in the folders that the caller allows.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch::Batch;
use super::pipeline::{Result, Rowwise};
use super::runtime::{Cx, set};
use crate::csv::{Fault, Field, Reader};
use crate::error::{CypherError, Detail, Kind};
use crate::plan::operator::Load;
use crate::value::{Map, Value};

const READ_BYTES: usize = 64 << 10;

pub(super) struct Loading<'p> {
    plan: &'p Load,
    open: Option<Opened>,
}

/// A file that rows are read of.
struct Opened {
    path: PathBuf,
    reader: Reader<BufReader<File>>,
    headers: Option<Vec<Arc<str>>>,
}

impl<'p> Loading<'p> {
    pub const fn new(plan: &'p Load) -> Self {
        Self { plan, open: None }
    }
}

impl Rowwise for Loading<'_> {
    fn begin(&mut self, cx: Cx<'_, '_>, row: &[Value]) -> Result<()> {
        self.open = match cx.value(&self.plan.source, row)? {
            Value::String(name) => Some(Opened::new(&name, &cx.runtime.files, self.plan)?),
            other => {
                let message = format!("LOAD CSV takes the name of a file, not a {}", other.type_name());
                return Err(CypherError::runtime(Kind::TypeError, Detail::InvalidArgumentType, message));
            }
        };
        Ok(())
    }

    fn more(&mut self, cx: Cx<'_, '_>, row: &[Value], most: usize, out: &mut Batch) -> Result<bool> {
        let Some(open) = &mut self.open else { return Ok(true) };
        while out.len() < most {
            cx.proceed()?;
            let Some(value) = open.next()? else {
                self.open = None;
                return Ok(true);
            };
            set(out.push(row), self.plan.slot, value);
        }
        Ok(false)
    }

    fn reset(&mut self, _: Cx<'_, '_>) {
        self.open = None;
    }
}

impl Opened {
    fn new(name: &str, folders: &[PathBuf], plan: &Load) -> Result<Self> {
        let path = allowed(name, folders)?;
        let unreadable =
            |error: std::io::Error| refused(format!("the file {} cannot be read: {error}", path.display()));
        // Before it is opened, for a pipe without a writer would hold the thread.
        if !path.metadata().map_err(unreadable)?.is_file() {
            return Err(refused(format!("{} is no file", path.display())));
        }
        let file = File::open(&path).map_err(unreadable)?;
        let reader = Reader::new(BufReader::with_capacity(READ_BYTES, file), plan.separator.unwrap_or(','));
        let mut opened = Self { path, reader, headers: None };
        if plan.headers {
            opened.headers = Some(opened.read_headers()?);
        }
        Ok(opened)
    }

    fn read_headers(&mut self) -> Result<Vec<Arc<str>>> {
        let Some(fields) = self.record()? else { return Ok(Vec::new()) };
        let mut headers: Vec<Arc<str>> = Vec::with_capacity(fields.len());
        for (at, field) in fields.into_iter().enumerate() {
            let name = field.filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| self.fault(&format!("field {} of the header has no name", at + 1)))?;
            if headers.contains(&name) {
                return Err(self.fault(&format!("the header has two fields named {name}")));
            }
            headers.push(name);
        }
        Ok(headers)
    }

    /// The next line as a value.
    fn next(&mut self) -> Result<Option<Value>> {
        let Some(fields) = self.record()? else { return Ok(None) };
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

    fn record(&mut self) -> Result<Option<Vec<Field>>> {
        self.reader.record().map_err(|fault| faulty(&self.path, &fault))
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

/// The file of a name, links resolved, if it lies in one of the folders. A name that is no absolute path, or a `file:`
/// URL, is looked for in each of them.
fn allowed(name: &str, folders: &[PathBuf]) -> Result<PathBuf> {
    if folders.is_empty() {
        let message = "LOAD CSV may read no files here; name the folders it may read with the option `allowFiles`";
        return Err(refused(message.to_owned()));
    }
    let url = name.strip_prefix("file://").map(decoded).transpose()?;
    if url.is_none() && name.contains("://") {
        return Err(refused(format!("LOAD CSV reads files of this machine alone, not {name}")));
    }
    let path = PathBuf::from(url.as_deref().unwrap_or(name));
    let inside = path.strip_prefix("/").unwrap_or(&path);
    let relative = path.is_relative() || url.is_some();
    let candidates = std::iter::once(path.clone()).filter(|path| path.is_absolute());
    let below = folders.iter().filter(|_| relative).map(|folder| folder.join(inside));
    let roots: Vec<_> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    let mut outside = false;
    for candidate in candidates.chain(below) {
        if let Ok(found) = candidate.canonicalize() {
            if roots.iter().any(|root| found.starts_with(root)) {
                return Ok(found);
            }
            outside = true;
        }
    }
    Err(refused(if outside {
        format!("the file {name} lies outside the folders that LOAD CSV may read; name its folder with `allowFiles`")
    } else {
        format!("there is no file {name} in the folders that LOAD CSV may read")
    }))
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
