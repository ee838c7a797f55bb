//! Commands of the schema: indexes and constraints.
//!
//! | command | |
//! |---|---|
//! | range index | `CREATE [RANGE] INDEX [name] [IF NOT EXISTS] FOR (n:Label) ON (n.a, n.b)` |
//! | of a relationship | `… FOR ()-[r:TYPE]-() ON (r.a)` |
//! | full-text index | `CREATE FULLTEXT INDEX [name] [IF NOT EXISTS] FOR (n:A\|B) ON EACH [n.a, n.b]` |
//! | with options | `… OPTIONS {k1: 1.2, b: 0.75, stopWords: ['the', 'of']}`, each of which may be left out |
//! | constraint | `CREATE CONSTRAINT [name] [IF NOT EXISTS] FOR (n:Label) REQUIRE n.a IS UNIQUE` |
//! | | `… REQUIRE (n.a, n.b) IS UNIQUE`, `… REQUIRE n.a IS NOT NULL`, `… REQUIRE (n.a, n.b) IS NODE KEY` |
//! | drop | `DROP INDEX name [IF EXISTS]`, `DROP CONSTRAINT name [IF EXISTS]` |
//! | list | `SHOW INDEXES`, `SHOW CONSTRAINTS` |

use open_cypher::TokenKind;

use super::{Source, unexpected};
use crate::error::CypherError;

/// A command of the schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// CREATE INDEX.
    CreateIndex {
        /// Which kind.
        kind: IndexKind,
        /// As written, or chosen by whoever runs it.
        name: Option<String>,
        /// Whether it is no error that there is one already.
        if_not_exists: bool,
        /// What is indexed.
        entity: Entity,
        /// One or more, in their order.
        properties: Vec<String>,
        /// Those of a full-text index that were written.
        options: TextOptions,
    },
    /// CREATE CONSTRAINT.
    CreateConstraint {
        /// Which kind.
        kind: ConstraintKind,
        /// As written, or chosen by whoever runs it.
        name: Option<String>,
        /// Whether it is no error that there is one already.
        if_not_exists: bool,
        /// What it binds.
        entity: Entity,
        /// One or more, in their order.
        properties: Vec<String>,
    },
    /// DROP INDEX.
    DropIndex {
        /// Of the index.
        name: String,
        /// Whether it is no error that there is none.
        if_exists: bool,
    },
    /// DROP CONSTRAINT.
    DropConstraint {
        /// Of the constraint.
        name: String,
        /// Whether it is no error that there is none.
        if_exists: bool,
    },
    /// SHOW INDEXES.
    ShowIndexes,
    /// SHOW CONSTRAINTS.
    ShowConstraints,
}

/// A kind of index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// Finds equal values and ranges.
    Range,
    /// Finds words.
    FullText,
}

/// Options of a full-text index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    /// How much a word's further occurrences count.
    pub k1: Option<f64>,
    /// How much long texts are held back.
    pub b: Option<f64>,
    /// Words that are not indexed.
    pub stop_words: Vec<String>,
}

/// A kind of constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// No two have the same values.
    Unique,
    /// Each has a value.
    Exists,
    /// Both.
    Key,
}

/// What an index or a constraint is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entity {
    /// Nodes with one of these labels; one, except for a full-text index.
    Node(Vec<String>),
    /// Relationships of one of these types; one, except for a full-text index.
    Relationship(Vec<String>),
}

/// The command that the tokens from `first` on are, or `None` when they are a query.
pub(super) fn parse(source: &Source<'_>, first: usize) -> Result<Option<Command>, CypherError> {
    let mut reader = Reader { source, at: first };
    let command = if reader.word("SHOW") {
        reader.show()?
    } else if reader.word("DROP") {
        reader.drop()?
    } else if reader.word("CREATE") {
        match reader.create()? {
            Some(command) => command,
            None => return Ok(None),
        }
    } else {
        return Ok(None);
    };
    if source.kind(reader.at) == Some(TokenKind::Semicolon) {
        reader.at += 1;
    }
    if reader.at < source.tokens.len() {
        return Err(reader.expected("the end of the command"));
    }
    Ok(Some(command))
}

struct Reader<'s, 't> {
    source: &'s Source<'t>,
    at: usize,
}

impl Reader<'_, '_> {
    fn word(&mut self, word: &str) -> bool {
        let found = self.source.is_word(self.at, word);
        self.at += usize::from(found);
        found
    }

    fn token(&mut self, kind: TokenKind) -> bool {
        let found = self.source.kind(self.at) == Some(kind);
        self.at += usize::from(found);
        found
    }

    fn need_word(&mut self, word: &str) -> Result<(), CypherError> {
        if self.word(word) { Ok(()) } else { Err(self.expected(word)) }
    }

