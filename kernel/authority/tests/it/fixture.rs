//! A small colony: who there is, a wide grant, and random grants near it.

use antfarm_authority::{
    Amount, BadArgs, Body, Bytes, Calls, Ceiling, Class, Contract, Delegation, Grant, Granted, Intent, Name, Nonce, Offer,
    Policy, Question, Resolution, Revocations, Scope, Scopes, Standing, Standings, Tenant, Text, Tokens, Tools, TrustRoots,
    Unmet, Usdc, Verdict, Window, World, Writ,
};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_machine::{Mono, Now, Span, Wall};
use proptest::collection::vec;
use proptest::prelude::*;

const COLONY: Domain = Domain::new("antfarm 2026 test colony");
const POLICY: Domain = Domain::new("antfarm 2026 test policy");

pub(crate) fn colony() -> Digest {
    Digest::of(COLONY, b"mine")
}

pub(crate) fn other_colony() -> Digest {
    Digest::of(COLONY, b"another")
}

/// The trust root.
pub(crate) fn queen() -> Signer {
    Signer::insecure(1)
}

/// Holds the root writ; also the key of the node where it lives.
pub(crate) fn scout() -> Signer {
    Signer::insecure(2)
}

/// To whom a part is handed on.
pub(crate) fn helper() -> Signer {
    Signer::insecure(3)
}

/// No friend of the colony.
pub(crate) fn stranger() -> Signer {
    Signer::insecure(666)
}

pub(crate) fn roots() -> TrustRoots {
    TrustRoots::new(colony(), [queen().public()]).expect("one is not too many")
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a legal name")
}

pub(crate) fn tenant(text: &str) -> Tenant {
    Tenant(name(text))
}

pub(crate) fn scopes(texts: &[&str]) -> Scopes {
    Scopes::new(texts.iter().map(|it| Scope::new(it).expect("a legal scope"))).expect("few")
}

pub(crate) fn wall(seconds: u64) -> Wall {
    Wall::ZERO + Span::from_secs(seconds)
}

pub(crate) fn window(from: u64, until: u64) -> Window {
    Window::new(wall(from), wall(until)).expect("it ends later")
}

pub(crate) fn delegation(depth: u8, may_subdivide: bool) -> Delegation {
    Delegation::new(depth, may_subdivide).expect("not too deep")
}

/// The same number in each dimension.
pub(crate) fn amount(n: u64) -> Amount {
    Amount { tokens: Tokens(n), calls: Calls(n), time: Span::from_nanos(n), money: Usdc(n) }
}

/// Ten of everything, all tools of the bank, from second 100 to 200.
pub(crate) fn wide() -> Grant {
    Grant {
        colony: colony(),
        tenant: tenant("acme"),
        tools: scopes(&["bank.*", "mail.send"]),
        budget: amount(10),
        ceiling: Ceiling::ALL,
        window: window(100, 200),
        delegation: delegation(3, true),
        freshness: Span::from_secs(10),
    }
}

/// A little less than [`wide`] in everything that can be less.
pub(crate) fn narrow() -> Grant {
    Grant {
        tools: scopes(&["bank.read"]),
        budget: amount(4),
        ceiling: Ceiling { read: true, ..Ceiling::default() },
        window: window(110, 190),
        delegation: delegation(2, false),
        freshness: Span::from_secs(5),
        ..wide()
    }
}

pub(crate) fn nonce(n: u8) -> Nonce {
    Nonce([n; 16])
}

/// What the queen gives the scout.
pub(crate) fn root_body(grant: Grant) -> Body {
    let (issuer, subject, home) = (queen().public(), scout().public(), scout().public());
    Body { issuer, subject, nonce: nonce(0), parent: None, home, grant }
}

pub(crate) fn root(grant: Grant) -> Granted {
    Granted::root(Writ::issue(root_body(grant), &queen()), &roots()).expect("the queen may")
}

/// What `from` hands on to `to`, to live at the node with the key of `to`.
pub(crate) fn offer(to: &Signer, number: u8, grant: Grant) -> Offer {
    Offer { subject: to.public(), nonce: nonce(number), home: to.public(), grant }
}

pub(crate) fn handed_on(parent: &Granted, from: &Signer, to: &Signer, grant: Grant) -> Granted {
    let writ = parent.delegate(offer(to, 1, grant), from).expect("it narrows");
    parent.child(writ).expect("what is handed on is accepted")
}

/// Both clocks so many seconds after their zero.
pub(crate) fn second(n: u64) -> Now {
    Now { mono: Mono::ZERO + Span::from_secs(n), wall: wall(n) }
}

/// Everybody who can revoke it says at once that the writ stands.
pub(crate) fn standing(standings: &mut Standings, writ: &Granted, now: Mono) {
    let all = [queen(), scout(), helper()];
    for key in writ.givers() {
        let giver = all.iter().find(|it| it.public() == key).expect("known");
        let inquiry = standings.inquire(writ.id(), key, now).expect("there is room");
        let answer = Standing::answer(inquiry, writ, &Revocations::new(), giver).expect("it stands");
        standings.take(&answer, writ).expect("it was asked");
    }
}

