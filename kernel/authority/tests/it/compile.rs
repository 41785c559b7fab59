//! Intents, and what becomes of them.

use crate::fixture::{
    Outside, amount, handed_on, helper, intent, name, narrow, nonce, other_policy, queen, root, scout, second, standing,
    stranger, tenant, wall, wide,
};
use antfarm_authority::{
    Accounts, BadArgs, Body, Bytes, COMPILER, Case, Ceiling, Class, Contract, Dimension, EffectKey, Grant, Granted, Intent,
    MAX_ARGS, MAX_REACH, MAX_RESERVATIONS, NoStanding, Proposal, Refusal, Resolution, Revocation, Revocations, Shortage,
    Standing, Standings, Status, Text, Unmet, Verdict, compile,
};
use antfarm_identity::{Digest, Domain, Signer, to_bytes};
use antfarm_machine::{Now, Span};

/// A node at which all is well: the scout's, with a root writ of ten, at second 150.
#[derive(Clone)]
struct Node {
    writ: Granted,
    accounts: Accounts,
    revocations: Revocations,
    standings: Standings,
    outside: Outside,
    told: Option<Digest>,
    now: Now,
}

impl Node {
    fn new() -> Self {
        Self::with(root(wide()))
    }

    fn with(writ: Granted) -> Self {
        let mut accounts = Accounts::new(scout().public());
        for above in writ.lineage().collect::<Vec<_>>().into_iter().rev() {
            if above.parent().is_some() {
                accounts.draw(above).expect("the parent has enough");
            }
            accounts.open(above, None).expect("it lives here");
        }
        let now = second(150);
        let mut standings = Standings::new(scout().public(), 1);
        standing(&mut standings, &writ, now.mono);
        Self { writ, accounts, revocations: Revocations::new(), standings, outside: Outside::well(), told: None, now }
    }

    fn compile(&self, intent: &Intent) -> Result<Proposal, Refusal> {
        let Self { writ, accounts, revocations, standings, outside, told, now } = self;
        let (tools, world, policy, told, now) = (outside, outside, outside, *told, *now);
        let case = Case { writ, accounts, revocations, standings, tools, world, policy, told, now };
        compile(intent, &case)
    }

    #[track_caller]
    fn refuses(&self, intent: &Intent, why: Refusal) {
        assert_eq!(self.compile(intent), Err(why));
    }
}

#[test]
fn an_intent_within_its_writ_is_staged() {
    let (node, intent) = (Node::new(), intent());
    let proposal = node.compile(&intent).expect("all is well");
    let expected = Proposal {
        compiler: COMPILER,
        policy: node.outside.version,
        intent: intent.digest(),
        key: intent.key(),
        writ: node.writ.id(),
        tool: name("bank.pay"),
        class: Class::Irreversible,
        resolution: Resolution::Keyed { retention: Span::from_secs(60) },
        cost: amount(3),
        status: Status::Staged,
        // Ten seconds less a ten-thousandth of a percent, for the drift.
        deadline: Some(node.now.wall + Span::from_nanos(9_999_990_000)),
    };
    assert_eq!(proposal, expected);
    assert_eq!(node.compile(&intent), Ok(proposal), "equal arguments give equal answers");
}

#[test]
fn a_policy_can_have_somebody_asked() {
    let mut node = Node::new();
    let rule = Digest::of(Domain::new("antfarm 2026 test rule"), b"ask");
    node.outside.verdict = Verdict::Suspend { rule };
    let proposal = node.compile(&intent()).expect("not refused");
    assert_eq!((proposal.status, proposal.deadline), (Status::Suspended { rule }, None), "it is compiled again at its release");
}

