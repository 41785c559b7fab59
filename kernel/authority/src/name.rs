//! Names of tools and tenants: short texts over a small alphabet, so that two that look alike are equal.

use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, Reader, Reason};
use core::fmt;

/// The longest name, in bytes.
pub const MAX_NAME: usize = 64;

/// How many different characters names are made of: letters, digits, and `. _ - / :`.
pub(crate) const ALPHABET: usize = 26 + 26 + 10 + 5;

/// A name: 1 to [`MAX_NAME`] characters of `A-Z a-z 0-9 . _ - / :`. Cloning is cheap.
///
/// ```
/// use antfarm_authority::{BadName, Name};
/// assert_eq!(Name::new("bank.transfer").expect("legal").text(), "bank.transfer");
/// assert_eq!(Name::new("bank transfer"), Err(BadName::Character { at: 4 }));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The name with this text.
    ///
    /// # Errors
    ///
    /// See [`BadName`].
    pub fn new(text: &str) -> Result<Self, BadName> {
        match text.len() {
            0 => Err(BadName::Empty),
            length if length > MAX_NAME => Err(BadName::TooLong { length }),
            _ => legal(text).map(|()| Self(text.into())),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a name, or not a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadName {
    /// It has no characters.
    Empty,
    /// It has too many bytes.
    TooLong {
        /// How many.
        length: usize,
    },
    /// A character is not in the alphabet. `*` is, at the end of a scope only.
    Character {
        /// Its byte offset.
        at: usize,
    },
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name has at least one character"),
            Self::TooLong { length } => write!(f, "a name has at most {MAX_NAME} bytes, this has {length}"),
            Self::Character { at } => write!(f, "byte {at} of the name is not one of `A-Z a-z 0-9 . _ - / :`"),
        }
    }
}

impl core::error::Error for BadName {}

/// Whether every character is in the alphabet.
pub(crate) fn legal(text: &str) -> Result<(), BadName> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/' | b':');
    match text.bytes().position(|byte| !legal(byte)) {
        None => Ok(()),
        Some(at) => Err(BadName::Character { at }),
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl Codec for Name {
    const KINDS: &'static [&'static str] = &["Name"];
    const SHORTEST: usize = 5;
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let offset = input.offset();
        Self::new(input.text()?).map_err(|_| Malformed { offset, reason: Reason::Illegal { what: "Name" } })
    }
}

/// On whose behalf: what one tenant's writs reach, another's do not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Tenant(pub Name);
