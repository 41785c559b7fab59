//! Encodings of tuples and of ranges: the parts, in order.

use crate::{Codec, Malformed, Reader};
use alloc::vec::Vec;
use core::ops::Range;

macro_rules! tuples {
    ($(($($part:ident $index:tt),*))*) => {$(
        impl<$($part: Codec),*> Codec for ($($part,)*) {
            const KINDS: &'static [&'static str] = &["tuple"];
            const SHORTEST: usize = 0 $(+ $part::SHORTEST)*;
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)*
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(($($part::decode(input)?,)*))
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}

/// Start and end; a range may be empty or run backwards, as it may in memory.
impl<T: Codec> Codec for Range<T> {
    const KINDS: &'static [&'static str] = &["Range"];
    const SHORTEST: usize = T::SHORTEST * 2;
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        self.start.encode(out);
        self.end.encode(out);
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(T::decode(input)?..T::decode(input)?)
    }
}
