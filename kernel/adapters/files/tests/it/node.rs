//! A whole node, as the daemon hosts it, on a disk whose power goes.
//!
//! After each cut the node serves again; every writ and every answer that it told is as it was told; no tool ever heard of a call that is
//! not on the ledger, and a blind one of none twice; and what the account says was spent is what was done. `ANTFARM_SEEDS=1000` are as
//! many times four cuts.

use super::seeds::seeds;
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Class, Contract, Delegation, EffectKey, Grant, Name, Nonce, Offer, Resolution, Scope, Scopes,
    Tenant, Text, TrustRoots, Window, WritId,
};
use antfarm_files::Store;
use antfarm_files::shim::{Dice, Shim};
use antfarm_identity::{Digest, Domain, Signer};
use antfarm_machine::{Effect, Effects, Input, Machine as _, Mono, Now, PeerId, Receipt, Request, Span, Wall};
use antfarm_node::{Answer, Ask, Body, Config, Form, Message, Need, Node, Notice, Outcome, Phase, Timer, Tool, Toolbox, Wish};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const JOURNAL: u64 = 128 << 10;
const STEP: Span = Span::from_millis(20);
/// What takes longer never happens.
const MOST_TURNS: u32 = 10_000;
const BANK: PeerId = PeerId::new(8);
const MAIL: PeerId = PeerId::new(9);

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

fn config() -> Config {
    let me = Signer::insecure(1);
    let colony = Digest::of(Domain::new("antfarm 2026 files test node"), b"colony");
    let roots = TrustRoots::new(colony, [me.public()]).expect("one is not too many");
    let tool = |tool: &str, peer, resolution| {
        let contract = Contract { tool: name(tool), class: Class::External, resolution, cost: one() };
        Tool { contract, peer, form: Form::Bytes, priced: false, entity: None, need: Need::Nothing }
    };
    let mut config = Config::new(roots, Tenant(name("acme")), me);
    let keyed = Resolution::Keyed { retention: Span::from_secs(3_600) };
    config.tools = Toolbox::new([tool("bank.pay", BANK, keyed), tool("mail.send", MAIL, Resolution::Blind)]);
    // Segments of a few records and checkpoints of a few, so that objects are made and removed all the time.
    (config.ledger.segment_bytes, config.save_every) = (16 << 10, 20);
    (config.pulse, config.patience, config.reopen_after) = (Span::from_millis(200), Span::from_millis(300), STEP);
    config
}

fn one() -> Amount {
    Amount { calls: Calls(1), ..Amount::ZERO }
}

/// What outlives the node's processes: what it promised, and its tools.
#[derive(Default)]
struct Outside {
    now: Option<Now>,
    lives: u64,
    writ: Option<WritId>,
    /// By nonce: what it was told of the wish.
    answers: BTreeMap<Nonce, (EffectKey, Answer)>,
    /// Each call that a tool heard.
    heard: BTreeSet<EffectKey>,
    asked: u32,
    cuts: u32,
    saved: bool,
}

/// One life of a process.
struct Life {
    store: Store<Shim>,
    shim: Shim,
    node: Node,
    alarms: BTreeMap<Timer, Mono>,
    requests: VecDeque<Request>,
    receipts: VecDeque<Receipt>,
    /// What tools answered.
    mail: VecDeque<(PeerId, Message)>,
}

impl Life {
    /// A process that starts and opens its log; none where the power goes meanwhile.
    fn begin(shim: &Shim, outside: &mut Outside) -> Option<Self> {
        let store = Store::sized(shim.clone(), JOURNAL);
        assert!(store.is_ok() || shim.is_cut(), "only a cut keeps the folder from opening");
        let (alarms, requests, receipts, mail) = Default::default();
        let (store, shim, node) = (store.ok()?, shim.clone(), Node::new(config()));
        let mut life = Self { store, shim, node, alarms, requests, receipts, mail };
        outside.lives += 1;
        let incarnation = outside.lives;
        life.step(Input::Woke { incarnation }, outside);
        let (mut dice, mut turns) = (Dice::seeded(0), 0);
        while !life.node.is_serving() && !life.shim.is_cut() {
            assert!(turns < MOST_TURNS, "it never serves");
            turns += 1;
            life.turn(&mut dice, outside);
        }
        (!life.shim.is_cut()).then_some(life)
    }

