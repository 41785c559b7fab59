//! Random values and random damage: the layout is Borsh's, and every accepted input is the one encoding of its value.

use antfarm_identity::{Codec, Sealed, checksum, from_bytes, to_bytes};
use borsh::{BorshDeserialize, BorshSerialize};
use proptest::collection::{btree_map, btree_set, vec, vec_deque};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

#[derive(Codec, BorshSerialize, BorshDeserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Leg {
    from: [u8; 4],
    amount: i128,
}

/// A value of every type that both codecs have.
#[derive(Codec, BorshSerialize, BorshDeserialize, Clone, PartialEq, Debug)]
enum Event {
    Nothing,
    Numbers(u8, u16, u32, u64, u128, i8, i16, i32, i64),
    Legs { legs: Vec<Leg>, memo: String, done: bool },
    Many(VecDeque<u16>, BTreeSet<Leg>, BTreeMap<String, Option<bool>>),
    Inside(Box<Self>, Arc<Self>, [Option<u32>; 3], (bool, i8)),
}

fn leg() -> impl Strategy<Value = Leg> {
    (any::<[u8; 4]>(), any::<i128>()).prop_map(|(from, amount)| Leg { from, amount })
}

fn event() -> impl Strategy<Value = Event> {
    let numbers = any::<(u8, u16, u32, u64, u128, i8, i16, i32, i64)>();
    let many = (vec_deque(any::<u16>(), 0..4), btree_set(leg(), 0..4), btree_map(".{0,3}", any::<Option<bool>>(), 0..4));
    let flat = prop_oneof![
        Just(Event::Nothing),
        numbers.prop_map(|(a, b, c, d, e, f, g, h, i)| Event::Numbers(a, b, c, d, e, f, g, h, i)),
        (vec(leg(), 0..4), ".{0,8}", any::<bool>()).prop_map(|(legs, memo, done)| Event::Legs { legs, memo, done }),
        many.prop_map(|(list, set, map)| Event::Many(list, set, map)),
    ];
    flat.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), inner, any::<[Option<u32>; 3]>(), any::<(bool, i8)>())
            .prop_map(|(left, right, array, pair)| Event::Inside(left.into(), right.into(), array, pair))
    })
}

/// One piece of damage: a byte set, cut, doubled or inserted at a place given as a fraction of the length.
fn damaged(mut bytes: Vec<u8>, place: u16, how: u8, value: u8) -> Vec<u8> {
    let at = (bytes.len() * usize::from(place)) >> 16;
    match how % 4 {
        0 if at < bytes.len() => bytes[at] = value,
        1 if at < bytes.len() => drop(bytes.remove(at)),
        2 => bytes.truncate(at),
        _ => bytes.insert(at, value),
    }
    bytes
}

/// Small values are the interesting ones: they are tags, booleans and high bytes of lengths.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![0..6u8, any::<u8>()]
}

/// Accepts what Borsh accepts, as the same value, and nothing that it would not write itself.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let (ours, theirs) = (from_bytes::<Event>(bytes), borsh::from_slice::<Event>(bytes));
    prop_assert_eq!(ours.as_ref().ok(), theirs.as_ref().ok());
    match ours {
        Ok(event) => prop_assert_eq!(to_bytes(&event), bytes),
        Err(malformed) => prop_assert!(malformed.offset <= bytes.len()),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_are_written_as_borsh_writes_them_and_read_back(event in event()) {
        let bytes = to_bytes(&event);
        prop_assert_eq!(&bytes, &borsh::to_vec(&event).expect("writing to memory does not fail"));
        prop_assert_eq!(from_bytes(&bytes), Ok(event));
    }

    #[test]
    fn damaged_encodings_are_refused_or_are_the_encoding_of_another_value(
        event in event(),
        damage in vec((any::<u16>(), any::<u8>(), byte()), 1..4),
    ) {
        let bytes = to_bytes(&event);
        check(&damage.into_iter().fold(bytes, |bytes, (place, how, value)| damaged(bytes, place, how, value)))?;
    }

    #[test]
    fn nonsense_is_refused_or_is_the_encoding_of_some_value(bytes in vec(byte(), 0..200)) {
        check(&bytes)?;
    }

}

proptest! {
    // Each case is some thousand inputs.
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_flipped_bit_is_refused_or_gives_another_value_and_the_seal_sees_it(event in event()) {
        let mut bytes = to_bytes(&Sealed::new(event.clone()));
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(sealed) = from_bytes::<Sealed<Event>>(&bytes) {
                prop_assert_eq!(&to_bytes(&sealed), &bytes);
                prop_assert_eq!(sealed.open(), None);
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        prop_assert_eq!(from_bytes::<Sealed<Event>>(&bytes).map(Sealed::open), Ok(Some(event)));
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Not a matter of luck: see the header of `fold.rs`.
    #[test]
    fn the_checksum_sees_every_change_within_one_word(
        bytes in vec(any::<u8>(), 1..600), word in any::<prop::sample::Index>(), change in 1..u64::MAX,
    ) {
        let mut changed = bytes.clone();
        let words = changed.chunks_mut(8).count();
        let word = changed.chunks_mut(8).nth(word.index(words)).expect("an index of a word");
        for (byte, change) in word.iter_mut().zip(change.to_le_bytes()) {
            *byte ^= change;
        }
        prop_assert_eq!(checksum(&changed) == checksum(&bytes), changed == bytes);
    }
}

#[test]
fn the_checksum_sees_every_flipped_bit_and_every_cut_of_messages_up_to_256_bytes() {
    let mut bytes: Vec<u8> = (0..=255u8).map(|n| n.wrapping_mul(31)).collect();
    for length in 0..=bytes.len() {
        let sum = checksum(&bytes[..length]);
        for bit in 0..length * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(checksum(&bytes[..length]), sum, "bit {bit} of {length} bytes");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert!((0..length).all(|cut| checksum(&bytes[..cut]) != sum));
    }
}

/// Two flips defeat no bijection, so here luck is needed, and 64 bits of it: all pairs of flips of a 64-byte message differ.
#[test]
fn the_checksums_of_all_pairs_of_flips_of_a_message_differ() {
    let mut bytes = [0x5au8; 64];
    let mut sums = BTreeSet::from([checksum(&bytes)]);
    let flip = |bytes: &mut [u8; 64], bit: usize| bytes[bit / 8] ^= 1 << (bit % 8);
    for first in 0..512 {
        flip(&mut bytes, first);
        assert!(sums.insert(checksum(&bytes)), "bit {first}");
        for second in 0..first {
            flip(&mut bytes, second);
            assert!(sums.insert(checksum(&bytes)), "bits {first} and {second}");
            flip(&mut bytes, second);
        }
        flip(&mut bytes, first);
    }
}
