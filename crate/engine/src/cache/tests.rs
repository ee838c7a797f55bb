#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::block::{BlockBuilder, BlockHeader, Row, RowKind};
use crate::error::ErrorCode;
use crate::key::{self, SPACE_BASE, SPACE_HISTORY, tests::seed};
use crate::options::Compression;

const PLENTY: usize = 1 << 30;

/// A sled entry: a block that answers for `[low, fence)`, with one row that names its version.
fn block(namespace: u32, low: &[u8], fence: Option<&[u8]>, version: u64) -> (Vec<u8>, Vec<u8>) {
    sized_block(namespace, low, fence, version, 400, Compression::Lz4)
}

fn sized_block(
    namespace: u32,
    low: &[u8],
    fence: Option<&[u8]>,
    version: u64,
    bytes: usize,
    compression: Compression,
) -> (Vec<u8>, Vec<u8>) {
    let mut builder = BlockBuilder::new();
    let value = vec![b'v'; bytes];
    let row = Row { key: low, seq: version, kind: RowKind::Value, expires_at: None, end_seq: None, value: &value };
    builder.push(&row).unwrap();
    let header = BlockHeader { space: SPACE_BASE, namespace, low, fence, checkpoint: version };
    let stored = builder.finish(&header, compression).unwrap();
    (key::block_key(SPACE_BASE, namespace, fence), stored)
}

fn version(block: &CachedBlock) -> u64 {
    block.with_block(|block| block.row(0).seq).unwrap()
}

fn page_in(cache: &BlockCache, entry: &(Vec<u8>, Vec<u8>)) -> Arc<CachedBlock> {
    cache.insert_page_in(&entry.0, &entry.1, b"", cache.generation()).unwrap().unwrap()
}

/// Neighboring blocks that part one namespace at the given fences.
fn chain(namespace: u32, fences: &[Vec<u8>]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut low: &[u8] = b"";
    let bounds = fences.iter().map(|fence| Some(fence.as_slice())).chain([None]);
    bounds
        .enumerate()
        .map(|(number, fence)| {
            let entry = block(namespace, low, fence, number as u64 + 1);
            low = fence.unwrap_or_default();
            entry
        })
        .collect()
}

fn numbered(count: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    chain(1, &(0..count).map(|number| format!("n{number:06}").into_bytes()).collect::<Vec<_>>())
}

/// Random fences of all the shapes that heads could confuse.
fn random_fences(random: &mut SmallRng, count: usize) -> Vec<Vec<u8>> {
    let mut fences: Vec<Vec<u8>> = (0..count)
        .map(|_| match random.random_range(0..4) {
            0 => (0..random.random_range(1..20)).map(|_| random.random()).collect(),
            1 => (0..random.random_range(1..20)).map(|_| if random.random() { 0xff } else { 0 }).collect(),
            2 => format!("a common start of some length/{:05}", random.random_range(0..99_999)).into_bytes(),
            _ => vec![b'x'; random.random_range(1..60)],
        })
        .collect();
    fences.sort();
    fences.dedup();
    fences
}

/// The model: sled keys in order, as sled would hold those that are cached.
#[derive(Default)]
struct Model(BTreeMap<Vec<u8>, (Vec<u8>, u64)>);

impl Model {
    fn lookup(&self, namespace: u32, key: &[u8]) -> Option<u64> {
        let seek = key::block_seek_key(SPACE_BASE, namespace, key);
        let last = key::block_key(SPACE_BASE, namespace, None);
        let mut above = self.0.range((std::ops::Bound::Excluded(seek), std::ops::Bound::Included(last)));
        above.next().filter(|(_, (low, _))| low.as_slice() <= key).map(|(_, (_, version))| *version)
    }
}

