//! What is over is forgotten, and stays refused.

use crate::fixture::{
    Outside, amount, delegation, handed_on, helper, intent, narrow, queen, root, roots, scout, second, standing, stranger, wall,
    wide, window,
};
use antfarm_authority::{
    Accounts, Case, DrawRefusal, Drawn, Grant, Granted, Inquiry, NotStanding, OpenRefusal, RETENTION, ReclaimRefusal, Reclaimed,
    Refusal, ReleaseRefusal, ReserveRefusal, Revocation, RevocationRefusal, Revocations, SavedAccounts, Standing, Standings,
    check_expiry, compile, is_forgotten, node_time,
};
use antfarm_identity::{Digest, Domain, from_bytes, to_bytes};
use antfarm_machine::{MAX_SKEW, Now, Span, Wall};

fn key() -> Digest {
    Digest::of(Domain::new("antfarm 2026 test reservation"), b"one")
}

/// The last instant at which a writ of [`wide`] is not over.
fn last() -> Wall {
    wall(200) + MAX_SKEW.times(2) + RETENTION
}

fn over() -> Wall {
    last() + Span::from_nanos(1)
}

fn open() -> (Accounts, Granted) {
    let (mut accounts, writ) = (Accounts::new(scout().public()), root(wide()));
    accounts.open(&writ, None).expect("it lives here");
    (accounts, writ)
}

/// At the helper's node: a part of four that the scout drew from a writ which lasts, and the scout's word.
fn away() -> (Accounts, Accounts, Granted, Drawn) {
    let parent = root(Grant { window: window(100, 1_000_000), ..wide() });
    let child = handed_on(&parent, &scout(), &helper(), Grant { window: window(100, 200), ..narrow() });
    let (mut there, mut here) = (Accounts::new(scout().public()), Accounts::new(helper().public()));
    there.open(&parent, None).expect("it lives here");
    there.draw(&child).expect("there is enough");
    let drawn = there.drawn(&child, &scout()).expect("it was drawn");
    here.open(&child, Some(&drawn)).expect("it was drawn");
    (there, here, child, drawn)
}

#[test]
fn a_closed_root_is_forgotten_once_it_is_over_and_is_not_opened_again() {
    let (mut accounts, writ) = open();
    accounts.close(writ.id()).expect("nothing is outside");
    assert_eq!(accounts.forget(last()), 0);
    assert_eq!(accounts.open(&writ, None), Err(OpenRefusal::Known));
    assert_eq!(accounts.forget(over()), 1);
    assert_eq!(accounts.account(writ.id()), None);
    assert_eq!(accounts.open(&writ, None), Err(OpenRefusal::Over));
    assert_eq!(accounts.forget(Wall::ZERO), 0);
    assert_eq!((accounts.mark(), accounts.open(&writ, None)), (over(), Err(OpenRefusal::Over)), "the mark does not go back");
    accounts.check();
}

#[test]
fn an_account_with_something_outside_is_never_forgotten() {
    let (mut accounts, writ) = open();
    accounts.reserve(writ.id(), key(), amount(1)).expect("there is enough");
    assert_eq!(accounts.forget(Wall::from_nanos(u64::MAX)), 0);
    accounts.settle(writ.id(), key(), amount(1)).expect("it was reserved");
    assert_eq!(accounts.forget(over()), 0, "it is not closed");
    accounts.close(writ.id()).expect("nothing is outside");
    assert_eq!(accounts.forget(over()), 1);
}

#[test]
fn what_the_mark_is_past_is_expired() {
    let (mut accounts, writ) = open();
    accounts.forget(wall(200));
    assert_eq!(accounts.affords(writ.id(), amount(1)), Ok(()), "the end belongs to the window");
    accounts.forget(wall(201));
    assert_eq!(accounts.affords(writ.id(), amount(1)), Err(ReserveRefusal::Expired));
}

