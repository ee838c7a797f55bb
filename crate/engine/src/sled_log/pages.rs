//! The log's messages as the pages they leave, and those as one ordered map of entries.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::node::{Change, Leaf, Node, value_at};
use super::snapshot::{self, PageTable};
use super::{Hole, Kind, Log, Message};
use crate::block::{is_format, verify_stored};
use crate::key;
use crate::order::sort_sometimes;

/// Smallest value that may be a block.
const BLOCK_BYTES_MIN: usize = 34;
/// Where a block has its format.
const BLOCK_FORMAT_AT: usize = 8;

/// Gives the key of the sound block that a value leads to, if it is a place that leads to one.
pub(crate) type KeyOf<'a> = dyn Fn(&[u8]) -> Option<Vec<u8>> + 'a;

/// Where an entry's value lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub value: Range<usize>,
    /// Whether what may have replaced it can no longer be read.
    pub may_be_old: bool,
}

/// A stretch of the file that cannot be read, and the entries that may have been in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub bytes: Range<usize>,
    /// Inclusive lower and exclusive upper key; any key at all where nothing is known. An empty upper one is the end.
    pub keys: Option<(Vec<u8>, Vec<u8>)>,
}

/// What a file of sled holds.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub log: Log,
    pub places: BTreeMap<Vec<u8>, Place>,
    pub damage: Vec<Damage>,
    /// Whether some part of the log cannot be read of which nothing else is known.
    pub has_unknown: bool,
}

/// What the log says of one page.
#[derive(Default)]
struct Page<'a> {
    base: Option<&'a Message>,
    links: Vec<&'a Message>,
    /// Earlier whole messages and links: they name keys.
    earlier: Vec<&'a Message>,
}

struct Built {
    low: Vec<u8>,
    high: Vec<u8>,
    /// Of its last message.
    lsn: u64,
    places: BTreeMap<Vec<u8>, Place>,
}

impl Entries {
    /// Reads sled's file `db`; `snapshots` are its files `snap.…`, the newest last. `key_of` gives the key of the sound block
    /// that a value, if it is a place, leads to: a place has no checksum of its own.
    pub fn read(file: &[u8], snapshots: &[Vec<u8>], key_of: &KeyOf<'_>) -> Self {
        let mut log = Log::read(file);
        let table = snapshots.iter().rev().find_map(|bytes| snapshot::parse(bytes)).unwrap_or_default();
        let holes = locate_holes(&mut log, &table);
        let mut entries = Self { log, ..Self::default() };
        let built = entries.build(file, key_of);
        let unknown = holes.iter().filter(|hole| hole.lsn.is_none_or(|lsn| lsn >= table.stable));
        let newest_unknown = unknown.clone().map(|hole| hole.lsn.unwrap_or(u64::MAX)).max();
        entries.has_unknown = newest_unknown.is_some();
        entries.damage.extend(unknown.map(|hole| Damage { bytes: hole.bytes.clone(), keys: None }));
        for page in by_precedence(built) {
            let is_old = newest_unknown.is_some_and(|lsn| page.lsn < lsn);
            for (key, place) in page.places {
                let may_be_old = place.may_be_old || is_old;
                entries.places.entry(key).or_insert(Place { may_be_old, ..place });
            }
        }
        entries
    }

    fn build(&mut self, file: &[u8], key_of: &KeyOf<'_>) -> Vec<Built> {
        let messages = std::mem::take(&mut self.log.messages);
        let mut pages: BTreeMap<u64, Page<'_>> = BTreeMap::new();
        for message in &messages {
            let page = pages.entry(message.page);
            match message.kind {
                Kind::Node => {
                    let page = page.or_default();
                    page.earlier.extend(page.base.replace(message));
                    page.earlier.append(&mut page.links);
                }
                // One that has no page belongs to what was written anew elsewhere.
                Kind::Link => drop(page.and_modify(|page| page.links.push(message))),
                Kind::Free => drop(pages.remove(&message.page)),
                Kind::Other | Kind::Cap => {}
            }
        }
        let built = pages.values().filter_map(|page| self.build_page(file, page, key_of)).collect();
        self.log.messages = messages;
        built
    }

