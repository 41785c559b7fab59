//! How long a revoked writ can act.

use crate::fixture::{delegation, handed_on, helper, queen, root, scout, second, standing, stranger, wide};
use antfarm_authority::{
    Grant, Granted, Inquiry, MAX_INQUIRIES, MAX_WATCHED, NoStanding, NotStanding, Revocation, RevocationRefusal, Revocations,
    Standing, StandingRefusal, Standings, TooManyWatched, WritId, revocation_bound,
};
use antfarm_identity::{Signer, from_bytes, to_bytes};
use antfarm_machine::{MAX_DRIFT, Mono, Span};
use proptest::prelude::*;

/// A root, its child and its grandchild: the queen's to the scout, the scout's to the helper, the helper's to a stranger.
fn family() -> [Granted; 3] {
    let first = root(wide());
    let second = handed_on(&first, &scout(), &helper(), Grant { delegation: delegation(2, true), ..wide() });
    let third = handed_on(&second, &helper(), &stranger(), Grant { delegation: delegation(1, true), ..wide() });
    [first, second, third]
}

fn holder() -> Standings {
    Standings::new(stranger().public(), 1)
}

fn answer(inquiry: Inquiry, writ: &Granted, signer: &Signer) -> Standing {
    Standing::answer(inquiry, writ, &Revocations::new(), signer).expect("it stands")
}

fn at(seconds: u64) -> Mono {
    second(seconds).mono
}

/// In OpenThymos a grandchild survives the revocation of the root (W18).
#[test]
fn w18_a_writ_dies_with_any_of_its_ancestors() {
    let family = family();
    let givers = [queen(), scout(), helper()];
    for dead in 0..3 {
        let mut revocations = Revocations::new();
        assert_eq!(revocations.take(&Revocation::sign(&family[dead], &givers[dead]), &family[dead]), Ok(true));
        for (at, writ) in family.iter().enumerate() {
            let expected = (at >= dead).then(|| family[dead].id());
            assert_eq!(revocations.first_dead(writ), expected, "{at} when {dead} is dead");
            let inquiry = holder().inquire(writ.id(), Mono::ZERO).expect("there is room");
            let answered = Standing::answer(inquiry, writ, &revocations, &givers[at]);
            assert_eq!(answered.err(), expected.map(|writ| NotStanding::Revoked { writ }));
        }
    }
}

#[test]
fn w18_a_deep_chain_dies_with_its_root() {
    let root = root(Grant { delegation: delegation(15, true), ..wide() });
    let deepest = (0..15).rev().fold(root.clone(), |last, depth| {
        handed_on(&last, &scout(), &scout(), Grant { delegation: delegation(depth, true), ..wide() })
    });
    let mut revocations = Revocations::new();
    assert_eq!(revocations.first_dead(&deepest), None);
    revocations.take(&Revocation::sign(&root, &queen()), &root).expect("the queen may");
    assert_eq!(revocations.first_dead(&deepest), Some(root.id()));
}

#[test]
fn a_writ_is_revoked_by_who_gave_it_or_one_above_and_by_nobody_else() {
    let [first, second, third] = family();
    let by_the_queen = Revocation::sign(&third, &queen());
    let mut revocations = Revocations::new();
    assert_eq!(revocations.take(&by_the_queen, &second), Err(RevocationRefusal::OtherWrit));
    assert_eq!(revocations.take(&by_the_queen, &third), Ok(true));
    assert_eq!(revocations.take(&Revocation::sign(&third, &scout()), &third), Ok(false), "it was dead");
    assert_eq!((revocations.first_dead(&third), revocations.first_dead(&second)), (Some(third.id()), None));

    // The subject cannot revoke, and nobody can in the name of who can.
    let own = Revocation { by: scout().public(), ..Revocation::sign(&first, &queen()) };
    assert_eq!(revocations.take(&own, &first), Err(RevocationRefusal::NotRevoker));
    let forged = Revocation { writ: first.id(), by: queen().public(), signature: by_the_queen.signature };
    assert_eq!(revocations.take(&forged, &first), Err(RevocationRefusal::Signature));
    assert_eq!(revocations.iter().map(|(writ, _)| writ).collect::<Vec<_>>(), [third.id()]);
}

