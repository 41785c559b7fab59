//! Encodings of things that hold many: a `u32` number of elements, then the elements; arrays without the number. Sets and
//! maps are written in ascending order of their keys, and read in no other.

use crate::{Codec, MAX_EMPTY, Malformed, Reader, Reason};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Appends the number of elements of a list of `T`.
#[inline]
fn encode_count<T: Codec>(count: usize, out: &mut Vec<u8>) {
    assert!(T::SHORTEST > 0 || count <= MAX_EMPTY, "a list of {count} things that take no bytes could not be decoded again");
    let count = u32::try_from(count).expect("a list that is encoded has less than 2^32 elements");
    out.extend_from_slice(&count.to_le_bytes());
}

#[inline]
fn encode_slice<T: Codec>(items: &[T], out: &mut Vec<u8>) {
    encode_count::<T>(items.len(), out);
    T::encode_all(items, out);
}

#[inline]
fn decode_vec<T: Codec>(input: &mut Reader<'_>) -> Result<Vec<T>, Malformed> {
    let count = input.count::<T>()?;
    T::decode_all(count, input)
}

/// Reads elements whose keys must ascend strictly.
fn decode_ascending<T: Codec, K: Ord>(input: &mut Reader<'_>, key: impl Fn(&T) -> &K) -> Result<Vec<T>, Malformed> {
    let count = input.count::<T>()?;
    let mut items = Vec::<T>::new();
    for _ in 0..count {
        let offset = input.offset();
        let item = T::decode(input)?;
        if items.last().is_some_and(|last| key(last) >= key(&item)) {
            return Err(Malformed { offset, reason: Reason::Order });
        }
        items.push(item);
    }
    Ok(items)
}

macro_rules! slices {
    ($($name:literal $list:ty),*) => {$(
        impl<T: Codec> Codec for $list {
            const KINDS: &'static [&'static str] = &[$name];
            const SHORTEST: usize = 4;
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                encode_slice(self, out);
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                decode_vec(input).map(Self::from)
            }
        }
    )*};
}

slices!("Vec" Vec<T>, "Box" Box<[T]>, "Arc" Arc<[T]>);

impl<T: Codec> Codec for VecDeque<T> {
    const KINDS: &'static [&'static str] = &["VecDeque"];
    const SHORTEST: usize = 4;
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        encode_count::<T>(self.len(), out);
        let (front, back) = self.as_slices();
        T::encode_all(front, out);
        T::encode_all(back, out);
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        decode_vec(input).map(Self::from)
    }
}

impl<T: Codec, const N: usize> Codec for [T; N] {
    const KINDS: &'static [&'static str] = &["array"];
    const SHORTEST: usize = T::SHORTEST * N;
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        T::encode_all(self, out);
    }
    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::decode_array(input)
    }
}

impl<T: Codec + Ord> Codec for BTreeSet<T> {
    const KINDS: &'static [&'static str] = &["BTreeSet"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        encode_count::<T>(self.len(), out);
        for item in self {
            item.encode(out);
        }
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        decode_ascending(input, |item: &T| item).map(Self::from_iter)
    }
}

impl<K: Codec + Ord, V: Codec> Codec for BTreeMap<K, V> {
    const KINDS: &'static [&'static str] = &["BTreeMap"];
    const SHORTEST: usize = 4;
    fn encode(&self, out: &mut Vec<u8>) {
        encode_count::<(K, V)>(self.len(), out);
        for (key, value) in self {
            key.encode(out);
            value.encode(out);
        }
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        decode_ascending(input, |item: &(K, V)| &item.0).map(Self::from_iter)
    }
}

macro_rules! texts {
    ($($name:literal $text:ty),*) => {$(
        impl Codec for $text {
            const KINDS: &'static [&'static str] = &[$name];
            const SHORTEST: usize = 4;
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                encode_slice(self.as_bytes(), out);
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                input.text().map(Self::from)
            }
        }
    )*};
}

texts!("String" String, "str" Box<str>, "str" Arc<str>);
