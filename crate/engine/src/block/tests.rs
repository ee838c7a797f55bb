#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::error::ErrorCode;
use crate::key::tests::{config, seed};
use crate::options::{CHUNK_BYTES, Compression, ENTRY_BYTES_MAX, ROW_KEY_BYTES_MAX};

/// A row but for its key, owned.
#[derive(Clone, Debug, PartialEq)]
struct Body {
    seq: u64,
    kind: RowKind,
    expires_at: Option<u64>,
    end_seq: Option<u64>,
    value: Vec<u8>,
}

type Rows = BTreeMap<Vec<u8>, Body>;

const HEADER: BlockHeader<'static> =
    BlockHeader { space: key::SPACE_BASE, namespace: 7, low: b"", fence: None, checkpoint: 42 };

fn any_seq() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0u64), 1u64..200, 1_000_000u64..1_100_000, Just(u64::MAX - 1), any::<u64>()]
}

fn any_body() -> impl Strategy<Value = Body> {
    let kind = prop_oneof![Just(RowKind::Value), Just(RowKind::Manifest)];
    let value = prop_oneof![vec(any::<u8>(), 0..20), (0usize..300).prop_map(|len| std::vec![b'x'; len])];
    (any_seq(), kind, any::<Option<u64>>(), any::<Option<u64>>(), value).prop_map(
        |(seq, kind, expires_at, end, value)| {
            let end_seq = end.map(|end| end.max(1).saturating_add(seq)).filter(|&end| end > seq);
            Body { seq, kind, expires_at, end_seq, value }
        },
    )
}

/// Short alphabets and long shared prefixes: equal heads, empty suffixes, keys that are prefixes of others.
fn any_key() -> impl Strategy<Value = Vec<u8>> {
    let short = vec(prop_oneof![Just(0u8), Just(b'a'), Just(0xff)], 0..9);
    prop_oneof![short.clone(), short.prop_map(|tail| [&b"user:profile:"[..], &tail].concat()), vec(any::<u8>(), 1..24),]
}

fn any_rows() -> impl Strategy<Value = Rows> {
    btree_map(any_key(), any_body(), 0..60)
}

fn row<'a>(key: &'a [u8], body: &'a Body) -> Row<'a> {
    let Body { seq, kind, expires_at, end_seq, ref value } = *body;
    Row { key, seq, kind, expires_at, end_seq, value }
}

fn any_compression() -> impl Strategy<Value = Compression> {
    prop::sample::select(vec![Compression::None, Compression::Lz4, Compression::Deflate])
}

fn build(rows: &Rows, header: &BlockHeader<'_>, compression: Compression) -> (Vec<u8>, Vec<u8>) {
    let mut builder = BlockBuilder::new();
    for (key, body) in rows {
        builder.push(&row(key, body)).unwrap();
        assert_eq!(builder.last_key(), Some(key.as_slice()));
    }
    assert_eq!(builder.rows(), rows.len());
    let stored = builder.finish(header, compression).unwrap();
    assert_eq!(builder.rows(), 0);
    (key::block_key(header.space, header.namespace, header.fence), stored)
}

fn read(block: &Block) -> Rows {
    (0..block.len())
        .map(|index| {
            let row = block.row(index);
            assert_eq!(row.key.to_vec(), block.key_of(index).to_vec());
            (row.key.to_vec(), body(&row))
        })
        .collect()
}

fn body(row: &RowRef<'_>) -> Body {
    let RowRef { seq, kind, expires_at, end_seq, value, .. } = *row;
    Body { seq, kind, expires_at, end_seq, value: value.to_vec() }
}

