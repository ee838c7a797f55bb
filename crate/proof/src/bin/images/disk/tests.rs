//! What a power cut may leave, and what not.
#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;

use super::*;

/// Keeps what is named, and nothing else that was not synced.
struct Keeping {
    unit: usize,
    is_length_first: bool,
    kept: BTreeMap<usize, Kept>,
}

impl Choice for Keeping {
    fn unit(&self) -> usize {
        self.unit
    }

    fn is_length_first(&self) -> bool {
        self.is_length_first
    }

    fn kept(&self, step: usize) -> Kept {
        self.kept.get(&step).copied().unwrap_or(Kept::Nothing)
    }
}

fn keeping(kept: &[(usize, Kept)]) -> Keeping {
    Keeping { unit: 512, is_length_first: false, kept: kept.iter().copied().collect() }
}

/// A disk with these changes of one file `f`, one after the other; the file is its second node.
fn disk(changes: Vec<Change>) -> Disk {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), b"").unwrap();
    let mut disk = Disk::load(folder.path()).unwrap();
    for (at, change) in (0..).zip(changes) {
        let node = if change.is_of_names() { ROOT } else { 1 };
        disk.add(Step { begin: at, end: at, node, change });
    }
    disk.settle();
    disk
}

fn write_of(offset: u64, byte: u8, bytes: usize) -> Change {
    Change::Write { offset, bytes: vec![byte; bytes] }
}

/// The file as a cut before `point` leaves it.
fn content(disk: &Disk, point: u32, choice: &Keeping) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    Builder::new(disk).build(point, choice, folder.path()).unwrap();
    fs::read(folder.path().join("f")).unwrap()
}

#[test]
fn what_was_synced_is_there() {
    let disk = disk(vec![write_of(0, 1, 10), Change::Sync, write_of(10, 2, 10)]);
    assert_eq!(content(&disk, 1, &keeping(&[])), [0; 0]);
    assert_eq!(content(&disk, 3, &keeping(&[])), [1; 10]);
    assert_eq!(disk.unsynced(3), [2]);
}

#[test]
fn a_sync_answers_for_what_had_ended_before_it_began() {
    let mut disk = disk(vec![]);
    disk.add(Step { begin: 0, end: 2, node: 1, change: write_of(0, 1, 4) });
    disk.add(Step { begin: 1, end: 5, node: 1, change: Change::Sync });
    disk.settle();
    assert_eq!(disk.unsynced(9), [0], "the write ended while the sync went on");
    disk.nodes[1].syncs = vec![(3, 6)];
    disk.find_synced();
    assert_eq!(disk.unsynced(6), [0], "the sync has not ended");
    assert!(disk.unsynced(7).is_empty());
}

#[test]
fn a_unit_holds_all_that_was_written_to_it_before() {
    let disk = disk(vec![write_of(0, 1, 700), write_of(700, 2, 700)]);
    let found = content(&disk, 2, &keeping(&[(1, Kept::All)]));
    assert_eq!(found.len(), 1_400);
    assert_eq!(found[..512], [0; 512], "only the first write was there, and it is lost");
    assert_eq!((&found[512..700], &found[700..]), (&[1; 188][..], &[2; 700][..]));
}

#[test]
fn a_write_is_torn_at_units() {
    let disk = disk(vec![write_of(0, 1, 2_000)]);
    assert_eq!(content(&disk, 1, &keeping(&[(0, Kept::First(2))])), [1; 1_024]);
    let behind = content(&disk, 1, &keeping(&[(0, Kept::Behind(3))]));
    assert_eq!((&behind[..1_536], &behind[1_536..]), (&[0; 1_536][..], &[1; 464][..]));
    let pages = Keeping { unit: 4_096, ..keeping(&[(0, Kept::First(1))]) };
    assert_eq!(content(&disk, 1, &pages), [1; 2_000]);
}

#[test]
fn a_length_may_come_before_the_content() {
    let disk = disk(vec![write_of(0, 1, 600)]);
    let choice = Keeping { is_length_first: true, ..keeping(&[]) };
    assert_eq!(content(&disk, 1, &choice), [0; 600]);
}

#[test]
fn a_cut_that_is_lost_brings_the_end_back() {
    let changes = vec![write_of(0, 1, 1_000), Change::Sync, Change::Size { length: 100 }, write_of(100, 2, 10)];
    let disk = disk(changes);
    assert_eq!(content(&disk, 4, &keeping(&[])), [1; 1_000]);
    let cut = content(&disk, 4, &keeping(&[(2, Kept::All), (3, Kept::All)]));
    assert_eq!((&cut[..100], &cut[100..]), (&[1; 100][..], &[2; 10][..]));
    let back = content(&disk, 4, &keeping(&[(3, Kept::All)]));
    assert_eq!((&back[..100], &back[100..110], &back[110..512]), (&[1; 100][..], &[2; 10][..], &[0; 402][..]));
    assert_eq!(back[512..], [1; 488]);
}

#[test]
fn a_name_is_durable_when_its_folder_is_synced() {
    let rename = Change::Rename { from: "f".to_owned(), to: "g".to_owned(), node: 1 };
    let mut disk = disk(vec![rename]);
    disk.add(Step { begin: 1, end: 1, node: 1, change: Change::Sync });
    disk.settle();
    let names = |point: u32, choice: &Keeping| {
        let folder = tempfile::tempdir().unwrap();
        Builder::new(&disk).build(point, choice, folder.path()).unwrap();
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let lost: Vec<String> = names(2, &keeping(&[]));
    assert_eq!(lost, ["f"], "a sync of the file says nothing of its name");
    let kept: Vec<String> = names(2, &keeping(&[(0, Kept::All)]));
    assert_eq!(kept, ["g"]);
    disk.nodes[ROOT].syncs.push((2, 2));
    disk.find_synced();
    assert!(disk.unsynced(3).is_empty());
}

#[test]
fn forgotten_syncs_make_all_unsynced() {
    let mut disk = disk(vec![write_of(0, 1, 10), Change::Sync]);
    assert!(disk.unsynced(2).is_empty());
    disk.forget_syncs("other");
    assert!(disk.unsynced(2).is_empty());
    disk.forget_syncs("f");
    assert_eq!(disk.unsynced(2), [0]);
}
