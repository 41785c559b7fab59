//! A log in which one fact is not as an honest node records it: judging finds that fact, and says what is wrong with it.

use crate::docket::{
    Docket, QUEEN, SCOUT, STRANGER, calls, colony, done, drawn, grant, head, intent, log, proposal, second, signature, signer,
    started, writ,
};
use crate::fixture::{create, key, name, tenant, value};
use antfarm_authority::{
    Amount, CloseRefusal, Closed, Delegation, Dimension, DrawRefusal, Grant, OpenRefusal, ReclaimRefusal, Reclaimed, Revocation,
    RevocationRefusal, Shortage, Usdc, Writ, WritId,
};
use antfarm_identity::{Domain, from_bytes, to_bytes};
use antfarm_machine::{MAX_SKEW, Span, Wall};
use antfarm_node::{Delta, Drift, Fact, Fork, Judged, Key, Op};

fn known(writ: &Writ) -> Fact {
    Fact::Known { writ: writ.clone() }
}

fn delegated(writ: &Writ) -> Fact {
    Fact::Delegated { writ: writ.clone() }
}

fn revoked(docket: &Docket, writ: WritId, by: u64) -> Fact {
    Fact::Revoked(Revocation::sign(&docket.granted(writ), &signer(by)))
}

fn closed(writ: WritId, by: u64, spent: Amount) -> Fact {
    let signature = signer(by).sign(Domain::new("antfarm 2026 authority closed"), colony(), &to_bytes(&(writ, spent)));
    let closed: Closed = from_bytes(&to_bytes(&(writ, spent, signature))).expect("so much was spent");
    Fact::Reclaimed(closed)
}

fn released(child: WritId, by: u64) -> Fact {
    let signature = signer(by).sign(Domain::new("antfarm 2026 authority reclaimed"), colony(), &to_bytes(&child));
    let word: Reclaimed = from_bytes(&to_bytes(&(child, signature))).expect("a writ and a signature");
    Fact::Released(word)
}

#[test]
fn a_writ_is_recorded_that_a_trust_root_gave_and_the_node_is_concerned_with() {
    let (docket, id) = Docket::with_writ(QUEEN);
    let mine = docket.granted(id).writ().clone();
    let stranger = writ(STRANGER, SCOUT, None, grant());
    docket.drifts(&known(&stranger), Drift::NotGranted { writ: stranger.id() });
    docket.drifts(&known(&mine), Drift::Again);
    let unsigned = Writ { signature: signature(QUEEN), ..mine.clone() };
    docket.drifts(&known(&unsigned), Drift::Signature { key: signer(QUEEN).public() });
    docket.drifts(&Fact::Granted { writ: mine.clone(), drawn: None }, Drift::Opened(OpenRefusal::Known));
    let given = writ(QUEEN, SCOUT, None, grant());
    docket.check(&Fact::Granted { writ: given.clone(), drawn: None }, Ok(Judged::Derived));
    let drawn = Some(drawn(QUEEN, &given));
    docket.drifts(&Fact::Granted { writ: given.clone(), drawn }, Drift::NotConcerned);
    Docket::of(STRANGER).drifts(&Fact::Granted { writ: given, drawn: None }, Drift::NotConcerned);
}

#[test]
fn a_part_is_given_by_who_holds_the_writ_as_long_as_it_lives_and_out_of_its_budget() {
    let (mut docket, mine) = Docket::with_writ(QUEEN);
    docket.check(&delegated(&docket.part(mine, SCOUT, calls(100))), Ok(Judged::Derived));
    let wanted = calls(101);
    let wide = docket.part(mine, SCOUT, wanted);
    docket.drifts(&delegated(&wide), Drift::NotGranted { writ: wide.id() });
    docket.drifts(&delegated(docket.granted(mine).writ()), Drift::Drew(DrawRefusal::Root));
    docket.record(delegated(&docket.part(mine, SCOUT, calls(60))));
    docket.drifts(&delegated(&docket.part(mine, SCOUT, calls(60))), Drift::Again);
    let short = Shortage { dimension: Dimension::Calls, free: 40, wanted: 50 };
    docket.drifts(&delegated(&docket.part(mine, SCOUT, calls(50))), Drift::Drew(DrawRefusal::Short(short)));
    // The scout gives it, and it is the queen who says that she did.
    let other = writ(QUEEN, SCOUT, None, grant());
    docket.record(known(&other));
    let forged = writ(SCOUT, QUEEN, Some(other.id()), Grant { delegation: Delegation::NONE, ..grant() });
    docket.drifts(&delegated(&forged), Drift::NotHolder { writ: other.id() });
    docket.record(revoked(&docket, mine, QUEEN));
    docket.drifts(&delegated(&docket.part(mine, SCOUT, calls(1))), Drift::DeadParent { writ: mine });
    docket.drifts(&revoked(&docket, mine, QUEEN), Drift::Again);
}