    fn step(&mut self, input: Input<Node>, outside: &mut Outside) {
        let now = *outside.now.get_or_insert(Now { mono: Mono::ZERO, wall: Wall::ZERO + Span::from_secs(3_600_000) });
        let mut effects = Vec::new();
        self.node.step(now, input, &mut Effects::new(&mut effects));
        for effect in effects {
            match effect {
                Effect::Store(request) => self.requests.push_back(request),
                Effect::Arm { timer, after } => drop(self.alarms.insert(timer, now.mono + after)),
                Effect::Disarm(timer) => drop(self.alarms.remove(&timer)),
                Effect::Send { to, message: Message { body: Body::Call(call), .. } } => {
                    let is_new = outside.heard.insert(call.key);
                    assert!(is_new || to == BANK, "a blind tool hears of a call twice");
                    assert!(self.node.state().effect(call.key).is_some(), "a tool hears of a call that nobody started");
                    let outcome = Outcome::Done { result: Bytes::default(), spent: one() };
                    self.mail.push_back((to, Message::bare(Body::Outcome { key: call.key, outcome })));
                }
                Effect::Send { .. } => {}
                Effect::Tell(notice) => self.told(notice, outside),
            }
        }
    }

    fn told(&self, notice: Notice, outside: &mut Outside) {
        match notice {
            Notice::Granted { writ, .. } => outside.writ = Some(writ),
            Notice::Answered { nonce, key, answer } => match &answer {
                Answer::Done { .. } | Answer::Failed | Answer::InDoubt => {
                    let before = outside.answers.insert(nonce, (key, answer.clone()));
                    let is_kept = before.is_none_or(|it| it == (key, answer) || it == (key, Answer::InDoubt));
                    assert!(is_kept, "what was told of a wish changes");
                }
                Answer::Refused(_) | Answer::Busy => {}
            },
            Notice::Opened(opened) => outside.saved |= opened.restored.is_some(),
            Notice::Stopped(stop) => assert!(self.shim.is_cut(), "it stopped with power: {stop:?}"),
            Notice::Refused(refused) => panic!("the log is refused after a power cut: {refused:?}"),
            Notice::Broken { position } => panic!("record {position} cannot be its own"),
            Notice::RolledBack { records } => panic!("nobody remembers {records} records"),
            Notice::Declined { .. }
            | Notice::Called(_)
            | Notice::Revoked { .. }
            | Notice::Closed { .. }
            | Notice::Reclaimed { .. }
            | Notice::Forked { .. }
            | Notice::Began { .. }
            | Notice::Ended { .. }
            | Notice::Reported { .. }
            | Notice::Stepped(_) => {}
        }
    }

    /// A little time goes by: the disk does what is waiting, of which the node hears some, alarms ring, tools answer now and then.
    fn turn(&mut self, dice: &mut Dice, outside: &mut Outside) {
        if let Some(now) = &mut outside.now {
            *now = Now { mono: now.mono + STEP, wall: now.wall + STEP };
        }
        let Self { store, requests, receipts, .. } = self;
        store.perform(requests, |receipt| receipts.push_back(receipt));
        for _ in 0..dice.index(self.receipts.len() + 1) {
            let receipt = self.receipts.pop_front().expect("so many came");
            self.step(Input::Stored(receipt), outside);
        }
        let now = outside.now.map_or(Mono::ZERO, |it| it.mono);
        while let Some(timer) = self.alarms.iter().find(|(_, due)| **due <= now).map(|(timer, _)| *timer) {
            self.alarms.remove(&timer);
            self.step(Input::Rang(timer), outside);
        }
        while let Some((from, message)) = self.mail.pop_front() {
            // What is lost is asked for again, where the tool is asked again.
            if !dice.once_in(8) {
                self.step(Input::Heard { from, message }, outside);
            }
        }
    }

    fn grant(&mut self, outside: &mut Outside) {
        let me = self.node.config().me();
        let grant = Grant {
            colony: self.node.config().roots.colony(),
            tenant: Tenant(name("acme")),
            tools: Scopes::new([Scope::new("*").expect("legal")]).expect("one is not too many"),
            budget: Amount { calls: Calls(1 << 20), ..Amount::ZERO },
            ceiling: Ceiling::ALL,
            window: Window::new(Wall::ZERO, Wall::ZERO + Span::from_secs(36_000_000)).expect("it ends later"),
            delegation: Delegation::NONE,
            freshness: Span::from_secs(60),
        };
        let offer = Box::new(Offer { subject: me, nonce: Nonce([1; 16]), home: me, grant });
        self.step(Input::Asked(Ask::Grant { parent: None, offer, task: None }), outside);
    }

    fn wish(&mut self, writ: WritId, number: u32, outside: &mut Outside) -> Nonce {
        let mut nonce = [0; 16];
        nonce[12..].copy_from_slice(&number.to_be_bytes());
        let tool = name(if number.is_multiple_of(4) { "mail.send" } else { "bank.pay" });
        let until = Wall::ZERO + Span::from_secs(3_603_600);
        let (nonce, args) = (Nonce(nonce), Bytes::new(&number.to_be_bytes()).expect("short"));
        let (target, rationale) = (Text::default(), Text::default());
        self.step(Input::Asked(Ask::Wish(Box::new(Wish { writ, nonce, until, tool, target, args, rationale }))), outside);
        nonce
    }

