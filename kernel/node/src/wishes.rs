//! Wishes and calls: from what a client wants to what a tool did, at most once.
//!
//! Rule kept: *at most once, no attempt lost*. That a call was started is durable before the tool hears of it. Whatever happens
//! then, the call keeps its key: it is made again, closed, or left to a person, as the tool's contract says, and never
//! started anew. Each time something that may have an effect is sent, the writ must stand in that very step.

use crate::ask::{Answer, Declined, Notice, Wish};
use crate::config::Form;
use crate::effect::{Effect, Phase};
use crate::fact::{Asked, Fact, Reason};
use crate::message::{Body, Outcome};
use crate::node::{Full, Node, Output, Timer, Tries};
use crate::run::is_reserved;
use crate::seen::Seen;
use crate::state::{MAX_EFFECTS, MAX_OPEN, State};
use alloc::boxed::Box;
use antfarm_authority::{
    Amount, Bytes, Case, EffectKey, Intent, Policy, Proposal, Question, Refusal, Resolution, Stands, Status, Tools, Verdict,
    World, WritId, compile,
};
use antfarm_identity::{Digest, Domain};
use antfarm_machine::{Effects, MAX_SKEW, Now, PeerId, Span, Wall, reached};

/// The most refusals, of wishes and of other asks, that are recorded from one pulse to the next. Who is refused more often is told to come back later, and
/// that is not recorded: a mind that floods must not fill the disk.
pub const MAX_REFUSALS: u32 = 64;

const POLICY: Domain = Domain::new("antfarm 2026 node policy");

/// Permits all that a writ allows.
struct Permissive;

impl Policy for Permissive {
    fn version(&self) -> Digest {
        Digest::of(POLICY, b"permit")
    }
    fn judge(&self, _: &Question<'_>) -> Verdict {
        Verdict::Permit
    }
}

/// What bears on a wish and is not on the ledger.
pub(crate) struct Beyond<'a, T, W, P, S> {
    pub(crate) standings: &'a S,
    pub(crate) tools: &'a T,
    pub(crate) world: &'a W,
    pub(crate) policy: &'a P,
}

impl State {
    /// What becomes of a wish: by what was recorded, and by what was not.
    pub(crate) fn compiled<T: Tools, W: World, P: Policy, S: Stands>(
        &self,
        now: Now,
        writ: WritId,
        intent: &Intent,
        beyond: &Beyond<'_, T, W, P, S>,
    ) -> Result<Proposal, Reason> {
        let writ = self.writ(writ).ok_or(Reason::UnknownWrit)?;
        let (accounts, revocations, told) = (&self.accounts, &self.revocations, self.told(intent));
        let Beyond { standings, tools, world, policy } = *beyond;
        let case = Case { writ, accounts, revocations, standings, tools, world, policy, told, now };
        let proposal = compile(intent, &case).map_err(Reason::Refused)?;
        match proposal.status {
            Status::Staged => Ok(proposal),
            Status::Suspended { .. } => Err(Reason::Suspended),
        }
    }
}

impl Node {
    /// A client wishes.
    pub(crate) fn wish(&mut self, now: Now, wish: Wish, out: &mut Effects<'_, Self>) {
        let (writ, intent) = self.config.intent(wish);
        let (nonce, key) = (intent.nonce, intent.key());
        let answer = |answer| Notice::Answered { nonce, key, answer };
        if !self.is_serving() {
            return out.tell(answer(Answer::Busy));
        }
        if let Some(effect) = self.state.effect(key) {
            reached!("wish.repeated");
            // As long as it is under way, the answer that comes is the answer to both.
            if let Some(known) = effect.answer() {
                self.show(Output::Tell(answer(known)), out);
            }
            return;
        }
        let started = match is_reserved(nonce) {
            true => self.refuse(now, writ, intent, Reason::Reserved),
            false => self.start(now, writ, intent, out),
        };
        match started {
            Ok(()) => {}
            Err(None) => out.tell(answer(Answer::Busy)),
            // Whoever wishes again finds that it stands, if it does. What is asked already is asked again by the pulse only: whoever wishes
            // in haste floods no giver.
            Err(Some(Reason::Refused(Refusal::NoStanding(missing)))) => match self.state.writ(writ).cloned() {
                Some(writ) if !self.standings.awaits(writ.id(), missing.giver) => self.inquire(now, &writ, out),
                Some(_) | None => {}
            },
            Err(Some(_)) => {}
        }
    }

