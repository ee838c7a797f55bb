//! Stand-in for the engine's public API while it is being written.
#![allow(missing_docs, dead_code, clippy::unwrap_used)]
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

pub use sledstore_engine::{Compression, Durability, Error, ErrorCode, Options, Result};

pub type Seq = u64;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamespaceId(u32);
impl NamespaceId {
    pub fn new(id: u32) -> Self {
        Self(id)
    }
    pub fn get(self) -> u32 {
        self.0
    }
}
type Map = BTreeMap<(u32, Vec<u8>), Arc<[u8]>>;
#[derive(Default)]
struct Inner {
    map: RwLock<Map>,
    names: Mutex<Vec<Option<String>>>,
}
#[derive(Clone)]
pub struct Store(Arc<Inner>);
pub struct Namespace {
    pub id: NamespaceId,
    pub name: String,
}
#[derive(Default, Clone)]
pub struct NamespaceOptions {}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    pub start: Bound<Vec<u8>>,
    pub end: Bound<Vec<u8>>,
}
#[derive(Clone, Default)]
pub struct ScanOptions {
    pub reverse: bool,
    pub limit: Option<u64>,
    pub keys_only: bool,
}
#[derive(Default)]
pub struct Batch {
    operations: Vec<(u32, Vec<u8>, Option<Vec<u8>>)>,
}
impl Batch {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn reset(&mut self) {
        self.operations.clear();
    }
    pub fn from_encoded(bytes: &[u8]) -> Result<Self> {
        let mut batch = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            let ns = u32::from_le_bytes(bytes[at + 1..at + 5].try_into().unwrap());
            let key = u16::from_le_bytes(bytes[at + 5..at + 7].try_into().unwrap()) as usize;
            let value = u32::from_le_bytes(bytes[at + 7..at + 11].try_into().unwrap()) as usize;
            let k = bytes[at + 11..at + 11 + key].to_vec();
            let v = bytes[at + 11 + key..at + 11 + key + value].to_vec();
            batch.operations.push((ns, k, (bytes[at] == 1).then_some(v)));
            at += 11 + key + value;
        }
        Ok(batch)
    }
}
pub trait Write {
    fn put(&mut self, ns: NamespaceId, key: &[u8], value: &[u8]) -> Result<()>;
    fn delete(&mut self, ns: NamespaceId, key: &[u8]) -> Result<()>;
}
impl Write for Batch {
    fn put(&mut self, ns: NamespaceId, key: &[u8], value: &[u8]) -> Result<()> {
        self.operations.push((ns.0, key.to_vec(), Some(value.to_vec())));
        Ok(())
    }
    fn delete(&mut self, ns: NamespaceId, key: &[u8]) -> Result<()> {
        self.operations.push((ns.0, key.to_vec(), None));
        Ok(())
    }
}
pub trait Read {
    fn get_with<R>(&self, ns: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>>;
    fn contains(&self, ns: NamespaceId, key: &[u8]) -> Result<bool> {
        Ok(self.get_with(ns, key, |_| ())?.is_some())
    }
    fn scan(&self, ns: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan>;
}
pub struct Scan {
    rows: std::vec::IntoIter<(Vec<u8>, Arc<[u8]>)>,
}
impl Scan {
    pub fn next_page(
        &mut self,
        max_rows: usize,
        max_bytes: usize,
        sink: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool> {
        let mut bytes = 0;
        for _ in 0..max_rows {
            let Some((k, v)) = self.rows.next() else { return Ok(false) };
            bytes += k.len() + v.len();
            sink(&k, &v);
            if bytes >= max_bytes {
                break;
            }
        }
        Ok(self.rows.len() > 0)
    }
}
fn scan(map: &Map, ns: NamespaceId, range: &KeyRange, options: ScanOptions) -> Scan {
    let low = match &range.start {
        Bound::Included(k) => Bound::Included((ns.0, k.clone())),
        Bound::Excluded(k) => Bound::Excluded((ns.0, k.clone())),
        Bound::Unbounded => Bound::Included((ns.0, vec![])),
    };
    let high = match &range.end {
        Bound::Included(k) => Bound::Included((ns.0, k.clone())),
        Bound::Excluded(k) => Bound::Excluded((ns.0, k.clone())),
        Bound::Unbounded => Bound::Excluded((ns.0 + 1, vec![])),
    };
    let mut rows: Vec<_> = map.range((low, high)).map(|(k, v)| (k.1.clone(), v.clone())).collect();
    if options.reverse {
        rows.reverse();
    }
    if let Some(limit) = options.limit {
        rows.truncate(limit as usize);
    }
    Scan { rows: rows.into_iter() }
}
impl Store {
    pub fn open(_path: &Path, _options: &Options) -> Result<Store> {
        Ok(Store(Arc::default()))
    }
    pub fn memory(_options: &Options) -> Result<Store> {
        Ok(Store(Arc::default()))
    }
    pub fn close(&self) -> Result<()> {
        Ok(())
    }
    pub fn namespace(&self, name: &str, _options: &NamespaceOptions) -> Result<Namespace> {
        let mut names = self.0.names.lock().unwrap();
        let found = names.iter().position(|n| n.as_deref() == Some(name));
        let id = found.unwrap_or_else(|| {
            names.push(Some(name.to_owned()));
            names.len() - 1
        });
        Ok(Namespace { id: NamespaceId(id as u32 + 1), name: name.to_owned() })
    }
    pub fn apply(&self, batch: &Batch) -> Result<Seq> {
        let mut map = self.0.map.write().unwrap();
        for (ns, key, value) in &batch.operations {
            match value {
                Some(value) => map.insert((*ns, key.clone()), value.as_slice().into()),
                None => map.remove(&(*ns, key.clone())),
            };
        }
        Ok(1)
    }
    pub fn wait(&self, _seq: Seq, _level: Durability) -> Result<()> {
        std::thread::sleep(std::time::Duration::from_millis(1));
        Ok(())
    }
    pub fn snapshot(&self) -> Result<Snapshot> {
        Ok(Snapshot(self.0.map.read().unwrap().clone()))
    }
    pub fn begin(&self) -> Result<Transaction> {
        Ok(Transaction { snapshot: self.snapshot()?, writes: Map::new(), batch: Batch::new(), store: self.clone() })
    }
}
impl Read for Store {
    fn get_with<R>(&self, ns: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        Ok(self.0.map.read().unwrap().get(&(ns.0, key.to_vec())).map(|v| f(v)))
    }
    fn scan(&self, ns: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        Ok(scan(&self.0.map.read().unwrap(), ns, range, options))
    }
}
pub struct Snapshot(Map);
impl Read for Snapshot {
    fn get_with<R>(&self, ns: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        Ok(self.0.get(&(ns.0, key.to_vec())).map(|v| f(v)))
    }
    fn scan(&self, ns: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        Ok(scan(&self.0, ns, range, options))
    }
}
pub struct Transaction {
    snapshot: Snapshot,
    writes: Map,
    batch: Batch,
    store: Store,
}
impl Read for Transaction {
    fn get_with<R>(&self, ns: NamespaceId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        self.snapshot.get_with(ns, key, f)
    }
    fn scan(&self, ns: NamespaceId, range: &KeyRange, options: ScanOptions) -> Result<Scan> {
        self.snapshot.scan(ns, range, options)
    }
}
impl Write for Transaction {
    fn put(&mut self, ns: NamespaceId, key: &[u8], value: &[u8]) -> Result<()> {
        self.snapshot.0.insert((ns.0, key.to_vec()), value.into());
        self.batch.put(ns, key, value)
    }
    fn delete(&mut self, ns: NamespaceId, key: &[u8]) -> Result<()> {
        self.snapshot.0.remove(&(ns.0, key.to_vec()));
        self.batch.delete(ns, key)
    }
}
impl Transaction {
    pub fn commit(self, _level: Durability) -> Result<Seq> {
        self.store.apply(&self.batch)
    }
    pub fn abort(self) {}
}
