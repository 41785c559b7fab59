//! Facts are read back as they were recorded: every kind, whatever it says.

use crate::fixture::{create, name, replace, tenant};
use antfarm_authority::{
    Amount, Body, Bytes, COMPILER, Calls, Ceiling, Class, Closed, Delegation, Drawn, Grant, Granted, Intent, Nonce, Offer,
    Proposal, Reclaimed, Refusal, Resolution, Revocation, Scope, Scopes, Standing, Standings, Status, Text, TrustRoots, Window,
    Writ,
};
use antfarm_automata::Value;
use antfarm_automata::entities::{
    Act, Alarm, Armed, Asked as Steps, Cause, Delivery, Dropped, Happened, Key, Move as Moved, Refused, Ringing, Step, Who,
};
use antfarm_identity::{Codec, Digest, Domain, Signer, from_bytes, to_bytes};
use antfarm_ledger::{LogHead, SignedHead};
use antfarm_machine::{Mono, Span, Wall};
use antfarm_node::{
    Asked, Body as Content, Call, Claim, Commission, Declined, Delta, Ending, Fact, Fork, Message, Move, Outcome, Reason, Report,
    SignedDelivery, Task, Thought,
};
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
        Fact::Started { intent: Box::new(intent.clone()), proposal: proposal.clone(), at, deadline: at },
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
        Fact::Denied { asked: Asked::Work { writ: id, nonce: granted.body().nonce }, why: Declined::Unknown, at },
        Fact::Saving,
        Fact::Saved { at: number, seal: colony },
        Fact::Acted {
            intent: Box::new(intent),
            proposal,
            at,
            step: Box::new(step(number, colony, text)),
            result: Bytes::new(bytes).expect("short"),
        },
        Fact::Moved { step: Box::new(step(number, colony, text)), signature: Some(revocation.signature), at },
    ]
}

/// A step in which one entity could not act.
fn step(number: u64, suite: Digest, text: &str) -> Step {
    let who = Who { entity: 3, id: text.into() };
    let act = Act { who: who.clone(), action: 1, params: vec![Value::text(text), Value::Int(-1), Value::list([text])] };
    let key = Some(Key { key: text.into(), expires: -1 });
    let asked = Steps { record: number, at: 7, moved: Moved::Act { act: act.clone(), writes: vec![act] }, key };
    let why = Refused::Write { write: 2, why: Box::new(Refused::Taken { id: text.into() }) };
    let cause = Cause::Trigger { of: 0, trigger: 9 };
    let dropped = Dropped { cause, who: Some(who.clone()), action: None, drop_ok: true, why };
    let alarm = Alarm { who, ringing: Ringing::Action(4) };
    let happened = vec![
        Happened::Rang(alarm.clone()),
        Happened::Armed { alarm, armed: Armed { since: -1, after: 2 } },
        Happened::Sent(delivery(number, text)),
        Happened::Dropped(dropped),
    ];
    Step { suite, asked, drawn: vec![text.into()], happened }
}

fn delivery(number: u64, text: &str) -> Delivery {
    let named = || antfarm_automata::Text::from(text);
    Delivery {
        from: named(),
        seq: number,
        record: number,
        by: named(),
        source: named(),
        after: named(),
        of: 1,
        trigger: 2,
        depth: 3,
        drop_ok: false,
        entity: named(),
        id: named(),
        create: true,
        action: named(),
        params: vec![(named(), Value::Null)],
    }
}

/// Every kind of message, made of what these facts say.
fn messages(facts: &[Fact]) -> Vec<Message> {
    let the = |of: u16| facts.iter().find(|fact| fact.kind() == of).expect("there is one of each kind");
    let (Fact::Granted { writ: granted, drawn }, Fact::Started { intent, proposal, deadline, .. }) = (the(1), the(4)) else {
        panic!("in order")
    };
    let (Fact::Revoked(revocation), Fact::Reclaimed(closed), Fact::Released(word)) = (the(9), the(12), the(13)) else {
        panic!("in order")
    };
    let (Fact::Witnessed { heads }, Fact::Forked(fork), Fact::Reported(report)) = (the(14), the(15), the(19)) else {
        panic!("in order")
    };
    let ((peer, head), key, deadline) = (heads[0], proposal.key, *deadline);
    let (chain, writ, revocation) = (vec![granted.clone()], granted.id(), *revocation);
    let inquiry = Standings::new(peer, 3).inquire(writ, peer, Mono::ZERO).expect("there is room");
    let (tool, target, args) = (intent.tool.clone(), intent.target.clone(), intent.args.clone());
    let bodies = vec![
        Content::Present { chain: chain.clone(), drawn: *drawn, commission: None },
        Content::Presented { writ, with_task: true },
        Content::Inquire { inquiry, chain: chain.clone() },
        Content::Standing(Standing { inquiry, signature: head.signature }),
        Content::Revoked { chain, revocation },
        Content::Sets { dead: (1, head.log), forks: (2, head.log) },
        Content::Closed(*closed),
        Content::Reclaimed(*word),
        Content::Recall(head),
        Content::Passed { records: 7 },
        Content::Seen { key: peer, head },
        Content::Forked((**fork).clone()),
        Content::Call(Call { key, tool, target, args, deadline }),
        Content::Close { key, deadline },
        Content::Outcome { key, outcome: Outcome::Unclear },
        Content::Report(report.clone()),
        Content::Reported { writ },
        Content::Deliver(Box::new(SignedDelivery { delivery: delivery(9, "it"), signature: head.signature })),
        Content::Delivered { below: 9 },
    ];
    let claim = Some(Box::new(Claim { head, session: 3 }));
    bodies.into_iter().map(|body| Message { head: claim.clone(), body }).collect()
}

/// A mind's words, of each kind of move.
fn thought(facts: &[Fact]) -> Option<Thought> {
    let (mut moves, mut answer) = (Vec::new(), None);
    for fact in facts {
        if let Fact::Started { intent, .. } = fact {
            let (tool, target) = (intent.tool.clone(), intent.target.clone());
            moves.push(Move::Call { tool, target, args: intent.args.clone(), rationale: intent.rationale.clone() });
            answer = Some(Bytes::default());
        }
        if let (Fact::Begun(commission), Some(Fact::Known { writ })) = (fact, facts.first()) {
            let Body { subject, nonce, home, grant, .. } = writ.body.clone();
            let offer = Box::new(Offer { subject, nonce, home, grant });
            moves.push(Move::Delegate { offer, task: Box::new(commission.task.clone()) });
        }
    }
    answer.map(|answer| Thought { moves, answer: Some(answer) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_kind_of_message_is_read_back_as_it_was(number: u64, bytes in vec(any::<u8>(), 0..64), text in ".{0,16}") {
        let facts = facts(number, &bytes, &text);
        let messages = messages(&facts);
        prop_assert_eq!(messages.len(), Content::KINDS.len());
        for (kind, message) in messages.iter().enumerate() {
            prop_assert_eq!(usize::from(message.kind()), kind);
            prop_assert_eq!(&from_bytes::<Message>(&to_bytes(message)).expect("it can be read back"), message);
        }
        let thought = thought(&facts).expect("a thought");
        prop_assert_eq!(Thought::read(&to_bytes(&thought)), Some(thought));
    }

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
