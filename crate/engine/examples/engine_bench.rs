//! What the engine costs without JavaScript: writes, reads by where the row lies, scans, checkpoints.
//!
//! `cargo run --profile fast -p sledstore-engine --example engine_bench -- [--rows N] [--only part,…] [--keep FOLDER]`
//!
//! Keys of 16 bytes, values of 100 bytes of which half is random, durability `os`, the default budget unless a line
//! says otherwise. With `--keep` the loaded store stays in the folder and is used again, so that a profiler sees one
//! part alone.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sledstore_engine::{
    Batch, Durability, KeyRange, NamespaceId, NamespaceOptions, Options, Read, Result, ScanOptions, Store,
};

const VALUE_BYTES: usize = 100;
const GETS: usize = 300_000;

struct Arguments {
    rows: u64,
    only: Vec<String>,
    keep: Option<PathBuf>,
}

impl Arguments {
    fn parse() -> Self {
        let mut arguments = Self { rows: 1_000_000, only: Vec::new(), keep: None };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().unwrap_or_default();
            match word.as_str() {
                "--rows" => arguments.rows = value.parse().unwrap_or(arguments.rows),
                "--only" => arguments.only = value.split(',').map(str::to_owned).collect(),
                "--keep" => arguments.keep = Some(value.into()),
                _ => println!("unknown argument {word}; known are --rows, --only, --keep"),
            }
        }
        arguments
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == part)
    }
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Makes the first half of a value anew; the rest stays zero and compresses away.
    fn fill(&mut self, value: &mut [u8; VALUE_BYTES]) {
        for bytes in value[..VALUE_BYTES / 2].chunks_mut(8) {
            let random = self.next().to_le_bytes();
            let length = bytes.len();
            bytes.copy_from_slice(&random[..length]);
        }
    }
}

