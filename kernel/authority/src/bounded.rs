//! Text and bytes that come from cognition, with a bound that is part of the type.

use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, Reader, Reason};
use core::fmt;

/// At most `MAX` bytes. Prints as their number only: they may hold what nobody should read in a log. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes<const MAX: usize>(Arc<[u8]>);

/// At most `MAX` bytes of UTF-8. Prints as the number of bytes only. Cloning is cheap.
///
/// ```
/// use antfarm_authority::Text;
/// assert_eq!(Text::<8>::new("secret").map(|it| format!("{it:?}")), Ok("6 bytes of text".into()));
/// assert!(Text::<5>::new("secret").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<const MAX: usize>(Arc<str>);

impl<const MAX: usize> Bytes<MAX> {
    /// These bytes.
    ///
    /// # Errors
    ///
    /// When there are more than `MAX`.
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        fits(bytes.len(), MAX).map(|()| Self(bytes.into()))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> Text<MAX> {
    /// This text.
    ///
    /// # Errors
    ///
    /// When it has more than `MAX` bytes.
    pub fn new(text: &str) -> Result<Self, TooLong> {
        fits(text.len(), MAX).map(|()| Self(text.into()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// There is more than fits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TooLong {
    /// How many bytes there are.
    pub length: usize,
    /// How many fit.
    pub limit: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes are more than {}", self.length, self.limit)
    }
}

impl core::error::Error for TooLong {}

fn fits(length: usize, limit: usize) -> Result<(), TooLong> {
    if length <= limit { Ok(()) } else { Err(TooLong { length, limit }) }
}

/// The bytes of a list, refused by their number before they are looked at.
fn read<'a>(input: &mut Reader<'a>, limit: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
    let illegal = Malformed { offset: input.offset(), reason: Reason::Illegal { what } };
    let count = input.count::<u8>()?;
    fits(count, limit).map_err(|_| illegal)?;
    input.take(count)
}

impl<const MAX: usize> Codec for Bytes<MAX> {
    const KINDS: &'static [&'static str] = &["Bytes"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        read(input, MAX, "Bytes").map(|bytes| Self(bytes.into()))
    }
}

impl<const MAX: usize> Codec for Text<MAX> {
    const KINDS: &'static [&'static str] = &["Text"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = read(input, MAX, "Text")?;
        let start = input.offset() - bytes.len();
        let text = core::str::from_utf8(bytes);
        text.map(|text| Self(text.into()))
            .map_err(|error| Malformed { offset: start + error.valid_up_to(), reason: Reason::Text })
    }
}

impl<const MAX: usize> fmt::Debug for Bytes<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of text", self.0.len())
    }
}
