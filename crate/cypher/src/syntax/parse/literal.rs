//! Names, parameters and literals.

use open_cypher::ast::{
    self, ExprKind, FloatLiteral, Identifier, IntegerLiteral, IntegerRadix, LiteralKind, Node, Parameter,
    ParameterName, QualifiedName, QuoteStyle, StringLiteral,
};
use open_cypher::{Keyword, TokenKind};

use super::{Parser, Result, is_name};

impl Parser<'_> {
    /// A name, which may be any word of the language.
    pub(super) fn name(&mut self, what: &str) -> Result<ast::Name> {
        let kind = self.kind();
        if !is_name(kind) {
            return Err(self.expected(what));
        }
        let written = self.source.text_of(self.at);
        let escaped = kind == TokenKind::EscapedIdentifier;
        let text = if escaped { unescaped(written) } else { written.to_owned() };
        let start = self.start();
        self.at += 1;
        Ok(Node::new(Identifier { text, escaped }, self.span_from(start)))
    }

    /// Names with dots between them.
    pub(super) fn qualified_name(&mut self, what: &str) -> Result<QualifiedName> {
        let start = self.start();
        let mut parts = vec![self.name(what)?];
        while self.accept(TokenKind::Dot) {
            parts.push(self.name("a name")?);
        }
        Ok(QualifiedName { parts, span: self.span_from(start) })
    }

    /// `$name`, `$1` or a name in backticks behind `$`.
    pub(super) fn parameter(&mut self) -> Result<ast::Expr> {
        let start = self.start();
        let written = self.source.text_of(self.at).trim_start_matches('$');
        self.at += 1;
        let name = if !written.is_empty() {
            if written.bytes().all(|byte| byte.is_ascii_digit()) {
                ParameterName::Positional(written.to_owned())
            } else {
                ParameterName::Named(written.to_owned())
            }
        } else if self.kind() == TokenKind::EscapedIdentifier && self.start() == start + 1 {
            self.at += 1;
            ParameterName::Named(unescaped(self.source.text_of(self.at - 1)))
        } else {
            return Err(self.expected("the name of a parameter right behind `$`"));
        };
        Ok(Node::new(ExprKind::Parameter(Parameter { name }), self.span_from(start)))
    }

    pub(super) fn literal_expression(&mut self) -> ast::Expr {
        let literal = self.literal();
        let span = literal.span;
        Node::new(ExprKind::Literal(literal), span)
    }

    /// The literal that the next token is.
    pub(super) fn literal(&mut self) -> ast::Literal {
        let start = self.start();
        let written = self.source.text_of(self.at);
        let integer = |radix| LiteralKind::Integer(IntegerLiteral { text: written.to_owned(), radix });
        let kind = match self.kind() {
            TokenKind::Integer => integer(IntegerRadix::Decimal),
            TokenKind::HexInteger => integer(IntegerRadix::Hexadecimal),
            TokenKind::OctalInteger => integer(IntegerRadix::Octal),
            TokenKind::String => {
                let quote = if written.starts_with('\'') { QuoteStyle::Single } else { QuoteStyle::Double };
                LiteralKind::String(StringLiteral { value: unescaped(written), quote })
            }
            TokenKind::Keyword(Keyword::True) => LiteralKind::Boolean(true),
            TokenKind::Keyword(Keyword::False) => LiteralKind::Boolean(false),
            TokenKind::Keyword(Keyword::Null) => LiteralKind::Null,
            _ => LiteralKind::Float(FloatLiteral { text: written.to_owned() }),
        };
        self.at += 1;
        Node::new(kind, self.span_from(start))
    }
}

/// What stands between the quotes or backticks of a token, of which the lexer has checked the escapes: a doubled quote
/// is one, and a backslash stands before another character or its number.
fn unescaped(written: &str) -> String {
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    let quote = written.chars().next().unwrap_or_default();
    if !inner.contains(['\\', quote]) {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find(['\\', quote]) {
        let (before, found) = rest.split_at(at);
        text.push_str(before);
        let mut characters = found.chars();
        let first = characters.next();
        let Some(escaped) = characters.next() else {
            rest = found;
            break;
        };
        let digits = match escaped {
            'u' if first == Some('\\') => 4,
            'U' if first == Some('\\') => 6,
            _ => 0,
        };
        rest = characters.as_str();
        if digits > 0 {
            let number = rest.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            text.extend(number.and_then(char::from_u32));
            rest = rest.get(digits..).unwrap_or_default();
            continue;
        }
        text.push(match escaped {
            _ if first == Some(quote) => quote,
            't' => '\t',
            'b' => '\u{8}',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            other => other,
        });
    }
    text.push_str(rest);
    text
}
