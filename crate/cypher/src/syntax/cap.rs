//! How deep a text may nest.

use open_cypher::{Keyword, TokenKind};

use super::Source;
use super::parse::begins_clause;
use crate::error::{CypherError, Detail, Kind};

/// Bytes of a text.
pub const BYTES_MAX: usize = 1 << 20;
/// Levels of the tree of an expression, where a chain of AND, OR and XOR is one level.
pub const DEPTH_MAX: u32 = 200;
/// Levels of the tree that the parser makes, where each AND, OR and XOR is a level.
pub const TREE_MAX: u32 = 1_500;
/// Clauses of a statement, those of subqueries included; a CREATE behind a CREATE is one with it.
pub const CLAUSES_MAX: usize = 500;
/// UNIONs of a text.
pub const UNIONS_MAX: usize = 200;

// Weighed by what parsing, binding and dropping take of a stack of 512 KiB, so that each cap alone leaves two thirds of
// it: about 400 lists in each other fill it, 80 pattern comprehensions, 96 subqueries, 1250 UNIONs, 7900 ANDs.
const BRACKET_LEVELS: u32 = 2;
const QUERY_LEVELS: u32 = 8;

/// A bound from above of the depth of what stands between two brackets.
#[derive(Default)]
struct Level {
    /// Whether CASE opened it, and not a bracket.
    case: bool,
    /// Whether it holds clauses or a comprehension.
    query: bool,
    /// Whether AND, OR or XOR stands in it.
    logical: bool,
    /// Takes AND, OR and XOR as separators.
    depth: Depth,
    /// Takes them as links of a chain.
    tree: Depth,
}

/// Of operators on one level each may be the root of all others; what stands in brackets is below all of them.
#[derive(Default)]
struct Depth {
    /// Of the operand that is being read.
    operators: u32,
    below: u32,
    /// Of the chain of operands that is being read: its links, and its deepest operand.
    chain: u32,
    operand: u32,
    /// Of all items before.
    deepest: u32,
}

impl Depth {
    /// A link of a chain: what stands on one side of it is not below what stands on the other.
    fn link(&mut self) {
        self.operand = self.operand.max(self.operators + self.below);
        self.chain += 1;
        (self.operators, self.below) = (0, 0);
    }

    fn end_item(&mut self) {
        *self = Self { deepest: self.reached(), ..Self::default() };
    }

    fn reached(&self) -> u32 {
        self.deepest.max(self.chain + self.operand.max(self.operators + self.below) + 1)
    }
}

/// Refuses a text that nests too deep, before a tree is made of it.
///
/// What is counted is never less than the depth of the tree, also where a keyword is used as a name: a word that may be
/// an operator counts as one, and an item ends only where no operand can go on.
pub(super) fn check(source: &Source<'_>) -> Result<(), CypherError> {
    let mut levels = vec![Level::default()];
    let mut unions = 0;
    for index in 0..source.tokens.len() {
        step(source, index, &mut levels);
        check_level(source, index, &levels)?;
        unions += usize::from(source.kind(index) == Some(TokenKind::Keyword(Keyword::Union)));
        if unions > UNIONS_MAX {
            return Err(too_deep(
                format!("a query has at most {UNIONS_MAX} UNIONs; use UNWIND over a list"),
                source,
                index,
            ));
        }
    }
    while levels.len() > 1 {
        close(&mut levels);
        check_level(source, source.tokens.len().saturating_sub(1), &levels)?;
    }
    Ok(())
}

fn check_level(source: &Source<'_>, index: usize, levels: &[Level]) -> Result<(), CypherError> {
    let Some(level) = levels.last() else { return Ok(()) };
    let open = u32::try_from(levels.len()).unwrap_or(u32::MAX);
    if level.depth.reached().saturating_add(open) > DEPTH_MAX {
        let message = format!(
            "the query nests too deep here: {DEPTH_MAX} levels of brackets and operators are allowed; divide it by WITH, \
             or pass a long value as a parameter"
        );
        return Err(too_deep(message, source, index));
    }
    if level.tree.reached().saturating_add(open) > TREE_MAX {
        let message =
            format!("a chain of AND, OR and XOR is too long here: {TREE_MAX} are allowed; use IN with a list");
        return Err(too_deep(message, source, index));
    }
    Ok(())
}

fn too_deep(message: String, source: &Source<'_>, index: usize) -> CypherError {
    CypherError::compile(Kind::SyntaxError, Detail::QueryTooDeep, message, Some(source.span_of(index)))
}

