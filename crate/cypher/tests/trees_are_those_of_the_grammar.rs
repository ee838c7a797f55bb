//! The parser makes the trees that the one generated from the grammar of openCypher makes, positions included, and
//! refuses what that one refuses; where it does not, the difference has a name.
#![allow(clippy::unwrap_used)] // a test may panic

#[allow(dead_code)] // the queries alone are read here
mod feature;

use open_cypher::ast::visit::Visitor;
use open_cypher::ast::{LabelExpression, Query, StatementKind};
use open_cypher::{Keyword, Token, TokenKind};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sledstore_cypher::syntax::tree;

/// One of how many queries is tried with changes.
const SAMPLE: usize = 4;

/// Queries for each production, which both take.
const CORPUS: &[&str] = &[
    // queries
    "RETURN 1",
    "RETURN 1;",
    " /* before */ RETURN 1 // behind",
    "MATCH (a) RETURN a UNION MATCH (b) RETURN b",
    "RETURN 1 AS x UNION ALL RETURN 2 AS x UNION ALL RETURN 3 AS x",
    "RETURN 1 AS x UNION DISTINCT RETURN 2 AS x;",
    // clauses
    "MATCH (a), (b) WHERE a.x = b.x RETURN a",
    "OPTIONAL MATCH (a)-->(b) RETURN *",
    "MATCH WALK (a)-->(b) MATCH TRAIL (a)-->(b) MATCH SIMPLE (a)-->(b) MATCH ACYCLIC (a)-->(b) RETURN *",
    "UNWIND [1, 2] AS x UNWIND $list AS y RETURN *, x + y AS z",
    "WITH DISTINCT 1 AS a, 2 AS b ORDER BY a ASC, b DESCENDING SKIP 1 LIMIT 2 WHERE a > 1 RETURN ALL a",
    "MATCH (n) RETURN n.x ORDER BY n.x ASCENDING, n.y DESC OFFSET $o LIMIT 1 + 1",
    "CREATE (a:A {x: 1})-[:R]->(b), p = (c)<-[r:S $map]-(d $map)",
    "MERGE (a:A) ON CREATE SET a.x = 1, a.y = 2 ON MATCH SET a = {x: 1}",
    "MERGE p = (a)-[r:R {x: 1}]-(b) SET a += $map, b:B:C, b IS D, (b).x = 1, a.b.c = 1, a[0].d = 2 REMOVE a.x, a:A, b IS B",
    "MATCH (n) DELETE n, n.x DETACH DELETE n",
    "CALL db.labels",
    "CALL db.labels()",
    "CALL db.labels YIELD *",
    "CALL db.labels() YIELD *;",
    "CALL db.labels YIELD label AS l, count",
    "CALL a.b.c(1, $x) YIELD d AS e, f WHERE e > 1 RETURN e",
    "MATCH (n) CALL f(n.x) RETURN n",
    // patterns
    "MATCH (), (:A), (a), (a:A), (a:A:B), (a:%), ({x: 1}), ($p), (b $p), (c:A {}), (d:A $`p q`), (e:A|B) RETURN 1",
    "MATCH (a:A&B|!C) MATCH (a:(A|B)&!(C)) MATCH (a IS A|B) MATCH (IS A) MATCH (a:A|B|C&D&E) RETURN 1",
    "MATCH (:A WHERE true) MATCH (a WHERE a.x > 1)-[r WHERE r.x = 1]-() RETURN 1",
    "MATCH (a)--(b), (a)-->(b), (a)<--(b), (a)<-->(b), (a)-[]-(b), (a)<-[]->(b) RETURN 1",
    "MATCH (a) < - - > (b) <- - > (c) - - (d) < - [r] - (e) - [] - > (f) RETURN 1",
    "MATCH (a)-[r]->()-[:R]->()-[:R|S]->()-[:R|:S|:T]->()-[r:R&!S {x: 1}]->()-[:%]->()-[r IS R|S]->() RETURN 1",
    "MATCH (a)-[*]->()-[*2]->()-[*..3]->()-[*1..]->()-[r:R*1..3 {x: 1}]->()-[*..]-() RETURN 1",
    "MATCH (a)-->+(b)-->*(c)-[r]->{2}(d)-[r]->{1,3}(e)-->{,2}(f)-->{1,}(g)--?(h) RETURN 1",
    "MATCH ((c)-->(d))+ (e)* ((a)-->(b) WHERE a.x = 1){2,3} RETURN 1",
    "MATCH (p = (a)-->(b)) RETURN 1",
    "MATCH -->(b)--, (a)(b) RETURN 1",
    "MATCH p = ALL (a)-->(b), ANY (a)-->(b), q = ANY 2 PATHS (a)-->(b), ALL PATHS (a), ANY $n (a), ANY PATH (a) RETURN 1",
    "MATCH ANY SHORTEST (a)-->(b), ALL SHORTEST PATH (a)-->(b), SHORTEST 2 (a)-->(b), SHORTEST $`n` PATHS (a) RETURN 1",
    "MATCH SHORTEST 2 PATHS GROUPS (a)-->(b), SHORTEST GROUP (a)-->(b), SHORTEST PATH GROUP (a)-->(b) RETURN 1",
    "MATCH p = shortestPath((a)-[*]->(b)), allShortestPaths((a)-[:R*..3 {x: 1}]-(b:B)) RETURN 1",
    // operators
    "RETURN a OR b XOR c AND NOT d OR NOT NOT e AND f XOR g",
    "RETURN NOT a = b AND NOT (c) OR NOT - 1 = + 2",
    "RETURN 1 < 2 <= 3 > 4 >= 5 = 6 <> 7 != 8",
    "RETURN a =~ 'x' = (b IN [1]) AND c CONTAINS 'x' AND d STARTS WITH 'x' AND e ENDS WITH 'x' || 'y'",
    "RETURN a IN b = c IN d, 1 IN [1] + [2] = true, a IS NULL = b IS NOT NULL, a = b IS NULL",
    "RETURN a || b + c - d * e / f % g ^ h ^ -i, -a.b ^ 2, - - 1, + -2 * 3, 2 ^ 3 * 4 + 5 || 6",
    "MATCH (n) RETURN n:A, n:A:B, n:A|B, n:A|:B, n:A&B, n:!A, n:(A|B)&C AS x, n.x IS A, n IS A|B, n IS NULL|A",
    "MATCH (n) WHERE n:A AND n:B:C OR NOT n:D RETURN n:A = true",
    "RETURN a.b.c[0][1..2][..3][4..][..], a['x'].y, (a).b, [1, 2][0], {x: 1}.x, 'a'.b, $p.x[$i], f(1).x, a[x IN y]",
    "RETURN a {}, a {.*}, a {.x, .y, b, c: 1 + 2, d: a {.z}}, f(1) {.x}, a.b {.*, c}",
    // operands
    "RETURN 1, 0x1F, 0o17, 1.5, .5, 1e10, 1.5e-3, 1_000, 1.5f, 'a', \"b\", true, FALSE, null, inf, Infinity, NaN",
    r#"RETURN 'it''s', "say ""x""", 'a\'b', "\"", '\\ \t\n\r\b\f \u00e4 \U01F600', '', '"', "'", '€ä\\'"#,
    "RETURN $a, $1, $1a, $`a b`, $`a``b`, `a b`, `a``b`, `\\u0041`, ``.x",
    "RETURN [], [1], [1, 2, [3]], {}, {a: 1}, {a: 1, `b c`: [2], null: 3, match: 4}",
    "RETURN f(), f(1), f(DISTINCT 1), f(ALL a), f(1, 2), a.b.c(1), `a`.b(1), count(*), count(DISTINCT x), COUNT( * ), trim(' x ')",
    "RETURN CASE WHEN a THEN b END, CASE a WHEN 1, 2 THEN 3 WHEN 4 THEN 5 ELSE 6 END, CASE -a WHEN 1 THEN 2 END",
    "RETURN CASE [1] WHEN [1] THEN 2 END, CASE CASE WHEN a THEN b END WHEN 1 THEN 2 END, CASE NOT a WHEN b THEN c END",
    "RETURN [x IN y], [x IN y WHERE x > 1], [x IN y | x + 1], [x IN y WHERE x > 1 | x + 1], [x IN y, 2], [x IN y OR z]",
    "RETURN [(x IN y)], [x.a IN y], [[x IN y | x] IN z], [x IN [y IN z | y] WHERE x IN [1] | [x IN z]]",
    "MATCH (a) RETURN [(a)-->(b) | b.x], [p = (a)-->(b:B)<--() WHERE b.x > 1 | p], [(a)-[r:R|S]-(b) WHERE b:A | r]",
    "MATCH (a) RETURN [(a)--(b) WHERE b:A|B | b.x], [(a)-->(b) | [(b)-->(c) | c]], [(a)-->(b)], [(a)-[r]->(b), 1]",
    "MATCH (a) RETURN [where = (a)-->(b) WHERE b.x | b], [(a)-->(b {x: 1}) | b:A|B]",
    "RETURN reduce(a = 0, x IN [1] | a + x), all(x IN y WHERE x), any(x IN y WHERE x), none(x IN y WHERE x), single(x IN y WHERE x)",
    "MATCH (a) WHERE (a)-->() AND NOT (a)<--(:B)--() OR (a)-[:R*2]->({x: 1}) RETURN (a)-->(), size((a)--())",
    "MATCH (a) RETURN shortestPath((a)-[*]->(b)), allShortestPaths((a)--(b)), exists((a)-->(b)), exists(a.x)",
    "MATCH (a) WHERE EXISTS { MATCH (a)-->(b) WHERE a.x = 1 RETURN b } RETURN COUNT { MATCH (a) RETURN a UNION ALL MATCH (b) RETURN b }",
    "RETURN COLLECT { UNWIND [1] AS x RETURN x }, EXISTS { (a)-->(b) }, COUNT { (a) WHERE a.x = 1 }",
    // words of the language as names
    "MATCH (match)-[return:path]->(order:by) RETURN match.return, order.by",
    "WITH 1 AS count, 2 AS all, 3 AS distinct RETURN count, count AS all, distinct",
    "WITH 1 AS not RETURN not AS x, not",
    "RETURN all, distinct UNION RETURN distinct",
    "WITH {x: 1} AS count RETURN count {.x}, count.x, count + 1",
    "WITH 1 AS case RETURN case, case.x, case + 1",
    "WITH 1 AS case RETURN [case], case AS end",
    "RETURN true AS x, null.x, true(1), null(), nan.f(1), case.f(1), exists(x), collect(x), single(x), reduce(x)",
    "MATCH (as)-[in:in]->(b) RETURN as.as, b.in",
    "MATCH (as)-[in]->(is) RETURN is AS is",
    "MATCH all = (a), any = (b), walk = (c) RETURN all",
    "CALL call.match(1) YIELD yield AS where RETURN where",
];

