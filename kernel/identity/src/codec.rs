//! One encoding for whatever is stored, sent, hashed or signed.
//!
//! The layout is that of Borsh 1.0 (<https://borsh.io>): fixed-width little-endian integers, `u32` lengths, `u8` tags,
//! fields in the order in which they are declared, nothing in between. It was chosen by measurement among the five that
//! were considered, for one ledger event (two digests, four legs, a memo):
//!
//! | | bytes | encode | decode | one encoding per value |
//! |---|---|---|---|---|
//! | Borsh | 399 | 69 ns | 880 ns | by specification |
//! | postcard | 335 | 347 ns | 529 ns | no: long forms of variable-width integers |
//! | minicbor | 427 | 1.5 us | 0.8-1.4 us | no |
//! | JSON (serde_json) | 768 | 1.02 us | 2.18 us | no |
//! | ciborium | 553 | 1.19 us | 5.05 us | no |
//!
//! The trait is our own because the `borsh` crate cannot say at which byte an input went wrong, does not bound depth, has no
//! names for a type's kinds, and its errors are strings. The tests hold the two equal, byte for byte.
//!
//! Rule kept: *uniqueness*. `decode` accepts `bytes` only if they are what `encode` writes for the value that it returns. It
//! deliberately describes nothing: there are no field names, no versions and no optional fields in the bytes. A format that
//! must live on carries its own version, as a tag of an enum.

use crate::{Malformed, Reader, Reason};
use alloc::vec::Vec;

/// The longest input that [`from_bytes`] accepts and the longest output of [`to_bytes`], in bytes.
pub const MAX_ENCODED: usize = 16 << 20;

/// A type with one canonical encoding. Derive it:
///
/// ```
/// use antfarm_identity::{Codec, from_bytes, to_bytes};
///
/// #[derive(Codec, PartialEq, Debug)]
/// enum Vote {
///     For { motion: u32 },
///     Against { motion: u32, because: String },
/// }
///
/// let vote = Vote::Against { motion: 7, because: "no".into() };
/// let bytes = to_bytes(&vote);
/// assert_eq!(bytes, [1, 7, 0, 0, 0, 2, 0, 0, 0, b'n', b'o']);
/// assert_eq!(from_bytes(&bytes), Ok(vote));
/// assert_eq!(Vote::KINDS, ["For", "Against"]);
/// assert_eq!(Vote::For { motion: 1 }.kind(), 0);
///
/// let error = from_bytes::<Vote>(&[2]).unwrap_err();
/// assert_eq!(error.to_string(), "at byte 0: no kind has the tag 2");
/// ```
///
/// Works for generic types too: every type parameter that occurs in a field, and every associated type of one
/// (`M::Message`), is asked to be `Codec`. Where that is not what is meant, the bounds can be written out:
/// `#[codec(bound(M::Ask: Codec, M::Message: Codec))]`. A variant's tag is its place in the declaration, so variants may
/// be added at the end but never moved. A discriminant would be a second numbering, and is refused:
///
/// ```compile_fail
/// #[derive(antfarm_identity::Codec)]
/// enum Level { Low = 1, High = 5 }
/// ```
///
/// An implementation by hand must keep uniqueness, call [`Reader::nested`] if the type can contain itself, never panic in
/// `decode`, and set [`Codec::SHORTEST`] if it is put into lists.
pub trait Codec: Sized {
    /// The names of the kinds of this type in the order of their tags: the variants of an enum; of any other type, its
    /// own name only.
    const KINDS: &'static [&'static str];

    /// A lower bound of the length of an encoding, in bytes. A list's claimed length is checked against it before anything
    /// is allocated; a list of things whose bound is 0 may hold at most [`crate::MAX_EMPTY`] of them.
    const SHORTEST: usize = 0;

    /// Which of [`Codec::KINDS`] this value is.
    #[inline]
    fn kind(&self) -> u16 {
        0
    }

    /// Appends the encoding to `out`.
    ///
    /// Panics when a list is longer than `u32` can count (or than [`crate::MAX_EMPTY`], if its elements take no bytes). A
    /// value nested deeper than [`crate::MAX_DEPTH`] encodes but does not decode.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads one value from the front of `input`. After an error the input is spent.
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed>;

    /// Appends the encodings of all `items`, without their number. For types whose lists can be copied in one go.
    #[inline]
    fn encode_all(items: &[Self], out: &mut Vec<u8>) {
        for item in items {
            item.encode(out);
        }
    }

    /// Reads `count` values; the inverse of [`Codec::encode_all`]. The caller has checked `count` by [`Reader::count`].
    #[inline]
    fn decode_all(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, Malformed> {
        // Elements may be larger in memory than in the input: reserve what the input's own size pays for, grow for the rest.
        let afforded = input.remaining() / size_of::<Self>().max(1);
        let mut items = Vec::with_capacity(count.min(afforded));
        for _ in 0..count {
            items.push(Self::decode(input)?);
        }
        Ok(items)
    }

    /// Reads exactly `N` values into an array.
    #[inline]
    fn decode_array<const N: usize>(input: &mut Reader<'_>) -> Result<[Self; N], Malformed> {
        let mut failure = None;
        let slots: [Option<Self>; N] = core::array::from_fn(|_| match failure {
            Some(_) => None,
            None => Self::decode(input).map_err(|malformed| failure = Some(malformed)).ok(),
        });
        match failure {
            Some(malformed) => Err(malformed),
            None => Ok(slots.map(|slot| slot.expect("every slot is filled unless there was a failure"))),
        }
    }
}

/// The encoding of `value`. Panics when it is longer than [`MAX_ENCODED`]: it could not be read again.
pub fn to_bytes<T: Codec>(value: &T) -> Vec<u8> {
    // At once: most encodings are short, and are digested and dropped.
    let mut out = Vec::with_capacity(128);
    value.encode(&mut out);
    assert!(out.len() <= MAX_ENCODED, "an encoding of {} bytes is too long to be decoded again", out.len());
    out
}

/// The value whose encoding is exactly `bytes`.
pub fn from_bytes<T: Codec>(bytes: &[u8]) -> Result<T, Malformed> {
    if bytes.len() > MAX_ENCODED {
        return Err(Malformed { offset: MAX_ENCODED, reason: Reason::TooLong { length: bytes.len() } });
    }
    let mut input = Reader::new(bytes);
    let value = T::decode(&mut input)?;
    input.finish()?;
    Ok(value)
}
