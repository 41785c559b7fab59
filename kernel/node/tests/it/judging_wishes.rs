//! Wishes are judged by the compiler itself: what is recorded of one is what comes of it, by the ledger and by what the record
//! says of what no ledger shows.

use crate::docket::{Docket, QUEEN, SCOUT, STRANGER, calls, grant, intent, proposal, second, signer, started, writ};
use crate::fixture::{name, tenant};
use antfarm_authority::{
    Amount, BadArgs, Class, Dimension, Grant, Intent, MAX_REACH, MAX_RESERVATIONS, NoStanding, Proposal, Refusal, Resolution,
    Revocation, Shortage, Status, Unmet, Usdc, WritId,
};
use antfarm_identity::Digest;
use antfarm_machine::{MAX_SKEW, Span, Wall};
use antfarm_node::{Drift, Fact, Judged, Part, Reason};

fn wish(nonce: u8) -> Intent {
    intent(SCOUT, nonce, "mail.send")
}

fn refused(intent: &Intent, writ: WritId, reason: Reason, at: Wall) -> Fact {
    Fact::Refused { intent: Box::new(intent.clone()), writ, reason, at }
}

/// A call that was started, after `forge` had its way with it.
fn forged(writ: WritId, forge: impl FnOnce(&mut Intent, &mut Proposal)) -> Fact {
    let mut intent = wish(1);
    let mut proposal = proposal(&intent, writ, calls(1));
    forge(&mut intent, &mut proposal);
    started(intent, proposal)
}

/// One that is an honest compiler's, of what `change` made of the intent.
fn compiled(writ: WritId, change: impl FnOnce(&mut Intent)) -> Fact {
    let mut intent = wish(1);
    change(&mut intent);
    let proposal = proposal(&intent, writ, calls(1));
    started(intent, proposal)
}

fn short(dimension: Dimension, free: u64, wanted: u64) -> Refusal {
    Refusal::Budget(Shortage { dimension, free, wanted })
}

#[test]
fn a_call_is_started_as_its_intent_says() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    docket.check(&compiled(mine, |_| ()), Ok(Judged::Derived));
    let part = |part, forge: fn(&mut Intent, &mut Proposal)| docket.drifts(&forged(mine, forge), Drift::Proposal(part));
    part(Part::Intent, |intent, _| intent.nonce.0[0] ^= 1);
    part(Part::Key, |_, it| it.key = wish(2).key());
    part(Part::Tool, |_, it| it.tool = name("mail.burn"));
    part(Part::Status, |_, it| it.status = Status::Suspended { rule: Digest::ZERO });
    docket.drifts(&forged(mine, |_, it| it.compiler = 77), Drift::Compiler { found: 77 });
    let stranger = signer(STRANGER).public();
    docket.drifts(&compiled(mine, |it| it.author = stranger), Drift::Author { key: stranger });
    docket.drifts(&compiled(mine, |it| it.origin = stranger), Drift::Author { key: stranger });
    let unknown = writ(QUEEN, STRANGER, None, grant()).id();
    docket.drifts(&compiled(unknown, |_| ()), Drift::NoWrit { writ: unknown });
    docket.record(compiled(mine, |_| ()));
    docket.drifts(&compiled(mine, |_| ()), Drift::Repeated { key: wish(1).key() });
    docket.drifts(&refused(&wish(1), mine, Reason::Suspended, second(10)), Drift::Repeated { key: wish(1).key() });
}

#[test]
fn a_call_that_the_ledger_speaks_against_is_not_started() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    let check = |docket: &Docket, fact: &Fact, refusal| docket.drifts(fact, Drift::Allowed(Reason::Refused(refusal)));
    check(&docket, &compiled(mine, |it| it.tool = name("post.send")), Refusal::Scope);
    let (until, at) = (second(9), second(10));
    check(&docket, &compiled(mine, |it| it.until = second(9)), Refusal::Stale { until, at });
    let until = at + MAX_REACH + Span::from_nanos(1);
    check(&docket, &compiled(mine, |it| it.until = until), Refusal::Distant { until, at });
    check(&docket, &compiled(mine, |it| it.tenant = tenant("other")), Refusal::Tenant { tenant: tenant("acme") });
    check(&docket, &forged(mine, |_, it| it.class = Class::Irreversible), Refusal::Ceiling { class: Class::Irreversible });
    check(&docket, &forged(mine, |_, it| it.cost = calls(101)), short(Dimension::Calls, 100, 101));
    check(&docket, &forged(mine, |_, it| it.cost.money = Usdc(101)), short(Dimension::Money, 100, 101));
    let other = writ(QUEEN, STRANGER, None, grant());
    docket.record(Fact::Known { writ: other.clone() });
    check(&docket, &compiled(other.id(), |_| ()), Refusal::NotHome { home: signer(STRANGER).public() });
    docket.record(compiled(mine, |_| ()));
    let first = wish(1).digest();
    check(
        &docket,
        &compiled(mine, |it| it.rationale = antfarm_authority::Text::new("else").expect("short")),
        Refusal::Retold { first },
    );
    docket.record(Fact::Expired { writ: mine });
    let second_wish = || started(wish(2), proposal(&wish(2), mine, calls(1)));
    check(&docket, &second_wish(), Refusal::SeenExpired);
    docket.record(Fact::Revoked(Revocation::sign(&docket.granted(mine), &signer(QUEEN))));
    check(&docket, &second_wish(), Refusal::Revoked { writ: mine });
}