fn sample(rows: u64) -> Rows {
    (0..rows)
        .map(|number| {
            let body = Body {
                seq: 500 + number % 7,
                kind: if number == 3 { RowKind::Manifest } else { RowKind::Value },
                expires_at: (number % 5 == 0).then_some(1_800_000_000_000 + number),
                end_seq: (number % 4 == 0).then_some(900),
                value: [&b"value value value "[..], &number.to_le_bytes()].concat(),
            };
            (format!("key:{number:06}").into_bytes(), body)
        })
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rows_of_all_kinds_round_trip(rows in any_rows(), compression in any_compression(), checkpoint in any::<u64>()) {
        let header = BlockHeader { checkpoint, ..HEADER };
        let (sled_key, stored) = build(&rows, &header, compression);
        let block = Block::decode(&sled_key, &stored).unwrap();
        prop_assert_eq!(read(&block), rows.clone());
        prop_assert_eq!(block.header(), header);
        prop_assert_eq!(block.has_manifests(), rows.values().any(|body| body.kind == RowKind::Manifest));
        let stored_header = stored_header(&sled_key, &stored).unwrap();
        prop_assert_eq!(stored_header.block, header);
        prop_assert_eq!(stored_header.rows, rows.len());
        prop_assert_eq!(stored_header.has_manifests, block.has_manifests());
        prop_assert_eq!(stored_header.content_hash, block.content_hash());
        prop_assert_eq!(stored_hash(&sled_key, &stored).unwrap(), block.content_hash());
        prop_assert_eq!(stored_header.decoded_bytes(&sled_key), block.memory_bytes());
        let mut scratch = Scratch::default();
        prop_assert_eq!(read(Block::decode_into(&sled_key, &stored, &mut scratch).unwrap()), rows);
    }

    #[test]
    fn search_agrees_with_a_sorted_list(rows in any_rows(), keys in vec(any_key(), 0..60)) {
        let (sled_key, stored) = build(&rows, &HEADER, Compression::Lz4);
        let block = Block::decode(&sled_key, &stored).unwrap();
        let model: Vec<&[u8]> = rows.keys().map(Vec::as_slice).collect();
        let mut scratch = Scratch::default();
        let older = ungrouped(&sled_key, &stored);
        for key in keys.iter().map(Vec::as_slice).chain(model.iter().copied()) {
            prop_assert_eq!(block.search(key), model.binary_search(&key));
            for stored in std::iter::once(&stored).chain(&older) {
                let found = scratch.find(&sled_key, stored, key).unwrap().map(|found| (found.key.to_vec(), body(&found)));
                prop_assert_eq!(found.as_ref().map(|(key, body)| (key, body)), rows.get_key_value(key));
            }
            for (index, other) in model.iter().enumerate() {
                prop_assert_eq!(block.key_of(index).order(key), other.cmp(&key));
            }
        }
    }

    #[test]
    fn plain_bytes_is_a_close_upper_bound(rows in any_rows()) {
        let mut builder = BlockBuilder::new();
        for (key, body) in &rows {
            builder.push(&row(key, body)).unwrap();
        }
        let estimate = builder.plain_bytes();
        let stored = builder.finish(&HEADER, Compression::None).unwrap();
        let sled_key = key::block_key(HEADER.space, HEADER.namespace, None);
        let exact = stored_header(&sled_key, &stored).unwrap().plain_bytes;
        prop_assert!(exact <= estimate && estimate <= exact + 10 * rows.len(), "{} {}", exact, estimate);
    }

    #[test]
    fn random_damage_is_an_error(rows in any_rows(), hits in vec((any::<prop::sample::Index>(), 1u8..), 1..8)) {
        let (sled_key, stored) = build(&rows, &HEADER, Compression::Lz4);
        let mut damaged = stored.clone();
        for (at, mask) in hits {
            damaged[at.index(stored.len())] ^= mask;
        }
        prop_assume!(damaged != stored);
        prop_assert_eq!(Block::decode(&sled_key, &damaged).err().map(|error| error.code()), Some(ErrorCode::Corruption));
    }

    /// Behind the checksum, too, nothing may panic: the structure is checked on its own.
    #[test]
    fn damage_behind_the_checksum_never_panics(
        rows in any_rows(), compression in any_compression(), hits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (sled_key, mut stored) = build(&rows, &HEADER, compression);
        for (at, byte) in hits {
            let at = at.index(stored.len());
            stored[at] = byte;
        }
        let mut scratch = Scratch::default();
        if let Ok(block) = Block::decode_verified(&sled_key, &stored) {
            let rows = read(&block);
            prop_assert_eq!(rows.len(), block.len());
            for (index, (key, value)) in rows.iter().enumerate() {
                prop_assert_eq!(block.search(key), Ok(index));
                let found = scratch.find(&sled_key, &stored, key).unwrap().map(|found| body(&found));
                prop_assert_eq!(found.as_ref(), Some(value));
            }
        }
        // Of a damaged block a row is read or not.
        for key in rows.keys() {
            let _ = scratch.find(&sled_key, &stored, key);
        }
    }
}