/// Everything is wrong at once; whatever is mended, the next stage refuses.
#[test]
fn the_stages_refuse_in_the_stated_order() {
    let grant = Grant {
        tools: crate::fixture::scopes(&["mail.send"]),
        budget: amount(2),
        ceiling: Ceiling { read: true, ..Ceiling::default() },
        ..narrow()
    };
    let parent = root(wide());
    let bad = handed_on(&parent, &scout(), &helper(), grant);
    let mut node = Node::new();
    node.writ = bad.clone();
    node.now = second(300);
    node.outside = Outside { contract: None, ..Outside::broken() };
    node.revocations.take(&Revocation::sign(&parent, &queen()), &parent).expect("it is well signed");
    let wrong = Intent { tenant: tenant("evil"), ..intent() };

    // 1: the writ lives at the helper's node.
    node.refuses(&wrong, Refusal::NotHome { home: helper().public() });
    let grant = bad.body().grant.clone();
    let at_home = |grant: Grant| {
        let offer = antfarm_authority::Offer { home: scout().public(), ..crate::fixture::offer(&helper(), 2, grant) };
        parent.child(parent.delegate(offer, &scout()).expect("it narrows")).expect("accepted")
    };
    node.writ = at_home(grant.clone());
    // 2
    node.refuses(&wrong, Refusal::Tenant { tenant: tenant("acme") });
    let wrong = intent();
    // 3
    node.refuses(&wrong, Refusal::NotSubject { subject: helper().public() });
    let wrong = Intent { author: helper().public(), ..wrong };
    // 4
    node.told = Some(other_policy());
    let past = Intent { until: wall(299), ..wrong.clone() };
    node.refuses(&past, Refusal::Stale { until: wall(299), at: wall(300) });
    // 5
    node.refuses(&wrong, Refusal::Retold { first: other_policy() });
    node.told = None;
    // 6
    node.refuses(&wrong, Refusal::Revoked { writ: parent.id() });
    node.revocations = Revocations::new();
    // 7
    let giver = *node.writ.givers().first().expect("somebody gave it");
    node.refuses(&wrong, Refusal::NoStanding(NoStanding { giver, lapsed: false }));
    standing(&mut node.standings, &node.writ, node.now.mono);
    // 8
    let (begins, ends) = (grant.window.not_before(), grant.window.expires_at());
    node.refuses(&wrong, Refusal::Expired { expires_at: ends, at: node.now.wall });
    let early = Now { wall: second(109).wall, ..node.now };
    Node { now: early, ..node.clone() }.refuses(&wrong, Refusal::Early { not_before: begins, at: early.wall });
    node.now.wall = ends;
    // 9
    node.refuses(&wrong, Refusal::Scope);
    let renew = |node: &mut Node, grant: &Grant| {
        node.writ = at_home(grant.clone());
        standing(&mut node.standings, &node.writ, node.now.mono);
    };
    let grant = Grant { tools: crate::fixture::scopes(&["bank.*"]), ..grant };
    renew(&mut node, &grant);
    // 10
    node.refuses(&wrong, Refusal::UnknownTool);
    node.outside.contract = Outside::well().contract;
    // 11
    node.refuses(&wrong, Refusal::Ceiling { class: Class::Irreversible });
    let grant = Grant { ceiling: Ceiling { irreversible: true, ..Ceiling::default() }, ..grant };
    renew(&mut node, &grant);
    // 12
    node.refuses(&wrong, Refusal::NoAccount);
    node.accounts.draw(&node.writ).expect("the parent has enough");
    node.accounts.open(&node.writ, None).expect("it was drawn");
    node.refuses(&wrong, Refusal::Budget(Shortage { dimension: Dimension::Tokens, free: 2, wanted: 3 }));
    let mut closed = node.clone();
    closed.accounts.close(closed.writ.id()).expect("nothing is under way");
    closed.refuses(&wrong, Refusal::AccountClosed);
    let grant = Grant { budget: amount(3), ..grant };
    renew(&mut node, &grant);
    node.accounts.draw(&node.writ).expect("the parent has enough");
    node.accounts.open(&node.writ, None).expect("it was drawn");
    // 13
    node.refuses(&wrong, Refusal::Args(BadArgs::Malformed { at: 7 }));
    node.outside.args = Ok(());
    // 14
    node.refuses(&wrong, Refusal::Unmet(Unmet::Version { expected: 1, found: 2 }));
    node.outside.world = Ok(());
    // 15
    let Verdict::Deny { rule } = node.outside.verdict else { panic!("the broken one denies") };
    node.refuses(&wrong, Refusal::Denied { rule });
    node.outside.verdict = Verdict::Permit;
    assert!(node.compile(&wrong).is_ok());
}

