//! Records of comma-separated values, as RFC 4180 has them, read strictly.
//!
//! A field in quotes may hold separators, line ends and doubled quotes. Lines end with LF or CR LF, and empty ones are
//! left out. A byte order mark before the first line is no part of it. What breaks these rules is an error with its place;
//! nothing is guessed.
//!
//! What a record takes is told while it grows, so that one of very many fields, or of a very long one, can be ended.

use std::io::{BufRead, Read};
use std::sync::Arc;

use crate::value::Value;

/// Most bytes of a record: one past that has a quote that is not closed, or is no text.
const RECORD_BYTES_MAX: usize = 16 << 20;
/// Most bytes that are read before it is told.
const PIECE_BYTES: usize = 64 << 10;
/// What a field takes beside its text: its place in the record, the counts of what is shared, and the value made of it.
const FIELD_BYTES: usize = size_of::<Field>() + 2 * size_of::<usize>() + size_of::<Value>();

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

/// Why there is no record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop<E> {
    Fault(Fault),
    /// What is told how much it takes has said no.
    Ended(E),
}

impl<E> From<Fault> for Stop<E> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Is told the bytes that the record takes so far, at least once a line.
pub(crate) type Watch<'w, E> = &'w mut dyn FnMut(usize) -> Result<(), E>;

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
    /// Bytes of its lines, and of its fields beside them.
    taken: usize,
}

impl Record {
    const fn new() -> Self {
        Self { fields: Vec::new(), field: String::new(), state: State::Start, opened: (0, 0), taken: 0 }
    }

    fn end_field<E>(&mut self, watch: Watch<'_, E>) -> Result<(), Stop<E>> {
        let text = std::mem::take(&mut self.field);
        self.take(FIELD_BYTES.saturating_add(text.len()), watch)?;
        self.fields.push(if self.state == State::Start { None } else { Some(text.into()) });
        self.state = State::Start;
        Ok(())
    }

    fn take<E>(&mut self, bytes: usize, watch: Watch<'_, E>) -> Result<(), Stop<E>> {
        self.taken = self.taken.saturating_add(bytes);
        watch(self.taken).map_err(Stop::Ended)
    }

    /// Whether nothing of it was read.
    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.state == State::Start
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
    pub fn record<E>(&mut self, watch: Watch<'_, E>) -> Result<Option<Vec<Field>>, Stop<E>> {
        let mut record = Record::new();
        let mut read = 0_usize;
        while self.next_line(RECORD_BYTES_MAX.saturating_sub(read), &mut record, watch)? {
            read = read.saturating_add(self.buffer.len());
            let bytes = std::mem::take(&mut self.buffer);
            let ended = self.line_of(&bytes, &mut record, watch);
            self.buffer = bytes;
            if ended? {
                return Ok(Some(record.fields));
            }
            if record.is_empty() {
                (read, record.taken) = (0, 0); // an empty line is no part of a record
            }
        }
        match record.state {
            State::Quoted => Err(Stop::Fault(Fault {
                line: record.opened.0,
                column: record.opened.1,
                message: "the file ends inside a field in quotes; close it with a quote".to_owned(),
            })),
            _ => Ok(None),
        }
    }

    /// Takes a line into a record; whether it is whole.
    fn line_of<E>(&self, bytes: &[u8], record: &mut Record, watch: Watch<'_, E>) -> Result<bool, Stop<E>> {
        let mut text = self.text(bytes)?;
        if self.line == 1 {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        let body = text.strip_suffix('\n').unwrap_or(text);
        let body = if body.len() < text.len() { body.strip_suffix('\r').unwrap_or(body) } else { body };
        if body.is_empty() && record.is_empty() {
            return Ok(false);
        }
        for (at, character) in body.chars().enumerate() {
            if character == self.separator && record.state != State::Quoted {
                record.end_field(watch)?;
            } else {
                self.step(character, at.saturating_add(1), record)?;
            }
        }
        if record.state == State::Quoted {
            record.field.push_str(text.get(body.len()..).unwrap_or_default());
            return Ok(false);
        }
        record.end_field(watch)?;
        Ok(true)
    }

    /// Takes a character that ends no field.
    fn step(&self, character: char, column: usize, record: &mut Record) -> Result<(), Fault> {
        let fault = |message: &str| Err(Fault { line: self.line, column, message: message.to_owned() });
        match (record.state, character) {
            (State::Quoted, '"') => record.state = State::Closed,
            (State::Quoted, other) => record.field.push(other),
            (State::Closed, '"') => {
                record.field.push('"');
                record.state = State::Quoted;
            }
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

    /// Reads a line with its end, of at most so many bytes; false at the end of the file.
    fn next_line<E>(&mut self, most: usize, record: &mut Record, watch: Watch<'_, E>) -> Result<bool, Stop<E>> {
        self.buffer.clear();
        self.buffer.shrink_to(PIECE_BYTES);
        self.line = self.line.saturating_add(1);
        let line = self.line;
        let fault = |message: String| Fault { line, column: 1, message };
        loop {
            let room = most.saturating_sub(self.buffer.len()).min(PIECE_BYTES);
            if room == 0 {
                let message = format!("a record is longer than {RECORD_BYTES_MAX} bytes; is a quote missing?");
                return Err(fault(message).into());
            }
            let limit = u64::try_from(room).unwrap_or(u64::MAX);
            let read = self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer);
            let count = read.map_err(|error| fault(format!("the file cannot be read on: {error}")))?;
            record.take(count, watch)?;
            if self.buffer.last() == Some(&b'\n') {
                return Ok(true);
            }
            if count < room {
                return Ok(!self.buffer.is_empty());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All records, none of which may take more than `most` bytes.
    fn within(most: usize, text: &[u8], separator: char) -> Result<Vec<Vec<Field>>, Stop<usize>> {
        let mut reader = Reader::new(text, separator);
        let mut records = Vec::new();
        let mut watch = |taken| if taken > most { Err(taken) } else { Ok(()) };
        while let Some(record) = reader.record(&mut watch)? {
            records.push(record);
        }
        Ok(records)
    }

    fn all(text: &[u8], separator: char) -> Result<Vec<Vec<Field>>, Fault> {
        within(usize::MAX, text, separator).map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Ended(taken) => panic!("ended at {taken}"),
        })
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

    #[test]
    fn a_record_is_ended_while_it_grows() {
        let ended = |text: &[u8]| match within(1 << 20, text, ',') {
            Err(Stop::Ended(taken)) => taken,
            other => panic!("{other:?}"),
        };
        // One byte of the file a field, of which each takes much more.
        let fields = vec![b','; 200_000];
        assert!(ended(&fields) <= (1 << 20) + FIELD_BYTES);
        // A line that has no end, and a field in quotes of many lines.
        let long = vec![b'x'; 2 << 20];
        assert!(ended(&long) <= (1 << 20) + PIECE_BYTES);
        let mut lines = b"x\n".repeat(1 << 20);
        lines.insert(0, b'"');
        assert!(ended(&lines) <= (1 << 20) + PIECE_BYTES);
        // Records are counted one by one, and empty lines are none.
        let many = [&b"a,b\n".repeat(100_000)[..], &b"\n".repeat(2 << 20)].concat();
        assert_eq!(within(1 << 20, &many, ',').unwrap().len(), 100_000);
    }
}
