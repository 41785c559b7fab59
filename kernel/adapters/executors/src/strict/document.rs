//! A TOML file as a tree of values that know where they stand.
//!
//! The parser is the `toml` crate; this bounds what it is given (bytes, nesting) so that no file overflows a stack, and turns
//! byte spans into lines and columns. Floats and dates are kept out: nothing in a manifest is one.

use super::trouble::{Complaint, Found, Trouble, Troubles};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

/// A range of bytes of a file.
pub(super) type Place = Range<usize>;

/// A file: what it is called and what it says.
#[derive(Debug)]
pub(super) struct Source {
    file: Arc<str>,
    text: String,
}

impl Source {
    /// The trouble that something at `place` is.
    pub(super) fn trouble(&self, place: &Place, complaint: Complaint) -> Trouble {
        let at = place.start.min(self.text.len());
        let start = (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = &self.text[..start];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before[before.rfind('\n').map_or(0, |at| at + 1)..].chars().count() + 1;
        Trouble { file: self.file.clone(), line, column, complaint }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// Keys, each with its place, and their values.
pub(super) type Entries = BTreeMap<String, (Place, Item)>;

/// What can stand in a file.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Flag(bool),
    List(Vec<Item>),
    Table(Entries),
    /// What has no use here, by its name.
    Other(&'static str),
}

impl Value {
    pub(super) fn kind(&self) -> &'static str {
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

/// Reads a file as TOML.
pub(super) fn parse(file: &str, text: &str) -> Result<(Arc<Source>, Entries), Troubles> {
    let refused = |source: Source, place: &Place, complaint| {
        let mut found = Found::default();
        found.push(source.trouble(place, complaint));
        found.or(None)
    };
    if text.len() > Complaint::MOST_BYTES {
        return refused(Source { file: file.into(), text: String::new() }, &(0..0), Complaint::TooLarge);
    }
    let source = Source { file: file.into(), text: text.to_owned() };
    if let Some(place) = too_deep(text) {
        return refused(source, &place, Complaint::TooDeep);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut found = Found::default();
    for error in &errors {
        let place = error.span().unwrap_or(text.len()..text.len());
        found.push(source.trouble(&place, Complaint::Syntax(error.message().to_owned())));
    }
    found.or(Some((Arc::new(source), table(root.into_inner()))))
}

/// Where brackets, or the parts of a dotted key, are nested deeper than 16.
fn too_deep(text: &str) -> Option<Place> {
    const DEEPEST: usize = 16;
    let (mut depth, mut dots) = (0_usize, 0_usize);
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => (depth, dots) = (depth + 1, 0),
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => (depth, dots) = (depth.saturating_sub(1), 0),
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

fn table(entries: DeTable<'_>) -> Entries {
    let entry = |(key, value): (toml::Spanned<toml::de::DeString<'_>>, toml::Spanned<DeValue<'_>>)| {
        (key.get_ref().to_string(), (key.span(), item(value)))
    };
    entries.into_iter().map(entry).collect()
}

fn item(value: toml::Spanned<DeValue<'_>>) -> Item {
    let place = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Other("an integer beyond 64 bits"), Value::Integer)
        }
        DeValue::Float(_) => Value::Other("a number with a point"),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::List(items.into_iter().map(item).collect()),
        DeValue::Table(entries) => Value::Table(table(entries)),
    };
    Item { place, value }
}
