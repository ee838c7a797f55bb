//! Large values: every manifest has its chunks, and every chunk its manifest (E16).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use super::Walk;
use crate::key;
use crate::large::{Manifest, ValueId};
use crate::merge::Versions;
use crate::meta;
use crate::namespace::NamespaceId;
use crate::row::RowKind;
use crate::snapshot::Moment;

/// What is known of large values; chunks are met in the order of their ids.
#[derive(Default)]
pub(super) struct Values {
    /// Manifests met in blocks, with the place that names them; removed when their chunks have been seen.
    expected: BTreeMap<(u32, ValueId), (Manifest, String)>,
    /// Values that need no manifest in a block: it is in a memtable, still to be committed, or their chunks are to go.
    excused: BTreeSet<(u32, ValueId)>,
    current: Option<Current>,
}

/// The value whose chunks are being read.
struct Current {
    namespace: u32,
    id: ValueId,
    place: String,
    chunks: u32,
    length: u64,
    checksum: u32,
    is_dense: bool,
}

impl Values {
    pub fn expect(&mut self, namespace: u32, manifest: Manifest, place: String) {
        self.expected.insert((namespace, manifest.id), (manifest, place));
    }

    pub fn excuse(&mut self, namespace: u32, id: ValueId) {
        self.excused.insert((namespace, id));
    }
}

impl Walk<'_> {
    /// One row of the chunk space.
    pub fn check_chunk(&mut self, namespace: u32, row_key: &[u8], value: &[u8], place: &str) {
        let Some((origin, number, chunk)) = key::split_chunk_key(row_key) else {
            self.report.damage("E16", place, "its key is no chunk's");
            return;
        };
        let id = ValueId { origin, number };
        if self.values.current.as_ref().is_none_or(|current| (current.namespace, current.id) != (namespace, id)) {
            self.end_value();
            let place = place.to_owned();
            let (chunks, length, checksum) = (0, 0, 0);
            self.values.current = Some(Current { namespace, id, place, chunks, length, checksum, is_dense: true });
        }
        if let Some(current) = &mut self.values.current {
            current.is_dense &= chunk == current.chunks;
            current.chunks += 1;
            current.length += value.len() as u64;
            current.checksum = crc32c::crc32c_append(current.checksum, value);
        }
    }

    /// All chunks of one value were read.
    fn end_value(&mut self) {
        let Some(current) = self.values.current.take() else { return };
        let of = (current.namespace, current.id);
        if !self.inner.catalogue.is_live(NamespaceId::new(current.namespace)) {
            return; // it is being reclaimed, in whatever order, or was named as unknown
        }
        let Some((manifest, place)) = self.values.expected.remove(&of) else {
            // Before a redo nothing is known for sure, and without a catalogue not what is on its way. Nor after a walk
            // that missed rows: the one that names them may be among those.
            let is_known = self.namespaces.is_some() && !self.counted.is_incomplete && self.is_settled;
            if is_known && !self.values.excused.contains(&of) {
                let what = format!("{} chunks of a large value that no row names", current.chunks);
                self.report.waste("E16", &current.place, what);
            }
            return;
        };
        if !current.is_dense || current.length != manifest.length {
            if self.counted.is_incomplete {
                return; // those that are missing were named
            }
            let what = format!("{} of the large value's {} bytes are there", current.length, manifest.length);
            self.report.damage("E16", place, what);
        } else if current.checksum != manifest.checksum {
            self.report.damage("E16", place, "the large value's bytes do not fit its checksum");
        }
    }

    /// After the walk: manifests whose chunks never came, and those in memtables.
    pub fn check_values(&mut self) {
        self.end_value();
        for ((namespace, _), (manifest, place)) in std::mem::take(&mut self.values.expected) {
            let is_live = self.inner.catalogue.is_live(NamespaceId::new(namespace));
            if is_live && manifest.length > 0 && !self.counted.is_incomplete {
                self.report.damage("E16", place, "the chunks of its large value are missing");
            }
        }
        for (namespace, key, manifest) in self.manifests_in_memtables() {
            // Of superseded versions only those that a snapshot reads still have their chunks.
            let visible = self.inner.visible.load(Ordering::SeqCst);
            // Before the first expiry there is: an expired value has its chunks until its row goes.
            let at = Moment { seq: visible, time_ms: 0 };
            let current = self.inner.manifest_at(namespace, &key, at).ok().flatten();
            let is_live = self.inner.catalogue.is_live(namespace) && current.as_ref() == Some(&manifest);
            if is_live && !self.counted.is_incomplete && self.inner.read_large(namespace, &manifest).is_err() {
                let place = format!("memtable, namespace {}, row \"{}\"", namespace.get(), key.escape_ascii());
                self.report.damage(
                    "E16",
                    place,
                    "the chunks of its large value are missing or do not fit its checksum",
                );
            }
        }
    }

    /// Must come after the catalogue was read: a value on its way is in the one or in the other.
    pub fn excuse_values_on_their_way(&mut self) {
        for (namespace, _, manifest) in self.manifests_in_memtables() {
            self.values.excuse(namespace.get(), manifest.id);
        }
        match meta::dropped_values(&*self.inner.backend) {
            Ok(dropped) => dropped.iter().for_each(|(_, namespace, id)| self.values.excuse(namespace.get(), *id)),
            Err(error) => self.note_unreadable("E16", "meta rows", error),
        }
    }

    fn manifests_in_memtables(&self) -> Vec<(NamespaceId, Vec<u8>, Manifest)> {
        let mut found = Vec::new();
        let tables = self.inner.tables.load_full();
        for table in tables.newest_first() {
            let mut versions = Versions::of_space(&table.memtable, key::SPACE_BASE);
            while let Some(row) = versions.peek() {
                if row.kind == RowKind::Manifest
                    && let Some((_, namespace, user_key)) = key::split_internal_key(row.key)
                    && let Ok(manifest) = Manifest::decode(row.value)
                {
                    found.push((NamespaceId::new(namespace), user_key.to_vec(), manifest));
                }
                versions.advance();
            }
        }
        found
    }
}
