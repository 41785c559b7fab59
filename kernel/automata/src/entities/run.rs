//! What a move does: one step, judged whole before anything is changed.

use crate::effect::Deed;
use crate::entities::home::home_of;
use crate::entities::react::Wanted;
use crate::entities::{
    Act, Alarm, Asked, Cause, Delivery, Dropped, Entities, Happened, Held, MOST_ENTITIES, MOST_KEYS, Move, Refused, Ringing,
    Step, Suite, Surroundings, Who, alarms,
};
use crate::evaluate::Call;
use crate::refusal::{Refusal, Unable};
use crate::spec::{Home, Spec};
use crate::state::{Begun, State, Transition};
use crate::{Table, Text, Value};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use antfarm_identity::{Digest, Domain, to_bytes};
use core::cell::RefCell;

/// How deep reactions to reactions may lie, in this home and others.
pub const MOST_DEPTH: u8 = 8;

/// The most things that happen in one step.
pub const MOST_HAPPENED: usize = 4096;

/// The most fresh ids that a node has for one step. What an alarm or another home wants and takes more is dropped whole.
pub const MOST_FRESH: u32 = 16;

const ASKED: Domain = Domain::new("antfarm 2026 automaton move");

impl Asked {
    /// What is asked for, without when and under which key.
    pub fn content(&self) -> Digest {
        Digest::of(ASKED, &to_bytes(&self.moved))
    }
}

impl Entities {
    /// What is asked does this. `fresh` are ids of this home that no entity has or ever had, as many as may be needed.
    ///
    /// A function of its arguments: the same again is the same step, which is how a record is checked.
    ///
    /// # Errors
    ///
    /// It is refused; nothing happens.
    pub fn step(&self, suite: &Suite, asked: &Asked, fresh: &[Text]) -> Result<Step, Refused> {
        self.unlocked(asked)?;
        let mut run = Run {
            base: self,
            suite,
            asked,
            fresh,
            drawn: 0,
            seen: 0,
            changed: Vec::new(),
            happened: Vec::new(),
            queue: VecDeque::new(),
        };
        match &asked.moved {
            Move::Create { who, given } => run.create(who, given, Cause::Asked)?,
            Move::Act { act, writes } => run.all(act, writes)?,
            Move::Deliver(delivery) => run.deliver(delivery)?,
            Move::Ring(alarm) => run.ring(alarm)?,
            Move::Acknowledge { home, below } => {
                if self.outboxes.get(home).is_none_or(|it| *below > it.next) {
                    return Err(Refused::NotSent);
                }
                run.note(Happened::Acknowledged { home: home.clone(), below: *below })?;
            }
        }
        run.react()?;
        let drawn = fresh[..run.seen].to_vec();
        Ok(Step { suite: suite.digest(), asked: asked.clone(), drawn, happened: run.happened })
    }

    /// INVARIANT(once-per-key): what is remembered under a key does not happen again, and what may have been forgotten is refused.
    fn unlocked(&self, asked: &Asked) -> Result<(), Refused> {
        let Some(key) = &asked.key else { return Ok(()) };
        if let Some(before) = self.keys.get(&key.key) {
            return Err(if before.asked == asked.content() { Refused::Repeated } else { Refused::OtherKey });
        }
        if key.expires <= asked.at || Some(key.expires) <= self.forgotten {
            return Err(Refused::Expired);
        }
        match self.keys.values().filter(|it| it.expires > asked.at).count() < MOST_KEYS {
            true => Ok(()),
            false => Err(Refused::Keys),
        }
    }
}

/// A step that is being made.
pub(super) struct Run<'a> {
    pub(super) base: &'a Entities,
    pub(super) suite: &'a Suite,
    pub(super) asked: &'a Asked,
    fresh: &'a [Text],
    /// How many of them somebody has.
    drawn: usize,
    /// How many of them the step depends on: what is taken back for another reason is not to be taken back for want of ids.
    seen: usize,
    /// Entities as they are by now, where they are not as they were.
    changed: Vec<(Who, Held)>,
    pub(super) happened: Vec<Happened>,
    pub(super) queue: VecDeque<Wanted>,
}

