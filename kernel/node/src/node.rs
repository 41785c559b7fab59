//! The node: a machine that holds writs, has tools called under them, and records everything.
//!
//! Rules kept:
//!
//! - INVARIANT(durable-before-visible): whatever reveals a fact waits in the outbox until that fact is durable.
//! - What is decided is recorded before it is done, and only what was tried is recorded.
//! - A node that finds its log rolled back, or not its own, serves nothing.
//!
//! What it deliberately does not do: it keeps no client's session, elects nobody and replicates nothing. Its log has one writer.

use crate::ask::{Ask, Notice};
use crate::config::Config;
use crate::entity::AlarmId;
use crate::fact::{Fact, VERSION};
use crate::folding::{Folding, Reading};
use crate::message::{Body, Claim, Message};
use crate::past::Past;
use crate::restoring::Restoring;
use crate::run::RunId;
use crate::saving::Saving;
use crate::state::State;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use antfarm_authority::{EffectKey, Standings, WritId};
use antfarm_automata::entities::Alarm;
use antfarm_identity::{Codec, Fold, PublicKey, to_bytes};
use antfarm_ledger::{AppendRefusal, Draft, Ledger, LogHead, Opened, Progress, Reason, SignedHead};
use antfarm_machine::{Effect, Effects, Input, Machine, Mono, Now, PeerId, Receipt, reached};

/// The most outputs that may wait to become visible.
const MAX_OUTBOX: usize = 1 << 13;

/// The node's alarms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub enum Timer {
    /// Open the log again after it stopped.
    Reopen,
    /// Look after what takes time.
    Pulse,
    /// A call was not answered.
    Retry(EffectKey),
    /// A timeout or a scheduled action of an entity.
    Alarm(AlarmId),
}

/// The machine. [`State`] is what it folded from its log; all else is gone after a restart.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Node {
    pub(crate) config: Arc<Config>,
    pub(crate) state: State,
    pub(crate) ledger: Ledger,
    serving: Serving,
    /// What may be shown once the record at this position is durable, in that order.
    outbox: VecDeque<(u64, Output)>,
    /// The durable head, signed when it was first said to somebody.
    claim: Option<Claim>,
    /// Which start of the process it is, as the driver counts.
    session: u64,
    /// What others remember of the log.
    pub(crate) past: Past,
    /// The checkpoint that was taken up when the log was read.
    restoring: Restoring,
    /// The checkpoint that is being written.
    pub(crate) saving: Option<Box<Saving>>,
    /// Records when the log was opened.
    pub(crate) opened_at: u64,
    pub(crate) standings: Standings,
    /// What was tried of the calls under way.
    pub(crate) tries: BTreeMap<EffectKey, Tries>,
    /// The latest heads of other nodes.
    pub(crate) heard: BTreeMap<PublicKey, SignedHead>,
    /// Which start of other nodes was heard of last.
    pub(crate) sessions: BTreeMap<PublicKey, u64>,
    /// Heads that other nodes must be told of, because they started again since.
    pub(crate) recalls: BTreeMap<PeerId, SignedHead>,
    /// Writs that their homes confirmed to have.
    pub(crate) confirmed: BTreeSet<WritId>,
    /// Writs whose givers know how the tasks ended that they were given for.
    pub(crate) delivered: BTreeSet<WritId>,
    /// The alarms of entities that are set.
    pub(crate) alarms: BTreeMap<AlarmId, Alarm>,
    /// Runs that cannot go on now.
    pub(crate) stalled: BTreeSet<RunId>,
    /// Where the next round of telling again begins.
    pub(crate) cursor: usize,
    /// Where the next answer to who knows less begins.
    pub(crate) compared: usize,
    /// Refusals recorded since the last pulse.
    pub(crate) refusals: u32,
    /// Pulses since the log was opened.
    pub(crate) pulses: u64,
}

/// What was tried of one call since the log was opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Tries {
    /// How often something was sent to the tool.
    pub(crate) sent: u32,
    /// Since when.
    pub(crate) since: Mono,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Serving {
    /// The log is not open.
    No,
    Yes,
    /// Never again in this process: the log is not what it was.
    Never,
}

/// Something that reveals a fact.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Output {
    Tell(Notice),
    Send(PeerId, Box<Body>),
    /// The call is made, if what allowed it still does.
    Call(EffectKey),
}

