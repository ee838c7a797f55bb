//! Clauses that the grammar of `open-cypher` leaves out, and the text with stand-ins for them.

use std::collections::HashMap;
use std::ops::Range;

use open_cypher::ast::{self, ClauseKind, ProjectionItemKind, QueryKind, StatementKind};
use open_cypher::{Keyword, TokenKind};

use super::{Source, report, unexpected};
use crate::error::CypherError;

/// A part of the text that was parsed by itself.
#[derive(Debug)]
pub struct Fragment {
    /// The byte of the text at which positions of the tree count zero.
    pub base: usize,
    /// The tree.
    pub query: ast::Query,
    /// What the calls in the tree stand in for, by the byte of the text at which the call begins.
    pub extensions: HashMap<usize, Extension>,
}

/// A clause that is no call.
#[derive(Debug)]
pub enum Extension {
    /// `OPTIONAL CALL` of a procedure, which is the call in the tree.
    OptionalCall,
    /// `CALL { … }`.
    Subquery {
        /// Whether OPTIONAL stands before it.
        optional: bool,
        /// `CALL (…)`; without it a WITH at the beginning imports.
        scope: Option<Scope>,
        /// What stands in the braces.
        body: Fragment,
    },
    /// `FOREACH (variable IN list | clauses)`.
    Foreach {
        /// `UNWIND list AS variable`.
        head: Fragment,
        /// Bytes of the variable.
        variable: Range<usize>,
        /// The clauses.
        body: Fragment,
    },
    /// `LOAD CSV FROM source AS variable`.
    LoadCsv {
        /// Whether `WITH HEADERS` was written.
        headers: bool,
        /// `UNWIND source AS variable`.
        head: Fragment,
        /// What follows FIELDTERMINATOR, and its bytes.
        separator: Option<(String, Range<usize>)>,
    },
}

/// What a `CALL (…) { … }` imports.
#[derive(Debug)]
pub enum Scope {
    /// `*`
    All,
    /// Names and their bytes.
    Names(Vec<(String, Range<usize>)>),
}

/// A clause found among the tokens.
struct Found {
    /// Tokens of the clause, from its CALL, FOREACH or LOAD.
    tokens: Range<usize>,
    /// Bytes that are left out of the text around it.
    bytes: Range<usize>,
    /// Whether a call stands in for it.
    replaced: bool,
    extension: Extension,
}

/// Parses tokens that are a whole query.
pub(super) fn parse(source: &Source<'_>, tokens: Range<usize>) -> Result<Fragment, CypherError> {
    let found = find(source, &tokens)?;
    let bytes = source.span_of(tokens.start).start..source.span_of(tokens.end - 1).end;
    let mut text = source.text.get(bytes.clone()).unwrap_or_default().to_owned();
    let mut extensions = HashMap::with_capacity(found.len());
    for Found { tokens, bytes: hidden, replaced, extension } in found {
        let at = hidden.start - bytes.start..hidden.end - bytes.start;
        text.replace_range(at, &stand_in(hidden.len(), replaced));
        // A stand-in begins where its clause does; an OPTIONAL CALL keeps its own call behind the blank.
        let place = if replaced { hidden.start } else { source.span_of(tokens.start).start };
        extensions.insert(place, extension);
    }
    let query = parse_text(source, bytes.start, &text, tokens.end == source.tokens.len())?;
    Ok(Fragment { base: bytes.start, query, extensions })
}

fn stand_in(length: usize, replaced: bool) -> String {
    let mut text = String::from(if replaced { "CALL a()" } else { "" });
    text.extend(std::iter::repeat_n(' ', length.saturating_sub(text.len())));
    text
}

