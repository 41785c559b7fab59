//! A value with a checksum of its encoding, for what passes through hands that damage by accident.
//!
//! It does not say who sealed it: anybody can. Use a [`crate::Signature`] for that.

use crate::{Codec, Malformed, Reader, checksum};
use alloc::vec::Vec;

/// A value and the [`checksum`] of its encoding. Its kinds are the kinds of the value.
///
/// Decoding checks the form only, so that damage can be delivered; [`Sealed::open`] checks the sum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sealed<T> {
    body: T,
    check: u64,
}

impl<T: Codec> Sealed<T> {
    /// Seals `body`.
    pub fn new(body: T) -> Self {
        let check = sum(&body);
        Self { body, check }
    }

    /// The body, if it is what was sealed.
    pub fn open(self) -> Option<T> {
        (sum(&self.body) == self.check).then_some(self.body)
    }
}

impl<T> Sealed<T> {
    /// The body as it came, not checked; for printing.
    pub fn peek(&self) -> &T {
        &self.body
    }
}

fn sum<T: Codec>(body: &T) -> u64 {
    let mut bytes = Vec::with_capacity(128);
    body.encode(&mut bytes);
    checksum(&bytes)
}

impl<T: Codec> Codec for Sealed<T> {
    const KINDS: &'static [&'static str] = T::KINDS;
    const SHORTEST: usize = T::SHORTEST + 8;
    #[inline]
    fn kind(&self) -> u16 {
        self.body.kind()
    }
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        self.body.encode(out);
        self.check.encode(out);
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { body: T::decode(input)?, check: u64::decode(input)? })
    }
}