/// What the grammar refuses, or the parser made from it, and the tree has types for; where there is one, with a text
/// that both take for the same.
const BEYOND: &[(&str, &str)] = &[
    // Labels and patterns where the parser made from the grammar sees tests of labels and patterns in expressions.
    ("MATCH (a:A|B), (b:C|D) RETURN 1", ""),
    ("MATCH (a WHERE a.x = 1)-->(b:B) RETURN 1", ""),
    ("RETURN COUNT { p = (a)-->+(b), (c:C) WHERE a.x = 1 }", ""),
    ("RETURN EXISTS { ANY SHORTEST (a)-->(b) }, EXISTS { ((a)-->(b)){2} }", ""),
    ("MATCH (a) WHERE EXISTS { (a)-->(b:B) } RETURN a", ""),
    ("MATCH (a) SET a.x = a:A RETURN [a:A, 1]", ""),
    ("RETURN [x IN y WHERE x:A | x.z]", "RETURN [x IN y WHERE (x:A) | x.z]"),
    ("RETURN [x IN y WHERE x:A|B | x:C|D]", ""),
    ("RETURN [x IN y WHERE x:A|B]", "RETURN [x IN y WHERE (x:A)|B]"),
    ("RETURN [x IN y WHERE x IS NULL | x]", "RETURN [x IN y WHERE (x IS NULL) | x]"),
    // Clauses that it has not.
    ("CALL { MATCH (a) RETURN a } RETURN a", ""),
    ("MATCH (a) OPTIONAL CALL (a) { RETURN a.x AS x } CALL (*) { CREATE () } CALL () { RETURN 1 AS y } RETURN x", ""),
    ("MATCH (a) OPTIONAL CALL f(a) YIELD x WHERE x = 1 RETURN x", ""),
    ("FOREACH (x IN [y IN z WHERE y:A|B | y] | CREATE (:A {x: x}) FOREACH (v IN w:A|B | MERGE (b) SET b.x = v))", ""),
    ("LOAD CSV WITH HEADERS FROM 'a' + $b AS line FIELDTERMINATOR '\\t' RETURN line", ""),
    // Words of the language as names.
    ("WITH $p AS all RETURN all + 1 AS x", "WITH $p AS `all` RETURN `all` + 1 AS x"),
    ("MATCH (where:where) RETURN count IS NULL, not AND true, [all IN [1] | all]", ""),
];

