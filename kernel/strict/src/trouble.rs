//! What is wrong with a file, where, and what was probably meant.
//!
//! A trouble names file, line and column, and the nearest valid name where there is one. What it quotes from the file is
//! shortened and escaped, so that no file can fill or confuse a terminal.

use crate::nearest::nearest;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// One thing that is wrong with a file.
///
/// Prints as `file:line:column: what`; with `{:#}` also the line itself and a mark below the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The file, as it was named to the parser.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub complaint: Complaint,
    /// The line as it stands in the file, at most 160 characters of it.
    pub(crate) excerpt: Box<str>,
    /// How many characters the mark covers.
    pub(crate) width: usize,
}

/// What can be wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Complaint {
    /// The file is longer than [`Complaint::MOST_BYTES`].
    TooLarge,
    /// Tables or lists are nested deeper than any file needs.
    TooDeep,
    /// The file is not TOML; the parser's own words.
    Syntax(String),
    /// A table has a key that means nothing there.
    Key {
        /// The table, in words; empty: the file itself.
        table: &'static str,
        /// The key.
        key: String,
        /// The keys that mean something.
        known: Box<[&'static str]>,
    },
    /// A table lacks a key.
    Missing {
        /// The table, in words; empty: the file itself.
        table: &'static str,
        /// The key, or the keys one of which is needed.
        keys: Box<[&'static str]>,
    },
    /// Two keys of a table exclude each other.
    Clash {
        /// The key that is one too many.
        key: &'static str,
        /// The key that it clashes with.
        with: &'static str,
    },
    /// A name that nothing has.
    Name {
        /// What should have it: `node`, `machine`, `oracle`.
        of: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Box<[String]>,
    },
    /// A name that is there twice.
    Twice {
        /// The name.
        name: String,
    },
    /// A value of the wrong type.
    Type {
        /// What should be there.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A text that does not read as what belongs there.
    Text {
        /// What should be there.
        wanted: &'static str,
        /// The text.
        found: String,
    },
    /// A unit that is none.
    Unit {
        /// What was written.
        unit: String,
        /// What can be written.
        known: &'static str,
    },
    /// A number or quantity beyond its bounds.
    Bounds {
        /// The bounds, in words.
        bounds: String,
    },
    /// A range that runs downwards.
    Downwards,
    /// The reader's own reason to refuse a value, and what would be right.
    Refused(String),
}

impl Complaint {
    /// The most bytes of a file: 1 MiB.
    pub const MOST_BYTES: usize = 1 << 20;
}

/// Quotes what a file says: one line of at most 60 characters.
fn quote(text: &str) -> String {
    let mut short: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        short.push_str("...");
    }
    format!("`{short}`")
}

/// Words that may hold what a file says: nothing in them speaks to the terminal.
fn plain(f: &mut fmt::Formatter<'_>, words: &str) -> fmt::Result {
    const MOST: usize = 4_000;
    for c in words.chars().take(MOST) {
        if c.is_control() {
            write!(f, "{}", c.escape_debug())?;
        } else {
            f.write_char(c)?;
        }
    }
    if words.chars().nth(MOST).is_some() { f.write_str("...") } else { Ok(()) }
}

/// `; did you mean X?`, or the names that there are.
fn advise(f: &mut fmt::Formatter<'_>, name: &str, known: &[&str]) -> fmt::Result {
    const MOST: usize = 40;
    if let Some(near) = nearest(name, known.iter().copied()) {
        return write!(f, "; did you mean {}?", quote(near));
    }
    if known.is_empty() {
        return f.write_str("; there is none here");
    }
    let list: Vec<String> = known.iter().take(MOST).map(|name| quote(name)).collect();
    let more = if known.len() > MOST { ", ..." } else { "" };
    write!(f, "; there is {}{more}", list.join(", "))
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |table: &str| if table.is_empty() { String::new() } else { format!(" in {table}") };
        match self {
            Self::TooLarge => write!(f, "a file has at most {} bytes", Self::MOST_BYTES),
            Self::TooDeep => f.write_str("nested too deep"),
            Self::Syntax(words) => plain(f, words),
            Self::Key { table, key, known } => {
                write!(f, "unknown key {}{}", quote(key), place(table))?;
                advise(f, key, known)
            }
            Self::Missing { table, keys } => {
                let keys: Vec<String> = keys.iter().map(|key| quote(key)).collect();
                write!(f, "{} is missing{}", keys.join(" or "), place(table))
            }
            Self::Clash { key, with } => write!(f, "`{key}` and `{with}` exclude each other"),
            Self::Name { of, name, known } => {
                write!(f, "unknown {of} {}", quote(name))?;
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                advise(f, name, &known)
            }
            Self::Twice { name } => write!(f, "{} is there twice", quote(name)),
            Self::Type { wanted, found } => write!(f, "expected {wanted}, found {found}"),
            Self::Text { wanted, found } => write!(f, "expected {wanted}, found {}", quote(found)),
            Self::Unit { unit, known } if unit.is_empty() => write!(f, "a unit is missing; write {known}"),
            Self::Unit { unit, known } => write!(f, "unknown unit {}; write {known}", quote(unit)),
            Self::Bounds { bounds } => write!(f, "out of bounds: {bounds}"),
            Self::Downwards => f.write_str("a range runs upwards: write the lesser bound first"),
            Self::Refused(words) => plain(f, words),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.complaint)?;
        if f.alternate() && self.column <= self.excerpt.chars().count() + 1 {
            let excerpt: String = self.excerpt.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let mark = "^".repeat(self.width.max(1));
            write!(f, "\n{:>5} | {excerpt}\n      | {:indent$}{mark}", self.line, "", indent = self.column - 1)?;
        }
        Ok(())
    }
}

impl std::error::Error for Trouble {}

/// Everything that is wrong with a file, in the order of the file. There is at least one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Troubles(Vec<Trouble>);

impl Troubles {
    /// All troubles, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Trouble> {
        self.0.iter()
    }
}

/// The troubles found so far.
#[derive(Debug, Default)]
pub struct Found(Vec<Trouble>);

impl Found {
    /// Nobody reads more of them, and each costs time.
    const MOST: usize = 20;

    /// Whether there is no use in looking further.
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MOST
    }

    /// Adds one.
    pub fn push(&mut self, trouble: Trouble) {
        if !self.is_full() {
            self.0.push(trouble);
        }
    }

    /// Keeps the trouble, or gives the value.
    pub fn sift<T>(&mut self, result: Result<T, Trouble>) -> Option<T> {
        result.map_err(|trouble| self.push(trouble)).ok()
    }

    /// `value`, unless something was found.
    ///
    /// # Errors
    ///
    /// What was found.
    ///
    /// # Panics
    ///
    /// When there is neither a value nor a trouble.
    pub fn or<T>(mut self, value: Option<T>) -> Result<T, Troubles> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) | None => {
                assert!(!self.0.is_empty(), "what is not there was complained about");
                self.0.sort_by_key(|trouble| (trouble.line, trouble.column));
                Err(Troubles(self.0))
            }
        }
    }
}

impl From<Trouble> for Troubles {
    fn from(trouble: Trouble) -> Self {
        Self(vec![trouble])
    }
}

/// One trouble a line; with `{:#}` each with its line of the file.
impl fmt::Display for Troubles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, trouble) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            trouble.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Troubles {}