#[test]
fn both_ends_of_the_window_belong_to_it() {
    let mut node = Node::new();
    for (wall, ok) in [(99, false), (100, true), (200, true), (201, false)] {
        node.now.wall = second(wall).wall;
        assert_eq!(node.compile(&intent()).is_ok(), ok, "second {wall}");
    }
}

#[test]
fn what_was_seen_expired_stays_expired_when_the_wall_clock_goes_back() {
    let mut node = Node::new();
    assert!(node.accounts.expire(node.writ.id()));
    assert!(!node.accounts.expire(node.writ.id()), "that is known");
    node.refuses(&intent(), Refusal::SeenExpired);
    node.accounts.close(node.writ.id()).expect("what is left can still be returned");
}

#[test]
fn under_a_flood_a_node_says_that_it_is_busy() {
    let mut node = Node::new();
    for n in 0..u64::try_from(MAX_RESERVATIONS).expect("small") {
        let name = Digest::of(Domain::new("antfarm 2026 test reservation"), &n.to_le_bytes());
        node.accounts.reserve(node.writ.id(), name, amount(0)).expect("there is room");
    }
    node.refuses(&intent(), Refusal::Busy);
}

/// Standing is checked in the step that sends; so a proposal outlives it, and the effect does not happen.
#[test]
fn a_proposal_reserves_its_cost_under_its_key_once() {
    let mut node = Node::new();
    let proposal = node.compile(&intent()).expect("all is well");
    node.accounts.reserve(proposal.writ, proposal.key.digest(), proposal.cost).expect("it is affordable");
    assert!(node.accounts.reserve(proposal.writ, proposal.key.digest(), proposal.cost).is_err());
    let later = node.now.mono + Span::from_secs(10);
    assert_eq!(node.standings.check(&node.writ, later), Err(NoStanding { giver: queen().public(), lapsed: true }));
}

#[test]
fn only_what_cannot_be_taken_back_has_a_deadline() {
    let mut node = Node::new();
    for class in [Class::Pure, Class::Read, Class::Write, Class::External] {
        node.outside.contract = Outside::well().contract.map(|it| Contract { class, ..it });
        assert_eq!(node.compile(&intent()).expect("all is well").deadline, None, "{class:?}");
    }
}

/// Whoever spoke longest ago limits it, and the writ's own window.
#[test]
fn a_deadline_is_what_is_left_of_standing_and_window() {
    let mut node = Node::new();
    let deadline = |node: &Node| node.compile(&intent()).expect("all is well").deadline.expect("it is irreversible");
    let first = deadline(&node);
    node.now = second(155);
    assert_eq!(deadline(&node), first, "time passes, and nobody was heard");
    standing(&mut node.standings, &node.writ, node.now.mono);
    assert_eq!(deadline(&node), first + Span::from_secs(5));
    node.now.wall = second(195).wall;
    assert_eq!(deadline(&node), second(200).wall, "the window ends");
    node.now.wall = second(200).wall;
    assert_eq!(deadline(&node), node.now.wall);

    let child = handed_on(&root(wide()), &scout(), &scout(), inner());
    let mut node = Node::with(child);
    let hear = |node: &mut Node, giver: &Signer, at: u64| {
        node.now = second(at);
        let inquiry = node.standings.inquire(node.writ.id(), giver.public(), node.now.mono).expect("there is room");
        let answer = Standing::answer(inquiry, &node.writ, &Revocations::new(), giver).expect("it stands");
        node.standings.take(&answer, &node.writ).expect("it was asked");
    };
    hear(&mut node, &queen(), 154);
    assert_eq!(deadline(&node), first, "the scout's word is the older one");
    hear(&mut node, &scout(), 156);
    assert_eq!(deadline(&node), first + Span::from_secs(4), "now the queen's is");
}