#[test]
fn a_writ_is_dead_when_who_gave_it_signed_that() {
    let (docket, mine) = Docket::with_writ(SCOUT);
    let Fact::Revoked(honest) = revoked(&docket, mine, QUEEN) else { unreachable!("it is one") };
    docket.check(&Fact::Revoked(honest), Ok(Judged::Derived));
    let by_holder = Revocation { by: signer(SCOUT).public(), ..honest };
    docket.drifts(&Fact::Revoked(by_holder), Drift::Revoked(RevocationRefusal::NotRevoker));
    let unsigned = Revocation { signature: signature(QUEEN), ..honest };
    docket.drifts(&Fact::Revoked(unsigned), Drift::Revoked(RevocationRefusal::Signature));
    let unknown = writ(QUEEN, SCOUT, None, Grant { budget: calls(1), ..grant() }).id();
    docket.drifts(&Fact::Revoked(Revocation { writ: unknown, ..honest }), Drift::NoWrit { writ: unknown });
    docket.drifts(&Fact::Expired { writ: unknown }, Drift::NoWrit { writ: unknown });
    let mut docket = docket;
    docket.check(&Fact::Expired { writ: mine }, Ok(Judged::Unshown));
    docket.record(Fact::Expired { writ: mine });
    docket.drifts(&Fact::Expired { writ: mine }, Drift::Again);
}

#[test]
fn what_a_part_left_comes_back_once_by_the_word_of_its_home() {
    let (mut docket, mine) = Docket::with_writ(QUEEN);
    let part = docket.part(mine, SCOUT, calls(60));
    docket.drifts(&closed(part.id(), SCOUT, calls(1)), Drift::NoWrit { writ: part.id() });
    docket.record(delegated(&part));
    docket.drifts(&closed(part.id(), QUEEN, calls(1)), Drift::Reclaimed(ReclaimRefusal::Signature));
    let short = Shortage { dimension: Dimension::Calls, free: 60, wanted: 61 };
    docket.drifts(&closed(part.id(), SCOUT, calls(61)), Drift::Reclaimed(ReclaimRefusal::Overspent(short)));
    docket.drifts(&Fact::Closed { writ: mine }, Drift::Closed(CloseRefusal::Child { child: part.id() }));
    docket.record(closed(part.id(), SCOUT, calls(60)));
    docket.drifts(&closed(part.id(), SCOUT, calls(60)), Drift::Reclaimed(ReclaimRefusal::Returned));
    docket.record(Fact::Closed { writ: mine });
    docket.drifts(&Fact::Closed { writ: mine }, Drift::Closed(CloseRefusal::Closed));
}

#[test]
fn a_part_is_released_when_it_was_closed_and_its_givers_home_says_so() {
    let (giver, mine) = Docket::with_writ(QUEEN);
    let part = giver.part(mine, SCOUT, calls(60));
    let mut docket = Docket::of(SCOUT);
    docket.record(known(giver.granted(mine).writ()));
    let open = |drawn| Fact::Granted { writ: part.clone(), drawn };
    docket.drifts(&open(None), Drift::Opened(OpenRefusal::NotDrawn));
    docket.drifts(&open(Some(drawn(SCOUT, &part))), Drift::Opened(OpenRefusal::Signature));
    docket.record(open(Some(drawn(QUEEN, &part))));
    docket.drifts(&released(part.id(), QUEEN), Drift::NotReleased);
    docket.record(Fact::Closed { writ: part.id() });
    docket.drifts(&released(part.id(), SCOUT), Drift::Signature { key: signer(QUEEN).public() });
    docket.record(released(part.id(), QUEEN));
    docket.drifts(&released(part.id(), QUEEN), Drift::NotReleased);
}