#[test]
fn a_call_has_the_deadlines_of_its_class_and_its_tool() {
    let mut docket = Docket::of(SCOUT);
    let writ = writ(QUEEN, SCOUT, None, Grant { ceiling: antfarm_authority::Ceiling::ALL, ..grant() });
    let (mine, at) = (writ.id(), second(10));
    docket.record(Fact::Granted { writ, drawn: None });
    let call = |class, resolution, bound, deadline| {
        let proposal = Proposal { class, resolution, deadline: bound, ..proposal(&wish(1), mine, calls(1)) };
        Fact::Started { intent: Box::new(wish(1)), proposal, at, deadline }
    };
    let (right, wrong) = (Ok(Judged::Derived), Err(Drift::Proposal(Part::Deadline)));
    let retention = Span::from_secs(100);
    let remembered = at + Span::from_millis(100_000 - 2 * 500 - 100);
    assert_eq!(MAX_SKEW, Span::from_millis(500));
    let keyed = Resolution::Keyed { retention };
    docket.check(&call(Class::External, keyed, None, remembered), right.clone());
    docket.check(&call(Class::External, keyed, None, remembered + Span::from_nanos(1)), wrong.clone());
    docket.check(&call(Class::External, Resolution::Blind, None, at), right.clone());
    docket.check(&call(Class::External, Resolution::Blind, None, second(9)), wrong.clone());
    // Only what cannot be taken back is bounded by standing, and it always is.
    docket.check(&call(Class::External, keyed, Some(second(12)), second(12)), wrong.clone());
    docket.check(&call(Class::Irreversible, keyed, None, remembered), wrong.clone());
    docket.check(&call(Class::Irreversible, keyed, Some(second(12)), second(12)), right.clone());
    docket.check(&call(Class::Irreversible, keyed, Some(second(12)), second(13)), wrong.clone());
    docket.check(&call(Class::Irreversible, keyed, Some(second(9)), second(9)), wrong.clone());
    // Not even the freshest word lasts longer than the writ's freshness.
    docket.check(&call(Class::Irreversible, keyed, Some(second(20)), second(20)), wrong);
    let last = antfarm_authority::latest_deadline(&docket.granted(mine), at);
    docket.check(&call(Class::Irreversible, keyed, Some(last), last), right);
}

/// Reasons that are the record's word alone.
fn unshown() -> [Reason; 6] {
    let giver = signer(QUEEN).public();
    [
        Reason::Refused(Refusal::NoStanding(NoStanding { giver, lapsed: true })),
        Reason::Refused(Refusal::UnknownTool),
        Reason::Refused(Refusal::Args(BadArgs::Target)),
        Reason::Refused(Refusal::Unmet(Unmet::Missing)),
        Reason::Refused(Refusal::Denied { rule: wish(1).digest() }),
        Reason::Suspended,
    ]
}

/// Reasons that the ledger does not bear out as long as nothing is wrong.
fn untrue(mine: WritId) -> Vec<Reason> {
    let (until, at, key) = (second(60), second(10), signer(STRANGER).public());
    let refusals = [
        Refusal::NotHome { home: key },
        Refusal::Tenant { tenant: tenant("other") },
        Refusal::NotSubject { subject: key },
        Refusal::Stale { until, at },
        Refusal::Distant { until, at },
        Refusal::Retold { first: wish(2).digest() },
        Refusal::Revoked { writ: mine },
        Refusal::Early { not_before: second(1), at },
        Refusal::Expired { expires_at: second(3_600), at },
        Refusal::Scope,
        Refusal::Ceiling { class: Class::External },
        Refusal::Ceiling { class: Class::Pure },
        Refusal::NoAccount,
        Refusal::AccountClosed,
        Refusal::SeenExpired,
        Refusal::Busy,
        short(Dimension::Calls, 100, 100),
    ];
    let others = [Reason::UnknownWrit, Reason::Late, Reason::Reserved];
    refusals.into_iter().map(Reason::Refused).chain(others).collect()
}

