//! One planted fault an invariant: `verify` names exactly it.
#![allow(clippy::unwrap_used)] // a test may panic

use std::fs;

use tempfile::TempDir;

use super::{Finding, Severity};
use crate::batch::Batch;
use crate::block::{Block, BlockBuilder, BlockHeader, Row, RowKind, stamp};
use crate::key;
use crate::large::{Manifest, ValueId};
use crate::namespace::{NamespaceId, NamespaceOptions};
use crate::open::JOURNAL_FOLDER;
use crate::options::{Compression, Durability, Options};
use crate::snapshot::PinKind;
use crate::store::Store;
use crate::store_file::{self, CHECKPOINT_FILE};

const BASE: u8 = key::SPACE_BASE;

struct Bed {
    store: Store,
    namespace: u32,
    folder: TempDir,
}

impl Bed {
    /// A store with several blocks, history, a chunked value and a streamed one.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let options = Options { block_bytes: Some(512), durability: Durability::None, ..Options::default() };
        let store = Store::open(folder.path(), &options).unwrap();
        let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
        let write = |value: &[u8]| {
            let mut batch = Batch::new();
            for row in 0..200 {
                batch.put(namespace, format!("key-{row:03}").as_bytes(), value).unwrap();
            }
            batch.put(namespace, b"long", &vec![value[0]; 40_000]).unwrap();
            batch.put(namespace, b"longer", &vec![value[0]; 100_000]).unwrap();
            store.apply(&batch).unwrap();
        };
        write(b"an old value");
        store.checkpoint().unwrap();
        // Keeps history as long as the store lives.
        store.inner.readers.pin(&store.inner.visible, PinKind::Snapshot);
        write(b"a new value");
        store.checkpoint().unwrap();
        let bed = Self { store, namespace: namespace.get(), folder };
        assert_eq!(bed.findings(), []);
        bed
    }

    fn findings(&self) -> Vec<Finding> {
        self.store.verify(&mut |_| true).unwrap().findings
    }

    fn blocks(&self, space: u8) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let (from, to) = key::block_key_range(space, self.namespace);
        let mut sink = |key: &[u8], stored: &[u8]| {
            found.push((key.to_vec(), stored.to_vec()));
            Ok(true)
        };
        self.store.inner.backend.for_each(&from, Some(&[&to[..], &[0]].concat()), &mut sink).unwrap();
        found
    }

    fn insert(&self, key: &[u8], value: &[u8]) {
        self.store.inner.backend.insert(key, value).unwrap();
    }

    fn remove(&self, key: &[u8]) {
        self.store.inner.backend.remove(key).unwrap();
    }

    /// Writes a block again with other rows or bounds, and makes the sum over all blocks fit, so that only what is
    /// tested is wrong.
    fn rewrite(&self, block: (&[u8], &[u8]), low: Option<&[u8]>, change: impl Fn(&mut Vec<OwnedRow>)) {
        let (sled_key, stored) = block;
        let old = Block::decode(sled_key, stored).unwrap();
        let mut rows: Vec<OwnedRow> = (0..old.len()).map(|index| OwnedRow::of(&old, index)).collect();
        change(&mut rows);
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        let mut builder = BlockBuilder::new();
        rows.iter().for_each(|row| builder.push(&row.borrow()).unwrap());
        let header = BlockHeader { low: low.unwrap_or(old.low()), ..old.header() };
        let new = builder.finish(&header, Compression::None).unwrap();
        self.insert(sled_key, &new);
        if let Some(bytes) = &mut self.store.inner.checkpoint.hold().live_bytes {
            *bytes = *bytes + new.len() as u64 - stored.len() as u64;
        }
        self.add_to_hash(Block::decode(sled_key, &new).unwrap().content_hash().wrapping_sub(old.content_hash()));
    }

    /// Makes the last checkpoint's sum differ by `change`, in memory and in the file.
    fn add_to_hash(&self, change: u64) {
        let mut run = self.store.inner.checkpoint.hold();
        run.hash = run.hash.wrapping_add(change);
        let mut file = store_file::read_checkpoint(self.folder.path()).unwrap().unwrap();
        file.hash = run.hash;
        store_file::write_checkpoint(self.folder.path(), &file).unwrap();
    }

    #[track_caller]
    fn assert_finds(&self, invariant: &str, severity: Severity, what: &str) {
        let findings = self.findings();
        let named = findings.iter().all(|f| f.invariant == invariant && f.severity == severity);
        assert!(!findings.is_empty() && named, "{findings:?}");
        assert!(findings.iter().any(|finding| finding.what.contains(what)), "{findings:?}");
    }
}