/// In OpenThymos the same wish under another writ is another effect, and so is the same wish once approved (W6).
#[test]
fn w6_the_key_of_an_effect_is_the_same_under_every_writ_and_policy() {
    let node = Node::new();
    let again = Node::with(handed_on(&root(wide()), &scout(), &scout(), Grant { budget: amount(9), ..inner() }));
    let mut judged = Node::new();
    judged.outside.version = other_policy();
    judged.outside.verdict = Verdict::Suspend { rule: other_policy() };
    let (one, two, three) = (node.compile(&intent()), again.compile(&intent()), judged.compile(&intent()));
    let [one, two, three] = [one, two, three].map(|it| it.expect("not refused"));
    assert!(one.writ != two.writ && one.policy != three.policy && one.status != three.status);
    assert!(one.key == two.key && one.key == three.key);
}

fn inner() -> Grant {
    Grant { delegation: crate::fixture::delegation(1, true), ..wide() }
}

/// The definition, which tools and other nodes rely on, written out a second time.
#[test]
fn w6_a_key_is_of_tenant_author_origin_nonce_and_intent_and_of_nothing_else() {
    let intent = Intent { origin: stranger().public(), ..intent() };
    let digest = Digest::of(Domain::new("antfarm 2026 authority intent"), &to_bytes(&intent));
    let parts = (intent.tenant.clone(), intent.author, intent.origin, intent.nonce, digest);
    let key = Digest::of(Domain::new("antfarm 2026 authority effect key"), &to_bytes(&parts));
    assert_eq!((intent.digest(), intent.key().digest()), (digest, key));
}

#[test]
fn w6_another_wish_has_another_key() {
    let intent = intent();
    let text = |it: &str| Text::new(it).expect("short");
    let others: [Intent; 9] = [
        Intent { tenant: tenant("other"), ..intent.clone() },
        Intent { author: stranger().public(), ..intent.clone() },
        Intent { origin: stranger().public(), ..intent.clone() },
        Intent { nonce: nonce(99), ..intent.clone() },
        Intent { until: wall(1_001), ..intent.clone() },
        Intent { tool: name("bank.read"), ..intent.clone() },
        Intent { target: Text::new("elsewhere").expect("short"), ..intent.clone() },
        Intent { args: Bytes::new(b"21").expect("short"), ..intent.clone() },
        Intent { rationale: text("because"), ..intent.clone() },
    ];
    let mut keys: Vec<EffectKey> = others.iter().map(Intent::key).collect();
    keys.push(intent.key());
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 10);
}

/// A wish told again with another content has another key, so that deduplication by the key does not see it.
#[test]
fn a_wish_is_told_with_one_content_only() {
    let mut node = Node::new();
    let (first, second) = (intent(), Intent { args: Bytes::new(b"21").expect("short"), ..intent() });
    assert!(first.key() != second.key() && first.wish() == second.wish());
    node.told = Some(first.digest());
    assert!(node.compile(&first).is_ok(), "told again it is the same");
    node.refuses(&second, Refusal::Retold { first: first.digest() });
}

/// What can be begun for longer than it is remembered would be begun twice; what is past may have been forgotten.
#[test]
fn an_intent_is_begun_neither_after_its_expiry_nor_far_ahead_of_it() {
    let (mut node, at) = (Node::new(), wall(150));
    let until = |until| Intent { until, ..intent() };
    assert!(node.compile(&until(at)).is_ok());
    node.refuses(&until(wall(149)), Refusal::Stale { until: wall(149), at });
    let last = at + MAX_REACH;
    assert!(node.compile(&until(last)).is_ok());
    let beyond = last + Span::from_nanos(1);
    node.refuses(&until(beyond), Refusal::Distant { until: beyond, at });

    // It forgot by a clock that was ahead, and the clock went back: its time did not.
    let mark = wall(180);
    node.accounts.forget(mark);
    node.refuses(&until(wall(179)), Refusal::Stale { until: wall(179), at: mark });
    assert!(node.compile(&until(mark)).is_ok() && node.compile(&until(mark + MAX_REACH)).is_ok());
}

