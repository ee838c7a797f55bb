//! LOAD CSV reads files of the folders that are allowed, strictly.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let mut graph = Memory::default();
    let plan = planned(&graph, query);
    let files = folders.iter().map(|folder| folder.0.clone()).collect();
    let limits = Limits { files, ..Limits::default() };
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
    refused(&[&folder], LINES, &secret, "outside");
    refused(&[&folder], LINES, "/etc/passwd", "outside");
    refused(&[&folder], LINES, "none.csv", "there is no file");
    refused(&[&folder], LINES, "https://example.org/a.csv", "this machine");
    refused(&[&folder], LINES, "file:///%zz.csv", "no URL");
    let folder_name = folder.0.to_str().unwrap();
    refused(&[&folder], LINES, folder_name, "is no file");
    let name = other.0.file_name().unwrap().to_str().unwrap();
    refused(&[&folder], LINES, &format!("../{name}/secret.csv"), "outside");
    for name in ["a b.csv", &file, "file:///a%20b.csv", &format!("file://{}", file.replace(' ', "%20"))] {
        assert_eq!(run(&[&other, &folder], LINES, name).unwrap(), ["['1']"], "{name}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, folder.0.join("link.csv")).unwrap();
        refused(&[&folder], LINES, "link.csv", "outside");
        assert_eq!(run(&[&folder, &other], LINES, "link.csv").unwrap(), ["['1']"]);
    }
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
