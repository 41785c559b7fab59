//! Secrets, taken out of whatever is about to be stored or sent.
//!
//! Secrets are declared, not guessed: what a node's configuration registers is taken out wherever it occurs, and nothing else
//! is touched, whatever its name. A field is passed whole, before it is cut or joined to another.
//!
//! # What is caught
//!
//! An occurrence of all bytes of a registered secret, anywhere in a field, written
//!
//! - as it is;
//! - in hexadecimal, in either case or both, at any alignment, with or without ends of lines within;
//! - in base64, of either alphabet, with or without padding, at any alignment within what was encoded, with or without ends of
//!   lines within;
//! - percent-encoded, whichever characters were escaped, with `+` or `%20` for a space;
//! - within a JSON string, whichever characters were escaped; unless the secret has backslashes, also within a JSON string
//!   within another, however deep.
//!
//! Every byte that says a part of such an occurrence goes, also where several overlap: nothing of it is left over. Of base64
//! this includes the digits that the secret shares with what stands before and behind.
//!
//! # What is not caught
//!
//! - Less than a whole secret: a prefix, a secret in two fields, one that was cut off.
//! - One encoding within another (base64 of JSON escapes), apart from those above; other encodings and character sets,
//!   compression, encryption, other letter case, digits or letters with anything else between.
//! - An escaped secret behind a `%` or a backslash that makes another escape of its first characters: escapes are read from the
//!   beginning of the field.
//! - Secrets shorter than [`MIN_SECRET`], and what nobody registered.

mod inputs;
mod scan;
mod view;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use antfarm_authority::{Bytes, Name, Text};
use antfarm_identity::Salt;
use core::cmp::Reverse;
use core::fmt;
use scan::{Found, Scanner};

/// The shortest secret, in bytes: shorter ones occur by accident.
pub const MIN_SECRET: usize = 6;

/// The longest secret, in bytes: a private key as people store it fits.
pub const MAX_SECRET: usize = 8 << 10;

/// The most secrets of one node.
pub const MAX_SECRETS: usize = 256;

/// How often a field is gone through before it is given up. What is put in place of a secret may, with what stands beside it,
/// be another secret; a second pass finds nothing unless somebody took pains.
pub const MAX_PASSES: usize = 8;

/// What stands for a field that was given up: because [`MAX_PASSES`] were not enough, or it got longer than it may be.
pub const REPLACED: &str = "[secrets]";

/// What must not be stored or sent, known by salted digests and short fingerprints only.
///
/// ```
/// use antfarm_authority::Name;
/// use antfarm_identity::Salt;
/// use antfarm_node::Secrets;
///
/// let mut secrets = Secrets::new(Salt(*b"from a generator"));
/// secrets.register(Name::new("db").expect("legal"), b"hunter2")?;
/// assert_eq!(secrets.redact_text("login hunter2, aHVudGVyMg=="), "login [secret:db], [secret:db]==");
/// assert_eq!(secrets.redact_text("the author of token_count"), "the author of token_count");
/// assert_eq!(format!("{secrets:?}"), "Secrets[`db`]");
/// # Ok::<(), antfarm_node::BadSecret>(())
/// ```
///
/// It holds no secret, but who reads it in memory learns lengths and can try out guesses: a secret that can be guessed is not
/// safe from them. `Debug` shows names only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secrets(Scanner);

impl Secrets {
    /// None yet. `salt` comes from a generator, once for each node, and is told to nobody: it keys digests and fingerprints.
    pub fn new(salt: Salt) -> Self {
        Self(Scanner::new(salt))
    }

    /// Takes `secret` out of whatever is redacted from now on; `[secret:NAME]` stands in its place. Several may have one name, as
    /// a secret and the one that followed it. The caller wipes its own copy.
    ///
    /// # Errors
    ///
    /// See [`BadSecret`]. Then nothing has changed.
    pub fn register(&mut self, name: Name, secret: &[u8]) -> Result<(), BadSecret> {
        match secret.len() {
            length if length < MIN_SECRET => return Err(BadSecret::TooShort),
            length if length > MAX_SECRET => return Err(BadSecret::TooLong { length }),
            _ if self.0.known().len() >= MAX_SECRETS => return Err(BadSecret::TooMany),
            _ => {}
        }
        let mut with = self.clone();
        with.0.add(name, secret);
        let markers = with.0.known().iter().map(|known| marker(&known.name));
        let is_clean = markers.chain([String::from(REPLACED)]).all(|marker| with.is_clean(marker.as_bytes()));
        if !is_clean {
            return Err(BadSecret::InMarker);
        }
        *self = with;
        Ok(())
    }

