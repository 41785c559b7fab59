//! The boundary's types are encoded as the derive would, had their crate the derive.

use antfarm_identity::{Codec, to_bytes};
use antfarm_machine as machine;
use machine::{Object, PeerId, Ticket};
use std::ops::Range;

#[derive(Codec)]
enum Operation {
    List,
    Read { object: String, range: Range<u64> },
    AppendAt { object: String, expected_end: u64, bytes: Vec<u8> },
    Truncate { object: String, length: u64 },
    Remove { object: String },
}

#[derive(Codec)]
enum Outcome {
    Done,
    Data(Vec<u8>),
    Listed(Vec<(String, u64)>),
    Conflict { end: u64 },
    Full,
    Failed,
}

#[track_caller]
fn check<T: Codec, M: Codec>(boundary: T, mirror: M) {
    assert_eq!(to_bytes(&boundary), to_bytes(&mirror));
    assert_eq!((T::KINDS, boundary.kind(), T::SHORTEST), (M::KINDS, mirror.kind(), M::SHORTEST));
}

#[test]
fn requests_and_receipts_are_encoded_as_derived() {
    let name = || "a.0".to_string();
    let object = || Object::new(&name()).expect("a legal name");
    check(machine::Operation::List, Operation::List);
    check(machine::Operation::Read { object: object(), range: 1..2 }, Operation::Read { object: name(), range: 1..2 });
    check(
        machine::Operation::AppendAt { object: object(), expected_end: 3, bytes: vec![4, 5] },
        Operation::AppendAt { object: name(), expected_end: 3, bytes: vec![4, 5] },
    );
    check(machine::Operation::Truncate { object: object(), length: 6 }, Operation::Truncate { object: name(), length: 6 });
    check(machine::Operation::Remove { object: object() }, Operation::Remove { object: name() });
    check(machine::Outcome::Done, Outcome::Done);
    check(machine::Outcome::Data(vec![7]), Outcome::Data(vec![7]));
    check(machine::Outcome::Listed(vec![machine::Entry { object: object(), length: 8 }]), Outcome::Listed(vec![(name(), 8)]));
    check(machine::Outcome::Conflict { end: 9 }, Outcome::Conflict { end: 9 });
    check(machine::Outcome::Full, Outcome::Full);
    check(machine::Outcome::Failed, Outcome::Failed);
}

#[test]
fn the_wrappers_are_transparent() {
    assert_eq!(to_bytes(&PeerId::new(7)), to_bytes(&7u32));
    assert_eq!(to_bytes(&Ticket(7)), to_bytes(&7u64));
}
