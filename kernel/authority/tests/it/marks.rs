//! The marks on rare paths are reached there, and only there.

use crate::fixture::{
    Outside, amount, delegation, handed_on, helper, intent, narrow, nonce, other_policy, queen, root, scout, second, standing,
    wall, wide,
};
use antfarm_authority::{
    Accounts, Case, Closed, Grant, Granted, Inquiry, Intent, MAX_REACH, RETENTION, Revocation, Revocations, Standing, Standings,
    check_expiry, compile,
};
use antfarm_identity::{Digest, Domain, to_bytes};
use antfarm_machine::{Now, Span, mark};

#[track_caller]
fn reaches<T>(expected: &[(&str, u64)], it: impl FnOnce() -> T) -> T {
    mark::take();
    let result = it();
    assert_eq!(mark::take(), expected);
    result
}

fn open(writ: &Granted) -> Accounts {
    let mut accounts = Accounts::new(scout().public());
    accounts.open(writ, None).expect("it lives here");
    accounts
}

#[test]
fn what_compiling_refuses_seldom_is_marked() {
    let (parent, node) = (root(wide()), Outside::well());
    let child = handed_on(&parent, &scout(), &scout(), Grant { delegation: delegation(0, false), ..wide() });
    let mut accounts = open(&parent);
    accounts.draw(&child).expect("there is enough");
    accounts.open(&child, None).expect("it was drawn");
    let mut standings = Standings::new(scout().public(), 1);
    standing(&mut standings, &child, second(150).mono);
    let judge = |revocations: &Revocations, standings: &Standings, told: Option<Digest>, now: Now| {
        let (writ, accounts, tools, intent) = (&child, &accounts, &node, Intent { nonce: nonce(1), ..intent() });
        let case = Case { writ, accounts, revocations, standings, tools, world: tools, policy: tools, told, now };
        compile(&intent, &case).is_ok()
    };
    let (none, now) = (Revocations::new(), second(150));
    let dead = |writ: &Granted| {
        let mut dead = Revocations::new();
        dead.take(&Revocation::sign(writ, &queen()), writ).expect("it may");
        dead
    };
    let mut late = none.clone();
    late.forget(wall(202) + RETENTION);
    let fresh = Standings::new(scout().public(), 2);

    assert!(reaches(&[], || judge(&none, &standings, None, now)));
    assert!(!reaches(&[], || judge(&none, &fresh, None, now)));
    assert!(!reaches(&[("authority.standing_lapsed", 1)], || judge(&none, &standings, None, second(161))));
    assert!(!reaches(&[("authority.ancestor_dead", 1)], || judge(&dead(&parent), &standings, None, now)));
    assert!(!reaches(&[], || judge(&dead(&child), &standings, None, now)));
    assert!(!reaches(&[("authority.wish_retold", 1)], || judge(&none, &standings, Some(other_policy()), now)));
    assert!(!reaches(&[("authority.clock_went_back", 1)], || judge(&late, &standings, None, now)));

    let expires = |until| check_expiry(until, wall(150)).is_ok();
    assert!(reaches(&[], || expires(wall(150))));
    assert!(!reaches(&[("authority.intent_stale", 1)], || expires(wall(149))));
    assert!(!reaches(&[("authority.intent_distant", 1)], || expires(wall(151) + MAX_REACH)));

    let inquiry = Inquiry { writ: child.id(), giver: queen().public(), holder: scout().public(), epoch: 0, number: 0 };
    let answer = || Standing::answer(inquiry, &child, &late, &queen()).is_ok();
    assert!(!reaches(&[("authority.standing_after_end", 1)], answer));
}

#[test]
fn what_an_account_refuses_seldom_is_marked() {
    let writ = root(wide());
    let mut accounts = open(&writ);
    let part =
        |number: u64, to: &antfarm_identity::Signer| handed_on(&writ, &scout(), to, Grant { budget: amount(number), ..narrow() });
    let (child, rest) = (part(4, &helper()), part(6, &helper()));
    assert!(reaches(&[], || accounts.draw(&child)).is_ok());
    assert!(reaches(&[], || accounts.draw(&part(7, &helper()))).is_err(), "there never was so much");
    let name = Digest::of(Domain::new("antfarm 2026 test reservation"), b"one");
    accounts.reserve(writ.id(), name, amount(1)).expect("there is enough");
    assert!(reaches(&[("authority.draw_raced_reservation", 1)], || accounts.draw(&rest)).is_err());
    accounts.settle(writ.id(), name, amount(0)).expect("it was reserved");
    assert!(reaches(&[("authority.close_with_child_outside", 1)], || accounts.close(writ.id())).is_err());

    let claim = |spent: u64| {
        let (domain, spent) = (Domain::new("antfarm 2026 authority closed"), amount(spent));
        let signature = helper().sign(domain, child.body().grant.colony, &to_bytes(&(child.id(), spent)));
        Closed { writ: child.id(), spent, signature }
    };
    assert!(reaches(&[("authority.reclaim_overspent", 1)], || accounts.reclaim(writ.id(), &claim(5))).is_err());
    assert!(reaches(&[], || accounts.reclaim(writ.id(), &claim(4))).is_ok());
    assert!(reaches(&[("authority.reclaim_repeated", 1)], || accounts.reclaim(writ.id(), &claim(4))).is_err());

    accounts.close(writ.id()).expect("nothing is outside");
    let end = wall(202) + RETENTION;
    assert_eq!(reaches(&[("authority.account_forgotten", 1)], || accounts.forget(end)), 1);
    assert_eq!(reaches(&[], || accounts.forget(end + Span::from_secs(1))), 0);
}