/// The word that something was drawn may come late: what was drawn is not lost for that.
#[test]
fn what_ended_and_is_not_over_is_opened_only_to_be_returned() {
    let (mut there, _, child, drawn) = away();
    let mut here = Accounts::new(helper().public());
    here.forget(last());
    here.open(&child, Some(&drawn)).expect("it is not over");
    here.check();
    assert_eq!(here.reserve(child.id(), key(), amount(1)), Err(ReserveRefusal::Expired));
    here.close(child.id()).expect("nothing is outside");
    let closed = here.closed(child.id(), &helper()).expect("it is closed");
    let parent = child.parent().expect("it has one").id();
    there.reclaim(parent, &closed).expect("the last word");
    assert_eq!(there.account(parent).expect("it is open").free(), amount(10));
}

#[test]
fn what_a_child_elsewhere_left_is_remembered_until_its_parents_home_has_it() {
    let (mut there, mut here, child, drawn) = away();
    let parent = child.parent().expect("it has one").id();
    here.close(child.id()).expect("nothing is outside");
    let closed = here.closed(child.id(), &helper()).expect("it is closed");
    assert_eq!(here.forget(over()), 0, "nobody said that it was heard");
    assert_eq!(there.reclaimed(&child, &scout()), None, "it was not");

    there.reclaim(parent, &closed).expect("the last word");
    let word = there.reclaimed(&child, &scout()).expect("it was reclaimed");
    here.release(child.id(), &word).expect("the parent's home says so");
    assert_eq!(here.release(child.id(), &word), Err(ReleaseRefusal::Released));
    let read: SavedAccounts = from_bytes(&to_bytes(&here.saved())).expect("well-formed");
    assert_eq!(read.restore(helper().public(), &roots()).as_ref(), Ok(&here));
    assert_eq!(here.forget(over()), 1);
    assert_eq!(here.release(child.id(), &word), Err(ReleaseRefusal::NoAccount));
    assert_eq!(here.open(&child, Some(&drawn)), Err(OpenRefusal::Over));
}

/// The parent's home forgets, too, which child returned, and its word is still wanted.
#[test]
fn a_child_that_returned_is_forgotten_and_not_drawn_again() {
    let (mut there, mut here, child, _) = away();
    let parent = child.parent().expect("it has one").id();
    here.close(child.id()).expect("nothing is outside");
    let closed = here.closed(child.id(), &helper()).expect("it is closed");
    there.reclaim(parent, &closed).expect("the last word");
    there.forget(last());
    assert_eq!(there.draw(&child), Err(DrawRefusal::Drawn));
    there.forget(over());
    assert_eq!(there.draw(&child), Err(DrawRefusal::Over));
    assert_eq!(there.reclaim(parent, &closed), Err(ReclaimRefusal::NotDrawn));
    assert_eq!(there.drawn(&child, &scout()), None);
    let word = there.reclaimed(&child, &scout()).expect("it will not be drawn again");
    assert_eq!(here.release(child.id(), &word), Ok(()));
    there.check();
}

#[test]
fn a_child_that_did_not_return_is_not_forgotten_by_its_parent() {
    let (mut there, _, child, _) = away();
    there.forget(over());
    assert_eq!(there.draw(&child), Err(DrawRefusal::Over));
    assert_eq!(there.reclaimed(&child, &scout()), None);
    assert!(there.drawn(&child, &scout()).is_some());
}

/// The word would be true today and could be false tomorrow.
#[test]
fn a_child_that_may_still_be_drawn_is_not_said_to_be_back() {
    let (mut there, _, child, _) = away();
    let parent = child.parent().expect("it has one");
    let other = handed_on(parent, &scout(), &helper(), Grant { budget: amount(1), window: window(100, 200), ..narrow() });
    there.forget(last());
    assert_eq!(there.reclaimed(&other, &scout()), None);
    there.forget(over());
    assert_eq!(there.draw(&other), Err(DrawRefusal::Over));
    assert!(there.reclaimed(&other, &scout()).is_some());
}

#[test]
fn only_the_parents_home_says_that_it_has_what_was_left() {
    let (mut there, mut here, child, _) = away();
    let word = |signer: &antfarm_identity::Signer| {
        let domain = Domain::new("antfarm 2026 authority reclaimed");
        let signature = signer.sign(domain, child.body().grant.colony, &to_bytes(&child.id()));
        Reclaimed { child: child.id(), signature }
    };
    assert_eq!(here.release(child.id(), &word(&scout())), Err(ReleaseRefusal::NotClosed));
    here.close(child.id()).expect("nothing is outside");
    for liar in [helper(), stranger(), queen()] {
        assert_eq!(here.release(child.id(), &word(&liar)), Err(ReleaseRefusal::Signature));
    }
    let closed = here.closed(child.id(), &helper()).expect("it is closed");
    there.reclaim(child.parent().expect("it has one").id(), &closed).expect("the last word");
    assert_eq!(there.reclaimed(&child, &scout()), Some(word(&scout())));
}