/// Parses one text of the source, or one that differs from it in what no error can point at.
fn parse_text(source: &Source<'_>, base: usize, text: &str, is_last: bool) -> Result<ast::Query, CypherError> {
    let parsed = open_cypher::parse(text).map_err(|errors| report::syntactic(source, base, &errors))?;
    let statement = parsed.program.statements.into_iter().next();
    match statement.map(|statement| statement.kind) {
        Some(StatementKind::Query(statement)) => match statement.terminator {
            Some(terminator) if !is_last => Err(unexpected(
                "a semicolon ends the statement, inside of it there is none",
                terminator.start + base..terminator.end + base,
            )),
            _ => Ok(statement.query),
        },
        _ => Err(unexpected("the text holds no statement; write a query", base..base)),
    }
}

/// The outermost extensions among the tokens.
fn find(source: &Source<'_>, tokens: &Range<usize>) -> Result<Vec<Found>, CypherError> {
    let mut found = Vec::new();
    let mut index = tokens.start;
    while index < tokens.end {
        let extension =
            if begins_clause(source, tokens.start, index) { extension_at(source, index, tokens.end)? } else { None };
        index = extension.as_ref().map_or(index + 1, |extension| extension.tokens.end);
        found.extend(extension);
    }
    Ok(found)
}

/// Whether a clause may begin at a token: at the start, inside braces, behind UNION, or where an operand has ended.
fn begins_clause(source: &Source<'_>, first: usize, index: usize) -> bool {
    let Some(before) = index.checked_sub(1).filter(|_| index > first) else { return true };
    if source.ends_operand(before) || matches!(source.kind(before), Some(TokenKind::LeftBrace | TokenKind::Star)) {
        return true;
    }
    let Some(TokenKind::Keyword(keyword)) = source.kind(before) else { return false };
    let named = before
        .checked_sub(1)
        .and_then(|index| source.kind(index))
        .is_some_and(|kind| matches!(kind, TokenKind::Dot | TokenKind::Colon | TokenKind::Keyword(Keyword::As)));
    let after_union = matches!(keyword, Keyword::All | Keyword::Distinct)
        && before.checked_sub(1).is_some_and(|index| source.is_word(index, "UNION"));
    let closes_sort = matches!(keyword, Keyword::Asc | Keyword::Ascending | Keyword::Desc | Keyword::Descending);
    named || after_union || closes_sort || matches!(keyword, Keyword::Union | Keyword::Optional)
}

fn extension_at(source: &Source<'_>, index: usize, end: usize) -> Result<Option<Found>, CypherError> {
    if source.is_word(index, "USE") && source.is_name(index + 1) && source.text_of(index + 1) != "." {
        return Err(unexpected(
            "USE is not taken: a query runs on the graph it is given to; open the other graph by its name",
            source.span_of(index),
        ));
    }
    if source.is_word(index, "LOAD") && source.is_word(index + 1, "CSV") {
        return load_csv(source, index, end).map(Some);
    }
    if source.is_word(index, "FOREACH") && source.kind(index + 1) == Some(TokenKind::LeftParen) {
        return foreach(source, index, end).map(Some);
    }
    if source.is_word(index, "CALL") {
        return call(source, index, end);
    }
    Ok(None)
}

fn call(source: &Source<'_>, index: usize, end: usize) -> Result<Option<Found>, CypherError> {
    let optional = index.checked_sub(1).filter(|&before| source.is_word(before, "OPTIONAL"));
    let scoped = source.kind(index + 1) == Some(TokenKind::LeftParen);
    let brace = if scoped { source.closing(index + 1).map_or(end, |closing| closing + 1) } else { index + 1 };
    if source.kind(brace) != Some(TokenKind::LeftBrace) {
        return Ok(optional.map(|before| Found {
            tokens: index..index + 1,
            bytes: source.span_of(before),
            replaced: false,
            extension: Extension::OptionalCall,
        }));
    }
    let closing = source.closing(brace).filter(|&closing| closing < end).ok_or_else(|| unclosed(source, brace))?;
    if source.is_word(closing + 1, "IN") {
        return Err(unexpected(
            "CALL … IN TRANSACTIONS is not taken: a query is one transaction; run one query for each batch",
            source.span_of(closing + 1),
        ));
    }
    let scope = if scoped { Some(import(source, index + 1, brace - 1)?) } else { None };
    let body = inner(source, brace + 1..closing, brace)?;
    let first = optional.unwrap_or(index);
    Ok(Some(Found {
        tokens: index..closing + 1,
        bytes: source.span_of(first).start..source.span_of(closing).end,
        replaced: true,
        extension: Extension::Subquery { optional: optional.is_some(), scope, body },
    }))
}