struct OwnedRow {
    key: Vec<u8>,
    seq: u64,
    kind: RowKind,
    expires_at: Option<u64>,
    end_seq: Option<u64>,
    value: Vec<u8>,
}

impl OwnedRow {
    fn of(block: &Block, index: usize) -> Self {
        let (row, key) = (block.row(index), block.key_of(index).to_vec());
        let (expires_at, end_seq, value) = (row.expires_at, row.end_seq, row.value.to_vec());
        Self { key, seq: row.seq, kind: row.kind, expires_at, end_seq, value }
    }

    fn borrow(&self) -> Row<'_> {
        let (key, value) = (self.key.as_slice(), self.value.as_slice());
        let (expires_at, end_seq) = (self.expires_at, self.end_seq);
        Row { key, seq: self.seq, kind: self.kind, expires_at, end_seq, value }
    }
}

#[test]
fn a_flipped_bit_is_found() {
    let bed = Bed::new();
    for space in [BASE, key::SPACE_HISTORY] {
        let (sled_key, stored) = bed.blocks(space)[1].clone();
        let mut damaged = stored.clone();
        *damaged.last_mut().unwrap() ^= 1;
        bed.insert(&sled_key, &damaged);
        bed.assert_finds("E13", Severity::Damage, "checksum");
        bed.insert(&sled_key, &stored);
        assert_eq!(bed.findings(), []);
    }
}

#[test]
fn a_block_of_another_place_is_found() {
    let bed = Bed::new();
    let blocks = bed.blocks(BASE);
    bed.insert(&blocks[2].0, &blocks[3].1);
    let findings = bed.findings();
    assert!(findings.iter().any(|finding| finding.invariant == "E13"), "{findings:?}");
}

#[test]
fn a_missing_block_is_a_gap() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[3].clone();
    bed.remove(&sled_key);
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E14" && f.what.contains("ends below")), "{findings:?}");
    assert!(findings.iter().any(|f| f.invariant == "E15"), "{findings:?}");
    bed.insert(&sled_key, &stored);
    assert_eq!(bed.findings(), []);
}

#[test]
fn a_missing_last_block_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE).last().unwrap().clone();
    bed.remove(&sled_key);
    let hash = Block::decode(&sled_key, &stored).unwrap().content_hash();
    bed.add_to_hash(0_u64.wrapping_sub(hash));
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E14" && f.what.contains("no block follows")), "{findings:?}");
}

#[test]
fn overlapping_blocks_are_found() {
    let bed = Bed::new();
    let blocks = bed.blocks(BASE);
    let (sled_key, stored) = &blocks[3];
    let far_left = Block::decode(&blocks[2].0, &blocks[2].1).unwrap().low().to_vec();
    bed.rewrite((sled_key, stored), Some(&far_left), |_| {});
    bed.assert_finds("E14", Severity::Damage, "inside the block before");
}

