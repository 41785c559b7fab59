//! A file while it is read: what was found wrong, what is worth a second look, and where each part of the spec stands.

use crate::place::within;
use antfarm_automata::{Fault, Misread, Site, Sites, Text, Wrong};
use antfarm_strict::{Complaint, Found, Item, Place, Source, Table, Trouble, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Nobody reads more warnings of one file.
const MOST_WARNINGS: usize = 100;

pub(crate) struct Reading {
    pub(crate) source: Arc<Source>,
    pub(crate) found: Found,
    pub(crate) warnings: Vec<Trouble>,
    /// Where each part of the spec stands.
    pub(crate) places: BTreeMap<Site, Place>,
    /// Where the parts of each expression stand in its string.
    pub(crate) sites: Sites,
    /// Whether something was written as older grammars have it.
    pub(crate) is_old: bool,
}

impl Reading {
    pub(crate) fn refuse(&mut self, place: &Place, words: impl Into<String>) {
        self.complain(place, Complaint::Refused(words.into()));
    }

    pub(crate) fn complain(&mut self, place: &Place, complaint: Complaint) {
        // To find the line of a place takes as long as the file is.
        if !self.found.is_full() {
            self.found.push(self.source.trouble(place, complaint));
        }
    }

    pub(crate) fn warn(&mut self, place: &Place, words: impl Into<String>) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(self.source.trouble(place, Complaint::Refused(words.into())));
        }
    }

    pub(crate) fn mismatch(&mut self, item: &Item, wanted: &'static str) {
        self.complain(&item.place, Complaint::Type { wanted, found: item.value.kind() });
    }

    /// A word that is none of these.
    pub(crate) fn unknown(&mut self, place: &Place, of: &'static str, name: &str, known: &[&str]) {
        let known = known.iter().map(|it| (*it).to_owned()).collect();
        self.complain(place, Complaint::Name { of, name: name.to_owned(), known });
    }

    /// A string that is no expression, at the place within it.
    pub(crate) fn misread(&mut self, place: &Place, wrong: &Misread) {
        let place = within(self.source.text(), place, wrong.at);
        self.refuse(&place, wrong.what.to_string());
    }

    /// The place of a part; of one that is an expression, that of byte `at` of its string.
    pub(crate) fn place(&self, site: Site, at: usize) -> Place {
        match self.places.get(&site) {
            Some(place) if self.sites.contains_key(&site) => within(self.source.text(), place, at),
            Some(place) => place.clone(),
            None => self.places.get(&Site::Automaton).cloned().unwrap_or(0..0),
        }
    }

    pub(crate) fn trouble(&self, fault: &Fault) -> Trouble {
        let complaint = match &fault.what {
            Wrong::Unknown { of, name, known } => {
                let known = known.iter().map(|it| it.to_string()).collect();
                Complaint::Name { of, name: name.to_string(), known }
            }
            Wrong::Twice { name, .. } => Complaint::Twice { name: name.to_string() },
            Wrong::NoName(_)
            | Wrong::None(_)
            | Wrong::TooMany { .. }
            | Wrong::Unwritable(_)
            | Wrong::Sort { .. }
            | Wrong::Mixed { .. }
            | Wrong::Units { .. }
            | Wrong::NeverNull
            | Wrong::MayBeNull
            | Wrong::Bare
            | Wrong::Indirect
            | Wrong::Refers { .. }
            | Wrong::Ghost(_)
            | Wrong::Terminal(_)
            | Wrong::Kinds { .. }
            | Wrong::Initial(_)
            | Wrong::Reach
            | Wrong::NoParams
            | Wrong::OwnId(_)
            | Wrong::Event(_)
            | Wrong::Untaken(_)
            | Wrong::Unreserved(_)
            | Wrong::NotFirst(_)
            | Wrong::Ungiven { .. }
            | Wrong::Unrecorded(_) => Complaint::Refused(fault.what.to_string()),
        };
        self.source.trouble(&self.place(fault.site, fault.at), complaint)
    }
}

/// A table of the file, all of whose keys are known.
pub(crate) struct Fields<'a> {
    /// What messages call it.
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) table: &'a Table,
}