/// The scout wants twenty paid.
pub(crate) fn intent() -> Intent {
    Intent {
        tenant: tenant("acme"),
        author: scout().public(),
        origin: scout().public(),
        nonce: nonce(1),
        until: wall(1_000),
        tool: name("bank.pay"),
        target: Text::new("well.example").expect("short"),
        args: Bytes::new(b"20").expect("short"),
        rationale: Text::default(),
    }
}

/// Tools, world and policy, each of which answers what it was told to.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    pub(crate) contract: Option<Contract>,
    pub(crate) args: Result<(), BadArgs>,
    pub(crate) world: Result<(), Unmet>,
    pub(crate) verdict: Verdict,
    pub(crate) version: Digest,
}

impl Outside {
    /// One tool, whom everything suits.
    pub(crate) fn well() -> Self {
        let contract = Contract {
            tool: name("bank.pay"),
            class: Class::Irreversible,
            resolution: Resolution::Keyed { retention: Span::from_secs(60) },
            cost: amount(3),
        };
        Self { contract: Some(contract), args: Ok(()), world: Ok(()), verdict: Verdict::Permit, version: policy() }
    }

    /// Everything refuses.
    pub(crate) fn broken() -> Self {
        Self {
            args: Err(BadArgs::Malformed { at: 7 }),
            world: Err(Unmet::Version { expected: 1, found: 2 }),
            verdict: Verdict::Deny { rule: other_policy() },
            ..Self::well()
        }
    }
}

impl Tools for Outside {
    fn contract(&self, tool: &Name) -> Option<&Contract> {
        self.contract.as_ref().filter(|it| it.tool == *tool)
    }
    fn check_args(&self, _: &Contract, _: &Intent) -> Result<(), BadArgs> {
        self.args
    }
}

impl World for Outside {
    fn check_preconditions(&self, _: &Contract, _: &Intent) -> Result<(), Unmet> {
        self.world
    }
}

impl Policy for Outside {
    fn version(&self) -> Digest {
        self.version
    }
    fn judge(&self, _: &Question<'_>) -> Verdict {
        self.verdict
    }
}

fn policy() -> Digest {
    Digest::of(POLICY, b"permit all")
}

pub(crate) fn other_policy() -> Digest {
    Digest::of(POLICY, b"ask somebody")
}

/// Few values of each field, so that one grant often narrows another.
pub(crate) fn grants() -> impl Strategy<Value = Grant> {
    let amounts = (0..3u64, 0..3u64, 0..3u64, 0..3u64).prop_map(|(tokens, calls, time, money)| Amount {
        tokens: Tokens(tokens),
        calls: Calls(calls),
        time: Span::from_nanos(time),
        money: Usdc(money),
    });
    let ceiling =
        any::<[bool; 4]>().prop_map(|[read, write, external, irreversible]| Ceiling { read, write, external, irreversible });
    let home = (prop_oneof![9 => Just(colony()), 1 => Just(other_colony())], prop_oneof![9 => Just("acme"), 1 => Just("evil")]);
    let when = (0..3u64, 3..6u64, 0..4u8, any::<bool>(), 0..3u64);
    (home, some_scopes(), amounts, ceiling, when).prop_map(
        |((colony, owner), tools, budget, ceiling, (from, until, depth, may_subdivide, freshness))| Grant {
            colony,
            tenant: tenant(owner),
            tools,
            budget,
            ceiling,
            window: window(from, until),
            delegation: delegation(depth, may_subdivide),
            freshness: Span::from_secs(freshness),
        },
    )
}

pub(crate) fn some_scopes() -> impl Strategy<Value = Scopes> {
    let texts = prop::sample::select(vec!["*", "a", "a*", "aa", "aa*", "ab", "ab*", "aba", "b", "b*", "ba", "ba*", "bb*"]);
    vec(texts, 0..4).prop_map(|texts| scopes(&texts))
}

/// A grant that differs from `base` in a few fields, taken from `other`.
pub(crate) fn mixed(base: &Grant, other: Grant, fields: u16) -> Grant {
    let mut grant = base.clone();
    let mut take = |bit: u16, put: &mut dyn FnMut(&mut Grant)| {
        if fields & (1 << bit) != 0 {
            put(&mut grant);
        }
    };
    take(0, &mut |it| it.colony = other.colony);
    take(1, &mut |it| it.tenant = other.tenant.clone());
    take(2, &mut |it| it.tools = other.tools.clone());
    take(3, &mut |it| it.budget = other.budget);
    take(4, &mut |it| it.ceiling = other.ceiling);
    take(5, &mut |it| it.window = other.window);
    take(6, &mut |it| it.delegation = other.delegation);
    take(7, &mut |it| it.freshness = other.freshness);
    grant
}
