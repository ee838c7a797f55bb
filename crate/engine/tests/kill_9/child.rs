//! What the killed process does: it writes, says what is done as soon as it is acknowledged, and never ends by itself.

use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::Rng;
use sledstore_engine::{Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Read, ScanOptions, Store};
use sledstore_engine::{Result, Write};

pub const FOLDER: &str = "SLEDSTORE_KILL_FOLDER";
pub const LEVEL: &str = "SLEDSTORE_KILL_LEVEL";
pub const CLOSE_AFTER: &str = "SLEDSTORE_KILL_CLOSE_AFTER";
/// Begins every line that is meant for the parent.
pub const PREFIX: &str = "@ ";

/// Rows of a short-lived namespace.
pub const TEMPORARY_ROWS: u64 = 12;
/// Keys that large values take turns in.
pub const LARGE_KEYS: u64 = 3;

/// Options under which a few hundred rows are several checkpoints.
pub fn options() -> Options {
    Options { memory_budget: 24 << 20, memtable_bytes: Some(64 << 10), block_bytes: Some(1_024), ..Options::default() }
}

/// The key of a number, in order.
pub fn key(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// A value only this number has.
pub fn value(number: u64) -> Vec<u8> {
    let bytes = 20 + number as usize % 300;
    (0..bytes).map(|at| (number as usize * 31 + at / 3) as u8).collect()
}

/// A large value only this number has: some in one piece, some in chunks, some streamed.
pub fn large_value(number: u64) -> Vec<u8> {
    let bytes = [3_000, 9_000, 40_000, 150_000][number as usize % 4] + number as usize;
    let mut value: Vec<u8> = (0..bytes).map(|at| (number as usize * 17 + at / 5) as u8).collect();
    value[..8].copy_from_slice(&number.to_be_bytes());
    value
}

fn say(text: &str) {
    static OUTPUT: Mutex<()> = Mutex::new(());
    let _one_at_a_time = OUTPUT.lock().expect("nobody panics with it");
    let mut output = std::io::stdout().lock();
    output.write_all(format!("\n{PREFIX}{text}\n").as_bytes()).and_then(|()| output.flush()).expect("the pipe");
}

struct Child {
    store: Store,
    level: Durability,
    acknowledged: AtomicU64,
    stop: AtomicBool,
}

/// Opens, writes, checkpoints now and then, and closes when it was told to.
pub fn run(folder: &Path) {
    let setting = |name: &str| std::env::var(name).unwrap_or_default();
    let level = if setting(LEVEL) == "Os" { Durability::Os } else { Durability::Full };
    let close_after: u64 = setting(CLOSE_AFTER).parse().unwrap_or(u64::MAX);
    say("phase recovery");
    let store = Store::open(folder, &options()).expect("open");
    say("phase writing");
    let child = Child { store, level, acknowledged: AtomicU64::new(0), stop: AtomicBool::new(false) };
    std::thread::scope(|scope| {
        let writers = [Child::write_line, Child::write_pairs, Child::write_counter, Child::write_large];
        let mut threads: Vec<_> = writers
            .into_iter()
            .map(|work| {
                scope.spawn({
                    let child = &child;
                    move || work(child)
                })
            })
            .collect();
        threads.push(scope.spawn(|| child.make_namespaces()));
        let mut next_checkpoint = 10;
        while child.acknowledged.load(Ordering::SeqCst) < close_after {
            std::thread::sleep(Duration::from_micros(500));
            if child.acknowledged.load(Ordering::SeqCst) >= next_checkpoint {
                say("phase checkpoint");
                child.store.checkpoint().expect("checkpoint");
                say("phase writing");
                next_checkpoint = child.acknowledged.load(Ordering::SeqCst) + rand::rng().random_range(5..40);
            }
        }
        child.stop.store(true, Ordering::SeqCst);
    });
    say("phase close");
    child.store.close().expect("close");
    say("phase closed");
    std::thread::sleep(Duration::from_secs(60));
}

/// The number after the last key.
fn next_number(store: &Store, namespace: NamespaceId) -> u64 {
    let last = ScanOptions { reverse: true, limit: Some(1), ..ScanOptions::default() };
    let last = store.scan(namespace, &KeyRange::all(), last).expect("scan").next();
    last.map_or(0, |row| u64::from_be_bytes(row.expect("row").0[..8].try_into().expect("eight bytes")) + 1)
}

impl Child {
    fn namespace(&self, name: &str) -> NamespaceId {
        self.store.namespace(name, &NamespaceOptions::default()).expect("namespace").id
    }

    /// Does the work again and again, each time with the next number.
    fn repeat(&self, name: &str, from: u64, work: impl Fn(u64) -> Result<()>) {
        for number in from.. {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            say(&format!("begin {name} {number}"));
            work(number).expect(name);
            say(&format!("done {name} {number}"));
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// One put after the other.
    fn write_line(&self) {
        let line = self.namespace("line");
        self.repeat("line", next_number(&self.store, line), |number| {
            let mut batch = Batch::new();
            batch.put(line, &key(number), &value(number))?;
            self.store.commit(&batch, self.level).map(drop)
        });
    }

    /// Batches across two namespaces, with a deletion in each.
    fn write_pairs(&self) {
        let (left, right) = (self.namespace("left"), self.namespace("right"));
        self.repeat("pair", next_number(&self.store, left), |number| {
            let mut batch = Batch::new();
            batch.put(left, &key(number), &value(number))?;
            batch.put(right, &key(number), &value(number))?;
            if number >= 50 {
                batch.delete(left, &key(number - 50))?;
                batch.clear(right, &KeyRange::prefix(&key(number - 50)))?;
            }
            self.store.commit(&batch, self.level).map(drop)
        });
    }

    /// Transactions that read a counter and write it and a row of its value.
    fn write_counter(&self) {
        let (counter, rows) = (self.namespace("counter"), self.namespace("counted"));
        self.repeat("count", next_number(&self.store, rows), |number| {
            self.store.transact(self.level, |transaction| {
                let before = transaction
                    .get(counter, b"n")?
                    .map_or(0, |bytes| u64::from_be_bytes(bytes[..].try_into().expect("eight bytes")));
                assert_eq!(before, number);
                transaction.put(counter, b"n", &(before + 1).to_be_bytes())?;
                transaction.put(rows, &key(before), &value(before))
            })
        });
    }

    /// Large values that replace each other; a row says which came last.
    fn write_large(&self) {
        let (large, last) = (self.namespace("large"), self.namespace("large last"));
        self.repeat("large", next_number(&self.store, last), |number| {
            let mut batch = Batch::new();
            batch.put(large, &key(number % LARGE_KEYS), &large_value(number))?;
            batch.put(last, &key(number), b"")?;
            self.store.commit(&batch, self.level).map(drop)
        });
    }

    /// Namespaces that live until the next one is there.
    fn make_namespaces(&self) {
        let made = self.namespace("made");
        let next = next_number(&self.store, made);
        for namespace in self.store.namespaces() {
            // What the last child was killed before it could drop.
            let number = namespace.name.strip_prefix("temporary ").and_then(|number| number.parse::<u64>().ok());
            if number.is_some_and(|number| number + 1 != next) {
                self.store.drop_namespace(&namespace.name).expect("drop");
            }
        }
        self.repeat("namespace", next, |number| {
            let namespace = self.namespace(&format!("temporary {number}"));
            let mut batch = Batch::new();
            for row in 0..TEMPORARY_ROWS {
                batch.put(namespace, &key(row), &value(number + row))?;
            }
            batch.put(made, &key(number), b"")?;
            self.store.commit(&batch, self.level)?;
            if number > 0 {
                self.store.drop_namespace(&format!("temporary {}", number - 1))?;
            }
            std::thread::sleep(Duration::from_millis(3));
            Ok(())
        });
    }
}
