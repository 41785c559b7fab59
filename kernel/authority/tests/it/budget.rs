//! Escrow: what is refused, and that what is accepted is conserved.

use crate::fixture::{amount, colony, delegation, handed_on, helper, narrow, offer, queen, root, scout, stranger, wide};
use antfarm_authority::{
    Account, Accounts, Amount, Calls, CloseRefusal, Closed, Dimension, DrawRefusal, Drawn, Grant, Granted, MAX_CHILDREN,
    MAX_RESERVATIONS, OpenRefusal, ReclaimRefusal, ReserveRefusal, SettleRefusal, Shortage,
};
use antfarm_identity::{Digest, Domain, Signer, to_bytes};

fn key(n: u64) -> Digest {
    Digest::of(Domain::new("antfarm 2026 test reservation"), &n.to_le_bytes())
}

/// The scout's node, with the account of a root writ of ten.
fn open() -> (Accounts, Granted) {
    let (mut accounts, writ) = (Accounts::new(scout().public()), root(wide()));
    accounts.open(&writ, None).expect("it lives here");
    (accounts, writ)
}

fn child_of(writ: &Granted, to: &Signer, budget: u64) -> Granted {
    handed_on(writ, &scout(), to, Grant { budget: amount(budget), ..narrow() })
}

/// Spent, reserved, drawn, free.
#[track_caller]
fn check(accounts: &Accounts, writ: &Granted, expected: [u64; 4]) {
    accounts.check();
    let account = accounts.account(writ.id()).expect("it has an account");
    let places = [Account::spent, Account::reserved, Account::drawn, Account::free].map(|place| place(account));
    assert_eq!(places, expected.map(amount));
}

fn short(free: u64, wanted: u64) -> Shortage {
    Shortage { dimension: Dimension::Tokens, free, wanted }
}

#[test]
fn what_is_reserved_is_spent_or_free_again() {
    let (mut accounts, writ) = open();
    accounts.reserve(writ.id(), key(1), amount(4)).expect("ten are enough");
    check(&accounts, &writ, [0, 4, 0, 6]);
    accounts.settle(writ.id(), key(1), amount(3)).expect("within the reservation");
    check(&accounts, &writ, [3, 0, 0, 7]);
    assert_eq!(accounts.settle(writ.id(), key(1), amount(0)), Err(SettleRefusal::NotReserved));
}

/// OpenThymos counts what one trajectory committed: concurrent runs, and failures, spend one budget many times.
#[test]
fn concurrent_runs_on_one_writ_cannot_overspend() {
    let (mut accounts, writ) = open();
    accounts.reserve(writ.id(), key(1), amount(6)).expect("the first");
    assert_eq!(accounts.reserve(writ.id(), key(2), amount(6)), Err(ReserveRefusal::Short(short(4, 6))));
    assert_eq!(accounts.affords(writ.id(), amount(5)), Err(ReserveRefusal::Short(short(4, 5))));
    assert_eq!(accounts.affords(writ.id(), amount(4)), Ok(()));
    check(&accounts, &writ, [0, 6, 0, 4]);
}

#[test]
fn a_failure_costs_what_was_spent() {
    let (mut accounts, writ) = open();
    for n in 0..5 {
        accounts.reserve(writ.id(), key(n), amount(2)).expect("five times two are ten");
        accounts.settle(writ.id(), key(n), amount(2)).expect("it failed after its effect");
    }
    assert_eq!(accounts.reserve(writ.id(), key(9), amount(1)), Err(ReserveRefusal::Short(short(0, 1))));
}

#[test]
fn each_dimension_is_limited_by_itself() {
    let (mut accounts, writ) = open();
    let calls = Amount { calls: Calls(11), ..Amount::ZERO };
    let shortage = Shortage { dimension: Dimension::Calls, free: 10, wanted: 11 };
    assert_eq!(accounts.reserve(writ.id(), key(1), calls), Err(ReserveRefusal::Short(shortage)));
}