#[test]
fn a_wish_is_refused_for_what_holds() {
    let (docket, mine) = Docket::with_writ(SCOUT);
    let check = |reason, expected| docket.check(&refused(&wish(1), mine, reason, second(10)), expected);
    untrue(mine).into_iter().for_each(|reason| check(reason, Err(Drift::Refused { derived: None })));
    unshown().into_iter().for_each(|reason| check(reason, Ok(Judged::Unshown)));
    let true_ones = [
        Refusal::Ceiling { class: Class::Irreversible },
        short(Dimension::Calls, 100, 101),
        short(Dimension::Tokens, 0, 1),
        short(Dimension::Time, 0, 1),
        short(Dimension::Money, 100, 101),
    ];
    true_ones.into_iter().for_each(|refusal| check(Reason::Refused(refusal), Ok(Judged::Derived)));
    let derived = Some(Reason::Refused(short(Dimension::Calls, 100, 101)));
    check(Reason::Refused(short(Dimension::Calls, 99, 101)), Err(Drift::Refused { derived }));
    let unknown = writ(QUEEN, STRANGER, None, grant()).id();
    docket.check(&refused(&wish(1), unknown, Reason::UnknownWrit, second(10)), Ok(Judged::Derived));
    let derived = Some(Reason::UnknownWrit);
    docket.drifts(&refused(&wish(1), unknown, Reason::Refused(Refusal::Scope), second(10)), Drift::Refused { derived });
}

#[test]
fn a_wish_is_refused_for_the_first_reason() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    docket.record(Fact::Revoked(Revocation::sign(&docket.granted(mine), &signer(QUEEN))));
    let revoked = Reason::Refused(Refusal::Revoked { writ: mine });
    docket.check(&refused(&wish(1), mine, revoked.clone(), second(10)), Ok(Judged::Derived));
    for reason in untrue(mine).into_iter().chain(unshown()).filter(|reason| *reason != revoked && *reason != Reason::Reserved) {
        let derived = Some(revoked.clone());
        docket.drifts(&refused(&wish(1), mine, reason, second(10)), Drift::Refused { derived });
    }
    // What is asked before standing is shown, what is asked after it counts only if it stood.
    let (docket, mine) = Docket::with_writ(SCOUT);
    let (not_before, at) = (second(1), second(0));
    let early = Reason::Refused(Refusal::Early { not_before, at });
    docket.check(&refused(&wish(1), mine, early.clone(), at), Ok(Judged::Derived));
    let [standing, later @ ..] = unshown();
    docket.check(&refused(&wish(1), mine, standing, at), Ok(Judged::Unshown));
    for reason in later {
        docket.drifts(&refused(&wish(1), mine, reason, at), Drift::Refused { derived: Some(early.clone()) });
    }
}

#[test]
fn a_writ_is_busy_when_that_many_calls_are_under_way() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    for number in 0..MAX_RESERVATIONS {
        let mut intent = wish(9);
        intent.nonce.0[..8].copy_from_slice(&number.to_le_bytes());
        let proposal = proposal(&intent, mine, Amount::ZERO);
        docket.append(&started(intent, proposal));
    }
    docket.check(&refused(&wish(1), mine, Reason::Refused(Refusal::Busy), second(10)), Ok(Judged::Derived));
    docket.drifts(&compiled(mine, |_| ()), Drift::Allowed(Reason::Refused(Refusal::Busy)));
}

#[test]
fn a_call_is_withheld_for_what_holds_then() {
    let (mut docket, mine) = Docket::with_writ(SCOUT);
    let withheld = |reason| Fact::Withheld { key: wish(1).key(), reason };
    docket.drifts(&withheld(Reason::Late), Drift::NotUnderway { key: wish(1).key() });
    docket.record(compiled(mine, |_| ()));
    let refusal = |refusal| withheld(Reason::Refused(refusal));
    let [standing, ..] = unshown();
    docket.check(&withheld(standing), Ok(Judged::Unshown));
    docket.check(&withheld(Reason::Late), Ok(Judged::Unshown));
    let (expires_at, at) = (second(3_600), second(3_601));
    let nothing = Drift::Refused { derived: None };
    docket.drifts(&refusal(Refusal::Expired { expires_at, at }), nothing.clone());
    docket.drifts(&refusal(Refusal::Early { not_before: second(1), at: second(1) }), nothing.clone());
    docket.check(&refusal(Refusal::Early { not_before: second(1), at: second(0) }), Ok(Judged::Derived));
    docket.drifts(&refusal(Refusal::Revoked { writ: mine }), nothing.clone());
    docket.drifts(&withheld(Reason::Suspended), nothing);
    docket.record(Fact::Expired { writ: mine });
    let expired = || Some(Reason::Refused(Refusal::SeenExpired));
    docket.check(&refusal(Refusal::Expired { expires_at, at }), Ok(Judged::Derived));
    docket.drifts(&refusal(Refusal::Expired { expires_at, at: expires_at }), Drift::Refused { derived: expired() });
    docket.drifts(&withheld(Reason::Late), Drift::Refused { derived: expired() });
    docket.record(Fact::Revoked(Revocation::sign(&docket.granted(mine), &signer(QUEEN))));
    let derived = Some(Reason::Refused(Refusal::Revoked { writ: mine }));
    docket.drifts(&refusal(Refusal::SeenExpired), Drift::Refused { derived });
    docket.check(&refusal(Refusal::Revoked { writ: mine }), Ok(Judged::Derived));
}
