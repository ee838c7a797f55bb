//! What is asked: MessagePack, one value after the other.
//!
//! The text; a map of parameters; milliseconds it may take and bytes it may hold, each null for any; and, if it may read
//! files, a list of the folders they lie in, else null; and, of a graph with a schema, its bytes as
//! [`Vocabulary`](crate::Vocabulary) reads them. What is null at the end may be left out.

use std::path::PathBuf;
use std::time::Duration;

use super::decode::{Decoder, Result, Undecodable};
use crate::execute::Limits;
use crate::value::Value;

/// A statement with its parameters and limits.
#[derive(Debug)]
pub struct Request<'b> {
    /// The statement.
    pub text: &'b str,
    /// Parameters by name.
    pub parameters: Vec<(&'b str, Value)>,
    /// What it may take.
    pub limits: Limits,
    /// The schema of a typed graph, which the statement is held against.
    pub schema: Option<&'b [u8]>,
}

impl<'b> Request<'b> {
    /// Reads a request.
    ///
    /// # Errors
    /// Bytes that are none, and parameters that the language refuses.
    pub fn parse(bytes: &'b [u8]) -> Result<Self> {
        let mut decoder = Decoder::new(bytes);
        let text = decoder.text()?;
        let count = decoder.map_length()?;
        let mut parameters = Vec::with_capacity(count.min(bytes.len()));
        for _ in 0..count {
            let name = decoder.text()?;
            parameters.push((name, decoder.value()?));
        }
        let time = number(&decoder.value()?)?.map(Duration::from_millis);
        let memory_bytes = number(&decoder.value()?)?.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let files = if decoder.is_at_end() { Vec::new() } else { folders(&decoder.value()?)? };
        let schema = if decoder.is_at_end() { None } else { Some(decoder.bytes()?) };
        Ok(Self { text, parameters, limits: Limits { memory_bytes, time, abort: None, files }, schema })
    }

    /// The text, and the schema it is held against.
    pub(super) fn asked(&self) -> (&'b str, Option<&'b [u8]>) {
        (self.text, self.schema)
    }

    /// The parameter of a name; the last where several have it.
    pub(super) fn parameter(&self, name: &str) -> Option<Value> {
        self.parameters.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.clone())
    }
}

fn folders(value: &Value) -> Result<Vec<PathBuf>> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::List(list) => list,
        _ => return Err(Undecodable::Bytes),
    };
    let folder = |value: &Value| match value {
        Value::String(path) => Ok(PathBuf::from(&**path)),
        _ => Err(Undecodable::Bytes),
    };
    list.values().iter().map(folder).collect()
}

fn number(value: &Value) -> Result<Option<u64>> {
    match value {
        Value::Null => Ok(None),
        Value::Integer(number) => u64::try_from(*number).map(Some).map_err(|_| Undecodable::Bytes),
        _ => Err(Undecodable::Bytes),
    }
}