fn step(source: &Source<'_>, index: usize, levels: &mut Vec<Level>) {
    let Some(kind) = source.kind(index) else { return };
    let behind_operand = index.checked_sub(1).is_some_and(|before| source.ends_operand(before));
    match kind {
        TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => {
            if behind_operand {
                operator(levels);
            }
            levels.push(Level::default());
        }
        TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
            while levels.last().is_some_and(|level| level.case) {
                close(levels);
            }
            close(levels);
        }
        TokenKind::Comma if levels.last().is_some_and(|level| level.case) => {}
        TokenKind::Comma => end_item(levels),
        TokenKind::Pipe => {
            mark_query(levels);
            operator(levels);
        }
        TokenKind::Keyword(keyword) => step_keyword(source, index, keyword, behind_operand, levels),
        _ if is_operator(kind) => operator(levels),
        _ => {}
    }
}

fn step_keyword(source: &Source<'_>, index: usize, keyword: Keyword, behind_operand: bool, levels: &mut Vec<Level>) {
    match keyword {
        Keyword::Case => {
            operator(levels);
            if !is_name_here(source, index) {
                levels.push(Level { case: true, ..Level::default() });
            }
        }
        Keyword::End if behind_operand => {
            if levels.last().is_some_and(|level| level.case) {
                close(levels);
            }
        }
        Keyword::When | Keyword::Then | Keyword::Else if behind_operand => {
            if levels.last().is_some_and(|level| level.case) {
                end_item(levels);
            }
        }
        Keyword::And | Keyword::Or | Keyword::Xor if behind_operand => {
            if let Some(level) = levels.last_mut() {
                level.logical = true;
                level.depth.end_item();
                level.tree.link();
            }
        }
        _ if begins_part(keyword) => {
            mark_query(levels);
            if behind_operand && levels.last().is_some_and(|level| !level.case) {
                end_item(levels);
            } else {
                operator(levels);
            }
        }
        Keyword::True | Keyword::False | Keyword::Null => {}
        _ => operator(levels),
    }
}

fn mark_query(levels: &mut [Level]) {
    if let Some(level) = levels.iter_mut().rev().find(|level| !level.case) {
        level.query = true;
    }
}

fn operator(levels: &mut [Level]) {
    if let Some(level) = levels.last_mut() {
        level.depth.operators += 1;
        level.tree.operators += 1;
    }
}

fn end_item(levels: &mut [Level]) {
    if let Some(level) = levels.last_mut() {
        level.depth.end_item();
        level.tree.end_item();
    }
}

fn close(levels: &mut Vec<Level>) {
    if levels.len() < 2 {
        return;
    }
    let Some(closed) = levels.pop() else { return };
    if let Some(level) = levels.last_mut() {
        // A list of ANDs in one of XORs in one of ORs is three levels.
        let logical = if closed.logical { 3 } else { 0 };
        let own = if closed.query { QUERY_LEVELS } else { BRACKET_LEVELS };
        level.depth.below = level.depth.below.max(closed.depth.reached() + logical + own);
        level.tree.below = level.tree.below.max(closed.tree.reached() + own);
    }
}

fn is_operator(kind: TokenKind) -> bool {
    !matches!(
        kind,
        TokenKind::Identifier
            | TokenKind::EscapedIdentifier
            | TokenKind::Parameter
            | TokenKind::Integer
            | TokenKind::HexInteger
            | TokenKind::OctalInteger
            | TokenKind::Float
            | TokenKind::String
            | TokenKind::Semicolon
            | TokenKind::Dollar
            | TokenKind::LeftArrow
            | TokenKind::RightArrow
    )
}

/// Whether the word is a name by what stands before or behind it, where no CASE can be.
fn is_name_here(source: &Source<'_>, index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| source.kind(before));
    let follows = matches!(before, Some(TokenKind::Dot | TokenKind::Keyword(Keyword::As)));
    let is_followed = matches!(
        source.kind(index + 1),
        Some(
            TokenKind::Dot
                | TokenKind::Comma
                | TokenKind::Colon
                | TokenKind::Equal
                | TokenKind::RightParen
                | TokenKind::RightBracket
                | TokenKind::RightBrace
        ) | None
    );
    follows || is_followed
}

/// Whether a word begins a clause or a part of one.
fn begins_part(word: Keyword) -> bool {
    begins_clause(word)
        || matches!(
            word,
            Keyword::Where
                | Keyword::Order
                | Keyword::Skip
                | Keyword::Offset
                | Keyword::Limit
                | Keyword::On
                | Keyword::Union
                | Keyword::Yield
        )
}