fn inner(source: &Source<'_>, tokens: Range<usize>, bracket: usize) -> Result<Fragment, CypherError> {
    if tokens.is_empty() {
        return Err(unexpected("a query is missing inside of this", source.span_of(bracket)));
    }
    parse(source, tokens)
}

fn unclosed(source: &Source<'_>, bracket: usize) -> CypherError {
    unexpected(format!("`{}` is not closed", source.text_of(bracket)), source.span_of(bracket))
}

/// `(*)` or `(a, b)`: a text of the same form as `WITH a, b`, which takes as many bytes before it as `CALL(`.
fn import(source: &Source<'_>, open: usize, close: usize) -> Result<Scope, CypherError> {
    match close - open {
        1 => return Ok(Scope::Names(Vec::new())),
        2 if source.kind(open + 1) == Some(TokenKind::Star) => return Ok(Scope::All),
        _ => {}
    }
    let start = source.span_of(open).end;
    let names = source.text.get(start..source.span_of(close).start).unwrap_or_default();
    let base = start - "WITH ".len();
    let query = parse_text(source, base, &format!("WITH {names}"), false)?;
    let refused = || {
        unexpected(
            "the parentheses of CALL hold the variables that it imports, separated by commas",
            start..source.span_of(close).start,
        )
    };
    let clause = clauses(&query).and_then(|clauses| clauses.first()).ok_or_else(refused)?;
    let ClauseKind::With(with) = &clause.kind else { return Err(refused()) };
    let projection = &with.projection;
    if projection.order_by.is_some()
        || projection.skip.is_some()
        || projection.limit.is_some()
        || with.where_clause.is_some()
    {
        return Err(refused());
    }
    let mut imported = Vec::new();
    for item in &projection.items {
        match &item.kind {
            ProjectionItemKind::Expression {
                expression: ast::Node { kind: ast::ExprKind::Variable(name), span },
                alias: None,
            } => {
                imported.push((name.kind.text.clone(), span.start + base..span.end + base));
            }
            _ => return Err(refused()),
        }
    }
    Ok(Scope::Names(imported))
}

/// The clauses of a query without UNION.
pub(crate) fn clauses(query: &ast::Query) -> Option<&[ast::Clause]> {
    match &query.kind {
        QueryKind::Regular(regular) if regular.unions.is_empty() => Some(&regular.head.kind.clauses),
        _ => None,
    }
}

fn foreach(source: &Source<'_>, index: usize, end: usize) -> Result<Found, CypherError> {
    let open = index + 1;
    let close = source.closing(open).filter(|&close| close < end).ok_or_else(|| unclosed(source, open))?;
    if !source.is_name(open + 1) || !source.is_word(open + 2, "IN") {
        return Err(unexpected("FOREACH is written `FOREACH (x IN list | clauses)`", source.span_of(open + 1)));
    }
    let bar = (open + 3..close)
        .find(|&at| {
            source.kind(at) == Some(TokenKind::Pipe)
                && nesting(source, open + 3, at) == 0
                && begins_update(source, at + 1)
        })
        .ok_or_else(|| unexpected("FOREACH has updating clauses behind `|`", source.span_of(close)))?;
    let list = source.span_of(open + 2).end..source.span_of(bar).start;
    let text = format!("UNWIND{} AS {}", source.text.get(list.clone()).unwrap_or_default(), source.text_of(open + 1));
    let base = list.start - "UNWIND".len();
    let head = Fragment {
        base,
        query: parse_text(source, base, &text, false)?,
        extensions: find_none(source, open + 3..bar)?,
    };
    Ok(Found {
        tokens: index..close + 1,
        bytes: source.span_of(index).start..source.span_of(close).end,
        replaced: true,
        extension: Extension::Foreach {
            head,
            variable: source.span_of(open + 1),
            body: inner(source, bar + 1..close, bar)?,
        },
    })
}

