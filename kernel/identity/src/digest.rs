//! The name of bytes: a BLAKE3 digest, in a domain.
//!
//! Rule kept: a digest means one kind of thing. Each kind has a [`Domain`], and equal bytes in two domains have unrelated
//! digests (BLAKE3 in `derive_key` mode, section 2.3 of its paper), so a payload can never pass for a header. Bytes are hashed
//! as they are stored; nothing here encodes.

use crate::{Codec, Malformed, Reader, context};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

/// What kind of thing is digested or signed.
///
/// Name it once, as a constant, by a text that says application, year and kind: `Domain::new("antfarm 2026 ledger header")`.
/// Two domains with equal texts are the same domain.
///
/// It holds its key, which is a constant then too: a digest costs what its bytes cost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain {
    text: &'static str,
    key: [u8; 32],
}

impl Domain {
    /// The domain with this text: 1 to 255 printable ASCII characters. Panics (in a constant: does not compile) otherwise.
    pub const fn new(text: &'static str) -> Self {
        assert!(!text.is_empty() && text.len() <= 255, "a domain's text has 1 to 255 characters");
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            assert!(matches!(bytes[at], b' '..=b'~'), "a domain's text is printable ASCII");
            at += 1;
        }
        Self { text, key: context::key(bytes) }
    }

    /// The text.
    pub const fn text(self) -> &'static str {
        self.text
    }

    fn hasher(&self) -> blake3::Hasher {
        blake3::hazmat::HasherExt::new_from_context_key(&self.key)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Domain").field(&self.text).finish()
    }
}

/// Sixteen bytes that are digested before a payload, so that who sees only the digest cannot try out likely payloads. Whoever
/// removes the payload removes the salt with it. See [`crate::Signer::salt`] for where they come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct Salt(pub [u8; 16]);

/// A BLAKE3 digest of 32 bytes, in the order of its bytes. Prints as 64 lower-case hexadecimal digits, in `{:?}` as the first eight.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Stands where a digest is due and there is nothing to digest: before the first link of a chain. Nobody knows bytes that
    /// it is the digest of.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of `bytes` in `domain`.
    pub fn of(domain: Domain, bytes: &[u8]) -> Self {
        Self(domain.hasher().update(bytes).finalize().into())
    }

    /// The digest of two runs of bytes in `domain`, one behind the other, without putting them together: the digest of both in one.
    pub fn of_parts(domain: Domain, parts: [&[u8]; 2]) -> Self {
        let [one, other] = parts;
        Self(domain.hasher().update(one).update(other).finalize().into())
    }

    /// The digest of `salt` followed by `bytes` in `domain`. A domain is used with salts or without, never both.
    pub fn salted(domain: Domain, salt: Salt, bytes: &[u8]) -> Self {
        Self(domain.hasher().update(&salt.0).update(bytes).finalize().into())
    }

    /// The digest that has these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight hexadecimal digits, for people.
    pub fn short(&self) -> impl fmt::Display + use<> {
        let [a, b, c, d, ..] = self.0;
        fmt::from_fn(move |f| write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}"))
    }
}

/// Two digests differ in their first word but for one pair in 2^64: maps are searched by one comparison of numbers a key.
impl Ord for Digest {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let [one, two] = [self, other].map(|it| it.0.first_chunk().map_or(0, |word| u64::from_be_bytes(*word)));
        one.cmp(&two).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Digest {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Codec for Digest {
    const KINDS: &'static [&'static str] = &["Digest"];
    const SHORTEST: usize = 32;
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.array().map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.short())
    }
}

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        if let Some(at) = text.bytes().position(|digit| value(digit).is_none()) {
            return Err(BadDigest::Digit { at });
        }
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        if text.len() != 64 {
            return Err(BadDigest::Length { digits: text.len() });
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            *byte = pair.iter().filter_map(|digit| value(*digit)).fold(0, |high, low| high << 4 | low);
        }
        Ok(Self(bytes))
    }
}

/// Why a text is not a digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadDigest {
    /// A digest has 64 digits.
    Length {
        /// How many there are.
        digits: usize,
    },
    /// Digits are `0`-`9` and `a`-`f`; upper case would be a second way to write the same digest.
    Digit {
        /// The byte offset of the first that is not.
        at: usize,
    },
}

impl fmt::Display for BadDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { digits } => write!(f, "a digest has 64 hexadecimal digits, this has {digits}"),
            Self::Digit { at } => write!(f, "byte {at} of the digest is not one of `0-9 a-f`"),
        }
    }
}

impl core::error::Error for BadDigest {}
