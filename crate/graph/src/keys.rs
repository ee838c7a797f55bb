//! Row keys of a graph's namespace: builders and their inverses.
//!
//! Ids are written as one byte with the number of bytes that follow, then the id big-endian without leading zeros:
//! byte order is number order, no id is the prefix of another, and the ids of a small graph take three or four bytes.

use sledstore_engine::{Error, Result, Seq};

use crate::model::{Direction, EdgeId, NodeId};

/// First byte of every key; kinds that are read together stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RowKind {
    Counter = 0x01,
    NameToId = 0x02,
    IdToName = 0x03,
    Schema = 0x04,
    Total = 0x05,
    CountChange = 0x06,
    Node = 0x10,
    Edge = 0x11,
    Adjacency = 0x12,
    Label = 0x13,
    Index = 0x14,
    Unique = 0x15,
    Posting = 0x16,
    Document = 0x17,
}

impl RowKind {
    /// A transaction that read the counters would conflict with the commits that reserve its own ids, and one that read
    /// the totals with every writer.
    pub const ALL_BUT_COUNTS: [Self; 11] = [
        Self::NameToId,
        Self::IdToName,
        Self::Schema,
        Self::Node,
        Self::Edge,
        Self::Adjacency,
        Self::Label,
        Self::Index,
        Self::Unique,
        Self::Posting,
        Self::Document,
    ];
}

/// A number that is raised and never lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum CounterKind {
    Node = b'n',
    Edge = b'e',
    Name = b'i',
    CountChange = b'c',
}

/// What a name stands for; labels and edge types do not share numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum NameClass {
    Label = b'l',
    EdgeType = b't',
}

/// Appends `id` in its ordered form.
pub(crate) fn push_id(key: &mut Vec<u8>, id: u64) {
    let skipped = id.leading_zeros() / 8;
    let mut form = [8 - skipped as u8; 9];
    form[1..].copy_from_slice(&id.checked_shl(8 * skipped).unwrap_or_default().to_be_bytes());
    // A copy of known length and a cut take less time than a copy of any length.
    key.extend_from_slice(&form);
    key.truncate(key.len() - skipped as usize);
}

/// Takes an id off the front of `bytes`; `None` when the bytes are not one in its shortest form.
pub(crate) fn take_id(bytes: &mut &[u8]) -> Option<u64> {
    let (&length, rest) = bytes.split_first()?;
    let (digits, rest) = rest.split_at_checked(usize::from(length))?;
    if digits.len() > 8 || digits.first() == Some(&0) {
        return None;
    }
    *bytes = rest;
    Some(digits.iter().fold(0, |id, &digit| id << 8 | u64::from(digit)))
}

fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    u32::try_from(take_id(bytes)?).ok()
}

fn start(kind: RowKind) -> Vec<u8> {
    let mut key = Vec::with_capacity(32);
    key.push(kind as u8);
    key
}

fn with_id(kind: RowKind, id: u64) -> Vec<u8> {
    let mut key = start(kind);
    push_id(&mut key, id);
    key
}

pub(crate) fn counter(counter: CounterKind) -> Vec<u8> {
    vec![RowKind::Counter as u8, counter as u8]
}

pub(crate) fn schema() -> Vec<u8> {
    vec![RowKind::Schema as u8]
}

pub(crate) fn name_to_id(class: NameClass, name: &str) -> Vec<u8> {
    let mut key = vec![RowKind::NameToId as u8, class as u8];
    key.extend_from_slice(name.as_bytes());
    key
}

pub(crate) fn id_to_name(class: NameClass, id: u32) -> Vec<u8> {
    let mut key = vec![RowKind::IdToName as u8, class as u8];
    push_id(&mut key, u64::from(id));
    key
}

pub(crate) fn names_prefix(class: NameClass) -> Vec<u8> {
    vec![RowKind::IdToName as u8, class as u8]
}

pub(crate) fn node(id: NodeId) -> Vec<u8> {
    with_id(RowKind::Node, id.0)
}

pub(crate) fn edge(id: EdgeId) -> Vec<u8> {
    with_id(RowKind::Edge, id.0)
}

pub(crate) fn label(label: u32, node: NodeId) -> Vec<u8> {
    let mut key = label_prefix(label);
    push_id(&mut key, node.0);
    key
}

