//! Reactions: what an action, an alarm or another home wants of entities, one after the other within the step.

use crate::entities::home::{MOST_WAITING, home_of};
use crate::entities::run::Run;
use crate::entities::{Act, Cause, Delivery, Dropped, Happened, MOST_DEPTH, Refused, Who};
use crate::program::small;
use crate::reaction::{Reached, Reaction};
use crate::refusal::Refusal;
use crate::spec::{Started, Target};
use crate::{Text, Value};
use alloc::string::String;
use alloc::vec::Vec;

/// What is wanted of an entity of this home.
pub(super) struct Wanted {
    cause: Cause,
    depth: u8,
    drop_ok: bool,
    create: bool,
    /// What is wanted, or why that cannot be.
    act: Result<Act, (Option<Who>, Option<u16>, Refused)>,
}

impl Wanted {
    pub(super) fn of(act: Act, cause: Cause, depth: u8) -> Self {
        Self { cause, depth, drop_ok: false, create: false, act: Ok(act) }
    }

    pub(super) fn dropped(&self, why: Refused) -> Dropped {
        let (who, action) = match &self.act {
            Ok(act) => (Some(act.who.clone()), Some(act.action)),
            Err((who, action, _)) => (who.clone(), *action),
        };
        Dropped { cause: self.cause, who, action, drop_ok: self.drop_ok, why }
    }
}

impl Delivery {
    /// What is left of a delivery with a secret in it, which no home may record: whose it is, and its number. Applied, it is dropped
    /// ([`Refused::Withheld`]), so that it does not hold up those behind it.
    pub fn withheld(from: Text, seq: u64) -> Self {
        let nothing = Text::default;
        Self {
            from,
            seq,
            record: 0,
            by: nothing(),
            source: nothing(),
            after: nothing(),
            of: 0,
            trigger: 0,
            depth: 0,
            drop_ok: false,
            entity: nothing(),
            id: nothing(),
            create: false,
            action: nothing(),
            params: Vec::new(),
        }
    }

    /// Whether that is all that it is.
    pub fn is_withheld(&self) -> bool {
        *self == Self::withheld(self.from.clone(), self.seq)
    }
}