/// Expressions between two keywords hold no clause of their own.
fn find_none(source: &Source<'_>, tokens: Range<usize>) -> Result<HashMap<usize, Extension>, CypherError> {
    match find(source, &tokens)?.first() {
        None => Ok(HashMap::new()),
        Some(found) => Err(unexpected("this clause cannot stand inside of the expression here", found.bytes.clone())),
    }
}

fn nesting(source: &Source<'_>, from: usize, to: usize) -> i64 {
    (from..to).fold(0, |depth, at| match source.kind(at) {
        Some(TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace) => depth + 1,
        Some(TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace) => depth - 1,
        _ => depth,
    })
}

fn begins_update(source: &Source<'_>, index: usize) -> bool {
    ["CREATE", "MERGE", "SET", "REMOVE", "DELETE", "DETACH", "FOREACH", "CALL"]
        .iter()
        .any(|word| source.is_word(index, word))
}

fn load_csv(source: &Source<'_>, index: usize, end: usize) -> Result<Found, CypherError> {
    let headers = source.is_word(index + 2, "WITH");
    let from = if headers { index + 4 } else { index + 2 };
    if (headers && !source.is_word(index + 3, "HEADERS")) || !source.is_word(from, "FROM") {
        return Err(unexpected(
            "LOAD CSV is written `LOAD CSV [WITH HEADERS] FROM source AS line [FIELDTERMINATOR ',']`",
            source.span_of(index + 2),
        ));
    }
    let alias = (from + 1..end)
        .find(|&at| source.is_word(at, "AS") && nesting(source, from + 1, at) == 0)
        .filter(|&at| at + 1 < end && source.is_name(at + 1))
        .ok_or_else(|| unexpected("LOAD CSV names its lines: `AS line`", source.span_of(from)))?;
    let base = source.span_of(from).end - "UNWIND".len();
    let rest = source.text.get(source.span_of(from).end..source.span_of(alias + 1).end).unwrap_or_default();
    let query = parse_text(source, base, &format!("UNWIND{rest}"), false)?;
    let head = Fragment { base, query, extensions: find_none(source, from + 1..alias)? };
    let mut last = alias + 1;
    let mut separator = None;
    if last + 2 < end && source.is_word(last + 1, "FIELDTERMINATOR") {
        last += 2;
        let written = source.text_of(last);
        if source.kind(last) != Some(TokenKind::String) {
            return Err(unexpected("FIELDTERMINATOR is followed by a string of one character", source.span_of(last)));
        }
        separator = Some((string(source, last, written)?, source.span_of(last)));
    }
    Ok(Found {
        tokens: index..last + 1,
        bytes: source.span_of(index).start..source.span_of(last).end,
        replaced: true,
        extension: Extension::LoadCsv { headers, head, separator },
    })
}

/// The value of a string literal.
fn string(source: &Source<'_>, index: usize, written: &str) -> Result<String, CypherError> {
    let base = source.span_of(index).start.saturating_sub("RETURN ".len());
    let query = parse_text(source, base, &format!("RETURN {written}"), false)?;
    if let Some([ast::Clause { kind: ClauseKind::Return(clause), .. }]) = clauses(&query)
        && let [item] = clause.projection.items.as_slice()
        && let ProjectionItemKind::Expression { expression, .. } = &item.kind
        && let ast::ExprKind::Literal(literal) = &expression.kind
        && let ast::LiteralKind::String(string) = &literal.kind
    {
        return Ok(string.value.clone());
    }
    Err(unexpected("a string is expected", source.span_of(index)))
}