#[test]
fn every_single_bit_is_covered() {
    for (rows, compression) in [(0, Compression::Lz4), (1, Compression::None), (40, Compression::Lz4)] {
        let header = BlockHeader { low: b"key:", fence: Some(b"kez"), ..HEADER };
        let (sled_key, stored) = build(&sample(rows), &header, compression);
        for bit in 0..stored.len() * 8 {
            let mut damaged = stored.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let error = Block::decode(&sled_key, &damaged).err().expect("a flipped bit must be found");
            assert_eq!(error.code(), ErrorCode::Corruption, "bit {bit}");
        }
        for bit in 0..sled_key.len() * 8 {
            let mut wrong = sled_key.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(Block::decode(&wrong, &stored).is_err(), "sled key bit {bit}");
        }
        for length in 0..stored.len() {
            assert!(Block::decode(&sled_key, &stored[..length]).is_err(), "cut at {length}");
            // Not only by its checksum: a cut block is refused where that is not looked at, or has all its bytes.
            let _ = Block::decode_verified(&sled_key, &stored[..length]);
        }
        assert!(Block::decode(&sled_key, &[&stored[..], b"\0"].concat()).is_err());
    }
}

/// A row's group is decoded, and no other: of damage elsewhere its reader hears nothing. Heads that are equal stay together.
#[test]
fn a_row_is_read_by_its_group() {
    let rows: Rows = (0..60u64)
        .map(|number| {
            // The heads of the first forty are equal.
            let lead = number.saturating_sub(39) as u32;
            let key = [&lead.to_be_bytes()[..], &number.to_be_bytes()].concat();
            let value = [&b"a value that is half text "[..], &[number as u8; 30]].concat();
            (key, Body { seq: 7, kind: RowKind::Value, expires_at: None, end_seq: None, value })
        })
        .collect();
    let (sled_key, stored) = build(&rows, &HEADER, Compression::Lz4);
    let header = stored_header(&sled_key, &stored).unwrap();
    assert!(header.is_grouped());
    let mut scratch = Scratch::default();
    let mut damaged = stored.clone();
    // Behind the table of groups, in the middle of the first one: lengths beyond any end.
    damaged[HEADER_BYTES + 300..HEADER_BYTES + 364].fill(0xff);
    assert!(Block::decode_verified(&sled_key, &damaged).is_err());
    let readable = |scratch: &mut Scratch, key: &Vec<u8>| {
        scratch
            .find(&sled_key, &damaged, key)
            .is_ok_and(|found| found.map(|found| body(&found)).as_ref() == rows.get(key))
    };
    let keys: Vec<_> = rows.keys().collect();
    assert!(!readable(&mut scratch, keys[39]), "the group of equal heads was parted");
    assert!(readable(&mut scratch, keys[59]));
    for (key, value) in &rows {
        assert_eq!(scratch.find(&sled_key, &stored, key).unwrap().map(|found| body(&found)).as_ref(), Some(value));
    }
}