#[test]
fn a_row_outside_its_block_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[3].clone();
    let old = Block::decode(&sled_key, &stored).unwrap();
    let mut builder = BlockBuilder::new();
    let mut rows: Vec<OwnedRow> = (0..old.len()).map(|index| OwnedRow::of(&old, index)).collect();
    rows.last_mut().unwrap().key = b"zebra".to_vec();
    rows.iter().for_each(|row| builder.push(&row.borrow()).unwrap());
    let mut new = builder.finish(&BlockHeader { fence: None, ..old.header() }, Compression::None).unwrap();
    stamp(&sled_key, &mut new);
    bed.insert(&sled_key, &new);
    bed.add_to_hash(Block::decode(&sled_key, &new).unwrap().content_hash().wrapping_sub(old.content_hash()));
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E14" && f.what.contains("outside")), "{findings:?}");
}

#[test]
fn a_seq_from_the_future_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[1].clone();
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].seq = 1 << 40);
    bed.assert_finds("E7", Severity::Damage, "above");
}

#[test]
fn history_without_an_end_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(key::SPACE_HISTORY)[0].clone();
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].end_seq = None);
    bed.assert_finds("E8", Severity::Damage, "not above its seq");
}

#[test]
fn a_base_row_with_an_end_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[1].clone();
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].end_seq = Some(rows[0].seq + 1));
    bed.assert_finds("E8", Severity::Damage, "not in history");
}

#[test]
fn missing_chunks_are_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(key::SPACE_CHUNKS)[0].clone();
    bed.rewrite((&sled_key, &stored), None, Vec::clear);
    bed.assert_finds("E16", Severity::Damage, "are there");
}

#[test]
fn changed_chunks_are_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(key::SPACE_CHUNKS)[0].clone();
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].value[7] ^= 1);
    bed.assert_finds("E16", Severity::Damage, "do not fit its checksum");
}

#[test]
fn chunks_without_a_manifest_are_a_leak() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(key::SPACE_CHUNKS).last().unwrap().clone();
    bed.rewrite((&sled_key, &stored), None, |rows| {
        let key = key::chunk_key(u64::MAX, 5, 0).to_vec();
        let (expires_at, end_seq, value) = (None, None, b"lost".to_vec());
        rows.push(OwnedRow { key, seq: 1, kind: RowKind::Value, expires_at, end_seq, value });
    });
    bed.assert_finds("E16", Severity::Waste, "no row names");
    let id = ValueId { origin: u64::MAX, number: 5 };
    crate::meta::write_dropped_value(&*bed.store.inner.backend, NamespaceId::new(bed.namespace), id).unwrap();
    assert_eq!(bed.findings(), [], "chunks that are to be removed are no leak");
}

#[test]
fn a_chunk_that_expires_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(key::SPACE_CHUNKS)[0].clone();
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].expires_at = Some(1));
    bed.assert_finds("E28", Severity::Damage, "others need it longer");
}

#[test]
fn rows_that_expire_and_are_not_counted_are_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[1].clone();
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].expires_at = Some(u64::MAX));
    bed.assert_finds("E28", Severity::Waste, "not counted");
    let mut batch = Batch::new();
    batch.put_expiring(NamespaceId::new(bed.namespace), b"counted", b"value", u64::MAX).unwrap();
    bed.store.apply(&batch).unwrap();
    bed.store.checkpoint().unwrap();
    assert_eq!(bed.findings(), []);
}

#[test]
fn miscounted_live_bytes_are_found() {
    let bed = Bed::new();
    bed.store.inner.checkpoint.hold().live_bytes = Some(1);
    bed.assert_finds("E21", Severity::Waste, "bytes");
}

#[test]
fn a_manifest_without_chunks_is_found() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[1].clone();
    let manifest = Manifest { id: ValueId { origin: 77, number: 0 }, length: 9, checksum: 1, chunk_bytes: 16_000 };
    bed.rewrite((&sled_key, &stored), None, |rows| {
        rows[0].kind = RowKind::Manifest;
        rows[0].value = manifest.encode();
    });
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E16" && f.what.contains("missing")), "{findings:?}");
}

