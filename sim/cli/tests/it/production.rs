//! A node that is recorded as a daemon records it: its disk in memory, and a tool that does whatever it is told.

use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Class, Contract, Delegation, Grant, Name, Nonce, Offer, Resolution, Scope, Scopes, Tenant,
    Text, TrustRoots, Window, WritId,
};
use antfarm_identity::{Codec as _, Digest, Domain, Fold, Made, Signer, to_bytes};
use antfarm_machine::{
    Clock, Driver, Entry, Input, Mono, Network, Now, Object, Observer, Operation, Outcome, PeerId, Receipt, Request, Span,
    Storage, Wall,
};
use antfarm_node::{
    Ask, Body, Config, EntityArgs, Form, Message, Need, Node, Notice, Outcome as Answered, Setup, SpecText, Timer, Tool, Toolbox,
    Wish,
};
use antfarm_recording::{Header, Recording, Scribe};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

pub(crate) const SECRET: &str = "sk-live-4f9a1c77e2d85b60";
const TOOL: PeerId = PeerId::new(9);

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

/// What is around the node.
#[derive(Default)]
struct World {
    passed: u64,
    disk: BTreeMap<String, Vec<u8>>,
    inputs: VecDeque<Input<Node>>,
    writ: Option<WritId>,
}

impl Clock<Timer> for World {
    fn now(&mut self) -> Now {
        self.passed += 1_000_000;
        Now {
            mono: Mono::from_nanos(self.passed),
            wall: Wall::ZERO + Span::from_secs(1_800_000_000) + Span::from_nanos(self.passed),
        }
    }
    fn arm(&mut self, _: Timer, _: Span) {}
    fn disarm(&mut self, _: &Timer) {}
}

impl Network<Message> for World {
    fn send(&mut self, _: PeerId, message: Message) {
        if let Body::Call(call) = message.body {
            let spent = Amount { calls: Calls(1), ..Amount::ZERO };
            let outcome = Answered::Done { result: Bytes::new(call.args.bytes()).expect("short"), spent };
            self.inputs.push_back(Input::Heard { from: TOOL, message: Message::bare(Body::Outcome { key: call.key, outcome }) });
        }
    }
}

impl Storage for World {
    fn submit(&mut self, Request { ticket, operation }: Request) {
        let outcome = match operation {
            Operation::List => {
                let entry = |(name, bytes): (&String, &Vec<u8>)| Entry {
                    object: Object::new(name).expect("legal"),
                    length: bytes.len() as u64,
                };
                Outcome::Listed(self.disk.iter().map(entry).collect())
            }
            Operation::Read { object, range } => {
                let bytes = &self.disk[object.name()];
                let at = |offset: u64| usize::try_from(offset).expect("small").min(bytes.len());
                Outcome::Data(bytes[at(range.start)..at(range.end)].to_vec())
            }
            Operation::AppendAt { object, bytes, .. } => {
                self.disk.entry(object.name().to_owned()).or_default().extend(bytes);
                Outcome::Done
            }
            Operation::Truncate { .. } | Operation::Remove { .. } => panic!("nothing is torn or old"),
        };
        self.inputs.push_back(Input::Stored(Receipt { ticket, outcome }));
    }
}

impl Observer<Notice> for World {
    fn tell(&mut self, notice: Notice) {
        if let Notice::Granted { writ, .. } = notice {
            self.writ = Some(writ);
        }
    }
}

/// A recorded node.
pub(crate) struct Production {
    world: World,
    starts: u64,
    specs: Vec<SpecText>,
    /// What entities are asked in the next start, behind the wishes: a tool and a name.
    pub(crate) acts: Vec<(&'static str, &'static str)>,
}

impl Production {
    pub(crate) fn new() -> Self {
        Self { world: World::default(), starts: 0, specs: Vec::new(), acts: Vec::new() }
    }

    /// With entities of this spec.
    pub(crate) fn of(file: &str, text: &str) -> Self {
        Self { specs: vec![SpecText { file: file.to_owned(), text: text.to_owned() }], ..Self::new() }
    }

    fn configured(&self, signer: &Signer) -> Config {
        let colony = Digest::of(Domain::new("antfarm 2026 test production"), b"colony");
        let roots = TrustRoots::new(colony, [signer.public()]).expect("one is not too many");
        let mut config = Config::new(roots, Tenant(name("acme")), signer.clone());
        let cost = Amount { calls: Calls(1), ..Amount::ZERO };
        let resolution = Resolution::Keyed { retention: Span::from_secs(3_600) };
        let contract = Contract { tool: name("text.echo"), class: Class::Read, resolution, cost };
        let (form, entity, need) = (Form::Bytes, None, Need::Nothing);
        config.tools = Toolbox::new([Tool { contract, peer: TOOL, form, priced: false, entity, need }]);
        config.secrets.register(name("stripe"), SECRET.as_bytes()).expect("a good secret");
        let texts: Vec<(&str, &str)> = self.specs.iter().map(|it| (it.file.as_str(), it.text.as_str())).collect();
        if texts.is_empty() {
            return config;
        }
        let (suite, _) = antfarm_automata_reader::suite(&texts).expect("a spec");
        config.with_suite(suite).expect("short names")
    }