    fn need(&mut self, kind: TokenKind) -> Result<(), CypherError> {
        if self.token(kind) { Ok(()) } else { Err(self.expected(kind.display_name())) }
    }

    fn expected(&self, what: &str) -> CypherError {
        let found = match self.source.text_of(self.at) {
            "" => "the text ends".to_owned(),
            text => format!("unexpected `{text}`"),
        };
        unexpected(format!("{found}; expected {what}"), self.source.span_of(self.at))
    }

    fn name(&mut self) -> Result<String, CypherError> {
        if !self.source.is_name(self.at) {
            return Err(self.expected("a name"));
        }
        let written = self.source.text_of(self.at);
        let name = match self.source.kind(self.at) {
            Some(TokenKind::EscapedIdentifier) => unescape(written),
            _ => written.to_owned(),
        };
        self.at += 1;
        Ok(name)
    }

    fn show(&mut self) -> Result<Command, CypherError> {
        if self.word("INDEXES") || self.word("INDEX") {
            Ok(Command::ShowIndexes)
        } else if self.word("CONSTRAINTS") || self.word("CONSTRAINT") {
            Ok(Command::ShowConstraints)
        } else {
            Err(self.expected("INDEXES or CONSTRAINTS"))
        }
    }

    fn drop(&mut self) -> Result<Command, CypherError> {
        let index = self.word("INDEX");
        if !index && !self.word("CONSTRAINT") {
            return Err(self.expected("INDEX or CONSTRAINT"));
        }
        let name = self.name()?;
        let if_exists = self.word("IF");
        if if_exists {
            self.need_word("EXISTS")?;
        }
        Ok(if index { Command::DropIndex { name, if_exists } } else { Command::DropConstraint { name, if_exists } })
    }

    fn create(&mut self) -> Result<Option<Command>, CypherError> {
        if self.source.kind(self.at + 1) == Some(TokenKind::Equal) {
            return Ok(None); // a path that has such a name
        }
        let full_text = self.word("FULLTEXT");
        let range = !full_text && self.word("RANGE");
        if self.word("INDEX") {
            return self.create_index(if full_text { IndexKind::FullText } else { IndexKind::Range }).map(Some);
        }
        if full_text || range {
            return Err(self.expected("INDEX"));
        }
        if self.word("CONSTRAINT") {
            return self.create_constraint().map(Some);
        }
        for other in ["TEXT", "POINT", "LOOKUP", "VECTOR"] {
            if self.source.is_word(self.at, other) && self.source.is_word(self.at + 1, "INDEX") {
                return Err(unexpected(
                    format!("there is no {other} index; there are RANGE and FULLTEXT"),
                    self.source.span_of(self.at),
                ));
            }
        }
        // `CREATE p = (a)` and `CREATE (a)` are clauses of a query.
        Ok(None)
    }

    fn head(&mut self) -> Result<(Option<String>, bool), CypherError> {
        let plain = self.source.is_word(self.at, "IF") && self.source.is_word(self.at + 1, "NOT");
        let unnamed = plain
            || (self.source.is_word(self.at, "FOR") && self.source.kind(self.at + 1) == Some(TokenKind::LeftParen));
        let name = if unnamed { None } else { Some(self.name()?) };
        let if_not_exists = self.word("IF");
        if if_not_exists {
            self.need_word("NOT")?;
            self.need_word("EXISTS")?;
        }
        self.need_word("FOR")?;
        Ok((name, if_not_exists))
    }

    fn create_index(&mut self, kind: IndexKind) -> Result<Command, CypherError> {
        let (name, if_not_exists) = self.head()?;
        let (variable, entity) = self.entity(kind == IndexKind::FullText)?;
        self.need_word("ON")?;
        let properties = if kind == IndexKind::FullText {
            self.need_word("EACH")?;
            self.properties(&variable, TokenKind::LeftBracket, TokenKind::RightBracket)?
        } else {
            self.properties(&variable, TokenKind::LeftParen, TokenKind::RightParen)?
        };
        let options =
            if kind == IndexKind::FullText && self.word("OPTIONS") { self.options()? } else { TextOptions::default() };
        Ok(Command::CreateIndex { kind, name, if_not_exists, entity, properties, options })
    }

    fn options(&mut self) -> Result<TextOptions, CypherError> {
        let mut options = TextOptions::default();
        self.need(TokenKind::LeftBrace)?;
        while !self.token(TokenKind::RightBrace) {
            let at = self.at;
            let name = self.name()?;
            self.need(TokenKind::Colon)?;
            match name.as_str() {
                "k1" => options.k1 = Some(self.number()?),
                "b" => options.b = Some(self.number()?),
                "stopWords" => options.stop_words = self.texts()?,
                _ => {
                    let message = format!("`{name}` is no option of a full-text index; there are k1, b and stopWords");
                    return Err(unexpected(message, self.source.span_of(at)));
                }
            }
            if !self.token(TokenKind::Comma) {
                self.need(TokenKind::RightBrace)?;
                break;
            }
        }
        Ok(options)
    }