#[test]
fn a_cost_beyond_the_reservation_is_refused_and_changes_nothing() {
    let (mut accounts, writ) = open();
    accounts.reserve(writ.id(), key(1), amount(2)).expect("ten are enough");
    assert_eq!(accounts.settle(writ.id(), key(1), amount(3)), Err(SettleRefusal::Overrun(short(2, 3))));
    check(&accounts, &writ, [0, 2, 0, 8]);
}

#[test]
fn a_name_is_reserved_once_at_a_time() {
    let (mut accounts, writ) = open();
    accounts.reserve(writ.id(), key(1), amount(2)).expect("ten are enough");
    assert_eq!(accounts.reserve(writ.id(), key(1), amount(2)), Err(ReserveRefusal::Reserved));
    check(&accounts, &writ, [0, 2, 0, 8]);
}

#[test]
fn a_childs_whole_budget_leaves_its_parent_and_what_is_left_returns_once() {
    let (mut accounts, writ) = open();
    let child = child_of(&writ, &helper(), 4);
    accounts.draw(&child).expect("ten are enough");
    check(&accounts, &writ, [0, 0, 4, 6]);
    assert_eq!(accounts.draw(&child), Err(DrawRefusal::Drawn));

    let mut elsewhere = Accounts::new(helper().public());
    let drawn = accounts.drawn(&child, &scout()).expect("it was drawn");
    elsewhere.open(&child, Some(&drawn)).expect("its parent's home says so");
    elsewhere.reserve(child.id(), key(1), amount(3)).expect("four are enough");
    assert_eq!(elsewhere.close(child.id()), Err(CloseRefusal::Underway { name: key(1) }));
    elsewhere.settle(child.id(), key(1), amount(3)).expect("it was reserved");
    assert_eq!(elsewhere.closed(child.id(), &helper()), None);
    elsewhere.close(child.id()).expect("nothing is under way");
    assert_eq!(elsewhere.close(child.id()), Err(CloseRefusal::Closed));
    assert_eq!(elsewhere.reserve(child.id(), key(2), amount(1)), Err(ReserveRefusal::Closed));

    let closed = elsewhere.closed(child.id(), &helper()).expect("it is closed");
    accounts.reclaim(writ.id(), &closed).expect("the last word");
    check(&accounts, &writ, [3, 0, 0, 7]);
    assert_eq!(accounts.reclaim(writ.id(), &closed), Err(ReclaimRefusal::Returned));
    assert_eq!(accounts.draw(&child), Err(DrawRefusal::Drawn), "what returned is not drawn again");
    assert_eq!(accounts.drawn(&child, &scout()), None);
    assert_eq!(elsewhere.open(&child, Some(&drawn)), Err(OpenRefusal::Known), "nor opened again");
    check(&accounts, &writ, [3, 0, 0, 7]);
}

/// In OpenThymos every child may have the parent's full budget, and nothing is debited.
#[test]
fn ten_children_do_not_each_get_the_whole() {
    let (mut accounts, writ) = open();
    let child = |n: u64| child_of(&writ, &Signer::insecure(100 + n), 4);
    assert_eq!(accounts.draw(&child(0)), Ok(()));
    assert_eq!(accounts.draw(&child(1)), Ok(()));
    assert_eq!(accounts.draw(&child(2)), Err(DrawRefusal::Short(short(2, 4))));
    check(&accounts, &writ, [0, 0, 8, 2]);
}