    /// One start of the process, with so many wishes; its recording. Without a `stop` it was killed.
    pub(crate) fn run(&mut self, wishes: u8, stop: bool) -> Vec<u8> {
        let made: Arc<Mutex<Vec<Made>>> = Arc::default();
        let (notes, theirs) = (made.clone(), made);
        let signer = Signer::insecure(1).watched(Arc::new(move |it| notes.lock().expect("nobody panicked").push(it)));
        let config = self.configured(&signer);
        let mut bytes = Vec::new();
        let header =
            Header { machine: Setup::MACHINE.to_owned(), setup: to_bytes(&Setup::of(&config).with_specs(self.specs.clone())) };
        let mut scribe = Scribe::<Node>::new(&header, &mut bytes);
        scribe.witness(move || std::mem::take(&mut *theirs.lock().expect("nobody panicked")));
        let (mut driver, mut node) = (Driver::new(), Node::new(config));
        let mut feed = |world: &mut World, input| {
            world.inputs.push_back(input);
            while let Some(input) = world.inputs.pop_front() {
                let input = node.without_secrets(input);
                scribe.turn(&mut driver, &mut node, world, input, &mut bytes);
            }
        };
        self.starts += 1;
        feed(&mut self.world, Input::Woke { incarnation: self.starts });
        if self.world.writ.is_none() {
            feed(&mut self.world, Input::Asked(Ask::Grant { parent: None, offer: Box::new(offer()), task: None }));
        }
        for nth in 0..wishes {
            let wish = self.wish(nth);
            feed(&mut self.world, Input::Asked(Ask::Wish(Box::new(wish))));
        }
        for (nth, (tool, id)) in (wishes..).zip(std::mem::take(&mut self.acts)) {
            let id = format!("{id}@{}", Signer::insecure(1).public());
            let args = Bytes::new(&to_bytes(&EntityArgs::default())).expect("short");
            let wish = Wish { tool: name(tool), target: Text::new(&id).expect("short"), args, ..self.wish(nth) };
            feed(&mut self.world, Input::Asked(Ask::Wish(Box::new(wish))));
        }
        if stop {
            scribe.stopped(&mut bytes);
        }
        bytes
    }

    fn wish(&self, nth: u8) -> Wish {
        let mut nonce = [nth; 16];
        nonce[0] = u8::try_from(self.starts).expect("few");
        Wish {
            writ: self.world.writ.expect("it was given"),
            nonce: Nonce(nonce),
            until: Wall::ZERO + Span::from_secs(1_800_003_600),
            tool: name("text.echo"),
            target: Text::new("well").expect("short"),
            args: Bytes::new(format!("{nth}, and {SECRET}").as_bytes()).expect("short"),
            rationale: Text::default(),
        }
    }

    /// The files of its ledger.
    pub(crate) fn disk(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.world.disk
    }
}

/// A writ of its own.
fn offer() -> Offer {
    let me = Signer::insecure(1).public();
    let grant = Grant {
        colony: Digest::of(Domain::new("antfarm 2026 test production"), b"colony"),
        tenant: Tenant(name("acme")),
        tools: Scopes::new([Scope::new("*").expect("legal")]).expect("one is not too many"),
        budget: Amount { calls: Calls(1_000), ..Amount::ZERO },
        ceiling: Ceiling::ALL,
        window: Window::new(Wall::ZERO, Wall::ZERO + Span::from_secs(1_900_000_000)).expect("it ends later"),
        delegation: Delegation::NONE,
        freshness: Span::from_secs(3_600),
    };
    Offer { subject: me, nonce: Nonce([1; 16]), home: me, grant }
}

/// A recording, written anew: each of its frames goes through `change`, the header's first.
pub(crate) fn rewritten(recording: &[u8], mut change: impl FnMut(u64, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let (magic, mut rest) = recording.split_at(8);
    let mut written = magic.to_vec();
    for number in 0.. {
        let Some((length, behind)) = rest.split_first_chunk::<4>() else { break };
        let (payload, behind) = behind[8..].split_at(u32::from_le_bytes(*length) as usize);
        let payload = change(number, payload.to_vec());
        u32::try_from(payload.len()).expect("short").encode(&mut written);
        let mut fold = Fold::new();
        fold.absorb_u64(number);
        fold.absorb(&payload);
        fold.value().encode(&mut written);
        written.extend_from_slice(&payload);
        rest = behind;
    }
    assert!(Recording::open(&written).is_ok());
    written
}

/// `bytes` with the one occurrence of `from` replaced by as many bytes.
pub(crate) fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    if let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}
