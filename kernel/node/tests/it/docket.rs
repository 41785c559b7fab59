//! A log that is written fact by fact, each one as an honest node could have recorded it, to be judged where it ends.

use crate::fixture::{name, tenant};
use antfarm_authority::{
    Amount, Body, Bytes, COMPILER, Calls, Ceiling, Class, Delegation, Drawn, Grant, Granted, Intent, Nonce, Proposal, Resolution,
    Scope, Scopes, Status, Text, TrustRoots, Usdc, Window, Writ, WritId,
};
use antfarm_identity::{Digest, Domain, Signature, Signer, from_bytes, to_bytes};
use antfarm_ledger::{Config, Draft, Ledger, LogHead, Progress, Projection, Record, SignedHead};
use antfarm_machine::{Operation, Outcome, Receipt, Request, Span, Wall};
use antfarm_node::{Delta, Drift, Fact, Judged, State, VERSION, judge, log_of};

/// The trust root.
pub(crate) const QUEEN: u64 = 1;

pub(crate) const SCOUT: u64 = 2;

/// No writ names her.
pub(crate) const STRANGER: u64 = 3;

pub(crate) fn signer(number: u64) -> Signer {
    Signer::insecure(number)
}

pub(crate) fn colony() -> Digest {
    Digest::of(Domain::new("antfarm 2026 test docket"), b"colony")
}

pub(crate) fn log(number: u64) -> Digest {
    log_of(colony(), &signer(number).public())
}

pub(crate) fn second(second: u64) -> Wall {
    Wall::ZERO + Span::from_secs(second)
}

pub(crate) fn calls(calls: u64) -> Amount {
    Amount { calls: Calls(calls), ..Amount::ZERO }
}

/// Somebody's signature of something.
pub(crate) fn signature(number: u64) -> Signature {
    signer(number).sign(Domain::new("antfarm 2026 test docket"), colony(), b"something else")
}

pub(crate) fn head(number: u64, log: Digest, records: u64, last: &str) -> SignedHead {
    let digest = Digest::of(Domain::new("antfarm 2026 test docket"), last.as_bytes());
    SignedHead::sign(&signer(number), colony(), log, LogHead { records, digest, root: digest })
}

/// What a writ for 100 calls and 100 millionths allows, in the first hour.
pub(crate) fn grant() -> Grant {
    Grant {
        colony: colony(),
        tenant: tenant("acme"),
        tools: Scopes::new([Scope::new("mail.*").expect("legal"), Scope::new("mind").expect("legal")])
            .expect("two are not too many"),
        budget: Amount { calls: Calls(100), money: Usdc(100), ..Amount::ZERO },
        ceiling: Ceiling { irreversible: false, ..Ceiling::ALL },
        window: Window::new(second(1), second(3_600)).expect("it ends later"),
        delegation: Delegation::new(2, true).expect("not too deep"),
        freshness: Span::from_secs(10),
    }
}

/// A writ that its issuer gives to somebody, who keeps it.
pub(crate) fn writ(from: u64, to: u64, parent: Option<WritId>, grant: Grant) -> Writ {
    let (issuer, subject) = (signer(from).public(), signer(to).public());
    Writ::issue(Body { issuer, subject, nonce: Nonce([7; 16]), parent, home: subject, grant }, &signer(from))
}

/// What the home of a child's parent says, if that is `number`.
pub(crate) fn drawn(number: u64, child: &Writ) -> Drawn {
    let signature = signer(number).sign(Domain::new("antfarm 2026 authority drawn"), colony(), &to_bytes(&child.id()));
    from_bytes(&to_bytes(&(child.id(), signature))).expect("a writ and a signature")
}

/// A call that its author wants made until second 60.
pub(crate) fn intent(author: u64, nonce: u8, tool: &str) -> Intent {
    let author = signer(author).public();
    Intent {
        tenant: tenant("acme"),
        author,
        origin: author,
        nonce: Nonce([nonce; 16]),
        until: second(60),
        tool: name(tool),
        target: Text::new("well").expect("short"),
        args: Bytes::default(),
        rationale: Text::default(),
    }
}