    /// Compiles an intent and records what comes of it; the error is why it was refused, or none when nothing was decided. The
    /// answer is told when that is durable.
    pub(crate) fn start(
        &mut self,
        now: Now,
        writ: WritId,
        intent: Intent,
        out: &mut Effects<'_, Self>,
    ) -> Result<(), Option<Reason>> {
        match self.compiled(now, writ, &intent) {
            Ok(_) if self.state.open.len() >= MAX_OPEN || self.is_full() => {
                reached!("wish.busy");
                Err(None)
            }
            Ok(proposal) if self.config.tools.is_entity(&intent.tool) => self.act(now, intent, proposal, out),
            Ok(proposal) => {
                let key = proposal.key;
                let deadline = self.deadline(now, &proposal);
                let fact = Fact::Started { intent: Box::new(intent), proposal, at: now.wall, deadline };
                let position = self.record(fact).map_err(|Full| None)?;
                self.after(position, Output::Call(key));
                Ok(())
            }
            Err(reason) => self.refuse(now, writ, intent, reason),
        }
    }

    pub(crate) fn refuse(&mut self, now: Now, writ: WritId, intent: Intent, reason: Reason) -> Result<(), Option<Reason>> {
        if self.may_refuse().is_err() {
            reached!("wish.busy");
            return Err(None);
        }
        if let Reason::Refused(Refusal::Expired { .. }) = reason {
            self.note_expired(writ).map_err(|Full| None)?;
        }
        let (nonce, key) = (intent.nonce, intent.key());
        let fact = Fact::Refused { intent: Box::new(intent), writ, reason: reason.clone(), at: now.wall };
        let position = self.record(fact).map_err(|Full| None)?;
        self.after(position, Output::Tell(Notice::Answered { nonce, key, answer: Answer::Refused(reason.clone()) }));
        Err(Some(reason))
    }

    /// Whether no more can be remembered, until something is forgotten.
    fn is_full(&self) -> bool {
        self.state.effects.len().max(self.state.wishes.len()) >= self.config.max_effects.min(MAX_EFFECTS)
    }

    pub(crate) fn compiled(&self, now: Now, writ: WritId, intent: &Intent) -> Result<Proposal, Reason> {
        let (config, state) = (&self.config, &self.state);
        let world = &Seen { state, config };
        let beyond = Beyond { standings: &self.standings, tools: &config.tools, world, policy: &Permissive };
        state.compiled(now, writ, intent, &beyond)
    }

    /// When a tool must have begun a call. The earlier of two moments: what cannot be taken back must not begin later than its
    /// standing lets it, and nothing after the time for which the tool remembers, or is waited for.
    fn deadline(&self, now: Now, proposal: &Proposal) -> Wall {
        let remembered = match proposal.resolution {
            Resolution::Keyed { retention } | Resolution::Closable { retention } => {
                Span::from_nanos(retention.as_nanos().saturating_sub(margin(retention).as_nanos()))
            }
            Resolution::Blind => self.config.patience,
        };
        let forgotten = now.wall + remembered;
        proposal.deadline.map_or(forgotten, |deadline| deadline.min(forgotten))
    }

    /// Makes a call for the first time, if what allowed it still does.
    pub(crate) fn call(&mut self, now: Now, key: EffectKey, out: &mut Effects<'_, Self>) {
        let Some(effect) = self.state.effect(key).filter(|effect| *effect.phase() == Phase::Started) else { return };
        match self.may_send(now, effect) {
            Ok(()) => self.send_call(now, key, out),
            Err(reason) => {
                reached!("call.withheld");
                let (nonce, writ) = (effect.nonce(), effect.writ());
                if let Reason::Refused(Refusal::Expired { .. }) = reason
                    && self.note_expired(writ).is_err()
                {
                    return self.try_later(now, key, out);
                }
                match self.record(Fact::Withheld { key, reason: reason.clone() }) {
                    Ok(position) => {
                        self.tries.remove(&key);
                        self.after(position, Output::Tell(Notice::Answered { nonce, key, answer: Answer::Refused(reason) }));
                    }
                    Err(Full) => self.try_later(now, key, out),
                }
            }
        }
    }