#[test]
fn lookups_agree_with_a_sorted_map_with_gaps() {
    let mut random = SmallRng::seed_from_u64(seed());
    let cache = BlockCache::new(PLENTY, true);
    let mut model = Model::default();
    let chains: Vec<_> = (1..4).map(|namespace| (namespace, random_fences(&mut random, 500))).collect();
    let entries: Vec<_> = chains.iter().map(|(namespace, fences)| chain(*namespace, fences)).collect();
    for step in 0..40_000 {
        let which = random.random_range(0..3);
        let (namespace, fences) = &chains[which];
        let at = random.random_range(0..entries[which].len());
        let (sled_key, stored) = &entries[which][at];
        // Waves of filling and emptying, so that leaves are split and joined.
        if random.random_ratio(if step / 4_000 % 2 == 0 { 2 } else { 9 }, 10) {
            cache.remove(sled_key);
            model.0.remove(sled_key);
            cache.join_leaves_after_removals();
        } else {
            cache.put(sled_key, stored, false).unwrap();
            let low = if at == 0 { Vec::new() } else { fences[at - 1].clone() };
            model.0.insert(sled_key.clone(), (low, at as u64 + 1));
        }
        let mut key = fences[random.random_range(0..fences.len())].clone();
        match random.random_range(0..4) {
            0 => key.push(0),
            1 => drop(key.pop()),
            2 => key = (0..3).map(|_| random.random()).collect(),
            _ => {}
        }
        let found = cache.lookup(SPACE_BASE, *namespace, &key, Wanted::Block).map(|block| version(&block));
        assert_eq!(found, model.lookup(*namespace, &key), "step {step}");
        let exact = cache.lookup_fence(sled_key, Wanted::Block).map(|block| version(&block));
        assert_eq!(exact, model.0.get(sled_key).map(|(_, version)| *version));
        assert!(
            cache.lookup(SPACE_BASE, 9, &key, Wanted::Block).is_none()
                && cache.lookup(SPACE_HISTORY, 1, &key, Wanted::Block).is_none()
        );
    }
    assert_eq!(cache.blocks(), model.0.len());
}

#[test]
fn a_hole_is_a_miss_and_never_the_right_neighbor() {
    let cache = BlockCache::new(PLENTY, true);
    let entries = numbered(3);
    page_in(&cache, &entries[0]);
    page_in(&cache, &entries[2]);
    assert_eq!(version(&cache.lookup(SPACE_BASE, 1, b"a", Wanted::Block).unwrap()), 1);
    assert!(cache.lookup(SPACE_BASE, 1, b"n000000", Wanted::Block).is_none());
    assert_eq!(version(&cache.lookup(SPACE_BASE, 1, b"n000001", Wanted::Block).unwrap()), 3);
    assert!(cache.lookup(SPACE_BASE, 1, b"n000002", Wanted::Block).is_none());
    assert_eq!((cache.hits(), cache.misses()), (2, 2));
}

#[test]
fn bytes_stay_within_the_capacity() {
    let mut random = SmallRng::seed_from_u64(seed());
    let entries = numbered(2_000);
    let capacity = 300_000;
    let cache = BlockCache::new(capacity, true);
    for step in 0..30_000 {
        let entry = &entries[random.random_range(0..entries.len())];
        match random.random_range(0..10) {
            0 => cache.remove(&entry.0),
            1 => cache.put(&entry.0, &entry.1, false).unwrap(),
            _ => {
                let block = cache.lookup_fence(&entry.0, Wanted::Block).unwrap_or_else(|| page_in(&cache, entry));
                assert_eq!(block.sled_key(), &entry.0[..]);
            }
        }
        assert!(cache.bytes() <= capacity, "step {step}: {}", cache.bytes());
    }
    assert!(cache.bytes() > capacity * 9 / 10 && cache.blocks() > 100);
    cache.set_capacity(capacity / 4);
    assert!(cache.bytes() <= capacity / 4 && cache.blocks() > 0);
    cache.clear();
    assert_eq!((cache.bytes(), cache.blocks()), (0, 0));
}

