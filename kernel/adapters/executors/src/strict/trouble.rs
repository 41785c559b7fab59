//! What is wrong with a file, where, and what was probably meant.
//!
//! A trouble names file, line and column, and the nearest valid name where there is one. What it quotes is shortened and escaped,
//! so that no file can fill or confuse a terminal.

use super::nearest::nearest;
use std::fmt;
use std::sync::Arc;

/// One thing that is wrong with a file. Prints as `file:line:column: what`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The file, as it was named to the reader.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub complaint: Complaint,
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
        known: &'static [&'static str],
    },
    /// A table lacks a key.
    Missing {
        /// The table, in words; empty: the file itself.
        table: &'static str,
        /// The key, or the keys one of which is needed.
        keys: &'static [&'static str],
    },
    /// A word that means nothing there.
    Word {
        /// The word.
        word: String,
        /// The words that mean something.
        known: Box<[String]>,
    },
    /// A value of the wrong type.
    Type {
        /// What should be there.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// What was read cannot be used; the reason, and what would be right.
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

/// `; did you mean X?`, or the names that there are.
fn advise<'a>(f: &mut fmt::Formatter<'_>, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> fmt::Result {
    if let Some(near) = nearest(name, known.clone()) {
        return write!(f, "; did you mean {}?", quote(near));
    }
    let list: Vec<String> = known.take(40).map(quote).collect();
    match list.is_empty() {
        true => f.write_str("; there is none here"),
        false => write!(f, "; there is {}", list.join(", ")),
    }
}

fn within(table: &str) -> String {
    if table.is_empty() { String::new() } else { format!(" in {table}") }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "a file has at most {} bytes", Self::MOST_BYTES),
            Self::TooDeep => f.write_str("nested too deep"),
            Self::Syntax(words) => f.write_str(words),
            Self::Key { table, key, known } => {
                write!(f, "unknown key {}{}", quote(key), within(table))?;
                advise(f, key, known.iter().copied())
            }
            Self::Missing { table, keys } => {
                let keys: Vec<String> = keys.iter().map(|key| quote(key)).collect();
                write!(f, "{} is missing{}", keys.join(" or "), within(table))
            }
            Self::Word { word, known } => {
                write!(f, "unknown word {}", quote(word))?;
                advise(f, word, known.iter().map(String::as_str))
            }
            Self::Type { wanted, found } => write!(f, "expected {wanted}, found {found}"),
            Self::Refused(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.complaint)
    }
}

impl std::error::Error for Trouble {}

/// Everything that is wrong with a file, in its order; at least one thing, and at most twenty.
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
    /// Nobody reads more of them.
    const MOST: usize = 20;

    /// Adds one.
    pub fn push(&mut self, trouble: Trouble) {
        if self.0.len() < Self::MOST {
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
    pub fn or<T>(mut self, value: Option<T>) -> Result<T, Troubles> {
        self.0.sort_by_key(|trouble| (trouble.line, trouble.column));
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) | None => {
                assert!(!self.0.is_empty(), "what is not there was complained about");
                Err(Troubles(self.0))
            }
        }
    }
}

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