#[test]
fn a_family_at_one_home_is_forgotten_at_once() {
    let (mut accounts, writ) = open();
    let child = handed_on(&writ, &scout(), &scout(), narrow());
    accounts.draw(&child).expect("there is enough");
    accounts.open(&child, None).expect("it was drawn");
    accounts.close(child.id()).expect("nothing is outside");
    assert_eq!(accounts.forget(over()), 0, "it has not returned");
    let closed = accounts.closed(child.id(), &scout()).expect("it is closed");
    accounts.reclaim(writ.id(), &closed).expect("the last word");
    accounts.close(writ.id()).expect("nothing is outside");
    assert_eq!(accounts.forget(over()), 2);
    assert_eq!(accounts.writs().count(), 0);
}

#[test]
fn a_revocation_is_forgotten_once_the_writ_is_over_and_revives_nothing() {
    let (accounts, writ) = open();
    let child = handed_on(&writ, &scout(), &scout(), Grant { delegation: delegation(0, false), ..narrow() });
    let (mut dead, revocation) = (Revocations::new(), Revocation::sign(&writ, &queen()));
    assert_eq!(dead.take(&revocation, &writ), Ok(true));
    let answer = |dead: &Revocations, writ: &Granted| {
        let inquiry = Inquiry { writ: writ.id(), giver: queen().public(), holder: scout().public(), epoch: 0, number: 0 };
        Standing::answer(inquiry, writ, dead, &queen()).map(drop)
    };
    assert!(!dead.may_forget(last()) && dead.may_forget(over()));
    assert_eq!(dead.forget(last()), 0);
    assert_eq!(answer(&dead, &child), Err(NotStanding::Revoked { writ: writ.id() }));
    assert_eq!(dead.forget(over()), 1);
    assert_eq!(dead.iter().count(), 0);
    for writ in [&writ, &child] {
        assert_eq!(answer(&dead, writ), Err(NotStanding::Over));
    }
    assert_eq!(dead.take(&revocation, &writ), Err(RevocationRefusal::Over), "it would not be forgotten again");

    // The clock goes back, standing from before is at hand, and the budget is free.
    let mut standings = Standings::new(scout().public(), 1);
    standing(&mut standings, &writ, second(150).mono);
    let (node, intent) = (Outside::well(), intent());
    let judge = |revocations: &Revocations, now: Now| {
        let (writ, accounts, standings, tools) = (&writ, &accounts, &standings, &node);
        compile(&intent, &Case { writ, accounts, revocations, standings, tools, world: tools, policy: tools, told: None, now })
    };
    assert_eq!(judge(&dead, second(150)), Err(Refusal::SeenExpired));
    assert!(judge(&Revocations::new(), second(150)).is_ok());
}

#[test]
fn an_intent_that_may_be_forgotten_is_refused_wherever_the_clock_goes() {
    let (until, margin) = (wall(100), MAX_SKEW.times(2));
    for (mark, forgotten) in [(until, false), (until + margin, false), (until + margin + Span::from_nanos(1), true)] {
        assert_eq!(is_forgotten(until, mark), forgotten);
        let refused = check_expiry(until, node_time(wall(1), mark)).is_err();
        assert!(refused || !forgotten);
    }
}

#[test]
fn standings_of_what_is_over_are_followed_no_longer() {
    let (writ, other) = (root(wide()), root(narrow()));
    let mut standings = Standings::new(scout().public(), 1);
    for writ in [&writ, &other] {
        standing(&mut standings, writ, second(150).mono);
    }
    assert_eq!(standings.watched(), 2);
    standings.retain(|id| id == writ.id());
    assert_eq!(standings.watched(), 1);
    assert!(standings.check(&writ, second(150).mono).is_ok() && standings.check(&other, second(150).mono).is_err());
}
