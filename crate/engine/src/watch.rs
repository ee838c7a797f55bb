//! What commits change in a namespace, told to whoever keeps something in memory that is derived of its rows.
//!
//! Every commit of the process goes through the writer mutex, and no other process has the store open (E26), so that a
//! watch misses nothing. It notes keys alone, up to a bound; past it, it forgets them all and says so.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::batch::{OperationKind, Parts};
use crate::error::Result;
use crate::namespace::NamespaceId;
use crate::range::KeyRange;
use crate::store::{Seq, Store};

/// Notes which keys of a range of a namespace commits change, from its creation until it is dropped.
pub struct Watch {
    feed: Arc<Mutex<Feed>>,
}

/// Keys that were changed, in the order of their commits; one may come several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedKeys {
    /// Each behind its length in two bytes.
    bytes: Vec<u8>,
}

struct Feed {
    range: KeyRange,
    bytes_max: usize,
    /// Everything later than this seq is noted.
    since: Seq,
    keys: ChangedKeys,
    /// Commits that changed something, ascending, each with where its keys end in all that were ever noted.
    commits: VecDeque<(Seq, u64)>,
    /// What is gone from the front of `keys`.
    forgotten: u64,
}

/// The watches of a store.
#[derive(Default)]
pub(crate) struct Watches {
    count: AtomicUsize,
    list: Mutex<Vec<(NamespaceId, Weak<Mutex<Feed>>)>>,
}

impl Store {
    /// Watches the keys of a range; it holds `bytes_max` bytes of them at most, about.
    ///
    /// # Errors
    /// `CLOSED`.
    pub fn watch(&self, namespace: NamespaceId, range: KeyRange, bytes_max: usize) -> Result<Watch> {
        self.check_open()?;
        // No commit is between the seq that is noted and the first one that is told.
        let writer = self.inner.lock_writer();
        let feed = Feed {
            range,
            bytes_max,
            since: writer.next_seq - 1,
            keys: ChangedKeys::default(),
            commits: VecDeque::new(),
            forgotten: 0,
        };
        let feed = Arc::new(Mutex::new(feed));
        self.inner.derived.watches.add(namespace, &feed);
        Ok(Watch { feed })
    }
}

impl Watch {
    /// The keys that commits with seqs above `after` and up to `up_to` have changed; `None` when it is not known.
    pub fn between(&self, after: Seq, up_to: Seq) -> Option<ChangedKeys> {
        let feed = self.feed.lock();
        if after < feed.since {
            return None;
        }
        let place = |seq| match feed.commits.partition_point(|&(commit, _)| commit <= seq) {
            0 => 0,
            behind => feed.commits.get(behind - 1).map_or(0, |&(_, end)| (end - feed.forgotten) as usize),
        };
        let bytes = feed.keys.bytes.get(place(after)..place(up_to)).unwrap_or_default();
        Some(ChangedKeys { bytes: bytes.to_vec() })
    }

    /// Forgets what commits up to `seq` have changed.
    pub fn forget(&self, seq: Seq) {
        self.feed.lock().forget(seq);
    }

    /// Whether everything after `seq` is still known.
    pub fn knows_after(&self, seq: Seq) -> bool {
        self.feed.lock().since <= seq
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let feed = self.feed.lock();
        feed.keys.bytes.capacity() + feed.commits.capacity() * size_of::<(Seq, u64)>()
    }
}

impl ChangedKeys {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first_chunk::<2>()?;
            let (key, behind) = behind.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            rest = behind;
            Some(key)
        })
    }

    fn push(&mut self, key: &[u8]) {
        // Keys are far shorter than 64 KiB.
        self.bytes.extend_from_slice(&(key.len() as u16).to_le_bytes());
        self.bytes.extend_from_slice(key);
    }
}

impl Feed {
    fn forget(&mut self, seq: Seq) {
        self.since = self.since.max(seq);
        let mut end = self.forgotten;
        while let Some(&(commit, ends)) = self.commits.front().filter(|(commit, _)| *commit <= seq) {
            debug_assert!(commit <= self.since, "what is forgotten lies before what is known");
            end = ends;
            self.commits.pop_front();
        }
        self.keys.bytes.drain(..(end - self.forgotten) as usize);
        self.keys.bytes.shrink_to_fit();
        self.commits.shrink_to_fit();
        self.forgotten = end;
    }

    /// Nothing up to `seq` is known any more.
    fn lose(&mut self, seq: Seq) {
        self.since = seq;
        self.forgotten += self.keys.bytes.len() as u64;
        self.keys.bytes = Vec::new();
        self.commits = VecDeque::new();
    }

    fn note(&mut self, seq: Seq, namespace: NamespaceId, parts: Parts<'_>) {
        let before = self.keys.bytes.len();
        for operation in parts.operations().filter(|operation| operation.namespace == namespace) {
            match operation.kind {
                OperationKind::Chunk => {}
                OperationKind::Clear | OperationKind::ClearToEnd => return self.lose(seq),
                _ if self.range.contains(operation.key) => self.keys.push(operation.key),
                _ => {}
            }
            if self.keys.bytes.len() > self.bytes_max {
                return self.lose(seq);
            }
        }
        if self.keys.bytes.len() > before {
            self.commits.push_back((seq, self.forgotten + self.keys.bytes.len() as u64));
        }
        if self.commits.len() * size_of::<(Seq, u64)>() > self.bytes_max {
            self.lose(seq);
        }
    }
}

impl Watches {
    fn add(&self, namespace: NamespaceId, feed: &Arc<Mutex<Feed>>) {
        let mut list = self.list.lock();
        list.retain(|(_, feed)| feed.strong_count() > 0);
        list.push((namespace, Arc::downgrade(feed)));
        self.count.store(list.len(), Ordering::Release);
    }

    /// Tells of a commit; called under the writer mutex, before its seq is visible.
    pub fn note(&self, seq: Seq, parts: Parts<'_>) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut list = self.list.lock();
        list.retain(|(namespace, feed)| match feed.upgrade() {
            Some(feed) => {
                feed.lock().note(seq, *namespace, parts);
                true
            }
            None => false,
        });
        self.count.store(list.len(), Ordering::Release);
    }
}
