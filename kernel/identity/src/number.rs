//! Encodings of integers, booleans and nothing. There are none for floats, `usize` and `isize`: those differ between targets.

use crate::{Codec, Malformed, Reader};
use alloc::vec::Vec;
use core::marker::PhantomData;

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl Codec for $int {
            const KINDS: &'static [&'static str] = &[stringify!($int)];
            const SHORTEST: usize = size_of::<Self>();
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self::from_le_bytes(input.array()?))
            }
        }
    )*};
}

integers!(u16, u32, u64, u128, i8, i16, i32, i64, i128);

/// Lists of bytes are copied in one go.
impl Codec for u8 {
    const KINDS: &'static [&'static str] = &["u8"];
    const SHORTEST: usize = 1;
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [byte] = input.array()?;
        Ok(byte)
    }
    #[inline]
    fn encode_all(items: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(items);
    }
    #[inline]
    fn decode_all(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, Malformed> {
        Ok(Vec::from(input.take(count)?))
    }
    #[inline]
    fn decode_array<const N: usize>(input: &mut Reader<'_>) -> Result<[Self; N], Malformed> {
        input.array()
    }
}

impl Codec for bool {
    const KINDS: &'static [&'static str] = &["false", "true"];
    const SHORTEST: usize = 1;
    #[inline]
    fn kind(&self) -> u16 {
        u16::from(*self)
    }
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(input.tag(2)? == 1)
    }
}

impl Codec for () {
    const KINDS: &'static [&'static str] = &["()"];
    #[inline]
    fn encode(&self, _: &mut Vec<u8>) {}
    #[inline]
    fn decode(_: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(())
    }
}

impl<T> Codec for PhantomData<T> {
    const KINDS: &'static [&'static str] = &["PhantomData"];
    #[inline]
    fn encode(&self, _: &mut Vec<u8>) {}
    #[inline]
    fn decode(_: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self)
    }
}
