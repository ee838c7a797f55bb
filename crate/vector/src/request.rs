//! Changes and questions as buffers, for callers in another language. Integers and floats are little-endian, and a
//! vector is as many components as the index has dimensions: `f32` (of halves, too), `i8`, or bits, the first one the
//! highest of its byte.
//!
//! | Change | Form |
//! |---|---|
//! | put | `1 ‖ key length u16 ‖ attributes length u32 (0: none) ‖ vector ‖ key ‖ attributes` |
//! | delete | `2 ‖ key length u16 ‖ key` |
//! | clear | `3` |
//!
//! | Question | Form | Answer |
//! |---|---|---|
//! | get | `1 ‖ key` | nothing when missing, else `vector ‖ attributes` |
//! | has | `2 ‖ key` | `u8` |
//! | count | `3` | `u64` |
//! | explain | `5`, then as a search | `way u8 ‖ vectors u64 ‖ matching u64 ‖ pending u64 ‖ width u64 ‖ evaluations u64 ‖ tested u64` |
//! | many | `6`, then `length u32 ‖ question` for each | `length u32 ‖ answer` for each |
//! | walk | `7 ‖ parts u8 ‖ parts` | a page, nothing behind the last: `key length u16 ‖ attributes length u32 ‖ vector ‖ key ‖ attributes` for each |
//! | search | `4 ‖ parts u16 ‖ k u32 ‖ vector ‖ parts` | each neighbor: `distance f64 ‖ key length u16 ‖ attributes length u32 ‖ key ‖ attributes`, and the vector where it is asked for |
//!
//! The parts of a search, each there when its bit is set: 1 maximal distance `f64`, 2 filter `length u32 ‖ map`,
//! 4 keys `count u32 ‖ (length u16 ‖ key)…`, 8 the place to go on after `distance f64 ‖ length u16 ‖ key`, 16 compare all,
//! 32 candidates `u32`, 64 without attributes, 128 with vectors, 256 diversity `lambda f64 ‖ fetch u32`, 512 an
//! answer that is kept will do. Those of a walk: 1 the key to go on behind `length u16 ‖ key`, 2 filter `length u32 ‖ map`, 4 keys alone, `key length u16 ‖ key` for each.

use sledstore_engine::{Error, Read, Result, ScanOptions, Write};

use crate::attribute_walk::AttributeWalk;
use crate::diverse::Diversity;
use crate::filter::Filter;
use crate::index::VectorIndex;
use crate::keys::{RowKind, user_key};
use crate::nearest::Place;
use crate::plan::Way;
use crate::row::invalid;
use crate::search::Search;

/// A page of a walk, at most.
const WALK_ROWS: usize = 1_024;
const WALK_BYTES: usize = 256 << 10;

mod change {
    pub const PUT: u8 = 1;
    pub const DELETE: u8 = 2;
    pub const CLEAR: u8 = 3;
}

mod question {
    pub const GET: u8 = 1;
    pub const HAS: u8 = 2;
    pub const COUNT: u8 = 3;
    pub const SEARCH: u8 = 4;
    pub const EXPLAIN: u8 = 5;
    pub const MANY: u8 = 6;
    pub const WALK: u8 = 7;
}

mod part {
    pub const MAX_DISTANCE: u16 = 1;
    pub const FILTER: u16 = 2;
    pub const KEYS: u16 = 4;
    pub const AFTER: u16 = 8;
    pub const EXACT: u16 = 16;
    pub const WIDTH: u16 = 32;
    pub const BARE: u16 = 64;
    pub const VECTORS: u16 = 128;
    pub const DIVERSITY: u16 = 256;
    pub const KEPT: u16 = 512;
}

mod walked {
    pub const BEHIND: u8 = 1;
    pub const FILTER: u8 = 2;
    pub const KEYS: u8 = 4;
}

impl VectorIndex {
    /// Writes a buffer of changes. When one fails, those before it are in `write`, which is then to be given up.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for bytes that are no changes; as [`VectorIndex::put`], [`VectorIndex::delete`] and
    /// [`VectorIndex::clear`].
    pub fn apply_changes(&self, write: &mut impl Write, changes: &[u8]) -> Result<()> {
        let mut input = Input { rest: changes };
        let mut vector = Vec::with_capacity(self.dimensions());
        while !input.rest.is_empty() {
            match input.u8()? {
                change::PUT => {
                    let key_length = input.u16()?;
                    let attributes_length = input.u32()?;
                    input.vector(self, &mut vector)?;
                    let key = input.bytes(usize::from(key_length))?;
                    let attributes = input.bytes(attributes_length as usize)?;
                    self.put(write, key, &vector, (!attributes.is_empty()).then_some(attributes))?;
                }
                change::DELETE => self.delete(write, input.key()?)?,
                change::CLEAR => self.clear(write)?,
                other => return Err(invalid(format!("there is no change {other} of vectors"))),
            }
        }
        Ok(())
    }

