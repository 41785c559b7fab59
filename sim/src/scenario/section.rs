//! A table that was read: every key known, every value of its form.
//!
//! Strict: a key that is not in the table's list, and a value that does not read as its form, is a trouble; so whoever holds a
//! section asks it by name and gets typed values. To ask for a key that is not in the list, or as another form, is a bug of
//! the caller and panics.

use crate::fault::Shape;
use crate::scenario::key::Key;
use crate::scenario::quantity::Spread;
use crate::scenario::read::{Group, Read, Swarm, Terms, When, read};
use antfarm_machine::{PeerId, Span};
use antfarm_strict::{Complaint, Found, Item, Place, Source, Table, Trouble, Value, nearest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A table of a scenario.
#[derive(Clone, Debug)]
pub struct Section {
    source: Arc<Source>,
    place: Place,
    keys: [&'static [Key]; 2],
    entries: BTreeMap<&'static str, Entry>,
}

/// A key with its value, and where both stand.
#[derive(Clone, Debug)]
struct Entry {
    key: Place,
    value: Place,
    read: Read,
}

impl Section {
    /// Reads `table`, which stands at `place` and is called `name` in messages (empty: the file itself). Its keys are those of
    /// both lists. What is wrong goes to `found`, and is left out of the section.
    pub(super) fn open(
        source: &Arc<Source>,
        (place, table): (&Place, &Table),
        (name, keys): (&'static str, [&'static [Key]; 2]),
        terms: &Terms<'_>,
        found: &mut Found,
    ) -> Self {
        let mut entries = BTreeMap::new();
        for (key, (at, item)) in &table.0 {
            if found.is_full() {
                break;
            }
            match all(keys).find(|known| known.name == key) {
                Some(known) => {
                    if let Some(value) = read(known, item, source, terms, found) {
                        entries.insert(known.name, Entry { key: at.clone(), value: item.place.clone(), read: value });
                    }
                }
                None => {
                    let known = all(keys).map(|key| key.name).collect();
                    found.push(source.trouble(at, Complaint::Key { table: name, key: key.clone(), known }));
                }
            }
        }
        for key in all(keys).filter(|key| key.required && !table.0.contains_key(key.name)) {
            found.push(source.trouble(&head(place), Complaint::Missing { table: name, keys: [key.name].into() }));
        }
        Self { source: source.clone(), place: place.clone(), keys, entries }
    }

    /// Whether every key that must be there is, and all that are in `table` were read.
    pub(super) fn is_whole(&self, table: &Table) -> bool {
        let is_there = |key: &Key| self.entries.contains_key(key.name);
        all(self.keys).all(|key| is_there(key) || !key.required && !table.0.contains_key(key.name))
    }

    /// Whether the key may be there.
    pub(super) fn has_key(&self, key: &str) -> bool {
        all(self.keys).any(|known| known.name == key)
    }

    fn find(&self, key: &str) -> Option<&Read> {
        assert!(self.has_key(key), "`{key}` is not in the list of keys");
        Some(&self.entries.get(key)?.read)
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// A trouble with the value of `key`, or with the table where the key is not there. `words` say what is wrong and what would
    /// be right.
    pub fn refuse(&self, key: &str, words: impl Into<String>) -> Trouble {
        self.complain(key, Complaint::Refused(words.into()))
    }

    pub(super) fn complain(&self, key: &str, complaint: Complaint) -> Trouble {
        let head = head(&self.place);
        self.source.trouble(self.entries.get(key).map_or(&head, |entry| &entry.value), complaint)
    }

    /// The trouble that `key` has no place beside `with`.
    pub(super) fn clash(&self, key: &'static str, with: &'static str) -> Trouble {
        let place = self.entries.get(key).map_or(&self.place, |entry| &entry.key);
        self.source.trouble(place, Complaint::Clash { key, with })
    }

    pub(super) fn line(&self) -> usize {
        self.source.line(self.place.start)
    }

    /// An item that is read later, when more is known.
    pub(super) fn raw(&self, key: &str) -> Option<&Item> {
        let read = self.find(key)?;
        let Read::Raw(item) = read else { read.mismatch(key) };
        Some(item)
    }

    /// The value of `Form::Swarm`.
    pub(super) fn swarm(&self, key: &str) -> Option<&Swarm> {
        let read = self.find(key)?;
        let Read::Swarm(it) = read else { read.mismatch(key) };
        Some(it)
    }

    /// The texts of `Form::Texts`, with their places.
    pub(super) fn placed_texts(&self, key: &str) -> Option<&[(Place, String)]> {
        let read = self.find(key)?;
        let Read::Texts(it) = read else { read.mismatch(key) };
        Some(it)
    }
}

fn all(keys: [&'static [Key]; 2]) -> impl Iterator<Item = &'static Key> {
    keys.into_iter().flatten()
}

/// The place of a table's beginning: marks need not cover all of it.
fn head(place: &Place) -> Place {
    place.start..place.end.min(place.start + 1)
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $type:ty;)*) => {
        /// Typed values. `None`: the key is not there.
        impl Section {
            $($(#[$doc])*
            pub fn $name(&self, key: &str) -> Option<$type> {
                let read = self.find(key)?;
                    let Read::$variant(it) = read else { read.mismatch(key) };
                    Some(it.clone())
            })*
        }
    };
}

readers! {
    /// The value of `Form::Text`, `Form::Kind` or `Form::Expect`.
    text: Text -> String;
    /// The value of `Form::Count`, `Form::Seed` or `Form::Amount`, the last in smallest parts.
    count: Count -> u64;
    /// The value of `Form::Flag`.
    flag: Flag -> bool;
    /// The value of `Form::Word`.
    word: Word -> &'static str;
    /// The value of `Form::Span`.
    span: Span -> Span;
    /// The value of `Form::Spread`, `Form::Shift`, `Form::Odds` or `Form::Drift`: nanoseconds or parts per million.
    spread: Spread -> Spread;
    /// The value of `Form::When`.
    when: When -> When;
    /// The value of `Form::Rate`: the mean gap.
    gap: Gap -> Span;
    /// The value of `Form::Peer`.
    peer: Peer -> PeerId;
    /// The value of `Form::Nodes` or `Form::Peers`.
    group: Group -> Group;
    /// The value of `Form::Link`.
    link: Link -> (Group, Group);
    /// The value of `Form::Shape`.
    shape: Shape -> Shape;
    /// The value of `Form::Table`.
    table: Table -> Section;
    /// The value of `Form::Rows`.
    rows: Rows -> Vec<Section>;
}

impl Read {
    fn mismatch(&self, key: &str) -> ! {
        panic!("`{key}` is declared with another form: {self:?}")
    }
}

/// The trouble that a table has none of the keys one of which it needs: a key that is nearly one of them and no `other` key, or
/// else the list.
pub(super) fn none_of(
    source: &Source,
    (place, table): (&Place, &Table),
    name: &'static str,
    wanted: Vec<&'static str>,
    other: impl Fn(&str) -> bool,
) -> Trouble {
    let is_misspelt = |key: &str| !other(key) && nearest(key, wanted.iter().copied()).is_some();
    match table.0.iter().find(|(key, _)| is_misspelt(key)) {
        Some((key, (at, _))) => source.trouble(at, Complaint::Key { table: name, key: key.clone(), known: wanted.into() }),
        None => source.trouble(&head(place), Complaint::Missing { table: name, keys: wanted.into() }),
    }
}

/// The tables of a list of tables, with their places.
pub(super) fn tables<'a>(item: &'a Item, source: &Source, found: &mut Found) -> Vec<(&'a Place, &'a Table)> {
    let Value::List(items) = &item.value else {
        let complaint = Complaint::Type { wanted: "a list of tables", found: item.value.kind() };
        found.push(source.trouble(&item.place, complaint));
        return Vec::new();
    };
    let mut tables = Vec::new();
    for item in items {
        match &item.value {
            Value::Table(table) => tables.push((&item.place, table)),
            Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Other(_) => {
                let complaint = Complaint::Type { wanted: "a table", found: item.value.kind() };
                found.push(source.trouble(&item.place, complaint));
            }
        }
    }
    tables
}