    /// Holds what the node remembers against what it promised.
    fn audit(&self, outside: &Outside) {
        let state = self.node.state();
        self.node.check();
        for key in &outside.heard {
            assert!(state.effect(*key).is_some(), "a tool heard of a call, and nothing on the ledger says that it was started");
        }
        for (key, effect) in state.effects() {
            let is_done = matches!(effect.phase(), Phase::Done(_));
            assert!(!is_done || outside.heard.contains(&key), "a call is done of which no tool heard");
        }
        for (nonce, (key, answer)) in &outside.answers {
            let phase = state.effect(*key).map(antfarm_node::Effect::phase);
            let is_same = match answer {
                Answer::Done { result } => phase == Some(&Phase::Done(result.clone())),
                Answer::Failed => phase == Some(&Phase::Failed),
                // Somebody may have settled it since.
                Answer::InDoubt => matches!(phase, Some(Phase::Doubted | Phase::Done(_) | Phase::Failed)),
                Answer::Refused(_) | Answer::Busy => false,
            };
            assert!(is_same, "{nonce:?} was answered with {answer:?}, and it is {phase:?}");
        }
        if let Some(writ) = outside.writ {
            assert!(state.writ(writ).is_some(), "a writ was given, and is gone");
            let done = state.effects().filter(|(_, effect)| matches!(effect.phase(), Phase::Done(_))).count() as u64;
            let spent = state.accounts().account(writ).expect("it has an account").spent();
            assert_eq!(spent, Amount { calls: Calls(done), ..Amount::ZERO });
        }
    }
}

#[test]
fn no_power_cut_takes_what_a_node_acknowledged() {
    let (answers, doubts, saved) = (Cell::new(0), Cell::new(0), Cell::new(false));
    seeds(20, |seed| {
        let mut dice = Dice::seeded(!seed);
        let (mut shim, mut outside) = (Shim::seeded(seed), Outside::default());
        while outside.cuts < 4 {
            let Some(mut life) = Life::begin(&shim, &mut outside) else {
                (shim, outside.cuts) = (shim.restart(), outside.cuts + 1);
                continue;
            };
            life.audit(&outside);
            shim.cut_after(dice.below(2_000));
            let is_killed = dice.once_in(4);
            while !(shim.is_cut() || is_killed && dice.once_in(200)) {
                match (dice.below(3), outside.writ) {
                    (0, None) => life.grant(&mut outside),
                    (0, Some(writ)) => {
                        // Now and then an old wish again: it is the same.
                        let is_new = outside.asked == 0 || !dice.once_in(4);
                        outside.asked += u32::from(is_new);
                        let number =
                            if is_new { outside.asked } else { u32::try_from(dice.below(outside.asked.into())).unwrap_or(0) };
                        life.wish(writ, number, &mut outside);
                    }
                    _ => life.turn(&mut dice, &mut outside),
                }
            }
            if !shim.is_cut() {
                shim = shim.kill();
                continue;
            }
            (shim, outside.cuts) = (shim.restart(), outside.cuts + 1);
            // Now and then it goes again while the journal is replayed, or while the log is opened.
            if dice.once_in(3) {
                shim.cut_after(dice.below(120));
            }
        }
        let mut life = Life::begin(&shim.restart(), &mut outside).expect("there is power");
        life.audit(&outside);
        // Whatever the cuts were, it goes on: a keyed call that is wished for now is done.
        let (mut turns, before) = (0, outside.answers.len());
        let mut wished = BTreeSet::new();
        while !outside.answers.iter().any(|(nonce, it)| wished.contains(nonce) && matches!(it.1, Answer::Done { .. })) {
            assert!(turns < MOST_TURNS, "nothing is answered any more");
            turns += 1;
            match outside.writ {
                None => life.grant(&mut outside),
                Some(writ) => {
                    outside.asked += 1;
                    wished.insert(life.wish(writ, outside.asked * 4 + 1, &mut outside));
                }
            }
            life.turn(&mut dice, &mut outside);
        }
        answers.set(answers.get() + before);
        doubts.set(doubts.get() + outside.answers.values().filter(|it| it.1 == Answer::InDoubt).count());
        saved.set(saved.get() || outside.saved);
    });
    let told = format!("{} answers, {} in doubt, restored: {}", answers.get(), doubts.get(), saved.get());
    assert!(answers.get() > 10 && doubts.get() > 0 && saved.get(), "{told}");
}
