//! The lanes that write rows: one at a time, in batches, in transactions, large ones.

use std::collections::BTreeMap;
use std::ops::Bound;

use rand::Rng;
use rand::rngs::SmallRng;
use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Read, Result, ScanOptions, Seq, Store, Write,
};

use crate::content::Content;
use crate::lane::Lane;
use crate::progress::Progress;
use crate::work::{Work, contradiction, transact};

/// Rows that carry an expiry have this one, which no run lives to see: the year 2100.
const EXPIRES_AT: u64 = 4_102_444_800_000;
const LARGE_BYTES: [usize; 6] = [3_000, 4_097, 15_999, 40_000, 70_000, 200_000];

#[derive(Clone, Copy, Debug)]
enum Change {
    Put { space: usize, key: u32, content: Content },
    Delete { space: usize, key: u32 },
    Clear { space: usize, from: u32, to: u32 },
}

/// A lane of rows.
pub struct RowLane {
    lane: Lane,
    seed: u64,
    progress: Progress,
    namespaces: Vec<NamespaceId>,
    content: Vec<BTreeMap<u32, Content>>,
}

/// Keys of several lengths, in the order of their numbers.
fn key_bytes(key: u32) -> Vec<u8> {
    let mut bytes = key.to_be_bytes().to_vec();
    bytes.resize(4 + (key as usize % 7) * 9, b'k');
    bytes
}

impl RowLane {
    pub fn begin(store: &Store, lane: Lane, seed: u64) -> Result<Self> {
        let count = if lane == Lane::Batch { 3 } else { 1 };
        let namespaces = (0..count)
            .map(|space| Ok(store.namespace(&format!("{} {space}", lane.name()), &NamespaceOptions::default())?.id))
            .collect::<Result<Vec<_>>>()?;
        let content = vec![BTreeMap::new(); count];
        Ok(Self { lane, seed, progress: Progress::open(store, lane)?, namespaces, content })
    }

    fn step(&self, number: u64) -> Vec<Change> {
        let mut random = self.lane.random(self.seed, number);
        let count = match self.lane {
            Lane::Batch => random.random_range(2..=12),
            Lane::Count => random.random_range(1..=4),
            _ => 1,
        };
        (0..count).map(|at| self.change(&mut random, number * 16 + at)).collect()
    }

    fn change(&self, random: &mut SmallRng, tag: u64) -> Change {
        let space = random.random_range(0..self.content.len());
        let keys = if self.lane == Lane::Large { 5 } else { 250 };
        let key = random.random_range(0..keys);
        match random.random_range(0..100) {
            0..75 => {
                let bytes = match self.lane {
                    Lane::Large => LARGE_BYTES[random.random_range(0..LARGE_BYTES.len())] + tag as usize % 7,
                    _ => random.random_range(8..320),
                };
                Change::Put { space, key, content: Content { tag, bytes } }
            }
            75..95 => Change::Delete { space, key },
            _ => Change::Clear { space, from: key, to: key + random.random_range(1..1 + keys / 4) },
        }
    }

    fn write(&self, changes: &[Change], writer: &mut impl Write, number: u64) -> Result<()> {
        for change in changes {
            match *change {
                Change::Put { space, key, content } if content.tag % 8 == 3 => {
                    writer.put_expiring(self.namespaces[space], &key_bytes(key), &content.to_vec(), EXPIRES_AT)?;
                }
                Change::Put { space, key, content } => {
                    writer.put(self.namespaces[space], &key_bytes(key), &content.to_vec())?;
                }
                Change::Delete { space, key } => writer.delete(self.namespaces[space], &key_bytes(key))?,
                Change::Clear { space, from, to } => {
                    let range =
                        KeyRange { start: Bound::Included(key_bytes(from)), end: Bound::Excluded(key_bytes(to)) };
                    writer.clear(self.namespaces[space], &range)?;
                }
            }
        }
        self.progress.write(writer, number)
    }

    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match *change {
                Change::Put { space, key, content } => drop(self.content[space].insert(key, content)),
                Change::Delete { space, key } => drop(self.content[space].remove(&key)),
                Change::Clear { space, from, to } => self.content[space].retain(|key, _| !(from..to).contains(key)),
            }
        }
    }

    /// Reads some rows as a transaction sees them, and a range around one.
    fn read_in(&self, reader: &impl Read, changes: &[Change], number: u64) -> Result<()> {
        if self.progress.read(reader)? != number {
            return Err(contradiction(format_args!("the count before step {number}")));
        }
        for change in changes {
            let Change::Put { space, key, .. } = *change else { continue };
            let found = reader.get(self.namespaces[space], &key_bytes(key))?;
            let expected = self.content[space].get(&key).map(|content| content.to_vec());
            if found != expected {
                return Err(contradiction(format_args!("key {key} before step {number}")));
            }
            let range = KeyRange { start: Bound::Included(key_bytes(key)), end: Bound::Excluded(key_bytes(key + 20)) };
            let rows = reader.scan(self.namespaces[space], &range, ScanOptions::default())?.count_rows()?;
            if rows != self.content[space].range(key..key + 20).count() as u64 {
                return Err(contradiction(format_args!("the rows from {key} on before step {number}")));
            }
        }
        Ok(())
    }
}

impl Work for RowLane {
    fn perform(&mut self, store: &Store, number: u64, level: Durability) -> Result<Seq> {
        let changes = self.step(number);
        let seq = if self.lane == Lane::Count {
            transact(store, level, |transaction| {
                self.read_in(transaction, &changes, number)?;
                self.write(&changes, transaction, number)
            })?
        } else {
            let mut batch = Batch::new();
            self.write(&changes, &mut batch, number)?;
            store.commit(&batch, level)?
        };
        self.apply(&changes);
        Ok(seq)
    }

    fn replay(&mut self, number: u64) {
        let changes = self.step(number);
        self.apply(&changes);
    }

    fn differences(&self, store: &Store) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        for (space, content) in self.content.iter().enumerate() {
            let place = format!("{} {space}", self.lane.name());
            let scan = store.scan(self.namespaces[space], &KeyRange::all(), ScanOptions::default())?;
            let mut expected = content.iter();
            let mut rows = 0;
            for row in scan {
                let (key, value) = row?;
                rows += 1;
                match expected.next() {
                    Some((number, content)) if key == key_bytes(*number) && content.is(&value) => {}
                    other => {
                        differences
                            .push(format!("{place}: row {key:02x?} of {} bytes where {other:?} is", value.len()));
                        break;
                    }
                }
            }
            if differences.is_empty() && expected.next().is_some() {
                differences.push(format!("{place}: {rows} rows of {}", content.len()));
            }
            // Point reads take another way than scans.
            for (key, content) in content.iter().step_by(5) {
                let is_same = store.get_with(self.namespaces[space], &key_bytes(*key), |value| content.is(value))?;
                if is_same != Some(true) {
                    differences.push(format!("{place}: key {key} read alone"));
                }
            }
        }
        Ok(differences)
    }
}
