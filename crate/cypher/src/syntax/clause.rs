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
    /// `EXISTS { pattern }` and `COUNT { pattern }`, which the parser takes in some places alone.
    Pattern {
        /// `MATCH pattern`.
        body: Fragment,
    },
    /// `:A|B` of a node, behind which the parser takes labels for tests of labels as well.
    Labels {
        /// `MATCH (:A|B)`.
        body: Fragment,
    },
    /// A WHERE inside the parentheses of a pattern: behind it the parser takes labels for tests of labels.
    Filter {
        /// `RETURN predicate`.
        body: Fragment,
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
    /// The byte at which the binder meets what stands in for it.
    place: usize,
    stand_in: &'static str,
    extension: Extension,
}

/// Stands in for a clause.
const CALL: &str = "CALL a()";
/// Stands in for a pattern.
const NODE: &str = "()";

/// Parses tokens that are a whole query.
pub(super) fn parse(source: &Source<'_>, tokens: Range<usize>) -> Result<Fragment, CypherError> {
    let found = find(source, &tokens, true)?;
    let bytes = source.span_of(tokens.start).start..source.span_of(tokens.end - 1).end;
    let text = source.text.get(bytes.clone()).unwrap_or_default().to_owned();
    fragment(source, bytes.start, text, found, tokens.end == source.tokens.len())
}

/// Parses a text whose byte 0 is `base` in the source, with stand-ins for what was found in it.
fn fragment(
    source: &Source<'_>,
    base: usize,
    mut text: String,
    found: Vec<Found>,
    is_last: bool,
) -> Result<Fragment, CypherError> {
    let mut extensions = HashMap::with_capacity(found.len());
    for Found { bytes: hidden, place, stand_in, extension, .. } in found {
        let at = hidden.start - base..hidden.end - base;
        text.replace_range(at, &format!("{stand_in:width$}", width = hidden.len()));
        extensions.insert(place, extension);
    }
    name_procedures(source, base, &mut text);
    let query = parse_text(source, base, &text, is_last)?;
    Ok(Fragment { base, query, extensions })
}

/// Puts letters in the place of words that the parser takes for no part of a procedure's name, as in `CALL my.all()`. The binder
/// reads the words where they stand in the source.
fn name_procedures(source: &Source<'_>, base: usize, text: &mut String) {
    let (first, end) = (source.token_at(base), base + text.len());
    let mut at = first;
    while at < source.tokens.len() && source.span_of(at).end <= end {
        at += 1;
        if !(source.is_word(at - 1, "CALL") && begins_clause(source, first, at - 1)) {
            continue;
        }
        while source.is_name(at) {
            let bytes = source.span_of(at);
            let inside = bytes.start - base..bytes.end - base;
            let is_there = text.get(inside.clone()) == Some(source.text_of(at));
            let is_part = matches!(source.kind(at + 1), Some(TokenKind::Dot | TokenKind::LeftParen))
                || source.kind(at - 1) == Some(TokenKind::Dot);
            if matches!(source.kind(at), Some(TokenKind::Keyword(_))) && is_there && is_part {
                text.replace_range(inside, &"a".repeat(bytes.len()));
            }
            if source.kind(at + 1) != Some(TokenKind::Dot) {
                break;
            }
            at += 2;
        }
    }
}

/// Parses one text of the source, or one that differs from it in what no error can point at.
fn parse_text(source: &Source<'_>, base: usize, text: &str, is_last: bool) -> Result<ast::Query, CypherError> {
    let parsed = open_cypher::parse(text).map_err(|errors| report::syntactic(source, base, &errors))?;
    source.proceed()?;
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

/// The outermost extensions among the tokens; patterns only where they are asked for.
fn find(source: &Source<'_>, tokens: &Range<usize>, patterns: bool) -> Result<Vec<Found>, CypherError> {
    let mut found = Vec::new();
    let mut index = tokens.start;
    while index < tokens.end {
        source.proceed()?;
        let mut extension =
            if begins_clause(source, tokens.start, index) { extension_at(source, index, tokens.end)? } else { None };
        if extension.is_none() && patterns {
            extension = match source.kind(index) {
                Some(TokenKind::Keyword(Keyword::Where)) => filter(source, tokens.start, index, tokens.end)?,
                Some(TokenKind::LeftParen) => labels(source, tokens.start, index, tokens.end)?,
                _ => pattern(source, index, tokens.end)?,
            };
        }
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
            place: source.span_of(index).start,
            stand_in: "",
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
        place: source.span_of(first).start,
        stand_in: CALL,
        extension: Extension::Subquery { optional: optional.is_some(), scope, body },
    }))
}

