//! The backend's edge: what sled's files, threads and panics may do, and the same map semantics in memory.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::{TempDir, tempdir};

use crate::backend::{Backend, SLED_KEY_BYTES_MAX, SledBackend, SledOptions, reads_of_this_thread};
use crate::backend_files::{CONF, require_readable};
use crate::backend_memory::{FaultyBackend, MemoryBackend, Operation};
use crate::error::ErrorCode;
use crate::options::ENTRY_BYTES_MAX;

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

const CHILD_FOLDER: &str = "SLEDSTORE_TEST_CHILD_FOLDER";

fn open(folder: &Path) -> SledBackend {
    SledBackend::open(folder, SledOptions::new(256 << 10)).unwrap()
}

fn folder() -> (TempDir, std::path::PathBuf) {
    let store = tempdir().unwrap();
    let sled = store.path().join("sled");
    (store, sled)
}

/// This test binary again, running only `test`, with its work in `folder`.
fn child(test: &str, folder: &Path) -> Vec<std::ffi::OsString> {
    let binary = std::env::current_exe().unwrap();
    assert!(folder.exists());
    vec![binary.into(), format!("backend_tests::{test}").into(), "--exact".into(), "--nocapture".into()]
}

fn seed() -> u64 {
    let fresh = || RandomState::new().hash_one(0);
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(fresh);
    eprintln!("SLEDSTORE_SEED={seed}");
    seed
}

fn all(backend: &dyn Backend) -> Model {
    let mut found = Model::new();
    let mut sink = |key: &[u8], value: &[u8]| {
        assert!(found.insert(key.to_vec(), value.to_vec()).is_none());
        Ok(true)
    };
    backend.for_each(&[], None, &mut sink).unwrap();
    found
}

/// Keys that are prefixes of each other, end in long runs of 0xFF or 0x00, or differ only in their last byte.
fn hard_key(random: &mut StdRng) -> Vec<u8> {
    let mut key = vec![b'b', 0, 0, 0, random.random_range(0..2)];
    let byte = [0x00, 0x01, 0xFE, 0xFF][random.random_range(0..4)];
    let run = [0, 1, 3, 4, 5, 40, 400, 1_500][random.random_range(0..8)] + random.random_range(0..4_usize);
    key.extend(std::iter::repeat_n(byte, run));
    if random.random_bool(0.5) {
        key.push(random.random());
    }
    key
}

fn behaves_as_a_map(backend: &dyn Backend, seed: u64) -> Model {
    let mut random = StdRng::seed_from_u64(seed);
    let mut model = Model::new();
    for step in 0..4_000 {
        let key = hard_key(&mut random);
        if random.random_bool(0.7) {
            let value = vec![random.random(); random.random_range(0..3_000)];
            backend.insert(&key, &value).unwrap();
            model.insert(key.clone(), value);
        } else {
            backend.remove(&key).unwrap();
            model.remove(&key);
        }
        let asked = hard_key(&mut random);
        assert_eq!(backend.get(&asked).unwrap().as_deref(), model.get(&asked).map(Vec::as_slice));
        let above = model.range((std::ops::Bound::Excluded(asked.clone()), std::ops::Bound::Unbounded)).next();
        let found = backend.first_above(&asked).unwrap();
        assert_eq!(
            found.map(|(key, value)| (key.to_vec(), value.to_vec())),
            above.map(|(k, v)| (k.clone(), v.clone()))
        );
        if step % 500 == 0 {
            backend.flush_buffers().unwrap();
        }
    }
    model
}

#[test]
fn a_torn_conf_is_written_anew() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    backend.insert(b"key", b"value").unwrap();
    backend.flush().unwrap();
    backend.close().unwrap();
    let conf = folder.join("conf");
    let whole = fs::read(&conf).unwrap();
    assert_eq!(whole, CONF);
    for length in 0..whole.len() {
        for torn in [whole[..length].to_vec(), [&whole[..length], &vec![0; whole.len() - length][..]].concat()] {
            fs::write(&conf, torn).unwrap();
            let backend = open(&folder);
            assert_eq!(backend.get(b"key").unwrap().as_deref(), Some(&b"value"[..]), "torn at {length}");
            backend.close().unwrap();
            assert_eq!(fs::read(&conf).unwrap(), whole);
        }
    }
}

