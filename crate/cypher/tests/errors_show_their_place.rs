//! An error names line and column, and shows the line with a caret below the place.

use sledstore_cypher::CypherError;
use sledstore_cypher::bind::prepare;
use sledstore_cypher::syntax::Position;

fn error(text: &str) -> CypherError {
    prepare(text, &()).expect_err("the text is refused")
}

#[test]
fn lines_and_columns_count_from_one() {
    let text = "MATCH (n)\n  WHERE n.x = missing\nRETURN n";
    assert_eq!(error(text).position(text), Some(Position { line: 2, column: 15 }));
    assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
    assert_eq!(Position::of(text, text.len() + 9), Position { line: 3, column: 9 });
    assert_eq!(Position { line: 2, column: 15 }.to_string(), "2:15");
}

#[test]
fn columns_are_characters() {
    let text = "RETURN 'äöü€', missing";
    assert_eq!(error(text).position(text), Some(Position { line: 1, column: 16 }));
    assert_eq!(Position::of("aä", 2), Position { line: 1, column: 2 }, "the byte in the middle of a character");
}

#[test]
fn a_caret_stands_below_the_place() {
    let text = "MATCH (n)\r\nRETURN 'ä', missing + 1\nLIMIT 1";
    assert_eq!(
        error(text).render(text),
        "SyntaxError (UndefinedVariable): `missing` is not defined\n \
         --> 2:13\n  \
         |\n\
         2 | RETURN 'ä', missing + 1\n  \
         |             ^^^^^^^"
    );
}

#[test]
fn tabs_stay_so_that_the_caret_lines_up() {
    let text = "RETURN\tmissing";
    let rendered = error(text).render(text);
    assert!(rendered.ends_with("1 | RETURN\tmissing\n  |       \t^^^^^^^"), "{rendered}");
}

#[test]
fn of_a_long_line_a_part_is_shown() {
    let text = format!("RETURN [{}missing{}]", "1, ".repeat(500), ", 2".repeat(500));
    let rendered = error(&text).render(&text);
    let lines: Vec<&str> = rendered.lines().collect();
    assert!(lines[3].starts_with("1 | …") && lines[3].ends_with('…'), "{rendered}");
    assert!(lines[3].chars().count() < 200, "{rendered}");
    let shown = lines[3].chars().position(|c| c == 'm');
    assert_eq!(shown, lines[4].chars().position(|c| c == '^'), "{rendered}");
}

#[test]
fn what_is_missing_at_the_end_is_shown_behind_it() {
    let text = "RETURN 1 +";
    let rendered = error(text).render(text);
    assert!(rendered.ends_with("1 | RETURN 1 +\n  |           ^"), "{rendered}");
    assert!(error("").render("").contains("1:1"), "an empty text");
    assert!(error("  // nothing").render("  // nothing").contains("no statement"));
}

#[test]
fn places_inside_of_clauses_that_are_parsed_by_themselves_count_from_the_beginning() {
    for (text, column) in [
        ("CALL { RETURN missing AS x } RETURN x", 15),
        ("WITH 1 AS y CALL (y) { WITH 1 AS z CALL { RETURN y AS x } RETURN x } RETURN x", 50),
        ("FOREACH (x IN missing | CREATE ())", 15),
        ("FOREACH (x IN [1] | SET missing.x = 1)", 25),
        ("LOAD CSV FROM missing AS row RETURN row", 15),
        ("MATCH (n) CALL (m) { RETURN 1 AS x } RETURN x", 17),
        ("CALL { RETURN 1 + AS x } RETURN x", 19),
        ("CALL { RETURN 1 AS x } RETURN missing", 31),
        ("EXPLAIN RETURN missing", 16),
    ] {
        let error = error(text);
        assert_eq!(error.position(text), Some(Position { line: 1, column }), "{}", error.render(text));
    }
}

#[test]
fn what_was_found_and_what_was_expected_are_named() {
    for (text, column, message) in [
        ("RETURN 1 + AS x", 12, "unexpected `AS`; expected an expression"),
        ("MATCH (n) WHERE RETURN n", 17, "unexpected `RETURN`; expected an expression"),
        ("RETURN 1 2", 10, "unexpected `2`; expected an operator, `,`, AS, ORDER BY, SKIP, LIMIT, UNION or the end"),
        ("MATCH (n) LIMIT 1", 11, "unexpected `LIMIT`; expected `,`, WHERE, a clause or the end"),
        ("MATCH (n RETURN n", 10, "unexpected `RETURN`; expected `:`, `{`, WHERE or `)`"),
        ("MATCH (n)-[r)-(m) RETURN n", 13, "unexpected `)`; expected `:`, `*`, `{`, WHERE or `]`"),
        ("MATCH n RETURN n", 7, "unexpected `n`; expected a node, such as `(n:Label)`"),
        ("RETURN [1, 2", 13, "the text ends too early; expected an operator, `,` or `]`"),
        ("RETURN CASE n WHEN 1 THEN 2", 28, "the text ends too early; expected an operator, WHEN, ELSE or END"),
        ("RETURN any(x IN [1])", 20, "unexpected `)`; expected an operator or WHERE"),
        ("RETURN reduce(a = 0, x IN [1])", 30, "unexpected `)`; expected an operator or `|`"),
        ("MATCH (n) SET n", 16, "the text ends too early; expected `.`, `=`, `+=` or `:`"),
        ("MERGE (n) ON SET n.x = 1", 14, "unexpected `SET`; expected MATCH or CREATE"),
        ("RETURN EXISTS { (a)-->(b) RETURN 1 }", 27, "unexpected `RETURN`; expected `,`, WHERE or `}`"),
        ("RETURN 1; RETURN 2", 11, "a statement ends with its semicolon; run what follows by itself"),
        ("FETCH 1", 1, "unexpected `FETCH`; expected a clause, such as MATCH, CREATE or RETURN"),
    ] {
        let error = error(text);
        let found = (error.position(text).map(|place| place.column), error.message.as_str());
        assert_eq!(found, (Some(column), message), "{text}");
    }
}

#[test]
fn rendering_takes_any_text() {
    let error = error("RETURN 'ä', missing");
    for text in ["", "ä", "\n\n\n", "RETURN 'ä', missin"] {
        assert!(error.render(text).starts_with("SyntaxError (UndefinedVariable)"));
    }
}