/// Whoever holds a writ can sign children; only the parent's home can let them spend.
#[test]
fn a_child_that_was_not_drawn_cannot_spend_at_any_home() {
    let (accounts, writ) = open();
    let (child, other) = (child_of(&writ, &helper(), 10), child_of(&writ, &helper(), 9));
    let mut elsewhere = Accounts::new(helper().public());
    assert_eq!(elsewhere.open(&child, None), Err(OpenRefusal::NotDrawn));
    assert_eq!(accounts.drawn(&child, &scout()), None);

    let mut drew = accounts.clone();
    drew.draw(&other).expect("ten are enough");
    let voucher = drew.drawn(&other, &scout()).expect("it was drawn");
    assert_eq!(elsewhere.open(&child, Some(&voucher)), Err(OpenRefusal::Signature), "the voucher is for another");
    let renamed = Drawn { child: child.id(), ..voucher };
    assert_eq!(elsewhere.open(&child, Some(&renamed)), Err(OpenRefusal::Signature));
    assert_eq!(elsewhere.open(&other, Some(&voucher)), Ok(()));

    let (mut here, near) = (accounts, handed_on(&writ, &scout(), &scout(), narrow()));
    assert_eq!(here.open(&near, None), Err(OpenRefusal::NotDrawn));
    here.draw(&near).expect("ten are enough");
    assert_eq!(here.open(&near, None), Ok(()));
    here.check();
}

#[test]
fn only_the_childs_home_says_what_is_left() {
    let (mut accounts, writ) = open();
    let (child, other) = (child_of(&writ, &helper(), 4), child_of(&writ, &helper(), 5));
    accounts.draw(&child).expect("ten are enough");
    accounts.draw(&other).expect("so far");
    let mut elsewhere = Accounts::new(helper().public());
    elsewhere.open(&child, accounts.drawn(&child, &scout()).as_ref()).expect("it was drawn");
    elsewhere.close(child.id()).expect("nothing is under way");
    let closed = elsewhere.closed(child.id(), &helper()).expect("it is closed");

    assert!(closed.verify(&child).is_ok() && closed.verify(&other).is_err(), "it is about one writ, wherever both live");
    let refuse = |closed: Closed, why| assert_eq!(accounts.clone().reclaim(writ.id(), &closed), Err(why));
    refuse(Closed { spent: amount(1), ..closed }, ReclaimRefusal::Signature);
    refuse(Closed { writ: other.id(), ..closed }, ReclaimRefusal::Signature);
    refuse(Closed { writ: writ.id(), ..closed }, ReclaimRefusal::NotDrawn);
    let nowhere = Accounts::new(stranger().public()).reclaim(writ.id(), &closed);
    assert_eq!(nowhere, Err(ReclaimRefusal::NoAccount));
    assert_eq!(accounts.reclaim(writ.id(), &closed), Ok(()));
}

#[test]
fn a_parent_is_not_closed_while_a_child_is_silent() {
    let (mut accounts, writ) = open();
    let child = child_of(&writ, &helper(), 4);
    accounts.draw(&child).expect("ten are enough");
    assert_eq!(accounts.close(writ.id()), Err(CloseRefusal::Child { child: child.id() }));
    check(&accounts, &writ, [0, 0, 4, 6]);
}

#[test]
fn only_the_home_spends_a_writ() {
    let (_, writ) = open();
    let mut elsewhere = Accounts::new(stranger().public());
    assert_eq!(elsewhere.open(&writ, None), Err(OpenRefusal::NotHome));
    assert_eq!(elsewhere.reserve(writ.id(), key(1), amount(1)), Err(ReserveRefusal::NoAccount));
    assert_eq!(elsewhere.settle(writ.id(), key(1), amount(1)), Err(SettleRefusal::NoAccount));
    assert_eq!(elsewhere.close(writ.id()), Err(CloseRefusal::NoAccount));
    assert_eq!(elsewhere.draw(&writ), Err(DrawRefusal::Root));
    assert_eq!(elsewhere.draw(&child_of(&writ, &helper(), 1)), Err(DrawRefusal::NoAccount));
}

#[test]
fn a_closed_account_gives_nothing_away() {
    let (mut accounts, writ) = open();
    accounts.close(writ.id()).expect("nothing is under way");
    assert_eq!(accounts.draw(&child_of(&writ, &helper(), 0)), Err(DrawRefusal::Closed));
    assert_eq!(accounts.open(&writ, None), Err(OpenRefusal::Known));
}