#[test]
fn long_runs_of_0xff_keep_their_order() {
    let (_store, folder) = folder();
    let seed = seed();
    let backend = open(&folder);
    let model = behaves_as_a_map(&backend, seed);
    assert_eq!(all(&backend), model);
    backend.flush().unwrap();
    backend.close().unwrap();
    assert_eq!(all(&open(&folder)), model);
    assert_eq!(
        all(&{
            let memory = MemoryBackend::new();
            behaves_as_a_map(&memory, seed);
            memory
        }),
        model
    );
}

#[test]
fn a_range_ends_below_its_bound_and_when_told() {
    let (_store, folder) = folder();
    let (sled, memory) = (open(&folder), MemoryBackend::new());
    for backend in [&sled as &dyn Backend, &memory] {
        for byte in 0..100_u8 {
            backend.insert(&[byte], &[byte]).unwrap();
        }
        let visit = |from: &[u8], to: Option<&[u8]>, stop: u8| {
            let mut keys = Vec::new();
            let mut sink = |key: &[u8], _: &[u8]| {
                keys.push(key[0]);
                Ok(key[0] != stop)
            };
            backend.for_each(from, to, &mut sink).unwrap();
            keys
        };
        assert_eq!(visit(&[10], Some(&[13]), 255), [10, 11, 12]);
        assert_eq!(visit(&[10], Some(&[50]), 11), [10, 11]);
        assert_eq!(visit(&[98], None, 255), [98, 99]);
        assert_eq!(visit(&[98], Some(&[98]), 255), [0_u8; 0]);
        assert_eq!(visit(&[98], Some(&[4]), 255), [0_u8; 0]);
    }
}

#[test]
fn entries_survive_many_opens() {
    let (_store, folder) = folder();
    let mut model = Model::new();
    for round in 0..20_u32 {
        let backend = open(&folder);
        assert_eq!(all(&backend), model);
        for number in 0..300_u32 {
            let key = (number * 7 + round).to_be_bytes().to_vec();
            let value = [round.to_be_bytes(), number.to_be_bytes()].concat().repeat(100);
            backend.insert(&key, &value).unwrap();
            model.insert(key, value);
        }
        backend.flush().unwrap();
        assert!(backend.size_on_disk().unwrap() > 0);
        backend.close().unwrap();
        backend.close().unwrap();
        assert_eq!(backend.get(b"k").unwrap_err().code(), ErrorCode::Closed);
        assert_eq!(backend.insert(b"k", b"v").unwrap_err().code(), ErrorCode::Closed);
        assert_eq!(backend.flush().unwrap_err().code(), ErrorCode::Closed);
    }
}

#[test]
fn an_unfinished_snapshot_does_not_block_the_open() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    backend.insert(b"key", b"value").unwrap();
    backend.flush().unwrap();
    backend.close().unwrap();
    let leftover = folder.join("snap.FFFFFFFFFFFFFFFF.generating");
    fs::write(&leftover, b"torn").unwrap();
    let backend = open(&folder);
    assert_eq!(backend.get(b"key").unwrap().as_deref(), Some(&b"value"[..]));
    assert!(!leftover.exists());
}

#[test]
fn a_log_that_cannot_be_read_is_not_opened() {
    let (_store, folder) = folder();
    fs::create_dir_all(folder.join("db")).unwrap();
    assert_eq!(require_readable(&folder).unwrap_err().code(), ErrorCode::IoFailed);
    fs::remove_dir(folder.join("db")).unwrap();
    require_readable(&folder).unwrap();
}

#[test]
fn damaged_files_are_reported_and_kept() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    backend.insert(b"key", b"value").unwrap();
    backend.flush().unwrap();
    backend.close().unwrap();
    fs::write(folder.join("snap.FFFFFFFFFFFFFFFE"), [7; 100]).unwrap();
    let names = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = names();
    let error = SledBackend::open(&folder, SledOptions::new(256 << 10)).err().unwrap();
    assert_eq!(error.code(), ErrorCode::Corruption);
    assert_eq!(names(), before);
}

#[test]
fn too_large_an_entry_is_refused_before_sled_sees_it() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    let key = vec![0xFF; SLED_KEY_BYTES_MAX];
    backend.insert(&key, &vec![1; ENTRY_BYTES_MAX - key.len()]).unwrap();
    assert_eq!(backend.insert(&key, &vec![1; ENTRY_BYTES_MAX]).unwrap_err().code(), ErrorCode::Internal);
    assert_eq!(backend.insert(&vec![0; SLED_KEY_BYTES_MAX + 1], b"").unwrap_err().code(), ErrorCode::Internal);
    backend.insert(b"still", b"writable").unwrap();
}

