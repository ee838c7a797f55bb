//! CONTAINS, STARTS WITH and ENDS WITH over a full-text index, and searches with a limit.
#![allow(clippy::unwrap_used)] // a test's panic is its report

mod opened;

use opened::{Opened, opened};
use sledstore_cypher::value::Value;

fn filled() -> Opened {
    let opened = opened();
    opened
        .ask("UNWIND range(0, 399) AS i CREATE (:P {i: i, title: 'the Red car ' + i + '-b' + (i % 7), tags: ['red ' + i]})
              -[:R {why: 'because ' + i}]->(:Q {i: i, title: 'Red'})")
        .unwrap();
    for title in
        ["'e\u{301}clair'", "'Straße 12'", "'under_score.red'", "7", "['Red car']", "{a: 'Red'}.b", "true", "''"]
    {
        opened.ask(&format!("CREATE (:P {{title: {title}}})")).unwrap();
    }
    opened
}

const QUERIES: [(&str, &str); 16] = [
    ("MATCH (p:P) WHERE p.title CONTAINS 'car 39' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS 'car 7-' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS 'tra' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS 'TRA' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title STARTS WITH 'Straß' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title ENDS WITH '39-b4' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title ENDS WITH 'score.red' RETURN p.title", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS 'Red' RETURN count(*)", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS '-' RETURN count(*)", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS '' RETURN count(*)", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS null RETURN count(*)", "NodeFulltextSeek"),
    ("MATCH (p:P) WHERE p.title CONTAINS 7 RETURN count(*)", "NodeFulltextSeek"),
    ("UNWIND ['car 7-', 'car 8-', null, 5] AS x MATCH (p:P) WHERE p.title CONTAINS x RETURN p.title", "Unwind"),
    ("MATCH (p:P) WHERE p.tags CONTAINS 'red' RETURN count(*)", "NodeFulltextSeek"),
    ("MATCH ()-[r:R]->() WHERE r.why ENDS WITH ' 12' RETURN r.why", "RelationshipFulltextSeek"),
    ("MATCH (q:Q) WHERE q.title CONTAINS 'Red' RETURN count(*)", "LabelScan"),
];

#[test]
fn parts_of_texts_are_sought() {
    let opened = filled();
    let expected: Vec<_> = QUERIES.iter().map(|(query, _)| opened.rows(query)).collect();
    opened.ask("CREATE FULLTEXT INDEX texts FOR (p:P|N) ON EACH [p.title, p.tags]").unwrap();
    opened.ask("CREATE FULLTEXT INDEX reasons FOR ()-[r:R]-() ON EACH [r.why]").unwrap();
    for ((query, operator), expected) in QUERIES.iter().zip(&expected) {
        assert_eq!(opened.operators(query)[0], *operator, "{query}");
        assert_eq!(opened.rows(query), *expected, "{query}");
    }
    // What the statement wrote is found, and an index of values that gives less is taken.
    let written =
        "CREATE (:P {title: 'a new Zebra'}) WITH 1 AS one MATCH (p:P) WHERE p.title CONTAINS 'Zeb' RETURN p.title";
    assert_eq!(opened.rows(written), ["'a new Zebra'"]);
    opened.ask("MATCH (p:P {title: 'a new Zebra'}) DELETE p").unwrap();
    opened.ask("CREATE INDEX i FOR (p:P) ON (p.i)").unwrap();
    let both = "MATCH (p:P {i: 7}) WHERE p.title CONTAINS 'car' RETURN p.i";
    assert_eq!(opened.operators(both)[0], "NodeIndexSeek");
    assert_eq!(opened.rows(both), ["7"]);
    opened.ask("DROP INDEX texts").unwrap();
    opened.ask("DROP INDEX reasons").unwrap();
    for ((query, _), expected) in QUERIES.iter().zip(&expected) {
        assert!(!opened.operators(query)[0].contains("Fulltext"), "{query}");
        assert_eq!(opened.rows(query), *expected, "{query}");
    }
}

#[test]
fn limits_and_orders_are_those_of_the_search() {
    let opened = opened();
    opened.ask("CREATE FULLTEXT INDEX texts FOR (p:P) ON EACH [p.title]").unwrap();
    opened.ask("UNWIND range(0, 299) AS i CREATE (:P {i: i, title: 'red ' + CASE i % 3 WHEN 0 THEN 'red red' ELSE 'boat' END})").unwrap();
    let call = |options: &str| format!("CALL db.index.fulltext.queryNodes('texts', 'red'{options}) YIELD node, score");
    let ask = |query: &str| opened.ask(query).unwrap().0.iter().map(Value::to_string).collect::<Vec<_>>();
    let all = ask(&format!("{} RETURN node.i", call("")));
    assert_eq!(all.len(), 300);
    for (query, sorts, expected) in [
        (format!("{} RETURN node.i LIMIT 5", call("")), false, &all[..5]),
        (format!("{} RETURN node.i ORDER BY score DESC LIMIT 5", call("")), false, &all[..5]),
        (format!("{} RETURN node.i ORDER BY score DESC", call("")), false, &all[..]),
        (
            format!("{} WITH node AS n, score AS s ORDER BY s DESC SKIP 2 LIMIT 5 RETURN n.i", call("")),
            false,
            &all[2..7],
        ),
        (format!("{} RETURN node.i SKIP 3 LIMIT 4", call("")), false, &all[3..7]),
        (format!("{} RETURN node.i LIMIT 5", call(", {limit: 2}")), false, &all[..2]),
        (format!("{} RETURN node.i LIMIT 5", call(", {limit: 20, skip: 1}")), false, &all[1..6]),
        (format!("{} RETURN node.i LIMIT 0", call("")), false, &all[..0]),
        (format!("{} WHERE node.i > 10 RETURN node.i LIMIT 1", call("")), false, &all[4..5]),
        (
            format!("UNWIND [1, 2] AS x {} RETURN node.i ORDER BY score DESC, node.i, x LIMIT 1", call("")),
            true,
            &all[..1],
        ),
        (format!("UNWIND [1, 2] AS x {} RETURN DISTINCT node.i LIMIT 300", call("")), false, &all[..]),
    ] {
        let operators = opened.operators(&query);
        assert!(operators.contains(&"NodeFulltextSearch".to_owned()), "{query}: {operators:?}");
        assert_eq!(operators.iter().any(|name| name == "Sort" || name == "TopN"), sorts, "{query}: {operators:?}");
        assert_eq!(ask(&query), expected, "{query}");
    }
    let joined = "UNWIND ['red', 'boat'] AS x CALL db.index.fulltext.queryNodes('texts', x) YIELD node, score \
                  RETURN x, node.i ORDER BY score DESC LIMIT 4";
    assert!(opened.operators(joined).contains(&"TopN".to_owned()));
    assert_eq!(ask(joined).len(), 8);
    let least = format!("{} RETURN node.i ORDER BY score LIMIT 1", call(""));
    assert_eq!(ask(&least), ["1"]);
}