    /// Whether something that may have an effect may be sent now.
    fn may_send(&self, now: Now, effect: &Effect) -> Result<(), Reason> {
        let writ = self.state.writ(effect.writ()).ok_or(Reason::UnknownWrit)?;
        let refused = |refusal| Err(Reason::Refused(refusal));
        if let Some(writ) = self.state.revocations.first_dead(writ) {
            return refused(Refusal::Revoked { writ });
        }
        if self.state.accounts.is_expired(writ.id()) {
            return refused(Refusal::SeenExpired);
        }
        let (window, at) = (writ.body().grant.window, now.wall);
        if at < window.not_before() {
            return refused(Refusal::Early { not_before: window.not_before(), at });
        }
        if at > window.expires_at() {
            return refused(Refusal::Expired { expires_at: window.expires_at(), at });
        }
        if effect.call().is_some_and(|call| now.wall > call.deadline) {
            return Err(Reason::Late);
        }
        self.standings.check(writ, now.mono).or_else(|missing| refused(Refusal::NoStanding(missing)))
    }

    /// Sends a call that must not begin: a tool that remembers the key says how it went, another one says that it does not know.
    fn ask_about(&mut self, key: EffectKey, out: &mut Effects<'_, Self>) {
        let Some(call) = self.state.effect(key).and_then(Effect::call).cloned() else { return };
        let Some(peer) = self.config.tools.tool(&call.tool).map(|tool| tool.peer) else { return };
        let tries = self.tries.get_mut(&key).expect("what is tried again was tried");
        tries.sent += 1;
        self.send(peer, Body::Call(crate::message::Call { deadline: Wall::ZERO, ..call }), out);
    }

    fn send_call(&mut self, now: Now, key: EffectKey, out: &mut Effects<'_, Self>) {
        let Some(effect) = self.state.effect(key) else { return };
        let Some(call) = effect.call().cloned() else { return };
        let Some(tool) = self.config.tools.tool(&call.tool) else { return self.try_later(now, key, out) };
        out.tell(Notice::Called(call.clone()));
        self.send(tool.peer, Body::Call(call), out);
        self.tries.entry(key).or_insert(Tries { sent: 0, since: now.mono }).sent += 1;
        self.try_later(now, key, out);
    }

    fn try_later(&mut self, now: Now, key: EffectKey, out: &mut Effects<'_, Self>) {
        let tries = self.tries.entry(key).or_insert(Tries { sent: 0, since: now.mono });
        // Twice as long each time, up to 64 times.
        let patience = self.config.patience.as_nanos().saturating_mul(1 << tries.sent.saturating_sub(1).min(6));
        out.arm(Timer::Retry(key), Span::from_nanos(patience));
    }

    /// A call was not answered, or the process restarted since: it is resolved as the tool's contract says.
    pub(crate) fn retry(&mut self, now: Now, key: EffectKey, out: &mut Effects<'_, Self>) {
        let Some(effect) = self.state.effect(key).filter(|effect| *effect.phase() == Phase::Started) else { return };
        let tries = *self.tries.entry(key).or_insert(Tries { sent: 0, since: now.mono });
        if tries.sent == 0 && effect.position() >= self.opened_at {
            return self.call(now, key, out);
        }
        let retention = match effect.resolution() {
            Resolution::Keyed { retention } | Resolution::Closable { retention } => retention,
            Resolution::Blind => return self.doubt(now, key, out),
        };
        // Its age by either clock: the wall clock knows of the time before a restart, the other cannot be set back.
        let age = effect.at().until(now.wall).max(now.mono.since(tries.since));
        if age + margin(retention) >= retention {
            reached!("call.retention_over");
            return self.doubt(now, key, out);
        }
        match effect.resolution() {
            Resolution::Keyed { .. } if self.may_send(now, effect).is_ok() => {
                reached!("call.sent_again");
                return self.send_call(now, key, out);
            }
            // Nothing may begin any more, but it may have begun: to ask how it went needs no authority.
            Resolution::Keyed { .. } => {
                reached!("call.asked_about");
                self.ask_about(key, out);
            }
            Resolution::Closable { .. } => {
                reached!("call.closed");
                let peer = effect.call().and_then(|call| self.config.tools.tool(&call.tool)).map(|tool| tool.peer);
                if let Some(peer) = peer {
                    let deadline = effect.call().map_or(Wall::ZERO, |call| call.deadline);
                    self.send(peer, Body::Close { key, deadline }, out);
                    self.tries.entry(key).or_insert(tries).sent += 1;
                }
            }
            Resolution::Blind => {}
        }
        self.try_later(now, key, out);
    }