impl Run<'_> {
    /// Goes through what is wanted, and what that sets going, until nothing is left.
    pub(super) fn react(&mut self) -> Result<(), Refused> {
        while let Some(wanted) = self.queue.pop_front() {
            if wanted.depth > MOST_DEPTH {
                return Err(Refused::Deep);
            }
            let done = match &wanted.act {
                Err((_, _, why)) => Err(why.clone()),
                Ok(act) => self.attempt(|run| {
                    if wanted.create && run.held(&act.who).is_none() {
                        run.create(&act.who, &[], wanted.cause)?;
                    }
                    run.act(act, wanted.cause, wanted.depth)
                }),
            };
            match done {
                Ok(()) => {}
                Err(why) if why.is_bound() => return Err(why),
                Err(why) => drop(self.note(Happened::Dropped(wanted.dropped(why)))?),
            }
        }
        Ok(())
    }

    /// A trigger fires: it is queued, sent to another home, or noted.
    pub(super) fn fire(&mut self, act: &Act, of: u32, reaction: Reaction, depth: u8) -> Result<(), Refused> {
        let (spec, trigger) = (self.table(act.who.entity)?.spec(), small(reaction.trigger));
        let action = spec.actions.get(usize::from(act.action)).ok_or(Refused::Table(Refusal::Action))?;
        let Some(said) = action.triggers.get(reaction.trigger) else { return Ok(()) };
        let Started::Entity { entity: name, action: wanted, target, .. } = &said.deed else {
            return self.note(Happened::Called { of, trigger }).map(drop);
        };
        let entity = self.suite.entity(name).ok_or(Refused::Type)?;
        let (cause, drop_ok, depth) = (Cause::Trigger { of, trigger }, said.drop_ok, depth.saturating_add(1));
        let (id, create, params) = match reaction.reached {
            Reached::Entity { id, create, params } => (id, create, params),
            Reached::Nobody => {
                let action = self.table(entity)?.action(wanted).map(small);
                self.queue.push_back(Wanted { cause, depth, drop_ok, create: false, act: Err((None, action, Refused::Nobody)) });
                return Ok(());
            }
            Reached::Outside => return self.note(Happened::Called { of, trigger }).map(drop),
        };
        let id = match (id, target) {
            (None, _) => self.draw()?,
            // What a spec says by name is of the home of whoever runs it.
            (Some(id), Target::Fixed(_)) if home_of(&id).is_empty() && !self.base.home().is_empty() => {
                Text::from([id.as_str(), "@", self.base.home()].concat())
            }
            (Some(id), Target::Field(_) | Target::SameId | Target::Fixed(_) | Target::CreateIfMissing(_) | Target::Create) => id,
        };
        if !self.is_here(&id) {
            let (name, wanted) = (name.clone(), wanted.clone());
            let delivery = Delivery {
                from: self.base.home().clone(),
                seq: 0,
                record: self.asked.record,
                by: spec.entity.clone(),
                source: act.who.id.clone(),
                after: action.name.clone(),
                of,
                trigger,
                depth,
                drop_ok,
                entity: name,
                id,
                create,
                action: wanted,
                params,
            };
            return self.send(delivery);
        }
        let act = self.called(Who { entity, id }, wanted, &params);
        self.queue.push_back(Wanted { cause, depth, drop_ok, create, act });
        Ok(())
    }

    fn send(&mut self, delivery: Delivery) -> Result<(), Refused> {
        if delivery.depth > MOST_DEPTH {
            return Err(Refused::Deep);
        }
        let home = String::from(home_of(&delivery.id));
        let is_there = |it: &&Happened| matches!(it, Happened::Sent(sent) if home_of(&sent.id) == home);
        let sent = self.happened.iter().filter(is_there).count();
        let (next, waiting) = self.base.outboxes.get(home.as_str()).map_or((0, 0), |it| (it.next, it.waiting.len()));
        if waiting + sent >= MOST_WAITING {
            return Err(Refused::Full);
        }
        let seq = next.saturating_add(sent as u64);
        self.note(Happened::Sent(Delivery { seq, ..delivery })).map(drop)
    }

    /// What a delivery wants here.
    pub(super) fn wanted(&self, delivery: &Delivery) -> Wanted {
        let act = match self.suite.entity(&delivery.entity) {
            None => Err((None, None, Refused::Type)),
            Some(_) if !self.is_triggered(delivery) => Err((None, None, Refused::Untriggered)),
            Some(entity) => self.called(Who { entity, id: delivery.id.clone() }, &delivery.action, &delivery.params),
        };
        let Delivery { depth, drop_ok, create, .. } = *delivery;
        Wanted { cause: Cause::Received, depth, drop_ok, create, act }
    }

    /// Whether a trigger of the suite sends this: another home is believed what its entities did, and nothing that no entity can do.
    fn is_triggered(&self, delivery: &Delivery) -> bool {
        let Some(table) = self.suite.entity(&delivery.by).and_then(|it| self.suite.table(it)) else { return false };
        let action = table.action(&delivery.after).and_then(|it| table.spec().actions.get(it));
        let Some(said) = action.and_then(|it| it.triggers.get(usize::from(delivery.trigger))) else { return false };
        let Started::Entity { entity, action, target, params, params_from } = &said.deed else { return false };
        let creates = match target {
            Target::Field(_) | Target::SameId | Target::Fixed(_) => false,
            Target::CreateIfMissing(_) | Target::Create => true,
        };
        let is_said = |(name, value): &(Text, Value)| match params.iter().find(|(it, _)| it == name) {
            Some((_, fixed)) => fixed == value,
            None => params_from.iter().any(|(it, _)| it == name),
        };
        let fits = *entity == delivery.entity && *action == delivery.action && said.drop_ok == delivery.drop_ok;
        fits && creates == delivery.create && home_of(&delivery.source) == &*delivery.from && delivery.params.iter().all(is_said)
    }

    fn called(&self, who: Who, action: &Text, params: &[(Text, Value)]) -> Result<Act, (Option<Who>, Option<u16>, Refused)> {
        let table = self.table(who.entity).map_err(|why| (Some(who.clone()), None, why))?;
        let Some(action) = table.action(action) else {
            return Err((Some(who), None, Refused::Table(Refusal::Action)));
        };
        let named: Vec<(&str, Value)> = params.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        match table.arguments(action, &named) {
            Ok(params) => Ok(Act { who, action: small(action), params }),
            Err(refusal) => Err((Some(who), Some(small(action)), Refused::Table(refusal))),
        }
    }
}
