//! A TOML file as a tree of values that know where they stand.
//!
//! The parser is the `toml` crate; this layer bounds what it is given (bytes, nesting) so that no file overflows a stack,
//! and turns byte spans into lines and columns.

use crate::trouble::{Complaint, Found, Trouble, Troubles};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

/// A range of bytes of a file.
pub type Place = Range<usize>;

/// A file: what it is called and what it says.
#[derive(Debug)]
pub struct Source {
    file: Arc<str>,
    text: String,
}

impl Source {
    /// The trouble that something at `place` is.
    pub fn trouble(&self, place: &Place, complaint: Complaint) -> Trouble {
        let start = floor(&self.text, place.start);
        let from = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let end = floor(&self.text, place.end.clamp(start, to));
        Trouble {
            file: self.file.clone(),
            line: self.line(start),
            column: self.text[from..start].chars().count() + 1,
            complaint,
            excerpt: self.text[from..to].trim_end_matches('\r').chars().take(160).collect::<String>().into(),
            width: self.text[start..end].chars().take(160).count(),
        }
    }

    /// What the file says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of a place, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
    }
}

/// The latest boundary of characters that is not after `at`.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Item {
    /// The bytes of the file that say it.
    pub place: Place,
    /// The value.
    pub value: Value,
}

/// What can stand in a file.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string.
    Text(String),
    /// Numbers beyond 128 bits are as large as can be: they are out of all bounds anyway.
    Integer(i128),
    /// A boolean.
    Flag(bool),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Table),
    /// What has no use in these files, by its name.
    Other(&'static str),
}

/// Keys, each with its place, and their values.
#[derive(Clone, Debug, Default)]
pub struct Table(pub BTreeMap<String, (Place, Item)>);

impl Value {
    /// The type, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Flag(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// Reads a file as TOML. `file` is what messages call it.
///
/// # Errors
///
/// It is no TOML, too large, or nested too deep.
pub fn parse(file: &str, text: &str) -> Result<(Arc<Source>, Table), Troubles> {
    if text.len() > Complaint::MOST_BYTES {
        let source = Source { file: file.into(), text: String::new() };
        return Err(source.trouble(&(0..0), Complaint::TooLarge).into());
    }
    let source = Arc::new(Source { file: file.into(), text: text.to_owned() });
    if let Some(place) = too_deep(text) {
        return Err(source.trouble(&place, Complaint::TooDeep).into());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut found = Found::default();
    for error in errors.iter().take(20) {
        let place = error.span().unwrap_or(text.len()..text.len());
        found.push(source.trouble(&place, Complaint::Syntax(error.message().to_owned())));
    }
    found.or(Some((source, table(root.into_inner()))))
}

/// Where brackets, or the parts of a dotted key, are nested deeper than 16.
fn too_deep(text: &str) -> Option<Place> {
    const DEEPEST: usize = 16;
    let (mut depth, mut dots) = (0_usize, 0_usize);
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                (depth, dots) = (depth + 1, 0);
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                (depth, dots) = (depth.saturating_sub(1), 0);
            }
            TokenKind::Dot => dots += 1,
            TokenKind::Equals | TokenKind::Comma | TokenKind::Newline | TokenKind::Comment => dots = 0,
            TokenKind::Whitespace
            | TokenKind::LiteralString
            | TokenKind::BasicString
            | TokenKind::MlLiteralString
            | TokenKind::MlBasicString
            | TokenKind::Atom
            | TokenKind::Eof => {}
        }
        if depth.max(dots) > DEEPEST {
            return Some(token.span().start()..token.span().end());
        }
    }
    None
}

fn table(entries: DeTable<'_>) -> Table {
    let entry = |(key, value): (toml::Spanned<toml::de::DeString<'_>>, toml::Spanned<DeValue<'_>>)| {
        (key.get_ref().to_string(), (key.span(), item(value)))
    };
    Table(entries.into_iter().map(entry).collect())
}

fn item(value: toml::Spanned<DeValue<'_>>) -> Item {
    let place = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(it) => {
            let most = if it.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
            Value::Integer(i128::from_str_radix(it.as_str(), it.radix()).unwrap_or(most))
        }
        DeValue::Float(_) => Value::Other("a float"),
        DeValue::Boolean(it) => Value::Flag(it),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::List(items.into_iter().map(item).collect()),
        DeValue::Table(entries) => Value::Table(table(entries)),
    };
    Item { place, value }
}
