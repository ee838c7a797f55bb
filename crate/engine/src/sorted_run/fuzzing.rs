//! Files of sorted runs from any bytes: refused, or every row is read, found where the index leads, and known to the
//! filter; and what repair finds in the same bytes is no other.
//!
//! Input: `flags ‖ file`.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use super::file::{FOOTER_BYTES, Footer, HEADER_BYTES};
use super::salvage::SalvagedRun;
use super::{RunFiles, RunRows, file_name};
use crate::block::stamp;
use crate::disk::RealDisk;
use crate::fuzzing::STAMP;
use crate::options::Compression;
use crate::row::{Row, RowKind};

const NUMBER: u32 = 7;
/// Fewer bytes have no checksum of a block.
const STORED_BYTES_MIN: usize = 8;

/// Opens and reads a run; panics when its reader breaks its word.
pub fn run(input: &[u8]) {
    let Some((flags, bytes)) = input.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if flags & STAMP != 0 {
        stamp_run(&mut bytes);
    }
    let name = file_name(NUMBER);
    let salvaged = SalvagedRun::read(&name, &bytes).expect("it is a run's name");
    fs::write(folder().join(&name), &bytes).expect("a file is written");
    let Ok(runs) = files().load() else { return };
    let run = runs.first().expect("the run that is there");
    let mut rows = 0;
    let mut keys = Vec::new();
    let Ok(mut walk) = RunRows::new(run) else { return };
    while let Some(row) = walk.peek() {
        keys.push(row.key.to_vec());
        rows += 1;
        if walk.advance().is_err() {
            return;
        }
    }
    for key in &keys {
        drop((run.may_hold(key), run.block_of(key).map(|at| run.read(at))));
    }
    let found: usize = salvaged.blocks.iter().map(|block| block.len()).sum();
    assert!(found >= rows, "repair finds {found} of {rows} rows that can be read");
}

fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("sledstore-fuzz-run-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the file");
        folder
    })
}

fn files() -> RunFiles {
    RunFiles::new(std::sync::Arc::new(RealDisk), folder().clone(), 42)
}

/// Makes right, as far as the file leads there: the checksums of blocks, of index and filter, of header and footer.
fn stamp_run(file: &mut [u8]) {
    let Some(footer_at) = file.len().checked_sub(FOOTER_BYTES).filter(|&at| at >= HEADER_BYTES) else { return };
    seal(&mut file[..HEADER_BYTES]);
    seal(&mut file[footer_at..footer_at + 36]);
    let Some(mut footer) = file[footer_at..].first_chunk().and_then(Footer::decode) else { return };
    let index_at = footer.index_bytes.checked_add(footer.filter_bytes).and_then(|parts| usize::try_from(parts).ok());
    let index_at = index_at.and_then(|parts| footer_at.checked_sub(parts)).filter(|&at| at >= HEADER_BYTES);
    let Some(index_at) = index_at else { return };
    stamp_blocks(file, index_at, footer.index_bytes as usize);
    footer.crc = crc32c::crc32c(&file[index_at..footer_at]);
    file[footer_at..].copy_from_slice(&footer.encode());
}

/// The last four bytes become the checksum of those before.
fn seal(bytes: &mut [u8]) {
    if let Some((body, crc)) = bytes.split_last_chunk_mut::<4>() {
        *crc = crc32c::crc32c(body).to_le_bytes();
    }
}

fn stamp_blocks(file: &mut [u8], index_at: usize, index_bytes: usize) {
    let index = file[index_at..index_at + index_bytes].to_vec();
    let (mut rest, mut from) = (&index[..], HEADER_BYTES);
    while let Some((end, tail)) = rest.split_first_chunk::<8>() {
        let Some((length, tail)) = tail.split_first_chunk::<2>() else { return };
        let Some((sled_key, tail)) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length))) else { return };
        let Ok(end) = usize::try_from(u64::from_le_bytes(*end)) else { return };
        if end < from || end > index_at {
            return;
        }
        if let Some(stored) = file.get_mut(from..end).filter(|stored| stored.len() >= STORED_BYTES_MIN) {
            stamp(sled_key, stored);
        }
        (rest, from) = (tail, end);
    }
}

/// Runs of some blocks, of each codec, with tombstones and values that expire.
pub fn run_seeds() -> Vec<Vec<u8>> {
    let of = |compression| {
        let mut writer = files().create(NUMBER, (10, 50), 256, compression).expect("a run is begun");
        for number in 0..60_u8 {
            let key = [&[0, 0, 0, 1][..], b"user:", &[number / 9, number]].concat();
            let row = Row {
                key: &key[..],
                seq: 11 + u64::from(number % 30),
                kind: if number % 7 == 0 { RowKind::Tombstone } else { RowKind::Value },
                expires_at: (number % 5 == 1).then_some(1 << 40),
                end_seq: None,
                value: if number % 7 == 0 {
                    b""
                } else {
                    &b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"[..usize::from(number) / 2]
                },
            };
            writer.push(&row).expect("rows in their order are taken");
        }
        drop(writer.finish().expect("a run is written"));
        let file = fs::read(folder().join(file_name(NUMBER))).expect("a run is read");
        [&[STAMP][..], &file].concat()
    };
    [Compression::None, Compression::Lz4, Compression::Deflate].map(of).to_vec()
}
