//! Journals from any bytes: they are recovered, or refused with a code, and what recovery cut stays cut.
//!
//! Input: `flags ‖ applied seq u8 ‖ pending seq u8 ‖ bytes of the first segment u16 ‖ segments`, of which there are one or two.

use std::collections::BTreeMap;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::group::Group;
use super::record::{self, END, FRAME_BYTES, FrameHead, GROUP, RecordKind};
use super::recovery::{Event, Known, Recovered, recover};
use super::segment::{self, HEADER_BYTES, SegmentHeader, SegmentInfo};
use crate::batch::Batch;
use crate::disk::{Disk, DiskFile, ReadAt};
use crate::fuzzing::STAMP;
use crate::namespace::NamespaceId;
use crate::range::KeyRange;
use crate::replay::Replay;
use crate::store_file::CheckpointFile;

/// Sequence numbers and hashes are made to follow, too.
const CHAIN: u8 = 2;
const TWO_SEGMENTS: u8 = 4;
const STORE_ID: u128 = 0x5eed;
const FOLDER: &str = "journal";

/// Recovers a journal; panics when it breaks E1 or E10.
pub fn journal(input: &[u8]) {
    let Some((&[flags, applied, pending, low, high], bytes)) = input.split_first_chunk() else { return };
    let cut = usize::from(u16::from_le_bytes([low, high])).min(bytes.len());
    let (first, second) = if flags & TWO_SEGMENTS == 0 { (bytes, None) } else { (&bytes[..cut], Some(&bytes[cut..])) };
    let disk = Arc::new(MemoryDisk::default());
    for (number, segment) in [Some(first), second].into_iter().flatten().enumerate() {
        let mut segment = segment.to_vec();
        if flags & STAMP != 0 {
            stamp(&mut segment, flags & CHAIN != 0);
        }
        let info = named(&segment, number as u64 + 1);
        disk.files.lock().insert(info.path(Path::new(FOLDER)), segment);
    }
    let completed = CheckpointFile { applied: applied.into(), number: 1, hash: 0 };
    // As an opening reads it, into memtables.
    drop(Replay::read(disk.clone(), FOLDER.into(), STORE_ID, (applied > 0).then_some(completed), Vec::new()));
    let known = Known { store_id: STORE_ID, applied_seq: applied.into(), pending_seq: pending.into() };
    let Ok((found, records)) = recovered(&*disk, &known) else { return };
    let dense = records.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1);
    assert!(dense && records.iter().all(|(seq, _)| *seq > known.applied_seq), "E1: recovery handed out {records:?}");
    if found.settle(&*disk, Path::new(FOLDER)).is_err() {
        return;
    }
    let (again, same) = recovered(&*disk, &known).expect("what was recovered is recovered again");
    assert!(same == records && again.cut.is_none() && again.last_seq == found.last_seq, "E10: the cut did not hold");
}

type Records = Vec<(u64, Vec<u8>)>;

fn recovered(disk: &dyn Disk, known: &Known) -> crate::Result<(Recovered, Records)> {
    let mut records = Records::new();
    let found = recover(disk, Path::new(FOLDER), known, &mut |event| {
        if let Event::Record(record) = event {
            records.push((record.seq, record.payload.to_vec()));
        }
        Ok(())
    })?;
    Ok((found, records))
}

/// The name that a segment's header wants.
fn named(segment: &[u8], number: u64) -> SegmentInfo {
    match segment.get(..HEADER_BYTES) {
        Some(header) => SegmentInfo { epoch: record::read_u32(header, 28), first_seq: record::read_u64(header, 32) },
        None => SegmentInfo { epoch: 1, first_seq: number },
    }
}

/// Makes the checksums of header and frames right, as far as lengths lead through the frames.
fn stamp(segment: &mut [u8], chained: bool) {
    if segment.len() < HEADER_BYTES {
        return;
    }
    let info = named(segment, 1);
    let (chain, timestamp) = (record::read_u64(segment, 40), record::read_u64(segment, 48));
    let header = SegmentHeader { store_id: STORE_ID, info, chain, timestamp };
    segment[..HEADER_BYTES].copy_from_slice(&header.encode());
    let (salt, mut chain, mut seq) = (header.salt(), header.chain, header.info.first_seq);
    let mut rest = &mut segment[HEADER_BYTES..];
    while rest.len() >= FRAME_BYTES {
        let (head, length) = FrameHead::decode(rest);
        let Some((frame, next)) = rest.split_at_mut_checked(FRAME_BYTES + length) else { return };
        if chained {
            frame[9..17].copy_from_slice(&seq.to_le_bytes());
            frame[25..33].copy_from_slice(&chain.to_le_bytes());
        }
        let crc = crc32c::crc32c_append(salt, &frame[4..]);
        frame[..4].copy_from_slice(&crc.to_le_bytes());
        if ![GROUP, END].contains(&head.kind) {
            (chain, seq) = (record::hash(frame), seq.wrapping_add(1));
        }
        rest = next;
    }
}

