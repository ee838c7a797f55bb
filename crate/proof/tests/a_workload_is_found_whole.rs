//! What a workload wrote and acknowledged is found by the check, in threads and in turn, at every level, and by the next
//! process that goes on with it.

use std::fs::File;
use std::path::Path;

use sledstore_engine::Durability;
use sledstore_proof::{Found, Lane, Oracle, Report, Survives, Workload, open_and_check};

/// Lets a workload live in a folder and gives what it said.
fn live(workload: &Workload, folder: &Path) -> String {
    let path = folder.join("lines");
    workload.live(&folder.join("store"), &Report::new(File::create(&path).expect("a file")));
    std::fs::read_to_string(path).expect("lines")
}

fn found(workload: &Workload, folder: &Path, oracle: &Oracle) -> Found {
    open_and_check(&folder.join("store"), &workload.options(), workload.seed, oracle, Survives::PowerCut)
}

fn seed() -> u64 {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

#[test]
fn every_level_and_lane_is_found() {
    for level in [None, Some(Durability::None), Some(Durability::Os), Some(Durability::Full)] {
        for in_threads in [true, false] {
            let folder = tempfile::tempdir().expect("a folder");
            let workload = Workload { level, in_threads, steps_max: 200, ..Workload::new(seed()) };
            let mut oracle = Oracle::default();
            for _process in 0..2 {
                oracle.next_process();
                oracle.hear_all(&live(&workload, folder.path()));
                assert_eq!((oracle.phase(), oracle.failures(), oracle.wrong()), ("closed", &[][..], &[][..]));
                let found = found(&workload, folder.path(), &oracle);
                assert!(found.is_clean(), "{level:?} {in_threads}: {:?}", found.notes);
                assert!(found.steps.values().all(|&steps| steps > 0), "{:?}", found.steps);
                for (lane, &steps) in &found.steps {
                    assert_eq!(steps, oracle.most(*lane));
                }
                oracle.settle(&found.steps);
            }
        }
    }
}

/// The lines, without what the engine's own commits shift.
fn without_seqs(lines: &str) -> Vec<String> {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((said, _)) if line.starts_with("done ") => said.to_owned(),
        _ => line.to_owned(),
    };
    lines.lines().map(line).collect()
}

#[test]
fn one_thread_says_the_same_again() {
    let workload = Workload { in_threads: false, steps_max: 150, ..Workload::new(seed()) };
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let [one, other] = folders.map(|folder| without_seqs(&live(&workload, folder.path())));
    assert!(one.iter().any(|line| line.starts_with("done graph 3 ")), "{one:?}");
    assert_eq!(one, other);
}

#[test]
fn levels_bind_by_what_the_store_came_through() {
    let mut oracle = Oracle::default();
    oracle.hear_all(
        "begin line 0\ndone line 0 full 1\nbegin line 1\ndone line 1 os 2\nbegin line 2\ndone line 2 none 3\n",
    );
    assert_eq!(oracle.least(Lane::Line, Survives::PowerCut), 1);
    assert_eq!(oracle.least(Lane::Line, Survives::Kill), 2);
    assert_eq!(oracle.most(Lane::Line), 3);
    oracle.hear("done line 2 full -");
    assert_eq!(oracle.least(Lane::Line, Survives::PowerCut), 3);
}
