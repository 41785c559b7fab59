//! What a node is told, without its secrets: it has the same effects, also where nobody knows secrets or key any more.

use crate::alone::{Alone, Seen, hours};
use crate::fixture::{name, tenant};
use crate::redact::secrets;
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Class, Contract, Delegation, Grant, Nonce, Offer, Resolution, Scope, Scopes, Text, TrustRoots,
    Window, Writ, WritId,
};
use antfarm_identity::{Domain, Made, Recalled, Signer, from_bytes, to_bytes};
use antfarm_machine::{Effect, Effects, Input, Machine, Now, Operation, PeerId, Request, Span, Wall};
use antfarm_node::{
    Answer, Ask, Body, Commission, Config, Ending, Form, Message, Move, Need, Node, Notice, REPLACED, Report, Setup, Task,
    Thought, Tool, Toolbox, Wish, is_reserved,
};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};

const SECRET: &str = "correct-horse-battery";
const REPORT: Domain = Domain::new("antfarm 2026 node report");
const PEER: PeerId = PeerId::new(1);
const MIND: PeerId = PeerId::new(9);

/// A field, perhaps with the secret in it.
fn said(number: u8) -> String {
    let hex = || SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    match number % 6 {
        0 => "nothing".to_owned(),
        1 => SECRET.to_owned(),
        2 => format!("say {SECRET} twice: {SECRET}"),
        3 => format!("x{}y", hex()),
        4 => SECRET.replace('-', "%2d"),
        _ => format!("{SECRET} ").repeat(60),
    }
}

fn short<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(&text[..text.len().min(MAX)]).expect("short")
}

fn peer() -> Signer {
    Signer::insecure(2)
}

/// The node of [`Alone`] with a mind, a peer that gives writs too, a secret, and this signer.
fn configured(signer: Signer) -> Config {
    let plain = Alone::configured(100);
    let roots = TrustRoots::new(plain.roots.colony(), [signer.public(), peer().public()]).expect("two are not too many");
    let mut config = Config::new(roots, tenant("acme"), signer);
    let cost = Amount { calls: Calls(1), ..Amount::ZERO };
    let tool = |called: &str, form| {
        let contract = Contract { tool: name(called), class: Class::External, resolution: Resolution::Blind, cost };
        Tool { contract, peer: MIND, form, priced: false, entity: None, need: Need::Nothing }
    };
    config.tools = Toolbox::new([tool("mail.send", Form::Bytes), tool("mind.one", Form::Context)]);
    config.nodes = [(PEER, peer().public())].into();
    (config.pulse, config.sweep) = (plain.pulse, plain.sweep);
    config.secrets.register(name("horse"), SECRET.as_bytes()).expect("a good secret");
    config
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Wish {
        number: u8,
        said: u8,
        reserved: bool,
    },
    Work {
        number: u8,
        said: u8,
        thought: u8,
    },
    /// The peer is given a writ with a task, and reports; truly, or not.
    HandOn {
        number: u8,
        said: u8,
        truly: bool,
    },
    /// The peer gives a writ with a task, and signs it; or not.
    Presented {
        number: u8,
        said: u8,
        truly: bool,
    },
    /// What nobody asked for.
    Odd {
        said: u8,
    },
    Wait,
    Restart,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        3 => any::<(u8, u8, bool)>().prop_map(|(number, said, reserved)| Happens::Wish { number, said, reserved }),
        3 => any::<(u8, u8, u8)>().prop_map(|(number, said, thought)| Happens::Work { number, said, thought }),
        2 => any::<(u8, u8, bool)>().prop_map(|(number, said, truly)| Happens::HandOn { number, said, truly }),
        2 => any::<(u8, u8, bool)>().prop_map(|(number, said, truly)| Happens::Presented { number, said, truly }),
        1 => any::<u8>().prop_map(|said| Happens::Odd { said }),
        1 => Just(Happens::Wait),
        1 => Just(Happens::Restart),
    ]
}

/// A nonce that clients must not use.
const RESERVED: Nonce = Nonce(*b"run:............");