/// Writes the key of a row whose kind is followed by ids into `key`.
pub(crate) fn write(key: &mut Vec<u8>, kind: RowKind, ids: &[u64]) {
    key.clear();
    key.push(kind as u8);
    ids.iter().for_each(|&id| push_id(key, id));
}

pub(crate) fn label_prefix(label: u32) -> Vec<u8> {
    with_id(RowKind::Label, u64::from(label))
}

pub(crate) fn total(class: u8, id: u32) -> Vec<u8> {
    let mut key = vec![RowKind::Total as u8, class];
    push_id(&mut key, u64::from(id));
    key
}

/// Where the changes begin that are in no total.
pub(crate) fn folded_below() -> Vec<u8> {
    vec![RowKind::Total as u8, b'<']
}

pub(crate) fn count_change(seq: Seq, number: u64) -> Vec<u8> {
    let mut key = count_changes_from(seq);
    push_id(&mut key, number);
    key
}

/// Below every change that was written when that seq was the newest, or later.
pub(crate) fn count_changes_from(seq: Seq) -> Vec<u8> {
    with_id(RowKind::CountChange, seq)
}

pub(crate) fn count_change_seq(key: &[u8]) -> Result<Seq> {
    let mut rest = key.get(1..).unwrap_or_default();
    take_id(&mut rest).ok_or_else(|| damaged("a change of counts"))
}

/// Every posting of a full-text index.
pub(crate) fn postings_prefix(index: u32) -> Vec<u8> {
    with_id(RowKind::Posting, u64::from(index))
}

/// The postings of the words that begin with `start`.
pub(crate) fn words_prefix(index: u32, start: &str) -> Vec<u8> {
    let mut key = postings_prefix(index);
    key.extend_from_slice(start.as_bytes());
    key
}

/// The postings of one word, which holds no zero byte.
pub(crate) fn word_prefix(index: u32, word: &str) -> Vec<u8> {
    let mut key = words_prefix(index, word);
    key.push(0);
    key
}

pub(crate) fn posting(index: u32, word: &str, id: u64) -> Vec<u8> {
    let mut key = word_prefix(index, word);
    push_id(&mut key, id);
    key
}

/// The word of a posting that begins behind `before` bytes.
pub(crate) fn posting_word(key: &[u8], before: usize) -> &[u8] {
    let rest = key.get(before..).unwrap_or_default();
    rest.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The node or edge of a posting whose word begins behind `before` bytes.
pub(crate) fn posting_id(key: &[u8], before: usize) -> Result<u64> {
    let mut rest = key.get(before + posting_word(key, before).len() + 1..).unwrap_or_default();
    match (take_id(&mut rest), rest) {
        (Some(id), []) => Ok(id),
        _ => Err(damaged("a posting")),
    }
}

/// Every document of a full-text index.
pub(crate) fn documents_prefix(index: u32) -> Vec<u8> {
    with_id(RowKind::Document, u64::from(index))
}

pub(crate) fn document(index: u32, id: u64) -> Vec<u8> {
    let mut key = documents_prefix(index);
    push_id(&mut key, id);
    key
}

/// Everything of one kind.
pub(crate) fn kind_prefix(kind: RowKind) -> Vec<u8> {
    vec![kind as u8]
}

/// Every entry of an index, unique or not.
pub(crate) fn index_prefix(index: u32, unique: bool) -> Vec<u8> {
    with_id(if unique { RowKind::Unique } else { RowKind::Index }, u64::from(index))
}

/// Every entry of an index whose values begin so; of a unique index that has all its values, the whole key of one entry.
pub(crate) fn index_value(index: u32, unique: bool, value: &[u8]) -> Vec<u8> {
    let mut key = index_prefix(index, unique);
    key.extend_from_slice(value);
    key
}

/// One direction of one edge, as it stands under one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Adjacency {
    pub node: NodeId,
    pub direction: Direction,
    pub edge_type: u32,
    pub neighbor: NodeId,
    pub edge: EdgeId,
}