/// Texts that neither takes.
const REFUSED: &[&str] = &[
    ";",
    "RETURN",
    "RETURN 1 RETURN 2",
    "RETURN 1; RETURN 2",
    "RETURN 1;;",
    "MATCH (a) RETURN a UNION",
    "UNION RETURN 1",
    "MATCH (a RETURN a",
    "MATCH (a)) RETURN a",
    "MATCH (a)-[r RETURN a",
    "MATCH (a)-[:R RETURN a",
    "MATCH a RETURN a",
    "MATCH (a)-[:R..]->(b) RETURN a",
    "MATCH (a)-[:R*-2]->(b) RETURN a",
    "MATCH (a)-[:A:B]->(b) RETURN a",
    "MATCH (a)-[:A|B|:C]->(b) RETURN a",
    "MATCH (a:A|:B) RETURN a",
    "MATCH (a {x}) RETURN a",
    "MATCH (a)-->{} (b) RETURN a",
    "MATCH SHORTEST (a)-->(b) RETURN a",
    "MATCH shortestPath((a)-->(b)-->(c)) RETURN a",
    "MATCH (a) WHERE RETURN 1, 2",
    "MATCH (a) RETURN a IN b IN c",
    "RETURN a IS NULL IS NULL",
    "RETURN a IS NOT b",
    "RETURN 1 2",
    "RETURN 1 +",
    "RETURN (1",
    "RETURN [1",
    "RETURN [x IN y",
    "RETURN [x IN y WHERE x:A | (",
    "MATCH (a) RETURN [(a)-->(b) | [",
    "RETURN reduce(a = 0, x IN y | [",
    "RETURN {a 1}",
    "RETURN {a: 1",
    "RETURN 9a",
    "RETURN f(1",
    "RETURN f(1,)",
    "RETURN [1,]",
    "RETURN CASE a END",
    "RETURN CASE WHEN a THEN b ELSE c",
    "RETURN CASE WHEN a THEN b c END",
    "RETURN a[1",
    "RETURN a {b c}",
    "RETURN $ a",
    "RETURN * , *",
    "MATCH (a) RETURN (a)-->(b) = true",
    "MATCH (a) RETURN 1 + (a)--(b)",
    "MATCH (a) RETURN shortestPath((a)-->(b)-->(c))",
    "MATCH (a) RETURN [(a)-->+(b) | b]",
    "MATCH (a) RETURN [(a)-->(b $p) | b]",
    "RETURN [1 | x]",
    "RETURN [x | x]",
    "MATCH (a) SET a",
    "MATCH (a) SET a.x",
    "MATCH (a) SET 1",
    "MATCH (a) ON CREATE SET a.x = 1",
    "MERGE (a), (b)",
    "MERGE (a) ON SET a.x = 1",
    "CREATE (a) CREATE",
    "UNWIND [1] RETURN 1",
    "CALL f RETURN 1",
    "CALL f() YIELD * RETURN 1",
    "CALL f() YIELD a.b RETURN 1",
    "MATCH (a) CALL f RETURN a",
    "CREATE (a) LIMIT 1",
    "FOO",
];

