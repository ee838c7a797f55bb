//! Seeking in an index: equal values of its first properties, then a range of the next one.

use std::ops::Bound;

use sledstore_engine::{Error, ErrorCode, KeyRange, Read, Result, ScanOptions};

use crate::graph::Graph;
use crate::index::IndexDefinition;
use crate::indexed_value::{comparable_kinds, encode_value, string_prefix, tag, value_length};
use crate::keys::{self, damaged, parse_number, take_id};
use crate::property::{Properties, invalid, take_value};
use crate::rows::{PAGE_BYTES, PAGE_ROWS};

/// What is sought of the property behind those that are sought by equality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeekNext<'a> {
    /// Anything, nothing included.
    #[default]
    Any,
    /// Values that have a form, in their order.
    Formed,
    /// Values that have none: maps, vectors, NaN and lists of these, in no order. Of the first property only indexes have
    /// them that are complete.
    Other,
    /// Nothing, behind values that are sought by equality.
    Missing,
    /// Values between two others of the same type, each the MessagePack of one value.
    Range(Bound<&'a [u8]>, Bound<&'a [u8]>),
    /// Strings that begin with this one.
    StartsWith(&'a str),
}

/// What is sought in an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seek<'a> {
    /// Values of the first properties, each the MessagePack of one value.
    pub equal: &'a [&'a [u8]],
    /// What is sought of the next property.
    pub next: SeekNext<'a>,
    /// From the greatest value to the least.
    pub reverse: bool,
}

/// A place among the entries that are sought. It holds no reader: each batch is read of the one that is given.
#[derive(Clone, Debug)]
pub struct IndexCursor {
    entries: Entries,
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
    reverse: bool,
}

/// How the entries of one index are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entries {
    prefix_bytes: usize,
    properties: usize,
    unique: bool,
}

impl Entries {
    pub fn of(index: &IndexDefinition) -> Self {
        let unique = index.kind.is_unique();
        let prefix_bytes = keys::index_prefix(index.id, unique).len();
        Self { prefix_bytes, properties: index.properties.len(), unique }
    }

    /// The node or edge that an entry stands for.
    pub fn subject(&self, key: &[u8], value: &[u8]) -> Result<u64> {
        if self.unique {
            return parse_number(value, "an index row");
        }
        let mut rest = key.get(self.prefix_bytes..).unwrap_or_default();
        for _ in 0..self.properties {
            let length = value_length(rest).ok_or_else(|| damaged("an index row"))?;
            rest = &rest[length..];
        }
        match (take_id(&mut rest), rest) {
            (Some(id), []) => Ok(id),
            _ => Err(damaged("an index row")),
        }
    }
}

impl IndexCursor {
    /// Appends the nodes or edges of the next `limit` entries, in the order of their values; answers whether more may
    /// follow.
    pub fn next_batch(&mut self, graph: &Graph, reader: &impl Read, limit: usize, into: &mut Vec<u64>) -> Result<bool> {
        let range = KeyRange { start: self.start.clone(), end: self.end.clone() };
        let options = ScanOptions { reverse: self.reverse, limit: Some(limit as u64), keys_only: !self.entries.unique };
        let mut scan = reader.scan(graph.namespace(), &range, options)?;
        let (mut last, mut outcome, before) = (Vec::new(), Ok(()), into.len());
        let entries = self.entries;
        let mut take = |key: &[u8], value: &[u8]| match entries.subject(key, value) {
            Ok(id) => {
                into.push(id);
                last.clear();
                last.extend_from_slice(key);
            }
            Err(error) => outcome = Err(error),
        };
        while scan.next_page(limit.min(PAGE_ROWS), PAGE_BYTES, &mut take)? {}
        outcome?;
        if !last.is_empty() {
            let place = Bound::Excluded(last);
            *(if self.reverse { &mut self.end } else { &mut self.start }) = place;
        }
        Ok(into.len() - before >= limit)
    }
}

impl Graph {
    /// The place before the first entry that is sought in the index of that number; `None` when a value has no form in an
    /// index (a map, a vector, NaN, null and lists of these), or is a list or point and sought by a range. Then nothing
    /// can be said, and what is sought must be found without the index.
    ///
    /// # Errors
    /// `NOT_FOUND` when the index is not there or still being built, `INVALID_ARGUMENT` for more values than the index has
    /// properties, and bytes that are not one MessagePack value.
    pub fn seek(&self, reader: &impl Read, index: u32, seek: &Seek<'_>) -> Result<Option<IndexCursor>> {
        let schema = self.schema(reader)?;
        let found = schema.whole().find(|known| known.id == index && known.kind.has_entries());
        let index = found.ok_or_else(|| {
            let message = format!("graph \"{}\" has no index {index} that can be sought in", self.name());
            Error::new(ErrorCode::NotFound, message)
        })?;
        let sought = seek.equal.len() + usize::from(seek.next != SeekNext::Any);
        if sought > index.properties.len() {
            return Err(invalid(format!(
                "{sought} values are sought in index \"{}\", which has {} properties",
                index.name,
                index.properties.len()
            )));
        }
        let mut prefix = keys::index_prefix(index.id, index.kind.is_unique());
        for value in seek.equal {
            let Some(encoded) = encode_bytes(value)? else { return Ok(None) };
            prefix.extend_from_slice(&encoded);
        }
        let Some(range) = next_range(&prefix, seek.next)? else { return Ok(None) };
        let entries = Entries::of(index);
        Ok(Some(IndexCursor { entries, start: range.start, end: range.end, reverse: seek.reverse }))
    }