    /// Answers a question.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for bytes that are no question; as the method it asks for.
    pub fn answer(&self, read: &impl Read, question: &[u8]) -> Result<Vec<u8>> {
        let mut input = Input { rest: question };
        let mut answer = Vec::new();
        match input.u8()? {
            question::GET => {
                let (shape, row_key) = (self.shape(), RowKind::Vector.row_key(input.rest)?);
                let found = read.get_with(self.namespace(), &row_key, |row| {
                    shape.split(row).ok_or_else(|| shape.damaged(&self.place(), row))?.append_crossing(&mut answer);
                    Ok(())
                })?;
                if found.transpose()?.is_some() {
                    answer.extend(self.attributes(read, input.rest)?.unwrap_or_default());
                }
            }
            question::HAS => answer.push(self.contains(read, input.rest)?.into()),
            question::COUNT => answer.extend_from_slice(&self.count(read)?.to_le_bytes()),
            question::SEARCH => return self.answer_search_kept(read, question),
            question::EXPLAIN => drop(self.answer_search(read, &mut input, true, &mut answer)?),
            question::MANY => {
                while !input.rest.is_empty() {
                    let length = input.u32()? as usize;
                    let question = input.bytes(length)?;
                    if question.first() == Some(&question::MANY) {
                        return Err(invalid("a question of several is none of them"));
                    }
                    let one = self.answer(read, question)?;
                    answer.extend_from_slice(&(one.len() as u32).to_le_bytes());
                    answer.extend_from_slice(&one);
                }
            }
            question::WALK => self.answer_walk(read, &mut input, &mut answer)?,
            other => return Err(invalid(format!("there is no question {other} about vectors"))),
        }
        Ok(answer)
    }

    /// A page of vectors with their attributes, or of their keys alone, in the order of their keys.
    fn answer_walk(&self, read: &impl Read, input: &mut Input<'_>, answer: &mut Vec<u8>) -> Result<()> {
        let shape = self.shape();
        let parts = input.u8()?;
        let behind = if parts & walked::BEHIND != 0 { Some(input.key()?) } else { None };
        let filter = if parts & walked::FILTER != 0 { Some(input.filter()?) } else { None };
        let keys_only = parts & walked::KEYS != 0;
        self.check_filter(filter.as_ref())?;
        let range = match behind {
            Some(key) => RowKind::Vector.above(key)?,
            None => RowKind::Vector.all(),
        };
        let mut scan = read.scan(self.namespace(), &range, ScanOptions { keys_only, ..ScanOptions::default() })?;
        let mut walk = AttributeWalk::begin(self, read, behind.unwrap_or_default())?;
        let mut failed = Ok(());
        // A page of which nothing matches is no end.
        while answer.is_empty() && failed.is_ok() {
            let more = scan.next_page(WALK_ROWS, WALK_BYTES, &mut |row_key, row| {
                let mut visit = || {
                    let key = user_key(row_key);
                    // The walk begins behind the empty key.
                    let first =
                        if key.is_empty() { self.attributes(read, key)?.unwrap_or_default() } else { Vec::new() };
                    let attributes = match (&filter, keys_only) {
                        (None, true) => &[],
                        _ if key.is_empty() => &first[..],
                        _ => walk.advance_to(key)?,
                    };
                    let matches = filter.as_ref().map_or(Some(true), |filter| filter.matches(attributes));
                    if !matches.ok_or_else(|| damaged_attributes(&self.place()))? {
                        return Ok(());
                    }
                    answer.extend_from_slice(&(key.len() as u16).to_le_bytes());
                    if keys_only {
                        answer.extend_from_slice(key);
                        return Ok(());
                    }
                    let row = shape.split(row).ok_or_else(|| shape.damaged(&self.place(), row))?;
                    answer.extend_from_slice(&(attributes.len() as u32).to_le_bytes());
                    row.append_crossing(answer);
                    answer.extend_from_slice(key);
                    answer.extend_from_slice(attributes);
                    Ok(())
                };
                if failed.is_ok() {
                    failed = visit();
                }
            })?;
            if !more {
                break;
            }
        }
        failed
    }

