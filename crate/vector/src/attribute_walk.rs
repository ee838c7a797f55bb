//! Attributes read in the order of their keys, beside a pass over the vectors.

use sledstore_engine::{Read, Result, Scan, ScanOptions};

use crate::index::VectorIndex;
use crate::keys::{RowKind, user_key};

const PAGE_ROWS: usize = 4_096;
const PAGE_BYTES: usize = 256 << 10;

/// A page of a scan over attributes, and the place in it.
pub(crate) struct AttributeWalk {
    scan: Scan,
    more: bool,
    bytes: Vec<u8>,
    /// Ends of key and attributes of each row, in `bytes`.
    ends: Vec<(usize, usize)>,
    at: usize,
}

impl AttributeWalk {
    /// Begins behind `key`.
    pub fn begin(index: &VectorIndex, read: &impl Read, key: &[u8]) -> Result<Self> {
        let range = RowKind::Attributes.above(key)?;
        let scan = read.scan(index.namespace(), &range, ScanOptions::default())?;
        Ok(Self { scan, more: true, bytes: Vec::new(), ends: Vec::new(), at: 0 })
    }

    /// The attributes of `key`, which is above every key asked for before; empty when it has none.
    pub fn advance_to(&mut self, key: &[u8]) -> Result<&[u8]> {
        loop {
            while let Some(&(key_end, end)) = self.ends.get(self.at) {
                let start = if self.at == 0 { 0 } else { self.ends[self.at - 1].1 };
                if &self.bytes[start..key_end] >= key {
                    let found = &self.bytes[start..key_end] == key;
                    return Ok(if found { &self.bytes[key_end..end] } else { &[] });
                }
                self.at += 1;
            }
            if !self.more {
                return Ok(&[]);
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<()> {
        self.bytes.clear();
        self.ends.clear();
        self.at = 0;
        let (bytes, ends) = (&mut self.bytes, &mut self.ends);
        self.more = self.scan.next_page(PAGE_ROWS, PAGE_BYTES, &mut |row_key, attributes| {
            bytes.extend_from_slice(user_key(row_key));
            let key_end = bytes.len();
            bytes.extend_from_slice(attributes);
            ends.push((key_end, bytes.len()));
        })?;
        Ok(())
    }
}
