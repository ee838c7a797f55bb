//! LOAD CSV reads files of the folders that are allowed, strictly.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sledstore_cypher::execute::{Execution, Limits, Settings};
use sledstore_cypher::function::Clock;
use sledstore_cypher::storage::Failure;
use sledstore_cypher::value::Value;
use sledstore_cypher::value::temporal::{Offset, Zone};
use sledstore_cypher::{CypherError, Detail};

use crate::memory::Memory;
use crate::short::planned;

/// A folder of a test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("sledstore-csv-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn run(folders: &[&Folder], query: &str, file: &str) -> Result<Vec<String>, CypherError> {
    run_within(folders, query, file, Limits::default())
}

fn run_within(folders: &[&Folder], query: &str, file: &str, limits: Limits) -> Result<Vec<String>, CypherError> {
    let mut graph = Memory::default();
    let plan = planned(&graph, query);
    let files = folders.iter().map(|folder| folder.0.clone()).collect();
    let limits = Limits { files, ..limits };
    let clock = Clock::starting_now().unwrap();
    let settings = Settings { procedures: &(), clock, zone: Zone::from(Offset::UTC), limits, profile: false };
    let of_language = |failure| match failure {
        Failure::Cypher(error) => error,
        Failure::Storage(error) => panic!("{error}"),
    };
    let parameter = |name: &str| (name == "file").then(|| Value::from(file));
    let mut execution = Execution::start(&plan, parameter, &mut graph, settings).map_err(of_language)?;
    let mut rows = Vec::new();
    while let Some(batch) = execution.next_batch().map_err(of_language)? {
        rows.extend(
            batch
                .rows()
                .map(|row| row.iter().take(plan.columns.len()).map(Value::to_string).collect::<Vec<_>>().join(", ")),
        );
    }
    Ok(rows)
}

#[track_caller]
fn refused(folders: &[&Folder], query: &str, file: &str, message: &str) {
    let error = run(folders, query, file).expect_err(query);
    assert_eq!(error.detail, Detail::FileNotLoaded, "{error}");
    assert!(error.message.contains(message), "{error}");
}

const LINES: &str = "LOAD CSV FROM $file AS line RETURN line";
const RECORDS: &str = "LOAD CSV WITH HEADERS FROM $file AS row RETURN row.name, row['age'], row";

#[test]
fn lines_are_lists_and_records_are_maps() {
    let folder = Folder::new();
    let file = folder.write("people.csv", b"name,age\r\n\"Ann, the \"\"first\"\"\",40\r\nBob,\r\n\"\",7");
    assert_eq!(
        run(&[&folder], LINES, &file).unwrap(),
        ["['name', 'age']", "['Ann, the \"first\"', '40']", "['Bob', null]", "['', '7']"]
    );
    let rows = run(&[&folder], RECORDS, &file).unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("'Ann, the \"first\"', '40', {"), "{}", rows[0]);
    assert!(rows[1].starts_with("'Bob', null, "), "{}", rows[1]);
    let tabs = folder.write("tabs.tsv", "a\tb,c\nä\t\"\n\"".as_bytes());
    let query = "LOAD CSV FROM $file AS line FIELDTERMINATOR '\\t' RETURN line";
    assert_eq!(run(&[&folder], query, &tabs).unwrap(), ["['a', 'b,c']", "['ä', '\\n']"]);
    let empty = folder.write("empty.csv", b"");
    assert!(run(&[&folder], RECORDS, &empty).unwrap().is_empty());
}

#[test]
fn many_lines_go_through_in_order_and_for_each_row() {
    let folder = Folder::new();
    let content: String = (0..10_000).map(|i| format!("{i},{}\n", i * 2)).collect();
    let file = folder.write("many.csv", content.as_bytes());
    let query = "LOAD CSV FROM $file AS l WITH toInteger(l[0]) AS i, toInteger(l[1]) AS j RETURN count(*), sum(j - i)";
    assert_eq!(run(&[&folder], query, &file).unwrap(), ["10000, 49995000"]);
    let query = "UNWIND [1, 2, 3] AS x LOAD CSV FROM $file AS l WITH x, l LIMIT 20001 RETURN x, count(*) AS c";
    assert_eq!(run(&[&folder], query, &file).unwrap(), ["1, 10000", "2, 10000", "3, 1"]);
}

