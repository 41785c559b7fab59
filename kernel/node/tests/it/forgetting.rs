//! What is over is forgotten, and what was refused before is not accepted after.

use crate::alone::{Alone, PULSE, earlier, hours};
use antfarm_authority::{MAX_REACH, RETENTION, Refusal};
use antfarm_machine::{MAX_SKEW, Span, Wall};
use antfarm_node::{Answer, Ask, Declined, Drift, Fact, Judged, MAX_EFFECTS, Notice, Phase, Reason, judge};

fn refused(refusal: Refusal) -> Option<Answer> {
    Some(Answer::Refused(Reason::Refused(refusal)))
}

fn is_done(answer: &Option<Answer>) -> bool {
    matches!(answer, Some(Answer::Done { .. }))
}

/// The answer is that the wish is past, as the node's time was then.
#[track_caller]
fn assert_stale(answer: &Option<Answer>, until: Wall) {
    let stale = |answer: &Answer| match answer {
        Answer::Refused(Reason::Refused(Refusal::Stale { until: it, at })) => *it == until && *at > until,
        Answer::Refused(_) | Answer::Done { .. } | Answer::Failed | Answer::InDoubt | Answer::Busy => false,
    };
    assert!(answer.as_ref().is_some_and(stale), "{answer:?}");
}

#[test]
fn a_call_that_was_forgotten_is_never_made_again() {
    let mut it = Alone::new(MAX_EFFECTS);
    let writ = it.grant(1, it.now.wall + hours(500));
    let until = it.now.wall + hours(1);
    assert!(is_done(&it.wish(writ, 1, until, b"dear")));
    it.wait(hours(1));
    assert!(is_done(&it.wish(writ, 1, until, b"dear")), "it is remembered at least for so long");
    it.wait(PULSE);
    assert_eq!((it.node.state().effects().count(), it.called.len()), (0, 1));
    assert!(it.node.state().mark() > until);
    for back in [0, 1, 2, 900] {
        it.set(earlier(until + PULSE, hours(back)));
        assert_stale(&it.wish(writ, 1, until, b"dear"), until);
        it.restart();
        assert_stale(&it.wish(writ, 1, until, b"dear"), until);
    }
    assert_eq!(it.called.len(), 1);
    // Whoever wishes for something until later is served, as soon as its writ stands again.
    let later = it.node.state().mark() + hours(1);
    it.wish(writ, 2, later, b"dear");
    assert!(is_done(&it.wish(writ, 2, later, b"dear")));
}

#[test]
fn a_wish_is_begun_within_a_day_or_not_at_all() {
    let mut it = Alone::new(MAX_EFFECTS);
    let (writ, at) = (it.grant(1, it.now.wall + hours(500)), it.now.wall);
    let distant = at + MAX_REACH + Span::from_nanos(1);
    assert_eq!(it.wish(writ, 1, distant, b"dear"), refused(Refusal::Distant { until: distant, at }));
    assert!(is_done(&it.wish(writ, 1, at + MAX_REACH, b"dear")));
}

/// Else a wish could be told with another content as soon as the first one was forgotten.
#[test]
fn the_name_of_a_wish_is_remembered_as_long_as_what_was_refused_for_it() {
    let mut it = Alone::new(MAX_EFFECTS);
    let writ = it.grant(1, it.now.wall + hours(500));
    let (soon, late) = (it.now.wall + hours(1), it.now.wall + hours(10));
    assert!(is_done(&it.wish(writ, 1, soon, b"dear")));
    let is_retold = |answer| matches!(answer, Some(Answer::Refused(Reason::Refused(Refusal::Retold { .. }))));
    assert!(is_retold(it.wish(writ, 1, late, b"dear")));
    it.wait(hours(9));
    assert_eq!(it.node.state().effects().count(), 0, "the call itself is forgotten");
    it.wish(writ, 1, late, b"dear");
    assert!(is_retold(it.wish(writ, 1, late, b"dear")));
    it.wait(hours(2));
    assert_stale(&it.wish(writ, 1, late, b"dear"), late);
    assert_eq!(it.called.len(), 1);
}