/// `EXISTS { (a)-->(b) }`: the parser takes labels in it for tests of labels where an expression is around it.
fn pattern(source: &Source<'_>, index: usize, end: usize) -> Result<Option<Found>, CypherError> {
    let brace = index + 1;
    let opens = (source.is_word(index, "EXISTS") || source.is_word(index, "COUNT"))
        && source.kind(brace) == Some(TokenKind::LeftBrace)
        && source.kind(brace + 1) == Some(TokenKind::LeftParen);
    if !opens {
        return Ok(None);
    }
    let Some(closing) = source.closing(brace).filter(|&closing| closing < end) else { return Ok(None) };
    let bytes = source.span_of(brace).end..source.span_of(closing).start;
    let Some(base) = bytes.start.checked_sub("MATCH ".len()) else { return Ok(None) };
    let text = format!("MATCH {}", source.text.get(bytes.clone()).unwrap_or_default());
    let body = fragment(source, base, text, find(source, &(brace + 1..closing), true)?, false)?;
    let place = source.span_of(index).start;
    Ok(Some(Found { tokens: index..closing + 1, bytes, place, stand_in: NODE, extension: Extension::Pattern { body } }))
}

/// `(a:A|B)` of a pattern that is found.
fn labels(source: &Source<'_>, first: usize, open: usize, end: usize) -> Result<Option<Found>, CypherError> {
    let colon = open + 1 + usize::from(source.is_name(open + 1));
    if source.kind(colon) != Some(TokenKind::Colon) {
        return Ok(None);
    }
    let (mut depth, mut next, mut either) = (0_usize, colon + 1, false);
    while next < end {
        match source.kind(next) {
            Some(TokenKind::LeftParen) => depth += 1,
            Some(TokenKind::RightParen) if depth > 0 => depth -= 1,
            Some(TokenKind::Pipe) => either = true,
            Some(TokenKind::Keyword(Keyword::Where)) => break,
            Some(TokenKind::Ampersand | TokenKind::Bang | TokenKind::Percent | TokenKind::Colon) => {}
            _ if source.is_name(next) => {}
            _ => break,
        }
        next += 1;
    }
    if !either {
        return Ok(None);
    }
    let Some(close) = source.closing(open).filter(|&close| next <= close && close < end) else { return Ok(None) };
    if !is_found(source, first, (open, close)) {
        return Ok(None);
    }
    let bytes = source.span_of(colon).start..source.span_of(next).start;
    let Some(base) = bytes.start.checked_sub("MATCH (".len()) else { return Ok(None) };
    let text = format!("MATCH ({})", source.text.get(bytes.clone()).unwrap_or_default());
    let body = fragment(source, base, text, Vec::new(), false)?;
    // Where no other extension can begin.
    let place = source.span_of(close).start;
    Ok(Some(Found { tokens: colon..next, bytes, place, stand_in: "", extension: Extension::Labels { body } }))
}

/// Whether parentheses are a node of a pattern that is found, and no expression and nothing that is created.
fn is_found(source: &Source<'_>, first: usize, (open, close): (usize, usize)) -> bool {
    let arrow = |index: usize| {
        matches!(
            source.kind(index),
            Some(
                TokenKind::Minus | TokenKind::LeftArrow | TokenKind::RightArrow | TokenKind::Less | TokenKind::Greater
            )
        )
    };
    let linked = arrow(close + 1) || open.checked_sub(1).is_some_and(arrow);
    for at in (first..open).rev() {
        match source.kind(at) {
            Some(TokenKind::Keyword(Keyword::Match)) => return true,
            Some(TokenKind::Keyword(Keyword::Create | Keyword::Merge)) => return false,
            Some(TokenKind::Keyword(
                Keyword::Where | Keyword::Return | Keyword::With | Keyword::Unwind | Keyword::Set | Keyword::Call,
            )) => return linked,
            _ => {}
        }
    }
    // The pattern of an EXISTS or COUNT, or an expression that is parsed by itself.
    linked || open == first
}