impl<'a> Fields<'a> {
    /// The table, complaining about keys that are not `known`.
    pub(crate) fn open(reading: &mut Reading, name: &'static str, known: &[&'static str], item: &'a Item) -> Option<Self> {
        let Value::Table(table) = &item.value else {
            reading.mismatch(item, "a table");
            return None;
        };
        Some(Self::of(reading, name, known, item.place.clone(), table))
    }

    pub(crate) fn of(reading: &mut Reading, name: &'static str, known: &[&'static str], place: Place, table: &'a Table) -> Self {
        for (key, (at, _)) in &table.0 {
            if !known.contains(&key.as_str()) {
                reading.complain(at, Complaint::Key { table: name, key: key.clone(), known: known.into() });
            }
        }
        Self { name, place, table }
    }

    pub(crate) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.0.get(key).map(|(_, item)| item)
    }

    /// Where the value of a key stands; the table, where there is no such key.
    pub(crate) fn at(&self, key: &str) -> Place {
        self.item(key).map_or_else(|| self.place.clone(), |item| item.place.clone())
    }

    pub(crate) fn text(&self, reading: &mut Reading, key: &str) -> Option<Text> {
        let item = self.item(key)?;
        text(reading, item)
    }

    /// A string that must be there.
    pub(crate) fn need(&self, reading: &mut Reading, key: &'static str) -> Text {
        if self.item(key).is_none() {
            reading.complain(&self.place, Complaint::Missing { table: self.name, keys: [key].into() });
        }
        self.text(reading, key).unwrap_or_default()
    }

    /// A boolean, also in a string.
    pub(crate) fn flag(&self, reading: &mut Reading, key: &str, otherwise: bool) -> bool {
        let Some(item) = self.item(key) else { return otherwise };
        match &item.value {
            Value::Flag(flag) => *flag,
            Value::Text(text) if text.eq_ignore_ascii_case("true") => true,
            Value::Text(text) if text.eq_ignore_ascii_case("false") => false,
            Value::Text(_) | Value::Integer(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
                reading.mismatch(item, "`true` or `false`");
                otherwise
            }
        }
    }

    /// A number that is not negative.
    pub(crate) fn number(&self, reading: &mut Reading, key: &str, most: i64) -> Option<i64> {
        let item = self.item(key)?;
        let Value::Integer(number) = &item.value else {
            reading.mismatch(item, "an integer");
            return None;
        };
        let number = i64::try_from(*number).ok().filter(|number| (0..=most).contains(number));
        if number.is_none() {
            reading.complain(&item.place, Complaint::Bounds { bounds: format!("`{key}` is between 0 and {most}") });
        }
        number
    }

    /// A list of strings, each with its place; one that stands alone is a list of one.
    pub(crate) fn texts(&self, reading: &mut Reading, key: &str) -> Vec<(Text, Place)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let items = match &item.value {
            Value::List(items) => items.as_slice(),
            Value::Text(_) => std::slice::from_ref(item),
            Value::Integer(_) | Value::Flag(_) | Value::Table(_) | Value::Other(_) => {
                reading.mismatch(item, "a list of strings");
                return Vec::new();
            }
        };
        items.iter().filter_map(|item| Some((text(reading, item)?, item.place.clone()))).collect()
    }

    /// The elements of a list; the value itself, where it is none.
    pub(crate) fn each(&self, key: &str) -> &'a [Item] {
        match self.item(key) {
            Some(Item { value: Value::List(items), .. }) => items,
            Some(item) => std::slice::from_ref(item),
            None => &[],
        }
    }

    /// Strings under keys of the writer's choice; numbers and truths are taken as they are written.
    pub(crate) fn pairs(&self, reading: &mut Reading, key: &str) -> Vec<(Text, Text)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Value::Table(table) = &item.value else {
            reading.mismatch(item, "a table of strings");
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (key, (_, item)) in &table.0 {
            match scalar(item) {
                Some(text) => pairs.push((key.as_str().into(), text)),
                None => reading.mismatch(item, "a string"),
            }
        }
        pairs
    }
}

pub(crate) fn text(reading: &mut Reading, item: &Item) -> Option<Text> {
    if let Value::Text(text) = &item.value {
        return Some(text.as_str().into());
    }
    reading.mismatch(item, "a string");
    None
}

/// A string; a number or a truth as it is written.
pub(crate) fn scalar(item: &Item) -> Option<Text> {
    match &item.value {
        Value::Text(text) => Some(text.as_str().into()),
        Value::Integer(number) => Some(number.to_string().into()),
        Value::Flag(flag) => Some(flag.to_string().into()),
        Value::List(_) | Value::Table(_) | Value::Other(_) => None,
    }
}

/// Names without their places.
pub(crate) fn names(texts: Vec<(Text, Place)>) -> Vec<Text> {
    texts.into_iter().map(|(text, _)| text).collect()
}

/// A value as plain data; none of tables and fractions.
pub(crate) fn value(item: &Item) -> Option<antfarm_automata::Value> {
    use antfarm_automata::Value as Plain;
    match &item.value {
        Value::Text(text) => Some(Plain::text(text)),
        Value::Integer(number) => i64::try_from(*number).ok().map(Plain::Int),
        Value::Flag(flag) => Some(Plain::Bool(*flag)),
        Value::List(items) => {
            let texts: Option<Vec<Text>> = items.iter().map(scalar).collect();
            Some(Plain::List(texts?.into()))
        }
        Value::Table(_) | Value::Other(_) => None,
    }
}
