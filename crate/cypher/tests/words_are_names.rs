//! Words of the language that are not reserved name variables without backticks.
#![allow(clippy::unwrap_used)] // a test's panic is its report

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

/// Where the parser takes them for what they begin, and `all` besides.
#[test]
fn in_backticks_they_name_anything() {
    for word in WORDS.into_iter().chain(["all", "case", "match"]) {
        for text in ["RETURN [§ IN [1] WHERE § > 0 | § + 1] AS x", "WITH 1 AS § WITH § ORDER BY § RETURN -§ AS x"]
        {
            let text = text.replace('§', &format!("`{word}`"));
            prepare(&text, &()).unwrap_or_else(|error| panic!("{}", error.render(&text)));
        }
    }
}
