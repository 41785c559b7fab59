//! What a node asks of, and answers to, others: those who remember another log than there is, and who gave its writs.

use crate::alone::{Alone, PULSE, hours};
use antfarm_authority::{Body as Terms, Refusal, TrustRoots, Writ};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{LogHead, SignedHead};
use antfarm_machine::{Input, PeerId, Wall};
use antfarm_node::{Answer, Body, Claim, Message, Reason, log_of};

const SCOUT: PeerId = PeerId::new(2);

/// A node that knows a scout.
fn acquainted() -> (Alone, Signer) {
    let scout = Signer::insecure(2);
    let mut alone = Alone::new(200);
    alone.config.nodes.insert(SCOUT, scout.public());
    alone.restart();
    (alone, scout)
}

fn head(alone: &Alone, of: &Signer, records: u64) -> SignedHead {
    let colony = alone.config.roots.colony();
    let digest = Digest::of(Domain::new("antfarm 2026 test heads"), &records.to_le_bytes());
    SignedHead::sign(of, colony, log_of(colony, &of.public()), LogHead { records, digest, root: digest })
}

/// The heads that a node is asked to pass through when it claims these, in order, under these starts.
fn asked_after(claims: &[(u64, u64)]) -> Vec<u64> {
    let (mut alone, scout) = acquainted();
    for (records, session) in claims {
        let claim = Claim { head: head(&alone, &scout, *records), session: *session };
        let message = Message { head: Some(Box::new(claim)), body: Body::Passed { records: 0 } };
        alone.feed(Input::Heard { from: SCOUT, message });
    }
    let recalls =
        alone.sent.iter().filter_map(|(_, body)| if let Body::Recall(head) = body { Some(head.head.records) } else { None });
    recalls.collect()
}

#[test]
fn whoever_starts_again_is_asked_for_the_past_whatever_number_the_start_has() {
    assert_eq!(asked_after(&[(6, 9), (7, 10)]), [6], "a later start");
    assert_eq!(asked_after(&[(6, 9), (3, 8)]), [6], "a folder was put back, and a clock");
    assert_eq!(asked_after(&[(6, 9), (9, 8)]), [6], "and it went on since");
    assert!(asked_after(&[(6, 9), (3, 9), (7, 9)]).is_empty(), "what comes late");
}

#[test]
fn whoever_is_shown_a_later_head_of_its_own_serves_nothing_more() {
    let (mut alone, _) = acquainted();
    let later = head(&alone, &alone.config.signer, 1_000);
    let forged = SignedHead { signature: head(&alone, &Signer::insecure(2), 1_000).signature, ..later };
    for (shown, is_over) in [(forged, false), (later, true)] {
        let message = Message::bare(Body::Seen { key: alone.config.me(), head: shown });
        alone.feed(Input::Heard { from: SCOUT, message });
        assert_eq!(alone.node.is_rolled_back(), is_over);
    }
}

#[test]
fn a_node_tells_whom_it_knows_of_their_own_heads_too() {
    let (mut alone, scout) = acquainted();
    let claim = Claim { head: head(&alone, &scout, 6), session: 9 };
    let message = Message { head: Some(Box::new(claim)), body: Body::Passed { records: 0 } };
    alone.feed(Input::Heard { from: SCOUT, message });
    alone.wait(hours(1));
    let own = |(to, body): &(PeerId, Body)| *to == SCOUT && matches!(body, Body::Seen { key, .. } if *key == scout.public());
    assert!(alone.sent.iter().any(own), "{:?}", alone.sent);
}

#[test]
fn whoever_wishes_in_haste_floods_no_giver() {
    let (mut alone, scout) = acquainted();
    let colony = alone.config.roots.colony();
    alone.config.roots = TrustRoots::new(colony, [scout.public()]).expect("one is not too many");
    let offer = alone.offer(1, Wall::ZERO + hours(2_000));
    let body = Terms {
        issuer: scout.public(),
        subject: offer.subject,
        nonce: offer.nonce,
        parent: None,
        home: offer.home,
        grant: offer.grant,
    };
    let writ = Writ::issue(body, &scout);
    alone.restart();
    alone.feed(Input::Heard {
        from: SCOUT,
        message: Message::bare(Body::Present { chain: vec![writ.clone()], drawn: None, commission: None }),
    });
    for number in 0..30 {
        let answer = alone.wish(writ.id(), number, Wall::ZERO + hours(1_001), b"x");
        assert!(matches!(answer, Some(Answer::Refused(Reason::Refused(Refusal::NoStanding(_))))), "{answer:?}");
    }
    let asked =
        |alone: &Alone| alone.sent.iter().filter(|(to, body)| *to == SCOUT && matches!(body, Body::Inquire { .. })).count();
    assert_eq!(asked(&alone), 1);
    alone.wait(PULSE.times(3));
    assert!((2..6).contains(&asked(&alone)), "asked again by the pulse: {}", asked(&alone));
}

#[test]
fn whoever_is_at_work_reads_its_log_again_only_for_heads_that_this_process_did_not_sign() {
    let (mut alone, _) = acquainted();
    let writ = alone.grant(1, Wall::ZERO + hours(2_000));
    let durable = |alone: &Alone| alone.node.ledger().durable().expect("it is open");
    alone.wait(PULSE.times(2));
    let signed = durable(&alone);
    let mut unsigned = Vec::new();
    for number in 0..150 {
        let answer = alone.wish(writ, number, Wall::ZERO + hours(1_010), b"x");
        assert!(matches!(answer, Some(Answer::Done { .. })), "{answer:?}");
        unsigned.push(durable(&alone));
    }
    let seen = |alone: &mut Alone, head: LogHead| {
        let (me, colony) = (alone.config.me(), alone.config.roots.colony());
        let head = SignedHead::sign(&alone.config.signer, colony, log_of(colony, &me), head);
        alone.feed(Input::Heard { from: SCOUT, message: Message::bare(Body::Seen { key: me, head }) });
    };
    let pulses_until_it_opens = |alone: &mut Alone| {
        alone.told.clear();
        (1..=64).find(|_| {
            alone.wait(PULSE);
            alone.told.iter().any(|told| matches!(told, antfarm_node::Notice::Opened(_)))
        })
    };
    seen(&mut alone, signed);
    assert_eq!(pulses_until_it_opens(&mut alone), None, "it was signed by this process");
    for head in unsigned.into_iter().take(2) {
        seen(&mut alone, head);
        assert!(pulses_until_it_opens(&mut alone).is_some_and(|it| it <= 17));
        assert!(alone.node.is_serving() && !alone.node.is_rolled_back());
    }
    let other = head(&alone, &alone.config.signer, signed.records);
    alone.feed(Input::Heard { from: SCOUT, message: Message::bare(Body::Seen { key: alone.config.me(), head: other }) });
    assert!(alone.node.is_rolled_back(), "another history of what it signed");
}