impl<'a> Run<'a> {
    /// Notes that something happened, and lets it happen to its entity.
    pub(super) fn note(&mut self, happened: Happened) -> Result<u32, Refused> {
        let at = u32::try_from(self.happened.len()).map_err(|_| Refused::Many)?;
        if self.happened.len() >= MOST_HAPPENED {
            return Err(Refused::Many);
        }
        let who = match &happened {
            Happened::Born { who, table, state, .. } => {
                self.changed.push((who.clone(), Held::new(*table, state.clone(), self.asked.at)));
                None
            }
            Happened::Took { who, .. } => Some(who),
            Happened::Rang(alarm) | Happened::Disarmed(alarm) | Happened::Armed { alarm, .. } => Some(&alarm.who),
            Happened::Sent(_)
            | Happened::Received { .. }
            | Happened::Acknowledged { .. }
            | Happened::Called { .. }
            | Happened::Dropped(_) => None,
        };
        if let Some(who) = who {
            match self.changed.iter_mut().find(|(it, _)| it == who) {
                Some((_, held)) => held.fold(&happened, self.asked.at),
                None => {
                    let mut held = self.base.get(who.entity, &who.id).ok_or(Refused::Missing)?.clone();
                    held.fold(&happened, self.asked.at);
                    self.changed.push((who.clone(), held));
                }
            }
        }
        self.happened.push(happened);
        Ok(at)
    }

    fn note_all(&mut self, happened: Vec<Happened>) -> Result<(), Refused> {
        happened.into_iter().try_for_each(|it| self.note(it).map(drop))
    }

    /// The action that was taken at a place of the step.
    fn taken(&self, of: u32) -> Result<&Transition, Refused> {
        match self.happened.get(of as usize) {
            Some(Happened::Took { transition, .. }) => Ok(transition),
            Some(
                Happened::Born { .. }
                | Happened::Rang(_)
                | Happened::Armed { .. }
                | Happened::Disarmed(_)
                | Happened::Sent(_)
                | Happened::Received { .. }
                | Happened::Acknowledged { .. }
                | Happened::Called { .. }
                | Happened::Dropped(_),
            )
            | None => Err(Refused::Missing),
        }
    }

    pub(super) fn held(&self, who: &Who) -> Option<&Held> {
        let changed = self.changed.iter().find(|(it, _)| it == who).map(|(_, held)| held);
        changed.or_else(|| self.base.get(who.entity, &who.id))
    }

