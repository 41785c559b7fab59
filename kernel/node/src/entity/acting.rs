//! What a node does with its entities: actions under writs, alarms that ring, what goes to other homes and comes from them.
//!
//! Rules kept: what an entity did is one record, whole, before anything follows from it; a delivery is sent until its home says that it is on
//! its ledger, and applied once there, by its number; an alarm that is set rings, also after a restart.

use crate::ask::{Answer, Notice};
use crate::entity::{EntityArgs, SignedDelivery, fresh, home_name};
use crate::fact::{Fact, Reason};
use crate::message::Body;
use crate::node::{Full, Node, Output, Timer};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{Bytes, Intent, Proposal};
use antfarm_automata::entities::{Alarm, Armed, Asked, Delivery, Happened, Move, Refused, Step};
use antfarm_identity::{Codec, Digest, Domain, PublicKey, from_bytes, to_bytes};
use antfarm_ledger::MAX_PAYLOAD;
use antfarm_machine::{Effects, Now, PeerId, Span, Wall, reached};

const ALARM: Domain = Domain::new("antfarm 2026 node alarm");

/// The name of an entity's alarm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Codec)]
pub struct AlarmId(Digest);

impl AlarmId {
    fn of(alarm: &Alarm) -> Self {
        Self(Digest::of(ALARM, &to_bytes(alarm)))
    }
}

/// How many deliveries to one home are told again in one pulse.
const TOLD_AGAIN: usize = 16;

impl Node {
    /// An action of an entity was permitted: it happens, or its table refuses it.
    pub(crate) fn act(
        &mut self,
        now: Now,
        intent: Intent,
        proposal: Proposal,
        out: &mut Effects<'_, Self>,
    ) -> Result<(), Option<Reason>> {
        let (nonce, key, writ) = (intent.nonce, proposal.key, proposal.writ);
        let step = match self.acted(now, &intent) {
            Ok(step) => step,
            Err(refused) => {
                reached!("entity.refused");
                return self.refuse(now, writ, intent, Reason::Entity(refused));
            }
        };
        let result = self.outcome_of(&step);
        let answer = Answer::Done { result: result.clone() };
        let fact = Fact::Acted { intent: Box::new(intent), proposal, at: now.wall, step: Box::new(step.clone()), result };
        let position = self.record_step(fact, &step).map_err(|Full| None)?;
        reached!("entity.acted");
        self.after(position, Output::Tell(Notice::Answered { nonce, key, answer }));
        self.follow(&step, position, out);
        Ok(())
    }

    fn acted(&self, now: Now, intent: &Intent) -> Result<Step, Refused> {
        let suite = self.config.suite.as_ref().ok_or(Refused::Type)?;
        let args = from_bytes::<EntityArgs>(intent.args.bytes()).map_err(|_| Refused::Type)?;
        let moved = args.moved(suite, intent.tool.text(), intent.target.text())?;
        let step = self.stepped(now, moved)?;
        // A record holds so much, with the intent and what was proposed of it.
        let most = MAX_PAYLOAD - 4096 - to_bytes(intent).len();
        if to_bytes(&step).len() > most { Err(Refused::Many) } else { Ok(step) }
    }

    fn stepped(&self, now: Now, moved: Move) -> Result<Step, Refused> {
        let suite = self.config.suite.as_ref().ok_or(Refused::Type)?;
        let (record, _) = self.ledger.submitted().ok_or(Refused::Full)?;
        let asked = Asked { record, at: millis(now.wall), moved, key: None };
        let ids = fresh(&self.config.ledger.log, self.state.entities.home(), record);
        self.state.entities.step(suite, &asked, &ids)
    }

