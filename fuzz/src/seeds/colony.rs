//! Seeds out of a colony's life: what nodes say to each other, record, and tell their clients.

use super::encoded;
use crate::control::framed;
use antfarm_authority::{
    Amount, Body, Bytes, Calls, Ceiling, Delegation, Grant, Granted, Inquiry, Intent, Name, Nonce, Offer, Revocation, Scope,
    Scopes, Tenant, Text, Tokens, TrustRoots, Usdc, Window, Writ,
};
use antfarm_daemon::control::{Command, Free, Reply, Request, Said, Status, WritLine};
use antfarm_identity::{Digest, Domain, Signer, to_bytes};
use antfarm_ledger::{LogHead, SignedHead};
use antfarm_machine::{Span, Wall};
use antfarm_node::{
    Answer, Ask, Body as Says, Call, Claim, Commission, Context, Declined, Ending, Fact, Message, Move, Notice, Outcome, Past,
    Reply as Became, Task, Thought, Wish,
};
use std::collections::BTreeSet;

const DOMAIN: Domain = Domain::new("antfarm 2026 fuzz seeds");

/// The places of the types in [`crate::codec::TYPES`].
const MESSAGE: u8 = 16;
const FACT: u8 = 17;
const ASK: u8 = 18;
const NOTICE: u8 = 19;
const WRIT: u8 = 20;
const INTENT: u8 = 22;
const OFFER: u8 = 24;
const MINDS: u8 = 25;
const PARTS: u8 = 27;

