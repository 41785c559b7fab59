//! What a node asks of, and answers to, those who remember another log than there is.

use crate::alone::{Alone, hours};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::{LogHead, SignedHead};
use antfarm_machine::{Input, PeerId};
use antfarm_node::{Body, Claim, Message, log_of};

const SCOUT: PeerId = PeerId::new(2);

/// A node that knows a scout.
fn acquainted() -> (Alone, Signer) {
    let scout = Signer::insecure(2);
    let mut alone = Alone::new(100);
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