fn grammar(text: &str) -> Option<Query> {
    let parsed = open_cypher::parse(text).ok()?;
    match parsed.program.statements.into_iter().next()?.kind {
        StatementKind::Query(statement) => Some(statement.query),
        _ => None,
    }
}

/// Says how the two differ, if they do.
fn differing(text: &str) -> Option<String> {
    match (tree(text), grammar(text)) {
        (Err(_), None) => None,
        (Ok(ours), Some(theirs)) if ours == theirs => None,
        (Ok(ours), Some(theirs)) => Some(format!("{text}\nours:   {ours:?}\ntheirs: {theirs:?}")),
        (Err(error), Some(_)) => Some(format!("refused alone by us: {}", error.render(text))),
        (Ok(ours), None) => Some(format!("taken alone by us: {text}\n{ours:?}")),
    }
}

#[track_caller]
fn assert_none(complaints: &[String]) {
    let count = complaints.len();
    let shown: Vec<&str> = complaints.iter().take(12).map(String::as_str).collect();
    assert!(complaints.is_empty(), "{count} differ:\n\n{}", shown.join("\n\n"));
}

#[test]
fn each_production_has_the_tree_of_the_grammar() {
    let refused: Vec<&&str> = CORPUS.iter().filter(|text| grammar(text).is_none()).collect();
    assert!(refused.is_empty(), "the grammar does not take: {refused:#?}");
    assert_none(&CORPUS.iter().filter_map(|text| differing(text)).collect::<Vec<_>>());
}

