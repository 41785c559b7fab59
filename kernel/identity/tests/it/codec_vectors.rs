//! Pinned encodings: whoever changes one of these lines has changed what every stored ledger means.

use antfarm_identity::{Codec, Fold, Malformed, Reason, Sealed, checksum, from_bytes, to_bytes};
use antfarm_machine::{Entry, Mono, Now, Object, Operation, Outcome, PeerId, Ppm, Receipt, Request, Span, Ticket, Wall};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;
use std::sync::Arc;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn check<T: Codec + PartialEq + Debug>(value: T, expected: &str) {
    let bytes = to_bytes(&value);
    assert_eq!(hex(&bytes), expected.replace(' ', ""));
    assert!(bytes.len() >= T::SHORTEST, "the stated lower bound holds");
    assert_eq!(from_bytes(&bytes), Ok(value));
}

#[track_caller]
fn refuse<T: Codec + PartialEq + Debug>(bytes: &[u8], offset: usize, reason: Reason) {
    assert_eq!(from_bytes::<T>(bytes), Err(Malformed { offset, reason }));
}

#[test]
fn plain_values_have_the_pinned_encoding() {
    check(0xabu8, "ab");
    check(0x1234u16, "34 12");
    check(-2i32, "fe ff ff ff");
    check(0x0102_0304_0506_0708u64, "08 07 06 05 04 03 02 01");
    check(1u128 << 120, "00000000000000000000000000000001");
    check(i64::MIN, "00 00 00 00 00 00 00 80");
    check(true, "01");
    check((), "");
    check((1u8, 2u16, 3u32, 4u8), "01 0200 03000000 04");
    check([1u8, 2, 3], "01 02 03");
    check([Some(1u8), None], "01 01 00");
    check(Some(7u16), "01 07 00");
    check(None::<u16>, "00");
    check(Box::new(5u8), "05");
    check(Arc::new(5u8), "05");
    check(3u8..9, "03 09");
}

#[test]
fn things_that_hold_many_have_the_pinned_encoding() {
    check(vec![1u8, 2], "02000000 01 02");
    check(vec![1u16, 2], "02000000 0100 0200");
    check(vec![(), (), ()], "03000000");
    check(VecDeque::from([1u16, 2]), "02000000 0100 0200");
    check(String::from("a\u{e9}"), "03000000 61 c3 a9");
    check(Arc::<str>::from("a"), "01000000 61");
    check(Arc::<[u16]>::from([1, 2]), "02000000 0100 0200");
    check(BTreeSet::from([3u8, 1]), "02000000 01 03");
    check(BTreeMap::from([(3u8, true), (1, false)]), "02000000 01 00 03 01");
}

#[test]
fn the_boundary_has_the_pinned_encoding() {
    let object = Object::new("log.0").expect("a legal name");
    check(PeerId::new(7), "07000000");
    check(Span::from_micros(1), "e803000000000000");
    check(Ppm(-1), "ffffffff");
    check(Now { mono: Mono::from_nanos(1), wall: Wall::from_nanos(2) }, "0100000000000000 0200000000000000");
    check(object.clone(), "05000000 6c6f672e30");
    check(Request { ticket: Ticket(9), operation: Operation::List }, "0900000000000000 00");
    check(Operation::Read { object: object.clone(), range: 1..2 }, "01 05000000 6c6f672e30 0100000000000000 0200000000000000");
    check(
        Operation::AppendAt { object: object.clone(), expected_end: 3, bytes: vec![255] },
        "02 05000000 6c6f672e30 0300000000000000 01000000 ff",
    );
    check(Operation::Truncate { object: object.clone(), length: 4 }, "03 05000000 6c6f672e30 0400000000000000");
    check(Operation::Remove { object: object.clone() }, "04 05000000 6c6f672e30");
    check(Receipt { ticket: Ticket(1), outcome: Outcome::Done }, "0100000000000000 00");
    check(Outcome::Data(vec![9]), "01 01000000 09");
    check(Outcome::Listed(vec![Entry { object, length: 5 }]), "02 01000000 05000000 6c6f672e30 0500000000000000");
    check(Outcome::Conflict { end: 6 }, "03 0600000000000000");
    check(Outcome::Full, "04");
    check(Outcome::Failed, "05");
}