    /// The answer of a search that was asked for before, as long as nothing has changed; else it is searched.
    fn answer_search_kept(&self, read: &impl Read, question: &[u8]) -> Result<Vec<u8>> {
        let shared = self.shared()?;
        let parts = Input { rest: question.get(1..).unwrap_or_default() }.u16()?;
        let moment = if parts & part::KEPT != 0 { self.moment(read, &shared)? } else { None };
        if let Some(kept) = moment.and_then(|moment| shared.results.get(moment, question)) {
            return Ok(kept);
        }
        let mut answer = Vec::new();
        let way =
            self.answer_search(read, &mut Input { rest: question.get(1..).unwrap_or_default() }, false, &mut answer)?;
        if let Some(moment) = moment.filter(|_| way != Way::All) {
            shared.results.insert(self.store(), moment, question, &answer);
        }
        Ok(answer)
    }

    fn answer_search(
        &self,
        read: &impl Read,
        input: &mut Input<'_>,
        explains: bool,
        answer: &mut Vec<u8>,
    ) -> Result<Way> {
        let parts = input.u16()?;
        let k = input.u32()? as usize;
        let mut vector = Vec::with_capacity(self.dimensions());
        input.vector(self, &mut vector)?;
        let max_distance = if parts & part::MAX_DISTANCE != 0 { Some(input.f64()?) } else { None };
        let filter = if parts & part::FILTER != 0 { Some(input.filter()?) } else { None };
        let keys = if parts & part::KEYS != 0 { Some(input.keys()?) } else { None };
        let after =
            if parts & part::AFTER != 0 { Some(Place { distance: input.f64()?, key: input.key()? }) } else { None };
        let width = if parts & part::WIDTH != 0 { Some(input.u32()? as usize) } else { None };
        let diversity = if parts & part::DIVERSITY != 0 {
            Some(Diversity { lambda: input.f64()?, fetch: input.u32()? as usize })
        } else {
            None
        };
        let (filter, keys) = (filter.as_ref(), keys.as_deref());
        let (exact, with_attributes) = (parts & part::EXACT != 0, parts & part::BARE == 0);
        let rest = Search::nearest(k);
        let search = Search { max_distance, keys, filter, after, width, exact, with_attributes, diversity, ..rest };
        let (found, plan) = self.search_explained(read, &vector, &search)?;
        if explains {
            answer.push(plan.way as u8);
            let numbers = [plan.vectors, plan.matching, plan.pending, plan.width, plan.evaluations, plan.tested];
            answer.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            return Ok(plan.way);
        }
        for neighbor in found {
            let attributes = neighbor.attributes.unwrap_or_default();
            answer.extend_from_slice(&neighbor.distance.to_le_bytes());
            answer.extend_from_slice(&(neighbor.key.len() as u16).to_le_bytes());
            answer.extend_from_slice(&(attributes.len() as u32).to_le_bytes());
            answer.extend_from_slice(&neighbor.key);
            answer.extend_from_slice(&attributes);
            if parts & part::VECTORS != 0 {
                let (shape, row_key) = (self.shape(), RowKind::Vector.row_key(&neighbor.key)?);
                let read = read.get_with(self.namespace(), &row_key, |row| {
                    shape.split(row).ok_or_else(|| shape.damaged(&self.place(), row))?.append_crossing(answer);
                    Ok(())
                })?;
                read.unwrap_or_else(|| Err(Error::corruption(self.place(), "a vector that was found is missing")))?;
            }
        }
        Ok(plan.way)
    }
}

fn damaged_attributes(place: &str) -> Error {
    Error::corruption(place, "the attributes of a vector are damaged")
}

/// Takes values off the front of a buffer.
struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(*head)
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(head)
    }

    fn u8(&mut self) -> Result<u8> {
        Ok(u8::from_le_bytes(self.take()?))
    }

    fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.take()?))
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.take()?))
    }

    fn key(&mut self) -> Result<&'a [u8]> {
        let length = self.u16()?;
        self.bytes(usize::from(length))
    }

    fn filter(&mut self) -> Result<Filter> {
        let length = self.u32()? as usize;
        Filter::parse(self.bytes(length)?)
    }

    fn keys(&mut self) -> Result<Vec<&'a [u8]>> {
        // Collected one by one: a false count must not reserve memory.
        (0..self.u32()?).map(|_| self.key()).collect()
    }

    fn vector(&mut self, index: &VectorIndex, vector: &mut Vec<f32>) -> Result<()> {
        let bytes = self.bytes(index.element().bytes_crossing(index.dimensions()))?;
        vector.clear();
        index.element().append_crossed(bytes, vector);
        Ok(())
    }
}

fn cut_short() -> Error {
    invalid("a buffer about vectors ends too early")
}