impl Node {
    /// A node that was not started.
    pub fn new(config: Config) -> Self {
        let me = config.me();
        Self {
            state: State::new(&config),
            ledger: Ledger::new(config.ledger.clone()),
            serving: Serving::No,
            outbox: VecDeque::new(),
            claim: None,
            session: 0,
            past: Past::default(),
            restoring: Restoring::default(),
            saving: None,
            opened_at: 0,
            standings: Standings::new(me, 0),
            tries: BTreeMap::new(),
            heard: BTreeMap::new(),
            sessions: BTreeMap::new(),
            recalls: BTreeMap::new(),
            cursor: 0,
            compared: 0,
            confirmed: BTreeSet::new(),
            delivered: BTreeSet::new(),
            alarms: BTreeMap::new(),
            stalled: BTreeSet::new(),
            refusals: 0,
            pulses: 0,
            config: Arc::new(config),
        }
    }

    /// How it is set up.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it folded from its log; ahead of what is durable by what is on its way to the disk.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Its log.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether it takes asks.
    pub fn is_serving(&self) -> bool {
        self.serving == Serving::Yes
    }

    /// Whether it found that its log is not what it was, and has stopped for good.
    pub fn is_rolled_back(&self) -> bool {
        self.serving == Serving::Never
    }

    /// The latest head of another node that it knows, verified.
    pub fn heard_of(&self, key: &PublicKey) -> Option<&SignedHead> {
        self.heard.get(key).or_else(|| self.state.witnessed(key))
    }

    /// How many things wait to become visible.
    pub fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// Asserts what must hold of every node. Looks at all of its state.
    pub fn check(&self) {
        self.state.check();
        assert!(self.outbox.len() <= MAX_OUTBOX);
        assert!(self.tries.keys().all(|key| self.state.open.contains(key)), "only what is under way is tried");
    }

    fn open(&mut self, out: &mut Effects<'_, Self>) {
        self.stop();
        self.ledger.open(&mut |request| out.emit(Effect::Store(request)));
    }

    /// Nothing of what was not durable is known any more.
    fn stop(&mut self) {
        self.serving = Serving::No;
        self.outbox.clear();
        self.tries.clear();
        self.saving = None;
        self.claim = None;
        self.standings = Standings::new(self.config.me(), 0);
    }

    /// Records and folds a fact; the position of its record. Nothing changed where it is refused.
    pub(crate) fn record(&mut self, fact: Fact) -> Result<u64, Full> {
        self.record_for(fact, 4)
    }

    /// Records a fact that `outputs` things will reveal.
    pub(crate) fn record_for(&mut self, fact: Fact, outputs: usize) -> Result<u64, Full> {
        if self.outbox.len() + outputs > MAX_OUTBOX {
            reached!("node.outbox_full");
            return Err(Full);
        }
        let (link, kind, payload) = (self.state.link(&fact), fact.record_kind(), to_bytes(&fact));
        let draft = Draft { link, kind, version: VERSION, payload: &payload };
        let mut folding = Folding { state: &mut self.state, fact: Some(fact), reading: None };
        match self.ledger.append(draft, &mut folding) {
            Ok(appended) => {
                assert!(self.state.broken().is_none(), "a fact is tried before it is recorded");
                Ok(appended.position)
            }
            Err(AppendRefusal::Busy | AppendRefusal::NotOpen | AppendRefusal::Exhausted) => Err(Full),
            Err(AppendRefusal::TooLong { .. } | AppendRefusal::Reserved) => unreachable!("facts are bounded, and of other kinds"),
        }
    }

    /// Shows something once the record at `position` is durable.
    pub(crate) fn after(&mut self, position: u64, output: Output) {
        assert!(self.outbox.back().is_none_or(|(last, _)| *last <= position), "what was recorded first is shown first");
        self.outbox.push_back((position, output));
    }

    /// Shows something that rests on what was recorded at some time, once all that was recorded is durable. What nobody counts
    /// on may be dropped where too much waits.
    pub(crate) fn show(&mut self, output: Output, out: &mut Effects<'_, Self>) {
        let Some((records, _)) = self.ledger.submitted() else { return };
        if self.ledger.durable().is_some_and(|head| head.records == records) {
            return match output {
                Output::Tell(notice) => out.tell(notice),
                Output::Send(to, body) => self.send(to, *body, out),
                Output::Call(_) => unreachable!("a call is made after its own record"),
            };
        }
        match self.outbox.len() + 4 > MAX_OUTBOX {
            true => reached!("node.outbox_full"),
            false => self.outbox.push_back((records - 1, output)),
        }
    }

    /// Sends something that rests on what was recorded at some time.
    pub(crate) fn tell(&mut self, to: PeerId, body: Body, out: &mut Effects<'_, Self>) {
        self.show(Output::Send(to, Box::new(body)), out);
    }