#[test]
fn a_stale_block_changes_the_sum() {
    let bed = Bed::new();
    let (sled_key, stored) = bed.blocks(BASE)[2].clone();
    let hash = bed.store.inner.checkpoint.hold().hash;
    bed.rewrite((&sled_key, &stored), None, |rows| rows[0].value = b"an old value".to_vec());
    let now = bed.store.inner.checkpoint.hold().hash;
    bed.add_to_hash(hash.wrapping_sub(now));
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E15" && f.severity == Severity::Damage), "{findings:?}");
    assert!(findings.iter().all(|f| f.invariant == "E15"), "{findings:?}");
}

#[test]
fn another_checkpoint_file_is_found() {
    let bed = Bed::new();
    let path = bed.folder.path().join(CHECKPOINT_FILE);
    let whole = fs::read(&path).unwrap();
    let mut file = store_file::read_checkpoint(bed.folder.path()).unwrap().unwrap();
    file.number += 1;
    store_file::write_checkpoint(bed.folder.path(), &file).unwrap();
    bed.assert_finds("E15", Severity::Damage, "the last checkpoint was");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    bed.assert_finds("E15", Severity::Damage, "damaged");
}

#[test]
fn a_block_of_an_unknown_namespace_is_found() {
    let bed = Bed::new();
    let header = BlockHeader { space: BASE, namespace: 4_711, low: b"", fence: None, checkpoint: 1 };
    let stored = BlockBuilder::new().finish(&header, Compression::None).unwrap();
    let sled_key = key::block_key(BASE, 4_711, None);
    bed.insert(&sled_key, &stored);
    bed.add_to_hash(Block::decode(&sled_key, &stored).unwrap().content_hash());
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E24" && f.severity == Severity::Waste), "{findings:?}");
}

#[test]
fn a_catalogue_row_that_cannot_be_read_is_found() {
    let bed = Bed::new();
    let mut batch = Batch::new();
    batch.put(NamespaceId::CATALOGUE, b"nrows too", b"nonsense").unwrap();
    bed.store.apply(&batch).unwrap();
    bed.assert_finds("E24", Severity::Damage, "newer version");
}

#[test]
fn a_foreign_entry_is_found() {
    let bed = Bed::new();
    bed.insert(b"zebra", b"stripes");
    bed.assert_finds("E14", Severity::Damage, "no key space");
    bed.remove(b"zebra");
    bed.insert(b"b\0", b"too short");
    bed.assert_finds("E14", Severity::Damage, "no block's");
}

#[test]
fn an_entry_too_long_for_sled_is_found() {
    let store = Store::memory(&Options::default()).unwrap();
    let namespace = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let mut batch = Batch::new();
    batch.put(namespace, b"key", b"value").unwrap();
    store.apply(&batch).unwrap();
    store.checkpoint().unwrap();
    store.inner.backend.insert(&key::block_key(BASE, namespace.get(), None), &[0; 20_000]).unwrap();
    let findings = store.verify(&mut |_| true).unwrap().findings;
    assert!(findings.iter().any(|f| f.invariant == "E16" && f.what.contains("limit")), "{findings:?}");
}

#[test]
fn a_damaged_journal_is_found() {
    let bed = Bed::new();
    let mut batch = Batch::new();
    batch.put(NamespaceId::new(bed.namespace), b"key", &[7; 3_000]).unwrap();
    bed.store.commit(&batch, Durability::Full).unwrap();
    bed.store.commit(&batch, Durability::Full).unwrap();
    let mut segments: Vec<_> =
        fs::read_dir(bed.folder.path().join(JOURNAL_FOLDER)).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    let path = segments.last().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[200] ^= 1;
    fs::write(path, &bytes).unwrap();
    let findings = bed.findings();
    assert!(findings.iter().any(|f| f.invariant == "E9" || f.invariant == "E10"), "{findings:?}");
    assert!(findings.iter().all(|f| f.invariant == "E9" || f.invariant == "E10"), "{findings:?}");
}

#[test]
fn progress_ends_the_walk() {
    let bed = Bed::new();
    let error = bed.store.verify(&mut |_| false).unwrap_err();
    assert_eq!(error.code(), crate::error::ErrorCode::Aborted);
}