#[test]
#[should_panic(expected = "revoked by who gave it")]
fn who_may_not_revoke_does_not_sign() {
    Revocation::sign(&root(wide()), &scout());
}

#[test]
fn without_standing_of_every_ancestor_nothing_is_sent() {
    let family = family();
    let givers = [queen(), scout(), helper()];
    for missing in 0..3 {
        let mut standings = holder();
        for (at, (writ, giver)) in family.iter().zip(&givers).enumerate() {
            let inquiry = standings.inquire(writ.id(), Mono::ZERO).expect("there is room");
            if at != missing {
                standings.take(&answer(inquiry, writ, giver), writ).expect("it was asked");
            }
        }
        let refused = NoStanding { writ: family[missing].id(), lapsed: false };
        assert_eq!(standings.check(&family[2], Mono::ZERO), Err(refused));
    }
}

#[test]
fn standing_lapses_by_the_age_of_its_inquiry_not_of_its_answer() {
    let writ = root(wide());
    let mut standings = holder();
    let inquiry = standings.inquire(writ.id(), at(100)).expect("there is room");
    // The answer took nine of the ten seconds.
    standings.take(&answer(inquiry, &writ, &queen()), &writ).expect("it was asked");
    assert_eq!(standings.check(&writ, at(109)), Ok(()));
    assert_eq!(standings.check(&writ, at(111)), Err(NoStanding { writ: writ.id(), lapsed: true }));
    standing(&mut standings, &writ, at(111));
    assert_eq!(standings.check(&writ, at(120)), Ok(()));
}

#[test]
fn the_standing_of_an_ancestor_lapses_by_the_freshness_of_the_descendant() {
    let parent = root(wide());
    let child = handed_on(&parent, &scout(), &helper(), Grant { freshness: Span::from_secs(2), ..crate::fixture::narrow() });
    let mut standings = holder();
    standing(&mut standings, &parent, at(100));
    let inquiry = standings.inquire(child.id(), at(103)).expect("there is room");
    standings.take(&answer(inquiry, &child, &scout()), &child).expect("it was asked");
    assert_eq!(standings.check(&parent, at(103)), Ok(()));
    assert_eq!(standings.check(&child, at(103)), Err(NoStanding { writ: parent.id(), lapsed: true }));
}

#[test]
fn standing_is_void_after_a_restart() {
    let writ = root(wide());
    let mut standings = holder();
    standing(&mut standings, &writ, at(100));
    let late = standings.inquire(writ.id(), at(100)).expect("there is room");

    let mut restarted = Standings::new(stranger().public(), 2);
    assert_eq!(restarted.check(&writ, at(0)), Err(NoStanding { writ: writ.id(), lapsed: false }));
    restarted.inquire(writ.id(), at(0)).expect("there is room");
    restarted.inquire(writ.id(), at(0)).expect("there is room");
    assert_eq!(restarted.take(&answer(late, &writ, &queen()), &writ), Err(StandingRefusal::OtherEpoch));
}

