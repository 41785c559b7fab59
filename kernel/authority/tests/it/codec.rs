//! Every type has one encoding, and what is out of bounds is not decoded.

use crate::fixture::{grants, handed_on, helper, name, narrow, nonce, offer, queen, root, root_body, scopes, scout, wide};
use antfarm_authority::{
    Accounts, Amount, BadArgs, Body, Bytes, COMPILER, Calls, Class, Contract, Delegation, Dimension, Grant, Inquiry, Intent,
    MAX_DELEGATIONS, MAX_SCOPES, Name, NoStanding, Nonce, NotGranted, Offer, Proposal, Refusal, Resolution, Revocation,
    Revocations, Scope, Scopes, Shortage, Standing, Status, Tenant, Text, Tokens, Unmet, Usdc, Window, Writ,
};
use antfarm_identity::{Codec, Digest, Malformed, PublicKey, Reason, Signer, from_bytes, to_bytes};
use antfarm_machine::{Span, Wall};
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

fn names() -> impl Strategy<Value = Name> {
    "[a-zA-Z0-9._/:-]{1,8}".prop_map(|it| name(&it))
}

fn amounts() -> impl Strategy<Value = Amount> {
    any::<[u64; 4]>().prop_map(|[tokens, calls, time, money]| Amount {
        tokens: Tokens(tokens),
        calls: Calls(calls),
        time: Span::from_nanos(time),
        money: Usdc(money),
    })
}

fn digests() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

fn keys() -> impl Strategy<Value = PublicKey> {
    (1..5u64).prop_map(|it| Signer::insecure(it).public())
}

fn classes() -> impl Strategy<Value = Class> {
    prop::sample::select(vec![Class::Pure, Class::Read, Class::Write, Class::External, Class::Irreversible])
}

fn resolutions() -> impl Strategy<Value = Resolution> {
    (0..3u8, any::<u64>()).prop_map(|(kind, nanos)| match (kind, Span::from_nanos(nanos)) {
        (0, retention) => Resolution::Keyed { retention },
        (1, retention) => Resolution::Closable { retention },
        _ => Resolution::Blind,
    })
}

fn intents() -> impl Strategy<Value = Intent> {
    let parts = (names(), keys(), keys(), any::<[u8; 16]>(), names(), ".{0,6}", vec(any::<u8>(), 0..6), ".{0,6}");
    parts.prop_map(|(owner, author, origin, bytes, tool, target, args, rationale)| Intent {
        tenant: Tenant(owner),
        author,
        origin,
        nonce: Nonce(bytes),
        until: Wall::from_nanos(args.len() as u64),
        tool,
        target: Text::new(&target).expect("short"),
        args: Bytes::new(&args).expect("short"),
        rationale: Text::new(&rationale).expect("short"),
    })
}

fn contracts() -> impl Strategy<Value = Contract> {
    (names(), classes(), resolutions(), amounts()).prop_map(|(tool, class, resolution, cost)| Contract {
        tool,
        class,
        resolution,
        cost,
    })
}

/// One of each kind.
fn refusals() -> impl Strategy<Value = Refusal> {
    (keys(), names(), any::<(u64, u64)>(), classes(), digests(), 0..21u8).prop_map(
        |(key, owner, (one, two), class, rule, kind)| {
            let (from, at, writ) = (Wall::from_nanos(one), Wall::from_nanos(two), root_body(wide()).id());
            match kind {
                0 => Refusal::NotHome { home: key },
                1 => Refusal::Tenant { tenant: Tenant(owner) },
                2 => Refusal::NotSubject { subject: key },
                3 => Refusal::Revoked { writ },
                4 => Refusal::NoStanding(NoStanding { giver: key, lapsed: one > two }),
                5 => Refusal::Early { not_before: from, at },
                6 => Refusal::Expired { expires_at: from, at },
                7 => Refusal::Scope,
                8 => Refusal::UnknownTool,
                9 => Refusal::Ceiling { class },
                10 => Refusal::Args(BadArgs::Malformed { at: u32::MAX }),
                11 => Refusal::NoAccount,
                12 => Refusal::AccountClosed,
                13 => Refusal::SeenExpired,
                14 => Refusal::Budget(Shortage { dimension: Dimension::Money, free: one, wanted: two }),
                15 => Refusal::Busy,
                16 => Refusal::Unmet(Unmet::Version { expected: one, found: two }),
                17 => Refusal::Retold { first: rule },
                18 => Refusal::Stale { until: from, at },
                19 => Refusal::Distant { until: from, at },
                _ => Refusal::Denied { rule },
            }
        },
    )
}

#[test]
fn what_is_too_long_is_not_decoded() {
    assert!(from_bytes::<Text<3>>(&to_bytes(&String::from("abc"))).is_ok());
    illegal::<Text<3>>(&to_bytes(&String::from("abcd")), "Text");
    illegal::<Bytes<3>>(&to_bytes(&vec![0u8; 4]), "Bytes");
    let bad = from_bytes::<Text<3>>(&[2, 0, 0, 0, b'a', 0xff]);
    assert_eq!(bad, Err(Malformed { offset: 5, reason: Reason::Text }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn intents_contracts_proposals_and_refusals_have_one_encoding(
        intent in intents(), contract in contracts(), refusal in refusals(), rule in prop::option::of(digests()),
        until in prop::option::of(any::<u64>()), damage in vec(damage(), 1..4),
    ) {
        check(&intent, &damage)?;
        check(&contract, &damage)?;
        check(&refusal, &damage)?;
        let Contract { tool, class, resolution, cost } = contract;
        let status = rule.map_or(Status::Staged, |rule| Status::Suspended { rule });
        let (writ, key, digest) = (root_body(wide()).id(), intent.key(), intent.digest());
        let (compiler, policy, deadline) = (COMPILER, digest, until.map(Wall::from_nanos));
        let proposal =
            Proposal { compiler, policy, intent: digest, key, writ, tool, class, resolution, cost, status, deadline };
        check(&proposal, &damage)?;
    }
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

        check(&Revocation::sign(&child, &queen()), &damage)?;
        let inquiry = Inquiry { writ: parent.id(), giver: queen().public(), holder: scout().public(), epoch: 1, number: 2 };
        check(&inquiry, &damage)?;
        check(&Standing::answer(inquiry, &parent, &Revocations::new(), &queen()).expect("it stands"), &damage)?;
        let refused: NotGranted = parent.child(writ).expect_err("it has no parent");
        check(&refused, &damage)?;
    }
}