#[test]
fn a_page_in_overtaken_by_a_writer_is_refused() {
    let cache = BlockCache::new(PLENTY, true);
    let old = block(1, b"", Some(b"m"), 1);
    let new = block(1, b"", Some(b"m"), 2);
    let page_in_old = |generation| cache.insert_page_in(&old.0, &old.1, b"", generation).unwrap();

    let generation = cache.generation();
    cache.put(&new.0, &new.1, false).unwrap();
    assert!(page_in_old(generation).is_none());
    assert_eq!(version(&cache.lookup(SPACE_BASE, 1, b"a", Wanted::Block).unwrap()), 2);

    let generation = cache.generation();
    cache.remove(&new.0);
    assert!(page_in_old(generation).is_none());

    let generation = cache.generation();
    cache.remove_namespace(SPACE_BASE, 1);
    assert!(page_in_old(generation).is_none());

    let generation = cache.generation();
    cache.clear();
    assert!(page_in_old(generation).is_none());
    assert_eq!((cache.blocks(), cache.bytes()), (0, 0));

    assert_eq!(page_in_old(cache.generation()).map(|block| version(&block)), Some(1));
    assert_eq!(version(&CachedBlock::detached(&new.0, &new.1, b"").unwrap()), 2);
}

#[test]
fn only_blocks_in_use_are_renewed() {
    let cache = BlockCache::new(PLENTY, true);
    let entries = numbered(3);
    entries[..2].iter().for_each(|entry| drop(page_in(&cache, entry)));
    cache.lookup_fence(&entries[0].0, Wanted::Block).unwrap();
    let generation = cache.generation();
    let anew = |at: u32| block(1, format!("n{at:06}").as_bytes(), Some(format!("n{:06}", at + 1).as_bytes()), 9);
    let new = [block(1, b"", Some(b"n000000"), 9), anew(0), anew(1)];
    for (sled_key, stored) in &new {
        cache.renew(sled_key, stored, false).unwrap();
    }
    let is_cached = |at: usize| cache.lookup_fence(&new[at].0, Wanted::Block).map(|block| version(&block));
    assert_eq!([is_cached(0), is_cached(1), is_cached(2)], [Some(9), None, None]);
    // Whatever was read before is refused, whether or not its block stayed.
    let late = |entry: &(Vec<u8>, Vec<u8>)| cache.insert_page_in(&entry.0, &entry.1, b"", generation).unwrap();
    assert!(entries[..3].iter().all(|entry| late(entry).is_none()));
}

#[test]
fn a_damaged_page_in_is_an_error() {
    let cache = BlockCache::new(PLENTY, true);
    let (sled_key, mut stored) = block(1, b"", None, 1);
    *stored.last_mut().unwrap() ^= 1;
    let error = cache.insert_page_in(&sled_key, &stored, b"", cache.generation()).err();
    assert_eq!(error.map(|error| error.code()), Some(ErrorCode::Corruption));
    assert!(CachedBlock::detached(&sled_key, &stored, b"").is_err());
    assert_eq!(cache.blocks(), 0);
}

#[test]
fn pinned_blocks_stay_until_unpinned() {
    let entries = numbered(300);
    let cache = BlockCache::new(20_000, true);
    for entry in &entries[..100] {
        cache.put(&entry.0, &entry.1, true).unwrap();
    }
    assert!(cache.bytes() > 20_000);
    for entry in &entries[100..] {
        page_in(&cache, entry);
    }
    assert!(entries[..100].iter().all(|entry| cache.lookup_fence(&entry.0, Wanted::Block).is_some()));
    assert!(entries[100..].iter().all(|entry| cache.lookup_fence(&entry.0, Wanted::Block).is_none()));
    cache.unpin_all();
    assert!(cache.bytes() <= 20_000 && cache.blocks() > 0);
}

