//! A text that is no expression, or no effect: where it went wrong, and what would be right.

use crate::Text;
use core::fmt;

/// A text that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    /// The byte of the text at which it went wrong.
    pub at: usize,
    /// What is wrong there.
    pub what: Misreading,
}

/// What is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Misreading {
    /// A character that means nothing here.
    Character(char),
    /// A connective of another language.
    Connective {
        /// As it was written.
        found: Text,
        /// As it is written here.
        ours: &'static str,
    },
    /// Texts stand in single quotes.
    DoubleQuote,
    /// A text without its second quote.
    UnclosedText,
    /// A number beyond 64 bits.
    TooLarge,
    /// A unit that is no unit of time.
    Unit(Text),
    /// Something else should stand here.
    Expected(&'static str),
    /// A word with a meaning of its own cannot be a name.
    Keyword(Text),
    /// `a < b < c`.
    Chained,
    /// A function that there is not.
    Function(Text),
    /// An effect that there is not.
    Effect(Text),
    /// Nested deeper, or longer in one row, than any expression needs.
    TooDeep,
    /// The text is longer than any expression needs.
    TooLong,
}

impl fmt::Display for Misreading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(found) => write!(f, "`{}` means nothing here", found.escape_debug()),
            Self::Connective { found, ours } => write!(f, "unknown connective `{found}`; write `{ours}`"),
            Self::DoubleQuote => f.write_str("texts stand in single quotes"),
            Self::UnclosedText => f.write_str("the text that begins here lacks its second quote"),
            Self::TooLarge => f.write_str("the number does not fit into 64 bits"),
            Self::Unit(unit) => write!(f, "unknown unit `{}`; there is d, h, m, s, ms", unit.escape_debug()),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Keyword(word) => write!(f, "`{word}` has a meaning of its own and cannot be a name"),
            Self::Chained => f.write_str("comparisons cannot be chained; join two with `&&`"),
            Self::Function(name) => write!(f, "unknown function `{name}`; there is `len`, `empty`, `all`, `any`"),
            Self::Effect(name) => {
                write!(f, "unknown effect `{name}`; there is `append`, `remove`, `remove_at`, `schedule`, `schedule_at`, `spawn`")
            }
            Self::TooDeep => f.write_str("nested too deep, or too many in one row; at most 64"),
            Self::TooLong => f.write_str("too long; at most 4096 bytes"),
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.at, self.what)
    }
}

impl core::error::Error for Misread {}
