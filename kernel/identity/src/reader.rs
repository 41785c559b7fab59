//! Where a decoder reads from, and what it says when the input is wrong.
//!
//! Rule kept: no input makes it panic, recurse without bound, or allocate more than the input's own length pays for.

use crate::{Codec, MAX_ENCODED};
use core::fmt;

/// How deep named types may nest in one input. A type can only contain itself through a named type, so this bounds the
/// stack that decoding needs.
pub const MAX_DEPTH: u8 = 32;

/// The longest list of things that take no bytes; the input's length bounds all other lists.
pub const MAX_EMPTY: usize = 1 << 16;

/// An input that is being decoded, from its front.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from their beginning.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len(), depth: 0 }
    }

    /// How many bytes were read.
    #[inline]
    pub fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    /// How many bytes are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(n) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.ended(n)),
        }
    }

    /// The next `N` bytes as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(self.ended(N)),
        }
    }

    /// The number of elements of a list of `T`: a `u32` that the rest of the input can pay for.
    #[inline]
    pub fn count<T: Codec>(&mut self) -> Result<usize, Malformed> {
        let offset = self.offset();
        let count = u32::from_le_bytes(self.array()?);
        let limit = match T::SHORTEST {
            0 => MAX_EMPTY,
            shortest => self.rest.len() / shortest,
        };
        if count as usize > limit {
            return Err(Malformed { offset, reason: Reason::Count { count } });
        }
        Ok(count as usize)
    }

    /// The next text: the number of its bytes, and those, which must be UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let count = self.count::<u8>()?;
        let start = self.offset();
        core::str::from_utf8(self.take(count)?)
            .map_err(|error| Malformed { offset: start + error.valid_up_to(), reason: Reason::Text })
    }

    /// Decodes one level deeper; refuses more than [`MAX_DEPTH`] levels. Each derived type calls this.
    #[inline]
    pub fn nested<T>(&mut self, decode: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        if self.depth == MAX_DEPTH {
            return Err(self.malformed(Reason::Depth));
        }
        self.depth += 1;
        let value = decode(self);
        self.depth -= 1;
        value
    }

    /// Reads a tag that must be less than `kinds`.
    #[inline]
    pub fn tag(&mut self, kinds: u16) -> Result<u8, Malformed> {
        let offset = self.offset();
        let [tag] = self.array()?;
        match u16::from(tag) < kinds {
            true => Ok(tag),
            false => Err(Malformed { offset, reason: Reason::Tag { tag } }),
        }
    }

    /// Nothing may be left.
    #[inline]
    pub fn finish(self) -> Result<(), Malformed> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(self.malformed(Reason::Trailing { extra })),
        }
    }

    /// An error at the present offset.
    #[cold]
    pub fn malformed(&self, reason: Reason) -> Malformed {
        Malformed { offset: self.offset(), reason }
    }

    #[cold]
    fn ended(&self, wanted: usize) -> Malformed {
        self.malformed(Reason::Ended { missing: wanted - self.rest.len() })
    }
}

/// Why bytes are not the encoding of any value of the wanted type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Malformed {
    /// Offset in bytes of the first item that is wrong.
    pub offset: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What can be wrong with an item of an input.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The input ends within it.
    Ended {
        /// How many bytes more it needs at least.
        missing: usize,
    },
    /// No kind has this tag. Booleans and options have the tags 0 and 1.
    Tag {
        /// The tag.
        tag: u8,
    },
    /// A list claims more elements than the rest of the input can hold.
    Count {
        /// The claimed number.
        count: u32,
    },
    /// A key is not greater than the key before it.
    Order,
    /// Text is not UTF-8.
    Text,
    /// Types nest deeper than [`MAX_DEPTH`].
    Depth,
    /// Bytes follow the value.
    Trailing {
        /// How many.
        extra: usize,
    },
    /// The input is longer than [`MAX_ENCODED`].
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The bytes have the right form, but no such thing exists.
    Illegal {
        /// The name of the type.
        what: &'static str,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: ", self.offset)?;
        match self.reason {
            Reason::Ended { missing } => write!(f, "the input ends {missing} bytes too early"),
            Reason::Tag { tag } => write!(f, "no kind has the tag {tag}"),
            Reason::Count { count } => write!(f, "a list of {count} elements does not fit into the input"),
            Reason::Order => f.write_str("a key is not greater than the key before it"),
            Reason::Text => f.write_str("text is not UTF-8"),
            Reason::Depth => write!(f, "types nest deeper than {MAX_DEPTH} levels"),
            Reason::Trailing { extra } => write!(f, "{extra} bytes follow the value"),
            Reason::TooLong { length } => write!(f, "an input of {length} bytes is longer than {MAX_ENCODED}"),
            Reason::Illegal { what } => write!(f, "the bytes are not a legal `{what}`"),
        }
    }
}

impl core::error::Error for Malformed {}