    fn build_page(&mut self, file: &[u8], page: &Page<'_>, key_of: &KeyOf<'_>) -> Option<Built> {
        let base = page.base?;
        let leaf = match self.node(file, base) {
            Some(Node::Index) => return None,
            Some(Node::Leaf(leaf)) => Some(leaf),
            None => None,
        };
        let before = page.earlier.iter().rev().find_map(|message| match self.node(file, message) {
            Some(Node::Leaf(leaf)) if message.is_sound => Some(leaf),
            _ => None,
        });
        let is_whole = base.is_sound && leaf.is_some();
        let bounds = if is_whole { leaf.as_ref() } else { before.as_ref().or(leaf.as_ref()) };
        let bounds = bounds.cloned();
        let keys = || bounds.as_ref().map(|leaf| (leaf.low.clone(), leaf.high.clone()));
        let mut places = BTreeMap::new();
        if let Some(leaf) = leaf.as_ref().filter(|_| is_whole) {
            let values = leaf.values.iter().map(|value| shift(value, base.body.start));
            places.extend(leaf.keys.iter().cloned().zip(values.map(|value| Place { value, may_be_old: false })));
        } else {
            let candidates = self.candidates(file, page, leaf.as_ref(), before.as_ref());
            let found = self.salvage(file, &base.body, &candidates, key_of);
            // What has no head ends anywhere: behind it are other pages, as they were at some time.
            let is_its_own = |key: &[u8]| base.has_head || bounds.as_ref().is_some_and(|leaf| leaf.may_have(key));
            let found = found.into_iter().filter(|(key, _)| is_its_own(key));
            places.extend(found.map(|(key, value)| (key, Place { value, may_be_old: !base.has_head })));
            self.damage.push(Damage { bytes: base.from..base.body.end, keys: keys() });
        }
        for link in &page.links {
            if !self.apply(file, link, (bounds.as_ref(), is_whole), &mut places, key_of) {
                self.damage.push(Damage { bytes: link.from..link.body.end, keys: keys() });
            }
        }
        let lsn = page.links.last().map_or(base.lsn, |link| link.lsn);
        let (low, high) = bounds.map_or_else(Default::default, |leaf| (leaf.low, leaf.high));
        Some(Built { low, high, lsn, places })
    }

    fn node(&self, file: &[u8], message: &Message) -> Option<Node> {
        if message.kind != Kind::Node {
            return None;
        }
        Node::parse(&self.log.bytes(file, message.body.clone()))
    }

    /// Changes the entries of a page, of which the last whole message is at hand, or an earlier one; false where the link cannot
    /// be read as it was written.
    fn apply(
        &self,
        file: &[u8],
        link: &Message,
        (page, is_last): (Option<&Leaf>, bool),
        places: &mut BTreeMap<Vec<u8>, Place>,
        key_of: &KeyOf<'_>,
    ) -> bool {
        let body = self.log.bytes(file, link.body.clone());
        let change = Change::parse(&body);
        let prefix = page.map_or(&[][..], |page| &page.low[..page.prefix_bytes]);
        let whole = |key: &Range<usize>| [prefix, &body[key.clone()]].concat();
        // An earlier message may have had a longer prefix, or a shorter one.
        let is_key = |key: &[u8]| is_last || page.is_some_and(|page| page.may_have(key));
        match change {
            Some(Change::Set { key: suffix, value }) => {
                let stored = &body[value.clone()];
                let told = if is_last { None } else { key_of(stored) };
                let told = told.filter(|key| key.ends_with(&body[suffix.clone()]));
                let key = told.unwrap_or_else(|| whole(&suffix));
                let is_block = || verify_stored(&key, stored).is_ok() || key_of(stored).as_ref() == Some(&key);
                if (link.is_sound && is_key(&key)) || is_block() {
                    let value = shift(&value, link.body.start);
                    places.insert(key, Place { value, may_be_old: false });
                    return true;
                }
                if places.remove(&key).is_some() {
                    return false;
                }
            }
            Some(Change::Remove { key }) if link.is_sound && is_key(&whole(&key)) => {
                places.remove(&whole(&key));
                return true;
            }
            Some(Change::None) if link.is_sound => return true,
            _ => {}
        }
        // Which entry it changed is not known.
        places.values_mut().for_each(|place| place.may_be_old = true);
        false
    }

    /// Keys that entries of a damaged page may have.
    fn candidates(
        &self,
        file: &[u8],
        page: &Page<'_>,
        leaf: Option<&Leaf>,
        before: Option<&Leaf>,
    ) -> BTreeSet<Vec<u8>> {
        let mut keys = BTreeSet::new();
        keys.extend(leaf.into_iter().chain(before).flat_map(|leaf| leaf.keys.iter().cloned()));
        let prefix = before.map(|leaf| &leaf.low[..leaf.prefix_bytes]).unwrap_or_default();
        for message in page.earlier.iter().filter(|message| message.is_sound) {
            let body = self.log.bytes(file, message.body.clone());
            if let Some(Node::Leaf(leaf)) = self.node(file, message) {
                keys.extend(leaf.keys);
            } else if let Some(Change::Set { key, .. }) = Change::parse(&body) {
                keys.insert([prefix, &body[key]].concat());
            }
        }
        keys
    }