#[test]
fn a_second_encoding_of_a_value_is_refused_where_it_begins() {
    refuse::<bool>(&[2], 0, Reason::Tag { tag: 2 });
    refuse::<(u8, Option<u8>)>(&[0, 9, 1], 1, Reason::Tag { tag: 9 });
    refuse::<BTreeSet<u8>>(&[2, 0, 0, 0, 1, 1], 5, Reason::Order);
    refuse::<BTreeMap<u8, u8>>(&[2, 0, 0, 0, 2, 0, 1, 0], 6, Reason::Order);
    refuse::<u8>(&[1, 2, 3], 1, Reason::Trailing { extra: 2 });
    refuse::<String>(&[3, 0, 0, 0, b'a', 0xff, b'a'], 5, Reason::Text);
    refuse::<Object>(&[1, 0, 0, 0, b'/'], 0, Reason::Illegal { what: "Object" });
}

#[test]
fn a_length_is_refused_before_anything_is_allocated() {
    refuse::<Vec<u8>>(&[255, 255, 255, 255], 0, Reason::Count { count: u32::MAX });
    refuse::<Vec<u64>>(&[2, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], 0, Reason::Count { count: 2 });
    refuse::<Vec<()>>(&[1, 0, 1, 0], 0, Reason::Count { count: 65_537 });
    refuse::<Vec<Vec<()>>>(&[2, 0, 0, 0, 0, 0, 0, 0], 0, Reason::Count { count: 2 });
    refuse::<u32>(&[1, 2, 3], 0, Reason::Ended { missing: 1 });
    let long = vec![0; antfarm_identity::MAX_ENCODED + 1];
    refuse::<Vec<u8>>(&long, long.len() - 1, Reason::TooLong { length: long.len() });
}

#[test]
fn a_queue_is_written_from_front_to_back_wherever_it_lies_in_memory() {
    let mut queue = VecDeque::from([2u8, 3]);
    queue.push_front(1);
    let (front, back) = queue.as_slices();
    assert!(!front.is_empty() && !back.is_empty(), "the queue is in two parts: {front:?} {back:?}");
    check(queue, "03000000 01 02 03");
}

/// Computed by a second implementation, written from the formula alone.
#[test]
fn checksums_are_the_pinned_ones() {
    let bytes: Vec<u8> = (0..=255).collect();
    let sums = [0, 1, 7, 8, 9, 31, 127, 128, 200, 256].map(|n| checksum(&bytes[..n]));
    let mut fold = Fold::new();
    fold.absorb_u64(1);
    fold.absorb(b"ant");
    fold.absorb(b"farm");
    assert_eq!(fold.value(), 0xdc90_1ab1_772d_2579);
    assert_eq!(
        sums,
        [
            0xf44f_65d1_0020_b65e,
            0x7419_07f4_1b01_5950,
            0x80da_a629_63df_5dab,
            0x51bd_943f_959e_0e15,
            0x9f9c_6a9f_fdbd_b486,
            0xdedc_5143_30a3_2ac0,
            0xca61_0133_7dc0_b5ef,
            0x6793_45b5_48eb_a81e,
            0x1c6a_8a97_5e25_668a,
            0x0b74_a4b2_5725_b2bf
        ]
    );
}

#[test]
fn a_seal_follows_its_body() {
    check(Sealed::new(1u8), "01 2412128801a37709");
    assert_eq!(<Sealed<Option<u8>>>::KINDS, ["None", "Some"]);
    assert_eq!(Sealed::new(Some(1u8)).kind(), 1);
}
