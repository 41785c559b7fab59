//! Logs that are written with the ledger's own writer, whatever they say: their chains always hold.

use antfarm_authority::{
    Amount, Body, Bytes, COMPILER, Calls, Ceiling, Class, Delegation, Grant, Intent, Name, Nonce, Proposal, Resolution, Scope,
    Scopes, Status, Tenant, Text, TrustRoots, Window, Writ,
};
use antfarm_identity::{Digest, Domain, Signer, from_bytes, to_bytes};
use antfarm_ledger::{Config, Draft, Ledger, LogHead, Progress, SignedHead};
use antfarm_machine::{Operation, Outcome, Receipt, Request, Span, Wall};
use antfarm_node::{Fact, State, VERSION, log_of};
use std::collections::BTreeMap;

/// A queen who holds a writ of her own, writing; or somebody who listens to her.
pub(crate) struct Scribe {
    me: Signer,
    /// The queen's.
    writ: Writ,
    state: State,
    ledger: Ledger,
    objects: BTreeMap<String, Vec<u8>>,
}

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

impl Scribe {
    /// A log in which the queen gave herself a writ for 100 calls that read.
    pub(crate) fn new() -> Self {
        let queen = Signer::insecure(1);
        let colony = Digest::of(Domain::new("antfarm 2026 test scribe"), b"colony");
        let roots = TrustRoots::new(colony, [queen.public()]).expect("one is not too many");
        let grant = Grant {
            colony,
            tenant: Tenant(name("acme")),
            tools: Scopes::new([Scope::new("clock.*").expect("legal")]).expect("one is not too many"),
            budget: Amount { calls: Calls(100), ..Amount::ZERO },
            ceiling: Ceiling { read: true, ..Ceiling::default() },
            window: Window::new(Wall::ZERO, Wall::ZERO + Span::from_secs(60)).expect("it ends later"),
            delegation: Delegation::NONE,
            freshness: Span::from_secs(10),
        };
        let (issuer, nonce) = (queen.public(), Nonce::default());
        let writ = Writ::issue(Body { issuer, subject: issuer, nonce, parent: None, home: issuer, grant }, &queen);
        let mut scribe = Self::opened(queen, roots, writ.clone());
        scribe.record(&Fact::Granted { writ, drawn: None });
        scribe
    }

    /// The log of the queen's neighbour, in which nothing is said yet.
    pub(crate) fn neighbour() -> Self {
        let queen = Self::new();
        let roots = TrustRoots::new(queen.colony(), [queen.me.public()]).expect("one is not too many");
        Self::opened(Signer::insecure(2), roots, queen.writ)
    }

    fn opened(me: Signer, roots: TrustRoots, writ: Writ) -> Self {
        let log = log_of(roots.colony(), &me.public());
        let (state, ledger) = (State::of_log(roots, log, me.public()), Ledger::new(Config::new(log, me.clone())));
        let mut scribe = Self { me, writ, state, ledger, objects: BTreeMap::new() };
        let mut requests = Vec::new();
        scribe.ledger.open(&mut |request| requests.push(request));
        scribe.serve(requests);
        scribe
    }

    fn colony(&self) -> Digest {
        self.writ.body.grant.colony
    }

    /// Remembers that the queen's log has so many records, the last of them with a digest that hers has not.
    pub(crate) fn hear_of_the_queen(&mut self, records: u64, signed_by: u64) {
        let (colony, queen) = (self.colony(), self.writ.body.issuer);
        let digest = Digest::of(Domain::new("antfarm 2026 test scribe"), b"another record");
        let head = LogHead { records, digest, root: digest };
        let head = SignedHead::sign(&Signer::insecure(signed_by), colony, log_of(colony, &queen), head);
        self.record(&Fact::Witnessed { heads: vec![(queen, head)] });
    }

    /// Starts the call that this number names, after `forge` had its way with it.
    pub(crate) fn start(&mut self, number: u8, forge: impl FnOnce(&mut Intent, &mut Proposal)) {
        let me = self.me.public();
        let mut intent = Intent {
            tenant: Tenant(name("acme")),
            author: me,
            origin: me,
            nonce: Nonce([number; 16]),
            until: Wall::ZERO + Span::from_secs(60),
            tool: name("clock.read"),
            target: Text::default(),
            args: Bytes::default(),
            rationale: Text::default(),
        };
        let mut proposal = Proposal {
            compiler: COMPILER,
            policy: Digest::ZERO,
            intent: intent.digest(),
            key: intent.key(),
            writ: self.writ.id(),
            tool: intent.tool.clone(),
            class: Class::Read,
            resolution: Resolution::Blind,
            cost: Amount { calls: Calls(1), ..Amount::ZERO },
            status: Status::Staged,
            deadline: None,
        };
        forge(&mut intent, &mut proposal);
        let (at, deadline) = (Wall::ZERO + Span::from_secs(1), Wall::ZERO + Span::from_secs(3));
        self.record(&Fact::Started { intent: Box::new(intent), proposal, at, deadline });
    }

    /// Writes down a writ without a parent of a key that is no point of the curve: nobody can have signed it.
    pub(crate) fn know_a_writ_of_nobody(&mut self) {
        let mut bytes = [0; 32];
        bytes[0] = 2;
        let mut writ = self.writ.clone();
        writ.body.issuer = from_bytes(&bytes).expect("reading a key does not look for its point");
        self.record(&Fact::Known { writ });
    }

    fn record(&mut self, fact: &Fact) {
        let (link, kind, payload) = (self.state.link(fact), fact.record_kind(), to_bytes(fact));
        let draft = Draft { link, kind, version: VERSION, payload: &payload };
        let mut folding = Folding(&mut self.state);
        self.ledger.append(draft, &mut folding).expect("there is room");
        let mut requests = Vec::new();
        self.ledger.flush(&mut |request| requests.push(request));
        self.serve(requests);
    }

    fn serve(&mut self, mut requests: Vec<Request>) {
        while let Some(Request { ticket, operation }) = requests.pop() {
            let outcome = match operation {
                Operation::List => Outcome::Listed(Vec::new()),
                Operation::AppendAt { object, bytes, .. } => {
                    self.objects.entry(object.name().to_owned()).or_default().extend(bytes.iter());
                    Outcome::Done
                }
                other @ (Operation::Read { .. } | Operation::Truncate { .. } | Operation::Remove { .. }) => {
                    panic!("a fresh log needs no {other:?}")
                }
            };
            let receipt = Receipt { ticket, outcome };
            let progress = self.ledger.receive(receipt, &mut (), &mut |request| requests.push(request));
            assert!(!matches!(progress, Progress::Refused(_) | Progress::Stopped(_)), "{progress:?}");
        }
    }

    /// The files of the log.
    pub(crate) fn objects(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.objects
    }
}

/// Folds into a state what is appended.
struct Folding<'a>(&'a mut State);

impl antfarm_ledger::Projection for Folding<'_> {
    fn reset(&mut self) {}
    fn restore(&mut self, _: &[u8]) -> bool {
        false
    }
    fn fold(&mut self, record: &antfarm_ledger::Record<'_>) {
        self.0.fold(record);
    }
}