#[test]
fn an_answer_counts_once_for_who_asked_and_from_who_gave_the_writ() {
    let [writ, other, _] = family();
    let mut standings = holder();
    let first = standings.inquire(writ.id(), at(100)).expect("there is room");
    let second = standings.inquire(writ.id(), at(105)).expect("there is room");

    let forged = Standing { inquiry: first, ..answer(second, &writ, &queen()) };
    assert_eq!(standings.take(&forged, &writ), Err(StandingRefusal::Signature));
    assert_eq!(standings.take(&answer(first, &writ, &queen()), &other), Err(StandingRefusal::OtherWrit));
    let mine = Inquiry { holder: scout().public(), ..first };
    assert_eq!(standings.take(&answer(mine, &writ, &queen()), &writ), Err(StandingRefusal::OtherHolder));
    let never = Inquiry { number: 7, ..first };
    assert_eq!(standings.take(&answer(never, &writ, &queen()), &writ), Err(StandingRefusal::NotAsked));
    assert_eq!(Standing::answer(first, &writ, &Revocations::new(), &scout()), Err(NotStanding::NotIssuer));
    assert_eq!(Standing::answer(first, &other, &Revocations::new(), &scout()), Err(NotStanding::OtherWrit));

    // The later one arrives first; the earlier one does not take the standing back.
    assert_eq!(standings.take(&answer(second, &writ, &queen()), &writ), Ok(()));
    assert_eq!(standings.take(&answer(first, &writ, &queen()), &writ), Err(StandingRefusal::NotAsked));
    assert_eq!(standings.take(&answer(second, &writ, &queen()), &writ), Err(StandingRefusal::NotAsked));
    assert_eq!(standings.check(&writ, at(114)), Ok(()));
    standings.forget(writ.id());
    assert!(standings.check(&writ, at(114)).is_err());
}

#[test]
fn inquiries_that_nobody_answers_do_not_pile_up() {
    let writ = root(wide());
    let mut standings = holder();
    let asked: Vec<Inquiry> =
        (0..=MAX_INQUIRIES).map(|_| standings.inquire(writ.id(), at(100)).expect("there is room")).collect();
    let mut take = |it: Inquiry| standings.take(&answer(it, &writ, &queen()), &writ);
    assert_eq!(take(asked[0]), Err(StandingRefusal::NotAsked), "the oldest is forgotten");
    assert_eq!(take(asked[1]), Ok(()));
}

#[test]
fn a_node_follows_a_bounded_number_of_writs() {
    let mut standings = holder();
    let id = |n: usize| from_bytes::<WritId>(&to_bytes(&[n as u64, 0, 0, 0])).expect("a digest has 32 bytes");
    for n in 0..MAX_WATCHED {
        standings.inquire(id(n), at(0)).expect("there is room");
    }
    assert_eq!(standings.inquire(id(MAX_WATCHED), at(0)), Err(TooManyWatched));
    assert!(standings.inquire(id(0), at(0)).is_ok(), "it is followed already");
    standings.forget(id(0));
    assert!(standings.inquire(id(MAX_WATCHED), at(0)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The holder's clock runs as slow as it may. The giver answers at once and revokes right after. The last instant, in
    /// true time, at which the holder would still send is within the bound.
    #[test]
    fn no_effect_is_sent_later_after_a_revocation_than_the_bound(freshness in prop_oneof![0..100_000u64, 0..1u64 << 50], more in 0..3u64) {
        let span = Span::from_nanos(freshness);
        let writ = root(Grant { freshness: span, ..wide() });
        let mut standings = holder();
        standing(&mut standings, &writ, Mono::ZERO);
        let bound = revocation_bound(span).as_nanos();
        // The reading of the slowest clock, which is whole, when the bound was exceeded by a nanosecond or more.
        let passed = u128::from(bound) + 1 + u128::from(more);
        let slow = 1_000_000 - u128::from(MAX_DRIFT.0.unsigned_abs());
        let reading = u64::try_from((passed * slow).div_ceil(1_000_000)).expect("small");
        prop_assert!(standings.check(&writ, Mono::from_nanos(reading)).is_err(), "sent {passed} after, the bound is {bound}");
        // And the margin is small: less than two millionths of the freshness are given away.
        let sure = freshness - freshness / 500_000 - u64::from(freshness > 0);
        prop_assert!(standings.check(&writ, Mono::from_nanos(sure)).is_ok());
    }
}
