//! Encodings of things that hold at most one: an option has a tag; boxes and shared pointers leave no trace in the bytes.

use crate::{Codec, Malformed, Reader};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

impl<T: Codec> Codec for Option<T> {
    const KINDS: &'static [&'static str] = &["None", "Some"];
    const SHORTEST: usize = 1;
    #[inline]
    fn kind(&self) -> u16 {
        u16::from(self.is_some())
    }
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                value.encode(out);
            }
        }
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        match input.tag(2)? {
            0 => Ok(None),
            _ => T::decode(input).map(Some),
        }
    }
}

macro_rules! pointers {
    ($($pointer:ident),*) => {$(
        impl<T: Codec> Codec for $pointer<T> {
            const KINDS: &'static [&'static str] = T::KINDS;
            const SHORTEST: usize = T::SHORTEST;
            #[inline]
            fn kind(&self) -> u16 {
                T::kind(self)
            }
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                T::encode(self, out);
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                T::decode(input).map(Self::new)
            }
        }
    )*};
}

pointers!(Box, Arc);
