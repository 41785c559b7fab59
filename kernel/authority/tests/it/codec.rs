//! Every type has one encoding, and what is out of bounds is not decoded.

use crate::fixture::{grants, handed_on, helper, narrow, nonce, offer, queen, root, root_body, scopes, scout, wide};
use antfarm_authority::{
    Accounts, Body, Delegation, Grant, MAX_DELEGATIONS, MAX_SCOPES, Name, NotGranted, Offer, Scope, Scopes, Window, Writ,
};
use antfarm_identity::{Codec, Malformed, Reason, from_bytes, to_bytes};
use antfarm_machine::Wall;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// One piece of damage: a byte set, removed, or inserted, at a place given as a fraction of the length.
pub(crate) type Damage = (u16, u8, u8);

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    // Small values are the interesting ones: they are tags, booleans and high bytes of lengths.
    (any::<u16>(), 0..3u8, prop_oneof![0..6u8, any::<u8>()])
}

/// It is read back as it was, and damaged bytes are refused or are the one encoding of another value.
pub(crate) fn check<T: Codec + Eq + Debug>(value: &T, damage: &[Damage]) -> Result<(), TestCaseError> {
    let mut bytes = to_bytes(value);
    prop_assert!(bytes.len() >= T::SHORTEST);
    prop_assert_eq!(&from_bytes::<T>(&bytes).expect("it can be read back"), value);
    for &(place, how, byte) in damage {
        let at = (bytes.len() * usize::from(place)) >> 16;
        match how {
            0 if at < bytes.len() => bytes[at] = byte,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
    }
    if let Ok(other) = from_bytes::<T>(&bytes) {
        prop_assert_eq!(to_bytes(&other), bytes);
    }
    Ok(())
}

#[track_caller]
fn illegal<T: Codec + Debug>(bytes: &[u8], what: &'static str) {
    match from_bytes::<T>(bytes) {
        Err(Malformed { reason: Reason::Illegal { what: found }, .. }) => assert_eq!(found, what),
        other => panic!("{other:?} is not a refusal of `{what}`"),
    }
}

#[test]
fn what_is_out_of_bounds_is_not_decoded() {
    illegal::<Name>(&to_bytes(&String::new()), "Name");
    illegal::<Name>(&to_bytes(&"a".repeat(65)), "Name");
    illegal::<Name>(&to_bytes(&String::from("a b")), "Name");
    illegal::<Scope>(&to_bytes(&String::from("a*b")), "Scope");
    illegal::<Window>(&to_bytes(&(Wall::from_nanos(2), Wall::from_nanos(1))), "Window");
    illegal::<Delegation>(&[MAX_DELEGATIONS + 1, 0], "Delegation");

    let names = |n: usize| (0..n).map(|it| format!("t{it:03}")).collect::<BTreeSet<_>>();
    assert!(from_bytes::<Scopes>(&to_bytes(&names(MAX_SCOPES))).is_ok());
    illegal::<Scopes>(&to_bytes(&names(MAX_SCOPES + 1)), "Scopes");
}

#[test]
fn a_set_of_scopes_is_written_in_one_way() {
    // The glob covers the literal: the same set, with more bytes.
    illegal::<Scopes>(&to_bytes(&BTreeSet::from(["a*".to_owned(), "ab".to_owned()])), "Scopes");
    let twice = to_bytes(&vec!["b".to_owned(), "a".to_owned()]);
    assert!(from_bytes::<Scopes>(&twice).is_err_and(|it| it.reason == Reason::Order));
    assert_eq!(scopes(&["ab", "a*", "b"]), scopes(&["b", "a*"]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn grants_bodies_and_offers_have_one_encoding(
        grant in grants(), number in any::<u8>(), child in any::<bool>(), damage in vec(damage(), 1..4),
    ) {
        check::<Grant>(&grant, &damage)?;
        let parent = child.then(|| root_body(wide()).id());
        let body = Body { nonce: nonce(number), parent, ..root_body(grant.clone()) };
        check::<Body>(&body, &damage)?;
        check::<Offer>(&offer(&helper(), number, grant), &damage)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn writs_vouchers_and_refusals_have_one_encoding(grant in grants(), damage in vec(damage(), 1..4)) {
        let writ = Writ::issue(root_body(grant), &queen());
        check::<Writ>(&writ, &damage)?;

        let (mut accounts, parent) = (Accounts::new(scout().public()), root(wide()));
        accounts.open(&parent, None).expect("it lives here");
        let child = handed_on(&parent, &scout(), &scout(), narrow());
        accounts.draw(&child).expect("ten are enough");
        check(&accounts.drawn(&child, &scout()).expect("it was drawn"), &damage)?;
        accounts.open(&child, None).expect("it was drawn");
        accounts.close(child.id()).expect("nothing is under way");
        check(&accounts.closed(child.id(), &scout()).expect("it is closed"), &damage)?;
        check(accounts.account(parent.id()).expect("it is open"), &damage)?;

        let refused: NotGranted = parent.child(writ).expect_err("it has no parent");
        check(&refused, &damage)?;
    }
}