    /// The nodes or edges whose first values are `equal`, in ascending order of their ids.
    pub(crate) fn entries_under(&self, reader: &impl Read, index: &IndexDefinition, prefix: &[u8]) -> Result<Vec<u64>> {
        let KeyRange { start, end } = KeyRange::prefix(prefix);
        let mut cursor = IndexCursor { entries: Entries::of(index), start, end, reverse: false };
        let mut found = Vec::new();
        while cursor.next_batch(self, reader, PAGE_ROWS, &mut found)? {}
        found.sort_unstable();
        Ok(found)
    }

    /// The numbers of the indexes that can be sought in, with what they cover, for whoever plans a query.
    pub fn indexes_to_seek(&self, reader: &impl Read) -> Result<Vec<crate::schema::IndexInfo>> {
        let mut infos = self.all_indexes(reader)?;
        infos.retain(|info| !info.is_building && info.spec.kind.has_entries());
        Ok(infos)
    }
}

fn encode_bytes(mut value: &[u8]) -> Result<Option<Vec<u8>>> {
    let parsed = take_value(&mut value)?;
    if !value.is_empty() {
        return Err(invalid("bytes follow the value that is sought"));
    }
    Properties::check_value(&parsed)?;
    Ok(encode_value(&parsed))
}

/// The entries behind `prefix`; `None` when a value has no form, or none that has a range.
fn next_range(prefix: &[u8], next: SeekNext<'_>) -> Result<Option<KeyRange>> {
    let with = |encoded: &[u8]| [prefix, encoded].concat();
    let (lower, upper) = match next {
        SeekNext::Any => return Ok(Some(KeyRange::prefix(prefix))),
        SeekNext::Formed => {
            let (start, end) = (Bound::Included(with(&[tag::LIST])), Bound::Excluded(with(&[tag::MISSING])));
            return Ok(Some(KeyRange { start, end }));
        }
        SeekNext::Other => return Ok(Some(KeyRange::prefix(&with(&[tag::OTHER])))),
        SeekNext::Missing => return Ok(Some(KeyRange::prefix(&with(&[tag::MISSING])))),
        SeekNext::StartsWith(text) => return Ok(Some(KeyRange::prefix(&with(&string_prefix(text))))),
        SeekNext::Range(lower, upper) => (encode_bound(lower)?, encode_bound(upper)?),
    };
    let (Some(lower), Some(upper)) = (lower, upper) else { return Ok(None) };
    let kinds = [&lower, &upper].into_iter().filter_map(|bound| match bound {
        Bound::Included(value) | Bound::Excluded(value) => value.first().map(|&first| comparable_kinds(first)),
        Bound::Unbounded => None,
    });
    let kinds: Vec<_> = kinds.collect();
    let Some(&Some((least, greatest))) = kinds.first() else { return Ok(None) };
    if kinds.iter().any(|&other| other != Some((least, greatest))) {
        // Values of two types have nothing between them, unless one has no range at all.
        return Ok(kinds.iter().all(Option::is_some).then(|| empty(prefix)));
    }
    // No form begins with another, so that the keys that begin with one are those of its value.
    let above = |value: &[u8]| KeyRange::prefix(&with(value)).end;
    let start = match &lower {
        Bound::Included(value) => Bound::Included(with(value)),
        Bound::Excluded(value) => match above(value) {
            Bound::Excluded(end) => Bound::Included(end),
            other => other,
        },
        Bound::Unbounded => Bound::Included(with(&[least])),
    };
    let end = match &upper {
        Bound::Included(value) => above(value),
        Bound::Excluded(value) => Bound::Excluded(with(value)),
        Bound::Unbounded => above(&[greatest]),
    };
    Ok(Some(KeyRange { start, end }))
}

fn empty(prefix: &[u8]) -> KeyRange {
    KeyRange { start: Bound::Included(prefix.to_vec()), end: Bound::Excluded(prefix.to_vec()) }
}

/// `None` when the value has no form.
fn encode_bound(bound: Bound<&[u8]>) -> Result<Option<Bound<Vec<u8>>>> {
    Ok(match bound {
        Bound::Included(value) => encode_bytes(value)?.map(Bound::Included),
        Bound::Excluded(value) => encode_bytes(value)?.map(Bound::Excluded),
        Bound::Unbounded => Some(Bound::Unbounded),
    })
}
