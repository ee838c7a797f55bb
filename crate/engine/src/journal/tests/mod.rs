//! The journal's guarantees, one a file, on a disk that fails, counts and tears.
#![allow(clippy::unwrap_used)] // a test may panic

mod applied_segments_are_ignored;
mod close_seals_the_end;
mod crash_keeps_what_was_acknowledged;
mod damage_below_durable_is_corruption;
mod epochs;
mod failure_poisons;
pub(crate) mod faulty_disk;
mod gap_is_corruption;
mod group_commit;
mod huge_record;
mod memory_journal;
mod missing_newest_segment_is_corruption;
mod real_disk;
mod rotation_order;
mod segment_header;
mod torn_tail_is_cut;
mod trim;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use faulty_disk::FaultyDisk;

use super::*;
use crate::disk::RealDisk;
use crate::error::ErrorCode;

const STORE_ID: u128 = 0x5eed;
const FOLDER: &str = "store/journal";

/// What recovery answered and handed out.
struct Found {
    recovered: Recovered,
    /// Seq and payload of each record.
    records: Vec<(u64, Vec<u8>)>,
    timestamps: Vec<u64>,
    segments: Vec<SegmentInfo>,
}

fn recover_from(disk: &dyn Disk, folder: &Path, applied_seq: u64, pending_seq: u64) -> Result<Found> {
    let known = Known { store_id: STORE_ID, applied_seq, pending_seq };
    let (mut records, mut timestamps, mut segments) = (Vec::new(), Vec::new(), Vec::new());
    let recovered = recover(disk, folder, &known, &mut |event| {
        match event {
            Event::Segment(info) => segments.push(info.clone()),
            Event::Record(record) => {
                records.push((record.seq, record.payload.to_vec()));
                timestamps.push(record.timestamp);
            }
        }
        Ok(())
    })?;
    recovered.settle(disk, folder)?;
    Ok(Found { recovered, records, timestamps, segments })
}

fn recovered(disk: &FaultyDisk) -> Result<Found> {
    recover_from(disk, Path::new(FOLDER), 0, 0)
}

fn open_with(disk: &FaultyDisk, buffer_bytes: usize) -> Result<Journal> {
    let start = recovered(disk)?.recovered.start(STORE_ID, buffer_bytes)?;
    Journal::create(Arc::new(disk.clone()), FOLDER, start)
}

fn open(disk: &FaultyDisk) -> Result<Journal> {
    open_with(disk, 1 << 20)
}

fn payload(seq: u64) -> Vec<u8> {
    format!("payload of {seq}").into_bytes()
}

fn put(journal: &Journal, seq: u64, level: Durability) -> Result<()> {
    journal.append(RecordKind::Commit, seq, &payload(seq))?;
    journal.wait(seq, level)
}

fn put_all(journal: &Journal, seqs: std::ops::RangeInclusive<u64>, level: Durability) {
    for seq in seqs {
        put(journal, seq, level).unwrap();
    }
}

fn expected(seqs: std::ops::RangeInclusive<u64>) -> Vec<(u64, Vec<u8>)> {
    seqs.map(|seq| (seq, payload(seq))).collect()
}

fn segment(epoch: u32, first_seq: u64) -> PathBuf {
    SegmentInfo { epoch, first_seq }.path(Path::new(FOLDER))
}

#[track_caller]
fn assert_code<T>(result: Result<T>, code: ErrorCode) -> Error {
    match result {
        Ok(_) => panic!("expected {code:?}"),
        Err(error) => {
            assert_eq!(error.code(), code, "{error}");
            error
        }
    }
}

/// Asserts CORRUPTION that names the file and the offset.
#[track_caller]
fn assert_corruption_at<T>(result: Result<T>, path: &Path, offset: u64) {
    let error = assert_code(result, ErrorCode::Corruption);
    let place = format!("{} at offset {offset}:", path.display());
    assert!(error.message().starts_with(&place), "{error} does not start with {place}");
}
