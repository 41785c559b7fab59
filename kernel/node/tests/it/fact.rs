//! Facts are read back as they were recorded: every kind, whatever it says.

use crate::fixture::{create, name, replace, tenant};
use antfarm_authority::{
    Amount, Body, Bytes, COMPILER, Calls, Ceiling, Class, Closed, Delegation, Drawn, Grant, Granted, Intent, Nonce, Proposal,
    Reclaimed, Refusal, Resolution, Revocation, Scope, Scopes, Status, Text, TrustRoots, Window, Writ,
};
use antfarm_identity::{Codec, Digest, Domain, Signer, from_bytes, to_bytes};
use antfarm_ledger::{LogHead, SignedHead};
use antfarm_machine::{Span, Wall};
use antfarm_node::{Commission, Declined, Delta, Ending, Fact, Fork, Reason, Report, Task};
use proptest::collection::vec;
use proptest::prelude::*;

const DOMAIN: Domain = Domain::new("antfarm 2026 test facts");

/// Every kind of fact, made of these numbers.
fn facts(number: u64, bytes: &[u8], text: &str) -> Vec<Fact> {
    let signer = Signer::insecure(number);
    let (me, colony) = (signer.public(), Digest::of(DOMAIN, &number.to_le_bytes()));
    let amount = Amount { calls: Calls(number), time: Span::from_nanos(number), ..Amount::ZERO };
    let grant = Grant {
        colony,
        tenant: tenant("acme"),
        tools: Scopes::new([Scope::new("a.*").expect("legal")]).expect("one is not too many"),
        budget: amount,
        ceiling: Ceiling::ALL,
        window: Window::new(Wall::ZERO, Wall::from_nanos(number)).expect("it ends later"),
        delegation: Delegation::NONE,
        freshness: Span::from_nanos(number),
    };
    let body = Body { issuer: me, subject: me, nonce: Nonce([7; 16]), parent: None, home: me, grant };
    let writ = Writ::issue(body, &signer);
    let roots = TrustRoots::new(colony, [me]).expect("one is not too many");
    let granted = Granted::root(writ.clone(), &roots).expect("the root signed it");
    let id = writ.id();
    let intent = Intent {
        tenant: tenant("acme"),
        author: me,
        origin: me,
        nonce: Nonce([9; 16]),
        until: Wall::from_nanos(number),
        tool: name("a.b"),
        target: Text::new(text).expect("short"),
        args: Bytes::new(bytes).expect("short"),
        rationale: Text::new(text).expect("short"),
    };
    let (key, at) = (intent.key(), Wall::from_nanos(number));
    let proposal = Proposal {
        compiler: COMPILER,
        policy: colony,
        intent: intent.digest(),
        key,
        writ: id,
        tool: name("a.b"),
        class: Class::Irreversible,
        resolution: Resolution::Keyed { retention: Span::from_nanos(number) },
        cost: amount,
        status: Status::Suspended { rule: colony },
        deadline: Some(at),
    };
    let head = |records| SignedHead::sign(&signer, colony, colony, LogHead { records, digest: colony, root: colony });
    let revocation = Revocation::sign(&granted, &signer);
    let drawn: Drawn = from_bytes(&to_bytes(&(id, revocation.signature))).expect("a writ and a signature");
    let closed: Closed = from_bytes(&to_bytes(&(id, amount, revocation.signature))).expect("so much was spent");
    let released: Reclaimed = from_bytes(&to_bytes(&(id, revocation.signature))).expect("a writ and a signature");
    let delta = Delta::new(vec![create("a", text), replace("b", number, text)]).expect("two keys");
    let task = Task { mind: name("a.mind"), text: Text::new(text).expect("short"), steps: 3, until: at };
    let commission = Commission::sign(colony, id, granted.body().nonce, task, &signer);
    let ending = Ending::Answered { answer: Bytes::new(bytes).expect("short") };
    let report: Report = from_bytes(&to_bytes(&(id, (granted.body().nonce, (ending, revocation.signature))))).expect("a report");
    let reason = Reason::Refused(Refusal::Expired { expires_at: at, at });
    vec![
        Fact::Known { writ: writ.clone() },
        Fact::Granted { writ: writ.clone(), drawn: Some(drawn) },
        Fact::Delegated { writ },
        Fact::Refused { intent: Box::new(intent.clone()), writ: id, reason: reason.clone(), at },
        Fact::Started { intent: Box::new(intent), proposal, at, deadline: at },
        Fact::Withheld { key, reason },
        Fact::Done { key, result: Bytes::new(bytes).expect("short"), spent: amount, delta },
        Fact::Failed { key, spent: amount },
        Fact::Doubted { key },
        Fact::Revoked(revocation),
        Fact::Expired { writ: id },
        Fact::Closed { writ: id },
        Fact::Reclaimed(closed),
        Fact::Released(released),
        Fact::Witnessed { heads: vec![(me, head(number)), (me, head(1))] },
        Fact::Forked(Box::new(Fork { one: head(number), other: head(2) })),
        Fact::Begun(Box::new(commission.clone())),
        Fact::Commissioned(Box::new(commission)),
        Fact::Ended(Box::new(report.clone())),
        Fact::Reported(Box::new(report)),
        Fact::Declined { writ: id, nonce: granted.body().nonce, why: Declined::Budget },
        Fact::Forgot { at },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_kind_of_fact_is_read_back_as_it_was(number: u64, bytes in vec(any::<u8>(), 0..64), text in ".{0,16}") {
        let facts = facts(number, &bytes, &text);
        prop_assert_eq!(facts.len(), Fact::KINDS.len());
        for (kind, fact) in facts.iter().enumerate() {
            prop_assert_eq!(usize::from(fact.kind()), kind);
            prop_assert_eq!(&from_bytes::<Fact>(&to_bytes(fact)).expect("it can be read back"), fact);
        }
    }
}
