//! What clients ask for besides calls, and do not get, is on the ledger with the reason; and who reads the ledger finds the same.

use crate::alone::{Alone, PULSE, hours};
use crate::docket::{Docket, QUEEN, SCOUT, STRANGER, calls, grant, second, signer, writ};
use antfarm_authority::{Amount, EffectKey, Grant, Nonce, Offer, Usdc, WritId};
use antfarm_identity::{Digest, Domain, from_bytes, to_bytes};
use antfarm_machine::MAX_SKEW;
use antfarm_node::{Ask, Asked, Declined, Drift, Fact, Judged, MAX_EFFECTS, MAX_REFUSALS, Notice};

fn denied(asked: &Asked, why: Declined) -> Fact {
    Fact::Denied { asked: asked.clone(), why, at: second(10) }
}

fn offer(parent: Option<WritId>, nonce: u8, grant: Grant) -> Asked {
    let subject = signer(SCOUT).public();
    Asked::Grant { parent, offer: Box::new(Offer { subject, nonce: Nonce([nonce; 16]), home: subject, grant }) }
}

fn effect(number: u64) -> EffectKey {
    let digest = Digest::of(Domain::new("antfarm 2026 test denials"), &number.to_le_bytes());
    from_bytes(&to_bytes(&digest)).expect("a key is any digest")
}

/// The ledger shows that it was declined rightly for this reason, and for no other.
#[track_caller]
fn only(docket: &Docket, asked: &Asked, why: Declined) {
    docket.check(&denied(asked, why), Ok(Judged::Derived));
    for other in [Declined::Busy, Declined::NotRoot, Declined::NotGiver, Declined::Underway, Declined::Budget] {
        if other != why {
            docket.drifts(&denied(asked, other), Drift::Denied { derived: Some(why) });
        }
    }
}

/// Nothing on the ledger speaks against it.
#[track_caller]
fn none(docket: &Docket, asked: &Asked, why: Declined) {
    docket.drifts(&denied(asked, why), Drift::Denied { derived: None });
}

#[test]
fn a_grant_is_declined_for_what_the_ledger_says_or_for_what_it_cannot_show() {
    let (mut docket, mine) = Docket::with_writ(QUEEN);
    let unknown = writ(QUEEN, SCOUT, None, Grant { budget: calls(1), ..grant() }).id();
    only(&docket, &offer(Some(unknown), 1, grant()), Declined::Unknown);
    only(
        &docket,
        &offer(Some(mine), 1, Grant { budget: Amount { money: Usdc(101), ..Amount::ZERO }, ..grant() }),
        Declined::Widened,
    );
    // The prefix of nonces that runs have.
    let mut run = [0; 16];
    run[..4].copy_from_slice(b"run:");
    let subject = signer(SCOUT).public();
    let reserved = Offer { subject, nonce: Nonce(run), home: subject, grant: grant() };
    only(&docket, &Asked::Grant { parent: Some(mine), offer: Box::new(reserved) }, Declined::Reserved);
    let part = Grant { delegation: docket.part(mine, SCOUT, calls(1)).body.grant.delegation, ..grant() };
    let good = offer(Some(mine), 1, part);
    docket.check(&denied(&good, Declined::Budget), Ok(Judged::Unshown));
    none(&docket, &good, Declined::NotRoot);
    none(&docket, &good, Declined::Busy);
    only(&Docket::of(SCOUT), &offer(None, 1, grant()), Declined::NotRoot);
    none(&docket, &offer(None, 1, grant()), Declined::NotRoot);
    let other = writ(QUEEN, STRANGER, None, grant());
    docket.record(Fact::Known { writ: other.clone() });
    only(&docket, &offer(Some(other.id()), 1, grant()), Declined::NotHolder);
}

#[test]
fn what_else_is_declined_follows_from_the_ledger() {
    let (mut docket, mine) = Docket::with_writ(QUEEN);
    let other = writ(QUEEN, STRANGER, None, grant());
    let unknown = other.id();
    only(&docket, &Asked::Revoke { writ: unknown }, Declined::Unknown);
    none(&docket, &Asked::Revoke { writ: mine }, Declined::NotGiver);
    only(&Docket::with_writ(SCOUT).0, &Asked::Revoke { writ: Docket::with_writ(SCOUT).1 }, Declined::NotGiver);
    only(&docket, &Asked::Close { writ: unknown }, Declined::Unknown);
    none(&docket, &Asked::Close { writ: mine }, Declined::Underway);
    only(&docket, &Asked::Resolve { key: effect(1), happened: true }, Declined::Over);
    let work = |writ, nonce| Asked::Work { writ, nonce: Nonce([nonce; 16]) };
    only(&docket, &work(unknown, 1), Declined::Unknown);
    only(&docket, &work(mine, 7), Declined::Reserved);
    docket.check(&denied(&work(mine, 1), Declined::Over), Ok(Judged::Unshown));
    none(&docket, &work(mine, 1), Declined::Underway);
    docket.record(Fact::Known { writ: other });
    only(&docket, &work(unknown, 1), Declined::NotHolder);
    docket.record(Fact::Closed { writ: mine });
    only(&docket, &Asked::Close { writ: mine }, Declined::Over);
    only(&docket, &work(mine, 1), Declined::Over);
}

#[test]
fn what_is_declined_is_on_the_ledger_and_a_flood_of_it_is_not() {
    let mut it = Alone::new(MAX_EFFECTS);
    let revoke =
        |number| Ask::Revoke { writ: from_bytes(&to_bytes(&effect(number).digest())).expect("a writ's id is any digest") };
    let records = |it: &Alone| it.node.ledger().durable().expect("its log is open").records;
    let why = |it: &Alone| match it.told.as_slice() {
        [Notice::Declined { why, .. }] => *why,
        told => panic!("{told:?}"),
    };
    for _ in 0..3 {
        let before = records(&it);
        for number in 0..u64::from(MAX_REFUSALS) {
            it.ask(revoke(number));
            assert_eq!(why(&it), Declined::Unknown);
        }
        assert_eq!(records(&it), before + u64::from(MAX_REFUSALS), "each is on the ledger");
        it.ask(revoke(0));
        assert_eq!((why(&it), records(&it)), (Declined::Busy, before + u64::from(MAX_REFUSALS)));
        it.wait(PULSE);
    }
    it.restart();
    it.wait(hours(1) + MAX_SKEW);
}
