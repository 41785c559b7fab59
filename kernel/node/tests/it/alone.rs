//! A node alone with its disk, its clocks and one tool that nobody remembers anything of: whatever is called is done.

use crate::fixture::{name, tenant};
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Class, Contract, Delegation, EffectKey, Grant, Nonce, Offer, Resolution, Scope, Scopes, Text,
    TrustRoots, Window, WritId,
};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_ledger::Opened;
use antfarm_machine::{
    Effect, Effects, Entry, Input, Machine, Mono, Now, Operation, Outcome, PeerId, Receipt, Request, Span, Wall,
};
use antfarm_node::{Answer, Ask, Body, Config, Form, Message, Need, Node, Notice, Timer, Tool, Toolbox, Wish};
use std::collections::{BTreeMap, VecDeque};

const TOOL: PeerId = PeerId::new(9);

/// How far apart pulses are, and sweeps.
pub(crate) const PULSE: Span = Span::from_secs(600);

pub(crate) const fn hours(hours: u64) -> Span {
    Span::from_secs(hours * 3_600)
}

/// A wall time so much earlier.
pub(crate) fn earlier(wall: Wall, by: Span) -> Wall {
    Wall::from_nanos(wall.as_nanos().saturating_sub(by.as_nanos()))
}

pub(crate) struct Alone {
    pub(crate) config: Config,
    pub(crate) node: Node,
    pub(crate) disk: BTreeMap<String, Vec<u8>>,
    pub(crate) now: Now,
    alarms: BTreeMap<Timer, Mono>,
    starts: u64,
    /// Whether the tool says how calls went.
    pub(crate) answers: bool,
    /// The keys of all calls that the tool ever heard.
    pub(crate) called: Vec<EffectKey>,
    pub(crate) told: Vec<Notice>,
    /// What other nodes were sent.
    pub(crate) sent: Vec<(PeerId, Body)>,
    /// What the tool says next, in order; after that, nothing but that it is done.
    pub(crate) results: VecDeque<Vec<u8>>,
    /// All that the node was fed, and what it wanted, if somebody looks at it.
    pub(crate) seen: Option<Vec<Seen>>,
}

/// One step: when, what was fed, and what came of it.
pub(crate) type Seen = (Now, Input<Node>, Vec<Effect<Node>>);

impl Alone {
    pub(crate) fn new(max_effects: usize) -> Self {
        let mut alone = Self::of(Self::configured(max_effects));
        alone.restart();
        alone
    }

    /// How it is set up.
    pub(crate) fn configured(max_effects: usize) -> Config {
        let queen = Signer::insecure(1);
        let colony = Digest::of(Domain::new("antfarm 2026 test alone"), b"colony");
        let roots = TrustRoots::new(colony, [queen.public()]).expect("one is not too many");
        let cost = Amount { calls: Calls(1), ..Amount::ZERO };
        let contract = Contract { tool: name("mail.send"), class: Class::External, resolution: Resolution::Blind, cost };
        let (form, entity, need) = (Form::Bytes, None, Need::Nothing);
        let mut config = Config::new(roots, tenant("acme"), queen);
        config.tools = Toolbox::new([Tool { contract, peer: TOOL, form, priced: false, entity, need }]);
        (config.pulse, config.sweep, config.max_effects) = (PULSE, PULSE, max_effects);
        config
    }

    /// One that was not started.
    pub(crate) fn of(config: Config) -> Self {
        let now = Now { mono: Mono::ZERO, wall: Wall::ZERO + hours(1_000) };
        let (disk, alarms, called, told, sent) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        let (node, results, seen) = (Node::new(config.clone()), VecDeque::new(), None);
        Self { config, node, disk, now, alarms, starts: 0, answers: true, called, told, sent, results, seen }
    }

    pub(crate) fn restart(&mut self) {
        self.alarms.clear();
        self.starts += 1;
        self.node = Node::new(self.config.clone());
        self.feed(Input::Woke { incarnation: self.starts });
        assert!(self.node.is_serving(), "its log opens");
    }

