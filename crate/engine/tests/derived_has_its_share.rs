//! E17: what is derived of rows has its room from the block cache, is one for each namespace, and goes with it.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sledstore_engine::{Batch, Derived, Durability, ErrorCode, Loan, NamespaceOptions, Options, Profile, Store};

struct Kept {
    _loan: Loan,
    tidied: Arc<AtomicUsize>,
}

impl Derived for Kept {
    fn tidy(&self) {
        self.tidied.fetch_add(1, Ordering::Relaxed);
    }
}

fn open() -> Store {
    let options = Options { memory_budget: Profile::Embedded.memory_budget(), ..Options::default() };
    Store::memory(&options).unwrap()
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn loans_are_counted_and_bounded() {
    let store = open();
    let max = store.lent_bytes_max();
    assert!(max > 4 << 20 && max < 24 << 20, "{max}");
    let before = store.stats().memory;
    let mut loan = store.lend(store.lent_bytes_max() - 1_000).unwrap();
    assert!(store.lend(1_001).is_none());
    assert!(!loan.resize(max + 1) && loan.bytes() == max - 1_000);
    let other = store.lend(1_000).unwrap();
    let memory = store.stats().memory;
    assert_eq!(memory.derived as usize, max);
    assert_eq!(memory.total - before.total, max as u64);
    assert!(loan.resize(10) && store.stats().memory.derived == 1_010);
    drop((loan, other));
    assert_eq!(store.stats().memory.derived, 0);
}

#[test]
fn it_is_made_once_and_goes_with_its_namespace() {
    let store = open();
    let id = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let tidied = Arc::new(AtomicUsize::new(0));
    let make = || Kept { _loan: store.lend(5_000).unwrap(), tidied: tidied.clone() };
    let kept = store.derived(id, make).unwrap();
    assert!(Arc::ptr_eq(&kept, &store.derived(id, make).unwrap()));
    assert_eq!(store.all_derived::<Kept>().len(), 1);
    assert_eq!(store.stats().memory.derived, 5_000);
    wait_until("it is asked to tidy", || tidied.load(Ordering::Relaxed) > 0);
    drop(kept);

    store.drop_namespace("rows").unwrap();
    wait_until("it goes with the namespace", || store.stats().memory.derived == 0);
    let error = store.derived(id, make).err().unwrap();
    assert_eq!(error.code(), ErrorCode::NamespaceDropped);
}

#[test]
fn what_is_needed_has_room_of_memtables() {
    let store = open();
    let budget = store.options().memory_budget;
    let id = store.namespace("rows", &NamespaceOptions::default()).unwrap().id;
    let put = |numbers: std::ops::Range<u32>| {
        for number in numbers {
            let mut batch = Batch::new();
            batch.put(id, &number.to_be_bytes(), &[number as u8; 2_000]).unwrap();
            store.commit(&batch, Durability::None).unwrap();
            let memory = store.stats().memory;
            assert!(memory.total <= budget, "{memory:?}");
        }
    };
    // A memtable that is as full as it may be now is larger than all may be then.
    let mut numbers = 0..5_000;
    let before = loop {
        let next = numbers.next().unwrap();
        put(next..next + 1);
        let active = store.stats().memory.active_memtable;
        if active > 640 << 10 {
            break active;
        }
    };
    let mut loan = store.lend_needed(store.needed_bytes_max(), usize::MAX).unwrap();
    assert!(store.stats().memory.active_memtable < before / 2);
    assert!(store.lend(1).is_none() && store.lend_needed(1, usize::MAX).is_none());
    put(600..12_000);
    // What is given back is the memtables' again.
    assert!(loan.resize(1_000));
    put(0..3_000);
    assert!(store.stats().memory.active_memtable > 0 && store.lend(store.lent_bytes_max() - 1_000).is_some());
}