#[test]
fn a_head_is_later_than_those_before_and_its_keeper_signed_it() {
    let mut docket = Docket::of(QUEEN);
    let witnessed = |head| Fact::Witnessed { heads: vec![(signer(SCOUT).public(), head)] };
    docket.drifts(&witnessed(head(SCOUT, log(QUEEN), 5, "a")), Drift::OtherLog { log: log(QUEEN) });
    docket.drifts(&witnessed(head(QUEEN, log(SCOUT), 5, "a")), Drift::Signature { key: signer(SCOUT).public() });
    docket.record(witnessed(head(SCOUT, log(SCOUT), 5, "a")));
    docket.drifts(&witnessed(head(SCOUT, log(SCOUT), 5, "a")), Drift::OldHead { log: log(SCOUT) });
    docket.check(&witnessed(head(SCOUT, log(SCOUT), 6, "b")), Ok(Judged::Derived));

    let forked = |one, other| Fact::Forked(Box::new(Fork { one, other }));
    let (one, other) = (head(SCOUT, log(SCOUT), 5, "a"), head(SCOUT, log(SCOUT), 5, "b"));
    docket.drifts(&forked(one, one), Drift::NoFork { log: log(SCOUT) });
    docket.drifts(&forked(one, head(SCOUT, log(SCOUT), 6, "b")), Drift::NoFork { log: log(SCOUT) });
    let forged = head(QUEEN, log(SCOUT), 5, "b");
    docket.drifts(&forked(one, forged), Drift::Signature { key: signer(SCOUT).public() });
    Docket::of(QUEEN).check(&forked(one, other), Ok(Judged::Unshown));
    docket.record(forked(one, other));
    docket.drifts(&forked(one, other), Drift::Again);
}

#[test]
fn a_call_ends_once_for_no_more_than_was_set_aside_and_changes_what_it_was_about() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    let wish = intent(SCOUT, 1, "mail.send");
    let nothing = Delta::default;
    let gone = Drift::NotUnderway { key: wish.key() };
    docket.drifts(&done(&wish, "sent", calls(1), nothing()), gone.clone());
    docket.record(started(wish.clone(), proposal(&wish, mine, calls(2))));
    docket.drifts(&Fact::Closed { writ: mine }, Drift::Closed(CloseRefusal::Underway { name: wish.key().digest() }));
    let beyond = |free, wanted, dimension| Drift::Overspent(Shortage { dimension, free, wanted });
    docket.drifts(&done(&wish, "sent", calls(3), nothing()), beyond(2, 3, Dimension::Calls));
    let failed = |spent| Fact::Failed { key: wish.key(), spent };
    docket.drifts(&failed(Amount { money: Usdc(1), ..calls(2) }), beyond(0, 1, Dimension::Money));
    docket.drifts(&failed(Amount { money: Usdc(1), ..calls(3) }), beyond(2, 3, Dimension::Calls));
    docket.check(&failed(calls(2)), Ok(Judged::Derived));

    let follows = Delta::new(vec![create("well", "sent")]).expect("one");
    docket.check(&done(&wish, "sent", calls(2), follows.clone()), Ok(Judged::Derived));
    let twin = Key::new(&tenant("acme"), &name("pond"), "well").expect("short");
    let elsewhere = [
        vec![create("well", "sent"), Op::Create { key: twin, value: value("sent") }],
        vec![create("ditch", "sent")],
        vec![create("well", "lost")],
        vec![create("well", "sent"), create("ditch", "sent")],
        vec![Op::Replace { key: key("well"), expected_version: 1, value: value("sent") }],
        vec![Op::Retract { key: key("well"), expected_version: 1 }],
    ];
    for ops in elsewhere {
        docket.drifts(&done(&wish, "sent", calls(2), Delta::new(ops).expect("few")), Drift::World);
    }
    docket.record(Fact::Doubted { key: wish.key() });
    docket.drifts(&Fact::Doubted { key: wish.key() }, gone.clone());
    docket.record(done(&wish, "sent", calls(2), follows));
    docket.drifts(&failed(calls(0)), gone);
}

#[test]
fn something_is_forgotten_when_something_is_over() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    let forgot = |at: Wall| Fact::Forgot { at };
    docket.drifts(&forgot(second(60) + MAX_SKEW.times(2) + Span::from_nanos(1)), Drift::Forgot);
    let wish = intent(SCOUT, 1, "mail.send");
    docket.record(started(wish.clone(), proposal(&wish, mine, calls(1))));
    let slow = intent(SCOUT, 2, "mail.send");
    docket.record(started(slow.clone(), proposal(&slow, mine, calls(1))));
    docket.record(Fact::Failed { key: wish.key(), spent: calls(0) });
    docket.drifts(&forgot(second(60) + MAX_SKEW.times(2)), Drift::Forgot);
    let over = second(60) + MAX_SKEW.times(2) + Span::from_nanos(1);
    docket.record(forgot(over));
    docket.drifts(&forgot(over + Span::from_nanos(1)), Drift::Forgot);
    // What was under way then is over now, and still the mark does not go back.
    docket.record(Fact::Failed { key: slow.key(), spent: calls(0) });
    docket.drifts(&forgot(over), Drift::Forgot);
    docket.check(&forgot(over + Span::from_nanos(1)), Ok(Judged::Unshown));
}
