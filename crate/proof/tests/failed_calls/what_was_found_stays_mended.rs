//! Cycles that once lost something or gave a wrong answer.

use crate::Harness;

#[test]
fn a_bulk_load_waits_for_its_own_commits() {
    Harness::new().assert_clean(&["bulk write EIO 1 once", "bulk write ENOSPC 4 once"]);
}

#[test]
fn a_commit_that_a_failed_checkpoint_hides_is_not_acknowledged() {
    Harness::new().assert_clean(&["large unlink EIO 3 on", "large rename EIO 1 on"]);
}

/// sled overwrote the log behind a read that failed while it recovered.
#[test]
fn a_place_that_cannot_be_read_stays_as_it_is() {
    let harness = Harness::new();
    let places = (1..60).step_by(5).map(|place| format!("open-unclosed read EIO {place} place"));
    let places: Vec<String> = places.collect();
    harness.assert_clean(&places.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_store_whose_creation_failed_is_created_by_the_next_open() {
    let writes = ["open-new write ENOSPC 6 on", "open-new write ENOSPC 5 on", "open-new write TORN 5 once"];
    Harness::new().assert_clean(&writes);
}

#[test]
fn a_backup_that_failed_can_be_made_again() {
    Harness::new().assert_clean(&["backup open EIO 7 once", "backup mmap ENOMEM 1 once", "backup sync EIO 2 once"]);
}

#[test]
fn a_store_can_be_restored_after_a_failure() {
    let cycles =
        ["restore open EIO 5 on", "restore open EMFILE 7 on", "restore sync EIO 16 once", "restore sync EIO 14 on"];
    Harness::new().assert_clean(&cycles);
}

#[test]
fn files_that_could_not_be_removed_go_with_the_next_ones() {
    Harness::new().assert_clean(&["publish unlink EIO 1 on", "backup unlink EIO 1 on"]);
}

#[test]
fn an_interrupted_read_is_repeated() {
    Harness::new().assert_clean(&["publish read EINTR 5 once", "backup read EINTR 3 once"]);
}

/// sled panics when its last fsync fails.
#[test]
fn a_close_whose_last_sync_fails_is_no_bug() {
    let syncs: Vec<String> = (6..19).map(|at| format!("close sync EIO {at} once")).collect();
    Harness::new().assert_clean(&syncs.iter().map(String::as_str).collect::<Vec<_>>());
}