/// What an intent comes to where its tool is blind, external, and costs so much.
pub(crate) fn proposal(intent: &Intent, writ: WritId, cost: Amount) -> Proposal {
    Proposal {
        compiler: COMPILER,
        policy: Digest::ZERO,
        intent: intent.digest(),
        key: intent.key(),
        writ,
        tool: intent.tool.clone(),
        class: Class::External,
        resolution: Resolution::Blind,
        cost,
        status: Status::Staged,
        deadline: None,
    }
}

/// That it is started in second 10, to be begun within two.
pub(crate) fn started(intent: Intent, proposal: Proposal) -> Fact {
    Fact::Started { intent: Box::new(intent), proposal, at: second(10), deadline: second(12) }
}

pub(crate) fn done(intent: &Intent, result: &str, spent: Amount, delta: Delta) -> Fact {
    Fact::Done { key: intent.key(), result: Bytes::new(result.as_bytes()).expect("short"), spent, delta }
}

/// The log of one node.
pub(crate) struct Docket {
    me: u64,
    state: State,
    ledger: Ledger,
}

impl Docket {
    /// A log that is open, and holds nothing else.
    pub(crate) fn of(me: u64) -> Self {
        let roots = TrustRoots::new(colony(), [signer(QUEEN).public()]).expect("one is not too many");
        let state = State::of_log(roots, log(me), signer(me).public());
        let mut docket = Self { me, state, ledger: Ledger::new(Config::new(log(me), signer(me))) };
        let mut requests = Vec::new();
        docket.ledger.open(&mut |request| requests.push(request));
        docket.serve(requests);
        docket
    }

    /// The same, after the queen gave herself, or the scout, a writ.
    pub(crate) fn with_writ(me: u64) -> (Self, WritId) {
        let mut docket = Self::of(me);
        let writ = writ(QUEEN, me, None, grant());
        docket.record(Fact::Granted { writ: writ.clone(), drawn: None });
        (docket, writ.id())
    }

    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn granted(&self, writ: WritId) -> Granted {
        self.state.writ(writ).expect("it is on the ledger").clone()
    }

    /// A part of a writ, with this budget.
    pub(crate) fn part(&self, of: WritId, to: u64, budget: Amount) -> Writ {
        let grant = Grant { budget, delegation: Delegation::new(1, true).expect("not too deep"), ..grant() };
        writ(self.me, to, Some(of), grant)
    }

    #[track_caller]
    pub(crate) fn check(&self, fact: &Fact, expected: Result<Judged, Drift>) {
        assert_eq!(judge(&self.state, fact), expected, "{fact:?}");
    }

    #[track_caller]
    pub(crate) fn drifts(&self, fact: &Fact, drift: Drift) {
        self.check(fact, Err(drift));
    }

    /// Appends what an honest node could have.
    #[track_caller]
    pub(crate) fn record(&mut self, fact: Fact) {
        let judged = judge(&self.state, &fact);
        assert!(judged.is_ok(), "{judged:?}: {fact:?}");
        self.append(&fact);
    }

    /// Appends.
    #[track_caller]
    pub(crate) fn append(&mut self, fact: &Fact) {
        let draft = Draft { link: self.state.link(fact), kind: fact.record_kind(), version: VERSION, payload: &to_bytes(fact) };
        self.ledger.append(draft, &mut Folding(&mut self.state)).expect("there is room");
        let mut requests = Vec::new();
        self.ledger.flush(&mut |request| requests.push(request));
        self.serve(requests);
        assert_eq!(self.state.broken(), None, "{fact:?}");
    }

    fn serve(&mut self, mut requests: Vec<Request>) {
        while let Some(Request { ticket, operation }) = requests.pop() {
            let outcome = match operation {
                Operation::List => Outcome::Listed(Vec::new()),
                Operation::AppendAt { .. } => Outcome::Done,
                Operation::Read { .. } | Operation::Truncate { .. } | Operation::Remove { .. } => panic!("the log is new"),
            };
            let receipt = Receipt { ticket, outcome };
            let progress = self.ledger.receive(receipt, &mut (), &mut |request| requests.push(request));
            assert!(!matches!(progress, Progress::Refused(_) | Progress::Stopped(_)), "{progress:?}");
        }
    }
}

/// Folds what is appended.
struct Folding<'a>(&'a mut State);

impl Projection for Folding<'_> {
    fn reset(&mut self) {}
    fn restore(&mut self, _: &[u8]) -> bool {
        false
    }
    fn fold(&mut self, record: &Record<'_>) {
        self.0.fold(record);
    }
}
