//! A fuzzer's find: a snapshot file whose catalogue names a dropped namespace had its blocks reclaimed, which poisoned the
//! store that reads it (E27).

use crate::block::{BlockBuilder, BlockHeader, stored_hash};
use crate::key;
use crate::namespace::{NamespaceId, row};
use crate::options::{Compression, Options};
use crate::row::{Row, RowKind};
use crate::snapshot_file::{Header, SnapshotFileWriter};
use crate::store::{Status, Store};

#[test]
fn that_names_a_dropped_namespace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("published");
    let compression = Compression::None;
    let header = Header { store_id: 7, epoch: 1, seq: 9, created_ms: 1, compression, has_whole_values: false };
    let mut file = SnapshotFileWriter::create(&path, &header).unwrap();
    let place = BlockHeader { space: key::SPACE_BASE, namespace: 0, low: b"", fence: None, checkpoint: 1 };
    let mut builder = BlockBuilder::new();
    let dropped = row::dropped(NamespaceId::new(5));
    let (kind, value) = (RowKind::Value, &b"\x01"[..]);
    builder.push(&Row { key: &dropped, seq: 0, kind, expires_at: None, end_seq: None, value }).unwrap();
    let stored = builder.finish(&place, compression).unwrap();
    let sled_key = key::block_key(key::SPACE_BASE, 0, None);
    file.add(&sled_key, &stored, Some(stored_hash(&sled_key, &stored).unwrap())).unwrap();
    file.finish(false).unwrap();

    let store = Store::open_snapshot(&path, &Options::default()).unwrap();
    assert_eq!(store.inner.catalogue.dropped().len(), 1);
    assert!(!store.inner.checkpoint_once(crate::checkpoint::Drain::Blocks).unwrap());
    assert!(!store.inner.reclaim_step().unwrap());
    assert_eq!(store.status(), Status::Open);
    store.close().unwrap();
}
