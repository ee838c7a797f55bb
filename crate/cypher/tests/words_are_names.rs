//! Words of the language that are not reserved name variables without backticks.
#![allow(clippy::unwrap_used)] // a test's panic is its report

use sledstore_cypher::Detail;
use sledstore_cypher::bind::prepare;

/// Words that the grammar of openCypher has among its names, and some that only the parser takes as such.
const WORDS: [&str; 12] = [
    "any",
    "none",
    "single",
    "count",
    "filter",
    "extract",
    "exists",
    "collect",
    "reduce",
    "shortestPath",
    "on",
    "order",
];

const TEXTS: [&str; 12] = [
    "MATCH (§) RETURN §",
    "MATCH (§:A) RETURN §.x AS y",
    "MATCH (§ {x: 1})-[r]->(b) WHERE §.x = 1 RETURN §, r",
    "MATCH (a)-[§:R]->(b) RETURN §",
    "MATCH (a)-[§]->(b) RETURN type(§)",
    "MATCH § = (a)-->(b) RETURN §",
    "WITH 1 AS § RETURN § + 1 AS x",
    "WITH 1 AS § WITH §, 2 AS b RETURN § * b AS x",
    "UNWIND [1] AS § RETURN § AS x",
    "RETURN any(§ IN [1] WHERE § = 1) AS x",
    "MATCH (§) SET §.x = 1 RETURN count(§) AS count",
    "WITH 1 AS § RETURN §, count(*) AS c",
];

#[test]
fn they_name_variables() {
    for word in WORDS {
        for text in TEXTS {
            let text = text.replace('§', word);
            prepare(&text, &()).unwrap_or_else(|error| panic!("{}", error.render(&text)));
        }
    }
}

/// Words that begin something in expressions, where nothing of it follows.
#[test]
fn they_name_variables_where_they_could_begin_something() {
    for word in WORDS.into_iter().chain(["all", "case", "match", "distinct", "in", "end"]) {
        for text in [
            "RETURN [§ IN [1] WHERE § > 0 | § + 1] AS x",
            "WITH 1 AS § WITH § ORDER BY § RETURN -§ AS x",
            "WITH 1 AS § RETURN 1 + § AS x, [§] AS y, {§: §} AS z, (§) AS w",
            "WITH {x: [1]} AS § RETURN §.x[0] AS x, § {.x} AS y",
            "WITH 1 AS § MATCH (a {x: §}) WHERE a.y = § AND a.z < § RETURN a",
        ] {
            let text = text.replace('§', word);
            prepare(&text, &()).unwrap_or_else(|error| panic!("{}", error.render(&text)));
        }
    }
}

#[test]
fn not_names_a_variable_where_it_has_no_operand() {
    for text in
        ["not", "not AS x", "not AND true AS x", "[not IN [1] WHERE not > 0 | not] AS x", "not.x AS x", "NOT not AS x"]
    {
        let text = format!("WITH true AS not RETURN {text}");
        let error = prepare(&text, &()).err().filter(|error| error.detail == Detail::UnexpectedSyntax);
        assert!(error.is_none(), "{}", error.unwrap().render(&text));
    }
}

#[test]
fn all_names_a_variable_before_an_operator() {
    for text in ["all + 1", "all - 1", "all[0]", "all {.x}", "all IN [1]", "all.x", "all = 1"] {
        let text = format!("WITH $p AS all RETURN {text} AS x");
        prepare(&text, &()).unwrap_or_else(|error| panic!("{}", error.render(&text)));
    }
}