    /// Sends. Other nodes hear how far the log is durable; tools and minds remember nothing of it, and are spared.
    pub(crate) fn send(&mut self, to: PeerId, body: Body, out: &mut Effects<'_, Self>) {
        let is_node = self.config.nodes.contains_key(&to);
        let head = if is_node { self.claim().map(Box::new) } else { None };
        out.send(to, Message { head, body });
    }

    fn stored(&mut self, now: Now, receipt: Receipt, out: &mut Effects<'_, Self>) {
        let reading = Reading { past: &mut self.past, restoring: &mut self.restoring };
        let mut folding = Folding { state: &mut self.state, fact: None, reading: Some(reading) };
        let progress = self.ledger.receive(receipt, &mut folding, &mut |request| out.emit(Effect::Store(request)));
        match progress {
            Progress::None => {}
            Progress::Piece => self.save_on(out),
            Progress::Checkpointed { records } => self.checkpointed(records),
            Progress::Abandoned { .. } => self.saving = None,
            Progress::Opened(opened) => self.opened(now, opened, out),
            Progress::Durable(head) => self.durable(now, head, out),
            Progress::Refused(refused) => {
                out.disarm(Timer::Pulse);
                if let Reason::WrongHead { records } = refused.reason {
                    return self.roll_back(records, out);
                }
                out.tell(Notice::Refused(refused));
            }
            Progress::Stopped(stop) => {
                self.stop();
                out.disarm(Timer::Pulse);
                out.tell(Notice::Stopped(stop));
                out.arm(Timer::Reopen, self.config.reopen_after);
            }
        }
    }

    fn opened(&mut self, now: Now, opened: Opened, out: &mut Effects<'_, Self>) {
        if let Some(position) = self.state.broken() {
            reached!("node.broken");
            self.give_up(out);
            return out.tell(Notice::Broken { position });
        }
        if let Some(records) = self.past.end(opened.records) {
            return self.roll_back(records, out);
        }
        self.serving = Serving::Yes;
        self.opened_at = opened.records;
        if opened.restored.is_some() {
            reached!("node.restored");
        }
        if !opened.discarded.is_empty() {
            reached!("node.checkpoint_passed_over");
        }
        // Two starts never have one epoch, also where the log was rolled back between them.
        let mut epoch = Fold::new();
        epoch.absorb_u64(opened.incarnation);
        epoch.absorb_u64(self.session);
        self.standings = Standings::new(self.config.me(), epoch.value());
        self.confirmed.clear();
        self.delivered.clear();
        self.stalled.clear();
        (self.refusals, self.pulses) = (0, 0);
        out.tell(Notice::Opened(opened));
        let open: Vec<EffectKey> = self.state.open.iter().copied().collect();
        for key in open {
            reached!("node.reopened_with_calls");
            self.retry(now, key, out);
        }
        self.set_again(now, out);
        self.pulse(now, out);
    }

    /// How far the log is durable, signed: once for each group commit, and only if somebody is told.
    fn claim(&mut self) -> Option<Claim> {
        let head = self.ledger.durable().filter(|_| self.config.heads)?;
        if self.claim.is_none_or(|claim| claim.head.head != head) {
            let Config { roots, ledger, signer, .. } = &*self.config;
            let head = SignedHead::sign(signer, roots.colony(), ledger.log, head);
            self.past.sign(head.head.records, head.head.digest);
            self.claim = Some(Claim { head, session: self.session });
        }
        self.claim
    }

    fn durable(&mut self, now: Now, head: LogHead, out: &mut Effects<'_, Self>) {
        // INVARIANT(durable-before-visible): the receipt for everything below `head` arrived in this very step.
        while let Some((_, output)) = self.outbox.pop_front_if(|(position, _)| *position < head.records) {
            match output {
                Output::Tell(notice) => out.tell(notice),
                Output::Send(to, body) => self.send(to, *body, out),
                Output::Call(key) => self.call(now, key, out),
            }
        }
    }

    pub(crate) fn roll_back(&mut self, records: u64, out: &mut Effects<'_, Self>) {
        reached!("node.rolled_back");
        self.give_up(out);
        out.tell(Notice::RolledBack { records });
    }

    fn give_up(&mut self, out: &mut Effects<'_, Self>) {
        self.stop();
        self.serving = Serving::Never;
        out.disarm(Timer::Pulse);
    }

    /// Reads the log again, to see whether it passes through what others remember.
    pub(crate) fn look_again(&mut self, out: &mut Effects<'_, Self>) {
        reached!("node.looked_again");
        out.disarm(Timer::Pulse);
        self.stop();
        // A checkpoint says nothing of the heads before it.
        self.ledger.open_whole(&mut |request| out.emit(Effect::Store(request)));
    }