    /// The node as it would start on this disk, and whether it passes over checkpoints that it finds there.
    pub(crate) fn started_on(&self, disk: BTreeMap<String, Vec<u8>>) -> (Node, Opened) {
        let (config, alarms, told, called, sent) = (self.config.clone(), BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        let node = Node::new(config.clone());
        let (results, seen) = (VecDeque::new(), None);
        let mut alone = Self { config, node, disk, alarms, told, called, sent, answers: false, results, seen, ..*self };
        alone.restart();
        let opened = |told: &Notice| if let Notice::Opened(opened) = told { Some(opened.clone()) } else { None };
        let opened = alone.told.iter().find_map(opened).expect("it says so");
        (alone.node, opened)
    }

    /// Lets time go by; what rings, rings.
    pub(crate) fn wait(&mut self, span: Span) {
        let end = self.now.mono + span;
        while let Some((timer, due)) = self.alarms.iter().map(|(timer, due)| (*timer, *due)).min_by_key(|(_, due)| *due) {
            if due > end {
                break;
            }
            self.pass(due);
            self.alarms.remove(&timer);
            self.feed(Input::Rang(timer));
        }
        self.pass(end);
        self.node.check();
    }

    fn pass(&mut self, to: Mono) {
        self.now.wall = self.now.wall + to.since(self.now.mono);
        self.now.mono = to;
    }

    /// Sets the wall clock.
    pub(crate) fn set(&mut self, wall: Wall) {
        self.now.wall = wall;
    }

    pub(crate) fn ask(&mut self, ask: Ask) {
        self.told.clear();
        self.feed(Input::Asked(ask));
    }

    /// Gives itself a writ of that name until then.
    pub(crate) fn offer(&self, number: u8, until: Wall) -> Offer {
        let me = self.config.me();
        let grant = Grant {
            colony: self.config.roots.colony(),
            tenant: tenant("acme"),
            tools: Scopes::new([Scope::new("*").expect("legal")]).expect("one is not too many"),
            budget: Amount { calls: Calls(1_000), ..Amount::ZERO },
            ceiling: Ceiling::ALL,
            window: Window::new(Wall::ZERO, until).expect("it ends later"),
            delegation: Delegation::NONE,
            freshness: hours(1),
        };
        Offer { subject: me, nonce: Nonce([number; 16]), home: me, grant }
    }

    pub(crate) fn grant(&mut self, number: u8, until: Wall) -> WritId {
        self.ask(Ask::Grant { parent: None, offer: Box::new(self.offer(number, until)), task: None });
        let granted = |notice: &Notice| if let Notice::Granted { writ, .. } = notice { Some(*writ) } else { None };
        let writ = self.told.iter().find_map(granted).expect("it may give");
        // It finds no standing, and asks itself.
        self.wish(writ, 0, self.now.wall, b"");
        writ
    }

    /// Wishes, and answers what is told of it; none as long as it is under way.
    pub(crate) fn wish(&mut self, writ: WritId, number: u8, until: Wall, args: &[u8]) -> Option<Answer> {
        let (nonce, args) = (Nonce([number; 16]), Bytes::new(args).expect("short"));
        let (tool, target, rationale) = (name("mail.send"), Text::default(), Text::default());
        self.ask(Ask::Wish(Box::new(Wish { writ, nonce, until, tool, target, args, rationale })));
        self.told
            .iter()
            .rev()
            .find_map(|told| if let Notice::Answered { answer, .. } = told { Some(answer.clone()) } else { None })
    }

    pub(crate) fn feed(&mut self, input: Input<Node>) {
        let mut inputs = vec![input];
        while !inputs.is_empty() {
            for input in std::mem::take(&mut inputs) {
                let mut effects = Vec::new();
                let fed = self.seen.is_some().then(|| input.clone());
                self.node.step(self.now, input, &mut Effects::new(&mut effects));
                if let Some((seen, input)) = self.seen.as_mut().zip(fed) {
                    seen.push((self.now, input, effects.clone()));
                }
                inputs.extend(effects.into_iter().filter_map(|effect| self.perform(effect)));
            }
        }
    }

    fn perform(&mut self, effect: Effect<Node>) -> Option<Input<Node>> {
        match effect {
            Effect::Store(request) => return Some(Input::Stored(self.store(request))),
            Effect::Arm { timer, after } => drop(self.alarms.insert(timer, self.now.mono + after)),
            Effect::Disarm(timer) => drop(self.alarms.remove(&timer)),
            Effect::Tell(notice) => self.told.push(notice),
            Effect::Send { message: Message { body: Body::Call(call), .. }, .. } => {
                self.called.push(call.key);
                let spent = Amount { calls: Calls(1), ..Amount::ZERO };
                let result = Bytes::new(&self.results.pop_front().unwrap_or_default()).expect("short");
                let outcome = antfarm_node::Outcome::Done { result, spent };
                let message = Message::bare(Body::Outcome { key: call.key, outcome });
                return self.answers.then_some(Input::Heard { from: TOOL, message });
            }
            Effect::Send { to, message } => self.sent.push((to, message.body)),
        }
        None
    }

    fn store(&mut self, Request { ticket, operation }: Request) -> Receipt {
        let outcome = match operation {
            Operation::List => {
                let entry = |(name, bytes): (&String, &Vec<u8>)| Entry {
                    object: antfarm_machine::Object::new(name).expect("legal"),
                    length: bytes.len() as u64,
                };
                Outcome::Listed(self.disk.iter().map(entry).collect())
            }
            Operation::Read { object, range } => {
                let bytes = self.disk.get(object.name()).map_or(&[][..], Vec::as_slice);
                let at = |offset: u64| usize::try_from(offset).map_or(bytes.len(), |it| it.min(bytes.len()));
                Outcome::Data(bytes[at(range.start)..at(range.end)].to_vec())
            }
            Operation::AppendAt { object, bytes, .. } => {
                self.disk.entry(object.name().to_owned()).or_default().extend(bytes);
                Outcome::Done
            }
            Operation::Remove { object } => {
                self.disk.remove(object.name());
                Outcome::Done
            }
            Operation::Truncate { .. } => panic!("nothing is torn"),
        };
        Receipt { ticket, outcome }
    }
}
