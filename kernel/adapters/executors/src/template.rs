//! Texts with placeholders, and the values that a call puts into them.
//!
//! A placeholder is `${target}`, `${args}`, `${key}` or `${args.FIELD}`; `$${` stands for `${`. A value never becomes anything but
//! the text at its place: whoever fills a template says how values are encoded there.

use antfarm_node::Call;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// What the arguments of a tool's calls look like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arguments {
    /// None: they are empty.
    Nothing,
    /// Any bytes; they fit only where bytes do.
    Bytes,
    /// UTF-8.
    Text,
    /// Eight bytes: a number, little-endian.
    Number,
    /// A JSON object with exactly these fields, each a string, a number or a boolean.
    Json(Vec<String>),
}

/// What a placeholder stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    Target,
    Args,
    Key,
    Field(String),
}

/// A part of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Text(String),
    Slot(Slot),
}

/// A text with placeholders.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Template(Vec<Part>);

/// Why a call does not fit its tool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// The arguments do not have the tool's form.
    Form {
        /// The form, in words.
        wanted: &'static str,
    },
    /// The arguments lack a field, or have one that is not declared, or one of another type.
    Field {
        /// Its name.
        name: String,
    },
    /// A value cannot stand where it should: NUL in an argument, `..` in a path, an option where a value is meant.
    Value {
        /// What is not allowed there.
        because: &'static str,
    },
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { wanted } => write!(f, "the arguments are not {wanted}"),
            Self::Field { name } => write!(f, "the field `{}` is missing, unknown or of another type", name.escape_debug()),
            Self::Value { because } => write!(f, "a value does not fit: {because}"),
        }
    }
}

impl Template {
    /// Reads a template for calls with these arguments.
    ///
    /// # Errors
    ///
    /// What is wrong, for people.
    pub(crate) fn parse(text: &str, arguments: &Arguments) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                plain.push_str(&rest[..at - 1]);
                plain.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            plain.push_str(&rest[..at]);
            let Some(end) = rest[at..].find('}') else { return Err("a placeholder `${` is not closed".to_owned()) };
            let slot = Slot::parse(&rest[at + 2..at + end], arguments)?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Slot(slot));
            rest = &rest[at + end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The text, if there is no placeholder in it.
    pub(crate) fn fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            [_, ..] => None,
        }
    }

    /// The text with values, each encoded by `encode`.
    pub(crate) fn fill<'a>(
        &self,
        values: &'a Values<'_>,
        encode: impl Fn(Cow<'a, str>) -> Result<Cow<'a, str>, Unfit>,
    ) -> Result<String, Unfit> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Slot(slot) => filled.push_str(&encode(values.text(slot)?)?),
            }
        }
        Ok(filled)
    }
}

impl Slot {
    fn parse(name: &str, arguments: &Arguments) -> Result<Self, String> {
        match (name, name.strip_prefix("args."), arguments) {
            ("target", _, _) => Ok(Self::Target),
            ("key", _, _) => Ok(Self::Key),
            ("args", _, Arguments::Nothing) => Err("`${args}`: this tool has `args = \"none\"`".to_owned()),
            ("args", _, Arguments::Json(_) | Arguments::Bytes | Arguments::Text | Arguments::Number) => Ok(Self::Args),
            (_, Some(field), Arguments::Json(fields)) if fields.iter().any(|known| known == field) => {
                Ok(Self::Field(field.to_owned()))
            }
            (_, Some(field), _) => Err(format!("`${{args.{field}}}`: `{field}` is not one of `fields`")),
            (_, None, _) => Err(format!(
                "unknown placeholder `${{{name}}}`; there is `${{target}}`, `${{args}}`, `${{args.FIELD}}`, `${{key}}`"
            )),
        }
    }
}

/// What a call puts into templates.
pub(crate) struct Values<'a> {
    target: &'a str,
    key: String,
    args: &'a [u8],
    number: Option<u64>,
    fields: BTreeMap<String, Json>,
}

impl<'a> Values<'a> {
    /// The values of a call.
    pub(crate) fn read(call: &'a Call, arguments: &Arguments) -> Result<Self, Unfit> {
        let args = call.args.bytes();
        let form = |wanted| Unfit::Form { wanted };
        let mut number = None;
        let mut fields = BTreeMap::new();
        match arguments {
            Arguments::Bytes => {}
            Arguments::Nothing if args.is_empty() => {}
            Arguments::Nothing => return Err(form("empty")),
            Arguments::Text => drop(std::str::from_utf8(args).map_err(|_| form("UTF-8"))?),
            Arguments::Number => {
                number = Some(u64::from_le_bytes(args.try_into().map_err(|_| form("eight bytes, a number"))?));
            }
            Arguments::Json(known) => {
                let object: BTreeMap<String, Json> = serde_json::from_slice(args).map_err(|_| form("a JSON object"))?;
                let strange = object.iter().find(|(name, value)| {
                    let is_plain = value.is_string() || value.is_number() || value.is_boolean();
                    !known.contains(name) || !is_plain
                });
                if let Some(name) = strange.map(|(name, _)| name).or_else(|| known.iter().find(|it| !object.contains_key(*it))) {
                    return Err(Unfit::Field { name: name.chars().take(64).collect() });
                }
                fields = object;
            }
        }
        Ok(Self { target: call.target.text(), key: call.key.digest().to_string(), args, number, fields })
    }

    /// The arguments as they came.
    pub(crate) fn args(&self) -> &'a [u8] {
        self.args
    }

    /// The number that the arguments are.
    pub(crate) const fn number(&self) -> Option<u64> {
        self.number
    }

    /// A value as text.
    pub(crate) fn text(&self, slot: &Slot) -> Result<Cow<'_, str>, Unfit> {
        Ok(match slot {
            Slot::Target => Cow::Borrowed(self.target),
            Slot::Key => Cow::Borrowed(&self.key),
            Slot::Args => match self.number {
                Some(number) => Cow::Owned(number.to_string()),
                None => Cow::Borrowed(std::str::from_utf8(self.args).map_err(|_| Unfit::Form { wanted: "UTF-8" })?),
            },
            Slot::Field(name) => match self.fields.get(name) {
                Some(Json::String(text)) => Cow::Borrowed(text),
                Some(other) => Cow::Owned(other.to_string()),
                None => return Err(Unfit::Field { name: name.clone() }),
            },
        })
    }

    /// The call's key, in hexadecimal.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// A value as JSON: a field is what it is, everything else a string.
    pub(crate) fn json(&self, slot: &Slot) -> Result<Json, Unfit> {
        match (slot, self.number) {
            (Slot::Field(name), _) => self.fields.get(name).cloned().ok_or_else(|| Unfit::Field { name: name.clone() }),
            (Slot::Args, Some(number)) => Ok(Json::from(number)),
            (Slot::Target | Slot::Key | Slot::Args, _) => Ok(Json::String(self.text(slot)?.into_owned())),
        }
    }
}