/// Journals as the writer leaves them: ended and not, in one segment and in two, of one epoch and of two.
pub fn journal_seeds() -> Vec<Vec<u8>> {
    let first = SegmentHeader { store_id: STORE_ID, info: SegmentInfo::FIRST, chain: 0, timestamp: 0 };
    let (mut plain, chain) = segment_of(&first, 3);
    let second = |epoch| SegmentHeader {
        store_id: STORE_ID,
        info: SegmentInfo { epoch, first_seq: 4 },
        chain,
        timestamp: 3 << 16,
    };
    let mut seeds = vec![input(STAMP, &[&plain]), input(STAMP | CHAIN, &[&plain])];
    seeds.push(input(TWO_SEGMENTS | STAMP | CHAIN, &[&plain, &segment_of(&second(2), 4).0]));
    plain.extend_from_slice(&segment::end(first.salt(), &second(1)));
    seeds.push(input(TWO_SEGMENTS | STAMP, &[&plain, &segment_of(&second(1), 2).0]));
    seeds
}

fn input(flags: u8, segments: &[&[u8]]) -> Vec<u8> {
    let length = (segments[0].len() as u16).to_le_bytes();
    [&[flags, 0, 0, length[0], length[1]][..], &segments.concat()].concat()
}

fn segment_of(header: &SegmentHeader, groups: u64) -> (Vec<u8>, u64) {
    let (mut bytes, mut chain) = (header.encode().to_vec(), header.chain);
    let namespace = NamespaceId::new(1);
    for number in 0..groups {
        let seq = header.info.first_seq + number;
        let mut batch = Batch::new();
        let written = batch
            .put(namespace, &seq.to_be_bytes(), b"value")
            .and_then(|()| batch.put_expiring(namespace, b"expiring", b"value", 1 << 40))
            .and_then(|()| batch.delete(namespace, b"deleted"))
            .and_then(|()| batch.clear(namespace, &KeyRange::prefix(b"a")));
        debug_assert!(written.is_ok());
        let mut group = Group::default();
        let head = FrameHead { kind: RecordKind::Commit as u8, seq, timestamp: seq << 16, chain };
        chain = group.push(header.salt(), head, &[batch.as_bytes()]);
        group.seal(seq - 1);
        bytes.extend_from_slice(group.bytes());
    }
    (bytes, chain)
}

/// Just what recovery asks of a disk.
#[derive(Default)]
struct MemoryDisk {
    files: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
}

struct MemoryFile {
    files: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
    path: PathBuf,
}

impl Disk for MemoryDisk {
    fn open_at(&self, _path: &Path) -> io::Result<Arc<dyn ReadAt>> {
        Err(ErrorKind::Unsupported.into())
    }

    fn create(&self, _path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Err(ErrorKind::Unsupported.into())
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(MemoryFile { files: self.files.clone(), path: path.to_path_buf() }))
    }

    fn open_read(&self, path: &Path) -> io::Result<(Box<dyn Read + Send>, u64)> {
        let bytes = self.files.lock().get(path).cloned().ok_or(ErrorKind::NotFound)?;
        let length = bytes.len() as u64;
        Ok((Box::new(Cursor::new(bytes)), length))
    }

    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files.lock().remove(path).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn list(&self, _folder: &Path) -> io::Result<Vec<String>> {
        let files = self.files.lock();
        Ok(files.keys().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
    }

    fn create_folder(&self, _folder: &Path) -> io::Result<bool> {
        Ok(false)
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for MemoryFile {
    fn write_all(&self, _bytes: &[u8]) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut files = self.files.lock();
        let bytes = files.get_mut(&self.path).ok_or(ErrorKind::NotFound)?;
        bytes.truncate(usize::try_from(length).map_err(|_| ErrorKind::InvalidInput)?);
        Ok(())
    }
}
