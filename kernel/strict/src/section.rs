//! A table whose keys are all known, asked for typed values by name.

use crate::document::{Item, Place, Source, Table, Value, parse};
use crate::quantity::span;
use crate::trouble::{Complaint, Found, Trouble, Troubles};
use antfarm_machine::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A table of a file. Whoever asks for a key that is not in its list has a bug, and panics.
#[derive(Debug)]
pub struct Section {
    source: Arc<Source>,
    place: Place,
    name: &'static str,
    known: &'static [&'static str],
    entries: Table,
}

impl Section {
    /// Reads a file, whose top-level keys are those `known`. What is wrong with them goes to `found`.
    ///
    /// # Errors
    ///
    /// The file is no TOML.
    pub fn file(file: &str, text: &str, known: &'static [&'static str], found: &mut Found) -> Result<Self, Troubles> {
        let (source, entries) = parse(file, text)?;
        Ok(Self::open(source, 0..0, "", known, entries, found))
    }

    fn open(
        source: Arc<Source>,
        place: Place,
        name: &'static str,
        known: &'static [&'static str],
        entries: Table,
        found: &mut Found,
    ) -> Self {
        for (key, (at, _)) in &entries.0 {
            if !known.contains(&key.as_str()) {
                found.push(source.trouble(at, Complaint::Key { table: name, key: key.clone(), known: known.into() }));
            }
        }
        Self { source, place, name, known, entries }
    }

    fn item(&self, key: &str) -> Option<&Item> {
        assert!(self.known.contains(&key), "`{key}` is not in the list of keys of {}", self.name);
        self.entries.0.get(key).map(|(_, item)| item)
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.item(key).is_some()
    }

    /// A trouble with the value of `key`, or with the table where the key is not there: what is wrong, and what would be right.
    pub fn refuse(&self, key: &str, words: impl Into<String>) -> Trouble {
        let place = self.item(key).map_or(&self.place, |item| &item.place);
        self.source.trouble(place, Complaint::Refused(words.into()))
    }

    /// The value, complaining where it is not there.
    pub fn need<T>(&self, keys: &'static [&'static str], value: Option<T>, found: &mut Found) -> Option<T> {
        if value.is_none() && !keys.iter().any(|key| self.has(key)) {
            found.push(self.source.trouble(&self.place, Complaint::Missing { table: self.name, keys: keys.into() }));
        }
        value
    }

    fn mismatch(&self, item: &Item, wanted: &'static str, found: &mut Found) {
        found.push(self.source.trouble(&item.place, Complaint::Type { wanted, found: item.value.kind() }));
    }

    /// A string.
    pub fn text(&self, key: &str, found: &mut Found) -> Option<String> {
        let item = self.item(key)?;
        if let Value::Text(text) = &item.value {
            return Some(text.clone());
        }
        self.mismatch(item, "a string", found);
        None
    }

    /// A boolean; `otherwise` where the key is not there.
    pub fn flag(&self, key: &str, otherwise: bool, found: &mut Found) -> bool {
        let Some(item) = self.item(key) else { return otherwise };
        if let Value::Flag(flag) = item.value {
            return flag;
        }
        self.mismatch(item, "`true` or `false`", found);
        otherwise
    }

    /// A number between `low` and `high`; `otherwise` where the key is not there.
    pub fn number(&self, key: &str, (low, high): (u64, u64), otherwise: u64, found: &mut Found) -> u64 {
        let Some(item) = self.item(key) else { return otherwise };
        let Value::Integer(number) = item.value else {
            self.mismatch(item, "an integer", found);
            return otherwise;
        };
        match u64::try_from(number).ok().filter(|number| (low..=high).contains(number)) {
            Some(number) => number,
            None => {
                found.push(self.refuse(key, format!("`{key}` is between {low} and {high}")));
                otherwise
            }
        }
    }

    /// A duration such as `"200ms"` or `"1m30s"`, of at least a millisecond; `otherwise` where the key is not there.
    pub fn span(&self, key: &str, otherwise: Span, found: &mut Found) -> Span {
        let Some(text) = self.text(key, found) else { return otherwise };
        let place = self.item(key).map_or(&self.place, |item| &item.place);
        let read = span(&text).map_err(|complaint| self.source.trouble(place, complaint));
        found.sift(read).unwrap_or(otherwise)
    }

    /// One of these words; `otherwise` where the key is not there.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], otherwise: T, found: &mut Found) -> T {
        let Some(text) = self.text(key, found) else { return otherwise };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, it)) => *it,
            None => {
                let known = words.iter().map(|(word, _)| (*word).to_owned()).collect();
                let place = self.item(key).map_or(&self.place, |item| &item.place);
                found.push(self.source.trouble(place, Complaint::Name { of: "word", name: text, known }));
                otherwise
            }
        }
    }

    /// A list of strings; nothing where the key is not there.
    pub fn texts(&self, key: &str, found: &mut Found) -> Option<Vec<String>> {
        let item = self.item(key)?;
        let Value::List(items) = &item.value else {
            self.mismatch(item, "a list of strings", found);
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) => texts.push(text.clone()),
                Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
                    self.mismatch(item, "a string", found);
                }
            }
        }
        Some(texts)
    }

    /// A list of integers between 0 and 255; nothing where the key is not there.
    pub fn bytes(&self, key: &str, found: &mut Found) -> Option<Vec<u8>> {
        let item = self.item(key)?;
        let list = match &item.value {
            Value::List(items) => items
                .iter()
                .map(|item| match item.value {
                    Value::Integer(number) => u8::try_from(number).ok(),
                    Value::Text(_) | Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => None,
                })
                .collect(),
            Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::Table(_) | Value::Other(_) => None,
        };
        if list.is_none() {
            found.push(self.refuse(key, "expected a list of integers between 0 and 255"));
        }
        list
    }

    /// A table of strings under keys of the user's choice; empty where the key is not there.
    pub fn map(&self, key: &str, found: &mut Found) -> BTreeMap<String, String> {
        let Some(item) = self.item(key) else { return BTreeMap::new() };
        let Value::Table(entries) = &item.value else {
            self.mismatch(item, "a table of strings", found);
            return BTreeMap::new();
        };
        let mut map = BTreeMap::new();
        for (key, (_, item)) in &entries.0 {
            match &item.value {
                Value::Text(text) => drop(map.insert(key.clone(), text.clone())),
                Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
                    self.mismatch(item, "a string", found);
                }
            }
        }
        map
    }

    /// A table with these keys.
    pub fn table(&self, key: &str, name: &'static str, known: &'static [&'static str], found: &mut Found) -> Option<Self> {
        let item = self.item(key)?;
        let Value::Table(entries) = &item.value else {
            self.mismatch(item, "a table", found);
            return None;
        };
        Some(Self::open(self.source.clone(), item.place.clone(), name, known, entries.clone(), found))
    }

    /// A list of tables with these keys; empty where the key is not there.
    pub fn tables(&self, key: &str, name: &'static str, known: &'static [&'static str], found: &mut Found) -> Vec<Self> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Value::List(items) = &item.value else {
            self.mismatch(item, "a list of tables", found);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match &item.value {
                Value::Table(entries) => {
                    let (source, place) = (self.source.clone(), item.place.clone());
                    tables.push(Self::open(source, place, name, known, entries.clone(), found));
                }
                Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Other(_) => {
                    self.mismatch(item, "a table", found);
                }
            }
        }
        tables
    }
}