fn nonce(number: u8) -> Nonce {
    Nonce([number & 0x7f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
}

/// The writ that was given.
fn given(told: &[Notice]) -> Option<(WritId, Nonce)> {
    let granted = |told: &Notice| if let Notice::Granted { writ, nonce, .. } = told { Some((*writ, *nonce)) } else { None };
    told.iter().find_map(granted)
}

struct Stage {
    alone: Alone,
    writ: WritId,
}

impl Stage {
    fn open(signer: Signer) -> Self {
        let mut alone = Alone::of(configured(signer));
        alone.seen = Some(Vec::new());
        alone.restart();
        let mut offer = alone.offer(1, alone.now.wall + hours(100));
        offer.grant.delegation = Delegation::new(1, true).expect("one generation");
        alone.ask(Ask::Grant { parent: None, offer: Box::new(offer), task: None });
        let writ = given(&alone.told).expect("it may give").0;
        // It finds no standing, and asks itself.
        alone.wish(writ, 0, alone.now.wall, b"");
        Self { alone, writ }
    }

    fn task(&self, number: u8) -> Task {
        Task { mind: name("mind.one"), text: short(&said(number)), steps: 2, until: self.alone.now.wall + hours(1) }
    }

    /// A writ of so many calls, for whoever issues and holds it.
    fn offer(&self, number: u8, to: &Signer) -> Offer {
        let grant = Grant {
            colony: self.alone.config.roots.colony(),
            tenant: tenant("acme"),
            tools: Scopes::new([Scope::new("*").expect("legal")]).expect("one is not too many"),
            budget: Amount { calls: Calls(9), ..Amount::ZERO },
            ceiling: Ceiling::ALL,
            window: Window::new(Wall::ZERO, self.alone.now.wall + hours(9)).expect("it ends later"),
            delegation: Delegation::NONE,
            freshness: hours(1),
        };
        Offer { subject: to.public(), nonce: nonce(number), home: to.public(), grant }
    }

    fn hear(&mut self, body: Body) {
        self.alone.feed(Input::Heard { from: PEER, message: Message::bare(body) });
    }

    fn go_on(&mut self, happens: Happens) {
        let colony = self.alone.config.roots.colony();
        match happens {
            Happens::Wish { number, said: it, reserved: odd } => {
                let tool = name(if number % 4 == 0 { "mind.one" } else { "mail.send" });
                let wish = Wish {
                    writ: self.writ,
                    nonce: if odd { RESERVED } else { nonce(number) },
                    until: self.alone.now.wall + hours(1),
                    tool,
                    target: short(&said(it)),
                    args: Bytes::new(said(it / 6).as_bytes()).expect("short"),
                    rationale: short(&said(it / 36)),
                };
                self.alone.results = [said(number / 4).into_bytes()].into();
                self.alone.ask(Ask::Wish(Box::new(wish)));
            }
            Happens::Work { number, said: it, thought } => {
                let call = Move::Call {
                    tool: name("mail.send"),
                    target: short(&said(thought)),
                    args: Bytes::new(said(thought / 6).as_bytes()).expect("short"),
                    rationale: short(&said(thought / 36)),
                };
                let first = Thought { moves: vec![call], answer: None };
                let last = Thought { moves: vec![], answer: Some(Bytes::new(said(number).as_bytes()).expect("short")) };
                self.alone.results = [to_bytes(&first), said(it).into_bytes(), to_bytes(&last)].into();
                let task = Box::new(self.task(it));
                self.alone.ask(Ask::Work { writ: self.writ, nonce: nonce(number), task });
            }
            Happens::HandOn { number, said: it, truly } => {
                let (offer, task) = (Box::new(self.offer(number, &peer())), Some(Box::new(self.task(it))));
                self.alone.ask(Ask::Grant { parent: Some(self.writ), offer, task });
                let Some((writ, nonce)) = given(&self.alone.told) else { return };
                let ending = Ending::Answered { answer: Bytes::new(said(it / 6).as_bytes()).expect("short") };
                let signer = if truly { peer() } else { Signer::insecure(7) };
                let signature = signer.sign(REPORT, colony, &to_bytes(&(writ, nonce, ending.clone())));
                self.hear(Body::Report(Box::new(Report { writ, nonce, ending, signature })));
            }
            Happens::Presented { number, said: it, truly } => {
                let Offer { subject, nonce, home, grant } = self.offer(number, &Signer::insecure(1));
                let body = antfarm_authority::Body { issuer: peer().public(), subject, nonce, parent: None, home, grant };
                let writ = Writ::issue(body, &peer());
                let signer = if truly { peer() } else { Signer::insecure(7) };
                let commission = Commission::sign(colony, writ.id(), nonce, self.task(it), &signer);
                self.hear(Body::Present { chain: vec![writ], drawn: None, commission: Some(Box::new(commission)) });
            }
            Happens::Odd { said: it } => {
                let key = self.alone.called.first().copied();
                let Some(key) = key else { return };
                let (target, args) = (short(&said(it)), Bytes::new(said(it).as_bytes()).expect("short"));
                let call = antfarm_node::Call { key, tool: name("mail.send"), target, args, deadline: Wall::ZERO };
                self.hear(Body::Call(call));
                let result = Bytes::new(said(it).as_bytes()).expect("short");
                self.hear(Body::Outcome { key, outcome: antfarm_node::Outcome::Done { result, spent: Amount::ZERO } });
            }
            Happens::Wait => self.alone.wait(Span::from_secs(700)),
            Happens::Restart => self.alone.restart(),
        }
    }
}

/// What a machine of this configuration wants, fed what was seen; each input goes through `clean` first.
fn again(config: Config, seen: &[Seen], mut clean: impl FnMut(&Node, Input<Node>) -> Input<Node>) -> Vec<Seen> {
    let mut node = Node::new(config.clone());
    let mut fed = Vec::new();
    for (now, input, _) in seen {
        if let Input::Woke { .. } = input {
            node = Node::new(config.clone());
        }
        let input = clean(&node, input.clone());
        let mut effects = Vec::new();
        node.step(*now, input.clone(), &mut Effects::new(&mut effects));
        fed.push((*now, input, effects));
    }
    fed
}

fn told(input: &Input<Node>) -> Vec<u8> {
    match input {
        Input::Asked(ask) => to_bytes(ask),
        Input::Heard { message, .. } => to_bytes(message),
        Input::Woke { .. } | Input::Stored(_) | Input::Rang(_) => Vec::new(),
    }
}

#[track_caller]
fn same(one: &[Seen], other: &[Seen]) {
    for (number, ((now, input, one), (_, _, other))) in one.iter().zip(other).enumerate() {
        let at: Now = *now;
        assert_eq!(one, other, "input {number}, at {at:?}: {input:?}");
    }
    assert_eq!(one.len(), other.len());
}

/// Runs the story; what was seen, and what the signer made.
fn run(story: &[Happens]) -> (Vec<Seen>, Vec<Made>) {
    let made: Arc<Mutex<Vec<Made>>> = Arc::default();
    let notes = made.clone();
    let watched = Signer::insecure(1).watched(Arc::new(move |it| notes.lock().expect("nobody panicked").push(it)));
    let mut stage = Stage::open(watched);
    story.iter().for_each(|it| stage.go_on(*it));
    let made = made.lock().expect("nobody panicked").clone();
    (stage.alone.seen.take().expect("it looks"), made)
}

fn check(story: &[Happens]) -> Vec<Seen> {
    let (seen, made) = run(story);
    let config = configured(Signer::insecure(1));
    let clean = again(config.clone(), &seen, |node, input| {
        let clean = node.without_secrets(input);
        assert!(config.secrets.is_clean(&told(&clean)), "{clean:?}");
        assert_eq!(node.without_secrets(clean.clone()), clean, "once is enough");
        clean
    });
    same(&seen, &clean);
    let recalled = Arc::new(Recalled::new(made));
    let setup: Setup = from_bytes(&to_bytes(&Setup::of(&config))).expect("it has an encoding");
    let bare = setup.config(&Signer::recalling(config.me(), recalled.clone())).expect("it is the node's");
    let before = recalled.misses();
    let replayed = again(bare, &clean, |_, input| input);
    same(&seen, &replayed);
    assert_eq!(recalled.misses(), before, "nothing is signed that was not");
    clean
}

/// Whether this was to be written to the disk.
fn stored(seen: &[Seen], wanted: &[u8]) -> bool {
    let appends = |effect: &Effect<Node>| match effect {
        Effect::Store(Request { operation: Operation::AppendAt { bytes, .. }, .. }) => {
            bytes.windows(wanted.len()).any(|window| window == wanted)
        }
        Effect::Store(_) | Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm(_) | Effect::Tell(_) => false,
    };
    seen.iter().any(|(_, _, effects)| effects.iter().any(appends))
}

#[test]
fn secrets_in_whatever_is_told_leave_no_trace_and_change_nothing() {
    let mut story = Vec::new();
    for number in 0..6 {
        let said = number;
        story.extend([
            Happens::Wish { number, said, reserved: false },
            Happens::Wish { number: number + 20, said: 6 * number + 1, reserved: true },
            Happens::Work { number: number + 40, said, thought: 43 * number },
            Happens::HandOn { number: number + 60, said: 7 * number, truly: number != 3 },
            Happens::Presented { number: number + 80, said, truly: number != 4 },
            Happens::Odd { said },
            Happens::Wait,
        ]);
    }
    story.push(Happens::Restart);
    let clean = check(&story);
    // What it is about did happen.
    let printed: String = clean.iter().map(|(_, _, effects)| format!("{effects:?}")).collect();
    for wanted in ["Reported", "Presented", "Answered"] {
        assert!(printed.contains(wanted), "no {wanted}");
    }
    assert!(stored(&clean, b"[secret:horse]") && !stored(&clean, SECRET.as_bytes()));
    let replaced = |(_, input, _): &&Seen| {
        matches!(input, Input::Heard { message: Message { body: Body::Report(it), .. }, .. }
        if matches!(&it.ending, Ending::Answered { answer } if answer.bytes() == REPLACED.as_bytes()))
    };
    assert!(clean.iter().filter(replaced).count() > 1);
}

#[test]
fn a_wish_under_a_name_that_is_kept_for_runs_is_recorded_without_secrets() {
    assert!(is_reserved(RESERVED));
    let (seen, _) = run(&[Happens::Wish { number: 4, said: 7, reserved: true }]);
    assert!(stored(&seen, b"[secret:horse]") && !stored(&seen, SECRET.as_bytes()), "it is on the disk");
    let refused = |effect: &_| matches!(effect, Effect::Tell(Notice::Answered { answer: Answer::Refused(_), .. }));
    assert!(seen.iter().any(|(_, _, effects)| effects.iter().any(refused)), "it was refused, and that was recorded");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn who_knows_neither_secrets_nor_key_replays_what_a_node_did(story in prop::collection::vec(happens(), 1..12)) {
        check(&story);
    }
}

#[test]
fn a_setup_is_all_but_secrets_and_key() {
    let config = configured(Signer::insecure(1));
    let bytes = to_bytes(&Setup::of(&config));
    assert!(bytes.windows(SECRET.len()).all(|window| *window != *SECRET.as_bytes()));
    let setup: Setup = from_bytes(&bytes).expect("it has an encoding");
    assert_eq!((setup.key(), setup.log()), (config.me(), config.ledger.log));
    assert_eq!(setup.clone().config(&peer()), None, "the signer is another's");
    let too_long = |bound: u32| {
        let (from, mut bytes) = (bound.to_le_bytes(), bytes.clone());
        let at = bytes.windows(4).position(|window| *window == from).expect("it is in it");
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        from_bytes::<Setup>(&bytes).expect("it has an encoding").config(&Signer::insecure(1)).is_none()
    };
    assert!(too_long(config.ledger.segment_bytes) && too_long(config.ledger.pending_bytes), "no ledger is kept so");
    let again = setup.config(&Signer::insecure(1)).expect("it is the node's");
    let without = Config { secrets: secrets(&[]), ..config };
    assert_eq!(Config { secrets: secrets(&[]), ..again }, without);
}