#[test]
fn what_is_in_doubt_is_remembered_and_all_that_it_rests_on() {
    let mut it = Alone::new(MAX_EFFECTS);
    let (writ, until) = (it.grant(1, it.now.wall + hours(2)), it.now.wall + hours(1));
    assert!(is_done(&it.wish(writ, 2, until, b"dear")), "this one is forgotten");
    it.answers = false;
    assert_eq!(it.wish(writ, 1, until, b"dear"), None);
    it.wait(RETENTION + hours(10));
    it.restart();
    let other = it.wish(writ, 1, it.now.wall + hours(1), b"other");
    assert!(matches!(other, Some(Answer::Refused(Reason::Refused(Refusal::Retold { .. })))), "{other:?}");
    let state = it.node.state();
    let (key, effect) = state.effects().next().expect("it is in doubt");
    assert_eq!(*effect.phase(), Phase::Doubted);
    assert!(state.writ(writ).is_some() && state.accounts().account(writ).is_some());
    assert_eq!(it.wish(writ, 1, until, b"dear"), Some(Answer::InDoubt));
    // A person looks: then it is over, and so is all else.
    it.ask(Ask::Resolve { key, happened: true });
    it.wait(hours(1) + PULSE.times(2));
    let state = it.node.state();
    assert_eq!((state.effects().count(), state.writs().count(), state.accounts().writs().count()), (0, 0, 0));
    assert_eq!(it.called.len(), 2);
}

#[test]
fn a_writ_that_was_forgotten_is_not_given_again() {
    let mut it = Alone::new(MAX_EFFECTS);
    let ends = it.now.wall + hours(2);
    let (writ, other) = (it.grant(1, ends), it.grant(2, it.now.wall + hours(500)));
    it.ask(Ask::Revoke { writ });
    it.wait(hours(2) + RETENTION + MAX_SKEW.times(2));
    assert!(it.node.state().revocations().is_dead(writ));
    it.wait(PULSE.times(2));
    let state = it.node.state();
    assert_eq!(state.writs().map(|writ| writ.id()).collect::<Vec<_>>(), [other]);
    assert!(!state.revocations().is_dead(writ) && state.accounts().account(writ).is_none());
    for wall in [it.now.wall, earlier(ends, hours(1))] {
        it.set(wall);
        let offer = Box::new(it.offer(1, ends));
        it.ask(Ask::Grant { parent: None, offer, task: None });
        assert!(it.told.iter().any(|told| matches!(told, Notice::Declined { why: Declined::Over, .. })), "{:?}", it.told);
        let answer = it.wish(writ, 1, it.now.wall + hours(1), b"dear");
        assert_eq!(answer, Some(Answer::Refused(Reason::UnknownWrit)));
        it.restart();
    }
    assert_eq!(it.called.len(), 0);
}

#[test]
fn a_node_that_is_full_is_busy_until_something_is_over() {
    let mut it = Alone::new(3);
    let (writ, until) = (it.grant(1, it.now.wall + hours(500)), it.now.wall + hours(1));
    for number in 1..=3 {
        assert!(is_done(&it.wish(writ, number, until, b"dear")));
    }
    assert_eq!(it.wish(writ, 4, until + hours(1), b"dear"), Some(Answer::Busy));
    it.wait(hours(1) + PULSE);
    it.wish(writ, 4, until + hours(1), b"dear");
    assert!(is_done(&it.wish(writ, 4, until + hours(1), b"dear")));
    assert_eq!(it.called.len(), 4);
}

#[test]
fn nothing_is_noted_where_nothing_is_over() {
    let mut it = Alone::new(MAX_EFFECTS);
    let writ = it.grant(1, it.now.wall + hours(500));
    let until = it.now.wall + hours(20);
    assert!(is_done(&it.wish(writ, 1, until, b"dear")));
    it.wait(hours(20));
    assert_eq!(it.node.state().mark(), Wall::ZERO);
    let forgot = |at| judge(it.node.state(), &Fact::Forgot { at });
    assert_eq!(forgot(until + MAX_SKEW.times(2)), Err(Drift::Forgot));
    assert_eq!(forgot(until + MAX_SKEW.times(2) + Span::from_nanos(1)), Ok(Judged::Unshown));
    it.wait(PULSE);
    let (state, mark) = (it.node.state(), it.node.state().mark());
    assert!(mark > until);
    assert_eq!(judge(state, &Fact::Forgot { at: mark }), Err(Drift::Forgot));
}
