//! Labels and types that WHERE asks for, and several labels of which one is asked for, decide where a pattern begins.
#![allow(clippy::unwrap_used)] // a test's panic is its report

mod opened;

use opened::opened;

const QUERIES: [(&str, &str, &str); 16] = [
    ("(p) WHERE p:P AND p.i = 4", "LabelScan", "NodeIndexSeek"),
    ("(p) WHERE p:P", "LabelScan", "LabelScan"),
    ("(p WHERE p:P)", "LabelScan", "LabelScan"),
    ("(p:Q) WHERE p:P", "LabelScan", "LabelScan"),
    ("(p) WHERE p:P&!Q AND p.i > 7", "LabelScan", "NodeIndexRangeSeek"),
    ("(p) WHERE NOT p:P", "AllNodesScan", "AllNodesScan"),
    ("(p:P|Q)", "LabelUnion", "LabelUnion"),
    ("(p:P|Q|None)", "LabelUnion", "LabelUnion"),
    ("(p) WHERE p:P OR p:Q", "LabelUnion", "LabelUnion"),
    ("(p) WHERE p:P OR p.i = 40", "AllNodesScan", "AllNodesScan"),
    ("(p:P|Q) WHERE p.i = 4", "LabelUnion", "NodeIndexUnion"),
    ("(p:P|Z) WHERE p.i = 4", "LabelUnion", "NodeIndexUnion"),
    ("(p:(P|Z)&Q)", "LabelScan", "LabelScan"),
    ("(p:!P) WHERE p:Q OR p:P", "LabelUnion", "LabelUnion"),
    ("(p)-[r]->() WHERE r:R AND p:P", "LabelScan", "LabelScan"),
    ("(x:Q) OPTIONAL MATCH (x)-->(p) WHERE p:P", "LabelScan", "LabelScan"),
];

#[test]
fn they_are_as_labels_of_the_pattern() {
    let opened = opened();
    opened
        .ask(
            "UNWIND range(0, 99) AS i CREATE (z:Z {i: i})
             FOREACH (x IN CASE WHEN i % 5 = 0 THEN [1] ELSE [] END | CREATE (:P {i: i / 5}) CREATE (:P:Q {i: i / 5})
             CREATE (:Q {i: i / 5}))",
        )
        .unwrap();
    opened.ask("MATCH (a:P), (b:Q) WHERE a.i = b.i CREATE (a)-[:R]->(b), (b)-[:S]->(a)").unwrap();
    let text = |pattern: &str| format!("MATCH {pattern} RETURN id(p)");
    let plain: Vec<_> = [
        "(p) WHERE 'P' IN labels(p) AND p.i = 4",
        "(p) WHERE 'P' IN labels(p)",
        "(p) WHERE 'P' IN labels(p)",
        "(p) WHERE 'Q' IN labels(p) AND 'P' IN labels(p)",
        "(p) WHERE 'P' IN labels(p) AND NOT 'Q' IN labels(p) AND p.i > 7",
        "(p) WHERE NOT 'P' IN labels(p)",
        "(p) WHERE 'P' IN labels(p) OR 'Q' IN labels(p)",
        "(p) WHERE 'P' IN labels(p) OR 'Q' IN labels(p)",
        "(p) WHERE 'P' IN labels(p) OR 'Q' IN labels(p)",
        "(p) WHERE 'P' IN labels(p) OR p.i = 40",
        "(p) WHERE ('P' IN labels(p) OR 'Q' IN labels(p)) AND p.i = 4",
        "(p) WHERE ('P' IN labels(p) OR 'Z' IN labels(p)) AND p.i = 4",
        "(p) WHERE ('P' IN labels(p) OR 'Z' IN labels(p)) AND 'Q' IN labels(p)",
        "(p) WHERE 'Q' IN labels(p) AND NOT 'P' IN labels(p)",
        "(p)-[r]->() WHERE type(r) = 'R' AND 'P' IN labels(p)",
        "(x) WHERE 'Q' IN labels(x) OPTIONAL MATCH (x)-->(p) WHERE 'P' IN labels(p)",
    ]
    .iter()
    .map(|pattern| opened.rows(&text(pattern)))
    .collect();
    for indexed in [false, true] {
        if indexed {
            opened.ask("CREATE INDEX p FOR (n:P) ON (n.i)").unwrap();
            opened.ask("CREATE INDEX q FOR (n:Q) ON (n.i)").unwrap();
        }
        for ((pattern, scanned, sought), plain) in QUERIES.iter().zip(&plain) {
            let operators = opened.operators(&text(pattern));
            assert_eq!(operators[0], if indexed { *sought } else { *scanned }, "{pattern}: {operators:?}");
            assert_eq!(opened.rows(&text(pattern)), *plain, "{pattern}");
        }
    }
}

#[test]
fn what_was_found_before_is_asked_for_its_labels() {
    let opened = opened();
    opened.ask("CREATE (:P {i: 1}), (:Q {i: 2})").unwrap();
    assert_eq!(opened.rows("MATCH (p) WITH p MATCH (p) WHERE p:P RETURN p.i"), ["1"]);
    assert_eq!(opened.rows("MATCH (p) OPTIONAL MATCH (p) WHERE p:P RETURN p.i"), ["1", "2"]);
}