    /// `bytes` without any secret: the same bytes if there is none, at most 13 times as many if there are. What comes out is
    /// clean, so redacting it again changes nothing.
    pub fn redact<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        self.passes(bytes, |_, at| at)
    }

    /// The same for text. A character that a secret ends within, which only one that is no text itself does, goes with it.
    pub fn redact_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let begins = |bytes: &[u8], at: usize| (0..=at).rev().find(|at| !is_continuation(bytes, *at)).unwrap_or(0);
        match self.passes(text.as_bytes(), begins) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).expect("whole characters were taken out of a text")),
        }
    }

    /// The same for bytes with a bound, which is at least that of [`REPLACED`]: it stands for what got too long.
    pub fn redact_bytes<const MAX: usize>(&self, bytes: &Bytes<MAX>) -> Bytes<MAX> {
        const { assert!(MAX >= REPLACED.len(), "a field that is redacted has room for what replaces it") };
        match self.redact(bytes.bytes()) {
            Cow::Borrowed(_) => bytes.clone(),
            Cow::Owned(clean) => {
                Bytes::new(&clean).or_else(|_| Bytes::new(REPLACED.as_bytes())).expect("what replaces a field is short")
            }
        }
    }

    /// The same for text with a bound.
    pub fn redact_field<const MAX: usize>(&self, text: &Text<MAX>) -> Text<MAX> {
        const { assert!(MAX >= REPLACED.len(), "a field that is redacted has room for what replaces it") };
        match self.redact_text(text.text()) {
            Cow::Borrowed(_) => text.clone(),
            Cow::Owned(clean) => Text::new(&clean).or_else(|_| Text::new(REPLACED)).expect("what replaces a field is short"),
        }
    }

    /// Whether none is registered.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.known().is_empty()
    }

    /// Whether `bytes` hold no secret: for whoever checks once more before bytes leave.
    pub fn is_clean(&self, bytes: &[u8]) -> bool {
        self.found(bytes).is_empty()
    }

    /// Passes until nothing is found. `begins` says where what stands at a place begins: what is taken out is whole.
    fn passes<'a>(&self, bytes: &'a [u8], begins: impl Fn(&[u8], usize) -> usize) -> Cow<'a, [u8]> {
        let mut clean = Cow::Borrowed(bytes);
        for _ in 0..MAX_PASSES {
            let found = self.found(&clean);
            if found.is_empty() {
                return clean;
            }
            clean = Cow::Owned(self.without(&clean, found, &begins));
            if clean.len() / GROWTH > bytes.len() {
                break;
            }
        }
        if self.is_clean(&clean) { clean } else { Cow::Owned(REPLACED.into()) }
    }

    /// Where the secrets are, in any encoding; ranges may overlap.
    fn found(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = self.0.find(bytes);
        if !self.0.known().is_empty() {
            view::each(bytes, MIN_SECRET, |view| {
                found.extend(self.0.find(&view.bytes).into_iter().map(|(range, number)| (view.span(&range), number)));
            });
        }
        found
    }

    /// `bytes` with a marker in place of each stretch of what was found; of several that overlap, the first, then longest, names it.
    fn without(&self, bytes: &[u8], found: Vec<Found>, begins: impl Fn(&[u8], usize) -> usize) -> Vec<u8> {
        let ends = |at| (at..bytes.len()).find(|at| begins(bytes, *at) == *at).unwrap_or(bytes.len());
        let mut found: Vec<Found> =
            found.into_iter().map(|(range, number)| (begins(bytes, range.start)..ends(range.end), number)).collect();
        found.sort_unstable_by_key(|(range, number)| (range.start, Reverse(range.end), *number));
        let mut clean = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for (range, number) in found {
            if range.start >= done {
                clean.extend_from_slice(&bytes[done..range.start]);
                clean.extend_from_slice(marker(&self.0.known()[number].name).as_bytes());
            }
            done = done.max(range.end);
        }
        clean.extend_from_slice(&bytes[done..]);
        clean
    }
}

/// A marker is shorter than so many of the shortest secrets.
const GROWTH: usize = 13;

/// What stands in place of a secret.
fn marker(name: &Name) -> String {
    ["[secret:", name.text(), "]"].concat()
}

/// Whether the byte at `at` goes on with a character (UTF-8).
fn is_continuation(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80)
}

/// Names only.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")?;
        f.debug_list().entries(self.0.known().iter().map(|known| &known.name)).finish()
    }
}

/// Why something cannot be registered. It does not say what.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadSecret {
    /// It has less than [`MIN_SECRET`] bytes.
    TooShort,
    /// It has more than [`MAX_SECRET`] bytes.
    TooLong {
        /// How many.
        length: usize,
    },
    /// There are [`MAX_SECRETS`] already.
    TooMany,
    /// It, or one registered before, occurs in what stands in place of secrets.
    InMarker,
}

impl fmt::Display for BadSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => write!(f, "a secret has at least {MIN_SECRET} bytes: shorter ones occur by accident"),
            Self::TooLong { length } => write!(f, "a secret has at most {MAX_SECRET} bytes, this has {length}"),
            Self::TooMany => write!(f, "a node keeps {MAX_SECRETS} secrets at most"),
            Self::InMarker => f.write_str("a secret occurs in `[secret:NAME]`; choose another name, or a better secret"),
        }
    }
}

impl core::error::Error for BadSecret {}