#[test]
fn a_block_of_another_place_is_refused() {
    let header = BlockHeader { low: b"key:", fence: Some(b"kez"), ..HEADER };
    let (_, stored) = build(&sample(20), &header, Compression::Lz4);
    for (space, namespace, fence) in [
        (key::SPACE_HISTORY, 7, Some(&b"kez"[..])),
        (key::SPACE_BASE, 8, Some(b"kez")),
        (key::SPACE_BASE, 7, Some(b"key;")),
        (key::SPACE_BASE, 7, None),
    ] {
        let foreign = key::block_key(space, namespace, fence);
        assert_eq!(Block::decode(&foreign, &stored).err().map(|error| error.code()), Some(ErrorCode::Corruption));
    }
}

#[test]
fn content_hash_tells_contents_and_places_apart() {
    let (sled_key, stored) = build(&sample(20), &HEADER, Compression::Lz4);
    let (_, same) = build(&sample(20), &HEADER, Compression::Lz4);
    let (_, other_rows) = build(&sample(21), &HEADER, Compression::Lz4);
    let (other_key, other_place) = build(&sample(20), &BlockHeader { namespace: 8, ..HEADER }, Compression::Lz4);
    let hash = stored_hash(&sled_key, &stored).unwrap();
    assert_eq!(hash, stored_hash(&sled_key, &same).unwrap());
    assert_ne!(hash, stored_hash(&sled_key, &other_rows).unwrap());
    assert_ne!(hash, stored_hash(&other_key, &other_place).unwrap());
}

#[test]
fn incompressible_rows_are_stored_plain() {
    let mut random = SmallRng::seed_from_u64(seed());
    let mut rows = sample(20);
    for body in rows.values_mut() {
        body.value = (0..200).map(|_| random.random()).collect();
    }
    for compression in [Compression::Lz4, Compression::Deflate] {
        let (sled_key, stored) = build(&rows, &HEADER, compression);
        let (_, plain) = build(&rows, &HEADER, Compression::None);
        assert!(stored.len() <= plain.len());
        assert_eq!(read(&Block::decode(&sled_key, &stored).unwrap()), rows);
        let (sled_key, packed) = build(&sample(40), &HEADER, compression);
        assert!(stored_header(&sled_key, &packed).unwrap().is_compressed());
    }
}

#[test]
fn deflate_takes_less_than_lz4() {
    let mut rows = sample(40);
    for (number, body) in rows.values_mut().enumerate() {
        body.value = format!("{{\"number\":{number},\"parity\":\"{}\"}}", ["even", "odd"][number % 2]).into_bytes();
    }
    let (_, lz4) = build(&rows, &HEADER, Compression::Lz4);
    let (sled_key, deflate) = build(&rows, &HEADER, Compression::Deflate);
    assert!(deflate.len() < lz4.len() * 9 / 10, "{} beside {}", deflate.len(), lz4.len());
    assert_eq!(read(&Block::decode(&sled_key, &deflate).unwrap()), rows);
}

#[test]
fn a_chunk_with_the_longest_key_fits_one_entry() {
    let mut random = SmallRng::seed_from_u64(seed());
    let key = vec![0xee; ROW_KEY_BYTES_MAX];
    let mut low = key.clone();
    low[ROW_KEY_BYTES_MAX - 1] = 0xed;
    let mut fence = key.clone();
    fence[ROW_KEY_BYTES_MAX - 1] = 0xef;
    let value = (0..CHUNK_BYTES - ROW_KEY_BYTES_MAX).map(|_| random.random()).collect();
    let body = Body { seq: 9, kind: RowKind::Value, expires_at: None, end_seq: None, value };
    let rows = Rows::from([(key, body)]);
    let header = BlockHeader { low: &low, fence: Some(&fence), ..HEADER };
    let (sled_key, stored) = build(&rows, &header, Compression::Lz4);
    assert!(sled_key.len() + stored.len() <= ENTRY_BYTES_MAX);
    assert_eq!(read(&Block::decode(&sled_key, &stored).unwrap()), rows);
}