/// The labels of an [`Extension::Labels`].
pub(crate) fn labels_of(body: &Fragment) -> Option<&ast::LabelExpression> {
    let [ast::Clause { kind: ClauseKind::Match(clause), .. }] = clauses(&body.query)? else { return None };
    match &clause.pattern.parts.first()?.kind.path.kind.factors.first()?.kind {
        ast::PathFactorKind::Node(node) => node.labels.as_ref(),
        _ => None,
    }
}

/// `(a:A WHERE a.x > 1)`, the WHERE of a path in parentheses, and `[x IN list WHERE x:A | x.y]`.
fn filter(source: &Source<'_>, first: usize, index: usize, end: usize) -> Result<Option<Found>, CypherError> {
    let Some(open) = enclosing(source, first, index) else { return Ok(None) };
    let Some(close) = source.closing(open).filter(|&close| close < end) else { return Ok(None) };
    let last =
        if source.kind(open) == Some(TokenKind::LeftParen) { Some(close) } else { projected(source, index, close) };
    let Some(last) = last.filter(|&last| index + 1 < last) else { return Ok(None) };
    let bytes = source.span_of(index).start..source.span_of(last).start;
    let behind = source.span_of(index).end;
    let Some(base) = behind.checked_sub("RETURN ".len()) else { return Ok(None) };
    let text = format!("RETURN {}", source.text.get(behind..bytes.end).unwrap_or_default());
    let body = fragment(source, base, text, find(source, &(index + 1..last), true)?, false)?;
    if predicate(&body).is_none() {
        return Err(unexpected("WHERE is followed by one predicate", source.span_of(index)));
    }
    let place = source.span_of(open).start;
    Ok(Some(Found { tokens: index..last, bytes, place, stand_in: "", extension: Extension::Filter { body } }))
}

/// The parenthesis of a pattern that a WHERE stands in, or the bracket of a list comprehension.
fn enclosing(source: &Source<'_>, first: usize, index: usize) -> Option<usize> {
    let (mut depth, mut listed) = (0_usize, false);
    for at in (first..index).rev() {
        match source.kind(at)? {
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => depth += 1,
            // `all(x IN list WHERE …)` is no pattern.
            TokenKind::LeftParen if depth == 0 => return (!listed).then_some(at),
            TokenKind::LeftBracket if depth == 0 => {
                return (source.is_name(at + 1) && source.is_word(at + 2, "IN")).then_some(at);
            }
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => depth = depth.checked_sub(1)?,
            TokenKind::Keyword(Keyword::In) if depth == 0 => listed = true,
            TokenKind::Keyword(Keyword::Match | Keyword::With | Keyword::Yield) if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The bar before what a list comprehension gives, if the parser could take it for one between labels.
fn projected(source: &Source<'_>, index: usize, close: usize) -> Option<usize> {
    let (mut depth, mut bar, mut tested) = (0_i64, None, false);
    for at in index + 1..close {
        match source.kind(at)? {
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => depth += 1,
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => depth -= 1,
            TokenKind::Colon if depth == 0 => tested = true,
            TokenKind::Pipe if depth == 0 => bar = Some(at),
            _ => {}
        }
    }
    bar.filter(|_| tested)
}

/// The predicate of an [`Extension::Filter`].
pub(crate) fn predicate(body: &Fragment) -> Option<&ast::Expr> {
    let [ast::Clause { kind: ClauseKind::Return(clause), .. }] = clauses(&body.query)? else { return None };
    let projection = &clause.projection;
    let plain = projection.order_by.is_none() && projection.skip.is_none() && projection.limit.is_none();
    match projection.items.as_slice() {
        [ast::Node { kind: ProjectionItemKind::Expression { expression, alias: None }, .. }] if plain => {
            Some(expression)
        }
        _ => None,
    }
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
        place: source.span_of(index).start,
        stand_in: CALL,
        extension: Extension::Foreach {
            head,
            variable: source.span_of(open + 1),
            body: inner(source, bar + 1..close, bar)?,
        },
    })
}

/// Expressions between two keywords hold no clause of their own.
fn find_none(source: &Source<'_>, tokens: Range<usize>) -> Result<HashMap<usize, Extension>, CypherError> {
    match find(source, &tokens, false)?.first() {
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
        place: source.span_of(index).start,
        stand_in: CALL,
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