    pub(super) fn table(&self, entity: u16) -> Result<&'a Table, Refused> {
        self.suite.table(entity).ok_or(Refused::Type)
    }

    pub(super) fn is_here(&self, id: &str) -> bool {
        home_of(id) == self.base.home.as_str()
    }

    pub(super) fn draw(&mut self) -> Result<Text, Refused> {
        let id = self.fresh.get(self.drawn).ok_or(Refused::NoFresh)?.clone();
        self.drawn += 1;
        self.seen = self.seen.max(self.drawn);
        Ok(id)
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings { suite: self.suite, base: self.base, changed: &self.changed, apart: RefCell::new(None) }
    }

    /// Tries something that takes back what it began where it is refused.
    pub(super) fn attempt(&mut self, tried: impl FnOnce(&mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        let before = (self.changed.clone(), self.happened.len(), self.queue.len(), self.drawn);
        let result = tried(self);
        if result.is_err() {
            self.changed = before.0;
            self.happened.truncate(before.1);
            self.queue.truncate(before.2);
            self.drawn = before.3;
        }
        result
    }

    /// INVARIANT(born-initial): an entity begins in the initial state of its table, at this home, under an id that no entity has.
    pub(super) fn create(&mut self, who: &Who, given: &[(Text, Value)], cause: Cause) -> Result<(), Refused> {
        let table = self.table(who.entity)?;
        self.vacant(who)?;
        let named: Vec<(&str, Value)> = given.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let state = table.create(&named).map_err(Refused::Table)?;
        self.placed(table.spec(), state.slots().iter().enumerate())?;
        let around = self.around();
        let failing = (0..).zip(&table.spec().field_invariants);
        let failing = failing.filter(|(nth, _)| table.field_invariant(usize::from(*nth), &state, &around) != Ok(true));
        let failing = failing.map(|(nth, _)| nth).next();
        if let Some((entity, id)) = around.apart() {
            return Err(Refused::Apart { entity, id });
        }
        if let Some(nth) = failing {
            return Err(Refused::Field(nth));
        }
        self.bear(who.clone(), state, cause)
    }

    fn vacant(&self, who: &Who) -> Result<(), Refused> {
        let born = self.happened.iter().filter(|it| matches!(it, Happened::Born { .. })).count();
        if who.id.is_empty() {
            Err(Refused::Nobody)
        } else if !self.is_here(&who.id) {
            Err(Refused::Elsewhere { id: who.id.clone() })
        } else if self.held(who).is_some() {
            Err(Refused::Taken { id: who.id.clone() })
        } else if self.base.len() + born >= MOST_ENTITIES as usize {
            Err(Refused::Full)
        } else {
            Ok(())
        }
    }

    fn bear(&mut self, who: Who, state: State, cause: Cause) -> Result<(), Refused> {
        let table = self.table(who.entity)?;
        self.note(Happened::Born { who: who.clone(), table: table.digest(), state, cause })?;
        let held = self.held(&who).ok_or(Refused::Missing)?;
        let alarms = alarms::born(table, &who, held, self.asked.at);
        self.note_all(alarms)
    }

    /// That variables with `home = "same"` hold entities of this home.
    fn placed<'b>(&self, spec: &Spec, values: impl Iterator<Item = (usize, &'b Value)>) -> Result<(), Refused> {
        for (slot, value) in values {
            if spec.variables.get(slot).is_none_or(|it| it.home != Home::Same) {
                continue;
            }
            let is_here = |id: &Text| id.is_empty() || self.is_here(id);
            let fits = match value {
                Value::Text(id) => is_here(id),
                Value::List(ids) => ids.iter().all(is_here),
                Value::Null | Value::Bool(_) | Value::Int(_) => true,
            };
            if !fits {
                return Err(Refused::Placed { variable: crate::program::small(slot) });
            }
        }
        Ok(())
    }

    /// An action, and the declared writes of a composite one: all, or nothing.
    fn all(&mut self, act: &Act, writes: &[Act]) -> Result<(), Refused> {
        let action = self.table(act.who.entity)?.spec().actions.get(usize::from(act.action));
        let composite = action.and_then(|it| it.composite.as_ref());
        for (write, it) in (0..).zip(writes) {
            let spec = self.table(it.who.entity)?.spec();
            let name = spec.actions.get(usize::from(it.action)).map(|it| &it.name);
            let is_declared = |(entity, action, _): &(Text, Text, Option<Text>)| *entity == spec.entity && Some(action) == name;
            if !composite.is_some_and(|it| it.writes.iter().any(is_declared)) {
                return Err(Refused::Undeclared { write });
            }
        }
        if composite.is_none_or(|it| it.record_parent_event) {
            self.act(act, Cause::Asked, 0)?;
        } else {
            self.judge(act)?;
        }
        for (write, it) in (0..).zip(writes) {
            self.act(it, Cause::Write(write), 0).map_err(|why| match why.is_bound() {
                true => why,
                false => Refused::Write { write, why: Box::new(why) },
            })?;
        }
        Ok(())
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<(), Refused> {
        let awaited = self.base.awaited(&delivery.from);
        if delivery.seq < awaited {
            return Err(Refused::Applied);
        }
        if delivery.seq > awaited {
            return Err(Refused::Ahead);
        }
        let is_withheld = delivery.is_withheld();
        if delivery.from == self.base.home || !is_withheld && !self.is_here(&delivery.id) {
            return Err(Refused::Astray);
        }
        // INVARIANT(applied-once): the number of the next delivery grows in the very step that applies this one.
        self.note(Happened::Received { from: delivery.from.clone(), seq: delivery.seq })?;
        if is_withheld {
            let dropped = Dropped { cause: Cause::Received, who: None, action: None, drop_ok: false, why: Refused::Withheld };
            return self.note(Happened::Dropped(dropped)).map(drop);
        }
        let wanted = self.wanted(delivery);
        self.unbounded(wanted)
    }

    fn ring(&mut self, alarm: &Alarm) -> Result<(), Refused> {
        let table = self.table(alarm.who.entity)?;
        if self.base.alarm(alarm).is_none() {
            return Err(Refused::NotSet);
        }
        if self.held(&alarm.who).is_some_and(|it| it.table != table.digest()) {
            return Err(Refused::Drifted);
        }
        self.note(Happened::Rang(alarm.clone()))?;
        let (action, params) = match alarm.ringing {
            Ringing::Timeout(nth) => {
                let timeout = table.spec().timeouts.get(usize::from(nth)).ok_or(Refused::NotSet)?;
                let action = table.action(&timeout.action).ok_or(Refused::Table(Refusal::Action))?;
                (crate::program::small(action), alarms::params(table, action, timeout))
            }
            Ringing::Action(action) => (action, Vec::new()),
        };
        let act = Act { who: alarm.who.clone(), action, params };
        self.unbounded(Wanted::of(act, Cause::Rang, 0))?;
        let held = self.held(&alarm.who).ok_or(Refused::Missing)?;
        let again = alarms::again(table, alarm, held, self.asked.at);
        self.note_all(again.into_iter().collect())
    }

    /// Lets happen what another home or an alarm wants, with all reactions. What would go too far is dropped whole: refused, it would come
    /// again for ever.
    fn unbounded(&mut self, wanted: Wanted) -> Result<(), Refused> {
        let dropped = wanted.dropped(Refused::Deep);
        let done = self.attempt(|run| {
            run.queue.push_back(wanted);
            run.react()
        });
        match done {
            Err(why @ (Refused::Deep | Refused::Many | Refused::NoFresh)) => {
                self.note(Happened::Dropped(Dropped { why, ..dropped })).map(drop)
            }
            done => done,
        }
    }

    /// What an action does to its entity alone.
    fn judge(&mut self, act: &Act) -> Result<Transition, Refused> {
        let table = self.table(act.who.entity)?;
        if !self.is_here(&act.who.id) {
            return Err(Refused::Elsewhere { id: act.who.id.clone() });
        }
        let held = self.held(&act.who).ok_or(Refused::Missing)?;
        if held.table != table.digest() {
            return Err(Refused::Drifted);
        }
        let around = self.around();
        let fresh = &self.fresh[self.drawn..];
        let call = Call { action: usize::from(act.action), params: &act.params, fresh };
        let judged = table.evaluate(&held.state, call, &around);
        let apart = around.apart();
        self.seen = self.seen.max(self.fresh.len().min(self.drawn + asked_for(table, call.action, &judged)));
        if let Some((entity, id)) = apart {
            return Err(Refused::Apart { entity, id });
        }
        let transition = judged.map_err(|refusal| match refusal {
            Refusal::Effect { effect, unable: Unable::NoFreshId }
                if spawn(table, call.action, effect).is_some_and(|it| it.fresh) =>
            {
                Refused::NoFresh
            }
            Refusal::Action
            | Refusal::Event
            | Refusal::State
            | Refusal::Status { .. }
            | Refusal::Param { .. }
            | Refusal::Guard { .. }
            | Refusal::Undefined { .. }
            | Refusal::Effect { .. } => Refused::Table(refusal),
        })?;
        self.placed(table.spec(), transition.writes())?;
        Ok(transition)
    }

    /// An action happens: its entity changes, what it spawned is born, alarms are set, and what it sets going is queued.
    pub(super) fn act(&mut self, act: &Act, cause: Cause, depth: u8) -> Result<(), Refused> {
        let table = self.table(act.who.entity)?;
        let transition = self.judge(act)?;
        let who = &act.who;
        let of = self.note(Happened::Took { who: who.clone(), table: table.digest(), transition, cause })?;
        let held = self.held(who).ok_or(Refused::Missing)?;
        let alarms = alarms::took(table, who, held, self.taken(of)?, self.asked.at);
        self.note_all(alarms)?;
        for (effect, action) in alarms::timeless(table, self.taken(of)?) {
            let (cause, who) = (Cause::Spawned { of, effect }, Some(who.clone()));
            self.note(Happened::Dropped(Dropped { cause, who, action, drop_ok: false, why: Refused::NoTime }))?;
        }
        for begun in self.taken(of)?.begun().to_vec() {
            let Begun::Spawned { effect, id } = begun else { continue };
            let spawn = spawn(table, usize::from(act.action), effect).ok_or(Refused::Type)?;
            self.drawn += usize::from(spawn.fresh);
            let entity = self.suite.entity(spawn.entity).ok_or(Refused::Type)?;
            let child = Who { entity, id };
            let cause = Cause::Spawned { of, effect };
            self.create(&child, &[], cause)?;
            let action = self.table(entity)?.action(spawn.action).ok_or(Refused::Table(Refusal::Action))?;
            let first = Act { who: child, action: crate::program::small(action), params: Vec::new() };
            self.queue.push_back(Wanted::of(first, cause, depth.saturating_add(1)));
        }
        let held = self.held(who).ok_or(Refused::Missing)?;
        let around = self.around();
        let reactions = table.reactions(self.taken(of)?, &held.state, &who.id, &around);
        if let Some((entity, id)) = around.apart() {
            return Err(Refused::Apart { entity, id });
        }
        reactions.into_iter().try_for_each(|it| self.fire(act, of, it, depth))
    }
}