    fn number(&mut self) -> Result<f64, CypherError> {
        let is_number = matches!(self.source.kind(self.at), Some(TokenKind::Integer | TokenKind::Float));
        let number = self.source.text_of(self.at).parse().ok().filter(|_| is_number);
        let number = number.ok_or_else(|| self.expected("a number"))?;
        self.at += 1;
        Ok(number)
    }

    fn texts(&mut self) -> Result<Vec<String>, CypherError> {
        let mut texts = Vec::new();
        self.need(TokenKind::LeftBracket)?;
        while !self.token(TokenKind::RightBracket) {
            let written = self.source.text_of(self.at);
            let is_word = self.source.kind(self.at) == Some(TokenKind::String) && !written.contains('\\');
            let word = written.get(1..written.len().saturating_sub(1)).filter(|_| is_word);
            texts.push(word.ok_or_else(|| self.expected("a word in quotes"))?.to_owned());
            self.at += 1;
            if !self.token(TokenKind::Comma) {
                self.need(TokenKind::RightBracket)?;
                break;
            }
        }
        Ok(texts)
    }

    fn create_constraint(&mut self) -> Result<Command, CypherError> {
        let (name, if_not_exists) = self.head()?;
        let (variable, entity) = self.entity(false)?;
        self.need_word("REQUIRE")?;
        let properties = if self.source.kind(self.at) == Some(TokenKind::LeftParen) {
            self.properties(&variable, TokenKind::LeftParen, TokenKind::RightParen)?
        } else {
            vec![self.property(&variable)?]
        };
        self.need_word("IS")?;
        let kind = if self.word("UNIQUE") {
            ConstraintKind::Unique
        } else if self.word("NOT") {
            self.need_word("NULL")?;
            ConstraintKind::Exists
        } else if self.word("KEY")
            || ((self.word("NODE") || self.word("RELATIONSHIP") || self.word("REL")) && self.word("KEY"))
        {
            ConstraintKind::Key
        } else {
            return Err(self.expected("UNIQUE, NOT NULL or NODE KEY"));
        };
        Ok(Command::CreateConstraint { kind, name, if_not_exists, entity, properties })
    }

    /// `(n:Label)` or `()-[r:TYPE]-()`, and its variable.
    fn entity(&mut self, several: bool) -> Result<(String, Entity), CypherError> {
        self.need(TokenKind::LeftParen)?;
        if !self.token(TokenKind::RightParen) {
            let variable = self.name()?;
            let labels = self.labels(several)?;
            self.need(TokenKind::RightParen)?;
            return Ok((variable, Entity::Node(labels)));
        }
        if !self.token(TokenKind::LeftArrow) {
            self.need(TokenKind::Minus)?;
        }
        self.need(TokenKind::LeftBracket)?;
        let variable = self.name()?;
        let types = self.labels(several)?;
        self.need(TokenKind::RightBracket)?;
        if !self.token(TokenKind::RightArrow) {
            self.need(TokenKind::Minus)?;
        }
        self.need(TokenKind::LeftParen)?;
        self.need(TokenKind::RightParen)?;
        Ok((variable, Entity::Relationship(types)))
    }

    fn labels(&mut self, several: bool) -> Result<Vec<String>, CypherError> {
        self.need(TokenKind::Colon)?;
        let mut labels = vec![self.name()?];
        while several && self.token(TokenKind::Pipe) {
            labels.push(self.name()?);
        }
        Ok(labels)
    }

    fn properties(&mut self, variable: &str, open: TokenKind, close: TokenKind) -> Result<Vec<String>, CypherError> {
        self.need(open)?;
        let mut properties = vec![self.property(variable)?];
        while self.token(TokenKind::Comma) {
            let at = self.at;
            let property = self.property(variable)?;
            if properties.contains(&property) {
                return Err(unexpected(format!("`{property}` stands here twice"), self.source.span_of(at)));
            }
            properties.push(property);
        }
        self.need(close)?;
        Ok(properties)
    }

    fn property(&mut self, variable: &str) -> Result<String, CypherError> {
        let at = self.at;
        if self.name()? != variable {
            return Err(unexpected(format!("expected a property of `{variable}`"), self.source.span_of(at)));
        }
        self.need(TokenKind::Dot)?;
        self.name()
    }
}

/// A name in backticks without them; two backticks are one.
fn unescape(written: &str) -> String {
    written.get(1..written.len().saturating_sub(1)).unwrap_or_default().replace("``", "`")
}