#[test]
fn the_second_hit_makes_a_block_plain() {
    let cache = BlockCache::new(PLENTY, true);
    let entry = block(1, b"", None, 1);
    assert!(!page_in(&cache, &entry).is_plain());
    let packed_bytes = cache.bytes();
    let lookup = || cache.lookup(SPACE_BASE, 1, b"k", Wanted::Block).unwrap();
    assert!(!lookup().is_plain());
    assert_eq!(cache.bytes(), packed_bytes);
    assert!(lookup().is_plain());
    assert!(cache.bytes() > packed_bytes + 400);
    assert_eq!(cache.bytes(), lookup().memory_bytes());
    assert_eq!(version(&lookup()), 1);
}

#[test]
fn uncompressed_blocks_are_kept_once() {
    let cache = BlockCache::new(PLENTY, true);
    let entry = sized_block(1, b"", None, 1, 4_000, Compression::None);
    assert!(page_in(&cache, &entry).is_plain());
    assert!(cache.bytes() < 4_500);
    for _ in 0..3 {
        cache.lookup(SPACE_BASE, 1, b"k", Wanted::Block).unwrap();
    }
    assert!(cache.bytes() < 4_500);
}

#[test]
fn plain_forms_go_before_blocks() {
    let entries = numbered(200);
    let cache = BlockCache::new(PLENTY, true);
    entries.iter().for_each(|entry| drop(page_in(&cache, entry)));
    let packed_bytes = cache.bytes();
    for _ in 0..2 {
        entries.iter().for_each(|entry| drop(cache.lookup_fence(&entry.0, Wanted::Block)));
    }
    assert!(cache.bytes() > packed_bytes + 200 * 400);
    while cache.bytes() > packed_bytes {
        cache.set_capacity(packed_bytes.max(cache.bytes() - 4_000));
    }
    assert!(cache.blocks() > 180, "{}", cache.blocks());
    cache.set_capacity(packed_bytes / 2);
    assert!(cache.blocks() < 120 && cache.bytes() <= packed_bytes / 2);
}

#[test]
fn hot_blocks_outlive_a_scan() {
    let entries = numbered(2_000);
    let cache = BlockCache::new(200_000, true);
    let hot = &entries[..20];
    hot.iter().for_each(|entry| drop(page_in(&cache, entry)));
    for (number, entry) in entries[20..].iter().enumerate() {
        page_in(&cache, entry);
        if number % 5 == 0 {
            hot.iter().for_each(|entry| drop(cache.lookup_fence(&entry.0, Wanted::Block)));
        }
    }
    let kept = hot
        .iter()
        .filter(|entry| cache.lookup_fence(&entry.0, Wanted::Block).is_some_and(|block| block.is_plain()))
        .count();
    assert!(kept >= 18, "{kept}");
}

#[test]
fn a_floor_raises_the_low_key() {
    let cache = BlockCache::new(PLENTY, true);
    let (sled_key, stored) = block(1, b"", Some(b"m"), 1);
    let raised = cache.insert_page_in(&sled_key, &stored, b"f", cache.generation()).unwrap().unwrap();
    assert_eq!((raised.low(), raised.fence()), (&b"f"[..], Some(&b"m"[..])));
    assert!(cache.lookup(SPACE_BASE, 1, b"e", Wanted::Block).is_none());
    assert!(cache.lookup(SPACE_BASE, 1, b"f", Wanted::Block).is_some());
    let again = cache.insert_page_in(&sled_key, &stored, b"g", cache.generation()).unwrap().unwrap();
    assert_eq!(again.low(), b"g");
}

#[test]
fn a_block_can_be_used_inside_another() {
    let first = CachedBlock::detached(&numbered(2)[0].0, &numbered(2)[0].1, b"").unwrap();
    let entries = numbered(2);
    let second = CachedBlock::detached(&entries[1].0, &entries[1].1, b"").unwrap();
    let seqs = first.with_block(|outer| {
        let inner = second.with_block(|inner| inner.row(0).seq).unwrap();
        (outer.row(0).seq, inner)
    });
    assert_eq!(seqs.unwrap(), (1, 2));
}