impl Adjacency {
    pub fn key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(32);
        self.write_key(&mut key);
        key
    }

    /// Writes its key into `key`.
    pub fn write_key(&self, key: &mut Vec<u8>) {
        write(key, RowKind::Adjacency, &[self.node.0]);
        key.push(u8::from(self.direction == Direction::In));
        for id in [self.edge_type.into(), self.neighbor.0, self.edge.0] {
            push_id(key, id);
        }
    }

    /// The same edge under its other end.
    pub fn mirrored(&self) -> Self {
        let direction = match self.direction {
            Direction::Out => Direction::In,
            _ => Direction::Out,
        };
        Self { node: self.neighbor, direction, neighbor: self.node, ..*self }
    }

    pub fn parse(key: &[u8]) -> Result<Self> {
        Self::parse_parts(key).ok_or_else(|| damaged("an adjacency row"))
    }

    fn parse_parts(key: &[u8]) -> Option<Self> {
        let mut rest = key.strip_prefix(&[RowKind::Adjacency as u8])?;
        let node = NodeId(take_id(&mut rest)?);
        let (&direction, mut rest) = rest.split_first()?;
        let direction = match direction {
            0 => Direction::Out,
            1 => Direction::In,
            _ => return None,
        };
        let edge_type = take_number(&mut rest)?;
        let neighbor = NodeId(take_id(&mut rest)?);
        let edge = EdgeId(take_id(&mut rest)?);
        rest.is_empty().then_some(Self { node, direction, edge_type, neighbor, edge })
    }
}

/// The adjacency rows of a node: all, of one direction, or of one direction and type.
pub(crate) fn adjacency_prefix(node: NodeId, part: Option<(Direction, Option<u32>)>) -> Vec<u8> {
    let mut key = with_id(RowKind::Adjacency, node.0);
    if let Some((direction, edge_type)) = part {
        debug_assert!(direction != Direction::Both, "a row has one direction");
        key.push(u8::from(direction == Direction::In));
        if let Some(edge_type) = edge_type {
            push_id(&mut key, u64::from(edge_type));
        }
    }
    key
}

/// The id at the end of a key that begins with `prefix`.
pub(crate) fn trailing_id(key: &[u8], prefix: &[u8]) -> Result<u64> {
    let mut rest = key.strip_prefix(prefix).ok_or_else(|| damaged("an index row"))?;
    match (take_id(&mut rest), rest) {
        (Some(id), []) => Ok(id),
        _ => Err(damaged("an index row")),
    }
}

/// A signed number with its sign in the lowest bit, so that small ones are short.
pub(crate) fn push_signed(bytes: &mut Vec<u8>, number: i64) {
    push_id(bytes, (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned());
}

pub(crate) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let number = take_id(bytes)?;
    Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

/// A number stored as a value.
pub(crate) fn parse_number(mut bytes: &[u8], what: &str) -> Result<u64> {
    match (take_id(&mut bytes), bytes) {
        (Some(number), []) => Ok(number),
        _ => Err(damaged(what)),
    }
}

pub(crate) fn damaged(what: &str) -> Error {
    Error::corruption("graph", format!("{what} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_order_and_length() {
        let ids = [0, 1, 255, 256, 65_535, 65_536, 1 << 24, (1 << 53) - 1, u64::MAX];
        let keys: Vec<_> = ids.iter().map(|&id| with_id(RowKind::Node, id)).collect();
        assert!(keys.is_sorted());
        for (&id, key) in ids.iter().zip(&keys) {
            assert_eq!(trailing_id(key, &[RowKind::Node as u8]).ok(), Some(id));
        }
        assert_eq!(keys[3].len(), 4);
    }

    #[test]
    fn damaged_ids_are_refused() {
        for bytes in [&[][..], &[1], &[9, 1, 1, 1, 1, 1, 1, 1, 1, 1], &[2, 0, 1], &[255]] {
            assert_eq!(take_id(&mut { bytes }), None, "{bytes:?}");
        }
    }

    #[test]
    fn adjacency_round_trips_and_mirrors() {
        let row = Adjacency {
            node: NodeId(7),
            direction: Direction::Out,
            edge_type: 300,
            neighbor: NodeId(1 << 40),
            edge: EdgeId(9),
        };
        assert_eq!(Adjacency::parse(&row.key()).ok(), Some(row));
        assert_eq!(row.mirrored().mirrored(), row);
        assert_eq!(row.mirrored().node, NodeId(1 << 40));
        assert!(Adjacency::parse(&row.key()[..9]).is_err());
    }
}