    /// The blocks in a damaged stretch that agree with their checksum under one of the keys, or under the one that the
    /// block behind them tells: it begins where they end.
    fn salvage(
        &self,
        file: &[u8],
        stretch: &Range<usize>,
        keys: &BTreeSet<Vec<u8>>,
        key_of: &KeyOf<'_>,
    ) -> Vec<(Vec<u8>, Range<usize>)> {
        let bytes = self.log.bytes(file, stretch.clone());
        let heads: BTreeSet<&[u8]> = keys.iter().filter_map(|key| key.get(..key::KEY_HEAD_BYTES)).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let value = value_at(&bytes, at);
            if let Some((value, key)) = value.clone().and_then(|value| Some((value.clone(), key_of(&bytes[value])?))) {
                at = value.end;
                found.push((key, shift(&value, stretch.start)));
                continue;
            }
            let value = value.filter(|value| may_be_block(&bytes[value.clone()]));
            let Some(value) = value else {
                at += 1;
                continue;
            };
            let stored = &bytes[value.clone()];
            let told = value_at(&bytes, value.end).and_then(|next| low_of(&bytes[next]));
            let told = told
                .filter(|low| !low.is_empty())
                .into_iter()
                .flat_map(|low| heads.iter().map(move |head| [head, &[0][..], low].concat()));
            match keys.iter().cloned().chain(told).find(|key| verify_stored(key, stored).is_ok()) {
                Some(key) => {
                    at = value.end;
                    found.push((key, shift(&value, stretch.start)));
                }
                None => at += 1,
            }
        }
        found
    }
}

/// Holes of which sled's snapshot knows what was in them become damaged messages of their pages; gives the others.
fn locate_holes(log: &mut Log, table: &PageTable) -> Vec<Hole> {
    let holes = std::mem::take(&mut log.holes);
    for hole in &holes {
        for part in table.parts.iter().filter(|part| hole.bytes.contains(&part.offset)) {
            let kind = if part.is_base { Kind::Node } else { Kind::Link };
            let (from, body) = (part.offset, part.offset..hole.bytes.end);
            let (lsn, page) = (part.lsn, part.page);
            log.messages.push(Message { lsn, page, kind, from, body, has_head: false, is_sound: false });
        }
    }
    sort_sometimes(&mut log.messages, |a, b| a.lsn.cmp(&b.lsn));
    holes
}

/// Pages that overlap are of different times: one was freed, and what said so is gone. Of each key the page written last
/// counts. Gives each page's entries without those of another.
fn by_precedence(mut built: Vec<Built>) -> Vec<Built> {
    sort_sometimes(&mut built, |a, b| b.lsn.cmp(&a.lsn));
    let mut covered: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for page in &mut built {
        let is_covered = |key: &[u8]| {
            let before = covered.range(..=key.to_vec()).next_back();
            before.is_some_and(|(_, high)| high.is_empty() || key < high.as_slice())
        };
        page.places.retain(|key, _| !is_covered(key));
        cover(&mut covered, &page.low, &page.high);
    }
    built
}

/// Adds a stretch of keys to disjoint ones.
fn cover(covered: &mut BTreeMap<Vec<u8>, Vec<u8>>, low: &[u8], high: &[u8]) {
    let (mut low, mut high) = (low.to_vec(), high.to_vec());
    let touches = |from: &[u8], to: &[u8], low: &[u8], high: &[u8]| {
        (high.is_empty() || from <= high) && (to.is_empty() || low <= to)
    };
    let joined: Vec<_> = covered
        .iter()
        .rev()
        .skip_while(|(from, _)| !high.is_empty() && from.as_slice() > high.as_slice())
        .take_while(|(from, to)| touches(from, to, &low, &high))
        .map(|(from, to)| (from.clone(), to.clone()))
        .collect();
    for (from, to) in joined {
        covered.remove(&from);
        low = low.min(from);
        high = if to.is_empty() || high.is_empty() { Vec::new() } else { high.max(to) };
    }
    covered.insert(low, high);
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

pub(crate) fn may_be_block(bytes: &[u8]) -> bool {
    bytes.len() >= BLOCK_BYTES_MIN && is_format(bytes[BLOCK_FORMAT_AT]) && low_of(bytes).is_some()
}

/// What a block says is its low key; nothing is checked.
pub(crate) fn low_of(bytes: &[u8]) -> Option<&[u8]> {
    let length = u16::from_le_bytes(*bytes.get(10..)?.first_chunk()?);
    bytes.get(BLOCK_BYTES_MIN..)?.get(..usize::from(length))
}
