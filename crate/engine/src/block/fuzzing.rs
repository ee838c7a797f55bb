//! Blocks from any bytes: refused, or every row can be read, is found, and is the same when it is packed anew.
//!
//! Input: `flags ‖ length of the sled key u16 ‖ sled key ‖ stored block`.

use super::*;
use crate::fuzzing::STAMP;
use crate::options::Compression;

/// Decodes a block; panics when it breaks E13.
pub fn block(input: &[u8]) {
    let Some((&[flags, low, high], bytes)) = input.split_first_chunk() else { return };
    let (sled_key, stored) = bytes.split_at(usize::from(u16::from_le_bytes([low, high])).min(bytes.len()));
    let mut stored = stored.to_vec();
    if flags & STAMP != 0 && stored.len() >= CHECKSUM_BYTES {
        stamp(sled_key, &mut stored);
    }
    drop(stored_header(sled_key, &stored).map(|header| header.decoded_bytes(sled_key)));
    let Ok(block) = Block::decode(sled_key, &stored) else { return };
    let mut scratch = Scratch::default();
    let again = scratch.decode_verified(sled_key, &stored).expect("what was decoded is decoded again");
    assert_eq!((again.content_hash(), again.len()), (block.content_hash(), block.len()));
    let mut builder = BlockBuilder::new();
    let mut fits = true;
    for index in 0..block.len() {
        let row = block.row(index);
        let key = row.key.to_vec();
        assert_eq!(block.search(&key), Ok(index), "E13: a row is not found");
        let found = scratch.find(sled_key, &stored, &key).expect("what was decoded is read by rows, too");
        assert_eq!(found.map(|found| (found.seq, found.value)), Some((row.seq, row.value)), "E13: a row is not read");
        assert!(row.key.order(&key).is_eq());
        fits &= builder.push(&row.with_key(&key)).is_ok();
    }
    let header = block.header();
    // A block may hold what no builder takes: rows outside its bounds, or a version that ends as it begins.
    let Some(packed) = fits.then(|| builder.finish(&header, Compression::None).ok()).flatten() else { return };
    let packed = Block::decode(sled_key, &packed).expect("what a builder packs can be read");
    assert_eq!((packed.len(), packed.header()), (block.len(), header));
    for index in 0..block.len() {
        let (had, has) = (block.row(index), packed.row(index));
        let same = (had.seq, had.kind, had.expires_at, had.end_seq, had.value)
            == (has.seq, has.kind, has.expires_at, has.end_seq, has.value);
        assert!(same && had.key.to_vec() == has.key.to_vec(), "row {index} was not packed as it was");
    }
}

/// Blocks of each codec: of a namespace's rows, of history, the last of a namespace, an empty one.
pub fn block_seeds() -> Vec<Vec<u8>> {
    let keys: Vec<Vec<u8>> = (0..12_u8).map(|number| [&b"user:"[..], &[number / 5, number, 0xff]].concat()).collect();
    let rows = keys.iter().enumerate().map(|(number, key)| Row {
        key,
        seq: [0, 7, 1 << 20][number % 3],
        kind: if number % 4 == 0 { RowKind::Manifest } else { RowKind::Value },
        expires_at: (number % 3 == 1).then_some(1 << 40),
        end_seq: (number % 5 == 2).then_some(1 << 21),
        value: &b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"[..3 * number],
    });
    let rows: Vec<_> = rows.collect();
    let header = BlockHeader { space: key::SPACE_BASE, namespace: 7, low: b"", fence: None, checkpoint: 42 };
    let inner = BlockHeader { low: b"user", fence: Some(b"user:\x03"), space: key::SPACE_HISTORY, ..header };
    let mut seeds = Vec::new();
    for (header, rows) in [(header, &rows[..]), (inner, &rows[..]), (header, &rows[..0]), (inner, &rows[..1])] {
        for compression in [Compression::None, Compression::Lz4, Compression::Deflate] {
            let mut builder = BlockBuilder::new();
            let packed = rows.iter().try_for_each(|row| builder.push(row));
            let Ok(stored) = packed.and_then(|()| builder.finish(&header, compression)) else { continue };
            let sled_key = key::block_key(header.space, header.namespace, header.fence);
            let length = (sled_key.len() as u16).to_le_bytes();
            for stored in std::iter::once(stored.clone()).chain(ungrouped(&sled_key, &stored)) {
                seeds.push([&[STAMP, length[0], length[1]][..], &sled_key, &stored].concat());
            }
        }
    }
    debug_assert!(seeds.len() > 12, "{}", seeds.len());
    seeds
}
