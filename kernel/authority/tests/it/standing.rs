//! How long a revoked writ can act.

use crate::fixture::{delegation, handed_on, helper, queen, root, scout, second, standing, stranger, wide};
use antfarm_authority::{
    Grant, Granted, Inquiry, MAX_INQUIRIES, MAX_WATCHED, NoStanding, NotStanding, Revocation, RevocationRefusal, Revocations,
    Standing, StandingRefusal, Standings, TooManyWatched, WritId, revocation_bound,
};
use antfarm_identity::{Signer, from_bytes, to_bytes};
use antfarm_machine::{MAX_DRIFT, Mono, Span};
use proptest::prelude::*;
use std::collections::VecDeque;

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

/// Asks the queen.
fn ask(standings: &mut Standings, writ: &Granted, now: Mono) -> Inquiry {
    standings.inquire(writ.id(), queen().public(), now).expect("there is room")
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
            let inquiry = holder().inquire(writ.id(), givers[at].public(), Mono::ZERO).expect("there is room");
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
fn without_the_word_of_everybody_who_can_revoke_it_nothing_is_sent() {
    let [_, _, writ] = family();
    let givers = [queen(), scout(), helper()];
    for missing in &givers {
        let mut standings = holder();
        for giver in &givers {
            let inquiry = standings.inquire(writ.id(), giver.public(), Mono::ZERO).expect("there is room");
            if giver != missing {
                standings.take(&answer(inquiry, &writ, giver), &writ).expect("it was asked");
            }
        }
        let refused = NoStanding { giver: missing.public(), lapsed: false };
        assert_eq!(standings.check(&writ, Mono::ZERO), Err(refused));
    }
}

/// Nobody else has heard of it. If each giver answered for its own writ only, the grandchild would act on for ever.
#[test]
fn a_revocation_of_one_grandchild_by_the_root_alone_is_bounded_too() {
    let [_, child, grandchild] = family();
    let mut known_to_the_queen = Revocations::new();
    known_to_the_queen.take(&Revocation::sign(&grandchild, &queen()), &grandchild).expect("the queen may");
    let mut standings = holder();
    standing(&mut standings, &grandchild, at(100));
    let inquiry = ask(&mut standings, &grandchild, at(105));
    let refused = NotStanding::Revoked { writ: grandchild.id() };
    assert_eq!(Standing::answer(inquiry, &grandchild, &known_to_the_queen, &queen()), Err(refused));
    for giver in [scout(), helper()] {
        let inquiry = standings.inquire(grandchild.id(), giver.public(), at(105)).expect("there is room");
        standings.take(&answer(inquiry, &grandchild, &giver), &grandchild).expect("it was asked");
    }
    assert_eq!(standings.check(&grandchild, at(109)), Ok(()));
    assert_eq!(standings.check(&grandchild, at(110)), Err(NoStanding { giver: queen().public(), lapsed: true }));
    let inquiry = ask(&mut standings, &child, at(105));
    assert!(Standing::answer(inquiry, &child, &known_to_the_queen, &queen()).is_ok(), "its parent lives");
}

#[test]
fn standing_lapses_by_the_age_of_its_inquiry_not_of_its_answer() {
    let writ = root(wide());
    let mut standings = holder();
    let inquiry = ask(&mut standings, &writ, at(100));
    // The answer took nine of the ten seconds.
    standings.take(&answer(inquiry, &writ, &queen()), &writ).expect("it was asked");
    assert_eq!(standings.check(&writ, at(109)), Ok(()));
    assert_eq!(standings.check(&writ, at(111)), Err(NoStanding { giver: queen().public(), lapsed: true }));
    standing(&mut standings, &writ, at(111));
    assert_eq!(standings.check(&writ, at(120)), Ok(()));
}

#[test]
fn a_standing_is_about_one_writ_only() {
    let [parent, child, _] = family();
    let mut standings = holder();
    standing(&mut standings, &parent, at(100));
    assert_eq!(standings.check(&parent, at(100)), Ok(()));
    assert!(standings.check(&child, at(100)).is_err());
}

#[test]
fn standing_is_void_after_a_restart() {
    let writ = root(wide());
    let mut standings = holder();
    standing(&mut standings, &writ, at(100));
    let late = ask(&mut standings, &writ, at(100));

    let mut restarted = Standings::new(stranger().public(), 2);
    assert_eq!(restarted.check(&writ, at(0)), Err(NoStanding { giver: queen().public(), lapsed: false }));
    ask(&mut restarted, &writ, at(0));
    ask(&mut restarted, &writ, at(0));
    assert_eq!(restarted.take(&answer(late, &writ, &queen()), &writ), Err(StandingRefusal::OtherEpoch));
}

#[test]
fn an_answer_counts_once_for_who_asked_and_from_who_gave_the_writ() {
    let [writ, other, _] = family();
    let mut standings = holder();
    let first = ask(&mut standings, &writ, at(100));
    let second = ask(&mut standings, &writ, at(105));

    let forged = Standing { inquiry: first, ..answer(second, &writ, &queen()) };
    assert_eq!(standings.take(&forged, &writ), Err(StandingRefusal::Signature));
    assert_eq!(standings.take(&answer(first, &writ, &queen()), &other), Err(StandingRefusal::OtherWrit));
    let mine = Inquiry { holder: scout().public(), ..first };
    assert_eq!(standings.take(&answer(mine, &writ, &queen()), &writ), Err(StandingRefusal::OtherHolder));
    let other_giver = Inquiry { giver: scout().public(), ..first };
    let signed = Standing { inquiry: other_giver, ..answer(first, &writ, &queen()) };
    assert_eq!(standings.take(&signed, &writ), Err(StandingRefusal::NotGiver));
    assert_eq!(Standing::answer(other_giver, &writ, &Revocations::new(), &scout()), Err(NotStanding::NotGiver));
    let never = Inquiry { number: 7, ..first };
    assert_eq!(standings.take(&answer(never, &writ, &queen()), &writ), Err(StandingRefusal::NotAsked));
    assert_eq!(Standing::answer(first, &writ, &Revocations::new(), &scout()), Err(NotStanding::NotGiver));
    assert_eq!(Standing::answer(first, &other, &Revocations::new(), &scout()), Err(NotStanding::OtherWrit));

    // The later one arrives first; the earlier one does not take the standing back.
    assert_eq!(standings.take(&answer(second, &writ, &queen()), &writ), Ok(()));
    assert_eq!(standings.take(&answer(first, &writ, &queen()), &writ), Err(StandingRefusal::NotAsked));
    assert_eq!(standings.take(&answer(second, &writ, &queen()), &writ), Err(StandingRefusal::NotAsked));
    assert_eq!(standings.check(&writ, at(114)), Ok(()));
    standings.forget(&writ);
    assert!(standings.check(&writ, at(114)).is_err());
}

#[test]
fn inquiries_that_nobody_answers_do_not_pile_up() {
    let writ = root(wide());
    let mut standings = holder();
    let asked: Vec<Inquiry> = (0..100).map(|nth| ask(&mut standings, &writ, at(100 + nth))).collect();
    let waits = |it: &&Inquiry| standings.clone().take(&answer(**it, &writ, &queen()), &writ).is_ok();
    assert_eq!(asked.iter().filter(waits).count(), MAX_INQUIRIES);
    assert!(waits(&&asked[0]) && waits(&&asked[99]), "the oldest and the newest");
}

/// An answer takes a time that is many times longer than it takes to make eight inquiries.
#[test]
fn however_far_away_the_giver_is_some_answer_is_awaited_when_it_comes() {
    for (far, every) in [(100, 40), (100, 7), (1_000, 1), (1_000, 3)] {
        for loses in [0, 2] {
            let (writ, mut standings, mut under_way) = (root(wide()), holder(), VecDeque::new());
            let taken = (0..far * 12).step_by(every).filter(|now| {
                let inquiry = ask(&mut standings, &writ, Mono::from_nanos(*now as u64));
                // One of so many is lost.
                if loses == 0 || now / every % loses != 0 {
                    under_way.push_back((*now + far, inquiry));
                }
                let due = under_way.pop_front_if(|(due, _)| *due <= *now);
                due.is_some_and(|(_, it)| standings.take(&answer(it, &writ, &queen()), &writ).is_ok())
            });
            let taken = taken.count();
            assert!(taken >= 3, "{taken} answers in twelve turns of {far}, asked each {every}, losing each {loses}");
        }
    }
}

#[test]
fn a_node_follows_a_bounded_number_of_standings() {
    let mut standings = holder();
    let id = |n: usize| from_bytes::<WritId>(&to_bytes(&[n as u64, 0, 0, 0])).expect("a digest has 32 bytes");
    for n in 1..MAX_WATCHED {
        standings.inquire(id(n), queen().public(), at(0)).expect("there is room");
    }
    let writ = root(wide());
    ask(&mut standings, &writ, at(0));
    assert_eq!(standings.inquire(id(0), queen().public(), at(0)), Err(TooManyWatched));
    assert_eq!(standings.inquire(id(1), scout().public(), at(0)), Err(TooManyWatched));
    assert!(standings.inquire(id(1), queen().public(), at(0)).is_ok(), "it is followed already");
    standings.forget(&writ);
    assert!(standings.inquire(id(0), queen().public(), at(0)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The holder's clock runs as slow as it may. The giver answers at once and revokes right after. The last instant, in
    /// true time, at which the holder would still send is within the bound.
    #[test]
    fn no_effect_is_sent_later_after_a_revocation_than_the_bound(
        freshness in prop_oneof![0..100_000u64, 0..1u64 << 50], more in 0..3u64,
    ) {
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
