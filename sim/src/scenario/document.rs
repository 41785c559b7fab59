//! A TOML file as a tree of values that know where they stand.
//!
//! The parser is the `toml` crate; this layer bounds what it is given (bytes, nesting) so that no file overflows a stack,
//! and turns byte spans into lines and columns. Floats and dates are kept out: nothing in a scenario is one.

use crate::scenario::trouble::{Complaint, Found, Trouble, Troubles};
use antfarm_identity::Fold;
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
    pub(super) file: Arc<str>,
    pub(super) text: String,
}

impl Source {
    /// The trouble that something at `place` is.
    pub(super) fn trouble(&self, place: &Place, complaint: Complaint) -> Trouble {
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

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
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
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What can stand in a scenario.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// Numbers beyond 128 bits are as large as can be: they are out of all bounds anyway.
    Integer(i128),
    Flag(bool),
    List(Vec<Item>),
    Table(Table),
    /// What has no use in a scenario, by its name.
    Other(&'static str),
}

/// Keys, each with its place, and their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(pub(super) BTreeMap<String, (Place, Item)>);

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

    /// Takes the value, not how it is written, into a checksum.
    pub(super) fn absorb(&self, fold: &mut Fold) {
        let mut text = |tag: u64, bytes: &[u8]| {
            fold.absorb_u64(tag);
            fold.absorb_u64(bytes.len() as u64);
            fold.absorb(bytes);
        };
        match self {
            Self::Text(it) => text(1, it.as_bytes()),
            Self::Integer(it) => text(2, &it.to_le_bytes()),
            Self::Flag(it) => text(3, &[u8::from(*it)]),
            Self::List(items) => {
                text(4, &(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| item.value.absorb(fold));
            }
            Self::Table(table) => {
                text(5, &(table.0.len() as u64).to_le_bytes());
                for (key, (_, item)) in &table.0 {
                    fold.absorb_u64(key.len() as u64);
                    fold.absorb(key.as_bytes());
                    item.value.absorb(fold);
                }
            }
            Self::Other(it) => text(6, it.as_bytes()),
        }
    }
}

/// Reads a file as TOML.
pub(super) fn parse(file: &str, text: &str) -> Result<(Arc<Source>, Table), Troubles> {
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
    found.or(())?;
    Ok((source, table(root.into_inner())))
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
