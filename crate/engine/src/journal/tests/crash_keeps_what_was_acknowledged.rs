//! A crash at any operation keeps a prefix that holds everything acknowledged at its level.

use std::hash::{BuildHasher, RandomState};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::*;

/// What a run was promised before its disk stopped.
#[derive(Default)]
struct Promised {
    os: u64,
    full: u64,
}

/// Commits, switches, trims and reopens until the disk stops. Returns an error then.
fn run(disk: &FaultyDisk, script: &mut SmallRng, promised: &mut Promised) -> Result<()> {
    for _ in 0..3 {
        let found = recovered(disk)?;
        let start = found.recovered.start(STORE_ID, 400)?;
        let mut seq = start.next_seq - 1;
        assert_eq!(found.records, expected(1..=seq));
        let journal = Journal::create(Arc::new(disk.clone()), FOLDER, start)?;
        (promised.os, promised.full) = (seq, seq);
        for _ in 0..12 {
            seq += 1;
            journal.append(RecordKind::Commit, seq, &payload(seq))?;
            match script.random_range(0..8) {
                0..=2 => {
                    journal.wait(seq, Durability::Os)?;
                    promised.os = seq;
                }
                3 | 4 => {
                    journal.wait(seq, Durability::Full)?;
                    (promised.os, promised.full) = (seq, seq);
                }
                5 => journal.switch_segment(seq + 1)?,
                6 => journal.flush_background()?,
                _ => {}
            }
            promised.full = promised.full.max(journal.durable_seq());
        }
        if script.random() {
            journal.close()?;
            (promised.os, promised.full) = (seq, seq);
        }
    }
    Ok(())
}

fn seed() -> u64 {
    let given = std::env::var("SLEDSTORE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0u8));
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

#[track_caller]
fn assert_prefix(image: &FaultyDisk, at_least: u64, about: &str) {
    for _ in 0..2 {
        let found = recovered(image).unwrap_or_else(|error| panic!("{about}: {error}"));
        let last_seq = found.recovered.last_seq;
        assert!(last_seq >= at_least, "{about}: {at_least} was acknowledged, {last_seq} came back");
        assert_eq!(found.records, expected(1..=last_seq), "{about}");
    }
}

#[test]
fn at_every_operation() {
    let seed = seed();
    for round in 0..10 {
        for at in 0.. {
            let disk = FaultyDisk::default();
            disk.crash_at(at);
            let mut promised = Promised::default();
            let ended = run(&disk, &mut SmallRng::seed_from_u64(seed.wrapping_add(round)), &mut promised);
            let about = format!("round {round}, operation {at}: {:?}", disk.log().get(at));
            assert_prefix(&disk.kill_image(), promised.os, &format!("kill, {about}"));
            let mut random = SmallRng::seed_from_u64(seed ^ at as u64);
            for image in 0..5 {
                let image = (image, disk.crash_image(&mut random));
                assert_prefix(&image.1, promised.full, &format!("power cut {}, {about}", image.0));
            }
            if ended.is_ok() {
                break;
            }
        }
    }
}

/// The checker must be able to fail: it is shown a promise that was not kept.
#[test]
#[should_panic(expected = "was acknowledged")]
fn a_lost_commit_would_be_seen() {
    let disk = FaultyDisk::default();
    put_all(&open(&disk).unwrap(), 1..=3, Durability::Os);
    assert_prefix(&disk, 4, "planted");
}