/// The n-th key: scattered over the key space, or ascending.
fn key_of(number: u64, scattered: bool) -> [u8; 16] {
    let lead = if scattered { number.wrapping_mul(0x9E37_79B9_7F4A_7C15) } else { 0 };
    let mut key = [0; 16];
    key[..8].copy_from_slice(&lead.to_be_bytes());
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

struct Subject {
    store: Store,
    namespace: NamespaceId,
    folder: PathBuf,
}

impl Subject {
    fn open(folder: &Path, options: &Options) -> Result<Self> {
        let store = Store::open(folder, options)?;
        let namespace = store.namespace("bench", &NamespaceOptions::default())?.id;
        Ok(Self { store, namespace, folder: folder.to_owned() })
    }

    /// Rows that commit one by one or in batches, in the order of `number`.
    fn write(
        &self,
        rows: u64,
        batch_rows: u64,
        random: &mut Random,
        number: impl Fn(u64, &mut Random) -> [u8; 16],
    ) -> Result<()> {
        let mut batch = Batch::new();
        let mut value = [0; VALUE_BYTES];
        for row in 0..rows {
            random.fill(&mut value);
            batch.put(self.namespace, &number(row, random), &value)?;
            if (row + 1) % batch_rows == 0 || row + 1 == rows {
                self.store.commit(&batch, Durability::Os)?;
                batch.reset();
            }
        }
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<usize> {
        Ok(self.store.get_with(self.namespace, key, <[u8]>::len)?.unwrap_or(0))
    }

    fn finish(self) -> Result<()> {
        self.store.close()?;
        std::fs::remove_dir_all(&self.folder).ok();
        Ok(())
    }
}

fn rows_per_second(rows: u64, time: Duration) -> String {
    let nanos = time.as_nanos() as f64 / rows as f64;
    format!("{:>10.0} rows/s {nanos:>8.0} ns", 1e9 / nanos)
}

/// Times writes, and then the checkpoint that drains them.
fn report_writes(name: &str, subject: &Subject, rows: u64, write: impl FnOnce() -> Result<()>) -> Result<()> {
    let before = subject.store.stats();
    let start = Instant::now();
    write()?;
    let burst = start.elapsed();
    let drain = Instant::now();
    subject.store.checkpoint()?;
    let after = subject.store.stats();
    println!("{name:<34}{}", rows_per_second(rows, burst));
    println!(
        "{:<34}{}  last checkpoint {:.0} ms, {} checkpoints, {} blocks, {} MB, stalled {} ms",
        "  until drained",
        rows_per_second(rows, start.elapsed()),
        drain.elapsed().as_secs_f64() * 1e3,
        after.checkpoints - before.checkpoints,
        after.blocks_written - before.blocks_written,
        (after.block_bytes_written - before.block_bytes_written) >> 20,
        (after.stall_micros - before.stall_micros) / 1000,
    );
    Ok(())
}

/// Times gets; the second pass over the same keys counts, so caches have settled.
fn report_gets(name: &str, subject: &Subject, mut key: impl FnMut(&mut Random) -> [u8; 16]) -> Result<()> {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for _ in 0..GETS {
        subject.get(&key(&mut random))?;
    }
    let before = subject.store.stats();
    let mut nanos = Vec::with_capacity(GETS);
    let start = Instant::now();
    for _ in 0..GETS {
        let key = key(&mut random);
        let started = Instant::now();
        std::hint::black_box(subject.get(&key)?);
        nanos.push(started.elapsed().as_nanos() as u64);
    }
    let mean = start.elapsed().as_nanos() as f64 / GETS as f64;
    nanos.sort_unstable();
    let at = |part: usize| nanos[GETS * part / 1000];
    let paged_in = subject.store.stats().backend_reads - before.backend_reads;
    println!(
        "{name:<34}{mean:>8.0} ns mean, p50 {}, p99 {}, p999 {}, {:.2} % paged in",
        at(500),
        at(990),
        at(999),
        100.0 * paged_in as f64 / GETS as f64
    );
    Ok(())
}

fn report_scan(subject: &Subject, rows: u64) -> Result<()> {
    for (name, keys_only) in [("scan, full", false), ("scan, full, keys only", true)] {
        for _ in 0..2 {
            let options = ScanOptions { keys_only, ..ScanOptions::default() };
            let start = Instant::now();
            let mut scan = subject.store.scan(subject.namespace, &KeyRange::all(), options)?;
            let mut bytes = 0;
            while scan.next_page(1000, 64 << 10, &mut |key, value| bytes += key.len() + value.len())? {}
            std::hint::black_box(bytes);
            println!("{name:<34}{}", rows_per_second(rows, start.elapsed()));
        }
    }
    Ok(())
}

fn write_parts(arguments: &Arguments, home: &Path, options: &Options) -> Result<()> {
    let rows = arguments.rows;
    let random = &mut Random(88_172_645_463_325_252);
    for (part, name, batch_rows, scattered) in [
        ("put-sequential", "put, sequential", 1, false),
        ("put-random", "put, random", 1, true),
        ("batch-100", "batch of 100, random", 100, true),
    ] {
        if !arguments.wants(part) {
            continue;
        }
        let subject = Subject::open(&home.join(part), options)?;
        report_writes(name, &subject, rows, || {
            subject.write(rows, batch_rows, random, |row, _| key_of(row, scattered))
        })?;
        if part == "batch-100" {
            let overwrite = |_, random: &mut Random| key_of(random.below(rows), true);
            report_writes("batch of 100, overwrite", &subject, rows, || subject.write(rows, 100, random, overwrite))?;
        }
        println!("  {:?}, {:?}", subject.store.stats().disk, subject.store.stats().memory);
        subject.finish()?;
    }
    Ok(())
}

fn read_parts(arguments: &Arguments, home: &Path, options: &Options) -> Result<()> {
    let rows = arguments.rows;
    let few = 50_000.min(rows);
    if arguments.wants("get-memtable") {
        let options = Options { memtable_bytes: Some(16 << 20), ..options.clone() };
        let subject = Subject::open(&home.join("memtable"), &options)?;
        subject.write(few, 100, &mut Random(7), |row, _| key_of(row, true))?;
        report_gets("get, memtable of 50 k rows", &subject, |random| key_of(random.below(few), true))?;
        subject.finish()?;
    }
    let folder = home.join("read");
    let loaded = folder.exists();
    let subject = Subject::open(&folder, options)?;
    if !loaded {
        subject.write(rows, 100, &mut Random(7), |row, _| key_of(row, true))?;
        subject.store.checkpoint()?;
    }
    if arguments.wants("get-plain") {
        report_gets("get, 50 neighbouring blocks", &subject, |random| {
            let mut key = [0; 16];
            // A small part of the key space: its blocks fit among the decoded ones.
            key[..8].copy_from_slice(&(random.next() >> 14).to_be_bytes());
            key
        })?;
        report_gets("get, 2,000 rows", &subject, |random| key_of(random.below(2_000.min(rows)), true))?;
    }
    if arguments.wants("get-uniform") {
        report_gets("get, uniform, default budget", &subject, |random| key_of(random.below(rows), true))?;
        println!("  {:?}", subject.store.stats().memory);
        report_gets("get, missing, default budget", &subject, |random| key_of(rows + random.below(rows), true))?;
    }
    if arguments.wants("scan") {
        report_scan(&subject, rows)?;
    }
    subject.store.close()?;
    for (part, name, budget) in
        [("get-large", "get, uniform, budget 512 MB", 512 << 20), ("get-paged", "get, uniform, budget 32 MB", 32 << 20)]
    {
        if arguments.wants(part) {
            let options = Options { memory_budget: budget, ..options.clone() };
            let start = Instant::now();
            let subject = Subject::open(&folder, &options)?;
            println!("open{:<30}{:>8.1} ms", "", start.elapsed().as_secs_f64() * 1e3);
            report_gets(name, &subject, |random| key_of(random.below(rows), true))?;
            println!("  {:?}", subject.store.stats().memory);
            subject.store.close()?;
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let options = Options { durability: Durability::Os, ..Options::default() };
    let home = arguments
        .keep
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("sledstore-engine-bench-{}", std::process::id())));
    std::fs::create_dir_all(&home).ok();
    write_parts(&arguments, &home, &options)?;
    if ["get-memtable", "get-plain", "get-uniform", "scan", "get-large", "get-paged"]
        .iter()
        .any(|part| arguments.wants(part))
    {
        read_parts(&arguments, &home, &options)?;
    }
    if arguments.keep.is_none() {
        std::fs::remove_dir_all(&home).ok();
    }
    Ok(())
}