#[test]
fn a_second_open_is_told_who_holds_it() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    let error = SledBackend::open(&folder, SledOptions::new(256 << 10)).err().unwrap();
    assert_eq!(error.code(), ErrorCode::Locked);
    drop(backend);
    open(&folder);
}

#[test]
fn a_panic_inside_a_call_poisons_writes_only() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    backend.insert(b"key", b"value").unwrap();
    let error = backend.call_for_test(|| panic!("planted")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("planted"), "{cause}");
    assert_eq!(backend.insert(b"key", b"other").unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(backend.remove(b"key").unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(backend.flush().unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(backend.get(b"key").unwrap().as_deref(), Some(&b"value"[..]));
    backend.close().unwrap();
    open(&folder).insert(b"key", b"other").unwrap();
}

#[test]
fn a_panic_over_what_the_system_refused_is_no_bug() {
    let refusals: [fn(); 3] = [
        || drop(fs::File::open("/no such file").unwrap()),
        || panic!("failed to allocate critical IO buffer"),
        || panic!("converting zero into `Owned`"),
    ];
    for refusal in refusals {
        let (_store, folder) = folder();
        let backend = open(&folder);
        let error = backend.call_for_test(refusal).unwrap_err();
        assert_eq!(error.code(), ErrorCode::StorageFailed);
        assert!(std::error::Error::source(&error).is_some());
        assert_eq!(backend.insert(b"key", b"value").unwrap_err().code(), ErrorCode::StorageFailed);
    }
}

#[test]
fn a_panic_inside_a_read_is_damage() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    backend.insert(b"key", b"value").unwrap();
    let error = backend.read_for_test(|| panic!("planted")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Corruption);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("planted"));
    assert_eq!(backend.insert(b"key", b"other").unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(backend.get(b"key").unwrap().as_deref(), Some(&b"value"[..]));
}

#[test]
fn child_panics() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let backend = open(Path::new(&folder));
    backend.call_for_test(|| panic!("ours")).unwrap_err();
    assert!(std::panic::catch_unwind(|| panic!("somebody else's")).is_err());
}

#[test]
fn a_panic_that_becomes_an_error_is_not_printed_and_others_are() {
    let (_store, folder) = folder();
    fs::create_dir(&folder).unwrap();
    let command = child("child_panics", &folder);
    let output = Command::new(&command[0]).args(&command[1..]).env(CHILD_FOLDER, &folder).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert_eq!((printed.contains("ours"), printed.contains("somebody else's")), (false, true), "{printed}");
}