    /// What a client hears of an action: the status that its entity came to.
    fn outcome_of(&self, step: &Step) -> Bytes<{ crate::message::MAX_RESULT }> {
        let status = step.happened.iter().find_map(|it| {
            let (who, status) = match it {
                Happened::Took { who, transition, .. } => (who, transition.to()),
                Happened::Born { who, state, .. } => (who, state.status()),
                Happened::Rang(_)
                | Happened::Armed { .. }
                | Happened::Disarmed(_)
                | Happened::Sent(_)
                | Happened::Received { .. }
                | Happened::Acknowledged { .. }
                | Happened::Called { .. }
                | Happened::Dropped(_) => return None,
            };
            self.config.suite.as_ref()?.table(who.entity)?.spec().states.get(status)
        });
        status.and_then(|it| Bytes::new(it.as_bytes()).ok()).unwrap_or_default()
    }

    fn record_step(&mut self, fact: Fact, step: &Step) -> Result<u64, Full> {
        let sent = step.happened.iter().filter(|it| matches!(it, Happened::Sent(_))).count();
        self.record_for(fact, 5 + sent.min(TOLD_AGAIN))
    }

    /// Does what follows from a step that was recorded at this position.
    fn follow(&mut self, step: &Step, position: u64, out: &mut Effects<'_, Self>) {
        self.after(position, Output::Tell(Notice::Stepped(Box::new(step.clone()))));
        if step.dropped().next().is_some() {
            reached!("entity.reaction_dropped");
        }
        let mut sent = 0;
        for happened in &step.happened {
            match happened {
                Happened::Armed { alarm, armed } => self.set(alarm.clone(), *armed, armed.after, out),
                Happened::Disarmed(alarm) | Happened::Rang(alarm) => {
                    if self.alarms.remove(&AlarmId::of(alarm)).is_some() {
                        out.disarm(Timer::Alarm(AlarmId::of(alarm)));
                    }
                }
                Happened::Sent(delivery) if sent < TOLD_AGAIN => {
                    reached!("entity.sent");
                    sent += 1;
                    if let Some((peer, body)) = self.delivering(delivery) {
                        self.after(position, Output::Send(peer, Box::new(body)));
                    }
                }
                Happened::Sent(_)
                | Happened::Born { .. }
                | Happened::Took { .. }
                | Happened::Received { .. }
                | Happened::Acknowledged { .. }
                | Happened::Called { .. }
                | Happened::Dropped(_) => {}
            }
        }
    }

    fn set(&mut self, alarm: Alarm, armed: Armed, after: i64, out: &mut Effects<'_, Self>) {
        let id = AlarmId::of(&alarm);
        assert!(after <= armed.after, "an alarm never waits longer than was said");
        out.arm(Timer::Alarm(id), Span::from_millis(u64::try_from(after).unwrap_or(0)));
        self.alarms.insert(id, alarm);
    }

    /// Sets the alarms again that were set when the process ended. What is left of their time is by the wall clock; a clock that
    /// went back makes none longer than it was.
    pub(crate) fn set_again(&mut self, now: Now, out: &mut Effects<'_, Self>) {
        self.alarms.clear();
        let at = millis(now.wall);
        let alarms: Vec<(Alarm, Armed)> = self.state.entities.alarms().collect();
        for (alarm, armed) in alarms {
            reached!("entity.alarm_set_again");
            let left = armed.due().saturating_sub(at).clamp(0, armed.after.max(0));
            self.set(alarm, armed, left, out);
        }
    }

    /// An alarm of an entity rang.
    pub(crate) fn rang(&mut self, now: Now, id: AlarmId, out: &mut Effects<'_, Self>) {
        let Some(alarm) = self.alarms.get(&id).cloned() else { return };
        match self.moved(now, Move::Ring(alarm), None) {
            Ok((step, position)) => {
                reached!("entity.rang");
                self.follow(&step, position, out);
            }
            // It rings again when there is room.
            Err(Some(Refused::Full) | None) => out.arm(Timer::Alarm(id), self.config.pulse),
            Err(Some(_)) => {
                reached!("entity.alarm_refused");
                self.alarms.remove(&id);
            }
        }
    }

    /// Records a move that no client asked for; the error is why it was refused, or none when nothing can be recorded now.
    fn moved(
        &mut self,
        now: Now,
        moved: Move,
        signature: Option<antfarm_identity::Signature>,
    ) -> Result<(Step, u64), Option<Refused>> {
        let step = self.stepped(now, moved).map_err(Some)?;
        if to_bytes(&step).len() > MAX_PAYLOAD - 4096 {
            return Err(Some(Refused::Many));
        }
        let fact = Fact::Moved { step: Box::new(step.clone()), signature, at: now.wall };
        let position = self.record_step(fact, &step).map_err(|Full| None)?;
        Ok((step, position))
    }