#[test]
fn builder_refuses_what_no_block_can_hold() {
    let mut builder = BlockBuilder::new();
    let good = Row { key: b"b", seq: 3, kind: RowKind::Value, expires_at: None, end_seq: None, value: b"v" };
    builder.push(&good).unwrap();
    let long = vec![1; ENTRY_BYTES_MAX + 1];
    for bad in [
        Row { key: b"b", ..good },
        Row { key: b"a", ..good },
        Row { key: b"c", end_seq: Some(3), ..good },
        Row { key: b"c", value: &long, ..good },
        Row { key: &long[..ROW_KEY_BYTES_MAX + 1], ..good },
    ] {
        assert_eq!(builder.push(&bad).unwrap_err().code(), ErrorCode::Internal);
    }
    assert_eq!(builder.rows(), 1);
    for outside in [
        BlockHeader { low: b"c", ..HEADER },
        BlockHeader { fence: Some(b"b"), ..HEADER },
        BlockHeader { low: b"b", fence: Some(b"b"), ..HEADER },
    ] {
        assert_eq!(builder.finish(&outside, Compression::Lz4).unwrap_err().code(), ErrorCode::Internal);
    }
    assert!(builder.finish(&BlockHeader { low: b"b", fence: Some(b"b\0"), ..HEADER }, Compression::Lz4).is_ok());
}

#[test]
fn only_a_sorted_run_holds_tombstones() {
    let mut builder = BlockBuilder::new();
    let gone = Row { key: b"b", seq: 3, kind: RowKind::Tombstone, expires_at: None, end_seq: None, value: b"" };
    builder.push(&gone).unwrap();
    let header = BlockHeader { low: b"", fence: None, ..HEADER };
    assert_eq!(builder.finish(&header, Compression::None).unwrap_err().code(), ErrorCode::Internal);
    let header = BlockHeader { space: key::SPACE_RUNS, ..header };
    let stored = builder.finish(&header, Compression::None).unwrap();
    let sled_key = key::block_key(key::SPACE_RUNS, header.namespace, None);
    assert_eq!(Block::decode(&sled_key, &stored).unwrap().row(0).kind, RowKind::Tombstone);
    // The same bytes in the place of a base block.
    let (sled_key, mut stored) = (key::block_key(key::SPACE_BASE, header.namespace, None), stored);
    stamp(&sled_key, &mut stored);
    assert_eq!(Block::decode(&sled_key, &stored).err().unwrap().code(), ErrorCode::Corruption);
}

#[test]
fn builder_refuses_to_overflow() {
    let mut builder = BlockBuilder::new();
    let mut random = SmallRng::seed_from_u64(seed());
    let value: Vec<u8> = (0..ENTRY_BYTES_MAX).map(|_| random.random()).collect();
    let rows = (0u8..9).take_while(|number| {
        let row = Row { key: &[*number], seq: 3, kind: RowKind::Value, expires_at: None, end_seq: None, value: &value };
        builder.push(&row).is_ok()
    });
    assert_eq!(rows.count(), 3); // four of them pass 65,535 bytes
    assert_eq!(builder.finish(&HEADER, Compression::Lz4).unwrap_err().code(), ErrorCode::Internal);
    builder.clear();
    assert!(builder.finish(&HEADER, Compression::Lz4).is_ok());
}

#[test]
fn scratch_never_shows_another_block() {
    let mut scratch = Scratch::default();
    let (first_key, first) = build(&sample(40), &HEADER, Compression::Lz4);
    let (second_key, second) = build(&sample(3), &BlockHeader { namespace: 9, ..HEADER }, Compression::None);
    for _ in 0..2 {
        assert_eq!(read(scratch.decode_verified(&first_key, &first).unwrap()), sample(40));
        assert_eq!(read(scratch.decode_verified(&first_key, &first).unwrap()), sample(40));
        assert!(Block::decode_into(&first_key, &second, &mut scratch).is_err());
        assert_eq!(read(scratch.decode_verified(&second_key, &second).unwrap()), sample(3));
        assert!(scratch.decode_verified(b"x", &first).is_err());
    }
}