#[test]
fn a_call_that_never_returns_meets_its_deadline() {
    let (_store, folder) = folder();
    let options = SledOptions { deadline: Duration::from_millis(300), ..SledOptions::new(256 << 10) };
    let backend = SledBackend::open(&folder, options).unwrap();
    backend.insert(b"key", b"value").unwrap();
    let (release, stuck) = std::sync::mpsc::channel::<()>();
    backend.stick_for_test(stuck);
    assert_eq!(backend.flush().unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(backend.get(b"key").unwrap_err().code(), ErrorCode::StorageFailed);
    assert!(backend.close().is_err());
    drop(release);
}

#[test]
fn reads_are_counted_by_thread() {
    let (_store, folder) = folder();
    let backend = open(&folder);
    let before = reads_of_this_thread();
    backend.get(b"a").unwrap();
    backend.first_above(b"a").unwrap();
    std::thread::scope(|scope| scope.spawn(|| backend.get(b"a").unwrap()).join()).unwrap();
    assert_eq!(reads_of_this_thread() - before, 2);
    assert_eq!(backend.reads(), 3);
}

/// Poisons every backend of its process, hence the child.
#[test]
fn a_panic_in_a_thread_of_sled_poisons_everything() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        let backend = open(Path::new(&folder));
        let thread = std::thread::Builder::new().name("sled-io-7".into());
        assert!(thread.spawn(|| panic!("planted")).unwrap().join().is_err());
        for code in [
            backend.insert(b"key", b"value").unwrap_err().code(),
            backend.flush().unwrap_err().code(),
            backend.get(b"key").map(drop).unwrap_err().code(),
        ] {
            assert_eq!(code, ErrorCode::StorageFailed);
        }
        return;
    }
    let (store, folder) = folder();
    let command = child("a_panic_in_a_thread_of_sled_poisons_everything", store.path());
    let output = Command::new(&command[0]).args(&command[1..]).env(CHILD_FOLDER, &folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

/// E20 as the kernel sees it: each thread that writes sled's file fsyncs it before it does anything else, each flush
/// also syncs the own descriptor, and sync_file_range is never called.
#[cfg(target_os = "linux")]
#[test]
fn a_flush_reaches_the_disk() {
    const FLUSHES: usize = 5;
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        let backend = open(Path::new(&folder));
        for round in 0..FLUSHES {
            let marker = |name: &str| drop(fs::metadata(format!("/{name}-{round}")));
            backend.insert(&round.to_be_bytes(), &[1; 3_000]).unwrap();
            marker("flush-begins");
            backend.flush().unwrap();
            marker("flush-ends");
        }
        return;
    }
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let (store, folder) = folder();
    let log = store.path().join("strace.log");
    let command = child("a_flush_reaches_the_disk", store.path());
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-e", "trace=fsync,fdatasync,sync_file_range,pwrite64,statx", "-o"]).arg(&log);
    let output = strace.args(&command).env(CHILD_FOLDER, &folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = fs::read_to_string(log).unwrap();
    assert!(!log.contains("sync_file_range"));

    let on_sled = |call: &str, name: &str| call.starts_with(name) && call.contains("/sled/db>");
    // A line is "thread  call"; the second half of an interrupted call says nothing new.
    let calls = log.lines().filter_map(|line| line.split_once(' ')).map(|(thread, call)| (thread, call.trim_start()));
    let calls: Vec<_> = calls.filter(|(_, call)| !call.starts_with("<...")).collect();
    let writes = calls.iter().enumerate().filter(|(_, (_, call))| on_sled(call, "pwrite64("));
    let mut count = 0;
    for (position, (thread, _)) in writes {
        let next = calls[position + 1..].iter().find(|(other, _)| other == thread).unwrap().1;
        assert!(on_sled(next, "fsync("), "a write is followed by {next}");
        count += 1;
    }
    assert!(count >= FLUSHES);
    for round in 0..FLUSHES {
        let begins = log.find(&format!("/flush-begins-{round}\"")).unwrap();
        let ends = log.find(&format!("/flush-ends-{round}\"")).unwrap();
        let synced = log[begins..ends].lines().any(|line| line.contains("fdatasync(") && line.contains("/sled/db>"));
        assert!(synced, "flush {round} without the own fdatasync");
    }
    for name in ["/sled/conf>", "/sled>"] {
        assert!(log.lines().any(|line| line.contains("sync(") && line.contains(name)), "{name} was not synced");
    }
}

/// A real refusal of the kernel, without a full disk: the child may not write files above a few MiB.
#[cfg(target_os = "linux")]
#[test]
fn a_failed_write_poisons_and_keeps_what_was_flushed() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        let backend = open(Path::new(&folder));
        let mut flushed = 0;
        let error = (0..10_000_u32).find_map(|number| {
            let result = backend.insert(&number.to_be_bytes(), &[7; 3_000]).and_then(|()| {
                if number % 100 == 99 { backend.flush().map(|()| flushed = number + 1) } else { Ok(()) }
            });
            result.err()
        });
        assert_eq!(error.unwrap().code(), ErrorCode::StorageFailed);
        assert_eq!(backend.insert(b"key", b"value").unwrap_err().code(), ErrorCode::StorageFailed);
        assert_eq!(backend.flush().unwrap_err().code(), ErrorCode::StorageFailed);
        assert_eq!(backend.get(&0_u32.to_be_bytes()).unwrap().as_deref(), Some(&[7; 3_000][..]));
        backend.close().unwrap();
        fs::write(Path::new(&folder).parent().unwrap().join("flushed"), flushed.to_string()).unwrap();
        return;
    }
    let (store, folder) = folder();
    let command = child("a_failed_write_poisons_and_keeps_what_was_flushed", store.path());
    let mut shell = Command::new("sh");
    // The signal is ignored, so that the write answers with an error instead of ending the child.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 20000; exec \"$@\"", "sh"]).args(&command);
    let output = shell.env(CHILD_FOLDER, &folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let flushed: u32 = fs::read_to_string(store.path().join("flushed")).unwrap().parse().unwrap();
    assert!(flushed > 0);
    let found = all(&open(&folder));
    assert!(found.len() >= flushed as usize);
    assert!(found.keys().enumerate().all(|(number, key)| *key == (number as u32).to_be_bytes()), "a prefix");
}

