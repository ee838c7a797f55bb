//! What a reader must answer: the rows of a map at a time.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use sledstore_engine::{KeyRange, NamespaceId, Read, Result, ScanOptions};

/// A value, and the time from which it is gone.
#[derive(Clone, Debug)]
pub struct Stored {
    pub value: Vec<u8>,
    pub expires_at: Option<u64>,
}

impl Stored {
    pub fn at(&self, time_ms: u64) -> Option<&Vec<u8>> {
        self.expires_at.is_none_or(|at| at > time_ms).then_some(&self.value)
    }
}

/// Rows by the number of their namespace and by key.
pub type Model = BTreeMap<(usize, Vec<u8>), Stored>;

/// A read and what it is about.
pub struct Question {
    /// Index of the namespace.
    pub space: usize,
    pub key: Vec<u8>,
    pub range: KeyRange,
    pub options: ScanOptions,
}

/// A model at a time.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub model: &'a Model,
    pub time_ms: u64,
}

impl View<'_> {
    pub fn get(&self, space: usize, key: &[u8]) -> Option<&Vec<u8>> {
        self.model.get(&(space, key.to_vec())).and_then(|stored| stored.at(self.time_ms))
    }

    pub fn rows(&self, space: usize, range: &KeyRange, options: ScanOptions) -> Vec<(Vec<u8>, Vec<u8>)> {
        let rows = self.model.iter().filter(|((of, key), _)| *of == space && range.contains(key));
        let rows = rows.filter_map(|((_, key), stored)| Some((key.clone(), stored.at(self.time_ms)?.clone())));
        let mut rows: Vec<_> = rows.collect();
        if options.reverse {
            rows.reverse();
        }
        rows.truncate(options.limit.map_or(usize::MAX, |limit| limit as usize));
        rows
    }

    /// Asks a reader; gives a digest of the answers, or what is wrong with them.
    pub fn ask(&self, reader: &impl Read, namespace: NamespaceId, question: &Question) -> Result<Answer> {
        let Question { space, key, range, options } = question;
        let value = reader.get(namespace, key)?;
        let right = self.get(*space, key);
        if value.as_ref() != right {
            return Ok(Err(format!("get of {}: {} and not {}", short(key), size(value.as_ref()), size(right))));
        }
        if reader.contains(namespace, key)? != right.is_some() {
            return Ok(Err(format!("whether there is {}", short(key))));
        }
        let rows = reader.scan(namespace, range, *options)?.collect::<Result<Vec<_>>>()?;
        let right = self.rows(*space, range, *options);
        if let Some(at) = (0..rows.len().max(right.len())).find(|&at| rows.get(at) != right.get(at)) {
            let show = |rows: &[(Vec<u8>, Vec<u8>)]| rows.get(at).map(|(key, value)| (short(key), value.len()));
            let (found, wanted) = (show(&rows), show(&right));
            return Ok(Err(format!("scan of {range:?} {options:?}: row {at} is {found:?} and not {wanted:?}")));
        }
        let mut hasher = DefaultHasher::new();
        (value, rows).hash(&mut hasher);
        Ok(Ok(hasher.finish()))
    }
}

/// A digest of answers, or what is wrong with them.
pub type Answer = std::result::Result<u64, String>;

fn size(value: Option<&Vec<u8>>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("{} bytes", value.len()))
}

fn short(key: &[u8]) -> String {
    let tail = &key[key.len().saturating_sub(9)..];
    format!("{}:{}", key.len(), tail.escape_ascii())
}