    fn delivering(&self, delivery: &Delivery) -> Option<(PeerId, Body)> {
        let home = antfarm_automata::entities::home_of(&delivery.id);
        let is_home = |(_, key): &(&PeerId, &PublicKey)| *home_name(key) == *home;
        let (peer, _) = self.config.nodes.iter().find(is_home)?;
        let signed = SignedDelivery::sign(delivery.clone(), self.config.roots.colony(), &self.config.signer);
        Some((*peer, Body::Deliver(Box::new(signed))))
    }

    /// Tells again what other homes have not said that they recorded.
    pub(crate) fn deliver_again(&mut self, out: &mut Effects<'_, Self>) {
        let waiting = self.state.entities.pending().flat_map(|(_, outbox)| outbox.waiting.iter().take(TOLD_AGAIN));
        let told: Vec<(PeerId, Body)> = waiting.filter_map(|it| self.delivering(it)).collect();
        for (peer, body) in told {
            reached!("entity.delivered_again");
            self.tell(peer, body, out);
        }
    }

    /// Another home sends what a trigger there set going here.
    pub(crate) fn deliver(&mut self, now: Now, from: PeerId, signed: SignedDelivery, out: &mut Effects<'_, Self>) {
        let Some(key) = self.config.nodes.get(&from).copied() else { return };
        let home = home_name(&key);
        let awaited = self.state.entities.awaited(&home);
        // What was applied is not looked at again; whoever sends it hears so.
        if signed.delivery.from == home && signed.delivery.seq < awaited {
            reached!("entity.delivered_twice");
            return self.tell(from, Body::Delivered { below: awaited }, out);
        }
        let is_withheld = signed.delivery.is_withheld() || !self.config.secrets.is_clean_delivery(&signed);
        let SignedDelivery { delivery, signature } = match is_withheld && signed.delivery.from == home {
            false if !signed.is_by(&key, self.config.roots.colony()) => return reached!("delivery.forged"),
            false => signed,
            // It is signed, so a secret cannot be taken out of it: that it came, and is dropped, is all that is recorded, and what waits
            // behind it goes on. Whether it is looked at before or after a recording took the secret out, the same follows.
            true => {
                reached!("delivery.with_secret");
                SignedDelivery { delivery: Delivery::withheld(home, signed.delivery.seq), ..signed }
            }
        };
        let (seq, signature) = (delivery.seq, (!is_withheld).then_some(signature));
        match self.moved(now, Move::Deliver(delivery), signature) {
            Ok((step, position)) => {
                reached!("entity.delivered");
                let body = Body::Delivered { below: seq + 1 };
                self.after(position, Output::Send(from, Box::new(body)));
                self.follow(&step, position, out);
            }
            Err(Some(Refused::Ahead)) => reached!("entity.delivered_ahead"),
            Err(Some(_)) => reached!("entity.delivery_refused"),
            Err(None) => {}
        }
    }

    /// Another home has all deliveries below this number on its ledger.
    pub(crate) fn delivered_below(&mut self, now: Now, from: PeerId, below: u64, out: &mut Effects<'_, Self>) {
        let Some(key) = self.config.nodes.get(&from).copied() else { return };
        let home = home_name(&key);
        let oldest = self.state.entities.pending().find(|(name, _)| **name == home).and_then(|(_, it)| it.waiting.front());
        if oldest.is_none_or(|it| it.seq >= below) {
            return;
        }
        match self.moved(now, Move::Acknowledge { home, below }, None) {
            Ok((step, position)) => self.follow(&step, position, out),
            Err(_) => reached!("entity.acknowledged_wrongly"),
        }
    }
}

/// A wall time in milliseconds.
pub(crate) fn millis(wall: Wall) -> i64 {
    i64::try_from(wall.as_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