#[test]
fn a_crash_leaves_any_prefix_of_the_writes_since_the_flush() {
    let backend = FaultyBackend::new();
    backend.insert(b"a", b"1").unwrap();
    backend.insert(b"b", b"1").unwrap();
    backend.flush().unwrap();
    backend.insert(b"a", b"2").unwrap();
    backend.flush_buffers().unwrap();
    backend.remove(b"b").unwrap();
    backend.insert(b"c", b"1").unwrap();
    assert_eq!(backend.operations_since_flush().len(), 3);
    assert_eq!(backend.operations_since_flush()[1], Operation::Remove(b"b"[..].into()));
    let keys = |kept| {
        let found = all(&backend.after_crash(kept));
        found.iter().map(|(key, value)| format!("{}{}", key[0] as char, value[0] as char)).collect::<String>()
    };
    assert_eq!([keys(0), keys(1), keys(2), keys(3)], ["a1b1", "a2b1", "a2", "a2c1"]);
    let after = backend.after_crash(1);
    assert!(after.operations_since_flush().is_empty());
    after.insert(b"d", b"1").unwrap();
    assert_eq!(all(&after.after_crash(0)).len(), 2);
}

#[test]
fn a_planted_fault_stays() {
    let backend = FaultyBackend::new();
    backend.fail_write(3);
    backend.insert(b"a", b"1").unwrap();
    backend.remove(b"b").unwrap();
    for _ in 0..2 {
        assert_eq!(backend.insert(b"c", b"1").unwrap_err().code(), ErrorCode::StorageFailed);
    }
    assert_eq!(backend.flush().unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(backend.flush_buffers().unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!((backend.writes(), backend.flushes()), (2, 0));
    assert_eq!(all(&backend).len(), 1);
    let backend = FaultyBackend::new();
    backend.fail_flush(2);
    backend.flush().unwrap();
    backend.insert(b"a", b"1").unwrap();
    assert_eq!(backend.flush().unwrap_err().code(), ErrorCode::StorageFailed);
    assert_eq!(all(&backend.after_crash(0)).len(), 0);
}

mod lock {
    use super::*;
    use crate::lock::StoreLock;

    #[test]
    fn a_store_is_locked_once_and_the_file_stays() {
        let folder = tempdir().unwrap();
        let lock = StoreLock::acquire(folder.path()).unwrap();
        let error = StoreLock::acquire(folder.path()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Locked);
        #[cfg(unix)]
        assert!(error.message().contains(&std::process::id().to_string()));
        assert!(error.message().contains(&folder.path().display().to_string()));
        drop(lock);
        assert!(folder.path().join("LOCK").exists());
        drop(StoreLock::acquire(folder.path()).unwrap());
    }

    /// A child that was started while the store was open has its lock until it runs its program.
    #[cfg(unix)]
    #[test]
    fn a_lock_that_a_child_still_has_is_waited_for() {
        let folder = tempdir().unwrap();
        drop(StoreLock::acquire(folder.path()).unwrap());
        let inherited = fs::File::open(folder.path().join("LOCK")).unwrap();
        inherited.lock().unwrap();
        let child = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            drop(inherited);
        });
        StoreLock::acquire(folder.path()).unwrap();
        child.join().unwrap();
    }

    #[test]
    fn a_second_process_is_told_the_pid_of_the_first() {
        if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
            let error = StoreLock::acquire(Path::new(&folder)).unwrap_err();
            eprintln!("{} {}", error.code().as_str(), error.message());
            return;
        }
        let folder = tempdir().unwrap();
        let lock = StoreLock::acquire(folder.path()).unwrap();
        let command = child("lock::a_second_process_is_told_the_pid_of_the_first", folder.path());
        let mut second = Command::new(&command[0]);
        let output = second.args(&command[1..]).env(CHILD_FOLDER, folder.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("LOCKED"), "{text}");
        #[cfg(unix)]
        assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
        drop(lock);
    }

    #[test]
    fn a_file_left_by_a_dead_process_locks_nothing() {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("LOCK"), "4194305000\n").unwrap();
        drop(StoreLock::acquire(folder.path()).unwrap());
    }
}