/// Readers page in from a pretended sled while a writer changes it: no reader may find a version older than the
/// last one that was finished before it looked.
#[test]
fn readers_never_find_what_was_overwritten() {
    let entries_of = |version| (0..64).map(|n| (n, version)).map(versioned).collect::<Vec<_>>();
    let rounds = 200;
    let versions: Vec<Vec<_>> = (1..=rounds).map(entries_of).collect();
    let sled: Vec<_> = (0..64).map(|_| AtomicU64::new(1)).collect();
    let finished: Vec<_> = (0..64).map(|_| AtomicU64::new(1)).collect();
    let cache = BlockCache::new(4_000, true);
    let done = AtomicBool::new(false);
    let base = seed();
    std::thread::scope(|scope| {
        for reader in 0..2 {
            let (cache, sled, finished, versions, done) = (&cache, &sled, &finished, &versions, &done);
            scope.spawn(move || {
                let mut random = SmallRng::seed_from_u64(base ^ reader);
                while !done.load(Ordering::SeqCst) {
                    let at = random.random_range(0..64);
                    let least = finished[at].load(Ordering::SeqCst);
                    let generation = cache.generation();
                    let found = cache.lookup_fence(&versions[0][at].0, Wanted::Block).map(|block| version(&block));
                    let found = found.unwrap_or_else(|| {
                        let now = sled[at].load(Ordering::SeqCst);
                        std::thread::yield_now();
                        let (sled_key, stored) = &versions[now as usize - 1][at];
                        cache.insert_page_in(sled_key, stored, b"", generation).unwrap();
                        now
                    });
                    assert!(found >= least, "block {at}: found {found} after {least}");
                }
            });
        }
        for (number, entries) in versions.iter().enumerate() {
            for (at, (sled_key, stored)) in entries.iter().enumerate() {
                sled[at].store(number as u64 + 1, Ordering::SeqCst);
                cache.put(sled_key, stored, at % 32 == 0).unwrap();
                finished[at].store(number as u64 + 1, Ordering::SeqCst);
            }
            cache.unpin_all();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(cache.bytes() <= 4_000);
}

fn versioned((number, version): (u32, u64)) -> (Vec<u8>, Vec<u8>) {
    let (low, fence) = (format!("k{number:03}"), format!("k{:03}", number + 1));
    block(1, low.as_bytes(), Some(fence.as_bytes()), version)
}

/// Plain blocks, and whether the first one is among them, after rows were read: of the first block so often beside once of each other, in
/// a cache of so many times the bytes of all blocks.
fn plain_after_row_reads(capacity: usize, of_first: usize) -> (usize, bool) {
    let entries = numbered(200);
    let cache = BlockCache::new(PLENTY, true);
    entries.iter().for_each(|entry| drop(page_in(&cache, entry)));
    cache.set_capacity(cache.bytes() * capacity);
    for _ in 0..40 {
        for (number, entry) in entries.iter().enumerate() {
            for _ in 0..if number == 0 { of_first } else { 1 } {
                assert!(cache.lookup_fence(&entry.0, Wanted::Row).is_some());
            }
        }
    }
    let is_plain =
        |entry: &(Vec<u8>, Vec<u8>)| cache.lookup_fence(&entry.0, Wanted::Row).is_some_and(|block| block.is_plain());
    (entries.iter().filter(|entry| is_plain(entry)).count(), is_plain(&entries[0]))
}

#[test]
fn reads_of_rows_make_hot_blocks_plain() {
    assert_eq!(plain_after_row_reads(2, 1), (0, false));
    assert_eq!(plain_after_row_reads(2, 60), (1, true));
    // And the one without a fence.
    assert_eq!(plain_after_row_reads(20, 1), (201, true));
}