#[test]
fn what_is_beyond_the_grammar_is_taken() {
    for (text, same) in BEYOND {
        assert!(differing(text).is_some(), "no difference: {text}");
        let ours = tree(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
        let Some(theirs) = grammar(same) else {
            assert!(same.is_empty(), "the grammar does not take: {same}");
            continue;
        };
        assert_eq!(without_parentheses(&ours), without_parentheses(&theirs), "{text}");
    }
}

fn without_parentheses(tree: &Query) -> String {
    shape(tree).replace("Parenthesized(Node { kind: ", "").replace([' ', ',', '}', ')'], "")
}

#[test]
fn what_the_grammar_refuses_is_refused() {
    let taken: Vec<&&str> = REFUSED.iter().filter(|text| grammar(text).is_some()).collect();
    assert!(taken.is_empty(), "the grammar takes: {taken:#?}");
    assert_none(&REFUSED.iter().filter_map(|text| differing(text)).collect::<Vec<_>>());
}

/// The queries of the conformance kit, if it is there.
fn kit() -> Vec<String> {
    let Some(folder) = feature::kit() else {
        println!("skipped: there is no conformance kit; name its folder in SLEDSTORE_TCK");
        return Vec::new();
    };
    let mut queries = Vec::new();
    for path in feature::files(&folder.join("features")) {
        for scenario in feature::scenarios(&std::fs::read_to_string(&path).unwrap(), "") {
            queries.extend(scenario.others);
            queries.push(scenario.query);
        }
    }
    queries.sort();
    queries.dedup();
    queries
}

#[test]
fn each_query_of_the_kit_has_the_tree_of_the_grammar() {
    let queries = kit();
    println!("{} queries", queries.len());
    assert_none(&queries.iter().filter_map(|text| differing(text)).collect::<Vec<_>>());
}

/// The unescaped names of a tree that are words of the language, by their bytes, of which none is a function.
fn words(text: &str, tree: &Query) -> Vec<(usize, usize)> {
    let written = format!("{tree:?}");
    let mut found = Vec::new();
    for (at, _) in written.match_indices(", escaped: false }, span: ") {
        let place = &written[at + ", escaped: false }, span: ".len()..];
        let place = &place[..place.find([' ', ',', '}']).unwrap()];
        let (start, end) = place.split_once("..").unwrap();
        let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
        if Keyword::from_ascii_case_insensitive(&text[start..end]).is_some()
            && !text[end..].trim_start().starts_with('(')
        {
            found.push((start, end));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A tree without positions, and without how its names are written.
fn shape(tree: &Query) -> String {
    let written = format!("{tree:?}").replace("escaped: true", "escaped: false");
    let mut shape = String::with_capacity(written.len());
    let mut rest = written.as_str();
    while let Some(at) = rest.find("span: ") {
        shape.push_str(&rest[..at]);
        rest = rest[at + "span: ".len()..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    shape + rest
}

/// Where the labels of a tree stand, of those in each other the outermost first.
#[derive(Default)]
struct Labels(Vec<(usize, usize)>);

impl<'t> Visitor<'t> for Labels {
    fn visit_label_expression(&mut self, labels: &'t LabelExpression) {
        self.0.push((labels.span.start, labels.span.end));
    }
}

/// Why the two may differ about a text, if they may.
fn allowed(text: &str) -> Option<&'static str> {
    let tokens: Vec<TokenKind> =
        open_cypher::lex(text).tokens.iter().filter(|token| !token.is_trivia()).map(|token| token.kind).collect();
    let Ok(ours) = tree(text) else {
        let begun = |pair: &[TokenKind]| {
            use Keyword::{All, Any, Is, None, Not, Reduce, Single};
            matches!(pair, [TokenKind::Keyword(Reduce | All | Any | None | Single), TokenKind::LeftParen])
                || matches!(pair, [TokenKind::Keyword(Is), TokenKind::Keyword(Not)])
        };
        return tokens.windows(2).any(begun).then_some("what is begun as a construct is no function and no label");
    };
    let words = words(text, &ours);
    let mut labels = Labels::default();
    labels.visit_query(&ours);
    // The same text without labels, and with words that are names in backticks.
    let mut plain = text.to_owned();
    for &(start, end) in &labels.0 {
        let colon = text[..start].trim_end();
        let start = colon.len() - if colon.ends_with(':') { 1 } else { 2 };
        plain.replace_range(start..end, &" ".repeat(end - start));
    }
    for &(start, end) in words.iter().rev() {
        if !plain[start..].starts_with(' ') {
            plain.replace_range(start..end, &format!("`{}`", &text[start..end]));
        }
    }
    let theirs = grammar(&plain)?;
    if !labels.0.is_empty() {
        return Some("labels, and not tests of them, where the parser made from the grammar confuses these");
    }
    if shape(&theirs) != shape(&ours) {
        return None;
    }
    let unites = tokens.contains(&TokenKind::Keyword(Keyword::Union)) && tokens.contains(&TokenKind::LeftBrace);
    match (words.is_empty(), unites) {
        (false, _) => Some("words as names"),
        (true, true) => Some("a UNION in braces ends with its last word, and not where the next one begins"),
        (true, false) => None,
    }
}

/// A text with tokens left out, exchanged or doubled.
fn changed(rng: &mut StdRng, text: &str) -> String {
    let mut pieces: Vec<&str> =
        open_cypher::lex(text).tokens.into_iter().map(|token: Token| token.text(text).unwrap()).collect();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..pieces.len());
        match rng.random_range(0..3) {
            0 if pieces.len() > 1 => drop(pieces.remove(at)),
            1 => pieces.insert(at, pieces[at]),
            _ => {
                let with = rng.random_range(0..pieces.len());
                pieces.swap(at, with);
            }
        }
    }
    pieces.concat()
}

#[test]
fn changed_queries_have_the_tree_of_the_grammar_or_none() {
    let seed =
        std::env::var("SLEDSTORE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| rand::rng().random());
    println!("SLEDSTORE_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut complaints = Vec::new();
    let mut taken = 0;
    let own = CORPUS.iter().flat_map(|&text| vec![text.to_owned(); 20]);
    for text in kit().into_iter().chain(own) {
        // The parser made from the grammar takes milliseconds to refuse a text.
        if rng.random_range(0..SAMPLE) > 0 {
            continue;
        }
        let changed = changed(&mut rng, &text);
        taken += usize::from(tree(&changed).is_ok());
        complaints.extend(differing(&changed).filter(|_| allowed(&changed).is_none()));
    }
    println!("{taken} are taken");
    assert!(taken > 20, "changes leave next to nothing that is a query");
    assert_none(&complaints);
}
