//! What expressions make is counted before it is made, and no longer than it is there; a query past its time ends,
//! whatever came last.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sledstore_cypher::Detail;
use sledstore_cypher::execute::Limits;

use crate::short::{ended, graph};

fn bytes(memory_bytes: usize) -> Limits {
    Limits { memory_bytes: Some(memory_bytes), ..Limits::default() }
}

#[test]
fn values_that_expressions_make_count() {
    let mut graph = graph("UNWIND range(1, 300) AS i CREATE (:A {i: i, t: 'a text of a node'})");
    for query in [
        "RETURN size(range(1, 200000))",
        "RETURN size([x IN range(1, 30000) | toString(x)])",
        "RETURN size(reduce(s = 'x', i IN range(1, 22) | s + s))",
        "RETURN size(reduce(l = [1], i IN range(1, 18) | l + l))",
        "RETURN size(replace($t, 'a', 'abcdefghij abcdefghij abcdefghij abcdefghij'))",
        "RETURN size(split($t, ' '))",
        "RETURN size(split($t, ''))",
        "RETURN size(toUpper($t) + toLower($t) + reverse($t) + trim($t))",
        "RETURN size(substring($t, 1) + left($t, 300000) + right($t, 300000) + $t)",
        "RETURN size(toStringList(range(1, 30000)))",
        "RETURN [range(1, 30000), reverse(range(1, 30000))] = 1",
        "RETURN size(range(1, 25000)[1..] + tail(range(1, 25000)))",
        "RETURN size([x IN range(1, 60) | $t])",
        "RETURN {a: range(1, 20000), b: range(1, 20000), c: range(1, 20000)} IS NULL",
        "RETURN size([$t, $t, $t, $t, $t])",
        "RETURN CASE range(1, 50000) WHEN range(1, 50000) THEN 1 END",
        "MATCH (a:A) RETURN size([(a)-->(b) | b]) + size(COLLECT { MATCH (x:A), (y:A) RETURN x.t + y.t })",
        "MATCH (n:A) WHERE size(range(1, 100000)) > n.i RETURN n",
        // The rows of a batch, each with one that fits.
        "UNWIND range(1, 500) AS i WITH i, range(1, 1000) AS l WITH i, l, i AS j WHERE i > 400 RETURN size(l)",
    ] {
        assert_eq!(ended(&mut graph, query, bytes(1_000_000)), Err(Detail::MemoryLimit), "{query}");
        assert!(ended(&mut graph, query, Limits::default()).is_ok(), "{query}");
    }
}

#[test]
fn values_count_no_longer_than_they_are_there() {
    let mut graph = graph("UNWIND range(1, 300) AS i CREATE (:A {i: i})");
    for query in [
        "UNWIND range(1, 3000) AS i RETURN size(range(1, 10000))",
        "UNWIND range(1, 3000) AS i WITH i WHERE size(range(1, 10000)) > i RETURN i",
        "UNWIND range(1, 3000) AS i RETURN sum(size(range(1, 10000)))",
        "UNWIND range(1, 3000) AS i RETURN count(range(1, 10000))",
        "UNWIND range(1, 3000) AS i RETURN i ORDER BY size(range(1, 10000)), i LIMIT 3",
        "UNWIND range(1, 3000) AS i CALL { UNWIND range(1, 10000) AS j RETURN count(*) AS c } RETURN c",
        "UNWIND range(1, 100) AS i UNWIND range(1, 20000) AS j RETURN sum(j)",
        "RETURN reduce(s = 0, i IN range(1, 1000) | s + size(range(1, 10000)))",
        "RETURN size(reduce(s = '', i IN range(1, 10000) | s + 'ten bytes '))",
        "RETURN size([i IN range(1, 1000) | range(1, 10000)[i]])",
        "RETURN all(i IN range(1, 1000) WHERE size(range(1, 10000)) > i)",
        "MATCH (a:A) WHERE EXISTS { MATCH (b:A) WHERE size(range(1, 10000)) > b.i } RETURN a.i",
        "MATCH (a:A) RETURN COUNT { MATCH (b:A) WHERE size(range(1, 3000)) > b.i }",
        "MATCH (a:A) SET a.j = size(range(1, 10000)) RETURN a.j",
        "UNWIND range(1, 300) AS i CREATE (:B {i: size(range(1, 10000))})",
        "FOREACH (i IN range(1, 300) | CREATE (:B {i: size(range(1, 10000))}))",
        "UNWIND range(1, 3000) AS i RETURN left($t, 100)",
    ] {
        let ran = ended(&mut graph, query, bytes(1_000_000));
        assert!(ran.is_ok(), "{query}: {ran:?}");
    }
}

/// Each is done before it asks anything in a loop of rows.
const SHORT: [&str; 8] = [
    "RETURN 1",
    "RETURN toUpper($t)",
    "RETURN size(replace($t, ' ', ''))",
    "RETURN size(range(1, 10))",
    "RETURN [1] = [2]",
    "MATCH (a:A) RETURN count(*)",
    "MATCH (a:A) WHERE a.i = 7 RETURN a.i",
    "CREATE (:B {i: size(range(1, 10))})",
];

#[test]
fn what_is_late_at_its_end_gives_nothing() {
    let mut graph = graph("UNWIND range(1, 10) AS i CREATE (:A {i: i})");
    for query in SHORT {
        let late = Limits { time: Some(Duration::ZERO), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, late), Err(Detail::TimeLimit), "{query}");
        let aborted = Limits { abort: Some(Arc::new(AtomicBool::new(true))), ..Limits::default() };
        assert_eq!(ended(&mut graph, query, aborted), Err(Detail::Aborted), "{query}");
        assert!(ended(&mut graph, query, Limits::default()).is_ok(), "{query}");
    }
}

#[test]
fn large_keys_are_sorted_as_small_ones() {
    let mut graph = graph("CREATE (:A)");
    let sorted = "UNWIND [5, 3, 9, 1, 3, 7, 2, 9] AS i WITH i, range(1, 4000) + [i] AS l ORDER BY l DESC, i";
    let rows = crate::short::rows(&mut graph, &format!("{sorted} RETURN i"));
    assert_eq!(rows, ["9", "9", "7", "5", "3", "3", "2", "1"]);
    assert_eq!(crate::short::rows(&mut graph, &format!("{sorted} LIMIT 3 RETURN i")), ["9", "9", "7"]);
}