/// How many fresh ids an action was given at most before this came of it.
fn asked_for(table: &Table, action: usize, judged: &Result<Transition, Refusal>) -> usize {
    let is_fresh = |effect: usize| spawn(table, action, crate::program::small(effect)).is_some_and(|it| it.fresh);
    match judged {
        Ok(transition) => {
            let spawned = transition.begun().iter().filter_map(|it| match it {
                Begun::Spawned { effect, .. } => Some(usize::from(*effect)),
                Begun::Scheduled { .. } | Begun::ScheduledAt { .. } => None,
            });
            spawned.filter(|it| is_fresh(*it)).count()
        }
        Err(Refusal::Effect { .. } | Refusal::Param { .. }) => {
            let effects = table.spec().actions.get(action).map_or(0, |it| it.effects.len());
            (0..effects).filter(|it| is_fresh(*it)).count()
        }
        Err(
            Refusal::Action
            | Refusal::Event
            | Refusal::State
            | Refusal::Status { .. }
            | Refusal::Guard { .. }
            | Refusal::Undefined { .. },
        ) => 0,
    }
}

/// A `spawn`.
struct Spawn<'a> {
    entity: &'a Text,
    action: &'a Text,
    /// Whether it takes a fresh id.
    fresh: bool,
}

fn spawn(table: &Table, action: usize, effect: u16) -> Option<Spawn<'_>> {
    match &table.spec().actions.get(action)?.effects.get(usize::from(effect))?.deed {
        Deed::Spawn { entity, action, id, .. } => Some(Spawn { entity, action, fresh: id.is_none() }),
        Deed::Assign { .. }
        | Deed::Append { .. }
        | Deed::Remove { .. }
        | Deed::RemoveAt { .. }
        | Deed::Schedule { .. }
        | Deed::ScheduleAt { .. } => None,
    }
}