/// The definition, written out a second time.
#[test]
fn a_wish_is_of_tenant_author_origin_and_nonce_and_of_nothing_else() {
    let intent = Intent { origin: stranger().public(), ..intent() };
    let parts = to_bytes(&(intent.tenant.clone(), intent.author, intent.origin, intent.nonce));
    assert_eq!(intent.wish().digest(), Digest::of(Domain::new("antfarm 2026 authority wish"), &parts));
    let others: [Intent; 4] = [
        Intent { tenant: tenant("other"), ..intent.clone() },
        Intent { author: stranger().public(), ..intent.clone() },
        Intent { origin: scout().public(), ..intent.clone() },
        Intent { nonce: nonce(99), ..intent.clone() },
    ];
    assert!(others.iter().all(|it| it.wish() != intent.wish()));
    let content =
        Intent { until: wall(1_001), tool: name("bank.read"), target: Text::default(), args: Bytes::default(), ..intent.clone() };
    assert_eq!(content.wish(), intent.wish());
}

/// OpenThymos drops every validation error but one, and runs the tool (W17).
#[test]
fn w17_whatever_is_wrong_with_the_arguments_the_tool_is_not_called() {
    for why in [BadArgs::Target, BadArgs::Malformed { at: 0 }, BadArgs::Range { field: 3 }] {
        let mut node = Node::new();
        node.outside.args = Err(why);
        node.refuses(&intent(), Refusal::Args(why));
    }
    for why in [Unmet::Missing, Unmet::Exists, Unmet::Clause { number: 1 }] {
        let mut node = Node::new();
        node.outside.world = Err(why);
        node.refuses(&intent(), Refusal::Unmet(why));
    }
}

#[test]
fn arguments_are_bounded_and_never_printed() {
    assert!(Bytes::<MAX_ARGS>::new(&vec![0; MAX_ARGS]).is_ok());
    let refused = Bytes::<MAX_ARGS>::new(&vec![0; MAX_ARGS + 1]).expect_err("too long");
    assert_eq!((refused.length, refused.limit), (MAX_ARGS + 1, MAX_ARGS));
    assert!(Text::<3>::new("abcd").is_err());
    let secret = Intent { args: Bytes::new(b"hunter2").expect("short"), ..intent() };
    assert!(!format!("{secret:?}").contains("hunter2") && !format!("{secret:?}").contains("104"));
}

/// Each class is allowed by its own bit, and what is pure by none.
#[test]
fn the_ceiling_is_asked_for_each_class_by_itself() {
    let classes = [Class::Read, Class::Write, Class::External, Class::Irreversible];
    for (at, class) in classes.into_iter().enumerate() {
        let [read, write, external, irreversible] = [0, 1, 2, 3].map(|it| it == at);
        let only = Ceiling { read, write, external, irreversible };
        let mut node = Node::with(root(Grant { ceiling: only, ..wide() }));
        for asked in [Class::Pure].into_iter().chain(classes) {
            node.outside.contract = Outside::well().contract.map(|it| Contract { class: asked, ..it });
            assert_eq!(node.compile(&intent()).is_ok(), asked == class || asked == Class::Pure, "{asked:?} under {class:?}");
        }
    }
}

#[test]
fn only_the_subject_of_a_writ_acts_on_it() {
    let node = Node::new();
    let stolen = Intent { author: stranger().public(), ..intent() };
    node.refuses(&stolen, Refusal::NotSubject { subject: scout().public() });
    let body: &Body = node.writ.body();
    assert_eq!(body.subject, intent().author);
}