#[test]
fn only_files_of_the_folders_are_read() {
    let (folder, other) = (Folder::new(), Folder::new());
    let file = folder.write("a b.csv", b"1");
    let secret = other.write("secret.csv", b"1");
    refused(&[], LINES, &file, "allowFiles");
    refused(&[&folder], LINES, &secret, "there is no file");
    refused(&[&folder], LINES, "/etc/passwd", "there is no file");
    refused(&[&folder], LINES, "none.csv", "there is no file");
    refused(&[&folder], LINES, "https://example.org/a.csv", "this machine");
    refused(&[&folder], LINES, "file:///%zz.csv", "no URL");
    let folder_name = folder.0.to_str().unwrap();
    refused(&[&folder], LINES, folder_name, "is no file");
    let name = other.0.file_name().unwrap().to_str().unwrap();
    refused(&[&folder], LINES, &format!("../{name}/secret.csv"), "there is no file");
    for name in ["a b.csv", &file, "file:///a%20b.csv", &format!("file://{}", file.replace(' ', "%20"))] {
        assert_eq!(run(&[&other, &folder], LINES, name).unwrap(), ["['1']"], "{name}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, folder.0.join("link.csv")).unwrap();
        refused(&[&folder], LINES, "link.csv", "there is no file");
        assert_eq!(run(&[&folder, &other], LINES, "link.csv").unwrap(), ["['1']"]);
    }
}

#[test]
fn what_lies_outside_is_not_told() {
    let (folder, other) = (Folder::new(), Folder::new());
    other.write("there.csv", b"1");
    let told = |name: &str| run(&[&folder], LINES, name).unwrap_err().message.replace(name, "…");
    let elsewhere = |name: &str| told(&format!("{}/{name}", other.0.display()));
    assert_eq!(elsewhere("there.csv"), elsewhere("missing.csv"));
    let name = other.0.file_name().unwrap().to_str().unwrap();
    assert_eq!(told(&format!("../{name}/there.csv")), told(&format!("../{name}/missing.csv")));
    assert_eq!(told("../"), told("../missing/"));
    assert_eq!(told("file:///../../../../../etc/passwd"), told("file:///../../../../../etc/missing"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(other.0.join("there.csv"), folder.0.join("to-there.csv")).unwrap();
        std::os::unix::fs::symlink(other.0.join("missing.csv"), folder.0.join("to-missing.csv")).unwrap();
        assert_eq!(told("to-there.csv"), told("to-missing.csv"));
    }
}

/// Somebody who may write to an allowed folder exchanges a file, and a folder on the way to one, for links that lead out.
#[cfg(unix)]
#[test]
fn a_link_that_is_exchanged_meanwhile_leads_nowhere() {
    use std::os::unix::fs::symlink;
    let (folder, other) = (Folder::new(), Folder::new());
    fs::create_dir(other.0.join("own")).unwrap();
    for (name, content) in [("secret.csv", "secret"), ("own/secret.csv", "own"), ("own.csv", "own")] {
        other.write(name, content.as_bytes());
    }
    let (home, outside) = (folder.0.clone(), other.0.clone());
    let (ended, exchanges) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let exchanging = std::thread::spawn({
        let (ended, exchanges) = (ended.clone(), exchanges.clone());
        move || {
            while !ended.load(Ordering::Relaxed) {
                exchanges.fetch_add(1, Ordering::Relaxed);
                fs::copy(outside.join("own.csv"), home.join("next")).unwrap();
                fs::rename(home.join("next"), home.join("secret.csv")).unwrap();
                symlink(outside.join("secret.csv"), home.join("next")).unwrap();
                fs::rename(home.join("next"), home.join("secret.csv")).unwrap();
                fs::create_dir(home.join("way")).unwrap();
                fs::copy(outside.join("own.csv"), home.join("way/secret.csv")).unwrap();
                fs::rename(home.join("way"), home.join("before")).unwrap();
                symlink(&outside, home.join("way")).unwrap();
                fs::remove_file(home.join("way")).unwrap();
                fs::remove_dir_all(home.join("before")).unwrap();
            }
        }
    });
    let (mut own, mut round) = (0, 0);
    // However the two threads share the processor: until files were found, among many exchanges and many readings.
    while round < 5_000 || exchanges.load(Ordering::Relaxed) < 200 || own == 0 {
        assert!(exchanges.load(Ordering::Relaxed) < 1_000_000, "no file was ever found");
        round += 1;
        for name in ["secret.csv", "way/secret.csv"] {
            match run(&[&folder], LINES, name) {
                Ok(rows) => {
                    assert_ne!(rows, ["['secret']"], "{name}");
                    own += usize::from(rows == ["['own']"]);
                }
                Err(error) => assert_eq!(error.detail, Detail::FileNotLoaded, "{error}"),
            }
        }
    }
    ended.store(true, Ordering::Relaxed);
    exchanging.join().unwrap();
}

#[test]
fn records_count_against_the_limit_of_memory() {
    let folder = Folder::new();
    let file = folder.write("wide.csv", &b",".repeat(4 << 20));
    let within = |memory: usize, query: &str, file: &str| {
        run_within(&[&folder], query, file, Limits { memory_bytes: Some(memory), ..Limits::default() })
    };
    let ended = |memory: usize, query: &str, file: &str| within(memory, query, file).unwrap_err().detail;
    const COUNT: &str = "LOAD CSV FROM $file AS line RETURN size(line) AS fields";
    assert_eq!(ended(64 << 20, COUNT, &file), Detail::MemoryLimit);
    assert_eq!(within(1 << 30, COUNT, &file).unwrap(), ["4194305"]);
    let headers = "LOAD CSV WITH HEADERS FROM $file AS row RETURN row";
    let names: String = (0..400_000).map(|number| format!("{number},")).collect();
    let file = folder.write("names.csv", format!("{names}last\n").as_bytes());
    assert_eq!(ended(16 << 20, headers, &file), Detail::MemoryLimit);
    assert!(within(128 << 20, headers, &file).unwrap().is_empty());
    let file = folder.write("long.csv", &[b"a\n\"", &b"x\n".repeat(4 << 20)[..], b"\""].concat());
    assert_eq!(ended(4 << 20, COUNT, &file), Detail::MemoryLimit);
    assert_eq!(within(32 << 20, COUNT, &file).unwrap(), ["1", "1"]);
}

#[test]
fn long_records_do_not_pile_up() {
    let folder = Folder::new();
    let line = format!("{},b\n", "a".repeat(100_000));
    let file = folder.write("long.csv", line.repeat(600).as_bytes());
    let limits = || Limits { memory_bytes: Some(2 << 20), ..Limits::default() };
    let query = "LOAD CSV FROM $file AS line RETURN count(line[1]), sum(size(line[0]))";
    assert_eq!(run_within(&[&folder], query, &file, limits()).unwrap(), ["600, 60000000"]);
    let kept = "LOAD CSV FROM $file AS line RETURN size(collect(line))";
    assert_eq!(run_within(&[&folder], kept, &file, limits()).unwrap_err().detail, Detail::MemoryLimit);
    let each = folder.write("one.csv", line.as_bytes());
    let query = "UNWIND range(1, 600) AS i LOAD CSV FROM $file AS line RETURN count(line[1])";
    assert_eq!(run_within(&[&folder], query, &each, limits()).unwrap(), ["600"]);
}

#[test]
fn what_is_no_csv_is_told_with_its_place() {
    let folder = Folder::new();
    for (content, place) in [
        (&b"a,b\n1,2\n3"[..], "line 3, column 1: the line has 1 fields, and the header 2"),
        (b"a,b\n1,\"2", "line 2, column 3: the file ends inside a field"),
        (b"a,b\n\"1\"x,2", "line 2, column 4: only a separator"),
        (b"a,b\n1,2\"", "line 2, column 4: a quote stands inside"),
        (b"a,b\n1,\xff", "line 2, column 3: the bytes are no text"),
        (b"a,a\n1,2", "line 1, column 1: the header has two fields named a"),
        (b"a,\n1,2", "line 1, column 1: field 2 of the header"),
    ] {
        let file = folder.write("broken.csv", content);
        refused(&[&folder], RECORDS, &file, place);
        refused(&[&folder], RECORDS, &file, "broken.csv");
    }
    let error = run(&[&folder], "UNWIND [1, 'a'] AS x LOAD CSV FROM x AS l RETURN l", "").unwrap_err();
    assert_eq!(error.detail, Detail::InvalidArgumentType);
}