#[test]
fn reservations_and_children_are_bounded() {
    let (mut accounts, writ) = open();
    for n in 0..u64::try_from(MAX_RESERVATIONS).expect("small") {
        accounts.reserve(writ.id(), key(n), Amount::ZERO).expect("there is room");
    }
    assert_eq!(accounts.reserve(writ.id(), key(u64::MAX), Amount::ZERO), Err(ReserveRefusal::TooMany));
    let child = |n: usize| {
        let grant = Grant { budget: Amount::ZERO, delegation: delegation(0, false), ..narrow() };
        let mut offer = offer(&helper(), 0, grant);
        offer.nonce.0[..8].copy_from_slice(&n.to_le_bytes());
        writ.child(writ.delegate(offer, &scout()).expect("it narrows")).expect("accepted")
    };
    for n in 0..MAX_CHILDREN {
        accounts.draw(&child(n)).expect("there is room");
    }
    assert_eq!(accounts.draw(&child(MAX_CHILDREN)), Err(DrawRefusal::TooMany));
    accounts.check();
}

/// The words of homes that lie, signed with their own keys.
#[test]
fn a_home_that_claims_more_than_it_was_given_is_refused() {
    let (mut accounts, writ) = open();
    let child = child_of(&writ, &helper(), 4);
    accounts.draw(&child).expect("ten are enough");
    let claim = |spent: u64, signer: &Signer| {
        let (domain, spent) = (Domain::new("antfarm 2026 authority closed"), amount(spent));
        let signature = signer.sign(domain, colony(), &to_bytes(&(child.id(), spent)));
        Closed { writ: child.id(), spent, signature }
    };
    let overspent = ReclaimRefusal::Overspent(short(4, 5));
    assert_eq!(accounts.reclaim(writ.id(), &claim(5, &helper())), Err(overspent));
    assert_eq!(accounts.reclaim(writ.id(), &claim(0, &stranger())), Err(ReclaimRefusal::Signature));
    check(&accounts, &writ, [0, 0, 4, 6]);
    assert_eq!(accounts.reclaim(writ.id(), &claim(4, &helper())), Ok(()));
    check(&accounts, &writ, [4, 0, 0, 6]);
}

#[test]
fn only_the_parents_home_says_that_a_budget_was_drawn() {
    let (_, writ) = open();
    let child = child_of(&writ, &helper(), 4);
    let word = |signer: &Signer| {
        let domain = Domain::new("antfarm 2026 authority drawn");
        Drawn { child: child.id(), signature: signer.sign(domain, colony(), &to_bytes(&child.id())) }
    };
    let mut elsewhere = Accounts::new(helper().public());
    for liar in [helper(), stranger(), queen()] {
        assert_eq!(elsewhere.open(&child, Some(&word(&liar))), Err(OpenRefusal::Signature));
    }
    assert_eq!(elsewhere.open(&child, Some(&word(&scout()))), Ok(()));
}

#[test]
fn under_a_writ_that_was_seen_expired_what_is_under_way_ends_and_nothing_begins() {
    let (mut accounts, writ) = open();
    let (child, other) = (child_of(&writ, &scout(), 4), child_of(&writ, &helper(), 1));
    accounts.draw(&child).expect("ten are enough");
    accounts.reserve(writ.id(), key(1), amount(2)).expect("so far");
    assert!(accounts.expire(writ.id()));
    assert_eq!(accounts.reserve(writ.id(), key(2), amount(1)), Err(ReserveRefusal::Expired));
    assert_eq!(accounts.draw(&other), Err(DrawRefusal::Expired));
    accounts.settle(writ.id(), key(1), amount(1)).expect("it was reserved");
    accounts.open(&child, None).expect("it was drawn before");
    accounts.close(child.id()).expect("nothing is under way");
    let closed = accounts.closed(child.id(), &scout()).expect("it is closed");
    accounts.reclaim(writ.id(), &closed).expect("the last word");
    accounts.close(writ.id()).expect("nothing is outside");
    check(&accounts, &writ, [1, 0, 0, 9]);
    assert!(!accounts.expire(child_of(&writ, &helper(), 2).id()), "it has no account");
}
