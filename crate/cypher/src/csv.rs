//! Records of comma-separated values, as RFC 4180 has them, read strictly.
//!
//! A field in quotes may hold separators, line ends and doubled quotes. Lines end with LF or CR LF, and empty ones are
//! left out. A byte order mark before the first line is no part of it. What breaks these rules is an error with its place;
//! nothing is guessed.

use std::io::{BufRead, Read};
use std::sync::Arc;

/// Most bytes of a record: one past that has a quote that is not closed, or is no text.
const RECORD_BYTES_MAX: usize = 16 << 20;

/// A field; `None` for one with nothing in it, where quotes around nothing are an empty text.
pub(crate) type Field = Option<Arc<str>>;

/// Why a file is no CSV.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted from one.
    pub line: usize,
    /// In characters, counted from one.
    pub column: usize,
    pub message: String,
}

/// Reads record after record.
pub(crate) struct Reader<R> {
    input: R,
    separator: char,
    /// The number of the line that was read last.
    line: usize,
    buffer: Vec<u8>,
}

/// Where in a field the next character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quote that closed the field, unless another follows.
    Closed,
}

/// A record while it is read.
struct Record {
    fields: Vec<Field>,
    field: String,
    state: State,
    /// Line and column of the last quote that opened a field.
    opened: (usize, usize),
}

impl Record {
    fn end_field(&mut self) {
        let text = std::mem::take(&mut self.field);
        self.fields.push(if self.state == State::Start { None } else { Some(text.into()) });
        self.state = State::Start;
    }
}

impl<R: BufRead> Reader<R> {
    pub const fn new(input: R, separator: char) -> Self {
        Self { input, separator, line: 0, buffer: Vec::new() }
    }

    /// The number of the line at which the last record ended.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The next record; `None` at the end.
    pub fn record(&mut self) -> Result<Option<Vec<Field>>, Fault> {
        let mut record = Record { fields: Vec::new(), field: String::new(), state: State::Start, opened: (0, 0) };
        let mut read = 0_usize;
        while self.next_line(RECORD_BYTES_MAX.saturating_sub(read))? {
            read = read.saturating_add(self.buffer.len());
            let bytes = std::mem::take(&mut self.buffer);
            let ended = self.line_of(&bytes, &mut record);
            self.buffer = bytes;
            if ended? {
                return Ok(Some(record.fields));
            }
            if record.fields.is_empty() && matches!(record.state, State::Start) {
                read = 0; // an empty line is no part of a record
            }
        }
        match record.state {
            State::Quoted => Err(Fault {
                line: record.opened.0,
                column: record.opened.1,
                message: "the file ends inside a field in quotes; close it with a quote".to_owned(),
            }),
            _ => Ok(None),
        }
    }

    /// Takes a line into a record; whether it is whole.
    fn line_of(&self, bytes: &[u8], record: &mut Record) -> Result<bool, Fault> {
        let mut text = self.text(bytes)?;
        if self.line == 1 {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        let body = text.strip_suffix('\n').unwrap_or(text);
        let body = if body.len() < text.len() { body.strip_suffix('\r').unwrap_or(body) } else { body };
        if body.is_empty() && record.fields.is_empty() && record.state == State::Start {
            return Ok(false);
        }
        for (at, character) in body.chars().enumerate() {
            self.step(character, at.saturating_add(1), record)?;
        }
        if record.state == State::Quoted {
            record.field.push_str(text.get(body.len()..).unwrap_or_default());
            return Ok(false);
        }
        record.end_field();
        Ok(true)
    }

    fn step(&self, character: char, column: usize, record: &mut Record) -> Result<(), Fault> {
        let fault = |message: &str| Err(Fault { line: self.line, column, message: message.to_owned() });
        match (record.state, character) {
            (State::Quoted, '"') => record.state = State::Closed,
            (State::Quoted, other) => record.field.push(other),
            (State::Closed, '"') => {
                record.field.push('"');
                record.state = State::Quoted;
            }
            (_, other) if other == self.separator => record.end_field(),
            (State::Closed, _) => return fault("only a separator may follow the quote that closes a field"),
            (State::Start, '"') => {
                record.opened = (self.line, column);
                record.state = State::Quoted;
            }
            (_, '"') => {
                return fault("a quote stands inside a field without quotes; put the field in quotes and double it");
            }
            (_, other) => {
                record.field.push(other);
                record.state = State::Plain;
            }
        }
        Ok(())
    }

    fn text<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, Fault> {
        std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
            let column = valid.map_or(0, |valid| valid.chars().count()).saturating_add(1);
            Fault { line: self.line, column, message: "the bytes are no text in UTF-8".to_owned() }
        })
    }

    /// Reads a line with its end; false at the end of the file.
    fn next_line(&mut self, most: usize) -> Result<bool, Fault> {
        self.buffer.clear();
        let limit = u64::try_from(most).unwrap_or(u64::MAX);
        let read = self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer);
        self.line = self.line.saturating_add(1);
        let fault = |message: String| Fault { line: self.line, column: 1, message };
        match read {
            Ok(0) if most > 0 => Ok(false),
            Ok(count) if count == most && self.buffer.last() != Some(&b'\n') => {
                Err(fault(format!("a record is longer than {RECORD_BYTES_MAX} bytes; is a quote missing?")))
            }
            Ok(_) => Ok(true),
            Err(error) => Err(fault(format!("the file cannot be read on: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], separator: char) -> Result<Vec<Vec<Field>>, Fault> {
        let mut reader = Reader::new(text, separator);
        let mut records = Vec::new();
        while let Some(record) = reader.record()? {
            records.push(record);
        }
        Ok(records)
    }

    fn fields(fields: &[Option<&str>]) -> Vec<Field> {
        fields.iter().map(|field| field.map(Into::into)).collect()
    }

    #[test]
    fn records_are_read_as_they_are_written() {
        let text = "\u{feff}a,\"b \"\"c\"\"\",\r\n\n\"x\r\ny\",\"\", z\n1\t2,,".as_bytes();
        assert_eq!(
            all(text, ',').unwrap(),
            [
                fields(&[Some("a"), Some("b \"c\""), None]),
                fields(&[Some("x\r\ny"), Some(""), Some(" z")]),
                fields(&[Some("1\t2"), None, None]),
            ]
        );
        assert_eq!(all("a→b,c".as_bytes(), '→').unwrap(), [fields(&[Some("a"), Some("b,c")])]);
        assert_eq!(all(b"", ',').unwrap(), [] as [Vec<Field>; 0]);
        assert_eq!(all(b"\n\r\n", ',').unwrap(), [] as [Vec<Field>; 0]);
    }

    #[test]
    fn faults_have_their_place() {
        let place = |text: &[u8]| {
            let fault = all(text, ',').unwrap_err();
            (fault.line, fault.column)
        };
        assert_eq!(place(b"a,b\nc,\"d"), (2, 3));
        assert_eq!(place(b"a,b\n\"c\"d,e"), (2, 4));
        assert_eq!(place("ä,b\"c".as_bytes()), (1, 4));
        assert_eq!(place(b"a\n\"x\ny\" z"), (3, 3));
        assert_eq!(place(b"a\nb\xffc"), (2, 2));
        let mut long = vec![b'x'; RECORD_BYTES_MAX + 1];
        assert_eq!(place(&long), (1, 1));
        long.truncate(RECORD_BYTES_MAX - 1);
        assert_eq!(all(&long, ',').unwrap().len(), 1);
        long.splice(0..0, *b"\"\n");
        assert_eq!(place(&long), (2, 1));
    }
}