    fn doubt(&mut self, now: Now, key: EffectKey, out: &mut Effects<'_, Self>) {
        reached!("call.doubted");
        let Some(nonce) = self.state.effect(key).map(Effect::nonce) else { return };
        match self.record(Fact::Doubted { key }) {
            Ok(position) => {
                self.tries.remove(&key);
                self.after(position, Output::Tell(Notice::Answered { nonce, key, answer: Answer::InDoubt }));
            }
            Err(Full) => self.try_later(now, key, out),
        }
    }

    /// A tool says how a call went.
    pub(crate) fn outcome(&mut self, now: Now, from: PeerId, key: EffectKey, outcome: Outcome, out: &mut Effects<'_, Self>) {
        let Some(effect) = self.state.effect(key).filter(|effect| effect.is_open()) else {
            return reached!("call.answered_twice");
        };
        let tool = effect.call().and_then(|call| self.config.tools.tool(&call.tool));
        if tool.is_none_or(|tool| tool.peer != from) {
            return reached!("call.answered_by_another");
        }
        let blind = effect.resolution() == Resolution::Blind;
        match outcome {
            // Where nothing can be recorded now, the tool is asked again later.
            Outcome::Done { result, spent } => {
                let is_mind = tool.is_some_and(|tool| tool.form == Form::Context);
                let result = self.config.secrets.redact_result(&result, is_mind);
                drop(self.settle(key, true, result, spent, out));
            }
            Outcome::Failed { spent } => drop(self.settle(key, false, Bytes::default(), spent, out)),
            Outcome::Unclear if *effect.phase() == Phase::Doubted => {}
            Outcome::Unclear if blind => self.doubt(now, key, out),
            // It is asked again, or closed, when patience is over.
            Outcome::Unclear => reached!("call.unclear"),
        }
    }

    /// A person says how a call went that is in doubt.
    pub(crate) fn resolve(&mut self, now: Now, key: EffectKey, happened: bool, out: &mut Effects<'_, Self>) {
        let cost =
            self.state.denies_resolution(key).and_then(|()| self.state.effect(key).map(Effect::cost).ok_or(Declined::Over));
        let why = match cost {
            _ if !self.is_serving() => Declined::Busy,
            Err(why) => why,
            Ok(cost) => {
                let spent = if happened { cost } else { Amount::ZERO };
                match self.settle(key, happened, Bytes::default(), spent, out) {
                    Ok(()) => return,
                    Err(Full) => Declined::Busy,
                }
            }
        };
        self.decline(now, Asked::Resolve { key, happened }, why, out);
    }

    fn settle(
        &mut self,
        key: EffectKey,
        happened: bool,
        result: Bytes<{ crate::message::MAX_RESULT }>,
        spent: Amount,
        out: &mut Effects<'_, Self>,
    ) -> Result<(), Full> {
        let Some(effect) = self.state.effect(key) else { return Ok(()) };
        let nonce = effect.nonce();
        // Whoever takes more than was set aside broke the contract: all that was set aside is gone, and no more.
        let spent = if spent.beyond(effect.cost()).next().is_some() {
            reached!("call.overrun");
            effect.cost()
        } else {
            spent
        };
        let (fact, answer) = if happened {
            let delta = self.state.delta(&self.config, effect, result.bytes());
            (Fact::Done { key, result: result.clone(), spent, delta }, Answer::Done { result })
        } else {
            (Fact::Failed { key, spent }, Answer::Failed)
        };
        let position = self.record(fact)?;
        self.tries.remove(&key);
        out.disarm(Timer::Retry(key));
        self.after(position, Output::Tell(Notice::Answered { nonce, key, answer }));
        Ok(())
    }
}

/// By how much less than a tool's retention a node counts on: two clocks may differ by twice the skew, and one may run slow.
pub(crate) fn margin(retention: Span) -> Span {
    MAX_SKEW.times(2) + retention.over(1_000)
}