    fn asked(&mut self, now: Now, ask: Ask, out: &mut Effects<'_, Self>) {
        match ask {
            Ask::Wish(wish) => self.wish(now, *wish, out),
            Ask::Grant { parent, offer, task } => self.grant(now, parent, offer, task.map(|it| *it), out),
            Ask::Revoke { writ } => self.revoke(now, writ, out),
            Ask::Close { writ } => self.close(now, writ, out),
            Ask::Resolve { key, happened } => self.resolve(now, key, happened, out),
            Ask::Work { writ, nonce, task } => self.work(now, writ, nonce, *task, out),
        }
    }

    fn heard(&mut self, now: Now, from: PeerId, message: Message, out: &mut Effects<'_, Self>) {
        let Message { head, body } = message;
        if let (Some(key), Some(claim)) = (self.config.nodes.get(&from).copied(), head) {
            self.witness(from, key, *claim, out);
        }
        let is_node = self.config.nodes.contains_key(&from);
        match body {
            Body::Recall(head) if is_node => self.recalled(from, &head, out),
            Body::Passed { records } if is_node => self.passed(from, records),
            _ if !self.is_serving() => {}
            Body::Outcome { key, outcome } => self.outcome(now, from, key, outcome, out),
            Body::Present { chain, drawn, commission } if is_node => {
                self.presented(now, from, &chain, drawn, commission.map(|it| *it), out);
            }
            Body::Presented { writ, with_task } if is_node => self.confirm(from, writ, with_task),
            Body::Inquire { inquiry, chain } if is_node => self.inquired(from, inquiry, &chain, out),
            Body::Standing(standing) if is_node => self.stands(&standing),
            Body::Revoked { chain, revocation } if is_node => self.news(from, &chain, &revocation),
            Body::Sets { dead, forks } if is_node => self.compare(from, dead, forks, out),
            Body::Closed(closed) if is_node => self.reclaim(from, closed, out),
            Body::Reclaimed(word) if is_node => self.release(word),
            Body::Report(report) if is_node => self.reported(from, *report, out),
            Body::Reported { writ } if is_node => self.delivered(from, writ),
            Body::Seen { key, head } if is_node => self.compare_heads(key, head, out),
            Body::Forked(fork) if is_node => self.accuse(fork, out),
            Body::Deliver(signed) if is_node => self.deliver(now, from, *signed, out),
            Body::Delivered { below } if is_node => self.delivered_below(now, from, below, out),
            Body::Present { .. }
            | Body::Presented { .. }
            | Body::Inquire { .. }
            | Body::Standing(_)
            | Body::Revoked { .. }
            | Body::Sets { .. }
            | Body::Passed { .. }
            | Body::Closed(_)
            | Body::Reclaimed(_)
            | Body::Recall(_)
            | Body::Forked(_)
            | Body::Report(_)
            | Body::Reported { .. }
            | Body::Seen { .. }
            | Body::Deliver(_)
            | Body::Delivered { .. }
            | Body::Call(_)
            | Body::Close { .. } => reached!("node.wrong_class"),
        }
    }
}

/// Nothing more can be recorded now.
pub(crate) struct Full;

impl Machine for Node {
    type Ask = Ask;
    type Message = Message;
    type Timer = Timer;
    type Notice = Notice;

    fn step(&mut self, now: Now, input: Input<Self>, out: &mut Effects<'_, Self>) {
        if self.serving == Serving::Never {
            return;
        }
        match input {
            Input::Woke { incarnation } => {
                self.session = incarnation;
                self.open(out);
            }
            Input::Rang(Timer::Reopen) => self.open(out),
            Input::Rang(Timer::Pulse) => self.pulse(now, out),
            Input::Rang(Timer::Retry(key)) if self.is_serving() => self.retry(now, key, out),
            // The log is not open: when it is, all that is under way is looked after.
            Input::Rang(Timer::Retry(_)) => {}
            Input::Rang(Timer::Alarm(id)) if self.is_serving() => self.rang(now, id, out),
            // The log is not open: when it is, all alarms are set again.
            Input::Rang(Timer::Alarm(_)) => {}
            Input::Asked(ask) => self.asked(now, ask, out),
            Input::Heard { from, message } => self.heard(now, from, message, out),
            Input::Stored(receipt) => self.stored(now, receipt, out),
        }
        if self.is_serving() {
            self.run_on(now, out);
            self.ledger.flush(&mut |request| out.emit(Effect::Store(request)));
        }
    }
}
