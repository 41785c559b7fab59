//! Which tools: literals and globs, and when one set of them covers another.
//!
//! Rule kept: *cover is exact*. A set covers another if and only if every name that the other matches is matched by it, and
//! two sets that match the same names are equal. Three things make that cheap to decide:
//!
//! - A glob is shorter than the longest name, so it always matches more than any one literal.
//! - A set keeps no scope that another of its scopes covers.
//! - A set has fewer scopes than the alphabet has characters. So what no single scope covers, no union of them does: for
//!   a glob `p*` there is a character `c` with which none of them goes on after `p`, and nothing matches the name `pc`.

use crate::name::{ALPHABET, BadName, MAX_NAME, Name, legal};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, Reader, Reason};
use core::fmt;

/// The most scopes in one set.
pub const MAX_SCOPES: usize = 32;

// INVARIANT(exact-cover): see the header.
const _: () = assert!(MAX_SCOPES < ALPHABET);

/// A tool by its name, or all tools whose names begin alike: `bank.transfer`, `bank.*`, `*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Arc<str>);

impl Scope {
    /// The scope with this text: a [`Name`], or up to 63 characters of one followed by `*`.
    ///
    /// ```
    /// use antfarm_authority::{Name, Scope};
    /// let bank = Scope::new("bank.*").expect("legal");
    /// assert!(bank.matches(&Name::new("bank.transfer").expect("legal")));
    /// assert!(bank.covers(&Scope::new("bank.read.*").expect("legal")));
    /// assert!(!bank.covers(&Scope::new("bank*").expect("legal")));
    /// ```
    ///
    /// # Errors
    ///
    /// See [`BadName`].
    pub fn new(text: &str) -> Result<Self, BadName> {
        match text.strip_suffix('*') {
            None => Name::new(text).map(|name| Self(name.text().into())),
            Some(_) if text.len() > MAX_NAME => Err(BadName::TooLong { length: text.len() }),
            Some(prefix) => legal(prefix).map(|()| Self(text.into())),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether the tool of this name is meant.
    pub fn matches(&self, name: &Name) -> bool {
        self.matches_text(name.text())
    }

    /// Whether every name that `other` matches is matched.
    pub fn covers(&self, other: &Self) -> bool {
        match other.prefix() {
            None => self.matches_text(&other.0),
            Some(narrower) => self.prefix().is_some_and(|prefix| narrower.starts_with(prefix)),
        }
    }

    fn prefix(&self) -> Option<&str> {
        self.0.strip_suffix('*')
    }

    fn matches_text(&self, name: &str) -> bool {
        match self.prefix() {
            Some(prefix) => name.starts_with(prefix),
            None => *self.0 == *name,
        }
    }
}

/// A set of scopes, none of which covers another; at most [`MAX_SCOPES`].
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// The set that matches what any of `scopes` matches. Those that another one covers are left out.
    ///
    /// # Errors
    ///
    /// When more than [`MAX_SCOPES`] are left.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, TooManyScopes> {
        let mut kept = BTreeSet::new();
        for scope in scopes {
            if kept.iter().any(|it: &Scope| it.covers(&scope)) {
                continue;
            }
            kept.retain(|it| !scope.covers(it));
            kept.insert(scope);
        }
        match kept.len() {
            count if count > MAX_SCOPES => Err(TooManyScopes { count }),
            _ => Ok(Self(kept)),
        }
    }

    /// Whether the tool of this name is meant.
    pub fn matches(&self, name: &Name) -> bool {
        self.0.iter().any(|it| it.matches(name))
    }

    /// Whether every name that `other` matches is matched.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|narrower| self.0.iter().any(|it| it.covers(narrower)))
    }

    /// The scopes, in the order of their texts.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

/// A set has more than [`MAX_SCOPES`] scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TooManyScopes {
    /// How many are left when what others cover is left out.
    pub count: usize,
}

impl fmt::Display for TooManyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a writ has at most {MAX_SCOPES} scopes, this has {}; use globs, or several writs", self.count)
    }
}

impl core::error::Error for TooManyScopes {}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.0).finish()
    }
}

/// As text.
impl Codec for Scope {
    const KINDS: &'static [&'static str] = &["Scope"];
    const SHORTEST: usize = 5;
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let offset = input.offset();
        Self::new(input.text()?).map_err(|_| Malformed { offset, reason: Reason::Illegal { what: "Scope" } })
    }
}

/// As a set; one with a scope that another covers is a second way to write a smaller one, and is refused.
impl Codec for Scopes {
    const KINDS: &'static [&'static str] = &["Scopes"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what: "Scopes" } };
        let read = BTreeSet::<Scope>::decode(input)?;
        // Before they are compared with each other, which takes a time that is quadratic in their number.
        if read.len() > MAX_SCOPES {
            return Err(illegal);
        }
        let count = read.len();
        let scopes = Self::new(read).map_err(|_| illegal)?;
        if scopes.0.len() == count { Ok(scopes) } else { Err(illegal) }
    }
}