/// A writ and what is done under it.
struct Scene {
    colony: Digest,
    grant: Grant,
    writ: Writ,
    intent: Intent,
    offer: Offer,
    task: Task,
    head: SignedHead,
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn scene() -> Scene {
    let (queen, scout) = (Signer::insecure(1), Signer::insecure(2));
    let colony = Digest::of(DOMAIN, b"colony");
    let tenant = Tenant(name("acme"));
    let grant = Grant {
        colony,
        tenant: tenant.clone(),
        tools: Scopes::new([Scope::new("bank.*").expect("a scope"), Scope::new("mail").expect("a scope")]).expect("few"),
        budget: Amount { calls: Calls(9), money: Usdc(50_000_000), tokens: Tokens(7), time: Span::from_secs(60) },
        ceiling: Ceiling::default(),
        window: Window::new(Wall::ZERO, Wall::from_nanos(1_000_000_000)).expect("it begins before it ends"),
        delegation: Delegation::new(2, true).expect("not deep"),
        freshness: Span::from_secs(10),
    };
    let (subject, home, nonce) = (scout.public(), scout.public(), Nonce([7; 16]));
    let body = Body { issuer: queen.public(), subject, nonce, parent: None, home, grant: grant.clone() };
    let writ = Writ::issue(body, &queen);
    let offer = Offer { subject, nonce, home, grant: grant.clone() };
    let intent = Intent {
        tenant,
        author: subject,
        origin: home,
        nonce,
        until: Wall::from_nanos(900),
        tool: name("bank.pay"),
        target: Text::new("well.example").expect("short"),
        args: Bytes::new(b"20 usdc").expect("short"),
        rationale: Text::new("the well asks for it").expect("short"),
    };
    let task = Task { mind: name("mind"), text: Text::new("find water").expect("short"), steps: 4, until: Wall::from_nanos(5) };
    let head = SignedHead::sign(&scout, colony, colony, LogHead { records: 12, digest: colony, root: colony });
    Scene { colony, grant, writ, intent, offer, task, head }
}

pub(crate) fn codec() -> Vec<(String, Vec<u8>)> {
    let Scene { colony, grant, writ, intent, offer, task, head } = scene();
    let queen = Signer::insecure(1);
    let (id, nonce, key) = (writ.id(), offer.nonce, intent.key());
    let roots = TrustRoots::new(colony, [queen.public()]).expect("one root");
    let granted = Granted::root(writ.clone(), &roots).expect("the root gave it");
    let revocation = Revocation::sign(&granted, &queen);
    let commission = Commission::sign(colony, id, nonce, task.clone(), &queen);
    let claimed = |body| Message { head: Some(Box::new(Claim { head, session: 3 })), body };
    let chain = vec![writ.clone()];
    let inquiry = Inquiry { writ: id, giver: queen.public(), holder: offer.home, epoch: 1, number: 2 };
    let present = Says::Present { chain: chain.clone(), drawn: None, commission: Some(Box::new(commission.clone())) };
    let wish = Wish {
        writ: id,
        nonce,
        until: intent.until,
        tool: intent.tool.clone(),
        target: intent.target.clone(),
        args: intent.args.clone(),
        rationale: intent.rationale.clone(),
    };
    let past = Past {
        step: 1,
        tool: Some(intent.tool.clone()),
        target: intent.target.clone(),
        reply: Became::Declined(Declined::Widened),
    };
    let context = Context {
        task: task.text.clone(),
        step: 2,
        steps: 4,
        grant: Box::new(grant.clone()),
        free: grant.budget,
        past: vec![past],
    };
    let call = Move::Call {
        tool: intent.tool.clone(),
        target: intent.target.clone(),
        args: intent.args.clone(),
        rationale: intent.rationale.clone(),
    };
    let handed = Move::Delegate { offer: Box::new(offer.clone()), task: Box::new(task.clone()) };
    let thought = Thought { moves: vec![call, handed], answer: Some(Bytes::new(b"here").expect("short")) };
    let ending = Ending::Answered { answer: Bytes::new(b"here").expect("short") };
    let answered = Notice::Answered { nonce, key, answer: Answer::Done { result: Bytes::new(b"paid").expect("short") } };
    let outcome = Outcome::Failed { spent: grant.budget };
    // A second way to write the first alone: it is refused.
    let covered = BTreeSet::from(["bank.*", "bank.pay"].map(|text| Scope::new(text).expect("a scope")));
    let granting = Ask::Grant { parent: Some(id), offer: Box::new(offer.clone()), task: Some(Box::new(task)) };
    vec![
        encoded("node-present", MESSAGE, &claimed(present)),
        encoded("node-inquire", MESSAGE, &claimed(Says::Inquire { inquiry, chain: chain.clone() })),
        encoded("node-revoked", MESSAGE, &claimed(Says::Revoked { chain, revocation })),
        encoded("node-sets", MESSAGE, &claimed(Says::Sets { dead: (1, colony), forks: (0, colony) })),
        encoded("node-outcome", MESSAGE, &Message::bare(Says::Outcome { key, outcome })),
        encoded("fact-granted", FACT, &Fact::Granted { writ: writ.clone(), drawn: None }),
        encoded("fact-begun", FACT, &Fact::Begun(Box::new(commission))),
        encoded("fact-witnessed", FACT, &Fact::Witnessed { heads: vec![(queen.public(), head)] }),
        encoded("ask-grant", ASK, &granting),
        encoded("ask-wish", ASK, &Ask::Wish(Box::new(wish))),
        encoded("notice-answered", NOTICE, &answered),
        encoded("notice-ended", NOTICE, &Notice::Ended { writ: id, nonce, ending }),
        encoded("writ", WRIT, &writ),
        encoded("intent", INTENT, &intent),
        encoded("offer", OFFER, &offer),
        encoded("minds", MINDS, &(context, thought)),
        encoded("grant-parts-covered", PARTS, &(covered, grant.window, grant.delegation)),
        encoded("grant-parts", PARTS, &(grant.tools, grant.window, grant.delegation)),
    ]
}

/// In which pieces the rest arrives; frames.
pub(crate) fn control() -> Vec<(String, Vec<u8>)> {
    let Scene { colony, writ, intent, offer, head, .. } = scene();
    let (id, nonce, key) = (writ.id(), offer.nonce, intent.key());
    let request = |number, command| framed(&to_bytes(&Request { number, command }));
    let reply = |number, said| framed(&to_bytes(&Reply { number, said }));
    let grant = request(1, Command::Ask(Ask::Grant { parent: None, offer: Box::new(offer.clone()), task: None }));
    let small: Vec<u8> = [
        request(2, Command::Status),
        request(3, Command::Head),
        request(u64::MAX, Command::Writs { after: Some(id) }),
        request(6, Command::Writ(id)),
        request(0, Command::Metrics),
        request(4, Command::Ask(Ask::Resolve { key, happened: true })),
        request(4, Command::Ask(Ask::Revoke { writ: id })),
    ]
    .concat();
    let status = Status {
        name: "queen".to_owned(),
        key: offer.home,
        colony,
        log: colony,
        serving: true,
        rolled_back: false,
        records: 9,
        writs: 2,
        open: 1,
        connected: vec!["scout".to_owned(), "st\u{f6}re".to_owned()],
        at: Wall::from_nanos(77),
    };
    let line = WritLine {
        writ: id.digest(),
        issuer: offer.subject,
        subject: offer.home,
        since: Wall::from_nanos(1),
        until: Wall::from_nanos(2),
        freshness: Span::from_secs(1),
        revoked: false,
        free: Some(Free { calls: 3, money: 4 }),
    };
    let notice = Notice::Answered { nonce, key, answer: Answer::InDoubt };
    let declined = Notice::Declined { asked: antfarm_node::Asked::Revoke { writ: id }, why: Declined::NotGiver };
    let called = Notice::Called(Call {
        key,
        tool: intent.tool.clone(),
        target: intent.target.clone(),
        args: intent.args.clone(),
        deadline: Wall::from_nanos(9),
    });
    let said: Vec<u8> =
        [Said::Pending, Said::Busy, Said::Over, Said::Head(None), Said::Head(Some(head)), Said::Text("x".to_owned())]
            .into_iter()
            .flat_map(|said| reply(5, said))
            .collect();
    let seed = |name: &str, piece: u8, stream: &[u8]| (name.to_owned(), [&[piece], stream].concat());
    vec![
        seed("grant", 7, &grant),
        seed("small-requests", 3, &small),
        seed("small-requests-in-large-pieces", 100, &small),
        seed("replies", 9, &said),
        seed("status", 9, &reply(2, Said::Status(status))),
        seed("writs", 9, &reply(3, Said::Writs(vec![line.clone(), line]))),
        seed("answered", 5, &reply(1, Said::Notice(notice))),
        seed("declined", 5, &reply(1, Said::Notice(declined))),
        seed("called", 5, &reply(1, Said::Notice(called))),
        seed("request-and-noise", 5, &[&grant[..], &framed(b"noise"), &small].concat()),
        seed("empty-frames", 2, &[framed(b""), framed(b""), small.clone()].concat()),
        seed("cut-in-length", 1, &[&small[..], &[1, 0]].concat()),
        seed("cut-in-body", 1, &small[..small.len() - 3]),
        seed("longest-claim", 4, &[&small[..], &(1_u32 << 20).to_le_bytes(), b"and little more"].concat()),
        seed("too-long", 4, &[&small[..], &((1_u32 << 20) + 1).to_le_bytes(), b"and on"].concat()),
    ]
}
